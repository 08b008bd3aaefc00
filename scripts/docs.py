"""Write ``docs/rules/`` from the rules themselves.

``python scripts/docs.py`` writes; with ``--check`` it only says what would change, and exits 1 if
anything would.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from callscope.check import claims
from callscope.contracts import Target
from callscope.rules import Rule, all_rules

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rules"

# The newest release of each line.
NEWEST = ("autogen-agentchat==0.2.40", "autogen==0.14.1")

FAMILIES = {
    "CB1": "Scope: process, request, lifetime",
    "CB2": "Contract: signature, return value, hook names",
    "CB3": "Async",
    "CB4": "Dispatch: trigger, sender, order, wrong agent",
    "CB5": "Tools",
    "CB9": "Environment",
}


def pages() -> Iterator[tuple[str, str]]:
    """Each page's file name and text."""
    yield "README.md", index()
    for rule in all_rules():
        yield f"{rule.code}.md", page(rule)


def page(rule: Rule) -> str:
    """One rule's page: its docstring under a heading."""
    versions = ", ".join(each for each in NEWEST if claims(rule, Target.parse(each)))
    proof = (
        f"Both programs below are run on {versions} in this project's tests."
        if versions
        else f"The programs below are not run by the tests: {rule.runtime_reason}."
    )
    head = f"# {rule.code} `{rule.name}`\n\n*{rule.default_severity.value}*\n\n"
    return f"{head}{rule.docs.text}\n\n---\n{proof}\n"


def index() -> str:
    """The table of all rules, by family."""
    lines = ["# Rules", "", "Written from the rules by `scripts/docs.py`.", ""]
    for family, title in FAMILIES.items():
        rules = [rule for rule in all_rules() if rule.code.startswith(family)]
        if not rules:
            continue
        lines += [f"## {title}", "", "| code | name | severity | claim |", "|---|---|---|---|"]
        lines += [
            f"| [{r.code}]({r.code}.md) | `{r.name}` | {r.default_severity.value} | "
            f"{r.docs.summary} |"
            for r in rules
        ]
        lines.append("")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write, or with ``--check`` compare."""
    wanted = dict(pages())
    present = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    stale = [
        name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name)
    ]
    if "--check" in arguments:
        for name in sorted(stale):
            print(f"docs/rules/{name} is not what the rules say; run: python scripts/docs.py")
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            (FOLDER / name).unlink()
    print(f"{len(wanted)} pages, {len(stale)} of them new or changed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
