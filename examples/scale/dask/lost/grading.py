"""The agent that grades essays, and the task that Dask's workers run."""

import os

from autogen import ConversableAgent

grader = ConversableAgent(
    "grader",
    system_message="A grade from 1 to 6, and one sentence.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="4. Well structured.",
)


def grade(essay: str) -> tuple[int, str]:
    result = grader.generate_reply(messages=[{"role": "user", "content": essay}])
    return os.getpid(), str(result)
