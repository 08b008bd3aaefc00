"""What lenses and hints say, and that what is remembered of a file is what a fresh look finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.check import Report, check
from callscope.hints import hints
from callscope.incremental import Recall
from callscope.lens import lenses
from callscope.notes import Memory, notes_of
from callscope.project import Project
from callscope.source import Position, Range, SourceText

HEAD = """\
from autogen import Agent, AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m", "api_key": "k"}]})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
peer = AssistantAgent("peer", llm_config=False)
def watch(recipient, messages, sender, config):
    return False, None
def answer(recipient, messages, sender, config):
    return True, "done"
def mask(content):
    return content
"""


def report(text: str, recall: Recall | None = None) -> Report:
    return check(Project(), SourceText(Path("program.py"), text), recall=recall or Recall())


def titles(body: str) -> list[str]:
    """The titles of the lenses on registrations."""
    found = lenses(report(HEAD + body))
    return [lens.title for lens in found if lens.range.start.line >= HEAD.count("\n")]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            'bot.register_reply([Agent, None], watch)\nuser.initiate_chat(bot, message="hi")\n',
            ["fires for `user` · tried 1st of 9 · 1 entry call"],
        ),
        # the initiator may never have to answer
        (
            'user.register_reply(bot, watch)\nuser.initiate_chat(bot, message="hi")\n',
            ["matches `bot` · tried 1st of 9 · 1 entry call"],
        ),
        # what is tried before may answer
        (
            "bot.register_reply(user, watch, position=7)\nuser.initiate_chat(bot, message=input())\n",
            ["matches `user` · tried 8th of 9 · 1 entry call"],
        ),
        # two senders, and one call without
        (
            "bot.register_reply([Agent, None], watch)\n"
            'for each in (user, peer):\n    each.initiate_chat(bot, message="hi")\n'
            'bot.generate_reply(messages=[{"role": "user", "content": "hi"}])\n',
            [
                "fires for `user`, `peer` and calls without a sender · tried 1st of 9 · 2 entry calls"
            ],
        ),
        # nobody sends
        (
            "bot.register_reply([None], watch)\nbot.generate_reply(messages=input())\n",
            ["matches calls without a sender · tried 1st of 9 · 1 entry call"],
        ),
        # only under a condition: the list is not known
        (
            "if input():\n    bot.register_reply(user, watch)\n"
            'user.initiate_chat(bot, message="hi")\n',
            [],
        ),
        # registered after the chat: it does not fire in that
        (
            'user.initiate_chat(bot, message="hi")\nbot.register_reply(user, watch)\n',
            ["never fires: "],
        ),
        (
            'bot.register_hook("process_last_received_message", mask)\n'
            'user.initiate_chat(bot, message="hi")\n',
            ["1 entry call"],
        ),
        # one line for several agents: only what holds for all of them
        (
            "for each in (bot, peer):\n    each.register_reply(user, watch)\n"
            'user.initiate_chat(bot, message="hi")\n',
            ["tried 1st of 9 · 1 entry call"],
        ),
        # not an agent
        ("import signal\nsignal.register_reply(user, watch)\n", []),
    ],
)
def test_titles(body: str, said: list[str]) -> None:
    found = titles(body)
    assert len(found) == len(said), found
    for title, expected in zip(found, said, strict=True):
        assert title.startswith(expected) if expected.endswith(": ") else title == expected


def test_an_agent_counts_its_registrations() -> None:
    found = lenses(
        report(f"{HEAD}bot.register_reply(user, watch)\nbot.register_reply(peer, watch)\n")
    )
    assert (found[0].range.start.line, found[0].title) == (1, "2 registrations")
    assert [place.start.line for place in found[0].places] == [10, 11]


def test_hints() -> None:
    text = f"""{HEAD}
def   both (content,  # a comment: with a colon
            extra={{"a": 1}}
            ) -> str:  # end
    return content
def one_line(content): return content
bot.register_hook("process_last_received_message", both)
bot.register_hook("process_all_messages_before_reply", both)
bot.register_hook("process_last_received_message", one_line)
"""
    found = report(text)
    everything = Range(Position(0, 0), found.source.end)
    (hint,) = hints(found, everything)
    assert hint.label == "called as (content) and (messages)"
    assert hint.position == Position(13, len("            ) -> str:"))
    assert hints(found, Range(Position(0, 0), Position(2, 0))) == []


BLOCK = """
def on_{0}(recipient, messages, sender, config):
    return False, None
bot_{0} = AssistantAgent("bot_{0}", llm_config=False)
bot_{0}.register_reply([Agent, None], on_{0})
"""


def test_what_is_remembered_is_what_is_there() -> None:
    blocks = [BLOCK.format(number) for number in range(5)]
    head = "from autogen import Agent, AssistantAgent\n"
    texts = [head + "".join(blocks)]
    texts += [head + "# a comment\n\n" + "".join(blocks), head + "".join(blocks[1:] + blocks[:1])]
    texts += [texts[0].replace("(bot_", "(", 2), texts[0] + "bot_1.register_reply(", texts[0]]
    texts += [texts[0].replace("\n", "\r\n"), texts[0].replace("[Agent, None], on_3", "on_4, 2")]
    recall, memory = Recall(), Memory()
    for text in texts:
        seen = report(text, recall)
        assert notes_of(seen, memory) == notes_of(report(text)), text
    assert len(memory.parts) > 3, "each block is looked at by itself"
