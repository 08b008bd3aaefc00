"""Standard input as something that can be waited for."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import suppress
from io import FileIO

_CHUNK = 1 << 16


class _Reader(asyncio.StreamReader):
    """Lets others have a turn before each line: a burst of messages is handled one by one."""

    async def readline(self) -> bytes:
        await asyncio.sleep(0)
        return await super().readline()


def read_in_thread(stream: FileIO) -> asyncio.StreamReader:
    """A reader of ``stream``, which a thread waits for: on some platforms nothing else can.

    ``stream`` must not be buffered: Python could not end while the thread holds its lock.
    """
    loop = asyncio.get_running_loop()
    reader = _Reader(limit=sys.maxsize)

    def read() -> None:
        with suppress(RuntimeError):  # the loop has ended
            with suppress(OSError, ValueError):  # the stream has broken
                while chunk := stream.read(_CHUNK):
                    loop.call_soon_threadsafe(reader.feed_data, chunk)
            loop.call_soon_threadsafe(reader.feed_eof)

    threading.Thread(target=read, name="read", daemon=True).start()
    return reader
