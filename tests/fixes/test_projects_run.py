"""Fixed projects of several files, run on real AutoGen with real worker processes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.fixes.tools import program, project_fixes
from tests.runtime.conftest import installed
from tests.runtime.harness import Completed
from tests.runtime.releases import TARGETS

pytestmark = [pytest.mark.runtime, pytest.mark.timeout(300)]


@pytest.fixture(scope="session", params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    """Each AutoGen in turn; what takes long shares them out."""
    installed(request.param)
    return str(request.param)


def run(files: dict[str, str], target: str) -> Completed:
    done = installed(target).run(files, "main.py", timeout=110)
    assert done.returncode == 0, f"{files}\n{done}"
    return done


def fires_in_workers(done: Completed, times: int) -> None:
    """The callback has fired so often, and in no process but workers."""
    parent = re.search(r"PARENT (\d+)", done.stdout)
    assert parent is not None, done
    pids = re.findall(r"FIRED in (\d+)", done.stdout)
    assert len(pids) == times, done
    assert parent[1] not in pids


LOST = {
    "desk/__init__.py": "",
    "desk/agents.py": """
        from autogen import AssistantAgent

        bot = AssistantAgent("bot", llm_config=False, default_auto_reply="AUTO")
        """,
    "desk/hooks.py": """
        import os

        from autogen import Agent

        from desk.agents import bot


        def audit(recipient, messages=None, sender=None, config=None):
            print("FIRED", "in", os.getpid(), flush=True)
            return False, None


        def install():
            bot.register_reply([Agent, None], audit)
        """,
    "desk/work.py": """
        from desk import agents


        def work(text):
            return agents.bot.generate_reply(messages=[{"role": "user", "content": text}])
        """,
    "main.py": """
        import os
        from multiprocessing import get_context

        from desk.hooks import install
        from desk.work import work

        if __name__ == "__main__":
            print("PARENT", os.getpid(), flush=True)
            install()
            with get_context("spawn").Pool(1) as pool:
                print(pool.map(work, ["a", "b"]))
        """,
}


@pytest.mark.parametrize("target", TARGETS[0::2], indirect=True)
def test_a_registration_in_another_module(tmp_path: Path, target: str) -> None:
    plain = {name: program(text) for name, text in LOST.items()}
    assert run(plain, target).fired == 0
    offered = project_fixes(tmp_path, LOST, "desk/hooks.py", "CB102", target)
    assert len(offered) == 4, list(offered)
    for files in offered.values():
        fires_in_workers(run(files, target), 2)


TEAM = {
    "team/__init__.py": """
        from .agents import bot, user

        __all__ = ["ask", "bot"]


        def ask(text):
            return user.initiate_chat(bot, message=text, max_turns=1).summary
        """,
    "team/agents.py": """
        import autogen

        user = autogen.UserProxyAgent(
            "user", human_input_mode="NEVER", code_execution_config=False
        )
        bot = autogen.ConversableAgent("bot", llm_config=False, default_auto_reply="AUTO")
        """,
    "hooks.py": """
        import os

        import autogen

        from team import bot as the_bot


        def audit(recipient, messages=None, sender=None, config=None):
            print("FIRED", "in", os.getpid(), flush=True)
            return False, None


        the_bot.register_reply([autogen.Agent, None], audit)
        """,
    "main.py": """
        import os
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context


        def main():
            import hooks
            from team import ask

            print("PARENT", os.getpid(), hooks.__name__, flush=True)
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
                print(list(executor.map(ask, ["a", "b"])))


        if __name__ == "__main__":
            main()
        """,
}


@pytest.mark.parametrize("target", TARGETS[1::2], indirect=True)
def test_agents_of_a_package(tmp_path: Path, target: str) -> None:
    plain = {name: program(text) for name, text in TEAM.items()}
    assert run(plain, target).fired == 0
    offered = project_fixes(tmp_path, TEAM, "hooks.py", "CB102", target)
    assert len(offered) == 3, list(offered)
    for files in offered.values():
        fires_in_workers(run(files, target), 2)


GROUP = {
    "agents.py": """
        import autogen

        llm_config = {"config_list": [{"model": "none", "api_key": "none"}]}
        writer = autogen.ConversableAgent("writer", llm_config=llm_config, human_input_mode="NEVER")
        user = autogen.UserProxyAgent(
            "user", human_input_mode="NEVER", code_execution_config=False, default_auto_reply="go on"
        )
        """,
    "tools.py": """
        from agents import user, writer


        @user.register_for_execution()
        @writer.register_for_llm(description="Look a fact up.")
        def look_up(subject: str) -> str:
            print("FIRED", flush=True)
            return subject
        """,
    "team.py": """
        import autogen

        import tools
        from agents import user, writer


        def write(recipient, messages=None, sender=None, config=None):
            # every chat begins with its own subject
            first = messages[0]["content"]
            assert all(first in m["content"] or m["content"] == "go on" for m in messages)
            call = {"id": "1", "type": "function",
                    "function": {"name": "look_up", "arguments": '{"subject": "%s"}' % first}}
            return True, {"content": first, "tool_calls": [call]}


        group = autogen.GroupChat(
            [user, writer], [], max_round=3, speaker_selection_method="round_robin"
        )
        manager = autogen.GroupChatManager(group, llm_config=False)
        writer.register_reply(autogen.Agent, write)
        """,
    "main.py": """
        from concurrent.futures import ThreadPoolExecutor

        from agents import user
        from team import group, manager


        def article(subject):
            user.initiate_chat(manager, message=subject, silent=True)
            return group.messages[-1]["content"]


        if __name__ == "__main__":
            with ThreadPoolExecutor(4) as threads:
                print(list(threads.map(article, [f"subject-{n}" for n in range(12)])))
        """,
}


def test_a_group_of_agents_of_several_modules(tmp_path: Path, target: str) -> None:
    offered = project_fixes(tmp_path, GROUP, "main.py", "CB101", target)
    assert len(offered) == 1, list(offered)
    (files,) = offered.values()
    done = run(files, target)
    assert done.fired == 12, f"{files}\n{done}"
    for number in range(12):
        assert f"subject-{number}" in done.stdout.splitlines()[-1]
