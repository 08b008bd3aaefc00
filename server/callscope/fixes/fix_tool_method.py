"""Make a tool of a method."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from callscope.fixes._patch import Definition, Patch, bound_names, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.registrations import Registration
from callscope.rules.base import Finding


class FixToolMethod(FixProvider):
    """Puts a function around a method; or whatever is only executed in the function map."""

    codes = frozenset({"CB504"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """The function serves all ends; the map asks for no schema."""
        about = finding.about
        if not isinstance(about, Registration):
            return
        known, given = about.function, about.callback_node
        if known is not None and known.through == "method" and isinstance(given, ast.Attribute):
            yield proposal(
                model,
                f"Wrap it in a function `{known.name}`",
                Safety.SAFE,
                lambda patch: _wrap(patch, given, known),
            )
        names = [e.name for e in model.tools.executions if e.registration is about]
        here = [other for other in model.registrations if other.node is about.node]
        if about.call.method == "register_for_execution" and names[0] and len(here) == 1:
            yield proposal(
                model,
                "Put it in the function map, which takes whatever can be called",
                Safety.UNSAFE,
                lambda patch: _map(patch, about, str(names[0])),
            )


# -- a function around the method ----------------------------------------------------------------


def _wrap(patch: Patch, given: ast.Attribute, known: Callable) -> None:
    node, statement = known.node, patch.statement(given)
    if isinstance(node, ast.Lambda) or isinstance(statement, Definition | ast.ClassDef):
        raise CannotFix("not a method, or handed over in a decorator")
    _require_free(patch, known.name, statement)
    apart = "\n" * (1 if patch.function(statement) is not None else 2)
    holder, lines = given.value, ""
    kept = patch.text(holder)
    if isinstance(holder, ast.Call):
        owner = known.function.owner
        kept = patch.free_name(owner.name.lower() if owner is not None else "it")
        lines = f"{kept} = {patch.text(holder)}\n{apart}"
    lines += _function(patch, node, f"{kept}.{given.attr}") + apart
    patch.insert_before(statement, lines)
    patch.replace(given, known.name)


def _require_free(patch: Patch, name: str, near: ast.stmt) -> None:
    """Raises CannotFix where the new function would hide what its name means."""
    around = [above for above in patch.ancestors(near) if isinstance(above, Definition)]
    taken = {*patch.model.module_scope.names, *vars(builtins)}
    if name in taken.union(*map(bound_names, around)):
        raise CannotFix("the name is taken")


def _function(patch: Patch, node: Definition, called: str) -> str:
    """A function with the parameters of the method ``node``, which calls it."""
    spec = node.args
    if spec.posonlyargs or spec.vararg or spec.kwonlyargs or spec.kwarg or len(spec.args) < 1:
        raise CannotFix("parameters of other kinds")
    own = spec.args[1:]
    defaults = [None] * (len(own) - len(spec.defaults)) + [*spec.defaults]
    if len(defaults) != len(own) or any(_many_lines(part) for part in (*own, *spec.defaults)):
        raise CannotFix("not understood")
    listed = ", ".join(_parameter(patch, *pair) for pair in zip(own, defaults, strict=True))
    gives = f" -> {patch.text(node.returns)}" if node.returns is not None else ""
    is_async = isinstance(node, ast.AsyncFunctionDef)
    head = f"{'async ' * is_async}def {node.name}({listed}){gives}:"
    passed = ", ".join(parameter.arg for parameter in own)
    return f"{head}\n{patch.indent_unit}return {'await ' * is_async}{called}({passed})"


def _parameter(patch: Patch, node: ast.arg, default: ast.expr | None) -> str:
    if default is None:
        return patch.text(node)
    equals = " = " if node.annotation is not None else "="
    return f"{patch.text(node)}{equals}{patch.text(default)}"


def _many_lines(node: ast.AST) -> bool:
    return getattr(node, "lineno", 0) != getattr(node, "end_lineno", 0)


# -- the function map ----------------------------------------------------------------------------


def _map(patch: Patch, about: Registration, name: str) -> None:
    made = about.node
    call = patch.parents.get(id(made))
    if (
        not isinstance(call, ast.Call)
        or call.func is not made
        or call.args != [about.callback_node]
    ):
        raise CannotFix("not handed over in the call")
    if not isinstance(patch.parents.get(id(call)), ast.Expr):
        raise CannotFix("part of something else")
    if not isinstance(made, ast.Call) or not isinstance(made.func, ast.Attribute):
        raise CannotFix("not called on an agent")
    agent, tool = patch.text(made.func.value), patch.text(call.args[0])
    patch.replace(call, f'{agent}.register_function({{"{name}": {tool}}})')
