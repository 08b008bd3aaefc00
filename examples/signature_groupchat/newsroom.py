"""A writer, a fact checker and an editor work on an article, one after the other.

    python newsroom.py
"""

import re

from autogen import Agent, ConversableAgent, GroupChat, GroupChatManager

writer = ConversableAgent(
    "writer",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="The bridge, built in 1932, carries 40,000 cars a day. Call 555-0147.",
)
checker = ConversableAgent(
    "checker",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="The year is right. I could not confirm the number of cars.",
)
editor = ConversableAgent(
    "editor",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Good to print.",
)


def log_check(messages):
    """The archive keeps what the checker was shown."""
    print(f"[audit] checker was shown: {messages[-1]['content']}", flush=True)


def hide_phone_numbers(message):
    """Sources stay anonymous: nothing that looks like a phone number leaves the writer."""
    print("[audit] looked for phone numbers", flush=True)
    return re.sub(r"\d{3}-\d{4}", "[number]", message)


checker.register_reply([Agent, None], log_check)
writer.register_hook("process_message_before_send", hide_phone_numbers)

room = GroupChat(
    agents=[writer, checker, editor],
    messages=[],
    max_round=4,
    speaker_selection_method="round_robin",
)
desk = GroupChatManager(room, llm_config=False)


def produce(topic: str) -> str:
    chat = editor.initiate_chat(desk, message=topic, silent=True)
    return str(chat.chat_history[-1]["content"])


if __name__ == "__main__":
    print(produce("300 words on the harbour bridge, please"))
