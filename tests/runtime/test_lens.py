"""What a lens says of a registration, against real AutoGen: its place in the list, and who fires it.

The programs are those of ``test_order.py``; here each function notes who sent the message as well.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from callscope.check import Report, check
from callscope.contracts import Target
from callscope.incremental import Recall
from callscope.lens import lenses
from callscope.notes import RegistrationNote, notes_of
from callscope.project import Config, Project
from callscope.source import SourceText
from tests.runtime.test_order import (
    ASYNC_CHATS,
    ASYNC_NAMES,
    CHATS,
    EXAMPLES,
    NAMES,
    SYNC_CHATS,
    for_release,
    many,
    observed,
    programs,
    target,
)

__all__ = ["target"]

NESTED = (SYNC_CHATS, ASYNC_CHATS, "nested_own", "nested_later")
some = settings(many, max_examples=EXAMPLES or 50)
_TRIED = re.compile(r"tried (\d+)(?:st|nd|rd|th) of (\d+)")


def looked_at(target: str, program: str) -> Report:
    project = Project(Config(target=Target.parse(target)))
    return check(project, SourceText(Path("program.py"), program), recall=Recall())


def callbacks(report: Report, note: RegistrationNote) -> set[str]:
    """The functions that a registration may hand over."""
    words = set(re.findall(r"\w+", report.source.slice(note.range)))
    named = words & {*NAMES, *ASYNC_NAMES, "on_mine", "nested_own", "nested_later"}
    if "register_nested_chats" in words:
        return named or {SYNC_CHATS, ASYNC_CHATS}
    return named or set(NAMES)


def on_bot(report: Report) -> list[RegistrationNote]:
    return [note for note in notes_of(report).registrations if note.agent == "bot"]


@some
@given(program=programs())
def test_places(target: str, program: str) -> None:
    """``tried 2nd of 9`` is the second of the nine functions that the agent holds."""
    program = for_release(target, program)
    report, tried = looked_at(target, program), observed(target, program)["tried"]
    shown = 0
    for lens in lenses(report):
        said = _TRIED.search(lens.title)
        if said is None:
            continue
        shown += 1
        number, length = map(int, said.groups())
        note = next(note for note in on_bot(report) if note.range == lens.range)
        assert length == len(tried), lens.title
        assert tried[number - 1][0] in callbacks(report, note), lens.title
    event(f"places shown: {min(shown, 3)}")


@some
@given(program=programs(), chat=st.sampled_from(CHATS), is_async=st.booleans())
def test_senders(target: str, program: str, chat: str, is_async: bool) -> None:
    """Whom it says to fire for, it fires for; and it fires for nobody of whom it says nothing."""
    words = {"run": "asyncio.run", "a": "a_"} if is_async else {"run": "", "a": ""}
    text = for_release(target, program + chat.format(**words, is_async=is_async))
    text = re.sub(
        r'fired\.append\("(\w+)"\)', r'fired.append("\1 " + getattr(sender, "name", ""))', text
    )
    fired = {tuple(each.split(" ")) for each in observed(target, text)["fired"]}
    report = looked_at(target, text)
    notes = on_bot(report)
    for note in notes:
        names = callbacks(report, note) - {SYNC_CHATS, ASYNC_CHATS}
        event(f"fires for: {bool(note.fires_for)}")
        for sender in note.fires_for if names else ():
            assert any((name, real(sender)) in fired for name in names), note
    if not notes or any(note.place is None for note in notes):
        return
    for name, sender in fired:
        told = [n for n in notes if name in callbacks(report, n)]
        heard = [real(each) for n in told for each in (*n.fires_for, *n.matches)]
        assert sender in heard, (name, sender)


def real(label: str) -> str:
    """The name of the agent that the programs call so."""
    return {"head": "chief"}.get(label, label)


def test_lenses_do_speak() -> None:
    """Nothing above would be shown if no lens said anything."""
    said: list[str] = []

    @some
    @given(program=programs(), chat=st.sampled_from(CHATS[:5]))
    def collect(program: str, chat: str) -> None:
        text = program + chat.format(run="", a="", is_async=False)
        said.extend(lens.title for lens in lenses(looked_at("autogen==0.14.1", text)))

    collect()
    for word in ("tried 1st of", "tried 2nd of", "fires for `peer`", "matches ", "1 entry call"):
        assert sum(word in title for title in said) > len(said) * 0.02, word


@pytest.mark.parametrize("word", ["fires for", "tried"])
def test_nothing_is_claimed_of_a_list_that_is_not_known(word: str) -> None:
    program = """\
from autogen import Agent, ConversableAgent
from elsewhere import finish
def on_reply(recipient, messages, sender, config):
    return False, None
bot = ConversableAgent("bot", llm_config=False)
bot.register_reply([Agent, None], on_reply)
finish(bot)
user = ConversableAgent("user", llm_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
"""
    titles = [lens.title for lens in lenses(looked_at("autogen==0.14.1", program))]
    assert not any(word in title for title in titles)
    known = program.replace("finish(bot)\n", "")
    titles = [lens.title for lens in lenses(looked_at("autogen==0.14.1", known))]
    assert any(word in title for title in titles)
