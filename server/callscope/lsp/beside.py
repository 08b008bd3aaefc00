"""What code lenses and inlay hints share: what they are made from, and when to ask again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from callscope.lsp.analysis import Analysed
from callscope.lsp.capabilities import Editor
from callscope.lsp.protocol import Server

if TYPE_CHECKING:
    from callscope.notes import Memory

_T = TypeVar("_T")

_QUIET = 0.5
"""Seconds in which changes of other files are taken for one."""


class Beside:
    """Keeps what is noted of each open document, so that an edit costs what it touches."""

    def __init__(self, server: Server, editor: Editor) -> None:
        self._server = server
        self._editor = editor
        self._memories: dict[str, Memory] = {}
        self._waiting: asyncio.TimerHandle | None = None

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._memories.pop(uri, None)

    def refresh(self) -> None:
        """Something other than the document itself has changed."""
        if self._waiting is None:
            loop = asyncio.get_running_loop()
            self._waiting = loop.call_later(_QUIET, self._ask_for_requests)

    def _ask_for_requests(self) -> None:
        self._waiting = None
        if self._editor.refreshes_lenses:
            self._server.workspace_code_lens_refresh(None)
        if self._editor.refreshes_hints:
            self._server.workspace_inlay_hint_refresh(None)

    async def work(self, analysed: Analysed, work: Callable[[Memory], list[_T]]) -> list[_T]:
        """What ``work`` finds on the checking thread; nothing where the file cannot matter."""
        if not analysed.report.matters:
            return []
        return await self._server.analysis.in_background(
            lambda: work(self._memory(analysed.snapshot.uri))
        )

    def _memory(self, uri: str) -> Memory:
        from callscope.notes import Memory

        return self._memories.setdefault(uri, Memory())
