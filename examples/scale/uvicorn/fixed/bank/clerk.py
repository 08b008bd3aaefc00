"""The agent that customers talk to."""

from autogen import ConversableAgent

clerk = ConversableAgent(
    "clerk",
    system_message="Explain. Do not advise.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Here is how a transfer works.",
)
