"""Results as a table for a terminal, and as a page of the documentation."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.bench.edits import BODY, PLAIN, SHARED, SIGNATURE, UNFINISHED, VALID
from tests.bench.servers import OURS

Results = dict[str, Any]
Row = dict[str, Any]
Table = list[list[str]]


def machine() -> dict[str, str]:
    """What the results depend on besides the programs. No names of hosts or of folders."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    meminfo = Path("/proc/meminfo")
    memory = int(meminfo.read_text().split()[1]) / 1e6 if meminfo.exists() else 0.0
    return {
        "processor": names[0] if names else platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GB" if memory else "unknown",
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def sections(results: Results) -> Iterator[tuple[str, str, Table]]:
    """Each part that was measured: a title, a sentence, a table with a head."""
    for state in (VALID, UNFINISHED):
        for edit in (PLAIN, BODY, SIGNATURE, SHARED):
            rows = [
                row for row in results.get("latency", [])
                if row["state"] == state and row["edit"] in (edit, "all")
            ]  # fmt: skip
            if rows:
                yield _latency(state, edit, rows)
    if rows := results.get("start", []):
        yield "Start", _START, _by_server(rows, lambda row: f"{row['files']:,} files")
    if rows := results.get("answers", []):
        yield "Hover and quick fix", _ANSWERS, _by_server(rows, lambda row: str(row["what"]))
    if rows := results.get("memory", []):
        yield "Memory", _MEMORY, _memory(rows)
    if rows := results.get("trees", []):
        about = results["tree"]
        what = f"{about['name']}: {about['modules']} modules and {about['notebooks']} notebooks. "
        yield "Whole trees", what + _TREES, _trees(rows)


_START = (
    "Milliseconds from the start of the process to the first diagnostics of a module of 2,000 lines, "
    "which is alone in its folder, or in a project, with the caches that earlier runs have left. "
    "In brackets: how many times as long as ours."
)
_ANSWERS = (
    "Milliseconds, in a module of 2,000 lines, each time after an edit: a hover over a callback that "
    "is registered; the edit of the first quick fix for the first diagnostic, from asking for what "
    "can be done. In brackets: how many times as long as ours."
)
_MEMORY = (
    "Megabytes that a server and the processes it has started keep in memory: with one module of "
    "2,000 lines, and in projects with ten of their files open."
)
_TREES = (
    "Seconds to check all files of a tree, the least of three runs: on the clock, and of all "
    "processors together. In brackets: how many times as long as `ruff check` with the same cache."
)
_EDITS = {
    PLAIN: "A character in a string of a plain function",
    BODY: "A character in a string of a callback",
    SIGNATURE: "A character in the name of a callback's parameter",
    SHARED: "A character in the name of an agent that the whole module uses",
}


def _latency(state: str, edit: str, rows: Sequence[Row]) -> tuple[str, str, Table]:
    sizes = sorted({row["lines"] for row in rows})
    found = {(row["server"], row["lines"]): row for row in rows}
    head = ["server", *(f"{size:,} lines" for size in sizes)]
    body = [
        [server, *(_timing(found.get((server, size)), found.get((OURS, size))) for size in sizes)]
        for server in dict.fromkeys(row["server"] for row in rows)
    ]
    about = (
        f"Milliseconds from the key to the diagnostics of the {state} text with it: the median, and "
        "after the slash what 19 of 20 do not exceed. In brackets: how many times as long as ours. A "
        "server that needs more than two seconds is not asked about longer files."
    )
    return f"{_EDITS[edit]}, {state}", about, [head, *body]


def _timing(row: Row | None, ours: Row | None) -> str:
    if row is None:
        return ""
    if "failed" in row:
        return "-"
    text = f"{_number(row['median'])} / {_number(row['p95'])}"
    if ours is None or ours is row or "failed" in ours:
        return text
    return f"{text} ({_number(row['median'] / ours['median'])}x)"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _by_server(rows: Sequence[Row], column: Any) -> Table:
    columns = list(dict.fromkeys(column(row) for row in rows))
    found = {(row["server"], column(row)): row for row in rows}
    return [
        ["server", *columns],
        *(
            [server, *(_timing(found.get((server, c)), found.get((OURS, c))) for c in columns)]
            for server in dict.fromkeys(row["server"] for row in rows)
        ),
    ]


def _memory(rows: Sequence[Row]) -> Table:
    columns = list(dict.fromkeys(str(row["what"]) for row in rows))
    found = {(row["server"], row["what"]): row for row in rows}
    return [
        ["server", *columns],
        *(
            [server, *(str(found[(server, each)].get("megabytes", "-")) for each in columns)]
            for server in dict.fromkeys(row["server"] for row in rows)
        ),
    ]


def _trees(rows: Sequence[Row]) -> Table:
    ruff = {row["cache"]: row.get("seconds") for row in rows if row["checker"] == "ruff"}
    body = []
    for row in rows:
        base = ruff.get(row["cache"])
        taken = row.get("seconds")
        ratio = (
            f" ({_number(taken / base)}x)" if taken and base and row["checker"] != "ruff" else ""
        )
        clock = "-" if taken is None else f"{taken:.2f}{ratio}"
        body.append([row["checker"], row["cache"], clock, f"{row.get('processor', 0):.2f}"])
    return [["checker", "cache", "clock", "processors"], *body]


def printed(results: Results) -> str:
    """All tables, for a terminal."""
    parts = []
    for title, _, table in sections(results):
        widths = [max(len(row[n]) for row in table) for n in range(len(table[0]))]
        lines = [
            "  ".join(
                cell.ljust(width) if n == 0 else cell.rjust(width)
                for n, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in table
        ]
        parts.append("\n".join([title, "-" * len(title), *lines]))
    return "\n\n".join(parts) + "\n"


def page(results: Results, images: str) -> str:
    """The page of the documentation; ``images`` is the folder of the chart, seen from there."""
    about, versions = results["machine"], results["versions"]
    lines = [
        "# Benchmarks",
        "",
        "Written by `npm run bench -- --docs` from what it measured, all in one run on one machine.",
        "The modules are made up, and use AutoGen as programs do. Other servers look for other things:",
        "what they find is not compared, only how long one waits.",
        "",
        f"{about['processor']}, {about['cores']} cores, {about['memory']}, {about['system']}, "
        f"{about['python']}. "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + ".",
        "",
    ]
    if results.get("latency"):
        lines += [f"![From a key to diagnostics, by lines of the file]({images}/latency.svg)", ""]
    for title, sentence, (head, *body) in sections(results):
        lines += [f"## {title}", "", sentence, "", _row(head), _row(["---"] * len(head))]
        lines += [_row(row) for row in body]
        lines.append("")
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
