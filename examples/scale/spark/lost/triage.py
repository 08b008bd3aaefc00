"""The agent that reads complaints, and the function that Spark runs."""

import os

from autogen import ConversableAgent

triage = ConversableAgent(
    "triage",
    system_message="Which department is it for?",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Billing.",
)


def sort_out(complaint: str) -> tuple[int, str]:
    department = triage.generate_reply(messages=[{"role": "user", "content": complaint}])
    return os.getpid(), str(department)
