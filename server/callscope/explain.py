"""Pages to read beside the code: a rule as it bears on one finding, and a contract in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callscope.check import UNUSED_SUPPRESSION, Report, claims
from callscope.contracts import NEWEST_OF_EACH_LINE, Target
from callscope.contracts.classic.callbacks import Callback, all_rows
from callscope.hover import (
    ASYNC,
    called_name,
    describe,
    items_at,
    other_registrations,
    reply_order,
)
from callscope.model import Model
from callscope.model.agents import Agent
from callscope.model.registrations import EntryCall, Registration
from callscope.project import Project
from callscope.rules import Finding, rule
from callscope.source import Position, Range

_UNUSED_SUPPRESSION = """\
Reports a `# callscope: ignore` comment, or a code in one, that suppresses nothing.

## Why it matters
A comment that outlives its finding hides the next one that appears at its place.

## Fixed
Remove the comment, or the code from its list."""


@dataclass(frozen=True)
class Page:
    """Markdown, and what to call it."""

    title: str
    markdown: str


@dataclass(frozen=True)
class RuleText:
    """What a rule says of itself."""

    code: str
    name: str
    level: str
    text: str


def rule_text(code_or_name: str) -> RuleText | None:
    """The documentation of the rule with this code (any case) or name; None if there is none."""
    wanted = code_or_name.strip().lower()
    if wanted in (UNUSED_SUPPRESSION.lower(), "unused-suppression"):
        return RuleText(
            UNUSED_SUPPRESSION, "unused-suppression", "information", _UNUSED_SUPPRESSION
        )
    found = rule(wanted)
    if found is None:
        return None
    return RuleText(found.code, found.name, found.default_severity.value, found.docs.text)


def explain_rule(code: str, project: Project) -> Page | None:
    """A rule by itself, with what is known of the release that ``project`` is checked against."""
    about = rule_text(code)
    if about is None:
        return None
    parts = [_heading(about), _checked_against(project), _shifted(about.text), *_end(about)]
    return _page(about, parts)


def explain_finding(report: Report, finding: Finding) -> Page | None:
    """The rule behind ``finding``, with what it rests on here and in this release."""
    about = rule_text(finding.code)
    if about is None:
        return None
    place = f"{report.source.path.name}, {_line(report, finding.range)}"
    parts = [
        _heading(about),
        f"> **{place}**: {finding.message}.",
        _checked_against(report.project),
        _evidence(report, finding),
        _promise(report, finding),
        _shifted(about.text),
        *_end(about),
    ]
    return _page(about, parts)


def contract_at(report: Report, position: Position) -> Page | None:
    """All that is known of the contract of what is at ``position`` (0-based, code points): a
    registration, an entry call, a callback or an agent; None where there is none of these."""
    model = report.model_at(position.line)
    if model is None:
        return None
    items = items_at(model, position)
    callback = [] if items else _registrations_of_function(model, position)
    agent = None if items or callback else _agent_named(model, position)
    texts = [_contract_of(report, model, item) for item in (*items, *callback)]
    if agent is not None:
        texts.append(_of_agent(model, agent))
    body = "\n\n---\n\n".join(dict.fromkeys(text for text in texts if text))
    if not body:
        return None
    title = f"Contract of {_subject(items or callback, agent)}"
    return Page(title, f"# {title}\n\n{_checked_against(report.project)}\n\n{body}\n")


def _page(about: RuleText, parts: list[str]) -> Page:
    text = "\n\n".join(part for part in parts if part)
    return Page(f"{about.code} {about.name}", f"{text}\n")


def _heading(about: RuleText) -> str:
    return f"# {about.code} `{about.name}`"


def _shifted(text: str) -> str:
    """A rule's own text, with a rule above it that sets it off."""
    return f"---\n\n{text}"


def _checked_against(project: Project) -> str:
    return f"*Checked against {project.target.title} ({project.target_origin}).*"


def _end(about: RuleText) -> Iterator[str]:
    """In which releases the rule speaks, and how to silence it."""
    yield "---"
    spoken_on = [target.title for target in NEWEST_OF_EACH_LINE if _speaks(about.code, target)]
    if spoken_on:
        yield f"The example above fails like this on {' and on '.join(spoken_on)}."
    yield (
        f"To silence one place: `# callscope: ignore[{about.code}] -- reason`. "
        f'To switch the rule off: `ignore = ["{about.code}"]` in `callscope.toml`, or '
        f"`callscope.ignore` in the settings of VS Code."
    )


def _speaks(code: str, target: Target) -> bool:
    found = rule(code)
    return found is not None and claims(found, target)


