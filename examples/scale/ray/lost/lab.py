"""The agent that reads reports, and the function that Ray runs."""

import os

from autogen import ConversableAgent

reader = ConversableAgent(
    "reader",
    system_message="What did they measure, and what came out?",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Nothing out of the ordinary.",
)


def read(report: str) -> tuple[int, str]:
    finding = reader.generate_reply(messages=[{"role": "user", "content": report}])
    return os.getpid(), str(finding)
