"""Which modules a worker imports before it runs a task."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from callscope.contracts.boundaries import APPLICATIONS, NAMES, PRELOADS
from callscope.model.crossings import Crossing
from callscope.model.events import Call, Where
from callscope.model.model import Model
from callscope.model.named import texts_in
from callscope.model.values import Constant, Module, Sequence, Value, path_of

_DASK_CLIENT = "dask.distributed.Client"
_DASK_CLUSTER = "dask.distributed.LocalCluster()"
_CELERY = "celery.Celery"
_CONF = f"{_CELERY}().conf"
_LISTINGS = ("include", "imports", "INCLUDE", "IMPORTS", "CELERY_INCLUDE", "CELERY_IMPORTS")
_EAGER = ("task_always_eager", "CELERY_TASK_ALWAYS_EAGER", "TASK_ALWAYS_EAGER")


def module_of(model: Model, where: Where) -> Module:
    """The module whose body runs at ``where``, or that defines the function which does."""
    if where.root.function is not None:
        return model.interpreter.module_of(where.root.function.scope)
    return where.root.module or model.interpreter.main


def worker_modules(model: Model, crossing: Crossing) -> set[Module]:
    """The modules that a worker executes before it runs the function of ``crossing``."""
    own = model.interpreter.module_of(crossing.function.scope)
    keeps, engine = crossing.boundary.keeps, crossing.boundary.engine
    first = {own}
    if keeps == "start-method" or (engine == "dask" and has_local_cluster(model)):
        first |= _modules_named_by(model, PRELOADS)
        first |= set() if is_run_as_package(model) else {model.interpreter.main}
    elif keeps == "by-value" and own is model.interpreter.main:
        # The function is sent as a copy; nothing is imported but what it imports itself.
        first.clear()
    elif engine == "celery":
        first |= _celery_modules(model)
    elif engine in ("web", "ui"):
        first |= {module_of(model, c.where) for c in model.calls_to(*APPLICATIONS)}
    return model.imported_with(first | _imported_by_work(model, crossing))


def _imported_by_work(model: Model, crossing: Crossing) -> set[Module]:
    """The modules that the function imports as it runs, or what it calls does."""
    return {
        event.module
        for event in model.interpreter.imports
        if event.where.root.function is not None
        and event.where.root.function.node is crossing.function.node
    }


def is_run_as_package(model: Model) -> bool:
    """Whether the script is the ``__main__.py`` of a package, run by ``python -m``: processes that
    are not forked import no such script again. Its relative imports say that it is not run by its
    path."""
    relative = (n for n in model.interpreter.tree.body if isinstance(n, ast.ImportFrom) and n.level)
    return model.source.path.name == "__main__.py" and any(relative)


def has_local_cluster(model: Model) -> bool:
    """Whether Dask's workers are certainly started by the script, so that they run it again."""
    places = [c.arguments.get(0, "address") for c in model.calls_to(_DASK_CLIENT)]
    return all(place is None or path_of(place) == _DASK_CLUSTER for place in places)


def includes_are_listed(model: Model) -> bool:
    """Whether the source says in full which modules a Celery worker imports."""
    return bool(_listings(model)) and all(_is_literal(value) for value in _listings(model))


def is_eager(model: Model) -> bool:
    """Whether Celery is told to run tasks where they are sent off."""
    return any(model.mentions(word) for word in _EAGER)


def _celery_modules(model: Model) -> set[Module]:
    """The modules that make a Celery application, and those that it is told to import."""
    found = {module_of(model, call.where) for call in model.calls_to(_CELERY)}
    names = [name for value in _listings(model) for name in texts_in(value)]
    names += [f"{name}.tasks" for call in _autodiscovers(model) for name in texts_in(_first(call))]
    return found | _called(model, names)


def _listings(model: Model) -> list[Value]:
    """Everything that says which modules Celery imports: an argument, a setting, the value of a
    name in a configuration module."""
    found: list[Value | None] = [_first(call) or Constant(None) for call in _autodiscovers(model)]
    found += [call.arguments.get(None, "include") for call in model.calls_to(_CELERY)]
    for call in model.calls_to(f"{_CONF}.update"):
        found += [call.arguments.get(None, name) for name in _LISTINGS]
    for name in _LISTINGS:
        found += model.interpreter.assigned.get(f"{_CONF}.{name}", ())
    for module in _modules_named_by(model, (f"{_CELERY}().config_from_object",)):
        found += [module.scope.names.get(name) for name in _LISTINGS]
    return [value for value in found if value is not None]


def _autodiscovers(model: Model) -> list[Call]:
    return model.calls_to(f"{_CELERY}().autodiscover_tasks")


def _first(call: Call) -> Value | None:
    return call.arguments.get(0, "packages")


def _is_literal(value: Value) -> bool:
    """Whether it is a list of texts; that it was handed on says nothing against it."""
    return isinstance(value, Sequence) and all(isinstance(item, Constant) for item in value.items)


def _modules_named_by(model: Model, paths: Iterable[str]) -> set[Module]:
    """The modules that calls of ``paths`` name as texts."""
    found: set[Module] = set()
    for path in paths:
        for call in model.calls_to(path):
            for name in NAMES[path]:
                found |= _called(model, texts_in(call.arguments.get(name.index, name.keyword)))
    return found


def _called(model: Model, names: Iterable[str]) -> set[Module]:
    """The modules in view that dotted names mean."""
    names = list(names)
    return {m for m in model.modules if any(_ends_in(m.path, name) for name in names)}


def _ends_in(file: Path, path: str) -> bool:
    """Whether ``file`` is the module that is imported as ``path``, from whatever folder."""
    parts = file.parent.parts if file.stem == "__init__" else (*file.parent.parts, file.stem)
    names = path.split(".")
    return list(parts[-len(names) :]) == names
