"""The agent that plans trips."""

from autogen import ConversableAgent

concierge = ConversableAgent(
    "concierge",
    system_message="One trip, with times.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Take the 9:04 to Basel.",
)
