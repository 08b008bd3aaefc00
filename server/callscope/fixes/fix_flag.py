"""Set the flag that asks for what is not there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import add_keyword, expression_at, written_argument
from callscope.fixes._patch import Patch
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding


class FixNestedAsync(FixProvider):
    """Makes nested chats sync, as the chat around them is."""

    codes = frozenset({"CB306"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``use_async=False``."""
        about = finding.about
        if not isinstance(about, Registration):
            return
        node = written_argument(model, about, "use_async")
        if not isinstance(node, ast.Constant):
            return

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            patch.replace(node, "False")
            return patch.finish()

        yield Proposal("Make the nested chats sync: `use_async=False`", Safety.SAFE, rewrite)


class FixTransformLogs(FixProvider):
    """Does not ask a transform for its logs."""

    codes = frozenset({"CB220"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``verbose=False``, where the logs are all that is missing."""
        node = expression_at(model, finding.range)
        if node is None or "`get_logs`" not in finding.message:
            return

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            above = patch.parents.get(id(node))
            call = patch.parents.get(id(above)) if isinstance(above, ast.keyword) else above
            if not isinstance(call, ast.Call):
                raise CannotFix("not written in the call")
            given = next((k.value for k in call.keywords if k.arg == "verbose"), None)
            if given is not None:
                patch.replace(given, "False")
            else:
                add_keyword(patch, call, "verbose=False")
            return patch.finish()

        yield Proposal("Do without logs: `verbose=False`", Safety.SAFE, rewrite)
