"""Counting what was found, and saying it in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from callscope.cli.result import LEVELS, SAFE, UNSAFE, FileResult


class Tally:
    """Keeps count of the results that pass through :meth:`counting`."""

    def __init__(self) -> None:
        self.severities: Counter[str] = Counter()
        self.fixable: Counter[str] = Counter()
        self.rules: Counter[tuple[str, str]] = Counter()
        self.fixable_rules: Counter[tuple[str, str]] = Counter()
        self.fixed = 0
        self.fixed_files = 0
        self.targets: Counter[str] = Counter()
        self.failures = 0
        self.unfixable = ""

    def counting(self, results: Iterable[FileResult]) -> Iterator[FileResult]:
        """Pass ``results`` on, counted."""
        for result in results:
            self._count(result)
            yield result

    def _count(self, result: FileResult) -> None:
        self.failures += result.failure is not None
        self.unfixable = self.unfixable or result.unfixable
        self.fixed += sum(mended.count for mended in result.fixed)
        self.fixed_files += bool(result.fixed or result.diff)
        if result.target:
            self.targets[result.target] += 1
        for found in result.found:
            rule = (found.code, found.name)
            self.severities[found.severity] += 1
            self.rules[rule] += 1
            if found.safety is not None:
                self.fixable[found.safety] += 1
                self.fixable_rules[rule] += 1

    @property
    def grave(self) -> bool:
        """Whether there is a finding above information level."""
        return any(n for level, n in self.severities.items() if level != "information")

    def sentence(self) -> str:
        """``Found 3 errors, 1 warning; 2 fixable with --fix (1 more with --unsafe-fixes)``."""
        if not self.rules:
            return "No findings"
        levels = ", ".join(
            plural(self.severities[level], level) for level in LEVELS if self.severities[level]
        )
        return f"Found {levels}{self._fixable()}"

    def _fixable(self) -> str:
        safe, unsafe = self.fixable[SAFE], self.fixable[UNSAFE]
        if safe and unsafe:
            return f"; {safe} fixable with --fix ({unsafe} more with --unsafe-fixes)"
        if safe:
            return f"; {safe} fixable with --fix"
        return f"; {unsafe} fixable with --fix --unsafe-fixes" if unsafe else ""


def plural(count: int, word: str) -> str:
    """``1 error``, ``2 errors``."""
    uncountable = word == "information"
    return f"{count} {word}{'' if count == 1 or uncountable else 's'}"
