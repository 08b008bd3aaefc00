"""Small programs that the tests of the command line and of the language server share."""

from __future__ import annotations

HEAD = """\
import autogen

assistant = autogen.ConversableAgent("assistant", llm_config=False, human_input_mode="NEVER")
user = autogen.ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
"""

BROKEN = f"""{HEAD}

def on_reply(message):  # the answer to everything
    return True, "42"


assistant.register_reply([autogen.Agent, None], on_reply)
user.initiate_chat(assistant, message="hello", max_turns=1)
"""
"""One finding: CB201, on ``on_reply`` in line 11, columns 49 to 57, with a safe fix."""

PLACE = (11, 49, 11, 57)
"""Where: line and column from 1, in code points, the end excluded."""

CLEAN = BROKEN.replace("on_reply(message)", "on_reply(recipient, messages, sender, config)")

UNRELATED = "import json\n\nprint(json.dumps({}))\n"
