"""Look for crashes and hangs, as long as you like.

    python -m tests.fuzz files [FOLDER ...]      every file of the installed libraries
    python -m tests.fuzz mutations [FOLDER ...]  the rules' examples, and FOLDER's programs, changed
    python -m tests.fuzz editing [FOLDER ...]    the same programs, edited step by step
    python -m tests.fuzz offices [FOLDER ...]    programs of several files, in the same way
    python -m tests.fuzz                         the first two

Ends with 1 if anything was found. Files are taken in a random order that is always the same, so
that ``--most`` gives a fair sample. A mutation that fails is shown as small as Hypothesis can make
it.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings

from callscope.contracts import Target
from callscope.project import Config, Project
from callscope.source import SourceText
from tests.fuzz import editing
from tests.fuzz.examine import examine, time_limit
from tests.fuzz.files import LIMIT, Outcome, check_file, installed_libraries, python_files
from tests.fuzz.mutations import mutated
from tests.fuzz.offices import in_an_office
from tests.metamorphic.programs import programs
from tests.runtime.releases import TARGETS

_WHAT = ("files", "mutations", "editing", "offices", "both")
_SHOWN = 5
_EACH = 1000


def files(folders: Sequence[Path], most: int | None) -> int:
    """Check the files of ``folders``; returns how many failed."""
    paths = list(python_files(folders or installed_libraries()))
    random.Random(0).shuffle(paths)
    done: list[Outcome] = []
    for path in paths[:most]:
        done.append(check_file(path))
        if done[-1].problem:
            print(f"{path}: {done[-1].problem}", flush=True)
        if len(done) % _EACH == 0:
            print(f"{len(done)} of {len(paths)} files", flush=True)
    lines, seconds = sum(each.lines for each in done), sum(each.seconds for each in done)
    failed = sum(bool(each.problem) for each in done)
    print(f"{len(done)} files, {lines} lines, {seconds:.0f} s, {failed} failed; the slowest:")
    for each in sorted(done, key=lambda each: -each.seconds)[:_SHOWN]:
        print(f"  {each.seconds:5.1f} s, {each.pace:.2f} s for 1,000 lines: {each.path}")
    return failed


class Changed:
    """Programs that are changed at random, and what became of them."""

    def __init__(self, texts: list[str], target: str) -> None:
        self.texts = texts
        self.project = Project(Config(target=Target.parse(target)))
        self.programs = self.findings = self.fixes = 0
        self.slowest = 0.0

    def run(self, count: int, start: int) -> None:
        """Check ``count`` programs; raises on the first failure."""
        health = list(HealthCheck)
        quiet = settings(
            max_examples=count, deadline=None, database=None, suppress_health_check=health
        )
        seed(start)(quiet(given(mutated(self.texts))(self._once)))()

    def _once(self, text: str) -> None:
        began = time.process_time()
        with time_limit(LIMIT):
            found = examine(SourceText(Path("program.py"), text), self.project)
        self.slowest = max(self.slowest, time.process_time() - began)
        self.programs += 1
        self.findings += found.findings
        self.fixes += found.fixes


def mutations(folders: Sequence[Path], count: int, start: int) -> None:
    """Check changed programs for each target."""
    texts = _texts(folders)
    for target in TARGETS:
        done = Changed(texts, target)
        done.run(count, start)
        print(
            f"{target}: {done.programs} programs, {done.findings} findings, {done.fixes} fixes; "
            f"the slowest took {done.slowest:.2f} s",
            flush=True,
        )


def _texts(folders: Sequence[Path]) -> list[str]:
    texts = [program.text for program in programs()]
    for folder in folders:
        texts += [
            path.read_text(encoding="utf-8", errors="replace") for path in python_files([folder])
        ]
    return texts


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser("fuzz", description="Look for crashes and hangs.")
    parser.add_argument("what", nargs="?", choices=_WHAT, default="both")
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--most", type=int, help="of files: check no more than these")
    parser.add_argument("--count", type=int, default=2000, help="of mutations: for each target")
    parser.add_argument(
        "--minutes", type=float, default=10, help="of editing and offices: how long"
    )
    parser.add_argument("--seed", type=int, default=0, help="where to begin")
    given_ = parser.parse_args(arguments)
    if given_.what == "editing":
        begin = editing.at_a_desk(_texts(given_.folders))
        return 1 if editing.run(begin, given_.minutes, given_.seed) else 0
    if given_.what == "offices":
        folders = [folder.resolve() for folder in given_.folders]
        return 1 if editing.run(in_an_office(folders), given_.minutes, given_.seed) else 0
    failed = 0
    if given_.what != "mutations":
        failed = files(given_.folders, given_.most)
    if given_.what != "files":
        mutations(given_.folders, given_.count, given_.seed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
