"""What is to be done with one file."""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callscope.project import Project


class Mode(enum.Enum):
    """What happens besides checking."""

    CHECK = "check"
    FIX = "fix"
    DIFF = "diff"


@dataclass(frozen=True, slots=True)
class Task:
    """What is wanted of every file. ``offers``: the fixes of what is found are wanted too."""

    mode: Mode = Mode.CHECK
    offers: bool = True
    unsafe: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One file to look at: where it is, what to call it, and what is wanted of it.

    ``root`` is the folder of the project whose other files are read as well; None for none. It
    is not ``whole`` if nothing but this file says that it is a project. Files of the same
    ``group`` are best looked at by the same process; fixing one of them may change the others.
    ``effort`` compares to that of other files.
    """

    path: Path
    shown: str
    project: Project
    task: Task
    root: Path | None = None
    whole: bool = True
    group: Path | None = None
    effort: int = 1


def internal_error(shown: str, error: BaseException) -> str:
    """A sentence about a bug of ours; with its traceback where CALLSCOPE_DEBUG=1 asks for it."""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    text = f"internal error while checking {shown}: {said}; please report"
    if os.environ.get("CALLSCOPE_DEBUG") == "1":
        import traceback

        text += "\n" + "".join(traceback.format_exception(error)).rstrip()
    return text
