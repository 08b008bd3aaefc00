"""Notebooks, run as a kernel runs their cells: inside an event loop that is running all the time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from callscope.check import Report, check, fixes_for
from callscope.contracts import Target
from callscope.contracts.classic.tools import SYNC_CHAT_NEEDS_FREE_LOOP
from callscope.fixes import apply_edits
from callscope.project import Config, Project
from callscope.source import NotebookSource
from tests.runtime.harness import Completed, Environment

SETUP = """\
from autogen import ConversableAgent, UserProxyAgent

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
bot = ConversableAgent("bot", llm_config=False)


@user.register_for_execution()
async def add(a: int, b: int) -> int:
    print("FIRED")
    return a + b


call = {"name": "add", "arguments": '{"a": 1, "b": 2}'}
asked = {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": call}]}
"""
ANSWER = "print(user.generate_reply(messages=[asked], sender=bot))"
IN_A_FUNCTION = """\
def answer():
    return user.generate_reply(messages=[asked], sender=bot)


print(answer())
"""
IN_A_THREAD = """\
import asyncio

print(await asyncio.to_thread(user.generate_reply, messages=[asked], sender=bot))
"""

KERNEL = """\
import ast, asyncio
async def kernel():
    names = {{"__name__": "__main__"}}
    for cell in {cells!r}:
        code = compile(cell, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        waiting = eval(code, names)
        if waiting is not None:
            await waiting
asyncio.run(kernel())
"""


@pytest.mark.parametrize("cell", [ANSWER, IN_A_FUNCTION], ids=["top", "function"])
def test_a_sync_chat_with_an_async_tool(autogen_env: Environment, cell: str) -> None:
    report = checked(autogen_env, cell)
    done = run(autogen_env, [SETUP, cell])
    if Target.parse(autogen_env.target).release not in SYNC_CHAT_NEEDS_FREE_LOOP:
        assert not report.findings
        assert done.fired, done
        return
    (finding,) = report.findings
    assert finding.code == "CB507"
    assert "in a notebook meets" in finding.message
    assert not done.fired, done
    assert "already running" in str(done), done
    for fix in fixes_for(report, finding):
        text = apply_edits(report.source, fix.edits)
        mended = run(autogen_env, _cells(text))
        assert mended.fired, mended


def test_a_sync_chat_in_a_thread(autogen_env: Environment) -> None:
    assert not checked(autogen_env, IN_A_THREAD).findings
    done = run(autogen_env, [SETUP, IN_A_THREAD])
    assert done.fired, done


def test_loops_that_nest(autogen_env: Environment) -> None:
    patched = f"import nest_asyncio\n\nnest_asyncio.apply()\n{ANSWER}"
    assert not checked(autogen_env, patched).findings


def checked(env: Environment, cell: str) -> Report:
    """What is found in a notebook of ``SETUP`` and one more cell."""
    project = Project(Config(target=Target.parse(env.target)))
    return check(project, NotebookSource.of_cells(Path("a.ipynb"), [(1, SETUP), (2, cell)]))


def run(env: Environment, cells: Sequence[str]) -> Completed:
    """Run cells one after the other."""
    return env.run_warm(KERNEL.format(cells=list(cells)))


def _cells(text: str) -> list[str]:
    return NotebookSource(Path("a.ipynb"), text, numbers=(1, 2)).cells
