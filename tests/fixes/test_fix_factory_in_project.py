"""The factory that takes the place of an agent in all files that use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixes.tools import assert_project_fixed, project_fixes

AGENTS = """
from autogen import AssistantAgent

# Answers letters.
clerk = AssistantAgent("clerk", llm_config=False)
"""
FACTORY = """
from autogen import AssistantAgent
{imports}

def build_clerk():
    # Answers letters.
    clerk = AssistantAgent("clerk", llm_config=False)
{setup}    return clerk
"""
HOOKS = """
def polite(content):
    return content
"""
WORK = """
from agents import clerk


def answer(text):
    return clerk.generate_reply(messages=[{"role": "user", "content": text}])
"""
MAIN = """
import multiprocessing

from agents import clerk
from hooks import polite
from work import answer

if __name__ == "__main__":
    clerk.register_hook("process_last_received_message", polite)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(answer, ["a"]))
"""
FIXED = {
    "agents.py": FACTORY.format(
        imports="\nfrom hooks import polite\n",
        setup='    clerk.register_hook("process_last_received_message", polite)\n',
    ),
    "main.py": """
import multiprocessing

from work import answer

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(answer, ["a"]))
""",
    "work.py": WORK.replace("import clerk", "import build_clerk").replace(
        "(text):\n", "(text):\n    clerk = build_clerk()\n"
    ),
}
BEFORE = {"agents.py": AGENTS, "hooks.py": HOOKS, "work.py": WORK, "main.py": MAIN}
TITLE = (
    "Move `clerk` and its registration into `build_clerk()` and change {} other files "
    "(fresh chat history per call)"
)


def test_the_script_registers_and_another_module_uses(tmp_path: Path) -> None:
    assert_project_fixed(tmp_path, BEFORE, FIXED, ("main.py", "CB102"), TITLE.format(2))


def test_one_for_each_process(tmp_path: Path) -> None:
    cached = FIXED["agents.py"].replace("def build", "@functools.cache\ndef build")
    assert_project_fixed(
        tmp_path,
        BEFORE,
        {**FIXED, "agents.py": "\nimport functools\n" + cached},
        ("main.py", "CB102"),
        "Move `clerk` and its registration into a cached `build_clerk()` and change 2 other files: "
        "one agent per process, chat history kept",
    )


USES = {
    "by another name": (
        'from agents import clerk as c\n\n\ndef other():\n    return c.last_message()["content"]\n',
        "from agents import build_clerk\n\n\ndef other():\n    c = build_clerk()\n"
        '    return c.last_message()["content"]\n',
    ),
    "beside other names": (
        "from agents import (\n    AssistantAgent,\n    clerk,  # ours\n)\n\n\ndef other():\n"
        "    return AssistantAgent, clerk.name\n",
        "from agents import (\n    AssistantAgent,\n    build_clerk,  # ours\n)\n\n\ndef other():\n"
        "    clerk = build_clerk()\n    return AssistantAgent, clerk.name\n",
    ),
    "through the module": (
        "import agents as a\n\n\ndef other():\n    return a.clerk.name, a.clerk.description\n",
        "import agents as a\n\n\ndef other():\n    clerk = a.build_clerk()\n"
        "    return clerk.name, clerk.description\n",
    ),
    "where the name is taken": (
        "import agents\n\n\ndef other(clerk):\n    return clerk, agents.clerk.name\n",
        "import agents\n\n\ndef other(clerk):\n    clerk_agent = agents.build_clerk()\n"
        "    return clerk, clerk_agent.name\n",
    ),
    "imported in a function": (
        "def other():\n    from agents import clerk\n    return clerk.name\n",
        "def other():\n    from agents import build_clerk\n    clerk = build_clerk()\n"
        "    return clerk.name\n",
    ),
    "through a module imported in a function": (
        "def other():\n    import agents\n    return agents.clerk.name\n",
        "def other():\n    import agents\n    clerk = agents.build_clerk()\n"
        "    return clerk.name\n",
    ),
    "in a guard": (
        'import agents\n\nif __name__ == "__main__":\n    print(agents.clerk.name)\n',
        'import agents\n\nif __name__ == "__main__":\n    clerk = agents.build_clerk()\n'
        "    print(clerk.name)\n",
    ),
    "while it is imported": (
        "from agents import clerk\n\nprint(clerk.name)\n",
        "from agents import build_clerk\n\nclerk = build_clerk()\nprint(clerk.name)\n",
    ),
    "only imported": ("from agents import clerk\n", "from agents import build_clerk\n"),
    "passed on": (
        'from agents import clerk\n\n__all__ = ["clerk"]\n',
        'from agents import build_clerk\n\n__all__ = ["build_clerk"]\n',
    ),
}


@pytest.mark.parametrize("use", USES)
def test_a_use_in_a_file_of_another_program(tmp_path: Path, use: str) -> None:
    before, after = USES[use]
    assert_project_fixed(
        tmp_path,
        {**BEFORE, "other.py": before},
        {**FIXED, "other.py": after},
        ("main.py", "CB102"),
        TITLE.format(3),
    )


def test_a_package_that_passes_it_on(tmp_path: Path) -> None:
    assert_project_fixed(
        tmp_path,
        {
            "desk/__init__.py": 'from .staff import clerk\n\n__all__ = ["clerk", "desk"]\n\n'
            "desk = 1\n",
            "desk/staff.py": AGENTS + '\n\n__all__ = ["clerk"]\n',
            "hooks.py": HOOKS,
            "work.py": WORK.replace("agents", "desk"),
            "main.py": MAIN.replace("agents", "desk"),
        },
        {
            "desk/__init__.py": 'from .staff import build_clerk\n\n__all__ = ["build_clerk", '
            '"desk"]\n\ndesk = 1\n',
            "desk/staff.py": FIXED["agents.py"] + '\n\n__all__ = ["build_clerk"]\n',
            "work.py": FIXED["work.py"].replace("agents", "desk"),
            "main.py": FIXED["main.py"],
        },
        ("main.py", "CB102"),
        TITLE.format(3),
    )


def test_what_another_module_sets_up_while_it_is_imported(tmp_path: Path) -> None:
    hooks = """
