"""The agent that reads applications, and the task around it."""

import os

from autogen import ConversableAgent

recruiter = ConversableAgent(
    "recruiter",
    system_message="Say which of the advertised skills the letter shows.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Shows two of three skills.",
)


def screen(letter: str) -> tuple[int, str]:
    verdict = recruiter.generate_reply(messages=[{"role": "user", "content": letter}])
    return os.getpid(), str(verdict)
