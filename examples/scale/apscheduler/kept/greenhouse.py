"""The agent that looks after the plants, and the job of the scheduler's workers."""

import os

from autogen import Agent, ConversableAgent

from alarms import sound_the_alarm

gardener = ConversableAgent(
    "gardener",
    system_message="Is there anything to do in the greenhouse?",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="All is well.",
)
gardener.register_reply([Agent, None], sound_the_alarm)


def inspect(reading: str) -> tuple[int, str]:
    advice = gardener.generate_reply(messages=[{"role": "user", "content": reading}])
    return os.getpid(), str(advice)
