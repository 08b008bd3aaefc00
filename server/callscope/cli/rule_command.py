"""``callscope rule``: the documentation of a rule, or the list of all."""

from __future__ import annotations

import re
import sys

from callscope.cli.exit_codes import CLEAN, UsageError
from callscope.cli.paint import Paint, paint_for
from callscope.configuration import rule_you_mean
from callscope.explain import RuleText, rule_text
from callscope.rules import all_rules


def run(wanted: str | None, color: str) -> int:
    """Print what is wanted: a code, a name, ``all``, or None for a list.

    Raises :class:`UsageError` when there is no such rule.
    """
    paint = paint_for(sys.stdout, color)
    if wanted is None:
        _print_list(paint)
    elif wanted.lower() == "all":
        print("\n\n".join(_documentation(_find(each.code), paint) for each in all_rules()))
    else:
        print(_documentation(_find(wanted), paint))
    return CLEAN


def _print_list(paint: Paint) -> None:
    rules = all_rules()
    names = max((len(each.name) for each in rules), default=0)
    levels = max((len(each.default_severity.value) for each in rules), default=0)
    for each in rules:
        level = each.default_severity
        print(
            paint.bold(each.code),
            each.name.ljust(names),
            paint.severity(level.value, level.value) + " " * (levels - len(level.value)),
            each.docs.summary,
            sep="  ",
        )


def _find(wanted: str) -> RuleText:
    found = rule_text(wanted)
    if found is not None:
        return found
    raise UsageError(f"there is no rule {wanted!r}{did_you_mean(wanted)}")


def did_you_mean(wanted: str) -> str:
    """The end of a sentence about a rule that does not exist: what may have been meant."""
    return rule_you_mean(wanted) or " (callscope rule lists all)"


def _documentation(each: RuleText, paint: Paint) -> str:
    title = f"{each.code} {each.name}"
    lines = [f"{paint.bold(title)} ({paint.severity(each.level, each.level)})", ""]
    lines.extend(_painted(each.text, paint))
    return "\n".join(lines)


def _painted(text: str, paint: Paint) -> list[str]:
    """Markdown with its headings set off, its code quiet; untouched where there is no colour."""
    if not paint.color:
        return text.splitlines()
    lines = []
    in_code = False
    for line in text.splitlines():
        if line.startswith("```"):
            in_code = not in_code
            lines.append(paint.dim(line))
        elif in_code:
            lines.append(paint.rail(line))
        elif line.startswith("#"):
            lines.append(paint.bold(line.lstrip("# ")))
        else:
            lines.append(re.sub(r"`([^`]+)`", lambda match: paint.note(match[1]), line))
    return lines
