"""What belongs together in a module, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.model.islands import Islands
from callscope.source import Segments, SourceText

_TWO = """
import autogen

MODEL = "m"


def reply(recipient, messages=None, sender=None, config=None):
    return True, MODEL


bot = autogen.ConversableAgent("bot", llm_config=False)
bot.register_reply([autogen.Agent, None], reply)


def other():
    return autogen.ConversableAgent("other", llm_config={"model": MODEL})
"""


def _groups(text: str) -> list[str]:
    segments = Segments.of(SourceText(Path("m.py"), text))
    return [
        "".join(segments.items[number].text for number in group)
        for group in Islands(segments).groups
    ]


def test_two_islands() -> None:
    one, other = _groups(_TWO)
    assert "register_reply" in one
    assert "def reply" in one
    assert "def other" in other
    assert "def reply" not in other
    assert "MODEL = " in one
    assert "MODEL = " in other
    assert "import autogen" in other


@pytest.mark.parametrize(
    "more",
    [
        pytest.param('x = "bot and other"\n', id="named in a text"),
        pytest.param("def both():\n    return bot, other\n", id="used together"),
        pytest.param("globals()['b' + 'ot'] = None\n", id="reached by a name that is made"),
        pytest.param("MODEL = 'n'\n", id="a constant bound twice"),
        pytest.param("def change():\n    global MODEL\n    MODEL = 'n'\n", id="a constant rebound"),
        pytest.param("autogen.Agent.name = 1\n", id="a patched import"),
        pytest.param("del autogen.Agent\n", id="a part of an import that is deleted"),
        pytest.param(
            "from autogen import runtime_logging\nruntime_logging.start()\n", id="logging"
        ),
    ],
)
def test_one_island(more: str) -> None:
    (group,) = [group for group in _groups(_TWO + more) if "def reply" in group]
    assert "def other" in group


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("config = {'a': 1}\nconfig['a'] = 2\n", id="a dict that is changed"),
        pytest.param("items = []\ndef f():\n    items.append(1)\n", id="a list that is changed"),
        pytest.param("config = {'a': 1}\nif config['a']:\n    pass\n", id="a dict that is read"),
    ],
)
def test_what_may_change_is_no_sea(more: str) -> None:
    name = more.partition(" ")[0]
    using = f"def one():\n    return bot, {name}\ndef two():\n    return other, {name}\n"
    (group,) = [group for group in _groups(_TWO + more + using) if "def reply" in group]
    assert "def other" in group


def test_what_nobody_names_is_looked_at() -> None:
    *_, idle = _groups("from autogen import UserProxyAgent\nfrom autogen import Agent\n" + _TWO)
    assert "UserProxyAgent" in idle
    assert _groups("import autogen\n") == ["import autogen\n"]
    assert _groups("") == [""]


def test_what_stands_alone_is_everywhere() -> None:
    text = "from dotenv import load_dotenv\nload_dotenv()\nfrom team import *\n" + _TWO
    for group in _groups("from __future__ import annotations\n" + text):
        assert "load_dotenv()" in group
        assert "from team import *" in group
        assert "from __future__" in group
