"""Remove a suppression comment that suppresses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from callscope.fixes._patch import Patch
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.rules.base import Finding

_CODES = re.compile(r"\[([^\]]*)\]")


class FixUnusedSuppression(FixProvider):
    """Takes the comment away, or the codes in it that are idle."""

    codes = frozenset({"CB902"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """One proposal: what is idle goes."""
        start = model.source.offset(finding.range.start)
        end = model.source.offset(finding.range.end)
        comment = model.source.text[start:end]
        listed = _CODES.search(comment)
        codes = [code.strip() for code in listed[1].split(",")] if listed else []
        kept = [code for code in codes if not re.search(rf"\b{code.upper()}\b", finding.message)]

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            if kept and listed is not None:
                patch.change(start + listed.start(1), start + listed.end(1), ", ".join(kept))
            else:
                _remove(patch, start, end)
            return patch.finish()

        idle = ", ".join(code for code in codes if code not in kept)
        title = f"Remove {idle} from the comment" if kept else "Remove the comment"
        yield Proposal(title, Safety.SAFE, rewrite)


def _remove(patch: Patch, start: int, end: int) -> None:
    """Take a comment out; with its line where nothing else stands on it."""
    before = patch.before_on_line(start)
    text = patch.source.text
    if patch.rest_of_line(end).strip():
        raise CannotFix("not understood")
    if before.strip():
        patch.change(start - (len(before) - len(before.rstrip())), end, "")
        return
    after = end + len(patch.rest_of_line(end))
    after += 2 if text[after : after + 2] == "\r\n" else int(after < len(text))
    patch.change(start - len(before), after, "")
