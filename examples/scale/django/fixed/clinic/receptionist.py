"""The agent that makes appointments."""

from autogen import ConversableAgent

receptionist = ConversableAgent(
    "receptionist",
    system_message="Offer two appointments.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Monday at 9, or Friday at 4.",
)
