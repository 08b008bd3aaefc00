"""Notebooks as files, for tests."""

from __future__ import annotations

import json
from typing import Any

LANGUAGE = {"language_info": {"name": "python"}}


def code(text: str, **more: Any) -> dict[str, Any]:
    """A code cell."""
    lines = text.splitlines(keepends=True)
    kept: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
    }
    return {**kept, "source": lines, **more}


def markdown(text: str) -> dict[str, Any]:
    """A cell of prose."""
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def notebook(*cells: str | dict[str, Any], **more: Any) -> str:
    """The file of a notebook; a cell given as text is a code cell."""
    made = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    whole = {"cells": made, "metadata": LANGUAGE, "nbformat": 4, "nbformat_minor": 5, **more}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


SETUP = """\
from autogen import Agent, AssistantAgent, UserProxyAgent

bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
"""

CALLBACK = """\
def on_reply(recipient, messages):
    return True, "hello"
"""

REGISTERED = "bot.register_reply([Agent, None], on_reply)"

BROKEN = (markdown("# Agents"), SETUP, CALLBACK, REGISTERED)
"""The cells of a notebook whose callback lacks two parameters: cell 3 defines it, cell 4 hands it
over."""

MENDED = CALLBACK.replace("messages)", "messages, sender=None, config=None)")
