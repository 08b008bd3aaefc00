"""A progress bar for what takes long enough to be noticed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from callscope.lsp import types
from callscope.lsp.protocol import Server

_NOTICEABLE = 0.4
"""Seconds that pass before a bar appears."""


class Progress:
    """A bar that may or may not be showing."""

    def __init__(self, server: Server, title: str) -> None:
        self._server = server
        self._title = title
        self._token = str(uuid.uuid4())
        self._shown = False
        self._cancelled = asyncio.Event()

    async def show_soon(self) -> None:
        """Ask the editor for a bar if the work is still going on in a moment."""
        await asyncio.sleep(_NOTICEABLE)
        self._server.bars[self._token] = self._cancelled
        params = {"token": self._token}
        await self._server.connection.request("window/workDoneProgress/create", params)
        self._tell(kind="begin", title=self._title, cancellable=True, percentage=0)
        self._shown = True

    def report(self, message: str, percentage: int) -> None:
        """Say how far the work is."""
        if self._shown:
            self._tell(kind="report", message=message, percentage=percentage)

    def end(self) -> None:
        """Take the bar away."""
        self._server.bars.pop(self._token, None)
        if self._shown:
            self._tell(kind="end")

    @property
    def cancelled(self) -> bool:
        """Whether the user has pressed cancel."""
        return self._cancelled.is_set()

    def _tell(self, **value: Any) -> None:
        self._server.connection.notify("$/progress", {"token": self._token, "value": value})


@asynccontextmanager
async def progress(server: Server, title: str, *, supported: bool) -> AsyncIterator[Progress]:
    """A bar around a piece of work, for editors that can show one."""
    bar = Progress(server, title)
    soon = asyncio.ensure_future(bar.show_soon()) if supported else None
    try:
        yield bar
    finally:
        if soon is not None:
            soon.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await soon
        bar.end()


def register(server: Server) -> None:
    """Hear of bars that are cancelled."""

    @server.feature("window/workDoneProgress/cancel", types.WorkDoneProgressCancelParams)
    def cancel(params: types.WorkDoneProgressCancelParams) -> None:
        cancelled = server.bars.get(str(params["token"]))
        if cancelled is not None:
            cancelled.set()
