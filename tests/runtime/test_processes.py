"""What becomes of a registration when the agent works in another process, seen on real AutoGen.

Each program takes the start method as its argument, runs one chat in a pool of one worker, and
prints what the worker answered. The rules of the CB1 family rest on these.
"""

from __future__ import annotations

import sys
from itertools import cycle

import pytest

from tests.runtime.harness import Completed, Environment
from tests.runtime.releases import TARGETS

METHODS = ["spawn"] if sys.platform == "win32" else ["fork", "spawn", "forkserver"]
#: The methods whose workers begin by importing the program again, guard and all.
IMPORTING = {"spawn", "forkserver"}

TEAM = '''\
"""The agent, its callback, and the task that runs in the worker."""
import os
from autogen import Agent, ConversableAgent

PARENT = int(os.environ.setdefault("PARENT_PID", str(os.getpid())))
events = []

def new_agent():
    return ConversableAgent(
        "desk", llm_config=False, human_input_mode="NEVER", default_auto_reply="AUTO"
    )

def on_reply(recipient, messages=None, sender=None, config=None):
    where = "parent" if os.getpid() == PARENT else "worker"
    print("FIRED", "in the", where, os.getpid(), flush=True)
    events.append(messages[-1]["content"])
    return True, "ANSWERED"
'''

AGENT = """\
from team import new_agent
desk = new_agent()

def answer(text):
    return desk.generate_reply([{"role": "user", "content": text}])
"""

HEAD = """\
import multiprocessing, os, sys
from autogen import Agent
from team import events, new_agent, on_reply
"""

MAIN = """
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
"""


def run(env: Environment, method: str, main: str, desk: str = AGENT) -> Completed:
    files = {"team.py": TEAM, "desk.py": desk, "main.py": HEAD + main}
    return env.run(files, "main.py", args=[method])


def assert_answers(done: Completed, answer: str) -> None:
    """The worker ran to its end, without a word of complaint, and said ``answer``."""
    assert done.returncode == 0, done
    assert f"answer: {answer}" in done.stdout, done
    # Part of the claim: where a callback is lost, it is lost in silence.
    assert "Error" not in done.stderr, done


# The AutoGens take turns: how processes start is none of their business.
pytestmark = pytest.mark.parametrize(
    ("autogen_env", "method"),
    list(zip(cycle(TARGETS), METHODS, strict=False)),
    indirect=["autogen_env"],
)


def test_registered_under_the_guard(autogen_env: Environment, method: str) -> None:
    main = (
        "from desk import answer, desk\n"
        + MAIN
        + """\
    desk.register_reply([Agent, None], on_reply)
    with context.Pool(1) as pool:
        print("answer:", pool.map(answer, ["hello"])[0])
"""
    )
    done = run(autogen_env, method, main)
    kept = method not in IMPORTING
    assert_answers(done, "ANSWERED" if kept else "AUTO")
    assert done.fired == int(kept)


def test_registered_at_module_level(autogen_env: Environment, method: str) -> None:
    desk = AGENT.replace(
        "desk = new_agent()",
        "from autogen import Agent\n"
        "from team import on_reply\n"
        "desk = new_agent()\n"
        "desk.register_reply([Agent, None], on_reply)",
    )
    main = (
        "from desk import answer\n"
        + MAIN
        + """\
    with context.Pool(1) as pool:
        print("answer:", pool.map(answer, ["hello"])[0])
"""
    )
    done = run(autogen_env, method, main, desk)
    assert_answers(done, "ANSWERED")
    assert "FIRED in the worker" in done.stdout


def test_registered_at_the_top_of_the_script(autogen_env: Environment, method: str) -> None:
    main = (
        "from desk import answer, desk\n"
        "desk.register_reply([Agent, None], on_reply)\n"
        + MAIN
        + """\
    with context.Pool(1) as pool:
        print("answer:", pool.map(answer, ["hello"])[0])
"""
    )
    done = run(autogen_env, method, main)
    assert_answers(done, "ANSWERED")
    assert done.fired == 1


def test_factory_in_the_task(autogen_env: Environment, method: str) -> None:
    main = (
        """
def build_desk():
    desk = new_agent()
    desk.register_reply([Agent, None], on_reply)
    return desk

def answer(text):
    return build_desk().generate_reply([{"role": "user", "content": text}])
"""
        + MAIN
        + """\
    with context.Pool(1) as pool:
        print("answer:", pool.map(answer, ["hello"])[0])
"""
    )
    done = run(autogen_env, method, main)
    assert_answers(done, "ANSWERED")
    assert done.fired == 1


def test_registered_in_the_pools_initializer(autogen_env: Environment, method: str) -> None:
    main = (
        """
from desk import answer, desk

def set_up():
    desk.register_reply([Agent, None], on_reply)
"""
        + MAIN
        + """\
    with context.Pool(1, initializer=set_up) as pool:
        print("answer:", pool.map(answer, ["hello"])[0])
        print("second answer:", pool.map(answer, ["again"])[0])
    print("the parent's own agent says:", answer("hello"))
"""
    )
    done = run(autogen_env, method, main)
    assert_answers(done, "ANSWERED")
    assert "second answer: ANSWERED" in done.stdout
    assert done.fired == 2
    assert "the parent's own agent says: AUTO" in done.stdout


def test_registered_after_the_pool_was_made(autogen_env: Environment, method: str) -> None:
    main = (
        "from desk import answer, desk\n"
        + MAIN
        + """\
    with context.Pool(1) as pool:
        desk.register_reply([Agent, None], on_reply)
        print("answer:", pool.map(answer, ["hello"])[0])
"""
    )
    done = run(autogen_env, method, main)
    assert_answers(done, "AUTO")
    assert done.fired == 0


def test_agent_as_an_argument(autogen_env: Environment, method: str) -> None:
    main = (
        """
def ask(desk):
    return desk.generate_reply([{"role": "user", "content": "hello"}])
"""
        + MAIN
        + """\
    desk = new_agent()
    desk.register_reply([Agent, None], on_reply)
    with context.Pool(1) as pool:
        print("answer:", pool.map(ask, [desk])[0])
"""
    )
    done = run(autogen_env, method, main)
    assert done.returncode == 1, done
    assert done.fired == 0
    # The class of the exception changed in Python 3.14, its text did not.
    assert "Can't pickle local object" in done.stderr, done


def test_agent_made_under_the_guard(autogen_env: Environment, method: str) -> None:
    main = (
        """
def answer(text):
    return desk.generate_reply([{"role": "user", "content": text}])
"""
        + MAIN
        + """\
    desk = new_agent()
    desk.register_reply([Agent, None], on_reply)
    with context.Pool(1) as pool:
        print("answer:", pool.map(answer, ["hello"])[0])
"""
    )
    done = run(autogen_env, method, main)
    if method in IMPORTING:
        assert done.fired == 0
        assert "NameError: name 'desk' is not defined" in done.stderr, done
    else:
        assert_answers(done, "ANSWERED")


def test_what_the_callback_collects(autogen_env: Environment, method: str) -> None:
    """The worker's list grows; the parent's, which everybody looks at, stays empty."""
    main = (
        """
from desk import desk
desk.register_reply([Agent, None], on_reply)

def count(text):
    desk.generate_reply([{"role": "user", "content": text}])
    return len(events)
"""
        + MAIN
        + """\
    with context.Pool(1) as pool:
        print("answer:", pool.map(count, ["hello", "again"])[-1])
    print("in the parent:", len(events))
"""
    )
    done = run(autogen_env, method, main)
    assert_answers(done, "2")
    assert done.fired == 2
    assert "in the parent: 0" in done.stdout
