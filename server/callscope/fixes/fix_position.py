"""Put a reply function where it has its turn."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import add_keyword, written_argument
from callscope.fixes._patch import Patch
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding


class FixPosition(FixProvider):
    """Tries a reply function first that stands behind what always answers."""

    codes = frozenset({"CB403", "CB404"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``position=0``, in front of all."""
        about = finding.about
        if not isinstance(about, Registration):
            return
        node, call = written_argument(model, about, "position"), about.node
        if isinstance(node, ast.Constant) and node.value == 0:
            return
        if node is None and (about.kind != "nested" or not isinstance(call, ast.Call)):
            return

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            if node is not None:
                patch.replace(node, "0")
            elif isinstance(call, ast.Call):
                add_keyword(patch, call, "position=0")
            return patch.finish()

        yield Proposal("Let it be tried first: `position=0`", Safety.UNSAFE, rewrite)
