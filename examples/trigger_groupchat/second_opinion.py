"""Asks one agent of the release for its opinion, outside any chat.

    python second_opinion.py
"""

from autogen import AssistantAgent, ConversableAgent

auditor = ConversableAgent(
    "auditor",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="I see no objection.",
)


def keep_opinion(recipient, messages=None, sender=None, config=None):
    """Opinions go into the release's file."""
    print(f"[audit] {recipient.name} was asked about: {messages[-1]['content']}", flush=True)
    return False, None


auditor.register_reply([AssistantAgent], keep_opinion)


def ask(question: str) -> str:
    reply = auditor.generate_reply(messages=[{"role": "user", "content": question}])
    return str(reply)


if __name__ == "__main__":
    print(ask("Release 4.2 on Tuesday?"))