def _evidence(report: Report, finding: Finding) -> str:
    rows = [
        f"{number}. In {_line(report, link.range)}: {link.message}"
        for number, link in enumerate(finding.evidence, 1)
    ]
    return "\n".join(["## What this rests on here", "", *rows]) if rows else ""


def _line(report: Report, place: Range) -> str:
    """A place in words: "line 4", "line 4 of agents.py"."""
    if place.path:
        return f"line {place.start.line + 1} of {Path(place.path).name}"
    return f"line {report.source.line_name(place.start.line)}"


# -- contracts -------------------------------------------------------------------------------


def _promise(report: Report, finding: Finding) -> str:
    """What the framework promises about the callback that ``finding`` is about."""
    model = report.model_at(finding.range.start.line)
    if model is None:
        return ""
    known = report.in_program(finding)
    about = known.about if known is not None else None
    items = [about] if isinstance(about, Registration | EntryCall) else []
    if items and report.model is not None:
        model = report.model
    else:
        items = [*items_at(model, finding.range.start)]
    texts = dict.fromkeys(_contract_of(report, model, item) for item in items)
    body = "\n\n".join(text for text in texts if text)
    return f"## What {report.project.target.title} promises\n\n{body}" if body else ""


def _contract_of(report: Report, model: Model, item: Registration | EntryCall) -> str:
    if isinstance(item, EntryCall) or item.contract is None:
        return describe(model, item)
    contract = item.contract
    on = f" on `{item.agent.label}`" if item.agent else ""
    where = _line(report, model.range(item.node))
    parts = [
        f"**{contract.title}**{on}, registered in {where}",
        f"```python\n{contract.shape.render(called_name(item, contract))}\n```",
        _table(_facts(contract)),
    ]
    if item.kind in ("reply", "trigger") and item.agent is not None:
        parts.append(reply_order(model, item.agent, item))
    return "\n\n".join(parts)


def _facts(contract: Callback) -> Iterator[tuple[str, str]]:
    yield "Must return", contract.returns
    if contract.on_none:
        yield "If it returns nothing", contract.on_none
    if contract.fires:
        yield "Is called", contract.fires
    if contract.silent:
        yield "Mind", contract.silent
    awaited = ASYNC[contract.coroutine]
    lost = contract.on_coroutine if contract.coroutine == "never" else ""
    yield "As `async def`", f"{awaited} {lost}".strip()
    yield "Holds for", str(contract.versions)
    for row in all_rows(contract):
        if row is not contract:
            yield str(row.versions), f"`{row.shape.render('callback')}`, returns {row.returns}"
    yield "Read in", ", ".join(f"`{place.strip()}`" for place in contract.source.split(","))


def _table(rows: Iterator[tuple[str, str]]) -> str:
    lines = ["| | |", "|---|---|"]
    lines.extend(f"| **{label}** | {_cell(text)} |" for label, text in rows)
    return "\n".join(lines)


def _cell(text: str) -> str:
    """A sentence that can stand in a table."""
    return text[:1].upper() + text[1:].replace("|", "\\|").replace("<", "&lt;")


def _registrations_of_function(model: Model, position: Position) -> list[Registration]:
    """Where the innermost callback around ``position`` is handed over."""
    around = [
        (model.source.range_of(registration.function.node), registration)
        for registration in model.registrations
        if registration.function is not None
        and model.source_of(registration.function.node) is model.source
    ]
    inside = [(span, each) for span, each in around if span.contains(position)]
    if not inside:
        return []
    innermost = max(span.start for span, _ in inside)
    return [each for span, each in inside if span.start == innermost]


def _agent_named(model: Model, position: Position) -> Agent | None:
    """The agent whose name is at ``position``."""
    line = model.source.line(position.line)
    words = (
        match[0]
        for match in re.finditer(r"[^\W\d]\w*", line)
        if match.start() <= position.column <= match.end()
    )
    word = next(words, None)
    return next((agent for agent in model.agents if agent.label == word), None)


def _of_agent(model: Model, agent: Agent) -> str:
    parts = [f"**`{agent.label}`**, made as `{agent.class_name}`"]
    parts.append(reply_order(model, agent, None))
    others = other_registrations(model, agent)
    if others:
        parts.append(f"Its other callbacks:\n\n{others}")
    return "\n\n".join(parts)


def _subject(
    items: list[Registration] | list[Registration | EntryCall], agent: Agent | None
) -> str:
    for item in items:
        return item.method if isinstance(item, EntryCall) else item.callback_name
    return agent.label if agent is not None else "nothing"
