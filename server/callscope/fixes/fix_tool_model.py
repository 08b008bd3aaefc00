"""Give an agent the configuration that it was not passed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import add_keyword
from callscope.fixes._patch import Definition, Patch, bound_names, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.model.values import Instance, Mapping, Value, path_of
from callscope.rules.base import Finding

_CONFIG = "llm_config"


class FixToolModel(FixProvider):
    """Passes the only configuration of the module to an agent that was given none."""

    codes = frozenset({"CB510"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Not to one that is said to have no model, nor to a user proxy, which needs none."""
        agent = finding.about.agent if isinstance(finding.about, Registration) else None
        made = agent.node if agent is not None else None
        names = model.module_scope.names
        found = [name for name, value in names.items() if _is_configuration(value)]
        if agent is None or not isinstance(made, ast.Call) or len(found) != 1:
            return
        if agent.argument(_CONFIG) is not None or agent.row.name == "UserProxyAgent":
            return

        def change(patch: Patch) -> None:
            _require_seen(patch, found[0], made)
            add_keyword(patch, made, f"{_CONFIG}={found[0]}")

        yield proposal(
            model,
            f"Give `{agent.label}` the model of `{found[0]}`",
            Safety.UNSAFE,
            change,
        )


def _is_configuration(value: Value) -> bool:
    if isinstance(value, Mapping):
        return "config_list" in value.items
    return isinstance(value, Instance) and path_of(value.type) == "autogen.LLMConfig"


def _require_seen(patch: Patch, name: str, made: ast.Call) -> None:
    """Raises CannotFix where ``name`` is bound further down, or means something else."""
    above = [node for node in patch.ancestors(made) if isinstance(node, Definition)]
    if any(name in bound_names(node) for node in above):
        raise CannotFix("means something else there")
    bound = [
        node
        for node in ast.walk(patch.tree)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
    ]
    if not above and not any(node.lineno < made.lineno for node in bound):
        raise CannotFix("bound further down")
