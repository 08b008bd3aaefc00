"""A help desk: one assistant, one user."""

import logging

from autogen import Agent, AssistantAgent, UserProxyAgent

log = logging.getLogger("support")

assistant = AssistantAgent("assistant", llm_config={"model": "gpt-4o"})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)



if __name__ == "__main__":
    user.initiate_chat(assistant, message="My order has not arrived.", max_turns=2)
