"""The agent that reads applications, and the task around it."""

import os

from autogen import ConversableAgent

from screening.privacy import hide_birth_dates


def build_recruiter() -> ConversableAgent:
    recruiter = ConversableAgent(
        "recruiter",
        system_message="Say which of the advertised skills the letter shows.",
        llm_config=False,
        human_input_mode="NEVER",
        default_auto_reply="Shows two of three skills.",
    )
    recruiter.register_hook("process_last_received_message", hide_birth_dates)
    return recruiter


def screen(letter: str) -> tuple[int, str]:
    recruiter = build_recruiter()
    verdict = recruiter.generate_reply(messages=[{"role": "user", "content": letter}])
    return os.getpid(), str(verdict)
