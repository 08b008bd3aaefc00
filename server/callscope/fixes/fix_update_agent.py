"""Hand over what updates an agent in the form it is wanted in."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.fixes._arguments import as_list, expression_at
from callscope.fixes._patch import Definition, Patch, proposal
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.registrations import Registration
from callscope.rules.base import Finding

_SCOPES = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.NamedExpr


class FixUpdateSystemMessage(FixProvider):
    """Annotates the function with ``-> str``."""

    codes = frozenset({"CB211"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Only where annotations are not text by a ``__future__`` import; a function for a
        lambda, which cannot be annotated."""
        about = finding.about
        known = about.function if isinstance(about, Registration) else None
        if not isinstance(about, Registration) or known is None:
            return
        if isinstance(known.node, ast.Lambda):
            if known.node is about.callback_node:
                yield _as_function(model, known.node)
            return
        node = known.node
        plain = node.returns is None or isinstance(node.returns, ast.Constant)

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            if node.returns is not None:
                patch.replace(node.returns, "str")
            else:
                patch.insert(_end_of_parameters(patch, node), " -> str")
            return patch.finish()

        yield Proposal(
            f"Annotate `{known.name}` with `-> str`",
            Safety.SAFE if plain else Safety.UNSAFE,
            rewrite,
        )


class FixUpdateStateList(FixProvider):
    """Puts the function in a list."""

    codes = frozenset({"CB212"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``[update]``; a list for a tuple."""
        node = expression_at(model, finding.range)
        if node is None:
            return

        def rewrite(text: str) -> str:
            patch = Patch(model, text)
            if isinstance(node, ast.Tuple):
                as_list(patch, node)
            else:
                start, end = patch.span(node)
                patch.insert(start, "[")
                patch.insert(end, "]")
            return patch.finish()

        yield Proposal("Make it a list", Safety.SAFE, rewrite)


def _as_function(model: Model, node: ast.Lambda) -> Proposal:
    """A function with the annotation, in front of the statement that holds the lambda."""
    name = Patch(model).free_name("update_system_message")

    def change(patch: Patch) -> None:
        statement = patch.statement(node)
        around = list(patch.ancestors(node))
        if any(isinstance(above, _SCOPES) for above in around[: around.index(statement)]):
            raise CannotFix("it sees names that a function in front of the statement does not")
        if isinstance(patch.parents.get(id(statement)), ast.ClassDef):
            raise CannotFix("it would become a method")
        if (
            not isinstance(statement, ast.Expr | ast.Assign | ast.Return)
            or node.lineno != node.end_lineno
        ):
            raise CannotFix("not understood")
        parameters = ast.unparse(node.args)
        lines = (
            f"def {name}({parameters}) -> str:\n{patch.indent_unit}return {patch.text(node.body)}"
        )
        patch.insert_before(statement, lines)
        patch.replace(node, name)

    return proposal(model, f"Make a function of it: `{name}(...) -> str`", Safety.SAFE, change)


def _end_of_parameters(patch: Patch, node: Definition) -> int:
    """The offset behind the closing parenthesis of a function's parameters."""
    depth = 0
    for token in patch.tokens_of(node):
        if token.text in ("(", "[", "{"):
            depth += 1
        elif token.text in (")", "]", "}"):
            depth -= 1
            if depth == 0 and token.text == ")":
                return token.end
    raise CannotFix("not understood")
