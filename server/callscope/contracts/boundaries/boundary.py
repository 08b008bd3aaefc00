"""What is known of one way to run a function elsewhere, and how it is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Engine = Literal[
    "multiprocessing",
    "executor",
    "joblib",
    "celery",
    "rq",
    "dramatiq",
    "huey",
    "arq",
    "ray",
    "dask",
    "spark",
    "web",
    "ui",
    "thread",
    "task",
]

Keeps = Literal["imports", "start-method", "by-value", "same-process"]


@dataclass(frozen=True, slots=True)
class Boundary:
    """One way to run a function elsewhere.

    ``engine`` names it. ``title`` is how a message names the place ("a pool worker"). ``keeps``
    says what of the parent's state the function meets: "imports" (only what importing its module
    does), "start-method" (that, or everything where children are forked), "by-value" (a copy of
    the globals it names, if it is defined in the script; else "imports"), "same-process".
    ``ships_once`` says of a copy that it is taken at the first dispatch, and not at each.
    ``long_lived`` says that one process runs the function many times, so that what it adds to a
    module-level agent piles up. ``concurrent`` says that several runs overlap in one process.
    ``raises`` is the exception that sending an agent gives, "" where it may be sent.
    ``start_method`` is how its processes are started, where the engine decides that.
    """

    engine: Engine
    title: str
    keeps: Keeps
    long_lived: bool
    concurrent: bool
    fix: str
    ships_once: bool = False
    raises: str = ""
    start_method: str | None = None


@dataclass(frozen=True, slots=True)
class Sends:
    """A call that sends a function beyond ``boundary``: its 0-based position, and its name.

    ``by_name`` says that it may be given as a text, ``"module.function"``.
    """

    boundary: Boundary
    index: int
    name: str
    by_name: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """An argument that names modules as texts, or what stands in them: its 0-based position, its
    name, and what is to be added to each text."""

    index: int | None
    keyword: str
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Store:
    """Something outside the program that keeps what is put into it, by name.

    Paths with the same ``kind`` mean one store. ``shared`` says that all users meet in it.
    """

    kind: str
    shared: bool = True


When = Literal["per worker", "again and again", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Hook:
    """When an engine calls a function that is handed to it.

    ``when``: once in each worker, before its first task; again and again in a process that stays,
    or in one that the workers inherit from; or elsewhere, where it does nothing for the workers.
    ``certain`` says that the last holds however the workers are started. ``title`` is the moment,
    as a message puts it; ``also`` are engines whose workers come past it, too. ``only_with`` are
    the kinds of pool whose workers call it; all do if there are none.
    """

    engine: Engine
    when: When = "per worker"
    title: str = ""
    certain: bool = True
    also: tuple[Engine, ...] = ()
    only_with: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Handlers:
    """A base class whose subclasses' ``methods`` run beyond ``boundary``."""

    boundary: Boundary
    methods: frozenset[str]


@dataclass(frozen=True)
class Engines:
    """How a family of engines is recognised, by paths as ``path_of`` gives them.

    ``decorators``: what is decorated runs beyond. ``sends``: calls that are given a function.
    ``dispatches``: calls on a decorated function that send it off, by their path. ``bases``:
    classes whose methods run beyond. ``hooks``: where a function is handed over that the engine
    calls at some moment; ``hook_methods``: the same as methods of a class, by its base.
    ``names``: arguments that name modules as texts. ``fluent``: methods that give something like
    the object they are called on. ``stores``: what keeps objects from one run to the next.
    ``pools``: what makes workers. ``aliases``:
    other paths of the same things. ``in_process``: what keeps the work in this process, as the
    class of the queue or client, and a keyword and its value.
    """

    decorators: Mapping[str, Boundary] = field(default_factory=dict)
    sends: Mapping[str, Sends] = field(default_factory=dict)
    dispatches: Mapping[str, Boundary] = field(default_factory=dict)
    bases: Mapping[str, Handlers] = field(default_factory=dict)
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    hook_methods: Mapping[str, Mapping[str, Hook]] = field(default_factory=dict)
    names: Mapping[str, tuple[Name, ...]] = field(default_factory=dict)
    fluent: frozenset[str] = frozenset()
    stores: Mapping[str, Store] = field(default_factory=dict)
    pools: Mapping[str, Boundary] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    in_process: Mapping[str, tuple[str, object]] = field(default_factory=dict)
