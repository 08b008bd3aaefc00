"""The agent that answers visitors."""

from autogen import ConversableAgent

guide = ConversableAgent(
    "guide",
    system_message="Explain a painting in two sentences.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="It was painted by lamplight.",
)