from autogen import Agent

import agents


def audit(recipient, messages=None, sender=None, config=None):
    return False, None


# everything is heard
agents.clerk.register_reply([Agent, None], audit)
"""
    hooks += "\n\ndef polite(content):\n    return content\n"
    after = {
        **FIXED,
        "agents.py": FACTORY.format(
            imports="\nfrom hooks import audit, polite\n",
            setup="    # everything is heard\n    clerk.register_reply([Agent, None], audit)\n"
            '    clerk.register_hook("process_last_received_message", polite)\n',
        ).replace("import Ass", "import Agent, Ass"),
        "hooks.py": "def audit(recipient, messages=None, sender=None, config=None):\n"
        "    return False, None\n\n\ndef polite(content):\n    return content\n",
    }
    title = TITLE.format(3).replace("registration", "2 registrations")
    assert_project_fixed(
        tmp_path, {**BEFORE, "hooks.py": hooks}, after, ("main.py", "CB102"), title
    )


def test_modules_that_need_each_other(tmp_path: Path) -> None:
    hooks = (
        "import agents\n\n\ndef polite(content):\n    return agents.AssistantAgent and content\n"
    )
    offered = project_fixes(tmp_path, {**BEFORE, "hooks.py": hooks}, "main.py", "CB102")
    after = offered[TITLE.format(2)]["agents.py"]
    assert after == FACTORY.format(
        imports="", setup='    clerk.register_hook("process_last_received_message", polite)\n'
    ).replace("build_clerk():\n", "build_clerk():\n    from hooks import polite\n\n").removeprefix(
        "\n"
    )


REFUSED = {
    "everything is imported": "from agents import *\n",
    "it is replaced": "import agents\n\nagents.clerk = None\n",
    "it is patched": 'from unittest.mock import patch\nimport agents\n\n\n@patch("agents.clerk")\n'
    "def test_nothing(clerk):\n    pass\n",
    "the module is handed on": "import agents\n\nprint(vars(agents))\n",
    "looked up": 'import agents\n\n\ndef get(name):\n    return getattr(agents, "clerk")\n',
    "a default": "from agents import clerk\n\n\ndef other(agent=clerk):\n    return agent\n",
    "bound again": "from agents import clerk\n\nclerk = clerk or None\n",
    "handed over": "from agents import clerk\nfrom elsewhere import use\n\nuse(clerk)\n",
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_use_that_cannot_be_rewritten(tmp_path: Path, why: str) -> None:
    files = {**BEFORE, "other.py": REFUSED[why]}
    offered = project_fixes(tmp_path, files, "main.py", "CB102")
    assert not any("build_clerk" in title for title in offered), list(offered)


def test_functions_of_several_files_that_share_a_chat(tmp_path: Path) -> None:
    files = {
        **BEFORE,
        "more.py": "from agents import clerk\n\n\ndef last():\n    return clerk.last_message()\n",
        "work.py": WORK.replace("clerk\n\n", "clerk\nfrom more import last\n\n").replace(
            "    return", "    last()\n    return"
        ),
    }
    offered = project_fixes(tmp_path, files, "main.py", "CB102")
    assert not any("fresh chat" in title for title in offered), list(offered)
    assert any("one agent per process" in title for title in offered), list(offered)


def test_called_while_modules_that_need_each_other_are_imported(tmp_path: Path) -> None:
    hooks = (
        "import agents\n\n\ndef polite(content):\n    return agents.AssistantAgent and content\n"
    )
    files = {**BEFORE, "hooks.py": hooks, "other.py": USES["while it is imported"][0]}
    offered = project_fixes(tmp_path, files, "main.py", "CB102")
    assert not any("build_clerk" in title for title in offered), list(offered)


def test_tools_of_another_module_move_along(tmp_path: Path) -> None:
    tools = """
