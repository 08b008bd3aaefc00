"""Quick fixes, suppression, refactorings, and fixing a whole file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified

from callscope.check import UNUSED_SUPPRESSION, fix_all
from callscope.fixes import Change, Edit, Fix, Safety, edits_between
from callscope.lsp.analysis import Analysed, Stale
from callscope.lsp.capabilities import Editor
from callscope.lsp.convert import from_range, to_edits
from callscope.lsp.diagnostics import diagnostic
from callscope.lsp.missing_fixes import explanation
from callscope.lsp.progress import progress
from callscope.lsp.protocol import Server, guarded
from callscope.lsp.suppress import suppress
from callscope.project.sources import Sources
from callscope.rules import Finding
from callscope.source import Position, Range, SourceText

FIX_ALL = "source.fixAll.callscope"
REWRITE = types.CodeActionKind.RefactorRewrite.value
_KINDS = (types.CodeActionKind.QuickFix.value, REWRITE, FIX_ALL, f"notebook.{FIX_ALL}")


@dataclass(frozen=True)
class _Wanted:
    """The kinds of action that an editor asks for; None means any."""

    only: Sequence[str] | None

    def includes(self, kind: str) -> bool:
        """Whether ``kind`` or one of its ancestors was asked for."""
        return self.only is None or self.explicitly(kind)

    def explicitly(self, kind: str) -> bool:
        """As before, but something has to be asked for."""
        return any(kind == name or kind.startswith(f"{name}.") for name in self.only or ())


@dataclass(frozen=True)
class _Edits:
    """What an action changes in its document, and in other files."""

    here: Sequence[Edit] = ()
    elsewhere: Sequence[Change] = ()


_NOTHING = _Edits()

_AT_PLACES = {"refactor": Analysed.refactorings, "create": Analysed.creations}
"""What can be done at a place, whether or not anything is wrong there."""


class CodeActions:
    """Lists actions without their edits where the editor can ask for those later."""

    def __init__(self, server: Server, editor: Editor) -> None:
        self._server = server
        self._editor = editor

    async def available(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """The actions for a place in a document, the most useful first."""
        only = params.context.only
        wanted = _Wanted([str(getattr(kind, "value", kind)) for kind in only] if only else None)
        # Who saves wants all mended, of whatever version; a place has moved.
        is_all = wanted.explicitly(FIX_ALL)
        server = self._server
        analyse = server.analyse_newest if is_all else server.analyse_unless_stale
        analysed = await analyse(params.text_document.uri)
        if analysed is None or (not analysed.report.matters and not analysed.report.findings):
            return []
        actions: list[types.CodeAction] = []
        if wanted.includes(types.CodeActionKind.QuickFix.value):
            # What is not there yet cannot be mended otherwise.
            actions.extend(await self._creations(analysed, params))
            actions.extend([action async for action in self._at(analysed, params)])
        fixable = any(action.is_preferred for action in actions)
        if wanted.explicitly(FIX_ALL) or (wanted.only is None and fixable):
            actions.append(self._fix_all(analysed))
        if wanted.includes(REWRITE):
            actions.extend(await self._refactorings(analysed, params))
        if self._editor.resolves_edits:
            return actions
        whole = [await self.resolve(each) for each in actions]
        return [action for action in whole if action.edit or action.command]

    async def resolve(self, action: types.CodeAction) -> types.CodeAction:
        """``action`` with its edit; refuses if the document has changed since, unless the action
        mends whatever the document holds."""
        if action.command is not None:
            return action
        data = action.data if isinstance(action.data, dict) else {}
        if data.get("do") != "fixAll":
            return await self._with_edit(action, await self._analysed(data), data)
        while True:
            newest = await self._server.analyse_newest(str(data.get("uri")))
            try:
                return await self._with_edit(action, newest, data)
            except JsonRpcContentModified:
                continue

    async def _analysed(self, data: Mapping[str, Any]) -> Analysed | None:
        """The analysis of the version that an action was offered for."""
        snapshot = self._server.documents.get(str(data.get("uri")))
        if snapshot is None or snapshot.version != data.get("version"):
            raise JsonRpcContentModified("the document has changed")
        try:
            return await self._server.analyse(snapshot)
        except Stale:
            raise JsonRpcContentModified("the document has changed") from None

    async def _at(
        self, analysed: Analysed, params: types.CodeActionParams
    ) -> AsyncIterator[types.CodeAction]:
        source = analysed.report.source
        place = from_range(source, params.range, self._server.documents.encoding)
        here = [
            (number, finding)
            for number, finding in enumerate(analysed.report.findings)
            if finding.range.overlaps(place)
        ]
        for number, _ in here:
            if not self._server.documents.is_current(analysed.snapshot):
                return
            work = partial(analysed.fixes, number)
            for index, fix in enumerate(await self._server.analysis.in_fix_thread(work)):
                if all(map(self._can_be_edited, fix.elsewhere)):
                    yield self._fix(analysed, number, index, fix)
        encoding = self._server.documents.encoding
        shown = [diagnostic(analysed, each, self._editor, encoding) for _, each in here]
        for action in await self._server.analysis.in_fix_thread(partial(explanation, shown)):
            yield action
        for number, finding in here:
            if finding.code != UNUSED_SUPPRESSION:
                title = f"Suppress {finding.code} on this line"
                yield self._action(analysed, number, title, {"do": "suppress"})
        if self._editor.links.command:
            for number, _ in here:
                yield self._explanation(analysed, number)

    def _fix(self, analysed: Analysed, number: int, index: int, fix: Fix) -> types.CodeAction:
        action = self._action(analysed, number, fix.title, {"do": "fix", "index": index})
        safe = [each.safety is Safety.SAFE for each in analysed.fixes(number)]
        if fix.safety is Safety.SAFE:
            action.is_preferred = index == safe.index(True)
        else:
            action.title += " (may change more)"
        return action

    def _explanation(self, analysed: Analysed, number: int) -> types.CodeAction:
        finding, links = analysed.report.findings[number], self._editor.links
        title = f"Explain {finding.code} {finding.name}"
        action = self._action(analysed, number, title, {"do": "explain"})
        link = links.to(finding, analysed.snapshot.uri)
        action.command = types.Command(title, links.command, arguments=[link])
        return action

    def _action(
        self, analysed: Analysed, number: int, title: str, what: dict[str, Any]
    ) -> types.CodeAction:
        finding = analysed.report.findings[number]
        shown = diagnostic(analysed, finding, self._editor, self._server.documents.encoding)
        data = {**_origin(analysed, finding.range), "code": finding.code, **what}
        kind = types.CodeActionKind.QuickFix
        return types.CodeAction(title, kind, diagnostics=[shown], data=data)

    async def _refactorings(
        self, analysed: Analysed, params: types.CodeActionParams
    ) -> list[types.CodeAction]:
        found = await self._placed(analysed, params, "refactor")
        return [types.CodeAction(fix.title, REWRITE, data=data) for fix, data in found]

    async def _creations(
        self, analysed: Analysed, params: types.CodeActionParams
    ) -> list[types.CodeAction]:
        """For names that nobody has defined. Others report those: what they report is mended."""
        reported = [each for each in params.context.diagnostics if each.source != "Callscope"]
        kind = types.CodeActionKind.QuickFix
        return [
            types.CodeAction(fix.title, kind, diagnostics=reported or None, data=data)
            for fix, data in await self._placed(analysed, params, "create")
        ]

    async def _placed(
        self, analysed: Analysed, params: types.CodeActionParams, what: str
    ) -> list[tuple[Fix, dict[str, Any]]]:
        """What can be done at a place rather than for a finding."""
        encoding = self._server.documents.encoding
        place = from_range(analysed.report.source, params.range, encoding)
        if not self._server.documents.is_current(analysed.snapshot):
            return []
        work = partial(_AT_PLACES[what], analysed, place)
        found = await self._server.analysis.in_fix_thread(work)
        data = {**_origin(analysed, place), "do": what}
        return [(fix, {**data, "index": index}) for index, fix in enumerate(found)]

    def _fix_all(self, analysed: Analysed) -> types.CodeAction:
        data = {**_origin(analysed), "do": "fixAll"}
        return types.CodeAction("Fix all with Callscope", FIX_ALL, data=data)

    async def _with_edit(
        self, action: types.CodeAction, analysed: Analysed | None, data: dict[str, Any]
    ) -> types.CodeAction:
        if analysed is None:
            return action
        edits = await self._edits(analysed, data)
        current = all(self._is_newest(change.source) for change in edits.elsewhere)
        if not (current and self._server.documents.is_current(analysed.snapshot)):
            # Not every editor looks at the version of an edit before it applies it.
            raise JsonRpcContentModified("the document has changed")
        if edits.here or edits.elsewhere:
            action.edit = self._workspace_edit(analysed, edits)
        return action

    def _can_be_edited(self, change: Change) -> bool:
        """Whether an editor can be told to: of a notebook that is not open it has only the JSON."""
        source = change.source
        return not source.interactive or self._server.documents.is_open(source.path)

    def _is_newest(self, source: SourceText) -> bool:
        """Whether ``source`` is what its file holds: in the editor, else on disk."""
        known = Sources(self._server.documents.texts).text(source.path)
        return known is not None and known.text == source.text

    async def _edits(self, analysed: Analysed, data: dict[str, Any]) -> _Edits:
        if data.get("do") == "fixAll":
            return await self._all_edits(analysed)
        if data.get("do") in _AT_PLACES:
            return await self._edits_at_place(analysed, data)
        number = _number_of(analysed.report.findings, data)
        if number is None:
            return _NOTHING
        background = self._server.analysis.in_fix_thread
        if data.get("do") == "suppress":
            finding = analysed.report.findings[number]
            edit = await background(partial(suppress, analysed.report, finding))
            return _Edits((edit,) if edit is not None else ())
        fixes = await background(partial(analysed.fixes, number))
        return _chosen(fixes, data)

    async def _edits_at_place(self, analysed: Analysed, data: dict[str, Any]) -> _Edits:
        place = _place_of(data)
        if place is None:
            return _NOTHING
        work = partial(_AT_PLACES[data["do"]], analysed, place)
        return _chosen(await self._server.analysis.in_fix_thread(work), data)

    async def _all_edits(self, analysed: Analysed) -> _Edits:
        report = analysed.report
        supported = self._editor.progress
        async with progress(self._server, "Fixing with Callscope", supported=supported):
            work = partial(fix_all, report.project, [report.source])
            mended = await self._server.analysis.in_fix_thread(work)
        return _Edits(edits_between(report.source, mended.texts[report.source.path].text))

    def _workspace_edit(self, analysed: Analysed, edits: _Edits) -> types.WorkspaceEdit:
        snapshot, encoding = analysed.snapshot, self._server.documents.encoding
        documents: dict[str, tuple[int | None, list[types.TextEdit]]] = {}
        if edits.here:
            changes = to_edits(snapshot.source, edits.here, encoding)
            documents[snapshot.uri] = (snapshot.version, changes)
        for change in edits.elsewhere:
            other = self._server.documents.at(change.source.path)
            uri = other.uri if other is not None else change.source.path.as_uri()
            version = other.version if other is not None else None
            documents[uri] = (version, to_edits(change.source, change.edits, encoding))
        if not self._editor.document_changes:
            plain = {uri: changes for uri, (_, changes) in documents.items()}
            return types.WorkspaceEdit(changes=plain)
        versioned = types.OptionalVersionedTextDocumentIdentifier
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(versioned(uri=uri, version=version), changes)
                for uri, (version, changes) in documents.items()
            ]
        )


def _origin(analysed: Analysed, place: Range | None = None) -> dict[str, Any]:
    """What an action carries, so that its edit can be made later, or refused."""
    snapshot = analysed.snapshot
    data: dict[str, Any] = {"uri": snapshot.uri, "version": snapshot.version}
    if place is not None:
        start, end = place.start, place.end
        data["range"] = [start.line, start.column, end.line, end.column]
    return data


def _place_of(data: dict[str, Any]) -> Range | None:
    """The range that an action carries; None if an editor has garbled it."""
    numbers = data.get("range")
    if not isinstance(numbers, list) or [type(each) for each in numbers] != [int] * 4:
        return None
    return Range(Position(numbers[0], numbers[1]), Position(numbers[2], numbers[3]))


def _number_of(findings: Sequence[Finding], data: dict[str, Any]) -> int | None:
    """Which finding an action was offered for."""
    place = _place_of(data)
    for number, finding in enumerate(findings):
        if finding.code == data.get("code") and finding.range == place:
            return number
    return None


def _chosen(fixes: Sequence[Fix], data: dict[str, Any]) -> _Edits:
    """The edits of the one of ``fixes`` that an action was offered for."""
    index = data.get("index")
    if not isinstance(index, int) or not 0 <= index < len(fixes):
        return _NOTHING
    return _Edits(fixes[index].edits, fixes[index].elsewhere)


def register(server: Server, actions: CodeActions) -> None:
    """Offer actions, and fill in their edits."""

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=_KINDS, resolve_provider=True),
    )
    @guarded(default=[])
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await actions.available(params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def code_action_resolve(params: types.CodeAction) -> types.CodeAction:
        return await actions.resolve(params)
