"""Measure Callscope beside other servers and checkers; ``scripts/bench.mjs`` runs this.

Prints tables, and writes ``results.json`` and a chart to ``dist/bench``; with ``--docs``, the page
of the documentation as well.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench import instructions, measure
from tests.bench.measure import Effort, Row
from tests.bench.report import Results, machine, page, printed
from tests.bench.servers import HOME, ROOT, SERVERS, Server, program_in, versions

PARTS = ("latency", "start", "answers", "memory", "trees", "instructions")
SIZES = (100, 500, 2_000, 5_000, 20_000)
DOCS = ROOT / "docs"


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for; 1 if the hot path takes far more instructions than it did."""
    options = _options(arguments)
    effort = Effort(options.samples, options.seconds)
    results: Results = {"machine": machine(), "versions": versions(), "tree": _tree(options)}
    for part in options.only:
        if part != "instructions":
            results[part] = list(_told(part, _rows(part, options, effort)))
    print(f"\n{printed(results)}")
    _write(results, options.out, docs=options.docs)
    return instructions.main() if "instructions" in options.only else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="npm run bench --", description=__doc__)
    parser.add_argument("--only", type=_some_of(PARTS), default=PARTS, metavar="PART,...")
    parser.add_argument("--servers", type=_some_of(s.name for s in SERVERS), metavar="NAME,...")
    parser.add_argument("--sizes", type=_numbers, default=SIZES, metavar="LINES,...")
    parser.add_argument(
        "--tree", type=Path, help="a tree for checkers and memory, not a made-up one"
    )
    parser.add_argument("--files", type=int, default=1_000, help="files of made-up projects")
    parser.add_argument("--samples", type=int, default=40, help="at most so many for each figure")
    parser.add_argument("--seconds", type=float, default=10.0, help="or for so long")
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "bench", metavar="FOLDER")
    parser.add_argument(
        "--docs", action="store_true", help="write docs/benchmarks.md and its chart"
    )
    options = parser.parse_args(arguments)
    if options.tree is not None:
        options.tree = options.tree.resolve()
    named = options.servers
    options.servers = [each for each in SERVERS if named is None or each.name in named]
    return options


def _tree(options: argparse.Namespace) -> dict[str, object]:
    """What the tree that checkers check consists of."""
    tree: Path | None = options.tree
    if tree is None:
        return {"name": "A made-up project", "modules": options.files, "notebooks": 0}
    counts = [sum(1 for _ in tree.rglob(f"*{suffix}")) for suffix in (".py", ".ipynb")]
    return {"name": tree.name, "modules": counts[0], "notebooks": counts[1]}


def _some_of(names: Iterator[str] | Sequence[str]):  # type: ignore[no-untyped-def]
    known = tuple(names)

    def read(text: str) -> tuple[str, ...]:
        wanted = text.split(",")
        if unknown := set(wanted).difference(known):
            raise argparse.ArgumentTypeError(f"no {', '.join(unknown)} among {', '.join(known)}")
        return tuple(name for name in known if name in wanted)

    return read


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(sorted(map(int, text.split(","))))


def _rows(part: str, options: argparse.Namespace, effort: Effort) -> Iterator[Row]:
    servers: list[Server] = options.servers
    if part == "latency":
        return measure.latency(servers, options.sizes, effort)
    if part == "start":
        return measure.start(servers, effort, options.files)
    if part == "answers":
        return measure.answers(servers, effort)
    if part == "memory":
        return measure.memory(servers, effort, options.files, options.tree)
    return measure.trees(options.tree, options.files, effort)


def _told(part: str, rows: Iterator[Row]) -> Iterator[Row]:
    """``rows``, each shown as soon as it is there."""
    for row in rows:
        shown = ", ".join(f"{name} {value}" for name, value in row.items())
        print(f"{part}: {shown}", file=sys.stderr, flush=True)
        yield row


def _write(results: Results, out: Path, *, docs: bool) -> None:
    out.mkdir(parents=True, exist_ok=True)
    written = out / "results.json"
    written.write_text(json.dumps(results, indent=1) + "\n")
    if results.get("latency"):
        _draw(written, out)
    if docs:
        (DOCS / "benchmarks.json").write_text(written.read_text())
        (DOCS / "benchmarks.md").write_text(page(results, "images"))
        if results.get("latency"):
            _draw(written, DOCS / "images")


def _draw(results: Path, folder: Path) -> None:
    python, script = program_in(HOME, "python"), Path(__file__).with_name("chart.py")
    subprocess.run([python, script, results, folder], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
