"""An editor with a stop-watch.

Everything happens in one thread: after something was sent, messages are read until the one that is
waited for is there. The clock stops when its last byte has arrived. The editor does not ask for
diagnostics, so that each server pushes them.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Message = dict[str, Any]

_CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": False},
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {
        "synchronization": {"didSave": True},
        "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
    },
}


class NoAnswer(Exception):
    """The server has ended, or has not answered in time."""


class Client:
    """One server process with one workspace folder."""

    def __init__(self, command: Sequence[str], root: Path, timeout: float) -> None:
        self.root = root
        self.started = time.perf_counter()
        self._timeout = timeout
        self._process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._bytes = bytearray()
        self._number = 0
        self._versions: dict[str, int] = {}
        self._whole_texts = False

    def __enter__(self) -> Client:
        folder = {"uri": self.root.as_uri(), "name": "bench"}
        answer, _ = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folder["uri"],
                "workspaceFolders": [folder],
                "capabilities": _CAPABILITIES,
            },
        )
        sync = answer["capabilities"].get("textDocumentSync")
        self._whole_texts = (sync.get("change") if isinstance(sync, dict) else sync) == 1
        self.notify("initialized", {})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    @property
    def pid(self) -> int:
        """The process of the server."""
        return self._process.pid

    def notify(self, method: str, params: Any) -> None:
        """Tell the server something."""
        self._send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> tuple[Any, float]:
        """The answer to a request, and when it had arrived."""
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        message, when = self._wait(lambda each: each.get("id") == number and "method" not in each)
        if "error" in message:
            raise NoAnswer(f"{method}: {message['error'].get('message')}")
        return message.get("result"), when

    def open(self, path: Path, text: str) -> tuple[list[Message], float]:
        """Open a document: its first diagnostics, and when they had arrived."""
        uri = path.as_uri()
        self._versions[uri] = 1
        document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return self._diagnostics(uri)

    def change(
        self, path: Path, line: int, column: int, removed: int, added: str, text: str
    ) -> tuple[list[Message], float]:
        """Replace ``removed`` characters by ``added``, which makes the text ``text``: the new
        diagnostics, and the seconds that they took."""
        uri = path.as_uri()
        self._versions[uri] += 1
        place = {
            "start": {"line": line, "character": column},
            "end": {"line": line, "character": column + removed},
        }
        change = {"text": text} if self._whole_texts else {"range": place, "text": added}
        document = {"uri": uri, "version": self._versions[uri]}
        begun = time.perf_counter()
        self.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [change]}
        )
        found, when = self._diagnostics(uri)
        return found, when - begun

    def settle(self, seconds: float) -> None:
        """Let the server finish what it does unasked, and forget what it says meanwhile."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if self._is_readable(left):
                self._answer(self._read()[0])

    def _diagnostics(self, uri: str) -> tuple[list[Message], float]:
        version = self._versions[uri]

        def wanted(message: Message) -> bool:
            pushed = message.get("method") == "textDocument/publishDiagnostics"
            params = message["params"] if pushed else {}
            return params.get("uri") == uri and params.get("version") in (None, version)

        message, when = self._wait(wanted)
        return list(message["params"]["diagnostics"]), when

    def _wait(self, wanted: Callable[[Message], bool]) -> tuple[Message, float]:
        end = time.perf_counter() + self._timeout
        while True:
            left = end - time.perf_counter()
            if left <= 0 or not self._is_readable(left):
                raise NoAnswer(f"nothing for {self._timeout:.0f} s")
            message, when = self._read()
            if wanted(message):
                return message, when
            self._answer(message)

    def _answer(self, message: Message) -> None:
        """Reply to what the server asks: no settings, and yes to all else."""
        if "method" not in message or "id" not in message:
            return
        result = None
        if message["method"] == "workspace/configuration":
            result = [None for _ in message["params"]["items"]]
        self._send({"id": message["id"], "result": result})

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        data = memoryview(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        try:
            while data:
                data = data[os.write(self._in, data) :]
        except OSError as error:
            raise NoAnswer("the server has ended") from error

    def _is_readable(self, seconds: float) -> bool:
        return bool(self._bytes) or bool(select.select([self._out], [], [], seconds)[0])

    def _read(self) -> tuple[Message, float]:
        """The next message, and when its last byte had arrived."""
        while (end := self._bytes.find(b"\r\n\r\n")) < 0:
            self._receive()
        head = bytes(self._bytes[:end]).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(self._bytes) < end + 4 + length:
            self._receive()
        when = time.perf_counter()
        body = bytes(self._bytes[end + 4 : end + 4 + length])
        del self._bytes[: end + 4 + length]
        message = json.loads(body)
        assert isinstance(message, dict)
        return message, when

    def _receive(self) -> None:
        if not select.select([self._out], [], [], self._timeout)[0]:
            raise NoAnswer(f"half a message, and nothing for {self._timeout:.0f} s")
        chunk = os.read(self._out, 1 << 20)
        if not chunk:
            raise NoAnswer("the server has ended")
        self._bytes += chunk
