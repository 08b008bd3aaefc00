"""The agent that writes product texts, and the task that the pool's workers run."""

import os

from autogen import Agent, ConversableAgent

from claims import hold_back_claims

copywriter = ConversableAgent(
    "copywriter",
    system_message="Two sentences for the catalogue. No promises about health.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Boils a litre in two minutes.",
)
copywriter.register_reply([Agent, None], hold_back_claims)


def describe(product: str) -> tuple[int, str]:
    text = copywriter.generate_reply(messages=[{"role": "user", "content": product}])
    return os.getpid(), str(text)
