"""One piece of work after the other, and nothing left lying about between them."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from callscope.lsp.worker import Worker


class Tangle:
    """Something that holds itself, as the parts of a model hold each other."""

    def __init__(self, size: int) -> None:
        self.itself = self
        self.parts = [[self] for _ in range(size)]


@pytest.fixture(autouse=True)
def _seldom_collected() -> Iterator[None]:
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(1_000, 100, 100)
    yield
    gc.set_threshold(*before)


def test_what_large_work_leaves_is_gone_before_the_next_begins() -> None:
    async def alive_afterwards(size: int) -> bool:
        worker = Worker("test", 30.0, lambda job: None)
        made = worker.do(lambda: ref(Tangle(size)))
        then = worker.do(lambda: made.result()() is not None)
        assert await made is not None
        found = await then
        worker.close()
        return found

    assert not asyncio.run(alive_afterwards(20_000))
    # It is not looked for after each key.
    gc.set_threshold(1_000_000, 100, 100)
    assert asyncio.run(alive_afterwards(10))


def test_order_and_errors() -> None:
    done: list[int] = []

    def work(number: int) -> int:
        Tangle(5_000)
        done.append(number)
        if number == 2:
            raise ValueError("a bug")
        return number

    async def results() -> list[int | BaseException]:
        worker = Worker("test", 30.0, lambda job: None)
        asked = [worker.do(lambda n=number: work(n)) for number in range(5)]  # type: ignore[misc]
        asked[3].cancel()
        found = await asyncio.gather(*asked, return_exceptions=True)
        worker.close()
        return found

    found = asyncio.run(results())
    assert done == [0, 1, 2, 4]
    assert [found[0], found[1], found[4]] == [0, 1, 4]
    assert isinstance(found[2], ValueError)
    assert isinstance(found[3], asyncio.CancelledError)
