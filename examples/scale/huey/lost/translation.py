"""Translates the news in the background.

    huey_consumer translation.huey
"""

import os

from autogen import ConversableAgent
from huey import SqliteHuey

huey = SqliteHuey(filename="queue.db")

translator = ConversableAgent(
    "translator",
    system_message="Into plain French.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Il pleut.",
)


@huey.task()
def translate(text: str) -> tuple[int, str]:
    french = translator.generate_reply(messages=[{"role": "user", "content": text}])
    return os.getpid(), str(french)