import functools

import agents
from agents import clerk


@agents.clerk.register_for_execution()
@clerk.register_for_llm(
    description="Look a word up.",
)
@functools.cache
def look_up(word: str) -> str:
    return word
"""
    files = {**BEFORE, "tools.py": tools, "work.py": WORK + "\n\nimport tools\n"}
    assert_project_fixed(
        tmp_path,
        files,
        {
            **FIXED,
            "work.py": FIXED["work.py"] + "\n\nimport tools\n",
            "tools.py": "import functools\n\n\n@functools.cache\ndef look_up(word: str) -> str:\n"
            "    return word\n",
            "agents.py": FACTORY.format(
                imports="\nfrom hooks import polite\nfrom tools import look_up\n",
                setup="    clerk.register_for_llm(\n"
                '        description="Look a word up.",\n    )(look_up)\n'
                "    clerk.register_for_execution()(look_up)\n"
                '    clerk.register_hook("process_last_received_message", polite)\n',
            ),
        },
        ("main.py", "CB102"),
        TITLE.format(3).replace("registration", "3 registrations"),
    )


TEAM = {
    "agents.py": """
import autogen

user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
writer = autogen.ConversableAgent("writer", llm_config=False)
""",
    "team.py": """
import autogen

from agents import user, writer

group = autogen.GroupChat([user, writer], [], max_round=3, speaker_selection_method="round_robin")
manager = autogen.GroupChatManager(group, llm_config=False)
""",
    "api.py": """
import autogen
from fastapi import FastAPI

from team import manager

app = FastAPI()


@app.post("/ask")
def ask(text: str):
    me = autogen.UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
    return me.initiate_chat(manager, message=text).summary
