"""``[tool.callscope]`` in ``pyproject.toml``, or ``callscope.toml``: the nearest one wins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callscope.contracts import Target
from callscope.contracts.own import NOTHING_OWN, OwnContracts
from callscope.project.options import did_you_mean, names, option
from callscope.project.toml import parse_toml
from callscope.source import Position, Range

if TYPE_CHECKING:
    from callscope.project.places import Keys, Place

CONFIG_FILES = ("callscope.toml", "pyproject.toml")
"""The names of the files that it may stand in."""


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """Something in the configuration that cannot be obeyed, as a sentence for the user.

    ``range`` is its place in the file, if that is known. ``keys`` lead to it from the top of the
    configuration; ``unknown`` says that the last of them is what is wrong, and not its value.
    """

    path: Path | None
    message: str
    range: Range | None = None
    keys: Keys = ()
    unknown: bool = False


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
        own = tuple(replace(problem, path=None) for problem in problems)
        return replace(config, retargeted=retargeted, problems=self.problems + own)

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
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        return Config(path, problems=(ConfigProblem(path, f"{path.name} cannot be read: {error}"),))
    return read_config(path, text)


def read_config(path: Path, text: str) -> Config | None:
    """The configuration in the ``text`` of the file ``path``; None if it holds none."""
    table = () if path.name == CONFIG_FILES[0] else ("tool", "callscope")
    try:
        data: Any = parse_toml(text)
    except ValueError as error:
        where = _place_in_message(str(error))
        problem = ConfigProblem(path, f"{path.name} cannot be read: {error}", where)
        return Config(path, problems=(problem,))
    for key in table:
        data = data.get(key) if isinstance(data, dict) else None
    if data is None:
        return None if table else Config(path)
    if not isinstance(data, dict):
        place = _places(text).get(table)
        header = place.key if place is not None else None
        problem = ConfigProblem(path, "[tool.callscope] is not a table", header)
        return Config(path, problems=(problem,))
    config, problems = _read(data, path, Config(path))
    return replace(config, problems=tuple(_placed(problems, table, text)))


def _places(text: str) -> dict[Keys, Place]:
    # Imported here, since an editor that has just been opened waits for what is imported first, and
    # most configurations have no mistakes.
    from callscope.project.places import places

    return places(text)


def _place_in_message(message: str) -> Range | None:
    """Where TOML ends to be TOML, as its reader says."""
    match = re.search(r"at line (\d+), column (\d+)", message)
    if match is None:
        return None
    start = Position(int(match[1]) - 1, int(match[2]) - 1)
    return Range(start, Position(start.line, start.column + 1))


def _placed(
    problems: list[ConfigProblem], table: tuple[str, ...], text: str
) -> Iterator[ConfigProblem]:
    """``problems`` with their places: the value that is wrong, or the key that is not known."""
    known = _places(text) if problems else {}
    for problem in problems:
        place = known.get((*table, *problem.keys))
        if place is not None:
            problem = replace(problem, range=place.key if problem.unknown else place.value)
        yield problem


def _read(
    data: Mapping[str, Any], path: Path | None, base: Config
) -> tuple[Config, list[ConfigProblem]]:
    problems: list[ConfigProblem] = []
    values: dict[str, Any] = {}
    for key, value in data.items():
        known = option(key)
        if known is None:
            text = f"unknown key {key!r}{did_you_mean(key, names())}"
            problems.append(ConfigProblem(path, text, keys=(key,), unknown=True))
            continue

        def complain(text: str, *keys: str | int, plain: bool = False, name: str = key) -> None:
            message = text if plain else f"{name}{'' if text.startswith(':') else ' '}{text}"
            problems.append(ConfigProblem(path, message, keys=(name, *keys)))

        before = len(problems)
        read = known.kind.read(value, complain)
        if key in ("agents", "wrappers"):
            values["own"] = replace(values.get("own", base.own), **{key: read})
        elif key == "python":
            values[key] = (path.parent / read if path else Path(read)) if read else None
        elif len(problems) == before or key == "severity":
            values[key] = read
    return replace(base, **values), problems
