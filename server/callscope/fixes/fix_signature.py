"""Give a callback the parameters that AutoGen passes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from callscope.contracts.classic.callbacks import HUMAN_INPUT, HUMAN_INPUT_IOSTREAM, CallShape
from callscope.fixes._parameters import Entry, Item, ParameterList
from callscope.fixes._patch import Patch, body_of, bound_names, uses_of
from callscope.fixes._references import is_only_used_as_callback, may_be_changed
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.registrations import Registration
from callscope.model.values import Function, UserClass
from callscope.rules.base import Finding

# Other names people give to what AutoGen passes; all are compared without outer underscores.
_OTHER_NAMES = {
    "recipient": ("receiver", "agent", "self_agent", "to", "target"),
    "messages": ("msgs", "message_list", "msg_list", "history", "chat_history", "chat_messages",
                 "conversation", "message_history", "all_messages", "message_log"),
    "sender": ("sender_agent", "from_agent", "source", "speaker", "author", "origin", "frm"),
    "config": ("cfg", "conf", "configuration", "settings", "options"),
    "message": ("msg", "content", "text", "last_message", "body", "outgoing"),
    "content": ("message", "msg", "text", "last_message", "last", "received"),
    "silent": ("quiet", "is_silent"),
    "last_speaker": ("speaker", "last", "previous_speaker", "current_speaker", "last_agent"),
    "groupchat": ("group_chat", "group", "gc", "chat"),
    "agent": ("recipient", "bot", "assistant"),
    "response": ("result", "output", "reply"),
    "tool_input": ("func_call", "tool_call", "call"),
    "human_input": ("text", "user_input"),
}  # fmt: skip

# What a single message is called, and how it is had from the list of all.
_LAST_MESSAGE = ("message", "msg", "last_message", "last_msg", "incoming")
_LAST_TEXT = ("content", "text", "last_content", "prompt", "question")


@dataclass
class Plan:
    """What becomes of a function: its parameters, and what its body needs besides.

    ``renamed`` maps old names to new ones used in the body; ``derived`` are names that are no
    longer parameters, with what stands for them now. ``guessed`` says that a parameter the body
    uses is taken for the recipient though its name does not say so.
    """

    entries: list[Entry] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    derived: dict[str, str] = field(default_factory=dict)
    guessed: bool = False

    @property
    def is_sure(self) -> bool:
        """Whether only the parameter list changes, and each parameter's meaning is known."""
        return not (self.renamed or self.derived or self.guessed)