""",
}


def test_a_group_of_agents_of_another_module(tmp_path: Path) -> None:
    assert_project_fixed(
        tmp_path,
        TEAM,
        {
            "agents.py": """
import autogen


def build_agents():
    user = autogen.UserProxyAgent(
        "user", human_input_mode="NEVER", code_execution_config=False
    )
    writer = autogen.ConversableAgent("writer", llm_config=False)
    return user, writer
""",
            "team.py": """
import autogen

from agents import build_agents


def build_manager():
    user, writer = build_agents()
    group = autogen.GroupChat(
        [user, writer], [], max_round=3, speaker_selection_method="round_robin"
    )
    manager = autogen.GroupChatManager(group, llm_config=False)
    return manager
""",
            "api.py": TEAM["api.py"]
            .replace("import manager", "import build_manager")
            .replace("    me =", "    manager = build_manager()\n    me ="),
        },
        ("api.py", "CB101"),
        "Move `manager`, `user` and 2 more agents and chats into `build_manager()` and "
        "`build_agents()` and change 2 other files (fresh chat history per call)",
    )


def test_agents_of_both_modules_come_from_the_last_one(tmp_path: Path) -> None:
    api = """
from fastapi import FastAPI

from agents import user as me
from team import manager

app = FastAPI()


@app.post("/ask")
def ask(text: str):
    return me.initiate_chat(manager, message=text).summary
"""
    assert_project_fixed(
        tmp_path,
        {**TEAM, "api.py": api},
        {
            "agents.py": """
import autogen


def build_agents():
    user = autogen.UserProxyAgent(
        "user", human_input_mode="NEVER", code_execution_config=False
    )
    writer = autogen.ConversableAgent("writer", llm_config=False)
    return user, writer
""",
            "team.py": """
import autogen

from agents import build_agents


def build_group():
    user, writer = build_agents()
    group = autogen.GroupChat(
        [user, writer], [], max_round=3, speaker_selection_method="round_robin"
    )
    manager = autogen.GroupChatManager(group, llm_config=False)
    return user, manager
""",
            "api.py": api.replace("from agents import user as me\n", "")
            .replace("import manager", "import build_group")
            .replace("    return", "    me, manager = build_group()\n    return"),
        },
        ("api.py", "CB101"),
        "Move `user`, `manager` and 2 more agents and chats into `build_group()` and "
        "`build_agents()` and change 2 other files (fresh chat history per call)",
    )


def test_not_if_a_function_reaches_them_in_another_way(tmp_path: Path) -> None:
    api = """
from fastapi import FastAPI

import agents
from team import manager

app = FastAPI()


@app.post("/ask")
def ask(text: str):
    return agents.user.initiate_chat(manager, message=text).summary
"""
    assert project_fixes(tmp_path, {**TEAM, "api.py": api}, "api.py", "CB101") == {}


def test_three_agents_come_back_as_a_named_tuple(tmp_path: Path) -> None:
    agents = """
from autogen import AssistantAgent, GroupChat

one = AssistantAgent("one", llm_config=False)
two = AssistantAgent("two", llm_config=False)
three = AssistantAgent("three", llm_config=False)
chat = GroupChat([one, two, three], [])
"""
    work = """
import agents
from agents import one


def answer(text):
    agents.two.send(text, agents.three)
    return one.generate_reply(messages=[{"role": "user", "content": text}])
"""
    main = MAIN.replace("clerk", "one")
    files = {"agents.py": agents, "hooks.py": HOOKS, "work.py": work, "main.py": main}
    offered = project_fixes(tmp_path, files, "main.py", "CB102")
    after = next(after for title, after in offered.items() if "cached" in title)
    assert "class Agents(NamedTuple):\n    one: AssistantAgent\n" in after["agents.py"]
    assert "    return Agents(one, two, three)\n" in after["agents.py"]
    assert "    one = build_agents().one\n" in after["work.py"]
    assert (
        "built = agents.build_agents()\n    two, three = built.two, built.three\n"
        in (after["work.py"])
    )
