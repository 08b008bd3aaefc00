"""Let coroutines run, and keep sync and async apart."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.methods import coroutine_row
from callscope.fixes._arguments import expression_at
from callscope.fixes._coroutines import Awaiting, awaits, make_sync
from callscope.fixes._patch import Patch
from callscope.fixes._references import is_function, is_only_used_as_callback
from callscope.fixes.base import CannotFix, FixProvider, Proposal, Safety
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.events import Call
from callscope.model.registrations import EntryCall, Registration
from callscope.model.values import Coroutine, Function
from callscope.rules.base import Finding

# Sync methods whose async twin takes the same arguments and gives the same result.
_TWINS = frozenset({"initiate_chat", "generate_reply", "send", "receive", "resume"})


class FixMissingAwait(FixProvider):
    """Makes a coroutine run that was only made."""

    codes = frozenset({"CB301"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """``await`` it; run it by asyncio; or call the sync twin instead."""
        about = finding.about
        call = about.call if isinstance(about, Coroutine) else about
        if not isinstance(call, Call):
            return
        node = call.node
        if not isinstance(node, ast.Call):
            return
        text = ast.unparse(node.func)
        function = Patch(model).function(node)
        yield from _awaited(model, node, text, [])
        if isinstance(function, ast.FunctionDef) and not _runs_in_loop(model, function):

            def by_asyncio(text: str) -> str:
                patch = Patch(model, text)
                Awaiting(patch).run_by_asyncio(node)
                return patch.finish()

            yield Proposal(
                f"Run it to its end: `asyncio.run({text}(...))`", Safety.UNSAFE, by_asyncio
            )
        row = coroutine_row(call.path or "", model.release)
        if not isinstance(function, ast.AsyncFunctionDef) and row is not None and row.twin:
            twin = row.twin

            def sync(text: str) -> str:
                patch = Patch(model, text)
                _rename_method(patch, node, twin)
                return patch.finish()

            yield Proposal(f"Call the sync `{twin}` instead", Safety.UNSAFE, sync)


class FixAsyncReplyInSyncChat(FixProvider):
    """Makes the two fit: the function sync, or the chat async."""

    codes = frozenset({"CB302"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """A function that awaits nothing need not be async; else the chat has to be."""
        about = finding.about
        if not isinstance(about, Registration) or about.function is None or about.agent is None:
            return
        yield from _made_sync(model, about.function, about)
        entries = {
            id(turn.node): turn.entry
            for turn in model.all_turns
            if about.agent in (turn.agent, turn.sender) and not turn.is_async
        }
        calls = list(entries.values())
        nodes = [call.node for call in calls if isinstance(call.node, ast.Call)]
        if nodes and all(call.method in _TWINS for call in calls):
            first = calls[0].method
            yield from _awaited(model, nodes[0], f"a_{first}", nodes)


class FixSyncChatInAsync(FixProvider):
    """Lets the event loop go on while the agents talk."""

    codes = frozenset({"CB303"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Await the async twin, or have a thread do it."""
        about = finding.about
        if not isinstance(about, EntryCall) or not isinstance(about.node, ast.Call):
            return
        node = about.node
        if about.method in _TWINS:
            yield from _awaited(model, node, f"a_{about.method}", [node])
        if not isinstance(Patch(model).function(node), ast.AsyncFunctionDef):
            return
        if _has_async_replies(model, about):
            return

        def in_thread(text: str) -> str:
            patch = Patch(model, text)
            name = f"{patch.module_name('asyncio')}.to_thread"
            awaiting = Awaiting(patch)
            awaiting.put_await(node)
            _, function_end = patch.span(node.func)
            start, _ = patch.span(node)
            opening = patch.source.text.find("(", function_end)
            if opening < 0 or patch.source.text[function_end:opening].strip():
                raise CannotFix("not understood")
            more = bool(node.args or node.keywords)
            patch.insert(start, f"{name}(")
            patch.change(function_end, opening + 1, ", " if more else "")
            return patch.finish()

        yield Proposal(
            f"Run `{about.method}` in a thread: `await asyncio.to_thread(...)`",
            Safety.UNSAFE,
            in_thread,
        )


