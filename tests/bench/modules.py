"""AutoGen modules and projects of any size, the same for the same size."""

from __future__ import annotations

import ast
import random
from pathlib import Path
from string import Template

SHARED_AGENT = "coordinator"
"""The agent that every part of a module uses."""

_WORDS = "invoice ticket order claim report shipment contract payment survey meeting".split()
_VERBS = "summarise classify translate review price route archive verify schedule escalate".split()

_HEAD = '''\
"""Back office of a shop: agents that work on what customers send in."""

from __future__ import annotations

import json
import logging
import os
from typing import Annotated, Any

from autogen import AssistantAgent, ConversableAgent, GroupChat, GroupChatManager, UserProxyAgent
from autogen import register_function

log = logging.getLogger(__name__)

LLM_CONFIG = {
    "config_list": [{"model": "gpt-4o", "api_key": os.environ.get("OPENAI_API_KEY", "")}],
    "temperature": 0,
}

coordinator = ConversableAgent(
    "coordinator",
    system_message="You hand each task to the agent that knows most about it.",
    llm_config=LLM_CONFIG,
    human_input_mode="NEVER",
)
'''

_TOOL = '''\
def ${verb}_${word}_$n(
    number: Annotated[int, "the number of the $word"],
    urgent: Annotated[bool, "whether someone is waiting for it"] = False,
) -> str:
    """Tell what is known of one $word."""
    record = {"number": number, "kind": "$word", "urgent": urgent}
    if urgent:
        log.warning("%s %s is urgent", "$word", number)
    lines = [f"{key}: {value}" for key, value in record.items()]
    return "; ".join(lines)


${word}_clerk_$n = AssistantAgent(
    "${word}_clerk_$n",
    system_message="You $verb each $word. Call the tool, then answer in one sentence.",
    llm_config=LLM_CONFIG,
)
${word}_desk_$n = UserProxyAgent(
    "${word}_desk_$n",
    human_input_mode="NEVER",
    code_execution_config=False,
    is_termination_msg=lambda message: "DONE" in (message.get("content") or ""),
)
register_function(
    ${verb}_${word}_$n,
    caller=${word}_clerk_$n,
    executor=${word}_desk_$n,
    name="${verb}_${word}_$n",
    description="Tells what is known of one $word.",
)
'''

_REPLY = '''\
def audit_$n(
    recipient: ConversableAgent,
    messages: list[dict[str, Any]] | None = None,
    sender: ConversableAgent | None = None,
    config: Any | None = None,
) -> tuple[bool, str | None]:
    """Keep a record of each message about a $word."""
    last = (messages or [{}])[-1]
    text = last.get("content") or ""
    if "$word" in text:
        log.info("%s was asked to $verb: %s", recipient.name, text[:80])
    return False, None


${word}_auditor_$n = ConversableAgent("${word}_auditor_$n", llm_config=LLM_CONFIG)
${word}_auditor_$n.register_reply([ConversableAgent, None], audit_$n, position=0)


def ${verb}_with_audit_$n(text: str) -> str:
    """Have one $word looked after, and everything written down."""
    result = coordinator.initiate_chat(
        ${word}_auditor_$n,
        message=f"Please $verb this $word: {text}",
        max_turns=2,
    )
    return result.summary or ""
'''

_HOOK = '''\
class ${Word}Memory$n:
    """What was said about each $word so far."""

    def __init__(self, limit: int = 20) -> None:
        self.limit = limit
        self.seen: list[str] = []

    def shorten(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Keep the newest messages only."""
        self.seen.extend(str(message.get("content")) for message in messages)
        return messages[-self.limit :]

    def forget(self) -> None:
        self.seen.clear()

    def __len__(self) -> int:
        return len(self.seen)


${word}_memory_$n = ${Word}Memory$n()
${word}_writer_$n = AssistantAgent("${word}_writer_$n", llm_config=LLM_CONFIG)
${word}_writer_$n.register_hook("process_all_messages_before_reply", ${word}_memory_$n.shorten)
'''

