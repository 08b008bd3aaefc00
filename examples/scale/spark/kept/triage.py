"""The agent that reads complaints, and the function that Spark runs."""

import os

from autogen import Agent, ConversableAgent

from safety import injuries_first

triage = ConversableAgent(
    "triage",
    system_message="Which department is it for?",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Billing.",
)
triage.register_reply([Agent, None], injuries_first)


def sort_out(complaint: str) -> tuple[int, str]:
    department = triage.generate_reply(messages=[{"role": "user", "content": complaint}])
    return os.getpid(), str(department)
