"""The agent that knows who has which tool."""

from autogen import ConversableAgent

librarian = ConversableAgent(
    "librarian",
    system_message="Who has such a tool?",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Ask at number 12.",
)
