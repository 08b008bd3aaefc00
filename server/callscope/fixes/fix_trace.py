"""Trace a callback: say where it is registered, before its agent runs, and when it fires.

Each line names the process. Lines carry a mark, by which they are found and removed again.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from callscope.fixes._cst import Draft
from callscope.fixes._scopes import FunctionDef, Names
from callscope.fixes.base import CannotFix, Proposal, RefactoringProvider, Safety
from callscope.model import Model
from callscope.model.registrations import EntryCall, Registration
from callscope.model.values import External, path_of
from callscope.source import Range

_MARK = "  # callscope: trace"
_SIMPLE = ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign


class TraceCallback(RefactoringProvider):
    """Offered on a registration and on the ``def`` of a callback."""

    def propose(self, model: Model, span: Range) -> Iterator[Proposal]:
        """Trace the callbacks at ``span``, or remove the tracing that is there."""
        if model.parsed.problem is not None:
            return
        for callback in _callbacks_at(model, span):
            if _marked(callback.name).search(model.source.text):
                title = f"Remove the tracing of `{callback.name}`"
                yield Proposal(title, Safety.SAFE, partial(_without_trace, callback.name))
                continue
            verb = "log" if _logger(model) is not None else "print"
            yield Proposal(
                f"Trace `{callback.name}`: {verb} where it is registered, run and fired",
                Safety.SAFE,
                partial(_with_trace, model, callback),
            )


@dataclass(frozen=True)
class _Callback:
    """A function that is registered somewhere. ``name`` says the class of a method, too."""

    name: str
    node: FunctionDef
    registrations: tuple[Registration, ...]


def _callbacks_at(model: Model, span: Range) -> Iterator[_Callback]:
    by_node: dict[FunctionDef, list[Registration]] = {}
    for registration in model.registrations:
        known = registration.function
        if known is not None and isinstance(known.node, FunctionDef):
            by_node.setdefault(known.node, []).append(registration)
    for node, registrations in by_node.items():
        lines = range(span.start.line, span.end.line + 1)
        places = [model.range(node), *(model.range(r.node) for r in registrations)]
        here = any(p.start.line <= lines[-1] and p.end.line >= lines[0] for p in places)
        if here:
            known = registrations[0].function
            owner = known.function.owner if known is not None else None
            name = f"{owner.name}.{node.name}" if owner is not None else node.name
            yield _Callback(name, node, tuple(registrations))


# -- tracing -------------------------------------------------------------------------------


def _with_trace(model: Model, callback: _Callback, text: str) -> str:
    if text != model.source.text:
        raise CannotFix("the text has changed")
    draft = Draft(model.source, model.parsed.tree)
    names = Names(draft.tree)
    writer = _Writer(draft, callback.name, _logger(model))
    writer.need_os()
    done: set[ast.stmt] = set()
    for registration in callback.registrations:
        statement = names.statement_of(registration.node)
        if statement is not None and statement not in done:
            done.add(statement)
            agent = registration.agent.label if registration.agent is not None else "an agent"
            writer.beside(statement, f"registered on {agent}", after=True)
    for entry in _entries(model, callback):
        statement = names.statement_of(entry.node)
        if statement is not None and statement not in done:
            done.add(statement)
            agent = f"{entry.agent.label}." if entry.agent is not None else ""
            writer.beside(statement, f"before {agent}{entry.method}", after=False)
    writer.first_in(callback.node, "fired")
    return draft.finish()


def _entries(model: Model, callback: _Callback) -> Iterator[EntryCall]:
    """The calls that may make the callback fire: on its agents, and on the groups they are in."""
    agents = {r.agent for r in callback.registrations if r.agent is not None}
    for group in model.group_chats:
        if agents & set(group.members):
            agents.update(group.managers)
    for entry in model.entry_calls:
        if entry.agent in agents or entry.partner in agents:
            yield entry


def _logger(model: Model) -> str | None:
    """What to log with, if the module logs and can from its first statement on."""
    bound = {}
    for node in model.parsed.tree.body:
        documents = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if documents or isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            break
        bound[node.targets[0].id] = node
    names = model.module_scope.names
    for name in bound:
        if path_of(names.get(name, External("?"))) == "logging.getLogger()":
            return name
    if isinstance(names.get("logging"), External) and path_of(names["logging"]) == "logging":
        return "logging.getLogger(__name__)"
    return None


class _Writer:
    """Writes traced lines into a draft, one line each, so that they can be removed again."""

    def __init__(self, draft: Draft, callback: str, logger: str | None) -> None:
        self._draft = draft
        self._callback = callback
        self._logger = logger
        self._os = "os"

    def need_os(self) -> None:
        """Import ``os`` if the module has not, on a line of its own."""
        for node in self._draft.tree.body:
            for alias in node.names if isinstance(node, ast.Import) else ():
                if alias.name == "os" or (alias.name.startswith("os.") and not alias.asname):
                    self._os = alias.asname or "os"
                    return
        statement = f"import os{_MARK}"
        if "os" in self._draft.names:
            # A function that imports it has a name of its own, which is not bound before that.
            if "_os" in self._draft.names:
                raise CannotFix("os and _os mean something else here")
            self._os = "_os"
            statement = f"import os as _os{_MARK}"
        line = self._draft.first_line(_first_after_future(self._draft.tree))
        self._draft.insert_line(line, statement + self._draft.newline)

    def beside(self, statement: ast.stmt, event: str, *, after: bool) -> None:
        """Trace before a statement, or behind it where it is certain to get there."""
        draft = self._draft
        begins = draft.source.text[draft.start(statement) : draft.start(statement) + 4]
        if not draft.owns_its_lines(statement) or begins == "elif":
            return
        behind = draft.last_line(statement) + 1
        ended = behind < draft.source.line_count
        line = draft.first_line(statement)
        if after and ended and isinstance(statement, _SIMPLE | FunctionDef):
            line = behind
        draft.insert_line(line, draft.indent_of(statement) + self._line(event))

    def first_in(self, function: FunctionDef, event: str) -> None:
        """Trace first in a function, behind its docstring."""
        draft = self._draft
        first = function.body[0]
        line = draft.header_end(function) + 1
        if draft.first_line(first) < line:
            raise CannotFix("the body stands on the line of its header")
        if ast.get_docstring(function, clean=False) is not None:
            line = draft.last_line(first) + 1
        documented = line != draft.header_end(function) + 1
        if line >= draft.source.line_count or (documented and not draft.owns_its_lines(first)):
            raise CannotFix("there is no line of its own for it")
        draft.insert_line(line, draft.indent_of(first) + self._line(event))

    def _line(self, event: str) -> str:
        message = re.sub(r"[{}\"\\%]", "", f"{self._callback}: {event}, process ")
        pid = f"{self._os}.getpid()"
        if self._logger is not None:
            call = f'{self._logger}.info("{message}%s", {pid})'
        else:
            call = f'print(f"[trace] {message}{{{pid}}}", flush=True)'
        return f"{call}{_MARK} {self._callback}{self._draft.newline}"


def _first_after_future(tree: ast.Module) -> ast.stmt:
    body = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
    for node in body:
        if not isinstance(node, ast.ImportFrom) or node.module != "__future__":
            return node
    raise CannotFix("there is nothing to trace")


# -- and back ------------------------------------------------------------------------------


def _marked(name: str) -> re.Pattern[str]:
    return re.compile(rf"^[^\r\n]*{_MARK} {re.escape(name)}(?:\r\n|\r|\n|\Z)", re.MULTILINE)


def _without_trace(name: str, text: str) -> str:
    text = _marked(name).sub("", text)
    for written, name_used in (("import os", "os"), ("import os as _os", "_os")):
        line = re.compile(rf"^{written}{_MARK}(?:\r\n|\r|\n|\Z)", re.MULTILINE)
        without_import = line.sub("", text)
        if not re.search(rf"\b{name_used}\.", without_import):
            text = without_import
    return text
