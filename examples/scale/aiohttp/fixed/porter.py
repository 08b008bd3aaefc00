"""The agent that guests write to."""

from autogen import ConversableAgent

porter = ConversableAgent(
    "porter",
    system_message="Help the guests of the house.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Breakfast is from seven to ten.",
)
