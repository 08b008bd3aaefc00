"""The agent that writes what a dish is."""

from autogen import Agent, ConversableAgent

from menu.allergens import name_allergens

chef = ConversableAgent(
    "chef",
    system_message="Describe the dish in one line.",
    llm_config=False,
    human_input_mode="NEVER",
    default_auto_reply="A light starter.",
)
chef.register_reply([Agent, None], name_allergens)
