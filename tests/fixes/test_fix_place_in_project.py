"""A registration is moved into the module of its agent."""

from __future__ import annotations

from pathlib import Path

from tests.fixes.tools import assert_project_fixed, project_fixes

AGENTS = """
from autogen import AssistantAgent

clerk = AssistantAgent("clerk", llm_config=False, default_auto_reply="AUTO")


def answer(text):
    return clerk.generate_reply(messages=[{"role": "user", "content": text}])
"""
GUARD = """
if __name__ == "__main__":
    main()
"""
POOL = """\
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(answer, ["a"]))
"""


def test_with_a_callback_of_a_third_module(tmp_path: Path) -> None:
    assert_project_fixed(
        tmp_path,
        {
            "desk/__init__.py": "",
            "desk/agents.py": AGENTS,
            "desk/rules.py": "def polite(content):\n    return content\n",
            "run.py": "import multiprocessing\n\nfrom desk import rules\n"
            "from desk.agents import answer, clerk as the_clerk\n\n\ndef main():\n"
            "    # no rude words\n"
            '    the_clerk.register_hook("process_last_received_message", rules.polite)\n'
            f"{POOL}\n{GUARD}",
        },
        {
            "desk/agents.py": AGENTS.replace(
                'reply="AUTO")\n',
                'reply="AUTO")\n# no rude words\n'
                'clerk.register_hook("process_last_received_message", polite)\n',
            ).replace("Agent\n\n", "Agent\n\nfrom desk.rules import polite\n\n"),
            "run.py": "import multiprocessing\n\n"
            f"from desk.agents import answer\n\n\ndef main():\n{POOL}\n{GUARD}",
        },
        ("run.py", "CB102"),
        "Move the registration of `polite` beside `clerk` in agents.py",
    )


def test_with_a_callback_of_the_script_that_comes_along(tmp_path: Path) -> None:
    callback = """

# Words that nobody should read.
RUDE = ("darn",)


def polite(content):
    return " ".join(word for word in content.split() if word not in RUDE)
"""
    register = 'clerk.register_hook("process_last_received_message", polite)\n'
    assert_project_fixed(
        tmp_path,
        {
            "agents.py": AGENTS,
            "run.py": f"import multiprocessing\n\nimport agents\n{callback}\n\ndef main():\n"
            f"    agents.{register}{POOL.replace('answer', 'agents.answer')}\n{GUARD}",
        },
        {
            "agents.py": AGENTS.replace(
                'reply="AUTO")\n', f'reply="AUTO")\n{callback}\n\n{register}'
            ),
            "run.py": "import multiprocessing\n\nimport agents\n\n\ndef main():\n"
            f"{POOL.replace('answer', 'agents.answer')}\n{GUARD}",
        },
        ("run.py", "CB102"),
        "Move the registration of `polite` beside `clerk` in agents.py",
    )


def test_what_another_program_shows(tmp_path: Path) -> None:
    hooks = """
from .agents import clerk


def polite(content):
    return content


def install():
    clerk.register_hook("process_last_received_message", polite)
"""
    assert_project_fixed(
        tmp_path,
        {
            "desk/__init__.py": "",
            "desk/agents.py": AGENTS,
            "desk/hooks.py": hooks,
            "run.py": "import multiprocessing\n\nfrom desk import hooks\n"
            f"from desk.agents import answer\n\n\ndef main():\n    hooks.install()\n{POOL}\n{GUARD}",
        },
        {
            "desk/agents.py": AGENTS.replace(
                'reply="AUTO")\n',
                'reply="AUTO")\nclerk.register_hook("process_last_received_message", polite)\n',
            ).replace("Agent\n\n", "Agent\n\nfrom .hooks import polite\n\n"),
            "desk/hooks.py": hooks.replace("from .agents import clerk\n\n\n", "").replace(
                'clerk.register_hook("process_last_received_message", polite)', "pass"
            ),
        },
        ("desk/hooks.py", "CB102"),
        "Move the registration of `polite` beside `clerk` in agents.py",
    )


def test_not_if_the_modules_would_import_each_other(tmp_path: Path) -> None:
    files = {
        "agents.py": AGENTS,
        "hooks.py": "from agents import answer, clerk\n\n\ndef polite(content):\n"
        "    return answer(content)\n\n\ndef install():\n"
        '    clerk.register_hook("process_last_received_message", polite)\n',
        "run.py": "import multiprocessing\n\nimport hooks\nfrom agents import answer\n\n\n"
        f"def main():\n    hooks.install()\n{POOL}\n{GUARD}",
    }
    offered = project_fixes(tmp_path, files, "hooks.py", "CB102")
    assert not any("beside" in title for title in offered), list(offered)


def test_not_what_is_used_elsewhere_too(tmp_path: Path) -> None:
    files = {
        "agents.py": AGENTS,
        "run.py": "import multiprocessing\n\nimport agents\n\n\ndef polite(content):\n"
        "    return content\n\n\ndef main():\n    print(polite(''))\n"
        '    agents.clerk.register_hook("process_last_received_message", polite)\n'
        f"{POOL.replace('answer', 'agents.answer')}\n{GUARD}",
    }
    offered = project_fixes(tmp_path, files, "run.py", "CB102")
    assert not any("beside" in title for title in offered), list(offered)
