"""The agent that takes orders."""

from autogen import Agent, ConversableAgent

from orders import write_down


def build_baker() -> ConversableAgent:
    baker = ConversableAgent(
        "baker",
        system_message="Until when is it ready?",
        llm_config=False,
        human_input_mode="NEVER",
        default_auto_reply="It is ready at six.",
    )
    baker.register_reply([Agent, None], write_down)
    return baker
