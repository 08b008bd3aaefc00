"""Fixed programs, run on real AutoGen: every rule's documented example with its preferred fix, and
the fixes about worker processes with real ones."""

from __future__ import annotations

import re

import pytest

from callscope.check import claims, refactorings_at
from callscope.contracts import Target
from callscope.fixes import Fix, all_providers
from callscope.rules import Rule, all_rules
from callscope.source import Position, Range
from tests.fixes.tools import fixes, program, report
from tests.runtime.conftest import installed
from tests.runtime.harness import Completed
from tests.runtime.releases import NEWEST, TARGETS
from tests.runtime.test_rule_examples import errors, fails

pytestmark = pytest.mark.runtime


@pytest.fixture(scope="session", params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    """Each AutoGen in turn; what takes long shares them out."""
    installed(request.param)
    return str(request.param)


def rules_with_a_fix() -> list[object]:
    """Each rule that has a fix provider, with an AutoGen that it claims: they take turns."""
    mended = {code for provider in all_providers() for code in provider.codes}
    turns: list[object] = []
    for rule in all_rules():
        claimed = [target for target in NEWEST if claims(rule, Target.parse(target))]
        if rule.code in mended and claimed:
            target = claimed[len(turns) % len(claimed)]
            turns.append(pytest.param(rule, target, id=f"{rule.code}-{target}"))
    return turns


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("rule", "on"), rules_with_a_fix())
def test_the_preferred_fix_makes_the_example_work(rule: Rule, on: str) -> None:
    offered = fixes(rule.docs.broken, rule.code, on)
    assert offered, "the documented example has no fix"
    mended = offered[0].new_text
    assert not [f for f in report(mended, on).findings if f.code == rule.code]
    done = installed(on).run_warm(mended)
    assert done.returncode == 0, f"{offered[0].title}\n{mended}\n{done}"
    assert done.fired, f"{offered[0].title}\n{mended}\n{done}"
    assert not errors(done), f"{offered[0].title}\n{mended}\n{done}"
    broken = installed(on).run_warm(rule.docs.broken)
    assert fails(broken, done), f"nothing is better with {offered[0].title}\n{done}"


HEAD = program(
    """
    from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

    bot = AssistantAgent("bot", llm_config=False, default_auto_reply="AUTO")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return False, None
    """
)

SENT = HEAD + program(
    """
    bot.register_reply([Agent, None], on_reply)
    user.send("hello", bot)
    """
)

ONE_TURN = HEAD + program(
    """
    user.register_reply([Agent, None], on_reply)
    user.initiate_chat(bot, message="hello", max_turns=1)
    """
)

PAST_THE_GROUP = HEAD + program(
    """
    def select(last_speaker, groupchat):
        print("FIRED")
        return bot

    def main():
        team = GroupChat([user, bot], [], max_round=3, speaker_selection_method=select)
        manager = GroupChatManager(team, llm_config=False)
        user.initiate_chat(bot, message="hello", max_turns=1)

    main()
    """
)

CALL = {
    "content": None,
    "tool_calls": [
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
    ],
}

SWAPPED = HEAD + program(
    f"""
    asker = AssistantAgent("asker", llm_config={{"config_list": [{{"model": "m", "api_key": "k"}}]}})
    @asker.register_for_execution()
    @user.register_for_llm(description="d")
    def f() -> str:
        print("FIRED")
        return "done"
    user.generate_reply(messages=[{CALL!r}], sender=asker)
    """
)

ANSWERED = HEAD + program(
    f"""
    def answer(recipient, messages=None, sender=None, config=None):
        return True, "thanks"
    @user.register_for_execution()
    def f() -> str:
        print("FIRED")
        return "done"
    user.register_reply([Agent, None], answer)
    user.generate_reply(messages=[{CALL!r}], sender=bot)
    """
)

ASYNC_QUEUE = program(
    """
    import asyncio
    from autogen import Agent, ConversableAgent

    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED")
        return True, "fine"

    one = ConversableAgent("one", llm_config=False, human_input_mode="NEVER")
    two = ConversableAgent("two", llm_config=False, human_input_mode="NEVER")
    user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
    two.register_reply([Agent, None], on_reply)
    queue = [
        {"recipient": one, "message": "hi", "max_turns": 1},
        {"recipient": two, "message": "hi", "max_turns": 1, "chat_id": 2, "prerequisites": [1]},
    ]
    asyncio.run(user.a_initiate_chats(queue))
    """
)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("CB425", ASYNC_QUEUE),
        ("CB407", SENT),
        ("CB407", ONE_TURN),
        ("CB407", PAST_THE_GROUP),
        ("CB508", ANSWERED),
        ("CB510", SWAPPED),
    ],
)
def test_each_offer_makes_it_work(code: str, text: str, target: str) -> None:
    broken = installed(target).run_warm(text)
    assert not broken.fired, broken
    offered = fixes(text, code, target)
    assert offered
    for fix in offered:
        done = installed(target).run_warm(fix.new_text)
        assert done.returncode == 0, f"{fix.title}\n{fix.new_text}\n{done}"
        assert done.fired, f"{fix.title}\n{fix.new_text}\n{done}"


LOST = program(
    """
    import os
    from multiprocessing import get_context

    from autogen import Agent, AssistantAgent

    bot = AssistantAgent("bot", llm_config=False, default_auto_reply="AUTO")


    def audit(recipient, messages=None, sender=None, config=None):
        print("FIRED", "in", os.getpid(), flush=True)
        return False, None


    def work(text):
        return bot.generate_reply(messages=[{"role": "user", "content": text}])


    def main():
        bot.register_reply([Agent, None], audit)
        with get_context("spawn").Pool(1) as pool:
            print(pool.map(work, ["a", "b"]))


    if __name__ == "__main__":
        print("PARENT", os.getpid(), flush=True)
        main()
    """
)


