"""Have an overridden built-in method called."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.classes import agent_class
from callscope.contracts.classic.dispatch import MANAGER_REPLIES
from callscope.fixes._patch import Definition, Patch
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.values import UserClass, outer_base
from callscope.rules.base import Finding


class FixOverride(FixProvider):
    """Registers a method in the place of the built-in one that it was to override."""

    codes = frozenset({"CB408"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``replace_reply_func`` where the object is initialised; or the async name."""
        found = _method_at(finding, model)
        if found is None or agent_class(outer_base(found[0])) is None:
            return
        owner, method = found
        if method.name == "get_human_input":
            if "async chats ask" in finding.message:
                yield _async_name(model, method)
            return
        name = method.name

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            of = "GroupChatManager" if name in MANAGER_REPLIES else "ConversableAgent"
            old = f"{patch.framework_name(of, owner.node)}.{name}"
            line = f"self.replace_reply_func({old}, {owner.name}.{name})"
            _initialise(patch, owner, method, line)
            return patch.finish()

        yield Proposal(
            f"Put `{owner.name}.{name}` in the place of the built-in one", Safety.UNSAFE, rewrite
        )


def _method_at(finding: Finding, model: Model) -> tuple[UserClass, Definition] | None:
    for owner in model.interpreter.classes:
        for statement in owner.node.body:
            if isinstance(statement, Definition) and model.range(statement) == finding.range:
                return owner, statement
    return None


def _async_name(model: Model, method: Definition) -> Proposal:
    def rewrite(text: str) -> str:
        patch = Patch(model, text)
        if isinstance(method, ast.AsyncFunctionDef):
            raise CannotFix("async already")
        patch.insert(patch.span(method)[0], "async ")
        patch.insert(model.source.offset(model.range(method).start), "a_")
        return patch.finish()

    title = f"Override the method that async chats ask: `async def a_{method.name}`"
    return Proposal(title, Safety.UNSAFE, rewrite)


def _initialise(patch: Patch, owner: UserClass, method: Definition, line: str) -> None:
    """Run ``line`` when an object is made, once its base is initialised."""
    made = next(
        (s for s in owner.node.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"),
        None,
    )
    if made is None:
        _add_init(patch, method, line)
        return
    for statement in made.body:
        if isinstance(statement, ast.Expr) and _is_super_init(statement.value):
            patch.put_after(statement, line)
            return
    raise CannotFix("no call of super().__init__")


def _is_super_init(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__"


def _add_init(patch: Patch, method: Definition, line: str) -> None:
    if not patch.owns_its_lines(method):
        raise CannotFix("statements share a line")
    unit = patch.indent_unit
    code = (
        f"def __init__(self, *args, **kwargs):\n{unit}super().__init__(*args, **kwargs)\n"
        f"{unit}{line}\n"
    )
    patch.insert_before(method, code)
