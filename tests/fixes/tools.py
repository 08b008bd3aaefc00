"""Fixes as users get them: proposed, checked again, applied; and in every style of file."""

from __future__ import annotations

import io
import textwrap
import tokenize
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from callscope.check import Report, check, fixes_for
from callscope.contracts import Target
from callscope.fixes import Fix, Safety, apply_edits
from callscope.project import Config, Project, Workspace
from callscope.source import SourceText

NEWEST = "autogen==0.14.1"


def program(text: str) -> str:
    """``text`` without its common indentation and its first line break."""
    return textwrap.dedent(text).removeprefix("\n")


def report(text: str, target: str = NEWEST) -> Report:
    """What is found in ``text``."""
    return check(Project(Config(target=Target.parse(target))), SourceText(Path("x.py"), text))


def fixes(text: str, code: str, target: str = NEWEST) -> list[Fix]:
    """All fixes offered for the findings of ``code`` in ``text``; there must be a finding."""
    done = report(text, target)
    found = [finding for finding in done.findings if finding.code == code]
    assert found, f"no {code} in\n{text}\n{done.findings}"
    return [fix for finding in found for fix in fixes_for(done, finding)]


def offers(text: str, code: str, target: str = NEWEST) -> list[str]:
    """The titles of :func:`fixes`."""
    return [fix.title for fix in fixes(program(text), code, target)]


def fixed(
    before: str,
    after: str,
    code: str,
    *,
    title: str = "",
    safety: Safety | None = None,
    target: str = NEWEST,
) -> Fix:
    """Assert that a fix whose title has ``title`` in it (else the first) turns ``before`` into
    ``after``, whatever the line ends and the indentation, and that it is then done."""
    before, after = program(before), program(after)
    fix = _assert_change(before, after, code, title, target)
    assert safety is None or fix.safety is safety, fix
    for style in (_windows, _old_mac, _tabs, _no_last_line_end):
        _assert_change(style(before), style(after), code, title, target)
    assert not _same_offer(after, code, fix, target), f"offered again: {fix.title}"
    return fix


def _assert_change(before: str, after: str, code: str, title: str, target: str) -> Fix:
    offered = fixes(before, code, target)
    fitting = [fix for fix in offered if title in fix.title]
    assert fitting, f"{title!r} is not offered, but {[fix.title for fix in offered]} in\n{before}"
    fix = fitting[0]
    assert fix.new_text == after, f"{fix.title}:\n{fix.new_text}\n--- wanted\n{after}"
    assert apply_edits(SourceText(Path("x.py"), before), fix.edits) == after
    assert not comments(before) - comments(after), "a comment is lost"
    return fix


def _same_offer(text: str, code: str, fix: Fix, target: str) -> bool:
    done = report(text, target)
    return any(
        other.title == fix.title
        for finding in done.findings
        if finding.code == code
        for other in fixes_for(done, finding)
    )


def clean(text: str, code: str, target: str = NEWEST) -> bool:
    """Whether ``text`` has no finding of ``code``."""
    return all(finding.code != code for finding in report(program(text), target).findings)


def comments(text: str) -> Counter[str]:
    """The comments of ``text``, suppressions left out: those may go."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    tokens = tokenize.generate_tokens(io.StringIO(lines).readline)
    return Counter(
        token.string
        for token in tokens
        if token.type == tokenize.COMMENT and "callscope:" not in token.string
    )


def _windows(text: str) -> str:
    return text.replace("\n", "\r\n")


def _old_mac(text: str) -> str:
    return text.replace("\n", "\r")


def _tabs(text: str) -> str:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        body = line.lstrip(" ")
        width = len(line) - len(body)
        lines[number] = "\t" * (width // 4) + " " * (width % 4) + body
    return "\n".join(lines)


def _no_last_line_end(text: str) -> str:
    return text.rstrip("\n")


def written(root: Path, files: Mapping[str, str]) -> Workspace:
    """A project below ``root`` with ``files``, whose texts may be indented."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(program(text), encoding="utf-8")
    return Workspace(root)


def project_fixes(
    root: Path, files: Mapping[str, str], name: str, code: str, target: str = NEWEST
) -> dict[str, dict[str, str]]:
    """The fixes for what is found in the file ``name``: by title all files as they are then."""
    workspace = written(root, files)
    source = workspace.sources.text(root / name)
    assert source is not None
    done = check(Project(Config(target=Target.parse(target))), source, workspace)
    found = [finding for finding in done.findings if finding.code == code]
    assert found, f"no {code} in {name}: {done.findings}"
    before = {each: program(text) for each, text in files.items()}
    return {
        fix.title: before | _texts_after(fix, root, name)
        for finding in found
        for fix in fixes_for(done, finding)
    }


def _texts_after(fix: Fix, root: Path, name: str) -> dict[str, str]:
    after = {name: fix.new_text}
    for change in fix.elsewhere:
        assert apply_edits(change.source, change.edits) == change.new_text
        after[change.source.path.relative_to(root).as_posix()] = change.new_text
    return after


def assert_project_fixed(
    root: Path,
    before: Mapping[str, str],
    after: Mapping[str, str],
    where: tuple[str, str],
    title: str,
) -> None:
    """Assert that the fix with ``title`` for the finding ``where`` (file, code) turns the project
    ``before`` into one that differs in the files ``after``."""
    name, code = where
    offered = project_fixes(root, before, name, code)
    assert title in offered, list(offered)
    wanted = {each: program(text) for each, text in {**before, **after}.items()}
    for each, text in offered[title].items():
        assert text == wanted[each], f"{each}:\n{text}\n--- wanted\n{wanted[each]}"
        assert not comments(program(before[each])) - comments("".join(offered[title].values()))
