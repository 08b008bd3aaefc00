"""Garbage, crashes, and how the server ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.cli.programs import BROKEN
from tests.lsp.conftest import COMMAND, Session, Start, within
from tests.lsp.places import range_of


async def _still_works(session: Session, name: str = "alive.py") -> None:
    uri = session.open(BROKEN, name)
    assert len(await session.diagnostics(uri)) == 1


async def test_wrong_notifications_do_no_harm(start: Start) -> None:
    async with start() as session:
        notify = session.editor.protocol.notify
        session.texts[session.uri("never.py")], session.versions[session.uri("never.py")] = "", 1
        session.replace(session.uri("never.py"), "never opened")
        session.close(session.uri("neither.py"))
        notify("textDocument/didSave", types.DidSaveTextDocumentParams(_id("file:///x.py")))
        notify("$/nonsense", {"a": 1})
        session.open("text", "not a uri:%%%")
        session.open("text", "file:///%00/%ff.py")
        await _still_works(session)
        assert session.editor.messages == []


def _id(uri: str) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(uri)


async def test_positions_beyond_the_text(start: Start) -> None:
    async with start() as session:
        uri = session.open("import autogen\n")
        far = types.Range(types.Position(5000, 7), types.Position(6000, 9))
        session.change(uri, types.TextDocumentContentChangePartial(far, BROKEN))
        await session.diagnostics(uri)
        assert await session.actions(uri, far) == []
        await _still_works(session)


@pytest.mark.parametrize(
    "text", ["", "\0", "\ufeff", "\ud800", "(" * 5000, "autogen\n" + "(" * 300, "autogen\r\r\n\x0c"]
)
async def test_any_text(start: Start, text: str) -> None:
    if text == "\ud800":
        text = "autogen = '\\ud800'"
    async with start() as session:
        await session.diagnostics(session.open(text))
        await _still_works(session)


FLAWED = """
import callscope.check, callscope.lsp.analysis as analysis, sys
whole = analysis.check
def check(project, source, *more):
    if "# boom" in source.text:
        raise RuntimeError("kaput")
    return whole(project, source, *more)