def run(text: str, target: str) -> Completed:
    done = installed(target).run({"program.py": text}, "program.py", timeout=110)
    assert done.returncode == 0, f"{text}\n{done}"
    return done


def in_workers(done: Completed) -> bool:
    """Whether the callback fired, and in no process but a worker."""
    parent = re.search(r"PARENT (\d+)", done.stdout)
    assert parent is not None, done
    pids = re.findall(r"in (\d+)", done.stdout)
    return bool(pids) and parent[1] not in pids


@pytest.mark.parametrize("target", TARGETS[0::2], indirect=True)
@pytest.mark.timeout(300)
def test_a_lost_registration_is_back_in_the_worker(target: str) -> None:
    assert run(LOST, target).fired == 0
    offered = fixes(LOST, "CB102", target)
    assert len(offered) == 4, [fix.title for fix in offered]
    for fix in offered:
        done = run(fix.new_text, target)
        assert done.fired == 2, f"{fix.title}\n{done}"
        assert in_workers(done)


REPEATED = program(
    """
    import os
    from multiprocessing import get_context

    from autogen import AssistantAgent

    bot = AssistantAgent("bot", llm_config=False, default_auto_reply="AUTO")


    def mask(content):
        print("FIRED", "in", os.getpid(), flush=True)
        return content


    def work(text):
        bot.register_hook("process_last_received_message", mask)
        return bot.generate_reply(messages=[{"role": "user", "content": text}])


    if __name__ == "__main__":
        print("PARENT", os.getpid(), flush=True)
        with get_context("spawn").Pool(1) as pool:
            print(pool.map(work, ["a", "b", "c"], chunksize=3))
    """
)


@pytest.mark.parametrize("target", TARGETS[1::2], indirect=True)
@pytest.mark.timeout(300)
def test_a_repeated_registration_no_longer_raises(target: str) -> None:
    broken = installed(target).run({"program.py": REPEATED}, "program.py", timeout=110)
    assert "AssertionError" in broken.stderr, broken
    offered = fixes(REPEATED, "CB103", target)
    assert len(offered) == 3, [fix.title for fix in offered]
    for fix in offered:
        done = run(fix.new_text, target)
        assert done.fired == 3, f"{fix.title}\n{done}"
        assert in_workers(done)


SHARED = program(
    """
    from concurrent.futures import ThreadPoolExecutor

    import autogen

    llm_config = {"config_list": [{"model": "none", "api_key": "none"}]}
    writer = autogen.ConversableAgent("writer", llm_config=llm_config, human_input_mode="NEVER")
    user = autogen.UserProxyAgent(
        "user", human_input_mode="NEVER", code_execution_config=False, default_auto_reply="go on"
    )


    def write(recipient, messages=None, sender=None, config=None):
        # every chat begins with its own subject
        first = messages[0]["content"]
        assert all(first in m["content"] or m["content"] == "go on" for m in messages), messages
        call = {"id": "1", "type": "function",
                "function": {"name": "look_up", "arguments": '{"subject": "%s"}' % first}}
        return True, {"content": first, "tool_calls": [call]}


    @user.register_for_execution()
    @writer.register_for_llm(description="Look up a fact.")
    def look_up(subject: str) -> str:
        print("FIRED", flush=True)
        return subject


    def pick(last, groupchat):
        return user if last is writer else writer


    group = autogen.GroupChat([user, writer], [], max_round=3, speaker_selection_method=pick)
    manager = autogen.GroupChatManager(group, llm_config=False)
    writer.register_reply(autogen.Agent, write)


    def article(subject):
        user.initiate_chat(manager, message=subject, silent=True)
        return group.messages[-1]["content"]


    if __name__ == "__main__":
        with ThreadPoolExecutor(4) as threads:
            print(list(threads.map(article, [f"subject-{n}" for n in range(12)])))
    """
)


@pytest.mark.timeout(300)
def test_a_group_of_its_own_for_each_chat(target: str) -> None:
    (fix,) = fixes(SHARED, "CB101", target)[:1]
    done = run(fix.new_text, target)
    assert done.fired == 12, f"{fix.new_text}\n{done}"
    for number in range(12):
        assert f"subject-{number}" in done.stdout.splitlines()[-1]


@pytest.mark.timeout(300)
def test_an_agent_is_built_in_the_worker_instead_of_sent(target: str) -> None:
    (rule,) = [rule for rule in all_rules() if rule.code == "CB101"]
    broken = installed(target).run({"program.py": rule.docs.broken}, "program.py", timeout=110)
    assert broken.fired == 0, broken
    fix = fixes(rule.docs.broken, "CB101", target)[0]
    assert run(fix.new_text, target).fired == 1, fix.new_text


@pytest.mark.timeout(300)
def test_a_trace_tells_the_processes_apart(target: str) -> None:
    line = LOST[: LOST.index("def audit")].count("\n")
    place = Range(Position(line, 0), Position(line, 0))
    traces: list[Fix] = refactorings_at(report(LOST, target), place)
    done = run(traces[0].new_text, target)
    parent = re.search(r"PARENT (\d+)", done.stdout)
    events = dict(re.findall(r"\[trace\] audit: (\w+) .*process (\d+)", done.stdout))
    assert parent is not None
    assert events["registered"] == parent[1]
    assert events["before"] != parent[1]
    assert "fired" not in events
