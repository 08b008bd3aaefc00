"""The agent that is awake at night."""

from autogen import Agent, ConversableAgent

from brigade import call_the_brigade

watchman = ConversableAgent(
    "watchman",
    system_message="What is to be done about it?",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="I will have a look in the morning.",
)
watchman.register_reply([Agent, None], call_the_brigade)
