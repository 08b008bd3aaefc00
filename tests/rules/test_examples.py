"""Every rule by its own examples: what must speak speaks, what must not is silent, and a change
that leaves the meaning leaves the findings."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from callscope.check import Report, check, fixes_for
from callscope.contracts import Target
from callscope.fixes import all_providers
from callscope.project import Config, Project
from callscope.rules import Finding, Rule, Severity, all_rules
from callscope.source import Position, SourceText
from tests.turns import two_each

SECTIONS = (
    "What it does",
    "Why it matters",
    "Example",
    "Fixed",
    "When it stays silent",
    "Fix safety",
)


@dataclass(frozen=True)
class Case:
    """One example of a rule."""

    rule: Rule
    kind: str
    text: str

    def report(self, text: str | None = None) -> Report:
        """What all rules find in it, or in ``text`` in its place."""
        project = Project(Config(target=Target.parse(self.rule.example_target)))
        report = check(project, SourceText(Path("x.py"), self.text if text is None else text))
        # A rule that crashes is silent, too.
        assert not report.crashes, report.crashes[0].error
        return report

    def findings(self, text: str | None = None) -> list[Finding]:
        """The findings of the rule itself."""
        return [f for f in self.report(text).findings if f.code == self.rule.code]

    def codes(self, text: str | None = None) -> Counter[tuple[str, str]]:
        """Code and severity of everything found."""
        return Counter((f.code, f.severity.value) for f in self.report(text).findings)


def cases(kind: str) -> list[ParameterSet]:
    """The examples of every rule that must speak, or must be silent; the documented one first."""
    found: list[ParameterSet] = []
    for rule in all_rules():
        documented = rule.docs.broken if kind == "speaks" else rule.docs.fixed
        for number, text in enumerate((documented, *getattr(rule, kind))):
            name = f"{rule.code}-{number or 'documented'}"
            found.append(pytest.param(Case(rule, f"{kind}-{number}", text), id=name))
    return found


SPEAKS, SILENT = cases("speaks"), cases("silent")
every_rule = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
every_speaking = pytest.mark.parametrize("case", SPEAKS)
every_silent = pytest.mark.parametrize("case", SILENT)
every_case = pytest.mark.parametrize("case", [*SPEAKS, *SILENT])


# -- the rules -----------------------------------------------------------------------------


@every_rule
def test_documentation(rule: Rule) -> None:
    assert tuple(rule.docs.sections) == SECTIONS
    assert all(rule.docs.sections.values())
    assert rule.docs.summary.endswith(".")
    for text in (rule.docs.broken, rule.docs.fixed):
        ast.parse(text)
        assert text.strip()


@every_rule
def test_enough_examples(rule: Rule) -> None:
    assert len(rule.speaks) + 1 >= 6
    assert len(rule.silent) + 1 >= 6


def test_codes_and_names_are_unique() -> None:
    rules = all_rules()
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(rules)
    assert all(re.fullmatch(r"CB\d{3}", rule.code) for rule in rules)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name) for rule in rules)


def test_fixes_are_for_rules_that_exist() -> None:
    known = {rule.code for rule in all_rules()} | {"CB902"}
    assert {code for provider in all_providers() for code in provider.codes} <= known


# -- the examples --------------------------------------------------------------------------


@every_speaking
def test_speaks(case: Case) -> None:
    found = case.findings()
    assert found, case.text
    for finding in found:
        assert finding.name == case.rule.name
        assert finding.why
        assert finding.message.strip() == finding.message
        assert not finding.message.endswith(".")


@every_speaking
def test_message_names_something_of_the_program(case: Case) -> None:
    names = words_of(case.text)
    for finding in case.findings():
        # A lambda has no name: the message speaks of the place that is underlined.
        nameless = finding.message.startswith("This ") or "`" in finding.message
        assert nameless or names & set(re.findall(r"\w+", finding.message)), finding.message


def words_of(text: str) -> set[str]:
    """The names and keywords of a program, and the words and numbers in its literals."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        for field in ("id", "arg", "name", "attr", "module", "value"):
            found.update(re.findall(r"\w+", str(getattr(node, field, ""))))
    return found


@every_speaking
def test_places_lie_in_the_file(case: Case) -> None:
    report = case.report()
    for finding in report.findings:
        for place in (finding.range, *(link.range for link in finding.evidence)):
            assert place.start <= place.end
            assert place.end <= report.source.end
            for end in (place.start, place.end):
                assert end == Position(end.line, min(end.column, len(report.source.line(end.line))))
        assert finding.range.start < finding.range.end
        assert report.source.slice(finding.range).strip()
        assert all(link.message for link in finding.evidence)


@every_silent
def test_silent(case: Case) -> None:
    assert case.findings() == [], case.text


@every_rule
def test_documented_fix_is_clean(rule: Rule) -> None:
    report = Case(rule, "fixed", rule.docs.fixed).report()
    grave = [f for f in report.findings if f.severity is not Severity.INFORMATION]
    assert grave == []


@every_case
def test_program_is_python(case: Case) -> None:
    ast.parse(case.text)


# -- changes that leave the meaning --------------------------------------------------------

_FROM = re.compile(r"^( *)from autogen import (?:\(([^)]*)\)|([^(\n]+))$", re.MULTILINE)
_IMPORT = re.compile(r"^( *)import autogen$", re.MULTILINE)

# What ``autogen.agentchat`` has of what ``autogen`` has, in all classic releases.
_OF_AGENTCHAT = frozenset(
    """Agent AssistantAgent ChatResult ConversableAgent GroupChat GroupChatManager UserProxyAgent
    gather_usage_summary initiate_chats register_function""".split()
)


