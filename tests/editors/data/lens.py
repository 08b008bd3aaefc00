"""A help desk with a reviewer: what each registration does stands above it."""

from autogen import Agent, AssistantAgent, UserProxyAgent

assistant = AssistantAgent("assistant", llm_config={"model": "gpt-4o"})
reviewer = AssistantAgent("reviewer", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


def record(recipient, messages, sender, config):
    return False, None


def mask(content):
    return content.replace("4111", "****")


assistant.register_reply([Agent, None], record)
assistant.register_reply(reviewer, record, position=1)
assistant.register_hook("process_last_received_message", mask)

user.initiate_chat(assistant, message="My order has not arrived.", max_turns=2)
user.initiate_chat(assistant, message="And now?", max_turns=1)