# Two findings: it is called with more, and has to return something.
_WRONG_REPLY = '''\
def note_$n(recipient: ConversableAgent, messages: list[dict[str, Any]]) -> None:
    """Count what is said about a $word."""
    for message in messages:
        if message.get("role") == "user":
            log.debug("%s heard of a $word", recipient.name)


${word}_noter_$n = ConversableAgent("${word}_noter_$n", llm_config=LLM_CONFIG)
${word}_noter_$n.register_reply([ConversableAgent, None], note_$n)
'''

_GROUP = '''\
def ${verb}_in_a_group_$n(task: str, rounds: int = 6) -> list[str]:
    """Let three agents talk about one $word."""
    planner = AssistantAgent("planner_$n", llm_config=LLM_CONFIG)
    critic = AssistantAgent(
        "critic_$n",
        system_message="You find what is missing in the plan for a $word.",
        llm_config=LLM_CONFIG,
    )

    def next_speaker(last: ConversableAgent, chat: GroupChat) -> ConversableAgent:
        if last is planner:
            return critic
        if len(chat.messages) > rounds:
            return coordinator
        return planner

    chat = GroupChat(
        agents=[coordinator, planner, critic],
        messages=[],
        max_round=rounds,
        speaker_selection_method=next_speaker,
    )
    manager = GroupChatManager(chat, llm_config=LLM_CONFIG)
    coordinator.initiate_chat(manager, message=f"Please $verb this $word: {task}")
    return [str(message.get("content")) for message in chat.messages]
'''

_PLAIN = '''\
${WORD}_LIMITS_$n = {
    "small": 10,
    "medium": 100,
    "large": 1_000,
}


def ${word}_size_$n(payload: str) -> str:
    """Say how large the $word in a JSON text is."""
    try:
        data = json.loads(payload)
    except ValueError:
        log.exception("This is not a $word")
        return "unknown"
    amount = sum(int(item.get("amount", 0)) for item in data.get("items", []))
    for size, limit in ${WORD}_LIMITS_$n.items():
        if amount <= limit:
            return size
    return "huge"
'''

_KINDS = (_REPLY, _PLAIN, _TOOL, _HOOK, _GROUP, _WRONG_REPLY, _PLAIN, _TOOL)


def module(lines: int) -> str:
    """An AutoGen module of exactly ``lines`` lines, with an error every 200 lines or so."""
    parts = [_HEAD]
    room = lines - _HEAD.count("\n")
    number = 0
    while room > 0:
        part = "\n\n" + _part(number)
        length = part.count("\n")
        if length > room:
            parts.append("# Nothing more.\n" * room)
            break
        parts.append(part)
        room -= length
        number += 1
    text = "".join(parts)
    ast.parse(text)
    return text


def _part(number: int) -> str:
    choose = random.Random(number)
    word, verb = choose.choice(_WORDS), choose.choice(_VERBS)
    names = {"n": number, "word": word, "Word": word.title(), "WORD": word.upper(), "verb": verb}
    return Template(_KINDS[number % len(_KINDS)]).substitute(names)


def project(root: Path, files: int) -> None:
    """A project of ``files`` modules in packages; one in four has to do with AutoGen."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "1"\ndependencies = ["autogen==0.14.1"]\n'
    )
    for number in range(files):
        folder = root / "shop" / f"part_{number // 20:03}"
        if number % 20 == 0:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "__init__.py").touch()
        choose = random.Random(number)
        head = ""
        if number:
            other = choose.randrange(number)
            head = f"from shop.part_{other // 20:03} import module_{other:04}\n"
            head += f"\nUSED = module_{other:04}.__name__\n"
        text = module(choose.randrange(80, 300)) if number % 4 == 0 else _plain(number)
        (folder / f"module_{number:04}.py").write_text(text + head)


def _plain(number: int) -> str:
    """A module that has nothing to do with AutoGen."""
    parts = [
        '"""Sizes and limits."""\n\nimport json\nimport logging\n\nlog = logging.getLogger(__name__)\n'
    ]
    for part in range(random.Random(number).randrange(2, 12)):
        names = {"n": part, "word": _WORDS[part % 10], "WORD": _WORDS[part % 10].upper()}
        parts.append("\n\n" + Template(_PLAIN).substitute(names))
    return "".join(parts)
