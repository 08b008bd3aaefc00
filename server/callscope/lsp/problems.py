"""Telling the user, once, of settings and configuration that cannot be obeyed."""

from __future__ import annotations

from lsprotocol import types

from callscope.check import unknown_selectors
from callscope.lsp.analysis import Analysed
from callscope.lsp.protocol import Server


class ProblemTeller:
    """Shows each problem as one warning until :meth:`forget`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._told: set[str] = set()

    def tell(self, analysed: Analysed) -> None:
        """Show what is wrong with the settings and the configuration behind ``analysed``."""
        for message in analysed.settings.problems:
            self._show(message)
        for problem in analysed.report.project.config.problems:
            name = problem.path.name if problem.path else "settings"
            self._show(problem.message if name in problem.message else f"{name}: {problem.message}")
        config = analysed.report.project.config
        for selector in unknown_selectors((*config.select, *config.ignore, *config.severity)):
            self._show(f"there is no rule {selector!r}")

    def forget(self) -> None:
        """Something was edited: what is still wrong may be told again."""
        self._told.clear()

    def _show(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self._server.window_show_message(
                types.ShowMessageParams(types.MessageType.Warning, f"Callscope: {message}")
            )
