"""What is measured, and how often."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.client import Client, Message, NoAnswer
from tests.bench.edits import PLAIN, UNFINISHED, VALID, Edit, document, keys
from tests.bench.modules import module, project
from tests.bench.servers import HOME, OURS, Server, program_in

Row = dict[str, Any]

_WARM_UP = 2
_LONG = 1.0
"""Seconds after which one key is enough to warm up."""

_TOO_LONG = 2.0
"""Seconds for a key after which a server is not asked about longer files."""

_PAUSE = 0.02
_MODULE = 2_000
"""Lines of the module that is opened where the size is not what is measured."""


@dataclass(frozen=True)
class Effort:
    """Each series ends with so many samples, or when so many seconds are over."""

    samples: int
    seconds: float
    timeout: float = 60.0

    def of(self, sample: Callable[[], float]) -> list[float]:
        """Samples, but one at least."""
        end = time.perf_counter() + self.seconds
        taken = [sample()]
        while len(taken) < self.samples and time.perf_counter() < end:
            taken.append(sample())
        return taken


def summary(samples: Sequence[float]) -> Row:
    """Milliseconds: the middle one, and the one that 19 in 20 do not exceed."""
    ordered = sorted(samples)
    last = max(0, -(-19 * len(ordered) // 20) - 1)
    return {
        "median": round(statistics.median(ordered) * 1e3, 3),
        "p95": round(ordered[last] * 1e3, 3),
        "samples": len(ordered),
    }


def tolerant(measure: Callable[[], Row]) -> Row:
    """What was measured, or why it could not be."""
    try:
        return measure()
    except NoAnswer as error:
        return {"failed": str(error)}


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        yield Path(name).resolve()


def latency(servers: Iterable[Server], sizes: Sequence[int], effort: Effort) -> Iterator[Row]:
    """From a key to the diagnostics of the text with it."""
    slow: dict[str, int] = {}
    for size in sizes:
        for state in (VALID, UNFINISHED):
            for server in servers:
                about = {"server": server.name, "lines": size, "state": state}
                if slow.get(server.name, size) < size:
                    yield {**about, "edit": "all", "failed": "takes too long"}
                    continue
                for row in _typing(server, size, state, effort):
                    if row.get("median", 0.0) > _TOO_LONG * 1e3:
                        slow.setdefault(server.name, size)
                    yield {**about, **row}


def _typing(server: Server, size: int, state: str, effort: Effort) -> Iterator[Row]:
    here = document(size, state)
    with _folder() as root:
        path = root / "app.py"
        path.write_text(here.text)
        try:
            with Client(server.command, root, effort.timeout) as client:
                client.open(path, here.text)
                client.settle(0.5)
                for name, edit in here.edits.items():
                    yield {"edit": name, **_series(client, path, here.text, edit, effort)}
        except NoAnswer as error:
            yield {"edit": "all", "failed": str(error)}


def _series(client: Client, path: Path, text: str, edit: Edit, effort: Effort) -> Row:
    typed, counts = keys(text, edit), []

    def sample() -> float:
        time.sleep(_PAUSE)
        removed, added, whole = next(typed)
        found, took = client.change(path, edit.line, edit.column, removed, added, whole)
        counts.append(len(found))
        return took

    for _ in range(_WARM_UP):
        if sample() > _LONG:
            break
    taken = effort.of(sample)
    if len(counts) % 2:
        taken.append(sample())  # so that what was typed is taken back
    return {**summary(taken), "diagnostics": max(counts)}


def start(servers: Iterable[Server], effort: Effort, files: int) -> Iterator[Row]:
    """From the start of the process to the first diagnostics; ours also in a large project."""
    for server in servers:
        with _folder() as root:
            (root / "app.py").write_text(module(_MODULE))
            yield {"server": server.name, "files": 1, **_first(server, root, effort)}
        if server.name == OURS:
            with _folder() as root:
                project(root, files)
                (root / "app.py").write_text(module(_MODULE))
                yield {"server": server.name, "files": files, **_first(server, root, effort)}


def _first(server: Server, root: Path, effort: Effort) -> Row:
    path = root / "app.py"
    text = path.read_text()

    def sample(pause: float = 0.0) -> float:
        with Client(server.command, root, effort.timeout) as client:
            _, when = client.open(path, text)
            client.settle(pause)
            return when - client.started

    def measured() -> Row:
        sample(pause=5.0)  # caches are filled
        return summary(effort.of(sample))

    return tolerant(measured)


def answers(servers: Iterable[Server], effort: Effort) -> Iterator[Row]:
    """Hover over a callback that is registered, and the edit of the first quick fix."""
    for server in servers:
        for name, work in (("hover", _hover), ("code action", _action)):
            found = tolerant(partial(work, server, effort))
            yield {"server": server.name, "what": name, **found}


def _hover(server: Server, effort: Effort) -> Row:
    def sample(client: Client, path: Path, text: str, _: Sequence[Message]) -> float:
        rows = text.splitlines()
        line = next(n for n, row in enumerate(rows) if ".register_reply(" in row)
        place = {"line": line, "character": rows[line].index("audit_", rows[line].index("(")) + 2}
        about = {"textDocument": {"uri": path.as_uri()}, "position": place}
        begun = time.perf_counter()
        return client.request("textDocument/hover", about)[1] - begun

    return _after_edits(server, effort, sample)


def _action(server: Server, effort: Effort) -> Row:
    def sample(client: Client, path: Path, _: str, found: Sequence[Message]) -> float:
        if not found:
            raise NoAnswer("nothing to fix")
        context = {"diagnostics": found[:1], "only": ["quickfix"], "triggerKind": 1}
        about = {"textDocument": {"uri": path.as_uri()}, "range": found[0]["range"]}
        begun = time.perf_counter()
        offered, when = client.request("textDocument/codeAction", {**about, "context": context})
        if not offered:
            raise NoAnswer("no fix")
        if "edit" not in offered[0] and "data" in offered[0]:
            _, when = client.request("codeAction/resolve", offered[0])
        return when - begun

    return _after_edits(server, effort, sample)


def _after_edits(
    server: Server,
    effort: Effort,
    work: Callable[[Client, Path, str, Sequence[Message]], float],
) -> Row:
    """How long ``work`` takes, each time on a text that was not seen before."""
    here = document(_MODULE, VALID)
    edit = here.edits[PLAIN]
    with _folder() as root:
        path = root / "app.py"
        path.write_text(here.text)
        with Client(server.command, root, effort.timeout) as client:
            client.open(path, here.text)
            client.settle(0.5)
            typed = keys(here.text, edit)

            def sample() -> float:
                removed, added, text = next(typed)
                found, _ = client.change(path, edit.line, edit.column, removed, added, text)
                return work(client, path, text, found)

            for _ in range(_WARM_UP):
                sample()
            return summary(effort.of(sample))


def memory(
    servers: Iterable[Server], effort: Effort, files: int, tree: Path | None
) -> Iterator[Row]:
    """Resident megabytes: one module open; a project, and ``tree``, with ten of the files open."""
    with _folder() as alone, _folder() as made:
        (alone / "app.py").write_text(module(_MODULE))
        project(made, files)
        (made / "app.py").write_text(module(_MODULE))
        places = [
            ("one module", alone, [alone / "app.py"]),
            (
                f"{files:,} files, 10 open",
                made,
                [made / "app.py", *sorted(made.glob("shop/*/module_*.py"))[:9]],
            ),
        ]
        if tree is not None:
            places.append((f"{tree.name}, 10 open", tree, _users_of_agents(tree)[:10]))
        for server in servers:
            for name, root, opened in places:
                found = tolerant(partial(_megabytes, server, effort, root, opened))
                yield {"server": server.name, "what": name, **found}


def _users_of_agents(tree: Path) -> list[Path]:
    """The files of a tree that have to do with AutoGen, the longest first."""
    texts = {path: path.read_bytes() for path in tree.rglob("*.py")}
    users = [path for path, text in texts.items() if b"autogen" in text]
    return sorted(users, key=lambda path: (-len(texts[path]), path))


def _megabytes(server: Server, effort: Effort, root: Path, opened: Sequence[Path]) -> Row:
    with Client(server.command, root, effort.timeout) as client:
        for path in opened:
            client.open(path, path.read_text("utf-8"))
        client.settle(min(10.0, effort.seconds))
        return {"megabytes": round(_resident(client.pid) / 1e6, 1)}


def _resident(pid: int) -> int:
    """Bytes of a process and those that it has started."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
    )
    rows = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    total, family = 0, {pid}
    for process, parent, kilobytes in sorted(rows):
        if process == pid or parent in family:
            family.add(process)
            total += kilobytes * 1024
    return total


