"""The agent that answers."""

from autogen import ConversableAgent

desk = ConversableAgent(
    "desk",
    system_message="Answer the ticket. Never promise a refund.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="We are looking into it.",
)
