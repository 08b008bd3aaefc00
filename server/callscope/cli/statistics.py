"""``--statistics``: how often each rule speaks, instead of the findings."""

from __future__ import annotations

import json
from typing import TextIO

from callscope.cli.paint import Paint
from callscope.cli.tally import Tally


def write(tally: Tally, out: TextIO, paint: Paint) -> None:
    """One line a rule, the most frequent first; ``*`` marks how many have a fix."""
    rows = sorted(tally.rules.items(), key=lambda item: (-item[1], item[0]))
    wide = max((len(str(count)) for _, count in rows), default=0)
    for (code, name), count in rows:
        fixable = tally.fixable_rules[code, name]
        with_fix = paint.good(f"  {fixable} with a fix") if fixable else ""
        print(f"{count:>{wide}}  {paint.bold(code)}  {name}{with_fix}", file=out)


def write_json(tally: Tally, out: TextIO) -> None:
    """The same as an array of ``code``, ``name``, ``count`` and ``fixable``."""
    rows = sorted(tally.rules.items(), key=lambda item: (-item[1], item[0]))
    objects = [
        {
            "code": code,
            "name": name,
            "count": count,
            "fixable": tally.fixable_rules[code, name],
        }
        for (code, name), count in rows
    ]
    json.dump(objects, out, indent=2)
    out.write("\n")
