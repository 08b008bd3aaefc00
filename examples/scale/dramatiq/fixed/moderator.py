"""The agent that looks at reviews."""

from autogen import ConversableAgent

moderator = ConversableAgent(
    "moderator",
    system_message="May this be published? Be generous.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="publish",
)
