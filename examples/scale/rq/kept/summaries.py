"""The agent that sums up meetings, and the job around it."""

import os

from autogen import ConversableAgent

from discretion import leave_out_names

minutes = ConversableAgent(
    "minutes",
    system_message="Decisions first, then who does what.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="One decision, two tasks.",
)
minutes.register_hook("process_last_received_message", leave_out_names)


def sum_up(transcript: str) -> tuple[int, str]:
    summary = minutes.generate_reply(messages=[{"role": "user", "content": transcript}])
    return os.getpid(), str(summary)
