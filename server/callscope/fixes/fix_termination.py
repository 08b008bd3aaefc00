"""Take the content of a message before it is looked at as text."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import expression_at
from callscope.fixes._patch import Patch
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding


class FixTerminationText(FixProvider):
    """Looks at the message's text, and at an empty one where there is none."""

    codes = frozenset({"CB218", "CB219"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``(message.get("content") or "")`` for ``message``, or around the content."""
        about = finding.about
        known = about.function if isinstance(about, Registration) else None
        node = expression_at(model, finding.range)
        if known is None or not known.parameters or node is None:
            return
        first = known.parameters[0].name
        used = _used(node)
        if finding.code == "CB218":
            used = [part for part in used if isinstance(part, ast.Name) and part.id == first]
        else:
            used = [part for part in used if isinstance(part, ast.Subscript | ast.Call)]
        if len(used) != 1:
            return
        part = used[0]

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            inner = patch.text(part)
            if finding.code == "CB218":
                inner += '.get("content")'
            patch.replace(part, f'({inner} or "")')
            return patch.finish()

        shown = f'{first}.get("content")' if finding.code == "CB218" else ast.unparse(part)
        yield Proposal(
            f'Look at the text, if there is any: `({shown} or "")`', Safety.SAFE, rewrite
        )


def _used(node: ast.expr) -> list[ast.expr]:
    """The operands of an attribute or a comparison."""
    if isinstance(node, ast.Attribute):
        return [node.value]
    return [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
