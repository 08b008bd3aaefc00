"""Look at a context variable that is set."""

from __future__ import annotations

import re
from collections.abc import Iterator

from callscope.contracts.classic.dispatch import CONTEXT_CONDITIONS
from callscope.fixes._arguments import write_string
from callscope.fixes._patch import Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.values import Constant
from callscope.rules.base import Finding

_MEANT = re.compile(r"did you mean '(\w+)'")


class FixVariable(FixProvider):
    """Corrects the name in a condition to one that is close to it."""

    codes = frozenset({"CB419"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Only where the finding names a variable that may be meant."""
        meant = _MEANT.search(finding.message)
        call = next((c for c in model.calls if model.range(c.node) == finding.range), None)
        row = CONTEXT_CONDITIONS.get(call.path or "") if call is not None else None
        if meant is None or call is None or row is None:
            return
        node, value = call.arguments.node(*row), call.arguments.get(*row)
        name = meant[1]

        def change(patch: Patch) -> None:
            if node is None or not isinstance(value, Constant):
                raise CannotFix("not written in the call")
            write_string(patch, node, re.sub(r"\w+", name, str(value.value).strip(), count=1))

        yield proposal(model, f"Look at the variable {name!r}", Safety.UNSAFE, change)
