"""The day's conversations in a few lines, for the shop's owner.

    python digest.py
"""

from autogen import Agent, ConversableAgent

clerk = ConversableAgent("clerk", llm_config=False, human_input_mode="NEVER")
digester = ConversableAgent(
    "digester",
    system_message="Five lines at most. Complaints first.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Two returns, one complaint about a late parcel.",
)


async def archive(recipient, messages=None, sender=None, config=None):
    """What went into a digest is kept with it."""
    print(f"[audit] {recipient.name} read: {messages[-1]['content']}", flush=True)
    return False, None


digester.register_reply([Agent, None], archive)


def digest(conversations: list[str]) -> str:
    chat = clerk.initiate_chat(
        digester, message="\n".join(conversations), max_turns=1, silent=True
    )
    return str(chat.chat_history[-1]["content"])


if __name__ == "__main__":
    print(digest(["I want to return the lamp.", "Where is my parcel?"]))
