"""What workers would have to do for a registration to hold in them, and how it is written down."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from callscope.fixes._carrying import Carrier, take_away, take_out_of, would_be_circular
from callscope.fixes._cst import Draft
from callscope.fixes._moving import blank_before, gap, lines_of, moved_text
from callscope.fixes._scopes import FunctionDef
from callscope.fixes._surroundings import Surroundings, after_a_chat, ways_out
from callscope.fixes.base import CannotFix
from callscope.model import Model, scope
from callscope.model.crossings import Crossing
from callscope.model.registrations import Registration
from callscope.project import Workspace
from callscope.source import SourceText


@dataclass(frozen=True)
class SetUp:
    """A registration with what belongs to it: a ``function`` of the module ``around`` that does
    nothing else, or ``statements`` that could stand in such a function."""

    around: Surroundings
    registration: Registration
    agent: str
    statements: list[ast.stmt]
    function: FunctionDef | None = None

    @property
    def call(self) -> ast.stmt:
        """The statement that calls the function, if there is only one in view and it does nothing
        else."""
        model = self.around.model
        nodes = {
            node
            for call in model.calls
            for node, function in call.where.stack
            if function.node is self.function
        }
        found = nodes.pop() if len(nodes) == 1 else None
        there = self.around.at(found) if found is not None else self.around
        statement = there.names.parents.get(found) if found is not None else None
        if not isinstance(statement, ast.Expr) or statement in there.tree.body:
            raise CannotFix("the function is not called in one place only")
        return statement

    @property
    def name(self) -> str:
        """What to call a function that does it."""
        return f"set_up_{self.agent.strip('_').lower()}"


def set_up_of(model: Model, registration: Registration) -> SetUp:
    """What to do in workers in place of ``registration``."""
    agent = registration.agent
    if agent is None or agent.instance.call is None:
        raise CannotFix("it is not known what it is registered on")
    around = Surroundings(model).at(registration.node)
    around.check()
    home = around.at(agent.instance.call.node)
    names = sorted(home.names_of(agent.instance))
    if not names:
        raise CannotFix("the agent has no name at module level")
    if after_a_chat(around, registration, {id(agent.instance)}):
        raise CannotFix("the agent has chatted before")
    owned = around.names_of(agent.instance)
    function = _function_that_only_registers(around, registration, owned)
    if function is not None:
        return SetUp(around, registration, names[0], [], function)
    statements = next(ways_out(around, registration, owned), None)
    if statements is None:
        raise CannotFix("it needs what is only known where it stands")
    return SetUp(around, registration, names[0], statements)


def _function_that_only_registers(
    around: Surroundings, registration: Registration, names: set[str]
) -> FunctionDef | None:
    owner = around.owner(registration.node)
    if not isinstance(owner, ast.FunctionDef) or owner not in around.tree.body:
        return None
    spec = owner.args
    takes = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
    if owner.decorator_list or any(takes):
        return None
    body = owner.body[1:] if ast.get_docstring(owner) is not None else owner.body
    return owner if all(around.is_setup(each, names) for each in body) else None


def crossings_that_lose(model: Model, registration: Registration) -> Iterator[Crossing]:
    """The places where work that uses the agent goes to workers that do not register."""
    assert registration.agent is not None
    for use in scope.uses_beyond(model, registration.agent):
        where = registration.where
        if not scope.runs_in(where, use.crossing) and not scope.is_worker_set_up(
            model, where, use.crossing
        ):
            yield use.crossing


def is_used_here(model: Model, registration: Registration) -> bool:
    """Whether the process that registers chats with the agent itself."""
    assert registration.agent is not None
    return any(
        scope.crossing_of(model, entry.where) is None
        and not scope.is_worker_set_up(model, entry.where)
        for entry in model.entries_of(registration.agent)
    )


@dataclass
class Writer:
    """Writes a function that does ``setup`` into the module ``home``, whose text is ``draft``.

    ``leaves`` says that the registration, or the call that leads to it, goes from where it is.
    """

    setup: SetUp
    home: Surroundings
    workspace: Workspace | None
    draft: Draft
    leaves: bool
    _definitions: list[str] = field(default_factory=list)
    _carrier: Carrier | None = None

    def body(self) -> str:
        """The statements of the function, indented once."""
        setup, unit = self.setup, self.draft.indent_unit
        if setup.around is self.home:
            if setup.function is not None:
                return f"{unit}{setup.function.name}(){self.draft.newline}"
            return "".join(self._moved(statement) for statement in setup.statements)
        carrier = Carrier(self.home, setup.around, self._workspace(), self.draft)
        self._carrier = carrier
        if setup.function is not None:
            text = f"{unit}{self._function(carrier, setup.function)}(){self.draft.newline}"
        else:
            texts = carrier.carry(setup.statements, unit)
            text = "".join(texts[len(carrier.brought) :])
            self._definitions = texts[: len(carrier.brought)]
        return self._imports(carrier) + text

    def insert(self, before: ast.stmt, code: str) -> None:
        """Put ``code``, whole lines of the top level, in front of a statement of the module."""
        if not self.draft.owns_its_lines(before):
            raise CannotFix("statements share a line")
        line = lines_of(self.draft, before).first
        around, end = gap(self.draft), self.draft.newline
        missing = max(around - blank_before(self.draft, line), 0) if line else 0
        blocks = [*self._definitions, code, ""]
        self.draft.insert_line(line, end * missing + (end * around).join(blocks))

    def texts(self) -> Iterator[tuple[SourceText, str]]:
        """The new texts of the files that change."""
        if self.leaves:
            gone, there = self._leaving()
            if there is self.home:
                take_out_of(self.draft, there, gone)
            else:
                draft = there.draft()
                take_away(draft, there, gone)
                yield there.source, draft.finish()
        elif self._carrier is not None and self._carrier.brought:
            raise CannotFix("what it needs is used where it was, too")
        yield self.home.source, self.draft.finish()

    def _leaving(self) -> tuple[list[ast.stmt], Surroundings]:
        """The statements that go, and the module they stand in."""
        if self.setup.function is None:
            brought = self._carrier.brought if self._carrier is not None else []
            return [*brought, *self.setup.statements], self.setup.around
        call = self.setup.call
        return [call], self.setup.around.at(call)

    # -- inside ----------------------------------------------------------------------------

    def _moved(self, statement: ast.stmt) -> str:
        draft = self.draft
        text = moved_text(
            draft, lines_of(draft, statement), draft.indent_of(statement), draft.indent_unit
        )
        return text + draft.newline * isinstance(statement, FunctionDef)

    def _workspace(self) -> Workspace:
        if self.workspace is None:
            raise CannotFix("in another module")
        return self.workspace

    def _function(self, carrier: Carrier, function: FunctionDef) -> str:
        """What to write for a function of another module."""
        for name, value in self.home.scope.names.items():
            if getattr(value, "node", None) is function:
                return name
        if not self._workspace().graph.importers(carrier.away.path):
            raise CannotFix("a script is not imported")
        return carrier.from_file(carrier.away.path, function.name)

    def _imports(self, carrier: Carrier) -> str:
        """Import what is needed; the lines for what has to be imported in the function."""
        workspace = self._workspace()
        if self.leaves:
            gone, there = self._leaving()
            draft = there.draft()
            take_away(draft, there, gone)
            left = replace(there.source, text=draft.finish(), _line_cache={})
            workspace = workspace.having(left) if there is not self.home else workspace
        lines = ""
        for file, name in carrier.needed:
            module = carrier.module_text(file)
            if would_be_circular(workspace, file, self.home.path):
                unit, end = self.draft.indent_unit, self.draft.newline
                lines += f"{unit}from {module} import {name}{end}{end}"
            else:
                carrier.import_at_top(file, name)
        return lines


def add_keyword(draft: Draft, call: ast.Call, code: str) -> None:
    """Put ``name=value`` behind the arguments of a call."""
    draft.folds = True
    items = [*call.args, *(keyword.value for keyword in call.keywords)]
    if any(keyword.arg is None for keyword in call.keywords) or any(
        isinstance(item, ast.Starred) for item in call.args
    ):
        raise CannotFix("not all arguments are known")
    if items:
        place = max(draft.end(item) for item in items)
        draft.change(place, place, f", {code}")
    else:
        place = draft.end(call) - 1
        draft.change(place, place, code)
