"""A reply function that cannot be called the way it will be."""

from autogen import Agent, AssistantAgent, UserProxyAgent

assistant = AssistantAgent("assistant", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


def on_reply(message):
    return False, None


assistant.register_reply([Agent, None], on_reply)
user.initiate_chat(assistant, message="Hello", max_turns=1)
