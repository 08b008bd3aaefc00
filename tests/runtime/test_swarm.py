"""Hand-offs of a swarm, in the releases that have swarms: seen on real AutoGen, and by the rules."""

from __future__ import annotations

import pytest

from callscope.contracts import Target
from callscope.contracts.classic.dispatch import HAND_OFF_FUNCTION, HAND_OFF_METHOD
from tests.runtime.conftest import installed
from tests.runtime.releases import TARGETS
from tests.runtime.test_rule_examples import alarms

BY_METHOD = """\
from autogen.agentchat.contrib.swarm_agent import AFTER_WORK, AfterWorkOption, SwarmAgent
from autogen.agentchat.contrib.swarm_agent import initiate_swarm_chat


def next_desk(last_speaker, messages, groupchat, *variables):
    print("FIRED")
    # The first swarms pass their variables as well, and end on None.
    return None if variables else AfterWorkOption.TERMINATE


clerk = SwarmAgent("clerk", llm_config=False, default_auto_reply="I look into it.")
guest = SwarmAgent("guest", llm_config=False, human_input_mode="NEVER")
clerk.register_hand_off(AFTER_WORK(next_desk))
"""

BY_FUNCTION = """\
from autogen import ConversableAgent
from autogen.agentchat.contrib.swarm_agent import AfterWork, AfterWorkOption
from autogen.agentchat.contrib.swarm_agent import initiate_swarm_chat, register_hand_off


def next_desk(last_speaker, messages, groupchat):
    print("FIRED")
    return AfterWorkOption.TERMINATE


clerk = ConversableAgent("clerk", llm_config=False, default_auto_reply="I look into it.")
guest = ConversableAgent("guest", llm_config=False, human_input_mode="NEVER")
register_hand_off(clerk, AfterWork(next_desk))
"""

PLAIN = 'guest.initiate_chat(clerk, message="Where is my parcel?", max_turns=2)\n'
SWARM = (
    "initiate_swarm_chat(\n"
    '    initial_agent=clerk, messages="Where is my parcel?", agents=[clerk, guest], max_rounds=4\n'
    ")\n"
)


def head_for(target: str) -> str | None:
    """The program's beginning, as the release spells it; None if it has no swarms."""
    release = Target.parse(target).release
    if release in HAND_OFF_METHOD:
        return BY_METHOD
    return BY_FUNCTION if release in HAND_OFF_FUNCTION else None


@pytest.mark.parametrize("target", TARGETS)
def test_hand_offs_need_a_swarm(target: str) -> None:
    head = head_for(target)
    if head is None:
        pytest.skip(f"{target} has no swarms")
    env = installed(target)

    lost = env.run_warm(head + PLAIN)
    assert (lost.returncode, lost.fired) == (0, 0), lost
    assert [found.code for found in alarms(head + PLAIN, target)] == ["CB413"]

    kept = env.run_warm(head + SWARM)
    assert (kept.returncode, kept.fired) == (0, 1), kept
    assert not alarms(head + SWARM, target)
    assert not alarms(head + PLAIN + SWARM, target)
