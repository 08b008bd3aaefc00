"""The agents of a restaurant."""

import asyncio
import os

from autogen import Agent, ConversableAgent


async def cook(recipient, messages=None, sender=None, config=None):
    """The cook takes some time."""
    print(f"[audit] {os.getpid()} took an order", flush=True)
    await asyncio.sleep(0.2)
    return True, f"One {messages[-1]['content']}."


def build_agents() -> tuple[ConversableAgent, ConversableAgent]:
    chef = ConversableAgent("chef", llm_config=False, human_input_mode="NEVER")
    chef.register_reply([Agent, None], cook)
    waiter = ConversableAgent("waiter", llm_config=False, human_input_mode="NEVER")
    return chef, waiter


async def order(wish: str) -> str:
    chef, waiter = build_agents()
    chat = await waiter.a_initiate_chat(chef, message=wish, max_turns=1, silent=True)
    return chat.summary
