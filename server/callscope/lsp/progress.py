"""A progress bar for what takes long enough to be noticed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from lsprotocol import types

from callscope.lsp.protocol import Server

_NOTICEABLE = 0.4
"""Seconds that pass before an unasked-for bar appears."""


class Progress:
    """A bar that may or may not be showing."""

    def __init__(
        self, server: Server, title: str, token: types.ProgressToken | None, name: str = ""
    ) -> None:
        self._server = server
        self._title = title
        self._token = token
        self._name = name
        self._shown = False

    def show(self) -> None:
        """Begin, on a token that the editor knows."""
        if self._token is None:
            return
        self._server.work_done_progress.begin(
            self._token,
            types.WorkDoneProgressBegin(title=self._title, cancellable=True, percentage=0),
        )
        self._shown = True

    async def show_soon(self) -> None:
        """Ask the editor for a bar if the work is still going on in a moment."""
        await asyncio.sleep(_NOTICEABLE)
        token = f"{self._name}{uuid.uuid4()}"
        await self._server.work_done_progress.create_async(token)
        self._token = token
        self.show()

    def report(self, message: str, percentage: int) -> None:
        """Say how far the work is."""
        if self._shown and self._token is not None:
            self._server.work_done_progress.report(
                self._token, types.WorkDoneProgressReport(message=message, percentage=percentage)
            )

    def end(self) -> None:
        """Take the bar away."""
        if self._shown and self._token is not None:
            self._server.work_done_progress.end(self._token, types.WorkDoneProgressEnd())
            self._server.work_done_progress.tokens.pop(self._token, None)

    @property
    def cancelled(self) -> bool:
        """Whether the user has pressed cancel."""
        if not self._shown or self._token is None:
            return False
        state = self._server.work_done_progress.tokens.get(self._token)
        return state is not None and state.cancelled()


@asynccontextmanager
async def progress(
    server: Server,
    title: str,
    *,
    supported: bool,
    token: types.ProgressToken | None = None,
    name: str = "",
) -> AsyncIterator[Progress]:
    """A bar around a piece of work.

    ``token`` is the editor's own, for work it has asked for; ``supported`` says whether one may be
    made up otherwise, which begins with ``name``.
    """
    bar = Progress(server, title, token, name)
    soon: asyncio.Task[None] | None = None
    if token is not None:
        bar.show()
    elif supported:
        soon = asyncio.ensure_future(bar.show_soon())
    try:
        yield bar
    finally:
        if soon is not None:
            soon.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await soon
        bar.end()
