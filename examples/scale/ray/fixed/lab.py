"""The actor that reads reports, each with an agent of its own."""

import os

import ray
from autogen import Agent, ConversableAgent

from alarms import raise_alarm


@ray.remote
class Reader:
    def __init__(self) -> None:
        self.agent = ConversableAgent(
            "reader",
            system_message="What did they measure, and what came out?",
            llm_config=False,
            human_input_mode="NEVER",
            default_auto_reply="Nothing out of the ordinary.",
        )
        self.agent.register_reply([Agent, None], raise_alarm)

    def read(self, report: str) -> tuple[int, str]:
        finding = self.agent.generate_reply(messages=[{"role": "user", "content": report}])
        return os.getpid(), str(finding)
