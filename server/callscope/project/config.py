"""``[tool.callscope]`` in ``pyproject.toml``, or ``callscope.toml``: the nearest one wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from callscope.contracts import Target, UnknownTarget
from callscope.contracts.own import (
    NOTHING_OWN,
    InvalidContract,
    OwnContracts,
    agent_base,
    wrapper,
)
from callscope.project.toml import parse_toml

CONFIG_FILES = ("callscope.toml", "pyproject.toml")
"""The names of the files that it may stand in."""

LEVELS = ("error", "warning", "information", "off")


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """Something in the configuration that cannot be obeyed, as a sentence for the user."""

    path: Path | None
    message: str


@dataclass(frozen=True)
class Config:
    """What a user can decide.

    ``select`` and ``ignore`` hold codes, code prefixes (``CB2``) or rule names; an empty
    ``select`` means every rule. ``severity`` maps the same to one of ``LEVELS``. ``own`` is what
    the tables ``agents`` and ``wrappers`` declare. ``retargeted`` says whether the target comes
    from settings that were laid over the file.
    """

    path: Path | None = None
    target: Target | None = None
    python: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    own: OwnContracts = NOTHING_OWN
    problems: tuple[ConfigProblem, ...] = ()
    retargeted: bool = False

    def overridden(self, settings: Mapping[str, Any]) -> Config:
        """This configuration with ``settings`` (keys as in the file) laid over it."""
        config, problems = _read(settings, self.path, self)
        retargeted = bool(settings.get("target")) and config.target is not self.target
        return replace(config, retargeted=retargeted, problems=self.problems + tuple(problems))

    def level(self, code: str, name: str) -> str | None:
        """The level the user gave this rule, the most specific entry winning; None if none."""
        best: tuple[int, str] | None = None
        for key, level in self.severity.items():
            if matches(key, code, name) and (best is None or len(key) > best[0]):
                best = (len(key), level)
        return best[1] if best else None

    def enabled(self, code: str, name: str) -> bool:
        """Whether the rule is to run."""
        if any(matches(key, code, name) for key in self.ignore):
            return False
        if self.level(code, name) == "off":
            return False
        return not self.select or any(matches(key, code, name) for key in self.select)


def matches(selector: str, code: str, name: str) -> bool:
    """Whether ``CB2``, ``CB201``, ``ALL`` or ``reply-signature`` means this rule."""
    key = selector.strip()
    return key.upper() == "ALL" or code.startswith(key.upper()) or key.lower() == name


def load_config(start: Path) -> Config:
    """The configuration for ``start`` (a file or folder): of the nearest folder that has one."""
    folder = start if start.is_dir() else start.parent
    for candidate in (folder, *folder.resolve().parents):
        own, shared = (candidate / name for name in CONFIG_FILES)
        if own.is_file():
            return _load(own, ()) or Config(own)
        if shared.is_file():
            config = _load(shared, ("tool", "callscope"))
            if config is not None:
                return config
    return Config()


def _load(path: Path, table: tuple[str, ...]) -> Config | None:
    try:
        data: Any = parse_toml(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return Config(path, problems=(ConfigProblem(path, f"{path.name} cannot be read: {error}"),))
    for key in table:
        data = data.get(key) if isinstance(data, dict) else None
    if data is None:
        return None if table else Config(path)
    if not isinstance(data, dict):
        return Config(path, problems=(ConfigProblem(path, "[tool.callscope] is not a table"),))
    config, problems = _read(data, path, Config(path))
    return replace(config, problems=tuple(problems))


def _read(
    data: Mapping[str, Any], path: Path | None, base: Config
) -> tuple[Config, list[ConfigProblem]]:
    problems: list[ConfigProblem] = []
    values: dict[str, Any] = {}

    def complain(message: str) -> None:
        problems.append(ConfigProblem(path, message))

    for key, value in data.items():
        if key == "target":
            try:
                values[key] = Target.parse(value) if value else None
            except (UnknownTarget, AttributeError) as error:
                complain(str(error))
        elif key == "python":
            values[key] = (path.parent / value if path else Path(value)) if value else None
        elif key in ("select", "ignore", "exclude"):
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                values[key] = tuple(value)
            else:
                complain(f"{key} must be a list of strings")
        elif key == "severity":
            values[key] = _severities(value, complain)
        elif key in ("agents", "wrappers"):
            known = values.get("own", base.own)
            values["own"] = replace(known, **{key: _declared(key, value, complain)})
        else:
            complain(f"unknown key {key!r}")
    return replace(base, **values), problems


def _severities(value: Any, complain: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        complain("severity must be a table of code or family to level")
        return {}
    levels = {}
    for key, level in value.items():
        if level in LEVELS:
            levels[str(key)] = level
        else:
            complain(f"severity of {key}: {level!r} is not one of {', '.join(LEVELS)}")
    return levels


def _declared(key: str, value: Any, complain: Any) -> dict[str, Any]:
    """The entries of a table of own names that can be understood; of the others it complains."""
    if not isinstance(value, dict):
        complain(f"{key} must be a table from dotted names")
        return {}
    read = agent_base if key == "agents" else wrapper
    found: dict[str, Any] = {}
    for name, entry in value.items():
        try:
            found[str(name)] = read(entry)
        except InvalidContract as error:
            complain(f"{key}: {name}: {error}")
    return found
