"""The agent that takes orders."""

from autogen import ConversableAgent

baker = ConversableAgent(
    "baker",
    system_message="Until when is it ready?",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="It is ready at six.",
)
