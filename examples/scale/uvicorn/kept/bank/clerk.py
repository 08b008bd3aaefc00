"""The agent that customers talk to."""

from autogen import ConversableAgent

from bank.secrets import hide_pins

clerk = ConversableAgent(
    "clerk",
    system_message="Explain. Do not advise.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="Here is how a transfer works.",
)
clerk.register_hook("process_last_received_message", hide_pins)