class FixSignature(FixProvider):
    """Changes the parameters of a function to the call that AutoGen makes."""

    codes = frozenset({"CB201", "CB204", "CB205"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Take the method from its class instead of from ``self``; else adapt the parameters."""
        about = finding.about
        if isinstance(about, Function):
            yield from _override(about, model)
        if not isinstance(about, Registration) or about.contract is None:
            return
        known = about.function
        if known is None:
            return
        shape = about.contract.shape
        misfit = known.misfit(shape)
        if misfit is not None and misfit[0] is not known:
            # It is a function behind a wrapper that does not fit, and the wrapper is all that
            # AutoGen calls.
            return
        unbound = _unbound(known, about, shape, model)
        if unbound is not None:
            yield unbound
        adapted = _adapted(known, about, shape, model)
        if adapted is not None:
            yield adapted


def _adapted(
    known: Callable, about: Registration, shape: CallShape, model: Model
) -> Proposal | None:
    try:
        patch = Patch(model)
        if not may_be_changed(patch, known, about):
            return None
        parameters = ParameterList(patch, known.node)
        plan = _Planner(known, shape, parameters).plan()
        safe = plan.is_sure and is_only_used_as_callback(patch, known, about)
    except CannotFix:
        return None
    names = ", ".join(
        entry.name for entry in plan.entries[1 if known.bound else 0 :] if entry.name not in "/*"
    )
    title = f"Give {_named(known)} the parameters AutoGen passes: ({names})"
    for old, new in plan.derived.items():
        title += f"; `{old}` becomes `{new}`"

    def rewrite(text: str) -> str:
        patch = Patch(model, text)
        ParameterList(patch, known.node).rewrite(plan.entries)
        _rename(patch, known, plan.renamed)
        _derive(patch, known, plan.derived)
        return patch.finish()

    return Proposal(title, Safety.SAFE if safe else Safety.UNSAFE, rewrite)


def _override(method: Function, model: Model) -> Iterator[Proposal]:
    """A method of the framework that the file overrides: what AutoGen passes besides, optional."""
    row = HUMAN_INPUT if model.release in HUMAN_INPUT.versions else HUMAN_INPUT_IOSTREAM
    known = Callable(method, bound=method.kind != "static")
    try:
        parameters = ParameterList(Patch(model), known.node)
        plan = _Planner(known, row.shape, parameters).plan()
    except CannotFix:
        return
    kept = [entry.item for entry in plan.entries if entry.item is not None]
    added = [entry for entry in plan.entries if entry.item is None]
    if not plan.is_sure or kept != parameters.items or not all(e.has_default for e in added):
        return
    names = ", ".join(f"`{entry.name}`" for entry in added)

    def rewrite(text: str) -> str:
        patch = Patch(model, text)
        ParameterList(patch, known.node).rewrite(plan.entries)
        return patch.finish()

    yield Proposal(f"Let `{known.name}` take {names} as well", Safety.SAFE, rewrite)


def _named(known: Callable) -> str:
    return "the lambda" if isinstance(known.node, ast.Lambda) else f"`{known.name}`"


# -- the plan --------------------------------------------------------------------------------


class _Planner:
    """Finds a place for each parameter in AutoGen's call, and a parameter for each argument."""

    def __init__(self, known: Callable, shape: CallShape, parameters: ParameterList) -> None:
        self.known = known
        self.shape = shape
        skipped = (1 if known.bound else 0) + known.filled
        free = [item for item in parameters.items if item.kind == "plain"][skipped:]
        keywords = [item for item in parameters.items if item.kind == "keyword"]
        self.given = [item for item in parameters.items if item.kind == "plain"][:skipped]
        self.lacks_self = known.bound and bool(self.given) and self._is_role(self.given[0])
        if self.lacks_self:
            free.insert(0, self.given.pop(0))
        self.free = [item for item in free if item.name not in known.preset]
        self.keyword_only = [item for item in keywords if item.name not in known.preset]
        self.preset = [i for i in [*free, *keywords] if i.name in known.preset]
        self.rest = next((item for item in parameters.items if item.kind == "rest"), None)
        self.items = parameters.items
        self.plan_ = Plan()

    def plan(self) -> Plan:
        """The plan; raises :class:`CannotFix` where there is no plain one."""
        if self.known.through == "partial" and self.preset:
            raise CannotFix("not understood")
        plan = self._by_keyword() if self.shape.keywords else self._by_position()
        if self.lacks_self:
            first = "cls" if self.known.function.kind == "class" else "self"
            self._refuse_if_taken(first)
            plan.entries.insert(0, Entry(None, first))
        return plan

    def _is_role(self, item: Item) -> bool:
        """Whether a method's first parameter was written for what AutoGen passes, not ``self``."""
        return self.known.filled == 0 and any(
            item.name in (role, *_OTHER_NAMES.get(role, ())) for role in self.shape.parameters()
        )

    # -- a call with keywords, such as a reply function's ------------------------------------

    def _by_keyword(self) -> Plan:
        roles = self._roles()
        taken = {item.index for item in roles.values()}
        first = self._recipient(taken)
        taken.update(item.index for item in first)
        last = self._last_message(roles, taken)
        # What a default makes optional may stay; what is not used may go.
        for item in [*self.free, *self.keyword_only]:
            if item.index in taken or item.has_default:
                continue
            if self._uses(item.name):
                if item not in last:
                    raise CannotFix("not understood")
                self.plan_.derived[item.name] = last[item]
        names = {item.index: role for role, item in roles.items()}
        kept = [item for item in self.items if self._stays(item, taken, first)]
        entries = [Entry(item, self._renamed(item, names.get(item.index))) for item in kept]
        self._place_recipient(entries, first)
        self._add_missing(entries, roles)
        self.plan_.entries = _with_defaults_last(entries)
        return self.plan_

    def _roles(self) -> dict[str, Item]:
        """The keyword each parameter is for: its own name, another name for it, or its place."""
        roles: dict[str, Item] = {}
        candidates = [*self.free, *self.keyword_only]
        for item in candidates:
            if item.name in self.shape.keywords:
                roles[item.name] = item
        expected = self.shape.parameters()
        # Of two with names for the same, the one in its place goes first.
        in_place = [
            item
            for item, role in zip(self.free, expected, strict=False)
            if self._role_named(item.name) == role
        ]
        for item in [*in_place, *candidates]:
            role = self._role_named(item.name)
            if item not in roles.values() and role is not None and role not in roles:
                roles[role] = item
        if len(self.free) == len(expected) and not self.keyword_only:
            for item, role in zip(self.free, expected, strict=True):
                free = item not in roles.values() and not item.is_option
                if role in self.shape.keywords and role not in roles and free:
                    roles[role] = item
        return roles

    def _role_named(self, name: str) -> str | None:
        bare = name.strip("_").lower()
        if name in self.shape.positional or bare in self.shape.positional:
            return None
        for keyword in self.shape.keywords:
            if bare == keyword or bare in _OTHER_NAMES.get(keyword, ()):
                return keyword
        return None

    def _recipient(self, taken: set[int]) -> list[Item]:
        """The parameters that take what is passed by position."""
        wanted = len(self.shape.positional)
        found: list[Item] = []
        for item in self.free:
            bare = item.name.strip("_").lower()
            if len(found) == wanted or item.index in taken:
                continue
            if "messages" in self.shape.keywords and bare in (*_LAST_MESSAGE, *_LAST_TEXT):
                continue
            # Behind the parameters known it takes a name that says so.
            known_name = bare in self.shape.positional or bare in _OTHER_NAMES["recipient"]
            if known_name or not any(index < item.index for index in taken):
                found.append(item)
                complete = len(self.free) == len(self.shape.parameters())
                if not known_name and not complete and self._uses(item.name):
                    self.plan_.guessed = True
        return found

    def _last_message(self, roles: dict[str, Item], taken: set[int]) -> dict[Item, str]:
        """Parameters that mean the last message, with what to write for each."""
        if "messages" not in self.shape.keywords or "message" in self.shape.keywords:
            return {}
        name = roles["messages"].name if "messages" in roles else "messages"
        name = "messages" if name != "messages" else name
        found: dict[Item, str] = {}
        for item in [*self.free, *self.keyword_only]:
            bare = item.name.strip("_").lower()
            if item.index in taken or bare not in (*_LAST_MESSAGE, *_LAST_TEXT):
                continue
            is_text = bare in _LAST_TEXT or self._is_text(item)
            found[item] = f'{name}[-1]["content"]' if is_text else f"{name}[-1]"
        return found

    def _is_text(self, item: Item) -> bool:
        """Whether the body treats a message as its text."""
        annotation = item.node.annotation if item.node is not None else None
        if annotation is not None:
            return isinstance(annotation, ast.Name) and annotation.id == "str"
        used = {id(use) for use in self._uses(item.name)}
        for part in body_of(self.known.node):
            for node in ast.walk(part):
                if isinstance(node, ast.Attribute) and id(node.value) in used:
                    return node.attr in _TEXT_METHODS
                if isinstance(node, ast.Subscript) and id(node.value) in used:
                    return False
                if isinstance(node, ast.Compare | ast.BinOp | ast.FormattedValue):
                    around = node.comparators if isinstance(node, ast.Compare) else [node]
                    if any(id(n) in used for a in around for n in ast.iter_child_nodes(a)):
                        return True
                    if any(id(a) in used for a in around):
                        return True
        return False

    def _stays(self, item: Item, taken: set[int], first: list[Item]) -> bool:
        if item.kind == "/":
            # Whatever is passed by keyword must not stand before the slash.
            before = [i for i in self.items[: item.index] if i.kind == "plain"]
            return all(i in (*self.given, *first) for i in before)
        if item.kind == "*":
            return any(i.index in taken or i.has_default for i in self.keyword_only)
        if item.kind in ("rest", "keywords") or item in self.given or item in self.preset:
            return True
        return item.index in taken or item.has_default

    def _renamed(self, item: Item, role: str | None) -> str:
        if role is None or item.name == role:
            return item.name
        self._refuse_if_taken(role)
        if self._uses(item.name):
            self.plan_.renamed[item.name] = role
        return role

    def _place_recipient(self, entries: list[Entry], first: list[Item]) -> None:
        """What is passed by position comes first, right after ``self``."""
        start = len(self.given)
        for number, role in enumerate(self.shape.positional):
            if number < len(first):
                entry = next(e for e in entries if e.item is first[number])
                entries.remove(entry)
            elif self.rest is not None and not self.free:
                return
            else:
                self._refuse_if_taken(role)
                entry = Entry(None, role)
            entries.insert(start + number, entry)

    def _add_missing(self, entries: list[Entry], roles: dict[str, Item]) -> None:
        if any(item.kind == "keywords" for item in self.items):
            return
        before: int | None = None
        for role in self.shape.keywords:
            if role in roles:
                before = next(n for n, e in enumerate(entries) if e.item is roles[role])
                continue
            self._refuse_if_taken(role)
            place = before + 1 if before is not None else self._first_keyword_place(entries)
            entries.insert(place, Entry(None, role, "None"))
            before = place

    def _first_keyword_place(self, entries: list[Entry]) -> int:
        if self.rest is not None and not self.free:
            return next(n for n, e in enumerate(entries) if e.item is self.rest) + 1
        return len(self.given) + len(self.shape.positional)

    # -- a call without keywords, such as a hook's -------------------------------------------

    def _by_position(self) -> Plan:
        wanted = self.shape.positional
        if self.keyword_only and any(not item.has_default for item in self.keyword_only):
            raise CannotFix("not understood")
        required = [item for item in self.free if not item.has_default]
        if len(required) > len(wanted):
            chosen = self._chosen(required, wanted)
        elif len(self.free) < len(wanted) and self.rest is None:
            chosen = self._filled(wanted)
        elif self.lacks_self:
            chosen = [*self.free[: len(wanted)]]
        else:
            raise CannotFix("not understood")
        dropped = [item for item in required if item not in chosen]
        if any(self._uses(item.name) for item in dropped):
            raise CannotFix("not understood")
        entries = [Entry(item, item.name) for item in self.given]
        for item, role in zip(chosen, wanted, strict=True):
            if item is None:
                self._refuse_if_taken(role)
            entries.append(Entry(item, item.name if item is not None else role))
        placed = {*chosen, *self.given, *dropped}
        for item in self.items:
            if item.kind == "/" or item in placed:
                continue
            entries.append(Entry(item, item.name))
        self.plan_.entries = _with_defaults_last(entries)
        return self.plan_

    def _chosen(self, required: list[Item], wanted: tuple[str, ...]) -> list[Item | None]:
        """Which of too many parameters to keep: by name, else the only ones that are used."""
        chosen: list[Item | None] = []
        for role in wanted:
            names = (role, *_OTHER_NAMES.get(role, ()))
            by_name = [
                next((i for i in required if i.name.strip("_").lower() == name), None)
                for name in names
            ]
            chosen.append(next((i for i in by_name if i is not None and i not in chosen), None))
        used = [item for item in required if self._uses(item.name)]
        left = [item for item in used if item not in chosen]
        if left and all(item is None for item in chosen):
            # No name helps: the first ones are what AutoGen fills today.
            if left == required[: len(left)] and len(left) <= len(wanted):
                return [*required[: len(wanted)]]
            raise CannotFix("not understood")
        if chosen.count(None) == len(left):
            order = iter(left)
            chosen = [item if item is not None else next(order) for item in chosen]
        return chosen

    def _filled(self, wanted: tuple[str, ...]) -> list[Item | None]:
        """The parameters there are, each in the place its name says, else from the front."""
        places: list[int] = []
        for item in self.free:
            bare = item.name.strip("_").lower()
            fits = [
                n
                for n, role in enumerate(wanted)
                if bare == role or bare in _OTHER_NAMES.get(role, ())
            ]
            places.append(fits[0] if fits else -1)
        if -1 in places or places != sorted(set(places)):
            places = list(range(len(self.free)))
        chosen: list[Item | None] = [None] * len(wanted)
        for place, item in zip(places, self.free, strict=True):
            chosen[place] = item
        return chosen

    # -- names in the body -------------------------------------------------------------------

    def _uses(self, name: str) -> list[ast.Name]:
        return uses_of(self.known.node, name)

    def _refuse_if_taken(self, name: str) -> None:
        """A new parameter must not hide a name that the body has from elsewhere."""
        node = self.known.node
        if name in bound_names(node) or any(
            isinstance(part, ast.Name) and part.id == name
            for statement in body_of(node)
            for part in ast.walk(statement)
        ):
            raise CannotFix("not understood")


_TEXT_METHODS = frozenset(dir(str)) - frozenset(dir(dict))


def _with_defaults_last(entries: list[Entry]) -> list[Entry]:
    """The same, legal: a new one has no default where one without follows, and has one where one
    with a default stands before."""
    made: list[Entry] = []
    end = next(
        (
            n
            for n, e in enumerate(entries)
            if e.name == "*"
            or (e.item is not None and e.item.kind in ("rest", "*", "keyword", "keywords"))
        ),
        len(entries),
    )
    seen_default = False
    for number, entry in enumerate(entries):
        if number < end and entry.item is None:
            later = any(
                e.item is not None and not e.has_default and e.name != "/"
                for e in entries[number + 1 : end]
            )
            default = "" if later else entry.default or ("None" if seen_default else "")
            made.append(Entry(None, entry.name, default))
        else:
            made.append(entry)
        seen_default = seen_default or (number < end and made[-1].has_default)
    return made


# -- the body --------------------------------------------------------------------------------


def _rename(patch: Patch, known: Callable, renamed: dict[str, str]) -> None:
    for old, new in renamed.items():
        for use in uses_of(known.node, old):
            if patch.text(use) != old:
                raise CannotFix("not understood")
            patch.replace(use, new)


def _derive(patch: Patch, known: Callable, derived: dict[str, str]) -> None:
    """Give names that were parameters their value in the body."""
    for name, value in derived.items():
        if isinstance(known.node, ast.Lambda):
            for use in uses_of(known.node, name):
                if patch.text(use) != name or not isinstance(use.ctx, ast.Load):
                    raise CannotFix("not understood")
                patch.replace(use, value)
            continue
        first = known.node.body[0]
        if _is_docstring(first) and len(known.node.body) > 1:
            first = known.node.body[1]
        patch.put_before(first, f"{name} = {value}")


def _is_docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


# -- a method of an agent's own class --------------------------------------------------------


def _unbound(
    known: Callable, about: Registration, shape: CallShape, model: Model
) -> Proposal | None:
    """``self.on_reply`` of the agent itself: AutoGen passes it as the recipient anyway."""
    owner, node = known.function.owner, about.callback_node
    if (
        not known.bound
        or known.through != "method"
        or about.kind != "reply"
        or owner is None
        or not isinstance(node, ast.Attribute)
        or not isinstance(node.value, ast.Name)
        or about.agent is None
        or known.holder is not about.agent.instance
        or model.global_name(owner) != owner.name
        or Callable(known.function, bound=False).mismatch(shape) is not None
        or _is_overridden(owner, node.attr, model)
    ):
        return None
    title = f"Register `{owner.name}.{node.attr}`: AutoGen passes the agent as its `self`"

    def rewrite(text: str) -> str:
        patch = Patch(model, text)
        patch.replace(node.value, owner.name)
        return patch.finish()

    return Proposal(title, Safety.SAFE, rewrite)


def _is_overridden(owner: UserClass, method: str, model: Model) -> bool:
    return any(
        other is not owner and owner in list(other.ancestry()) and method in other.names
        for other in model.interpreter.classes
    )
