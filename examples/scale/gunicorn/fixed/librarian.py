"""The agent that answers readers."""

from autogen import ConversableAgent

librarian = ConversableAgent(
    "librarian",
    system_message="Which book helps? One title.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Try the second shelf.",
)
