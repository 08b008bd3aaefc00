"""CB423: a reply function changes its ``config``, which is a copy of the dict that is read."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.registrations import Registration
from callscope.model.values import Instance, Mapping, Value
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.source import walk

_CONFIG = "config"
_CHANGING = frozenset({"update", "setdefault", "pop", "popitem", "clear"})


class ConfigIsCopied(Rule):
    """A reply function changes its `config`, and the program reads the dict it was copied from.

    ## What it does
    Looks for `register_reply(..., config=state)` where the reply function assigns to an item of
    `config`, and the same item of `state` is read after a chat.

    ## Why it matters
    AutoGen keeps `copy.copy(config)`. The function changes its own copy; `state` stays as it was,
    and nothing is raised. Lists and dicts *inside* are not copied: what is put in them arrives.

    ## Example
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    state = {"turns": 0}


    def count(recipient, messages=None, sender=None, config=None):
        config["turns"] += 1
        return False, None


    assistant.register_reply([Agent, None], count, config=state)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    if state["turns"]:
        print("FIRED")
    ```

    ## Fixed
    ```python
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    state = {"turns": 0}


    def count(recipient, messages=None, sender=None, config=None):
        state["turns"] += 1
        return False, None


    assistant.register_reply([Agent, None], count)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    if state["turns"]:
        print("FIRED")
    ```

    ## When it stays silent
    When the dict is registered more than once, as a template; when something else changes the item,
    too; and when it is not read after a chat in view.

    ## Fix safety
    Unsafe: the function uses the dict itself in place of the copy. No fix where it cannot name the
    dict: keep a list or an object in it.
    """

    code = "CB423"
    name = "config-is-copied"
    default_severity = Severity.WARNING

    speaks = (
        # an attribute
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
class Usage:
    def __init__(self):
        self.stats = {"turns": 0}
        self.bot = AssistantAgent("bot", llm_config=False)
        self.bot.register_reply([Agent, None], self.count, config=self.stats)
        self.user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
    def count(self, recipient, messages=None, sender=None, config=None):
        config["turns"] += 1
        return False, None
    def run(self):
        self.user.initiate_chat(self.bot, message="hi", max_turns=2)
        return self.stats["turns"]
print(Usage().run())
""",
        # assigned, and read with get
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def remember(recipient, messages=None, sender=None, config=None):
    config["last"] = messages[-1]["content"]
    return False, None
def main():
    memory = {}
    bot = AssistantAgent("bot", llm_config=False)
    bot.register_reply([Agent, None], remember, config=memory)
    user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(bot, message="hi", max_turns=2)
    print(memory.get("last"))
main()
""",
        # passed by position
        """
import autogen
FLAGS = dict(seen=False)
def see(recipient, messages, sender, config):
    config["seen"] = True
    return False, None
bot = autogen.AssistantAgent("bot", llm_config=False)
bot.register_reply(autogen.Agent, see, 0, FLAGS)
user = autogen.UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
assert FLAGS["seen"]
""",
        # a key in a loop over messages
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
def tally(recipient, messages=None, sender=None, config=None):
    for message in messages:
        if message["content"]:
            config["words"] += len(message["content"].split())
    return False, None
counts = {"words": 0}
bot = AssistantAgent("bot", llm_config=False)
user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
bot.register_reply([Agent, None], reply_func=tally, config=counts)
for topic in ("cats", "dogs"):
    user.initiate_chat(bot, message=topic, max_turns=1)
print(counts["words"], "words")
""",
        # an async chat
        """
import asyncio
from autogen import Agent, AssistantAgent, UserProxyAgent
async def count(recipient, messages=None, sender=None, config=None):
    config["turns"] += 1
    return False, None
async def main():
    state = {"turns": 0}
    bot = AssistantAgent("bot", llm_config=False)
    bot.register_reply([Agent, None], count, config=state)
    user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
    await user.a_initiate_chat(bot, message="hi", max_turns=1)
    return state["turns"]
print(asyncio.run(main()))
""",
        # an item is deleted
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
pending = {"task": "sum up"}
def finish(recipient, messages=None, sender=None, config=None):
    if "task" in config:
        del config["task"]
    return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], finish, config=pending)
user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
print("left:", pending["task"])
""",
    )

    silent = (
        # what is inside is shared
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
state = {"seen": []}
def see(recipient, messages=None, sender=None, config=None):
    config["seen"].append(messages[-1])
    return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], see, config=state)
user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
print(state["seen"])
""",
        # a template of several agents
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
defaults = {"left": 3}
def spend(recipient, messages=None, sender=None, config=None):
    config["left"] -= 1
    return False, None
user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
for name in ("a", "b"):
    bot = AssistantAgent(name, llm_config=False)
    bot.register_reply([Agent, None], spend, config=defaults)
    user.initiate_chat(bot, message="hi", max_turns=1)
print("of", defaults["left"])
""",
        # never read again
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
state = {"turns": 0}
def count(recipient, messages=None, sender=None, config=None):
    config["turns"] += 1
    return config["turns"] > 3, "enough"
print("from", state["turns"])
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], count, config=state)
user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=5)
""",
        # another item
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
state = {"turns": 0, "limit": 3}
def count(recipient, messages=None, sender=None, config=None):
    config["turns"] += 1
    return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], count, config=state)
user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
print(state["limit"])
""",
        # the dict itself is changed as well
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
state = {"turns": 0}
def count(recipient, messages=None, sender=None, config=None):
    config["turns"] += 1
    state["turns"] = max(state["turns"], config["turns"])
    return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], count, config=state)
user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
print(state["turns"])
""",
        # copied back by hand
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
state = {"turns": 0}
def count(recipient, messages=None, sender=None, config=None):
    config["turns"] += 1
    state.update(config)
    return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], count, config=state)
user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
print(state["turns"])
""",
        # a dict of its own
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
state = {"turns": 0}
def count(recipient, messages=None, sender=None, config=None):
    config = {"turns": 1}
    config["turns"] += 1
    return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], count, config=state)
user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
print(state["turns"])
""",
        # an object, which is not a dict
        """
from autogen import Agent, AssistantAgent, UserProxyAgent
class State:
    def __init__(self):
        self.turns = 0
    def __copy__(self):
        return self
    def __setitem__(self, key, value):
        self.turns = value
    def __getitem__(self, key):
        return self.turns
state = State()
def count(recipient, messages=None, sender=None, config=None):
    config["turns"] += 1
    return False, None
bot = AssistantAgent("bot", llm_config=False)
bot.register_reply([Agent, None], count, config=state)
user = UserProxyAgent("me", human_input_mode="NEVER", code_execution_config=False)
user.initiate_chat(bot, message="hi", max_turns=1)
print(state["turns"])
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding an item that is changed in the copy and read in the dict."""
        for registration in model.registrations:
            known = registration.function if registration.kind == "reply" else None
            state = registration.argument(_CONFIG)
            if known is None or not isinstance(state, Mapping) or _is_template(model, state):
                continue
            for key, place in _changes(known).items():
                read = _read_after_chat(model, registration, state, key)
                if read is None or _is_changed(model, state, key):
                    continue
                source = ast.unparse(read)
                yield self.finding(
                    model,
                    model.range(place),
                    f"`{known.name}` changes a copy: `register_reply` copies its config, and "
                    f"`{source}` on line {model.line(read)} reads the original",
                    evidence=(
                        Evidence(
                            "It is registered, and copied, here", model.range(registration.node)
                        ),
                        Evidence("This stays as it was", model.range(read)),
                    ),
                    about=registration,
                )


def _is_template(model: Model, state: Mapping) -> bool:
    """Whether several registrations start from the dict."""
    given = (r for r in model.registrations if r.kind == "reply")
    return sum(registration.argument(_CONFIG) is state for registration in given) > 1


def _changes(known: Callable) -> dict[object, ast.Subscript]:
    """The items of its ``config`` that the function assigns to or deletes, and where."""
    inside = list(walk(known.node))
    if not any(parameter.name == _CONFIG for parameter in known.parameters):
        return {}
    if any(isinstance(n, ast.Name) and n.id == _CONFIG and _is_written(n) for n in inside):
        return {}
    return {
        node.slice.value: node
        for node in inside
        if isinstance(node, ast.Subscript)
        and _is_written(node)
        and isinstance(node.value, ast.Name)
        and node.value.id == _CONFIG
        and isinstance(node.slice, ast.Constant)
    }


def _is_written(node: ast.Name | ast.Subscript) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _read_after_chat(
    model: Model, registration: Registration, state: Mapping, key: object
) -> ast.expr | None:
    """A place that reads the item of the dict itself after a chat has changed the copy."""
    if registration.agent is None:
        return None
    chats = [turn.entry for turn in model.turns(registration.agent).known if not turn.in_group]
    late = {
        id(read.node)
        for read in model.interpreter.reads
        for chat in chats
        if read.where.course is chat.where.course and read.index > chat.index
    }
    for node in model.nodes(ast.Subscript, ast.Call):
        holder = _item_read(node, key)
        if holder is not None and _value(model, holder) is state and id(_root(holder)) in late:
            return node
    return None


def _is_changed(model: Model, state: Mapping, key: object) -> bool:
    """Whether the program may change the item in the dict itself, too."""
    return any(
        write.value is state and _may_change(write.node, key) for write in model.interpreter.writes
    )


def _may_change(node: ast.AST, key: object) -> bool:
    if isinstance(node, ast.Subscript):
        return _is_key(node.slice, key) or not isinstance(node.slice, ast.Constant)
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr in _CHANGING


def _item_read(node: ast.AST, key: object) -> ast.expr | None:
    """The dict in ``state[key]`` or ``state.get(key)``."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return node.value if _is_key(node.slice, key) else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        wanted = node.func.attr == "get" and _is_key(node.args[0], key)
        return node.func.value if wanted else None
    return None


def _is_key(node: ast.expr, key: object) -> bool:
    return isinstance(node, ast.Constant) and node.value == key


def _root(node: ast.expr) -> ast.expr:
    """The name that a dotted name begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node


def _value(model: Model, node: ast.expr) -> Value | None:
    """What a name or dotted name stood for when it was walked last."""
    if isinstance(node, ast.Name):
        return model.interpreter.loads.get(id(node))
    if not isinstance(node, ast.Attribute):
        return None
    owner = _value(model, node.value)
    return owner.attributes.get(node.attr) if isinstance(owner, Instance) else None
