"""Hover: why a finding is one, and what the framework promises about a call."""

from __future__ import annotations

from lsprotocol import types

from callscope.hover import explain
from callscope.lsp.analysis import Analysed
from callscope.lsp.capabilities import Editor
from callscope.lsp.convert import from_position, to_range
from callscope.lsp.protocol import Server, guarded
from callscope.rules import Finding, rule
from callscope.source import Position, Range

_RULE = "\n\n---\n\n"


def register(server: Server, editor: Editor) -> None:
    """Answer hovers."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    @guarded(default=None)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        analysed = await server.analyse_unless_stale(params.text_document.uri)
        if analysed is None:
            return None
        encoding = server.documents.encoding
        position = from_position(analysed.report.source, params.position, encoding)
        found = await server.analysis.in_background(lambda: hover_at(analysed, position, editor))
        if found is None:
            return None
        text, span = found
        kind = types.MarkupKind.Markdown if editor.markdown else types.MarkupKind.PlainText
        content = types.MarkupContent(kind, text)
        return types.Hover(content, to_range(analysed.report.source, span, encoding))


def hover_at(analysed: Analysed, position: Position, editor: Editor) -> tuple[str, Range] | None:
    """Markdown for a place and the range it is about; None where there is nothing to say.

    First what is wrong here, then what the framework promises, last the rules' documentation, for
    editors that have no page for it.
    """
    here = [f for f in analysed.report.findings if f.range.contains(position)]
    contract = explain(analysed.report, position)
    parts = [_why(finding, analysed, editor) for finding in here]
    if contract is not None:
        parts.append(contract.markdown)
    elif here:
        project = analysed.report.project
        parts[-1] += f"\n\n*{project.target.title}, {project.target_origin}*"
    if not editor.links.command:
        parts.extend(filter(None, (_documentation(each) for each in _each_rule_once(here))))
    if here:
        return _RULE.join(parts), here[0].range
    return (contract.markdown, contract.range) if contract is not None else None


def _why(finding: Finding, analysed: Analysed, editor: Editor) -> str:
    """The finding in full: the reasons, and, for editors that do not show it with the diagnostic,
    the chain of facts."""
    source = analysed.report.source
    link = editor.links.in_hover(finding, analysed.snapshot.uri)
    head = f"**[{finding.code}]({link}) {finding.name}**"
    if editor.links.command:
        head += f" · [Explain]({link})"
    evidence = "\n".join(
        f"{number}. Line {source.line_name(fact.range.start.line)}: {fact.message}"
        for number, fact in enumerate(() if editor.related_information else finding.evidence, 1)
    )
    return "\n\n".join(part for part in (head, finding.why.strip(), evidence) if part)


def _each_rule_once(findings: list[Finding]) -> list[Finding]:
    return list({finding.code: finding for finding in findings}.values())


def _documentation(finding: Finding) -> str:
    """The rule's own words, less what the finding has just said."""
    about = rule(finding.code)
    if about is None:
        return ""
    sections = [
        f"**{title}**\n\n{text}"
        for title, text in about.docs.sections.items()
        if text.strip() != finding.why.strip()
    ]
    return "\n\n".join([f"**{about.code}** {about.docs.summary}", *sections])
