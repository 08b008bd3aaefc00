"""A judge who compares two answers, and the task that joblib's workers run."""

import os

from autogen import ConversableAgent

judge = ConversableAgent(
    "judge",
    system_message="Which of the two is better?",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="draw",
)


def compare(left: str, right: str) -> tuple[int, str]:
    answers = f"{left} | {right}"
    verdict = judge.generate_reply(messages=[{"role": "user", "content": answers}])
    return os.getpid(), str(verdict)