def trees(tree: Path | None, files: int, effort: Effort) -> Iterator[Row]:
    """Whole-tree checks, with empty caches and with full ones."""
    with _folder() as made, _folder() as cache:
        if tree is None:
            project(made, files)
        where = tree or made
        env = {**os.environ, "XDG_CACHE_HOME": str(cache), "RUFF_CACHE_DIR": str(cache / "ruff")}
        for name, warm, command in _checks(where):
            if not warm:
                shutil.rmtree(cache, ignore_errors=True)
                cache.mkdir(exist_ok=True)
            found = tolerant(partial(_timed, command, where, env, effort, None if warm else cache))
            yield {"checker": name, "cache": "full" if warm else "empty", **found}


def _checks(where: Path) -> Iterator[tuple[str, bool, list[str]]]:
    ours = [sys.executable, "-m", "callscope", "check", "-q", "--exit-zero", str(where)]
    yield OURS, False, ours
    yield OURS, True, ours
    ruff = str(program_in(HOME, "ruff"))
    yield "ruff", False, [ruff, "check", "-q", "--exit-zero", "--no-cache", str(where)]
    yield "ruff", True, [ruff, "check", "-q", "--exit-zero", str(where)]
    yield "flake8", False, [str(program_in(HOME, "flake8")), "--exit-zero", "-q", str(where)]
    pylint = [str(program_in(HOME, "pylint")), "--exit-zero", "-j0", "--recursive=y"]
    yield "pylint", False, [*pylint, str(where)]


def _timed(
    command: Sequence[str], where: Path, env: dict[str, str], effort: Effort, empty: Path | None
) -> Row:
    """Seconds on the clock and of all processors, of the run that took the least."""
    best = (float("inf"), 0.0)
    for run in range(3 if empty is not None else 4):
        if empty is not None:
            shutil.rmtree(empty, ignore_errors=True)
            empty.mkdir()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        try:
            done = subprocess.run(
                command, cwd=where, env=env, capture_output=True, check=False,
                timeout=effort.timeout * 5,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise NoAnswer(f"not done after {effort.timeout * 5:.0f} s") from error
        if done.returncode:
            raise NoAnswer(done.stderr.decode(errors="replace")[-200:] or "failed")
        took = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if empty is not None or run:
            best = min(best, (took, used))
            if took > effort.seconds:
                break
    return {"seconds": round(best[0], 3), "processor": round(best[1], 3)}
