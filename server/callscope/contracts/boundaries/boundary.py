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
    """

    engine: Engine
    title: str
    keeps: Keeps
    long_lived: bool
    concurrent: bool
    fix: str
    ships_once: bool = False
    raises: str = ""


@dataclass(frozen=True, slots=True)
class Sends:
    """A call that sends a function beyond ``boundary``: its 0-based position, and its name."""

    boundary: Boundary
    index: int
    name: str


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
    classes whose methods run beyond. ``hooks``: where a function that workers run once is handed
    over, with the engine. ``pools``: what makes workers. ``aliases``: other paths of the same
    things. ``in_process``: what keeps the work in this process, as the class of the queue or
    client, and a keyword and its value.
    """

    decorators: Mapping[str, Boundary] = field(default_factory=dict)
    sends: Mapping[str, Sends] = field(default_factory=dict)
    dispatches: Mapping[str, Boundary] = field(default_factory=dict)
    bases: Mapping[str, Handlers] = field(default_factory=dict)
    hooks: Mapping[str, Engine] = field(default_factory=dict)
    pools: Mapping[str, Boundary] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    in_process: Mapping[str, tuple[str, object]] = field(default_factory=dict)
