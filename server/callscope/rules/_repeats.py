"""What runs more than once in one process, and what is still there the next time."""

from __future__ import annotations

import ast

from callscope.model import Model, scope
from callscope.model.callables import Callable
from callscope.model.crossings import Crossing, WorkerHook
from callscope.model.events import Call, Root, Where
from callscope.model.registrations import Registration
from callscope.model.serving import served_again
from callscope.model.values import Function, Module
from callscope.source import walk

_ONE_RUN = ("multiprocessing.Process", "multiprocessing.get_context().Process", "threading.Thread")


def edited_lists(model: Model) -> set[str]:
    """The lists of callbacks that the program does more with than to count them: what it registers
    again, it may have taken out before."""
    lists = {name for name in ("hook_lists", "_reply_func_list") if model.mentions(name)}
    if not lists:
        return lists
    calls = [call for call in model.everything(ast.Call) if isinstance(call.func, ast.Name)]
    counted = {id(a) for call in calls if ast.unparse(call.func) == "len" for a in call.args}
    return {
        node.attr
        for node in model.everything(ast.Attribute)
        if node.attr in lists and id(node) not in counted
    }


def is_called_often(model: Model, hook: WorkerHook) -> bool:
    if hook.hook.engine == "huey":
        return model.deployment.has_threaded_huey
    return hook.hook.when == "again and again"


def is_certain(where: Where) -> bool:
    """Whether it happens in each turn of the loops around it, and whatever else is the case."""
    headers = [
        node.test if isinstance(node, ast.While) else node.iter
        for node in (loop.node for loop in where.loops)
        if isinstance(node, ast.For | ast.AsyncFor | ast.While)
    ]
    return all(any(test is header for header in headers) for test in where.branches)


def constructor(registration: Registration) -> tuple[ast.AST, Function] | None:
    """The construction whose ``__init__`` registers on an agent that is there before, and that is
    not passed to it."""
    agent = registration.agent
    made = agent.instance.call if agent is not None else None
    entered = registration.where.stack
    if made is None or not entered or entered[-1][1].name != "__init__":
        return None
    place, function = entered[-1]
    base: ast.AST = registration.node
    while isinstance(base, ast.Call | ast.Attribute | ast.Subscript):
        base = base.func if isinstance(base, ast.Call) else base.value
    given = {node.arg for node in walk(function.node.args) if isinstance(node, ast.arg)}
    passed = not isinstance(base, ast.Name) or base.id in given
    inside = any(node is place for node, _ in made.where.stack)
    return None if passed or inside else (place, function)


def executed_again(model: Model, module: Module) -> Call | None:
    """The call that executes a module which has been executed already."""
    if module is model.interpreter.main:
        return served_again(model)
    return next(
        (
            call
            for call in model.calls_to("importlib.reload")
            if call.arguments.get(0, "module") is module
        ),
        None,
    )


def drawn(model: Model, root: Root) -> Call | None:
    """The first call on the walk from ``root`` that puts something on a Streamlit page."""
    for call in model.calls_under("streamlit."):
        if call.where.root is root and not scope.is_remembered(call.where):
            return call
    return None


def runs_often(crossing: Crossing) -> bool:
    if crossing.function.name == "__init__" or (
        crossing.call is not None and crossing.call.path in _ONE_RUN
    ):
        return False
    return crossing.boundary.long_lived


def outlives(model: Model, registration: Registration, crossing: Crossing) -> bool:
    """Whether the agent is still there when the function runs the next time."""
    agent = registration.agent
    assert agent is not None
    made = agent.instance.call
    if made is None:
        return False
    if scope.is_long_lived(model, agent.instance):
        return True
    elsewhere = made.where.root is not registration.where.root
    if elsewhere and scope.is_kept(model, agent.instance):
        return True
    # An actor keeps what its ``__init__`` put on self.
    root = made.where.root.function
    return (
        crossing.function.owner is not None
        and root is not None
        and root.owner is crossing.function.owner
        and root.name == "__init__"
    )


def is_same_each_time(model: Model, known: Callable) -> bool:
    """Whether each run registers the very same object: a module's function, or a method of an
    object that stays."""
    function = known.function
    if known.through == "plain":
        return function.scope.parent is None and not isinstance(function.node, ast.Lambda)
    return (
        known.through == "method"
        and known.holder is not None
        and scope.is_long_lived(model, known.holder)
    )
