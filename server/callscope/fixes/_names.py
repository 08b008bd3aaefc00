"""What a thing is called at a place in the file."""

from __future__ import annotations

import ast

from callscope.fixes._patch import Definition, Patch, bound_names, own_nodes, parameters_of
from callscope.fixes.base import CannotFix
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.values import Instance


def name_of_agent(model: Model, agent: Agent, near: ast.AST) -> str | None:
    """An expression that gives ``agent`` at ``near``: a variable or an attribute of ``self``."""
    patch = Patch(model)
    function = patch.function(near)
    inner: set[str] = set()
    if isinstance(function, Definition):
        found = _local_name(model, agent, function, near) or _attribute(model, agent, function)
        if found is not None:
            return found
        inner = bound_names(function)
    name = model.global_name(agent.instance)
    if name is None or name in inner:
        return _attribute_beside(patch, agent, near)
    return name if function is not None or _bound_before(patch, name, near) else None


def name_there(patch: Patch, agent: Agent, near: ast.AST) -> str:
    """The same, where there has to be one."""
    name = name_of_agent(patch.model, agent, near)
    if name is None:
        raise CannotFix("the agent has no name there")
    return name


def name_after(patch: Patch, agent: Agent, last: ast.stmt) -> str:
    """What ``agent`` is called right behind the statement ``last``."""
    statement = patch.statement(agent.node) if agent.node is not None else last
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if statement.value is agent.node and isinstance(target, ast.Name | ast.Attribute):
            return patch.text(target)
    return name_there(patch, agent, last)


def _local_name(model: Model, agent: Agent, function: Definition, near: ast.AST) -> str | None:
    """A local variable or parameter that is read as ``agent`` and bound before ``near``."""
    loads = model.interpreter.loads
    nodes = own_nodes(function)
    line = getattr(near, "lineno", 0)
    bound = {parameter.arg for parameter in parameters_of(function)} | {
        node.id
        for node in nodes
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.lineno < line
    }
    for node in nodes:
        known = isinstance(node, ast.Name) and loads.get(id(node)) is agent.instance
        if isinstance(node, ast.Name) and known and node.id in bound:
            return node.id
    for node in nodes:
        made = isinstance(node, ast.Assign) and node.value is agent.node and node.lineno < line
        if made and isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            return node.targets[0].id
    return None


def _attribute(model: Model, agent: Agent, function: Definition) -> str | None:
    """``self.user``, where ``self`` is the first parameter of ``function``."""
    positional = [*function.args.posonlyargs, *function.args.args]
    if not positional:
        return None
    first = positional[0].arg
    for node in own_nodes(function):
        if isinstance(node, ast.Name) and node.id == first:
            value = model.interpreter.loads.get(id(node))
            if isinstance(value, Instance):
                for name, attribute in value.attributes.items():
                    if attribute is agent.instance:
                        return f"{first}.{name}"
    return None


def _attribute_beside(patch: Patch, agent: Agent, near: ast.AST) -> str | None:
    """``team.user``, where ``team`` is named in the same simple statement."""
    statement = patch.statement(near)
    if not isinstance(statement, ast.Expr | ast.Assign | ast.Return):
        return None
    for node in ast.walk(statement):
        value = patch.model.interpreter.loads.get(id(node))
        if isinstance(node, ast.Name) and isinstance(value, Instance):
            for name, attribute in value.attributes.items():
                if attribute is agent.instance:
                    return f"{node.id}.{name}"
    return None


def _bound_before(patch: Patch, name: str, near: ast.AST) -> bool:
    """Whether a statement above ``near`` binds the module's ``name``."""
    line = patch.statement(near).lineno
    return any(
        isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Store)
        and node.lineno < line
        for node in ast.walk(patch.tree)
    )
