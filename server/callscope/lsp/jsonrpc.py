"""JSON-RPC between two peers, framed as the Language Server Protocol wants it.

Messages are read in a thread of their own, since nothing else can wait for standard input on every
platform. Everything else happens on the event loop.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator
from enum import IntEnum
from typing import Any, BinaryIO

_log = logging.getLogger(__name__)

Handler = Callable[[Any], Any]
"""Takes the parameters of a message. What it returns, or awaits, is the answer to a request."""

Id = int | str

_LONGEST_HEADER = 4096


class ErrorCode(IntEnum):
    """Why a request is not answered."""

    ParseError = -32700
    InvalidRequest = -32600
    MethodNotFound = -32601
    InvalidParams = -32602
    InternalError = -32603
    ServerNotInitialized = -32002
    RequestCancelled = -32800
    ContentModified = -32801


class Refusal(Exception):
    """A request that is answered with an error; also one of ours that the peer refuses."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Encoded(bytes):
    """JSON that is to be sent as it is."""


def encode(content: Any) -> bytes:
    """``content`` as JSON; code points that UTF-8 cannot carry are escaped as all others."""
    return content if isinstance(content, Encoded) else _encoder.encode(content).encode("ascii")


_encoder = json.JSONEncoder(separators=(",", ":"), check_circular=False)


def read_frames(stream: BinaryIO) -> Iterator[bytes]:
    """The bodies of the messages in ``stream`` until it ends. What is no header is skipped."""
    length = 0
    while line := stream.readline(_LONGEST_HEADER):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value) if value.strip().isdigit() else 0
        elif not line.strip() and length:
            body = stream.read(length)
            if len(body) < length:
                return
            yield body
            length = 0


class Connection:
    """One peer: calls the handlers of what it sends, and sends it something."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self._inbox: asyncio.Queue[Any] = asyncio.Queue()
        self._writer: BinaryIO | None = None
        self._ids = itertools.count(1)
        self._waiting: dict[Id, asyncio.Future[Any]] = {}
        self._answering: dict[Id, asyncio.Task[None]] = {}

    async def run(self, reader: BinaryIO, writer: BinaryIO) -> None:
        """Serve the peer until it stops talking, or :meth:`close` is called."""
        self._writer = writer
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(reader, loop), name="read", daemon=True).start()
        while (message := await self._inbox.get()) is not _END:
            self._receive(message)
            if not self.is_open:
                return
            # What can be answered at once is, before the next message is looked at.
            await asyncio.sleep(0)

    def close(self) -> None:
        """Say and hear nothing any more."""
        self._writer = None

    @property
    def is_open(self) -> bool:
        """Whether there is somebody to talk to."""
        return self._writer is not None

    def notify(self, method: str, params: Any) -> None:
        """Tell the peer something."""
        head = f'{{"jsonrpc":"2.0","method":"{method}","params":'
        self._send(b"".join((head.encode(), encode(params), b"}")))

    async def request(self, method: str, params: Any) -> Any:
        """Ask the peer something; raises :class:`Refusal`."""
        number = next(self._ids)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send(encode({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
        try:
            return await answer
        finally:
            del self._waiting[number]

    def cancel(self, number: Id) -> None:
        """The peer no longer wants an answer."""
        task = self._answering.get(number)
        if task is not None:
            task.cancel()

    def _read(self, reader: BinaryIO, loop: asyncio.AbstractEventLoop) -> None:
        """The thread that reads. It ends with the stream, or behind a farewell."""
        message: Any = None
        try:
            for body in read_frames(reader):
                message = _decoded(body)
                loop.call_soon_threadsafe(self._inbox.put_nowait, message)
                if isinstance(message, dict) and message.get("method") == "exit":
                    return
            loop.call_soon_threadsafe(self._inbox.put_nowait, _END)
        except (OSError, ValueError):  # the stream has broken
            loop.call_soon_threadsafe(self._inbox.put_nowait, _END)
        except RuntimeError:  # the loop has ended
            return

    def _receive(self, message: Any) -> None:
        if not isinstance(message, dict):
            code = ErrorCode.ParseError if message is _GARBAGE else ErrorCode.InvalidRequest
            self._refuse(None, Refusal(code, "this is no message"))
            return
        number, method = message.get("id"), message.get("method")
        if not isinstance(number, int | str | None):
            self._refuse(None, Refusal(ErrorCode.InvalidRequest, "an id is a number or a text"))
        elif method is None:
            self._take_answer(message)
        elif number is None:
            self._hear(method, message.get("params"))
        else:
            self._answer(number, method, message.get("params"))

    def _take_answer(self, message: dict[str, Any]) -> None:
        number = message.get("id")
        answer = self._waiting.get(number) if isinstance(number, int | str) else None
        if answer is None or answer.done():
            return
        error = message.get("error")
        if isinstance(error, dict):
            code = error.get("code")
            refusal = Refusal(code if isinstance(code, int) else 0, str(error.get("message")))
            answer.set_exception(refusal)
        else:
            answer.set_result(message.get("result"))

    def _hear(self, method: object, params: Any) -> None:
        handler = self.handlers.get(method) if isinstance(method, str) else None
        if handler is None:
            return
        try:
            handler(params)
        except Refusal as refusal:
            _log.error("%s was not understood: %s", method, refusal)
        except Exception:  # noqa: BLE001 - nobody else would hear of it
            _log.exception("%s could not be handled", method)

    def _answer(self, number: Id, method: object, params: Any) -> None:
        handler = self.handlers.get(method) if isinstance(method, str) else None
        try:
            if handler is None:
                raise Refusal(ErrorCode.MethodNotFound, f"there is no method {method!r}")
            answer = handler(params)
        except Exception as error:  # noqa: BLE001 - an editor waits for an answer
            self._refuse(number, _refusal(error, method))
            return
        if inspect.isawaitable(answer):
            task = asyncio.ensure_future(self._answer_later(number, method, answer))
            self._answering[number] = task
            task.add_done_callback(lambda _: self._answering.pop(number, None))
        else:
            self._respond(number, answer)

    async def _answer_later(self, number: Id, method: object, answer: Awaitable[Any]) -> None:
        try:
            result = await answer
        except asyncio.CancelledError:
            self._refuse(number, Refusal(ErrorCode.RequestCancelled, "cancelled"))
        except Exception as error:  # noqa: BLE001 - an editor waits for an answer
            self._refuse(number, _refusal(error, method))
        else:
            self._respond(number, result)

    def _respond(self, number: Id, result: Any) -> None:
        head = f'{{"jsonrpc":"2.0","id":{json.dumps(number)},"result":'
        self._send(b"".join((head.encode(), encode(result), b"}")))

    def _refuse(self, number: Id | None, refusal: Refusal) -> None:
        error = {"code": int(refusal.code), "message": refusal.message}
        self._send(encode({"jsonrpc": "2.0", "id": number, "error": error}))

    def _send(self, body: bytes) -> None:
        if self._writer is None:
            return
        try:
            self._writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self._writer.flush()
        except (OSError, ValueError):  # nobody listens any more
            self.close()
            self._inbox.put_nowait(_END)


_END = object()
_GARBAGE = object()


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return _GARBAGE


def _refusal(error: Exception, method: object) -> Refusal:
    """The answer to a request that ``error`` came of; one that is no refusal is logged."""
    if isinstance(error, Refusal):
        return error
    _log.error("%s failed", method, exc_info=error)
    return Refusal(ErrorCode.InternalError, f"{type(error).__name__}: {error}")
