"""Reads how a project is run: Procfiles, container files, service units and its ``pyproject``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from callscope.model.deployment import NO_DEPLOYMENT, Deployment
from callscope.project.toml import parse_toml

_DOCKER = re.compile(r"^[ \t]*(CMD|ENTRYPOINT)[ \t]+((?:[^\n\\]|\\\r?\n|\\.)+)", re.M | re.I)
_COMPOSE = re.compile(
    r"^([ \t]*)(?:-[ \t]+)?(?:command|entrypoint)[ \t]*:[ \t]*"
    r"([>|][-+]?[ \t]*(?:\n\1[ \t]+[^\n]*)+|[^\n]*(?:\n[ \t]+-[ \t][^\n]*)*)",
    re.M,
)
_PROCFILE = re.compile(r"^[\w-]+:[ \t]*([^\n]+)", re.M)
_SERVICE = re.compile(r"^ExecStart=[-@:+!]*([^\n]+)", re.M)

_FILES = (
    ("Procfile*", _PROCFILE),
    ("Dockerfile*", _DOCKER),
    ("*.Dockerfile", _DOCKER),
    ("Containerfile", _DOCKER),
    ("docker-compose*.y*ml", _COMPOSE),
    ("compose*.y*ml", _COMPOSE),
    ("*.service", _SERVICE),
)
_FOLDERS = ("", "deploy", "docker", "systemd")
_LINUX = ("Linux", "POSIX", "Unix", "OS Independent")
_LARGEST = 200_000


def deployment_globs() -> list[str]:
    """The names of the files that are read."""
    return [glob for glob, _ in _FILES]


def deployment_folders(root: Path) -> list[Path]:
    """The folders of the project at ``root`` that they are looked for in."""
    return [root / folder for folder in _FOLDERS]


def read_deployment(root: Path, around: Deployment = NO_DEPLOYMENT) -> Deployment:
    """What the files in ``root`` say of how the code in it is run; of what they leave open,
    ``around`` tells, which the folders above say."""
    settings = _toml(root / "pyproject.toml")
    commands = [command for folder in deployment_folders(root) for command in _commands(folder)]
    commands += _scripts(settings.get("tool"))
    return Deployment(
        tuple(commands) or around.commands,
        _oldest_python(settings) or around.oldest_python,
        _is_for_linux(settings) if settings else around.on_linux,
    )


def _commands(folder: Path) -> Iterator[str]:
    for glob, pattern in _FILES:
        for path in sorted(folder.glob(glob)) if folder.is_dir() else ():
            found = list(pattern.finditer(_text(path)))
            yield from (_as_line(each[each.lastindex or 0]) for each in found)
            if pattern is _DOCKER:
                # The command is what the entry point is given, if there is one.
                last = {each[1].upper(): _as_line(each[2]) for each in found}
                if len(last) > 1:
                    yield f"{last['ENTRYPOINT']} {last['CMD']}"


def _as_line(text: str) -> str:
    """A command as one line; it may stand as a list, one word a line or in brackets."""
    text = text.replace("\\\n", " ").strip()
    if text.startswith("["):
        try:
            return " ".join(_quoted(str(word)) for word in json.loads(text))
        except ValueError:
            return " ".join(part.strip(" \"'") for part in text.strip("[]").split(","))
    lines = [line.strip().removeprefix("- ") for line in text.splitlines()]
    line = " ".join(line for line in lines if line not in (">", "|", ">-", "|-"))
    whole = len(lines) == 1 and line[:1] == line[-1:] and line[:1] in ("'", '"')
    return line[1:-1] if whole else line


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word


def _scripts(tool: Any) -> Iterator[str]:
    """The command lines that task runners of ``pyproject.toml`` are given."""
    for name in ("taskipy.tasks", "pdm.scripts", "poe.tasks", "rye.scripts"):
        table = _at(tool, *name.split("."))
        for value in table.values() if isinstance(table, dict) else ():
            command = value.get("cmd", value.get("shell")) if isinstance(value, dict) else value
            if isinstance(command, str):
                yield command


def _oldest_python(settings: dict[str, Any]) -> tuple[int, int] | None:
    wanted = _at(settings, "project", "requires-python")
    wanted = wanted or _at(settings, "tool", "poetry", "dependencies", "python")
    pattern = r"(?:>=|~=|==|\^|~)\s*(\d+)\.(\d+)"
    found = re.search(pattern, wanted) if isinstance(wanted, str) else None
    return (int(found[1]), int(found[2])) if found else None


def _is_for_linux(settings: dict[str, Any]) -> bool:
    """Whether the classifiers of the project name Linux, or no system at all."""
    listed = _at(settings, "project", "classifiers")
    classifiers = [str(each) for each in listed] if isinstance(listed, list) else []
    systems = [each for each in classifiers if each.startswith("Operating System ::")]
    return not systems or any(word in each for each in systems for word in _LINUX)


def _at(table: Any, *keys: str) -> Any:
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _toml(path: Path) -> dict[str, Any]:
    try:
        return parse_toml(_text(path))
    except ValueError:
        return {}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8") if path.stat().st_size < _LARGEST else ""
    except (OSError, UnicodeDecodeError):
        return ""
