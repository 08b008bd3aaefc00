"""Translates the news in the background.

    huey_consumer translation.huey
"""

import os

from autogen import Agent, ConversableAgent
from huey import SqliteHuey

from embargo import hold_until_noon

huey = SqliteHuey(filename="queue.db")

translator = ConversableAgent(
    "translator",
    system_message="Into plain French.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Il pleut.",
)
translator.register_reply([Agent, None], hold_until_noon)


@huey.task()
def translate(text: str) -> tuple[int, str]:
    french = translator.generate_reply(messages=[{"role": "user", "content": text}])
    return os.getpid(), str(french)
