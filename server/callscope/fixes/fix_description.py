"""Describe a tool by what its docstring says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from callscope.fixes._arguments import add_keyword
from callscope.fixes._patch import Definition, Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding

_SHOWN = 40


class FixDescription(FixProvider):
    """Passes the first paragraph of the docstring as ``description``."""

    codes = frozenset({"CB511"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Nothing for a function without a docstring: what it does is not in the file."""
        about = finding.about
        if not isinstance(about, Registration) or about.function is None:
            return
        node, text = about.node, _summary(about.function.node)
        if not isinstance(node, ast.Call) or not text:
            return
        written = about.argument_node("description")

        def change(patch: Patch) -> None:
            if re.search(r'["\\]|[^ -~\w]', text):
                raise CannotFix("takes more quoting")
            if written is None:
                add_keyword(patch, node, f'description="{text}"')
            else:
                patch.replace(written, f'"{text}"')

        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN].rstrip()}..."
        yield proposal(
            model, f'Describe it as its docstring does: "{shown}"', Safety.UNSAFE, change
        )


def _summary(node: ast.AST) -> str:
    """The docstring's first paragraph, on one line."""
    text = ast.get_docstring(node) if isinstance(node, Definition) else None
    return " ".join((text or "").strip().split("\n\n")[0].split())