def by_module(text: str) -> str:
    """``from autogen import A`` becomes ``import autogen as ag_`` and ``A = ag_.A``."""

    def assigned(match: re.Match[str]) -> str:
        lines = [f"{match[1]}import autogen as ag_"]
        lines += [f"{match[1]}{new} = ag_.{old}" for old, new in imported(match)]
        return "; ".join(line.strip() if n else line for n, line in enumerate(lines))

    return _FROM.sub(assigned, text)


def by_alias(text: str) -> str:
    """``import autogen`` becomes ``import autogen as ag_``."""
    if not _IMPORT.search(text):
        return text
    return re.sub(
        r"\bautogen\.(?=[A-Za-z_])", "ag_.", _IMPORT.sub(r"\1import autogen as ag_", text)
    )


def by_name(text: str) -> str:
    """``import autogen`` becomes a ``from autogen import ...`` of the names used."""
    if not _IMPORT.search(text) or re.search(r"\bautogen\.[a-z_]+\.", text):
        return text
    used = sorted(set(re.findall(r"\bautogen\.([A-Za-z_]+)", text)))
    taken = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    if not used or taken & set(used):
        return text
    text = re.sub(r"\bautogen\.(?=[A-Za-z_])", "", text)
    return _IMPORT.sub(rf"\1from autogen import {', '.join(used)}", text)


def by_submodule(text: str) -> str:
    """``from autogen import A`` becomes ``from autogen.agentchat import A``."""

    def moved(match: re.Match[str]) -> str:
        names = {old for old, _ in imported(match)}
        return (
            match[0].replace("autogen", "autogen.agentchat", 1)
            if (names <= _OF_AGENTCHAT)
            else match[0]
        )

    return _FROM.sub(moved, text)


def by_attribute(text: str) -> str:
    """``autogen.A`` becomes ``autogen.agentchat.A``."""
    if not _IMPORT.search(text):
        return text
    return re.sub(
        rf"\bautogen\.(?=({'|'.join(sorted(_OF_AGENTCHAT))})\b)", "autogen.agentchat.", text
    )


def by_star_names(text: str) -> str:
    """Each imported class gets another name."""

    def renamed(match: re.Match[str]) -> str:
        names = [f"{old} as {new}" for old, new in imported(match)]
        return f"{match[1]}from autogen import {', '.join(names)}"

    return _FROM.sub(renamed, text)


def imported(match: re.Match[str]) -> list[tuple[str, str]]:
    """The names of an import, and what they are bound to."""
    listed = re.sub(r"#.*", "", match[2] or match[3])
    pairs = [part.split(" as ") for part in listed.split(",") if part.strip()]
    return [(pair[0].strip(), pair[-1].strip()) for pair in pairs]


IMPORTS: dict[str, Callable[[str], str]] = {
    "names taken from the module": by_module,
    "the module renamed": by_alias,
    "names instead of the module": by_name,
    "names of the submodule": by_submodule,
    "the submodule": by_attribute,
    "every name renamed to itself": by_star_names,
}


@pytest.mark.parametrize(
    ("case", "way"),
    [
        pytest.param(case.values[0], way, id=f"{case.id}-{way}")
        for case, way in two_each([*SPEAKS, *SILENT], IMPORTS)
    ],
)
def test_however_it_is_imported(case: Case, way: str) -> None:
    """Two ways for each program, in turn; each rule has programs enough to meet all of them."""
    changed = IMPORTS[way](case.text)
    if changed != case.text:
        assert case.codes(changed) == case.codes(), changed


@every_speaking
def test_silent_without_the_framework(case: Case) -> None:
    changed = re.sub(r"^( *)from autogen\b", r"\1from othergen", case.text, flags=re.MULTILINE)
    changed = re.sub(r"^( *)import autogen\b", r"\1import othergen", changed, flags=re.MULTILINE)
    assert [code for code in case.codes(changed) if not code[0].startswith("CB9")] == []


@every_speaking
def test_silent_with_a_comment(case: Case) -> None:
    lines = case.text.split("\n")
    for finding in case.findings():
        # A place within a string of many lines takes no comment.
        last = lines[finding.range.end.line]
        if "# callscope" not in last and not last.rstrip().endswith("\\"):
            lines[finding.range.end.line] = f"{last}  # callscope: ignore[{case.rule.code}] -- so"
    changed = "\n".join(lines)
    assert case.findings(changed) == []
    assert not [code for code in case.codes(changed) if code[0] == "CB902"]


# -- the fixes -----------------------------------------------------------------------------


@every_speaking
def test_fixes(case: Case) -> None:
    report = case.report()
    before = Counter(f.code for f in report.findings if f.severity is not Severity.INFORMATION)
    for finding in report.findings:
        if finding.code != case.rule.code:
            continue
        for fix in fixes_for(report, finding):
            ast.parse(fix.new_text)
            after = case.report(fix.new_text)
            found = Counter(
                f.code for f in after.findings if f.severity is not Severity.INFORMATION
            )
            assert not found - before, f"{fix.title} adds {found - before}\n{fix.new_text}"
            gone = len(case.findings()) - len(case.findings(fix.new_text))
            assert gone > 0, f"{fix.title} does not help\n{fix.new_text}"
            left = [(f.range, f.message) for f in case.findings(fix.new_text)]
            again = [
                other
                for f in after.findings
                if f.code == case.rule.code
                for other in fixes_for(after, f)
                if other.title == fix.title and other.new_text == fix.new_text
            ]
            assert again == [], f"{fix.title} is offered again {left}\n{fix.new_text}"
