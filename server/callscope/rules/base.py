"""What a rule is, and what it says.

A rule is one file with one :class:`Rule` subclass. Its docstring is its documentation; the
sections' names are fixed and their code blocks are the rule's tests.
"""

from __future__ import annotations

import enum
import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from callscope.source import Range

if TYPE_CHECKING:
    from callscope.model import Model

DOCS_URL = "https://callscope.github.io/callscope/rules/{code}"


class Severity(enum.Enum):
    """How sure a finding is; see the design for what earns which."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One link of the proof: a sentence and the place in the file it speaks of."""

    message: str
    range: Range


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's claim at one place.

    ``about`` is the model element the claim is about (a registration, an entry call ...), for the
    fixes and for the hover. ``why`` is the explanation in full, a few sentences of Markdown.
    ``every_walk`` says that the claim is only true of the line if it is true each time the line
    is walked ("never fires"); a claim of one call ("this raises") is true by itself. ``program`` is
    the file whose program shows it, "" where that is the file that is checked.
    """

    code: str
    name: str
    severity: Severity
    message: str
    range: Range
    evidence: tuple[Evidence, ...] = ()
    why: str = ""
    about: object | None = None
    every_walk: bool = True
    program: str = ""

    @property
    def url(self) -> str:
        """Where the rule's documentation is on the web."""
        return DOCS_URL.format(code=self.code)


@dataclass(frozen=True)
class RuleDocs:
    """A rule's docstring, taken apart. ``broken`` and ``fixed`` are whole, runnable programs."""

    summary: str
    text: str
    sections: dict[str, str]

    @property
    def broken(self) -> str:
        """The program of the section Example."""
        return _code_block(self.sections["Example"])

    @property
    def fixed(self) -> str:
        """The program of the section Fixed."""
        return _code_block(self.sections["Fixed"])


class Rule(ABC):
    """One claim about the model.

    Subclasses state ``code``, ``name``, ``default_severity`` and :meth:`check`; examples that must
    speak and must stay silent stand in ``speaks`` and ``silent``, each a whole program.
    ``runtime_reason`` says why the documented examples cannot be run by themselves, if so.
    ``every_walk`` is that of its findings.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    default_severity: ClassVar[Severity]
    runtime_reason: ClassVar[str] = ""
    every_walk: ClassVar[bool] = True
    example_target: ClassVar[str] = "autogen==0.14.1"
    speaks: ClassVar[tuple[str, ...]] = ()
    silent: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def check(self, model: Model) -> Iterator[Finding]:
        """The findings in ``model``, in any order."""

    def finding(
        self,
        model: Model,
        where: Range,
        message: str,
        *,
        evidence: tuple[Evidence, ...] = (),
        severity: Severity | None = None,
        why: str = "",
        about: object | None = None,
    ) -> Finding:
        """A finding of this rule; ``severity`` defaults to the rule's own."""
        return Finding(
            self.code,
            self.name,
            severity or self.default_severity,
            message,
            where,
            evidence,
            why or self.docs.sections.get("Why it matters", ""),
            about,
            self.every_walk,
        )

    @cached_property
    def docs(self) -> RuleDocs:
        """The documentation, from the class's docstring."""
        text = inspect.cleandoc(type(self).__doc__ or "")
        summary, _, rest = text.partition("\n")
        return RuleDocs(summary.strip(), text, _sections(rest))


def _sections(text: str) -> dict[str, str]:
    pieces = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return {
        title.strip(): body.strip() for title, body in zip(pieces[1::2], pieces[2::2], strict=True)
    }


def _code_block(text: str) -> str:
    match = re.search(r"```python\n(.*?)```", text, flags=re.DOTALL)
    return match[1] if match else ""
