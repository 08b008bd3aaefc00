"""How the application in a program is served, and what that does to its main guard."""

from __future__ import annotations

from typing import Literal

from callscope.contracts.boundaries import APPLICATIONS
from callscope.contracts.boundaries.serving import RUNS, RUNS_BY_NAME, SPAWNS_WORKERS
from callscope.model.agents import Agent
from callscope.model.events import Call, Where
from callscope.model.model import Model
from callscope.model.values import Constant, Module, Value, literal, options, path_of
from callscope.model.worker_imports import module_of

Fate = Literal["lost", "refused", "copied", "deployed", "depends", "kept"]
"""What becomes of what the main guard does: lost in the workers that a call starts, or that it
refuses to start; done to another copy of the module; lost to the server that the deployment starts;
kept where the file is run as a script, and nowhere else; kept however it is run."""


def is_application(value: Value) -> bool:
    """Whether ``value`` is an application that a server serves."""
    made = {f"{path}()" for path in APPLICATIONS}
    return any(path_of(option) in made for option in options(value))


def fate_of_guard(model: Model, where: Where, agent: Agent) -> Fate:
    """What becomes of a registration on ``agent`` under the main guard at ``where``."""
    call = _serving_call(model, where)
    fate: Fate = "depends" if call is None else _fate_by_call(model, call, agent)
    if fate != "depends":
        return fate
    if any(
        _is_called(module, name) for module in model.modules for name in model.deployment.served
    ):
        return "deployed"
    return "kept" if model.deployment.runs_script(model.source.path) else "depends"


def serves(model: Model, where: Where) -> bool:
    """Whether the function that runs at ``where`` starts a server itself."""
    return not where.root.is_module and any(
        call.where.root is where.root for call in model.calls_to(*RUNS)
    )


def is_passed_over(model: Model, where: Where) -> bool:
    """Whether it happens in a function that makes an application and that nobody calls: the server
    is told to take another one from its module."""
    function = where.root.function
    if function is None or not any(is_application(v) for _, v in model.returned(function)):
        return False
    own = module_of(model, where)
    names = {name for path, name in model.deployment.served_names if _is_called(own, path)}
    return bool(names) and function.name not in names and names <= own.scope.names.keys()


def served_again(model: Model) -> Call | None:
    """The call by which the script has a server import it a second time; None if none does."""
    main = model.interpreter.main
    calls = [c for c in model.calls_to(*RUNS_BY_NAME) if c.where.root.module is None]
    return next((call for call in calls if _module_served(model, call) is main), None)


def _serving_call(model: Model, where: Where) -> Call | None:
    calls = model.calls_to(*RUNS)
    beside = [call for call in calls if call.where.root is where.root]
    return next(iter(beside or calls), None)


def _fate_by_call(model: Model, call: Call, agent: Agent) -> Fate:
    single = SPAWNS_WORKERS.get(call.path or "")
    if single is not None:
        if literal(call.arguments.get(None, single)) is True:
            return "kept"
        return "depends" if _workers(call) == 1 else "lost"
    if call.path not in RUNS_BY_NAME:
        return "depends"
    workers, served = _workers(call), _module_served(model, call)
    several = isinstance(workers, int) and workers > 1
    if several or literal(call.arguments.get(None, "reload")) is True:
        app = call.arguments.get(0, "app")
        refused = app is not None and is_application(app)
        return "refused" if refused else "lost" if served is not None else "depends"
    if served is None:
        return "depends"
    made = agent.instance.call
    if made is None or served is not model.interpreter.main:
        return "depends"
    return "copied" if module_of(model, made.where) is served else "depends"


def _workers(call: Call) -> object:
    return literal(call.arguments.get(None, "workers"))


def _module_served(model: Model, call: Call) -> Module | None:
    """The module that a server is told to import."""
    app = call.arguments.get(0, "app")
    if not isinstance(app, Constant) or not isinstance(app.value, str):
        return None
    found = model.interpreter.named(app.value.partition(":")[0])
    return found if isinstance(found, Module) else None


def _is_called(module: Module, name: str) -> bool:
    """Whether the dotted ``name`` means ``module``."""
    parts = module.path.with_suffix("").parts
    names = name.split(".")
    return list(parts[-len(names) :]) == names
