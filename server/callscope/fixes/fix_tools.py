"""Bring a tool and the agent that is asked to execute it together."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._names import name_after, name_there
from callscope.fixes._patch import Definition, Patch, proposal
from callscope.fixes._tools import rename_execution
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.registrations import Registration
from callscope.model.tools import Execution, ToolRequest, lacks_model
from callscope.model.values import Constant
from callscope.rules.base import Finding


class FixToolWithoutExecutor(FixProvider):
    """Registers a tool for execution on the agent that gets the call."""

    codes = frozenset({"CB501"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Move the registration that is on the wrong agent; else add one."""
        request = _request_of(finding, model)
        if request is None:
            return
        executor = _executor_for(request, model)
        if executor is None or not isinstance(request.about, Registration):
            return
        about = request.about
        own = [
            e for e in model.tools.executions if e.agent == request.asker and e.name == request.name
        ]
        who = f"`{executor.label}`, which gets the call"
        title = f"Register `{request.name}` for execution on {who}"
        alone = len(request.responders.agents) == 1

        def move(patch: Patch) -> None:
            for execution in own:
                _move(patch, execution, executor)

        def add(patch: Patch) -> None:
            _add(patch, about, request, executor)

        yield proposal(model, title, Safety.SAFE if alone else Safety.UNSAFE, move if own else add)


class FixCallerExecutorSwapped(FixProvider):
    """Exchanges the two agents of a ``register_function``."""

    codes = frozenset({"CB502"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``caller=`` and ``executor=`` change places."""
        about = finding.about
        if not isinstance(about, Registration) or not isinstance(about.node, ast.Call):
            return
        given = {k.arg: k.value for k in about.node.keywords}
        caller, executor = given.get("caller"), given.get("executor")
        if caller is None or executor is None:
            return

        def change(patch: Patch) -> None:
            before, after = patch.text(caller), patch.text(executor)
            patch.replace(caller, after)
            patch.replace(executor, before)

        yield proposal(
            model,
            f"Swap them: `caller={ast.unparse(executor)}, executor={ast.unparse(caller)}`",
            Safety.SAFE,
            change,
        )


class FixToolNames(FixProvider):
    """Lets a tool be executed under the name it is offered by."""

    codes = frozenset({"CB503"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """The registration for execution takes over the name."""
        about = finding.about
        asked = {link.range for link in finding.evidence}
        names = [
            request.name
            for request in model.tools.requests
            if model.range(request.node) in asked and request.name is not None
        ]
        if isinstance(about, Registration) and names:
            yield proposal(
                model,
                f"Register it for execution as {names[0]!r}",
                Safety.SAFE,
                lambda patch: rename_execution(patch, about, names[0]),
            )


# -- who is to execute -----------------------------------------------------------------------


def _request_of(finding: Finding, model: Model) -> ToolRequest | None:
    for request in model.tools.requests:
        same = request.about is finding.about or finding.about is None
        if same and model.range(request.node) == finding.range:
            return request
    for request in model.tools.requests:
        if finding.about is not None and request.about is finding.about:
            return request
    return None


def _executor_for(request: ToolRequest, model: Model) -> Agent | None:
    """The agent that gets the call; in a group the one that executes others, or has no model."""
    agents = [agent for agent in request.responders.agents if agent != request.asker]
    if len(agents) <= 1:
        return agents[0] if agents else None
    if request.responders.group is None:
        return None
    executing = [a for a in agents if any(e.agent == a for e in model.tools.executions)]
    silent = [a for a in agents if lacks_model(a, model)]
    for candidates in (executing, silent):
        if len(candidates) == 1:
            return candidates[0]
    return None


# -- edits -----------------------------------------------------------------------------------


def _move(patch: Patch, execution: Execution, executor: Agent) -> None:
    """The same registration on another agent."""
    node = execution.registration.node
    if not isinstance(node, ast.Call):
        raise CannotFix("not understood")
    if execution.registration.call.path == "autogen.register_function":
        given = next((k.value for k in node.keywords if k.arg == "executor"), None)
    else:
        given = node.func.value if isinstance(node.func, ast.Attribute) else None
    if given is None:
        raise CannotFix("not understood")
    patch.replace(given, name_there(patch, executor, node))


def _add(patch: Patch, about: Registration, request: ToolRequest, executor: Agent) -> None:
    node = about.node
    above = patch.parents.get(id(node))
    if about.call.method != "register_for_llm":
        return _add_call(patch, about, request, executor)
    if isinstance(above, Definition) and node in above.decorator_list:
        first = above.decorator_list[0]
        line = patch.before_on_line(patch.span(first)[0])
        if line.strip() != "@":
            raise CannotFix("not understood")
        name = name_there(patch, executor, above)
        start = patch.start(above)
        indent = line[: line.index("@")]
        patch.insert(start, f"@{name}.register_for_execution(){patch.newline}{indent}")
        return None
    call = patch.parents.get(id(node))
    statement = patch.statement(node)
    if (
        not isinstance(call, ast.Call)
        or call.func is not node
        or len(call.args) != 1
        or not isinstance(call.args[0], ast.Name | ast.Attribute)
        or not isinstance(statement, ast.Expr | ast.Assign)
        or statement.value is not call
    ):
        raise CannotFix("not understood")
    name = name_there(patch, executor, node)
    given = f'name="{request.name}"' if _is_named(about) else ""
    tool = patch.text(call.args[0])
    patch.put_after(statement, f"{name}.register_for_execution({given})({tool})")
    return None


def _is_named(about: Registration) -> bool:
    return isinstance(about.argument("name"), Constant)


def _add_call(patch: Patch, about: Registration, request: ToolRequest, executor: Agent) -> None:
    """For a tool of ``functions=[...]``: a call where both the agent and the tool are there."""
    tool, made, other = about.callback_node, about.node, executor.node
    names = [node for node in ast.walk(tool) if isinstance(node, ast.Name)] if tool else []
    wanted = [n for n in names if n.id == request.name]
    if request.origin != "functions" or not wanted or other is None:
        raise CannotFix("not understood")
    places = [patch.statement(made), patch.statement(other)]
    blocks = [patch.parents.get(id(place)) for place in places]
    if blocks[0] is not blocks[1]:
        raise CannotFix("made in different places")
    last = max(places, key=lambda place: place.lineno)
    call_name = name_after(patch, executor, last)
    patch.put_after(last, f"{call_name}.register_for_execution()({wanted[0].id})")
