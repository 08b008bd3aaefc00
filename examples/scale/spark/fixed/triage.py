"""The agent that reads complaints, one for each partition, and the function that Spark runs."""

import os
from collections.abc import Iterable, Iterator

from autogen import Agent, ConversableAgent

from safety import injuries_first


def build_triage() -> ConversableAgent:
    triage = ConversableAgent(
        "triage",
        system_message="Which department is it for?",
        llm_config=False,
        human_input_mode="NEVER",
        default_auto_reply="Billing.",
    )
    triage.register_reply([Agent, None], injuries_first)
    return triage


def sort_out(complaints: Iterable[str]) -> Iterator[tuple[int, str]]:
    triage = build_triage()
    for complaint in complaints:
        department = triage.generate_reply(messages=[{"role": "user", "content": complaint}])
        yield os.getpid(), str(department)
