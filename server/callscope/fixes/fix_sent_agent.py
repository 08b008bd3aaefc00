"""Build an agent in the worker instead of sending it there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from callscope.fixes._cst import Draft
from callscope.fixes._factory import plan, write
from callscope.fixes._family import Family, family_of
from callscope.fixes._moving import Bodies, drop_item, remove_inside
from callscope.fixes._scopes import FunctionDef
from callscope.fixes._sharing import travels_by_value
from callscope.fixes._surroundings import Surroundings, stores
from callscope.fixes.base import CannotFix, Files, Safety, WideFixProvider, WideProposal
from callscope.model.agents import Agent
from callscope.model.events import Call
from callscope.rules import Finding
from callscope.source import SourceText

# Where the arguments for the worker's function stand: in a tuple, at this index or by this name.
_PACKED = {"apply": (1, "args"), "apply_async": (1, "args"), "Process": (3, "args")}
_DIRECT = {"submit": 1, "delay": 0, "remote": 0}


class BuildInWorker(WideFixProvider):
    """The worker's function loses the parameter and calls a factory."""

    codes = frozenset({"CB101"})
    order = 45

    def propose(self, finding: Finding, files: Files) -> Iterator[WideProposal]:
        """One proposal, for an agent that is named where it is sent, and used in one file only."""
        model = files.model
        if not isinstance(finding.about, Agent):
            return
        try:
            yield _with_factory_in_view(Surroundings(model), finding, finding.about)
            return
        except CannotFix:
            pass
        for cached in (False, True):
            try:
                around = Surroundings(model)
                sent = _sent(around, finding, finding.about)
                if cached and travels_by_value(around, {sent.function}):
                    continue
                family = family_of(
                    around,
                    [finding.about.instance],
                    with_partners=False,
                    from_handlers=False,
                    ignoring=sent.node,
                    wanted=sent.node.id,
                    files=files,
                )
                if family.importers:
                    raise CannotFix("other files use the agent")
                if family.exported != {sent.node.id}:
                    raise CannotFix("other agents of the group are used elsewhere")
                factory = plan(around.draft(), family)
            except CannotFix:
                continue
            how = f"`{factory.name}()` in `{sent.function.name}`, no longer sent there"
            history = "a fresh chat history per call"
            if cached:
                how = f"a cached {how}"
                history = "one agent per process"
            title = f"Build `{sent.node.id}` with {how} ({history})"
            yield WideProposal(
                title, Safety.UNSAFE, partial(_rewrite, around, family, sent, cached)
            )


@dataclass(frozen=True)
class _Sent:
    """``node`` is the argument, ``among`` what it stands in: a call or the tuple ``args=``."""

    node: ast.Name
    among: ast.Call | ast.Tuple
    function: FunctionDef
    parameter: ast.arg


def _with_factory_in_view(around: Surroundings, finding: Finding, agent: Agent) -> WideProposal:
    """For ``bot = build()`` in a function that sends ``bot``: the worker can call ``build``."""
    sent = _sent(around, finding, agent)
    sender = around.owner(sent.node)
    if sender is None:
        raise CannotFix("it is made at module level")
    makers = [
        statement
        for statement in sender.body
        if isinstance(statement, ast.Assign) and sent.node.id in stores(statement)
    ]
    made = makers[0].value if len(makers) == 1 and len(makers[0].targets) == 1 else None
    if not isinstance(made, ast.Call) or not isinstance(made.func, ast.Name):
        raise CannotFix("no factory makes it")
    build = around.names.bindings.get(made.func.id, [])
    if made.args or made.keywords or len(build) != 1 or not isinstance(build[0], FunctionDef):
        raise CannotFix("no factory makes it")
    title = (
        f"Build the agent with `{made.func.id}()` in `{sent.function.name}`, no longer sent there "
        "(a fresh chat history per call)"
    )
    mentions = [n for n in ast.walk(sender) if isinstance(n, ast.Name) and n.id == sent.node.id]
    idle = makers[0] if len(mentions) == 2 else None
    rewrite = partial(_rewrite_with, around, sent, made.func.id, idle)
    return WideProposal(title, Safety.UNSAFE, rewrite)


