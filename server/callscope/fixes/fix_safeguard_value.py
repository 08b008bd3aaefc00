"""Let a hook rewrite the messages that is able to."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.callbacks import HOOKS
from callscope.fixes._arguments import write_string, written_argument
from callscope.fixes._patch import proposal
from callscope.fixes.base import FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding

# The hooks whose value AutoGen goes on with, by the safeguard that sees the same thing. What a
# model gives back has none: a hook before sending is called in another way, and for more.
_TAKES_VALUE = {"safeguard_llm_inputs": "process_all_messages_before_reply"}


class FixSafeguardValue(FixProvider):
    """Registers a rewriting safeguard as the hook that may rewrite."""

    codes = frozenset({"CB213"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Only the name changes; that the function fits is checked."""
        about = finding.about
        if not isinstance(about, Registration) or about.function is None:
            return
        name = _TAKES_VALUE.get(about.hook_name or "")
        node = written_argument(model, about, "hookable_method")
        if name is None or node is None:
            return
        if about.function.mismatch(HOOKS[name].callback.shape) is None:
            yield proposal(
                model,
                f"Register it as `{name}`, which may change the messages",
                Safety.UNSAFE,
                lambda patch: write_string(patch, node, name),
            )
