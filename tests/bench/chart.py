"""Draw the chart: from a key to diagnostics, by lines of the file.

    .cache/bench/bin/python tests/bench/chart.py results.json FOLDER

Runs in the environment of the benchmarks, which has matplotlib.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib  # type: ignore[import-not-found]

matplotlib.use("agg")
import matplotlib.pyplot as plt  # type: ignore[import-not-found]

_OURS = "callscope"
_APART = 1.25
"""How many times as high the next name is written, on a logarithmic scale."""


def draw(results: dict[str, Any], folder: Path) -> None:
    """Write ``latency.svg`` and ``latency.png``."""
    # The same results make the same files.
    plt.rcParams.update({"svg.hashsalt": "callscope", "font.size": 10, "svg.fonttype": "none"})
    rows = [
        row
        for row in results["latency"]
        if row.get("edit") == "plain" and row["state"] == "valid" and "median" in row
    ]
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    ends: dict[str, tuple[int, float]] = {}
    for name in dict.fromkeys(row["server"] for row in rows):
        points = sorted((row["lines"], row["median"]) for row in rows if row["server"] == name)
        ours = name == _OURS
        sizes, medians = zip(*points, strict=True)
        axes.plot(
            sizes, medians, marker="o", markersize=4, label=name,
            linewidth=3 if ours else 1.4, zorder=3 if ours else 2,
        )  # fmt: skip
        ends[name] = points[-1]
    axes.set(
        xscale="log", yscale="log", xlabel="lines of the file",
        ylabel="milliseconds from the key to diagnostics",
    )  # fmt: skip
    ticks = sorted({row["lines"] for row in rows})
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks], minor=False)
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:,g}")
    lowest = 0.0
    for name, (lines, median) in sorted(ends.items(), key=lambda end: end[1][1]):
        # Those that lie close together are written one above the other.
        lowest = max(median, lowest * _APART)
        axes.annotate(
            name, (lines, lowest), xytext=(6, 0), textcoords="offset points", va="center",
            fontweight="bold" if name == _OURS else "normal",
        )  # fmt: skip
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.15)
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "latency.svg", metadata={"Date": None})
    figure.savefig(folder / "latency.png", dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