def _rewrite_with(
    around: Surroundings, sent: _Sent, build: str, idle: ast.stmt | None
) -> Iterator[tuple[SourceText, str]]:
    draft = around.draft()
    _drop_both(draft, sent)
    draft.insert_first(sent.function, f"{sent.parameter.arg} = {build}()")
    if idle is not None:
        remove_inside(draft, [idle], Bodies(around.tree))
    yield around.source, draft.finish()


def _sent(around: Surroundings, finding: Finding, agent: Agent) -> _Sent:
    loads = around.model.interpreter.loads
    for call in around.model.calls:
        method = call.method
        arguments = call.arguments
        among: ast.AST | None = call.node
        skipped = _DIRECT.get(method, 0)
        if method in _PACKED:
            among = arguments.node(*_PACKED[method])
        elif method not in _DIRECT:
            continue
        items = among.args if isinstance(among, ast.Call) else getattr(among, "elts", [])
        for number, item in enumerate(items):
            if not isinstance(item, ast.Name) or loads.get(id(item)) is not agent.instance:
                continue
            if not finding.range.contains(around.model.range(item).start):
                continue
            if not isinstance(among, ast.Call | ast.Tuple):
                raise CannotFix("the arguments are not written out")
            function = _function(around, call)
            return _Sent(item, among, function, _parameter(function, number - skipped))
    raise CannotFix("it is not sent as a plain argument")


def _function(around: Surroundings, call: Call) -> FunctionDef:
    """The function that gets the agent, if nobody else calls it."""
    found = {c.function.node for c in around.model.crossings if c.call is call}
    found |= {f.node for c, _, f in around.model.task_dispatches if c is call}
    if len(found) != 1:
        raise CannotFix("it is not known what runs in the worker")
    (function,) = found
    if not isinstance(function, FunctionDef) or function not in around.tree.body:
        raise CannotFix("it is not a function of the module")
    if len(around.names.uses.get(function.name, ())) != 1:
        raise CannotFix("somebody else may call it, too")
    return function


def _parameter(function: FunctionDef, index: int) -> ast.arg:
    spec = function.args
    positional = [*spec.posonlyargs, *spec.args]
    if spec.posonlyargs or not 0 <= index < len(positional):
        raise CannotFix("the parameter is not a plain one")
    if spec.defaults and index >= len(positional) - len(spec.defaults):
        raise CannotFix("the parameter has a default")
    if any(isinstance(d, ast.Call) and d.keywords for d in function.decorator_list):
        raise CannotFix("the decorator may say how it is called")
    return positional[index]


def _rewrite(
    around: Surroundings, family: Family, sent: _Sent, cached: bool
) -> Iterator[tuple[SourceText, str]]:
    draft = around.draft()
    factory = plan(draft, family)
    write(draft, around, family, factory, cached=cached)
    _drop_both(draft, sent)
    if sent.function not in family.users:
        draft.insert_first(sent.function, f"{sent.parameter.arg} = {factory.name}()")
    yield around.source, draft.finish()


def _drop_both(draft: Draft, sent: _Sent) -> None:
    """Remove the parameter and the argument."""
    spec = sent.function.args
    every: list[ast.AST] = [*spec.args]
    if len(every) > 1:
        drop_item(draft, every, sent.parameter)
    elif spec.vararg or spec.kwonlyargs or spec.kwarg:
        raise CannotFix("the other parameters are not plain ones")
    else:
        draft.replace(sent.parameter, "")
    items: list[ast.AST]
    if isinstance(sent.among, ast.Call):
        items = [*sent.among.args, *sent.among.keywords]
    else:
        items = [*sent.among.elts]
    if isinstance(sent.among, ast.Tuple) and len(items) <= 2:
        rest = [draft.text(item) for item in items if item is not sent.node]
        draft.replace(sent.among, f"({rest[0]},)" if rest else "()")
    elif len(items) > 1:
        drop_item(draft, items, sent.node)
    else:
        draft.replace(sent.node, "")
