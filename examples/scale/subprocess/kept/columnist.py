"""The agent that writes."""

from autogen import Agent, ConversableAgent

from lawyers import read_first

columnist = ConversableAgent(
    "columnist",
    system_message="Three sentences, no more.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="It rained all week.",
)
columnist.register_reply([Agent, None], read_first)
