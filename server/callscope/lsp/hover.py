"""Hover: why a finding is one, and what the framework promises about a call."""

from __future__ import annotations

from lsprotocol import types

from callscope.lsp.analysis import Analysed, Stale
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
        try:
            analysed = await server.analyse(server.documents.get(params.text_document.uri))
        except Stale:
            return None
        if analysed is None:
            return None
        encoding = server.documents.encoding
        position = from_position(analysed.report.source, params.position, encoding)
        found = await server.analysis.in_background(lambda: hover_at(analysed, position))
        if found is None:
            return None
        text, span = found
        kind = types.MarkupKind.Markdown if editor.markdown else types.MarkupKind.PlainText
        content = types.MarkupContent(kind, text)
        return types.Hover(content, to_range(analysed.report.source, span, encoding))


def hover_at(analysed: Analysed, position: Position) -> tuple[str, Range] | None:
    """Markdown for a place and the range it is about; None where there is nothing to say."""
    here = [f for f in analysed.report.findings if f.range.contains(position)]
    parts = [_why(analysed, finding) for finding in here]
    span = here[0].range if here else None
    contract = _contract(analysed, position)
    if contract is not None:
        parts.append(contract[0])
        span = span or contract[1]
    return (_RULE.join(parts), span) if span is not None else None


def _why(analysed: Analysed, finding: Finding) -> str:
    """The finding in full: the reasons, the chain of facts, the version, the rule's own words."""
    project = analysed.report.project
    head = f"**[{finding.code}]({finding.url}) {finding.name}**"
    version = f"*Checked against {project.target.title}, {project.target_origin}.*"
    parts = [head, finding.why.strip(), _evidence(finding), version]
    about = rule(finding.code)
    if about is not None:
        # The reasons default to a section of the documentation: once is enough.
        text = about.docs.text
        parts.append(text if finding.why.strip() not in text else text.replace(finding.why, ""))
    return "\n\n".join(part for part in parts if part)


def _evidence(finding: Finding) -> str:
    return "\n".join(
        f"{number}. Line {link.range.start.line + 1}: {link.message}"
        for number, link in enumerate(finding.evidence, 1)
    )


def _contract(analysed: Analysed, position: Position) -> tuple[str, Range] | None:
    try:
        from callscope.hover import explain  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None
    found = explain(analysed.report, position)
    return (found.markdown, found.range) if found is not None else None
