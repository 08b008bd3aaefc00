"""The agent that answers questions about the sky."""

from autogen import ConversableAgent

astronomer = ConversableAgent(
    "astronomer",
    system_message="What is to be seen tonight?",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Jupiter, in the south.",
)
