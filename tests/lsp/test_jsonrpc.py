"""Messages between two peers."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from callscope.lsp.jsonrpc import Connection, Encoded, ErrorCode, Refusal, read_frames


def _frame(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize(
    ("raw", "bodies"),
    [
        (b"", []),
        (_frame(b"one") + _frame(b"two"), [b"one", b"two"]),
        (b"Content-Type: x\r\ncontent-length:3\r\n\r\none", [b"one"]),
        (b"what?\r\n\r\n" + _frame(b"one"), [b"one"]),
        (b"x" * 10_000 + b"\r\n" + _frame(b"one"), [b"one"]),
        (b"Content-Length: -3\r\n\r\n" + _frame(b"one"), [b"one"]),
        (b"Content-Length: 9\r\n\r\none", []),
        (_frame("é".encode()), ["é".encode()]),
    ],
)
def test_frames(raw: bytes, bodies: list[bytes]) -> None:
    assert list(read_frames(io.BytesIO(raw))) == bodies


class Peer:
    """The other end of a connection, by hand."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        ours, self._theirs = os.pipe(), os.pipe()
        self._reader = os.fdopen(ours[0], "rb")
        self._writer = os.fdopen(self._theirs[1], "wb")
        self._frames = read_frames(self._reader)
        self.streams = (os.fdopen(self._theirs[0], "rb"), os.fdopen(ours[1], "wb"))

    def say(self, **message: Any) -> None:
        self._writer.write(_frame(json.dumps(message).encode()))
        self._writer.flush()

    async def hear(self) -> dict[str, Any]:
        body = await asyncio.wait_for(asyncio.to_thread(next, self._frames), 10)
        heard = json.loads(body)
        assert heard.pop("jsonrpc") == "2.0"
        assert isinstance(heard, dict)
        return heard

    def leave(self) -> None:
        self._writer.close()


@asynccontextmanager
async def _peer() -> AsyncIterator[Peer]:
    peer = Peer(Connection())
    running = asyncio.ensure_future(peer.connection.run(*peer.streams))
    yield peer
    peer.leave()
    await asyncio.wait_for(running, 10)


async def _fail(_: Any) -> None:
    raise ZeroDivisionError("no")


async def _refuse(_: Any) -> None:
    raise Refusal(ErrorCode.ContentModified, "changed")


async def test_requests_are_answered() -> None:
    async with _peer() as peer:
        peer.connection.handlers.update(
            now=lambda params: params,
            encoded=lambda params: Encoded(b'[ "as it is" ]'),
            fails=_fail,
            refuses=_refuse,
        )
        peer.say(id=1, method="now", params={"a": "é\ud800"})
        assert await peer.hear() == {"id": 1, "result": {"a": "é\ud800"}}
        peer.say(id="two", method="encoded")
        assert await peer.hear() == {"id": "two", "result": ["as it is"]}
        for method, code in (
            ("fails", ErrorCode.InternalError),
            ("refuses", ErrorCode.ContentModified),
            ("unknown", ErrorCode.MethodNotFound),
            (12, ErrorCode.MethodNotFound),
        ):
            peer.say(id=3, method=method)
            assert (await peer.hear())["error"]["code"] == code
        peer.say(id={}, method="now")
        assert (await peer.hear())["error"]["code"] == ErrorCode.InvalidRequest


async def test_a_request_is_cancelled() -> None:
    async with _peer() as peer:
        peer.connection.handlers["sleep"] = lambda params: asyncio.sleep(60)
        peer.connection.handlers["cancel"] = peer.connection.cancel
        peer.say(id=1, method="sleep")
        peer.say(method="cancel", params=2)
        peer.say(method="cancel", params=1)
        answer = await peer.hear()
        assert (answer["id"], answer["error"]["code"]) == (1, ErrorCode.RequestCancelled)


async def test_the_peer_is_asked() -> None:
    async with _peer() as peer:
        asked = asyncio.ensure_future(peer.connection.request("how", {"are": "you"}))
        question = await peer.hear()
        assert (question["method"], question["params"]) == ("how", {"are": "you"})
        peer.say(id=99, result="to nothing")
        peer.say(id=question["id"], result="fine")
        assert await asked == "fine"
        asked = asyncio.ensure_future(peer.connection.request("how", None))
        peer.say(id=(await peer.hear())["id"], error={"code": -1, "message": "busy"})
        with pytest.raises(Refusal, match="busy"):
            await asked


async def test_what_follows_is_looked_at_when_what_can_be_is_answered() -> None:
    async def at_once(_: Any) -> str:
        return "answered"

    async with _peer() as peer:
        peer.connection.handlers["ask"] = at_once
        peer.connection.handlers["stop"] = lambda params: peer.connection.notify("bye", None)
        peer.say(id=1, method="ask")
        peer.say(method="stop")
        assert (await peer.hear())["result"] == "answered"
        assert (await peer.hear())["method"] == "bye"


async def test_a_peer_that_does_not_listen_ends_it() -> None:
    peer = Peer(Connection())
    running = asyncio.ensure_future(peer.connection.run(*peer.streams))
    await asyncio.sleep(0)
    peer._reader.close()
    peer.connection.notify("is anybody there", None)
    await asyncio.wait_for(running, 10)
    assert not peer.connection.is_open
    peer.connection.notify("no", None)