class FixAsyncToolNotAwaited(FixProvider):
    """Has a tool awaited that is a coroutine function."""

    codes = frozenset({"CB507"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Await the async twin of what runs the tool; where there is none, the tool has to be a
        plain function."""
        about = finding.about
        if isinstance(about, Registration) and about.function is not None:
            yield from _made_sync(model, about.function, about)
            return
        node = expression_at(model, finding.range)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return
        if node.func.attr in (*_TWINS, "execute_function"):
            yield from _awaited(model, node, f"a_{node.func.attr}", [node])


def _has_async_replies(model: Model, entry: EntryCall) -> bool:
    """Whether a callback of the two agents runs in async chats only."""
    return any(
        registration.function is not None
        and registration.function.is_async
        and registration.agent in (entry.agent, entry.partner)
        for registration in model.registrations
    )


class FixCallbackNotAwaited(FixProvider):
    """Makes a callback sync that AutoGen calls without awaiting it."""

    codes = frozenset({"CB304"})
    order = 20

    def propose(self, finding: Finding, model: Model) -> Iterator[Proposal]:
        """Take the ``async`` away where the body awaits nothing."""
        about = finding.about
        if isinstance(about, Registration) and about.function is not None:
            yield from _made_sync(model, about.function, about)
        if isinstance(about, Function):
            yield from _made_sync(model, Callable(about, bound=True), None)
            yield _for_async_chats(model, about)


def _for_async_chats(model: Model, method: Function) -> Proposal:
    """A method of the framework, overridden under its sync name."""

    def rewrite(text: str) -> str:
        patch = Patch(model, text)
        where = model.range(method.node)
        if model.source.slice(where) != method.name:
            raise CannotFix("not understood")
        patch.insert(model.source.offset(where.start), "a_")
        return patch.finish()

    return Proposal(f"Name it `a_{method.name}`: async chats await that", Safety.UNSAFE, rewrite)


def _awaited(
    model: Model, node: ast.Call, text: str, renamed: list[ast.Call]
) -> Iterator[Proposal]:
    """Await ``node``, or run it by asyncio; ``renamed`` are all calls to await, by their async
    twins."""

    def change(patch: Patch) -> Awaiting:
        awaiting = Awaiting(patch)
        for call in renamed or [node]:
            if renamed:
                assert isinstance(call.func, ast.Attribute)
                _rename_method(patch, call, f"a_{call.func.attr}")
            awaiting.run(call)
        return awaiting

    if any(not isinstance(call.func, ast.Attribute) for call in renamed):
        return
    try:
        awaiting = change(Patch(model))
    except CannotFix:
        return

    def rewrite(text: str) -> str:
        patch = Patch(model, text)
        change(patch)
        return patch.finish()

    names = [f"`{function.name}`" for function in awaiting.made_async]
    if names:
        title = f"Await `{text}(...)` and make {_listed(names)} async, with what calls "
        title += "it" if len(names) == 1 else "them"
    elif awaiting.ran_by_asyncio:
        what = "Make the chat async" if "chat" in text else "Run it to its end"
        title = f"{what}: `asyncio.run({text}(...))`"
    else:
        title = f"Await `{text}(...)`"
    safe = not names and not renamed
    yield Proposal(title, Safety.SAFE if safe else Safety.UNSAFE, rewrite)


def _made_sync(model: Model, known: Callable, about: Registration | None) -> Iterator[Proposal]:
    node = known.node
    if not isinstance(node, ast.AsyncFunctionDef) or awaits(node) or node.decorator_list:
        return
    if any(is_function(call.callee, node) for call in model.calls):
        return

    def rewrite(text: str) -> str:
        patch = Patch(model, text)
        make_sync(patch, node)
        return patch.finish()

    only = about is None or is_only_used_as_callback(Patch(model), known, about)
    title = f"Make `{node.name}` a plain function: it awaits nothing"
    yield Proposal(title, Safety.SAFE if only else Safety.UNSAFE, rewrite)


def _rename_method(patch: Patch, node: ast.Call, name: str) -> None:
    func = node.func
    if not isinstance(func, ast.Attribute):
        raise CannotFix("not a method")
    end = patch.end(func)
    start = end - len(func.attr)
    if patch.source.text[start:end] != func.attr:
        raise CannotFix("not understood")
    patch.change(start, end, name)


def _runs_in_loop(model: Model, function: ast.FunctionDef) -> bool:
    """Whether ``function`` runs inside an event loop: by a call in view, or in a notebook."""
    if model.source.interactive:
        return True
    for call in model.calls:
        running = [call.where.root.function, *(entered for _, entered in call.where.stack)]
        nodes = [entered.node for entered in running if entered is not None]
        if function in nodes:
            before = nodes[: nodes.index(function)]
            if any(isinstance(node, ast.AsyncFunctionDef) for node in before):
                return True
    return False


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
