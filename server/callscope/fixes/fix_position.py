"""Put a reply function where it has its turn."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import written_argument
from callscope.fixes._patch import Patch
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding


class FixPosition(FixProvider):
    """Tries a reply function first that stands behind what always answers."""

    codes = frozenset({"CB404"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``position=0``, in front of all."""
        about = finding.about
        if not isinstance(about, Registration):
            return
        node = written_argument(model, about, "position")
        if node is None or (isinstance(node, ast.Constant) and node.value == 0):
            return

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            patch.replace(node, "0")
            return patch.finish()

        yield Proposal("Let it be tried first: `position=0`", Safety.UNSAFE, rewrite)
