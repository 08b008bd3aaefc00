"""What is wrong with a configuration file, and where in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from callscope.check import UNUSED_SUPPRESSION, unknown_selectors
from callscope.project import Config, ConfigProblem
from callscope.project.config import CONFIG_FILES, read_config
from callscope.project.options import did_you_mean
from callscope.rules import all_rules
from callscope.source import Position, Range, SourceText

if TYPE_CHECKING:
    from callscope.project.places import Keys

_TOP = Range(Position(0, 0), Position(0, 1))


@dataclass(frozen=True)
class Mistake:
    """A sentence for the user and the place it is about. ``fatal`` ones are failures on the command
    line; the others may be meant for another version."""

    range: Range
    message: str
    fatal: bool


def is_configuration(path: Path) -> bool:
    """Whether a file of this name may hold a configuration."""
    return path.name in CONFIG_FILES


def mistakes_in(source: SourceText) -> list[Mistake]:
    """All mistakes in a configuration file, in order. Of a ``pyproject.toml`` that does not mention
    this program, nothing is said."""
    if source.path.name != CONFIG_FILES[0] and "callscope" not in source.text:
        return []
    config = read_config(source.path, source.text)
    if config is None:
        return []
    found = [
        Mistake(problem.range or _end_of(source), problem.message, fatal=True)
        for problem in config.problems
    ]
    found.extend(
        Mistake(problem.range or _TOP, problem.message, fatal=False)
        for problem in unknown_rules(config, source.text)
    )
    return sorted(found, key=lambda mistake: mistake.range)


def unknown_rules(config: Config, text: str | None = None) -> Iterator[ConfigProblem]:
    """What ``config`` says of rules that do not exist; ``text`` is that of its file."""
    told = [
        (selector, keys) for selector, keys in _selectors(config) if unknown_selectors((selector,))
    ]
    if not told:
        return
    from callscope.project.places import places

    known = places(text if text is not None else _text_of(config.path))
    table = () if config.path and config.path.name == CONFIG_FILES[0] else ("tool", "callscope")
    for selector, keys in told:
        place = known.get((*table, *keys))
        message = f"there is no rule {selector!r}{rule_you_mean(selector)}"
        yield ConfigProblem(config.path, message, place.key if place else None, keys)


def _selectors(config: Config) -> Iterator[tuple[str, Keys]]:
    for name, selectors in (("select", config.select), ("ignore", config.ignore)):
        for number, selector in enumerate(selectors):
            yield selector, (name, number)
    for selector in config.severity:
        yield selector, ("severity", selector)


def _text_of(path: Path | None) -> str:
    try:
        return path.read_text(encoding="utf-8") if path is not None else ""
    except (OSError, ValueError):
        return ""


def _end_of(source: SourceText) -> Range:
    """The last place of a text: what was to follow is missing there."""
    line = len(source.text.rstrip("\n").split("\n")) - 1
    width = len(source.line(line))
    return Range(Position(line, max(0, width - 1)), Position(line, width))


def rule_you_mean(wanted: str) -> str:
    """The end of a sentence about a rule that does not exist: what may have been meant."""
    known = [word for each in all_rules() for word in (each.code, each.name)]
    known += [UNUSED_SUPPRESSION, "unused-suppression"]
    return did_you_mean(wanted.upper(), known) or did_you_mean(wanted.lower(), known)


def placed(problem: ConfigProblem, shown: str) -> str:
    """The place of ``problem`` in the file that is called ``shown``: ``callscope.toml:3:1``."""
    if problem.range is None:
        return shown
    start = problem.range.start
    return f"{shown}:{start.line + 1}:{start.column + 1}"
