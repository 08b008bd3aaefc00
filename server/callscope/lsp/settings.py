"""What the user has set in the editor, per workspace folder, and always as of now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callscope.project.config import Config
from callscope.project.options import LEVELS

SECTION = "callscope"
_HINT = "hint"
_PATIENCE = 5.0
"""Seconds an editor has to answer before the defaults are used."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """The settings for the files of one folder; ``problems`` are sentences for the user.

    ``severity`` may say ``hint``, a level that only editors have.
    """

    enable: bool = True
    interpreter: Path | None = None
    target: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    whole_workspace: bool = False
    code_lens: bool = True
    inlay_hints: bool = True
    problems: tuple[str, ...] = ()
    folder: Path | None = None

    @classmethod
    def read(cls, raw: object, folder: Path | None) -> Settings:
        """Settings from what an editor sent, which may be anything.

        ``folder`` is what ``${workspaceFolder}`` and relative paths are about.
        """
        values = raw if isinstance(raw, Mapping) else {}
        problems: list[str] = []
        return cls(
            enable=_take(values, "enable", bool, True, problems),
            interpreter=_path(_take(values, "interpreter", str, "", problems), folder),
            target=_take(values, "target", str, "", problems).strip(),
            select=_strings(values, "select", problems),
            ignore=_strings(values, "ignore", problems),
            severity=_severities(values, problems),
            whole_workspace=_take(values, "diagnosticMode", str, "", problems) == "workspace",
            code_lens=_is_on(values, "codeLens", problems),
            inlay_hints=_is_on(values, "inlayHints", problems),
            problems=tuple(problems),
            folder=folder,
        )

    def for_engine(self, config: Config) -> dict[str, Any]:
        """What is to be laid over ``config``. What is left empty does not cover anything."""
        overriding: dict[str, Any] = {}
        if self.target:
            overriding["target"] = self.target
        if self.select:
            overriding["select"] = list(self.select)
        if self.ignore:
            overriding["ignore"] = list(self.ignore)
        if self.severity:
            own = {k: "information" if v == _HINT else v for k, v in self.severity.items()}
            overriding["severity"] = {**config.severity, **own}
        return overriding

    def is_hint(self, code: str, name: str) -> bool:
        """Whether findings of this rule are to be shown as mere hints."""
        return Config(severity=self.severity).level(code, name) == _HINT


def _take(
    values: Mapping[str, Any], key: str, kind: type, default: Any, problems: list[str]
) -> Any:
    value = values.get(key)
    if value is None or isinstance(value, kind):
        return default if value is None else value
    problems.append(f"{SECTION}.{key} is not a {'truth value' if kind is bool else 'text'}")
    return default


def _is_on(values: Mapping[str, Any], feature: str, problems: list[str]) -> bool:
    """``callscope.FEATURE.enable``, which is on unless switched off."""
    group = values.get(feature)
    values = {f"{feature}.enable": group.get("enable")} if isinstance(group, Mapping) else {}
    on: bool = _take(values, f"{feature}.enable", bool, True, problems)
    return on


def _strings(values: Mapping[str, Any], key: str, problems: list[str]) -> tuple[str, ...]:
    value = values.get(key)
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    problems.append(f"{SECTION}.{key} is not a list of codes")
    return ()


def _severities(values: Mapping[str, Any], problems: list[str]) -> dict[str, str]:
    value = values.get("severity")
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        problems.append(f"{SECTION}.severity does not map codes to levels")
        return {}
    allowed = (*LEVELS, _HINT)
    problems.extend(
        f"{SECTION}.severity: {level!r} of {key} is not one of {', '.join(allowed)}"
        for key, level in value.items()
        if level not in allowed
    )
    return {str(key): level for key, level in value.items() if level in allowed}


def _path(text: str, folder: Path | None) -> Path | None:
    text = text.strip()
    if not text:
        return None
    path = Path(text.replace("${workspaceFolder}", str(folder or ""))).expanduser()
    return folder / path if folder and not path.is_absolute() and len(path.parts) > 1 else path


class SettingsStore:
    """Asks the editor for the settings of a folder when they are first needed.

    ``ask`` requests the section ``callscope`` for a folder's URI; it is None for an editor that
    cannot be asked, which may push settings instead.
    """

    def __init__(self, ask: Callable[[str | None], Awaitable[object]] | None) -> None:
        self._ask = ask
        self._pushed: object = None
        self._cached: dict[str | None, asyncio.Task[Settings]] = {}

    async def of(self, folder_uri: str | None, folder: Path | None) -> Settings:
        """The settings of a workspace folder, or, for None, of files outside of all."""
        task = self._cached.get(folder_uri)
        if task is None:
            task = asyncio.ensure_future(self._fetch(folder_uri, folder))
            self._cached[folder_uri] = task
        return await asyncio.shield(task)

    def forget(self, pushed: object = None) -> None:
        """Ask anew next time; ``pushed`` is what an editor that cannot be asked has sent."""
        if isinstance(pushed, Mapping):
            self._pushed = pushed.get(SECTION, pushed)
        self._cached.clear()

    async def _fetch(self, folder_uri: str | None, folder: Path | None) -> Settings:
        raw = self._pushed
        if self._ask is not None:
            try:
                raw = await asyncio.wait_for(self._ask(folder_uri), _PATIENCE)
            except Exception as error:  # noqa: BLE001 - an editor may answer with any error, or late
                _log.warning("The editor did not tell its settings: %r. Using defaults.", error)
        return Settings.read(raw, folder)
