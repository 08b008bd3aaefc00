"""The functions of the standard library that only pass values on: what each of them gives.

Every one is a row of a table from its path to a method. What is not in the table is a call of
something outside the file, and what it gives is known only by where it came from.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from callscope.model.values import (
    NONE,
    UNKNOWN,
    AnyKey,
    Arguments,
    BoundMethod,
    Constant,
    External,
    Function,
    Instance,
    Mapping,
    Sequence,
    UserClass,
    Value,
    literal,
    named_tuple,
    one_of,
    options,
)
from callscope.model.walk.containers import Containers
from callscope.model.walk.state import MOST_TURNS, Outside
from callscope.source import ParsedSource

Handler = Callable[[Arguments, ast.expr], Value | None]

_MOST_RANGE = 3


class Library(Containers):
    """What the library's functions give; a handler's None means that the call is not followed."""

    def __init__(self, parsed: ParsedSource, outside: Outside) -> None:
        super().__init__(parsed, outside)
        self._library: dict[str, Handler] = {
            "builtins.dict": self._as_dict,
            "builtins.enumerate": self._enumerate,
            "builtins.filter": self._filter,
            "builtins.getattr": self._getattr,
            "builtins.isinstance": self._isinstance,
            "builtins.len": self._len,
            "builtins.map": self._map,
            "builtins.range": self._range,
            "builtins.reversed": self._reversed,
            "builtins.setattr": self._setattr,
            "builtins.staticmethod": self._static,
            "builtins.str": self._str,
            "builtins.type": self._type,
            "builtins.zip": self._zip,
            "collections.OrderedDict": self._as_dict,
            "collections.defaultdict": self._default_dict,
            "collections.namedtuple": self._named_tuple,
            "contextlib.ExitStack().enter_context": self._enter_context,
            "contextlib.nullcontext": self._first,
            "contextlib.closing": self._first,
            "copy.copy": self._copy,
            "copy.deepcopy": self._copy,
            "dataclasses.replace": self._replace,
            "itertools.chain": self._chain,
            "itertools.chain.from_iterable": self._chain_from,
            "itertools.islice": self._some,
            "types.MethodType": self._method_type,
            "types.SimpleNamespace": self._namespace,
            "typing.cast": self._cast,
        }
        for name in ("list", "tuple", "iter"):
            self._library[f"builtins.{name}"] = self._listed
        self._library["collections.deque"] = self._listed
        for name in ("set", "frozenset", "sorted"):
            self._library[f"builtins.{name}"] = self._some
        for path in ("builtins.next", "builtins.max", "builtins.min", "random.choice"):
            self._library[path] = self._one_element

    def _library_call(self, path: str, arguments: Arguments, node: ast.expr) -> Value | None:
        handler = self._library.get(path)
        return None if handler is None or arguments.open else handler(arguments, node)

    # -- iterables -------------------------------------------------------------------------

    def _sequence_in(self, arguments: Arguments, index: int = 0) -> Sequence | None:
        """The argument at ``index`` as what iterating it gives; None if that is not known."""
        value = arguments.get(index, None)
        found = self._iterated(value) if value is not None else None
        return found if isinstance(found, Sequence) else None

    def _listed(self, arguments: Arguments, node: ast.expr) -> Value | None:
        if not arguments.positional:
            return Sequence("list", [])
        given = self._sequence_in(arguments)
        return Sequence("list", list(given.items), given.exact) if given else None

    def _some(self, arguments: Arguments, node: ast.expr) -> Value | None:
        """The same elements, but which and in what order is not known."""
        if not arguments.positional:
            return Sequence("list", [])
        given = self._sequence_in(arguments)
        return Sequence("list", list(given.items), exact=False) if given else None

    def _reversed(self, arguments: Arguments, node: ast.expr) -> Value | None:
        given = self._sequence_in(arguments)
        return Sequence("list", given.items[::-1], given.exact) if given else None

    def _one_element(self, arguments: Arguments, node: ast.expr) -> Value | None:
        given = self._sequence_in(arguments)
        if given is None or not given.items:
            return None
        return one_of([*given.items, *arguments.positional[1:]])

    def _enumerate(self, arguments: Arguments, node: ast.expr) -> Value | None:
        given = self._sequence_in(arguments)
        if given is None:
            return None
        pairs: list[Value] = [Sequence("tuple", [UNKNOWN, item]) for item in given.items]
        return Sequence("list", pairs, given.exact)

    def _zip(self, arguments: Arguments, node: ast.expr) -> Value | None:
        if not arguments.positional:
            return None
        columns = [self._iterated(column) for column in arguments.positional]
        known = [c for c in columns if isinstance(c, Sequence) and c.exact]
        if len(known) == len(columns):
            rows = zip(*(column.items for column in known), strict=False)
            return Sequence("list", [Sequence("tuple", list(row)) for row in rows])
        row = Sequence("tuple", [self._element(column) for column in columns])
        return Sequence("list", [row], exact=False)

    def _chain(self, arguments: Arguments, node: ast.expr) -> Value | None:
        made = Sequence("list", [])
        for part in arguments.positional:
            self._extend(made, self._iterated(part))
        return made

    def _chain_from(self, arguments: Arguments, node: ast.expr) -> Value | None:
        given = self._sequence_in(arguments)
        if given is None:
            return None
        made = self._chain(Arguments(list(given.items)), node)
        if isinstance(made, Sequence):
            made.exact = made.exact and given.exact
        return made

    def _filter(self, arguments: Arguments, node: ast.expr) -> Value | None:
        given = self._sequence_in(arguments, 1)
        if given is None:
            return None
        test = arguments.positional[0]
        if test != NONE and given.items:
            self._invoke(test, Arguments([one_of(given.items)], positional_nodes=[node]), node)
        return Sequence("list", list(given.items), exact=False)

    def _map(self, arguments: Arguments, node: ast.expr) -> Value | None:
        given = self._sequence_in(arguments, 1)
        if given is None or len(arguments.positional) != 2 or not given.items:
            return None
        exact = given.exact and len(given.items) <= MOST_TURNS
        turns = given.items if exact else [one_of(given.items)]
        made = [
            self._invoke(arguments.positional[0], Arguments([item], positional_nodes=[node]), node)
            for item in turns
        ]
        return Sequence("list", made, exact)

    def _range(self, arguments: Arguments, node: ast.expr) -> Value | None:
        many = literal(arguments.get(0, None)) if len(arguments.positional) == 1 else None
        if isinstance(many, int) and 0 < many <= _MOST_RANGE:
            return Sequence("range", [Constant(i) for i in range(many)])
        return None

    def _len(self, arguments: Arguments, node: ast.expr) -> Value | None:
        first = arguments.get(0, None)
        if isinstance(first, Sequence) and first.exact:
            return Constant(len(first.items))
        return None

    # -- dicts and records -----------------------------------------------------------------

    def _as_dict(self, arguments: Arguments, node: ast.expr) -> Value | None:
        made = Mapping({})
        if arguments.positional and not self._fill(made, arguments.positional[0]):
            return None
        made.items.update(arguments.keywords)
        made.values.update(arguments.keyword_nodes)
        return made

    def _fill(self, made: Mapping, given: Value) -> bool:
        """Put the entries of a dict or of a list of pairs into ``made``; False if not known."""
        if isinstance(given, Mapping):
            made.items.update(given.items)
            made.exact = given.exact
            return True
        pairs = self._iterated(given)
        if not isinstance(pairs, Sequence):
            return False
        made.exact = pairs.exact
        for pair in pairs.items:
            if not isinstance(pair, Sequence) or not pair.exact or len(pair.items) != 2:
                return False
            key, value = pair.items
            made.exact = made.exact and isinstance(key, Constant)
            made.items[key.value if isinstance(key, Constant) else AnyKey()] = value
        return True

    def _default_dict(self, arguments: Arguments, node: ast.expr) -> Value | None:
        made = self._as_dict(Arguments(arguments.positional[1:], arguments.keywords), node)
        if isinstance(made, Mapping):
            made.factory = arguments.get(0, "default_factory")
        return made

    def _namespace(self, arguments: Arguments, node: ast.expr) -> Value | None:
        if arguments.positional:
            return None
        return Instance(
            External("types.SimpleNamespace"), None, attributes=dict(arguments.keywords)
        )

    def _named_tuple(self, arguments: Arguments, node: ast.expr) -> Value | None:
        names = arguments.get(1, "field_names")
        if isinstance(names, Sequence) and names.exact:
            fields = [literal(item) for item in names.items]
        else:
            text = literal(names)
            fields = list(text.replace(",", " ").split()) if isinstance(text, str) else [None]
        found = [name for name in fields if isinstance(name, str) and name.isidentifier()]
        return named_tuple(found, node, self.module) if len(found) == len(fields) else None

    def _replace(self, arguments: Arguments, node: ast.expr) -> Value | None:
        first = arguments.get(0, None)
        if not isinstance(first, Instance) or not isinstance(first.type, UserClass):
            return None
        return Instance(first.type, None, attributes={**first.attributes, **arguments.keywords})

    # -- objects ---------------------------------------------------------------------------

    def _first(self, arguments: Arguments, node: ast.expr) -> Value | None:
        return arguments.positional[0] if arguments.positional else None

    def _copy(self, arguments: Arguments, node: ast.expr) -> Value | None:
        first = arguments.get(0, None)
        if isinstance(first, Sequence):
            return Sequence(first.kind, [self._copied(item, node) for item in first.items], False)
        if isinstance(first, Mapping):
            items = {key: self._copied(item, node) for key, item in first.items.items()}
            return Mapping(items, first.exact)
        return self._copied(first, node) if first is not None else None

    def _copied(self, value: Value, node: ast.expr) -> Value:
        """A copy; of an object it is another one of the same class, of which less is known."""
        if not isinstance(value, Instance):
            return value
        made = Instance(value.type, None, dict(value.attributes), Arguments(open=True))
        made.many, made.label = value.many, value.label
        made.escapes.append(node)
        return made

    def _cast(self, arguments: Arguments, node: ast.expr) -> Value | None:
        value = arguments.get(1, "val")
        if value is None:
            return None
        return self._known_as(value, arguments.node(0, "typ"), self._frame.scope)

    def _getattr(self, arguments: Arguments, node: ast.expr) -> Value | None:
        owner, name = arguments.get(0, None), literal(arguments.get(1, None))
        if owner is None or not isinstance(name, str):
            return None
        found = self.attribute(owner, name)
        return one_of([found, *arguments.positional[2:]]) if found is UNKNOWN else found

    def _setattr(self, arguments: Arguments, node: ast.expr) -> Value | None:
        name = literal(arguments.get(1, None))
        if len(arguments.positional) != 3 or not isinstance(name, str):
            return None
        self._set_attribute(arguments.positional[0], name, arguments.positional[2])
        return NONE

    def _type(self, arguments: Arguments, node: ast.expr) -> Value | None:
        first = arguments.get(0, None)
        single = len(arguments.positional) == 1
        if not single or not isinstance(first, Instance):
            return None
        return first.type if isinstance(first.type, UserClass) else None

    def _isinstance(self, arguments: Arguments, node: ast.expr) -> Value | None:
        if len(arguments.positional) != 2:
            return None
        value, kind = arguments.positional
        answers = {self._is_instance(option, kind) for option in options(value)}
        answer = answers.pop() if len(answers) == 1 else None
        return None if answer is None else Constant(answer)

    def _static(self, arguments: Arguments, node: ast.expr) -> Value | None:
        first = arguments.get(0, None)
        if not isinstance(first, Function):
            return None
        return Function(first.node, first.scope, first.owner, "static")

    def _method_type(self, arguments: Arguments, node: ast.expr) -> Value | None:
        if len(arguments.positional) != 2:
            return None
        function, receiver = arguments.positional
        return BoundMethod(receiver, function) if isinstance(function, Function) else None

    def _str(self, arguments: Arguments, node: ast.expr) -> Value | None:
        first = arguments.get(0, None)
        return Constant(str(first.value)) if isinstance(first, Constant) else None

    def _enter_context(self, arguments: Arguments, node: ast.expr) -> Value | None:
        first = arguments.get(0, "cm")
        return self._entered(first, node) if first is not None else None
