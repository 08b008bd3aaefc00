"""Check whole libraries as if each of their files used AutoGen: no crash, no hang, no false place.

Nothing in them is about AutoGen, so an answer proves little; but between them they hold about
every way in which Python is written.
"""

from __future__ import annotations

import hashlib
import sysconfig
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from callscope.source import SourceText
from tests.fuzz.examine import TooLongError, examine, time_limit
from tests.runtime.install import folder_of
from tests.runtime.releases import NEWEST

#: Seconds of the processor for one file; one that takes more is a failure.
LIMIT = 10.0

# The import alone makes a file worth a full analysis.
_IMPORT = "import autogen\n"


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    path: Path
    lines: int
    seconds: float
    problem: str = ""

    @property
    def pace(self) -> float:
        """Seconds for 1,000 lines."""
        return 1000 * self.seconds / self.lines


def installed_libraries() -> list[Path]:
    """The folders of packages of this Python, and of each AutoGen that the tests run on."""
    here = Path(sysconfig.get_path("purelib"))
    return [
        here,
        *sorted(p for t in NEWEST for p in folder_of(t).glob("lib/python*/site-packages")),
    ]


def python_files(folders: Iterable[Path]) -> Iterator[Path]:
    """The Python files under ``folders``, each text once."""
    seen: set[bytes] = set()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            digest = hashlib.sha256(path.read_bytes()).digest() if path.is_file() else None
            if digest is not None and digest not in seen:
                seen.add(digest)
                yield path


def check_file(path: Path, limit: float = LIMIT) -> Outcome:
    """Check one file and compute all fixes."""
    text = _IMPORT + path.read_bytes().decode("utf-8", errors="replace")
    started, problem = time.process_time(), ""
    try:
        with time_limit(limit):
            examine(SourceText(path, text))
    except TooLongError:
        problem = f"takes more than {limit:g} s"
    except Exception:  # noqa: BLE001 - what fails is what is looked for
        problem = traceback.format_exc()
    return Outcome(path, text.count("\n"), time.process_time() - started, problem)
