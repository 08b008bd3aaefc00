"""The agent that knows who has which tool."""

from autogen import Agent, ConversableAgent

from ledger import write_down


def build_librarian() -> ConversableAgent:
    librarian = ConversableAgent(
        "librarian",
        system_message="Who has such a tool?",
        llm_config=False,
        human_input_mode="NEVER",
        default_auto_reply="Ask at number 12.",
    )
    librarian.register_reply([Agent, None], write_down)
    return librarian
