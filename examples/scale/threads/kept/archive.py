"""The agents of a town hall's hotline."""

import os
import time

from autogen import Agent, ConversableAgent


def search(recipient, messages=None, sender=None, config=None):
    """The archive is in the cellar."""
    print(f"[audit] {os.getpid()} went to the cellar", flush=True)
    time.sleep(0.5)
    return True, f"All about {messages[-1]['content']}."


archivist = ConversableAgent("archivist", llm_config=False, human_input_mode="NEVER")
archivist.register_reply([Agent, None], search)


def look_up(subject: str) -> str:
    # Histories are kept per partner, and each thread has a caller of its own.
    caller = ConversableAgent("caller", llm_config=False, human_input_mode="NEVER")
    return caller.initiate_chat(archivist, message=subject, max_turns=1, silent=True).summary
