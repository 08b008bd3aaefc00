"""Telling the user, once, of settings and configuration that cannot be obeyed."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from callscope.check import unknown_selectors
from callscope.configuration import rule_you_mean
from callscope.lsp.analysis import Analysed
from callscope.lsp.configuration import ConfigurationFiles
from callscope.lsp.protocol import Server


class ProblemTeller:
    """Shows each problem until :meth:`forget`: one in a file there, one of the settings, which an
    editor has no place for, as one warning."""

    def __init__(self, server: Server, files: ConfigurationFiles) -> None:
        self._server = server
        self._files = files
        self._met: set[Path] = set()
        self._told: set[str] = set()

    def tell(self, analysed: Analysed) -> None:
        """Show what is wrong with the settings and the configuration behind ``analysed``."""
        for message in analysed.settings.problems:
            self._show(message)
        config = analysed.report.project.config
        for problem in config.problems:
            if problem.path is None:
                self._show(f"settings: {problem.message}")
        told = analysed.settings
        for selector in unknown_selectors((*told.select, *told.ignore, *told.severity)):
            self._show(f"settings: there is no rule {selector!r}{rule_you_mean(selector)}")
        if config.path is not None and config.path not in self._met:
            self._met.add(config.path)
            self._files.met(config.path)

    def forget(self) -> None:
        """Something was edited: what is still wrong may be told again."""
        self._told.clear()
        self._met.clear()
        self._files.forget()

    def _show(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self._server.window_show_message(
                types.ShowMessageParams(types.MessageType.Warning, f"Callscope: {message}")
            )
