"""From a key to diagnostics inside of one process, for :mod:`tests.bench.instructions`.

A server is made as for an editor, and is handed messages as if they had been read. When it has
warmed up, Callgrind is told to count; after ``KEYS`` keys, to stop.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from callscope.lsp.server import make_server
from tests.bench.edits import PLAIN, VALID, document, keys

LINES = 500
KEYS = 6
_WARM_UP = 4


class _Writer:
    """Where an editor would listen. It hears of the versions that have diagnostics."""

    def __init__(self) -> None:
        self.versions: asyncio.Queue[int | None] = asyncio.Queue()

    def write(self, data: bytes) -> None:
        if b"textDocument/publishDiagnostics" in data[:200]:
            message = json.loads(data.partition(b"\r\n\r\n")[2])
            self.versions.put_nowait(message["params"].get("version"))

    def close(self) -> None:
        """Nothing to close."""


async def type_keys(root: Path, *, counted: bool) -> None:
    """Open a document, warm up, and type; ``counted`` says that Callgrind runs all this."""
    server, writer = make_server(), _Writer()
    server.protocol.set_writer(writer)

    def hand(method: str, params: Any, **more: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more})
        message = json.loads(body, object_hook=server.protocol.structure_message)
        server.protocol.handle_message(message)

    async def heard(version: int) -> None:
        while await writer.versions.get() != version:
            pass

    here = document(LINES, VALID)
    edit, uri = here.edits[PLAIN], (root / "app.py").as_uri()
    hand("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, id=1)
    opened = {"uri": uri, "languageId": "python", "version": 1, "text": here.text}
    hand("textDocument/didOpen", {"textDocument": opened})
    await heard(1)
    typed = keys(here.text, edit)
    for number in range(_WARM_UP + KEYS):
        if counted and number == _WARM_UP:
            await asyncio.sleep(1)  # what goes on in the background ends
            _tell_callgrind("-i", "on")
        removed, added, _ = next(typed)
        start, end = edit.column, edit.column + removed
        place = {
            "start": {"line": edit.line, "character": start},
            "end": {"line": edit.line, "character": end},
        }
        about = {"uri": uri, "version": number + 2}
        changes = [{"range": place, "text": added}]
        hand("textDocument/didChange", {"textDocument": about, "contentChanges": changes})
        await heard(number + 2)
    if counted:
        _tell_callgrind("-i", "off")
    server.analysis.close()


def _tell_callgrind(*command: str) -> None:
    told = subprocess.Popen(
        ["callgrind_control", *command, str(os.getpid())],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    # It is heard while something is executed, not while this process waits.
    while told.poll() is None:
        pass
    if told.returncode:
        raise RuntimeError("callgrind_control has failed")


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        asyncio.run(type_keys(Path(folder).resolve(), counted="--counted" in sys.argv))