analysis.check = check
from callscope.cli import main
sys.exit(main(["server"]))
"""


async def test_a_crash_of_the_analysis(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.lsp.conftest.COMMAND", [sys.executable, "-c", FLAWED])
    async with start() as session:
        uri = session.open(BROKEN)
        assert len(await session.diagnostics(uri)) == 1
        session.replace(uri, BROKEN + "# boom")
        assert len(await session.diagnostics(uri)) == 1, "what is known stays"
        place = range_of(session.source(), "on_reply", session.encoding)
        assert await session.actions(uri, place) == []
        assert await session.hover(uri, place.start) is None
        assert len((await session.pull(uri)).items) == 1
        assert "RuntimeError: kaput" in session.logged
        assert session.editor.messages == []
        session.replace(uri, BROKEN)
        assert len(await session.diagnostics(uri)) == 1


async def test_a_hundred_edits_and_requests_at_once(start: Start) -> None:
    async with start() as session:
        uri = session.open(BROKEN)
        place = range_of(session.source(), "on_reply", session.encoding)
        waiting: list[asyncio.Future[Any]] = []
        for number in range(50):
            session.replace(uri, BROKEN + f"# {number}\n")
            waiting.append(asyncio.ensure_future(session.hover(uri, place.start)))
            waiting.append(asyncio.ensure_future(session.actions(uri, place)))
        for answer in await asyncio.gather(*waiting, return_exceptions=True):
            refused = isinstance(answer, JsonRpcException)
            assert refused or answer is None or isinstance(answer, types.Hover | list)
        assert len(await session.diagnostics(uri)) == 1
        assert "Traceback" not in session.logged


def _message(content: Any) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **content}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def _hello(process_id: int | None) -> bytes:
    params: dict[str, Any] = {"processId": process_id, "rootUri": None, "capabilities": {}}
    return _message({"id": 1, "method": "initialize", "params": params})


HELLO = _hello(None)


PLACE_IN_NOTHING = {
    "textDocument": {"uri": "file:///nothing.py"},
    "position": {"line": 0, "character": 0},
}


def _messages(out: bytes) -> list[dict[str, Any]]:
    """What a server has written, taken apart."""
    found = []
    while out:
        head, _, out = out.partition(b"\r\n\r\n")
        length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        found.append(json.loads(out[:length]))
        out = out[length:]
    return found


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _talk(*messages: bytes) -> tuple[int, bytes, bytes]:
    """Send bytes, close stdin, and give the exit code and all that was written."""
    process = _start()
    out, err = process.communicate(b"".join(messages), timeout=30)
    return process.returncode, out, err


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/hover", {}),
        ("textDocument/hover", {"textDocument": 7, "position": "x"}),
        ("textDocument/codeAction", {"textDocument": {"uri": "file:///x.py"}}),
        ("textDocument/diagnostic", None),
        ("workspace/executeCommand", {"command": "rm -rf"}),
        ("no/such/method", {}),
    ],
)
def test_wrong_requests_are_answered_with_an_error(method: str, params: Any) -> None:
    code, out, _ = _talk(
        HELLO,
        _message({"id": 7, "method": method, "params": params}),
        _message({"id": 8, "method": "textDocument/hover", "params": PLACE_IN_NOTHING}),
        _message({"id": 9, "method": "shutdown"}),
        _message({"method": "exit"}),
    )
    assert code == 0
    answers = _messages(out)
    assert "error" in next(answer for answer in answers if answer.get("id") == 7)
    assert next(answer for answer in answers if answer.get("id") == 8)["result"] is None
    assert not any(answer.get("method") == "window/showMessage" for answer in answers)


def test_shutdown_and_exit() -> None:
    code, out, err = _talk(
        HELLO,
        _message({"id": 2, "method": "shutdown"}),
        _message({"id": 3, "method": "textDocument/hover", "params": {}}),
        _message({"id": 4, "method": "shutdown"}),
        _message({"method": "exit"}),
    )
    assert code == 0
    assert b'"id":4,"error"' in out.replace(b" ", b"") or b"-32600" in out
    assert b"Traceback" not in err


def test_exit_without_shutdown() -> None:
    assert _talk(HELLO, _message({"method": "exit"}))[0] == 1


def test_a_closed_stdin_ends_it() -> None:
    code, out, err = _talk(HELLO)
    assert code == 1
    assert b'"callscope"' in out
    assert b"Traceback" not in err


def test_nothing_said_at_all() -> None:
    code, out, err = _talk()
    assert (code, out) == (1, b"")
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello?\r\n",
        b"Content-Length: x\r\n\r\n",
        b"Content-Length: 5\r\n\r\n{]{]{",
        b"Content-Length: 2\r\n\r\n[]",
        _message({"id": 9, "method": 12}),
        _message({"method": "textDocument/didOpen", "params": {"textDocument": {}}}),
        _message({"id": 9, "method": "textDocument/hover", "params": {}}),
    ],
)
def test_garbage_before_hello(garbage: bytes) -> None:
    code, out, _ = _talk(
        garbage, HELLO, _message({"id": 2, "method": "shutdown"}), _message({"method": "exit"})
    )
    assert code == 0
    assert b'"serverInfo"' in out


@pytest.mark.skipif(os.name == "nt", reason="processes are watched in another way")
def test_it_ends_with_the_editor_even_if_stdin_stays_open() -> None:
    editor = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    process = _start()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(_hello(editor.pid))
    process.stdin.flush()
    editor.send_signal(signal.SIGKILL)
    editor.wait()
    begun = time.monotonic()
    assert process.wait(30) == 1
    assert time.monotonic() - begun < 15


def test_over_tcp(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--tcp"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    assert line.startswith("Callscope listens on 127.0.0.1:")

    async def converse() -> tuple[int, list[types.Diagnostic]]:
        from tests.lsp.conftest import make_editor

        editor = make_editor()
        await editor.start_tcp("127.0.0.1", int(line.rsplit(":", 1)[1]))
        result = await within(
            editor.initialize_session(
                types.InitializeParams(
                    capabilities=types.ClientCapabilities(), root_uri=tmp_path.as_uri()
                )
            )
        )
        session = Session(editor, tmp_path, result)
        found = await session.diagnostics(session.open(BROKEN))
        await within(editor.shutdown_async(None))
        editor.exit(None)
        await asyncio.sleep(0.1)
        return await asyncio.to_thread(process.wait, 20), found

    code, found = asyncio.run(converse())
    assert (code, [item.code for item in found]) == (0, ["CB201"])


def test_a_port_in_use() -> None:
    first = subprocess.Popen([*COMMAND, "--tcp"], stderr=subprocess.PIPE, text=True)
    try:
        assert first.stderr is not None
        port = first.stderr.readline().rsplit(":", 1)[1].strip()
        second = subprocess.run(
            [*COMMAND, "--tcp", "--port", port], capture_output=True, text=True, check=False,
            timeout=30,
        )  # fmt: skip
    finally:
        first.kill()
        first.wait()
    assert second.returncode == 2
    assert "cannot listen on" in second.stderr
    assert "Traceback" not in second.stderr
