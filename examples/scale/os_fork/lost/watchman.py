"""The agent that is awake at night."""

from autogen import ConversableAgent

watchman = ConversableAgent(
    "watchman",
    system_message="What is to be done about it?",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="I will have a look in the morning.",
)
