"""The agent that writes."""

from autogen import ConversableAgent

columnist = ConversableAgent(
    "columnist",
    system_message="Three sentences, no more.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="It rained all week.",
)
