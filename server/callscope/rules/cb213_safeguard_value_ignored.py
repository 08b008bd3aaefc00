"""CB213: a safeguard rewrites what AutoGen does not take back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.callbacks import VALUE_IGNORED
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.results import Result, results
from callscope.rules._shared import defined_here, owned, registered_here
from callscope.rules.base import Finding, Rule, Severity

_MADE_ANEW = (
    ast.List,
    ast.ListComp,
    ast.Dict,
    ast.DictComp,
    ast.JoinedStr,
    ast.BinOp,
    ast.Subscript,
    ast.Call,
)
_USE_INSTEAD = {
    "safeguard_llm_inputs": "process_all_messages_before_reply",
    "safeguard_llm_outputs": "process_message_before_send",
}


class SafeguardValueIgnored(Rule):
    """What a model safeguard returns is dropped: it can only block.

    ## What it does
    Finds `safeguard_llm_inputs` and `safeguard_llm_outputs` hooks that return something new, in
    releases that look only at whether they return None.

    ## Why it matters
    The hook is called, and the redacted messages or the cleaned response it returns are thrown
    away: the model gets, and the chat shows, what should have been hidden.

    ## Example
    ```python
    from types import SimpleNamespace

    from autogen import AssistantAgent, UserProxyAgent


    class Model:
        def __init__(self, config, **kwargs):
            pass

        def create(self, params):
            if params["messages"][-1]["content"] == "***":
                print("FIRED")
            message = SimpleNamespace(content="done", function_call=None, tool_calls=None)
            choices = [SimpleNamespace(message=message)]
            return SimpleNamespace(choices=choices, model="model", cost=0)

        def message_retrieval(self, response):
            return [choice.message.content for choice in response.choices]

        def cost(self, response):
            return 0

        @staticmethod
        def get_usage(response):
            return {}


    def redact(messages):
        return [{**message, "content": "***"} for message in messages]


    config = {"config_list": [{"model": "model", "model_client_cls": "Model"}], "cache_seed": None}
    assistant = AssistantAgent("assistant", llm_config=config)
    assistant.register_model_client(Model)
    assistant.register_hook("safeguard_llm_inputs", redact)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(assistant, message="my card is 1234", max_turns=1)
    ```

    ## Fixed
    ```python
    from types import SimpleNamespace

    from autogen import AssistantAgent, UserProxyAgent


    class Model:
        def __init__(self, config, **kwargs):
            pass

        def create(self, params):
            if params["messages"][-1]["content"] == "***":
                print("FIRED")
            message = SimpleNamespace(content="done", function_call=None, tool_calls=None)
            choices = [SimpleNamespace(message=message)]
            return SimpleNamespace(choices=choices, model="model", cost=0)

        def message_retrieval(self, response):
            return [choice.message.content for choice in response.choices]

        def cost(self, response):
            return 0

        @staticmethod
        def get_usage(response):
            return {}


    def redact(messages):
        return [{**message, "content": "***"} for message in messages]


    config = {"config_list": [{"model": "model", "model_client_cls": "Model"}], "cache_seed": None}
    assistant = AssistantAgent("assistant", llm_config=config)
    assistant.register_model_client(Model)
    assistant.register_hook("process_all_messages_before_reply", redact)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(assistant, message="my card is 1234", max_turns=1)
    ```

    ## When it stays silent
    When the hook returns its argument or None, and in AG2 0.9, which uses the rewritten messages.

    ## Fix safety
    Registering the function as a `process_all_messages_before_reply` hook is unsafe: it then runs
    at other times. What a model gives back has no such hook, so that nothing is offered for it.
    """

    code = "CB213"
    name = "safeguard-value-ignored"
    default_severity = Severity.WARNING

    speaks = (
        # another text
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
bot.register_hook("safeguard_llm_outputs", lambda out: "REDACTED")
""",
        # an object that maps the messages
        """
from autogen import AssistantAgent
class Masker:
    def __call__(self, messages):
        return [{**m, "content": m["content"].replace("x", "y")} for m in messages]
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
bot.register_hook("safeguard_llm_inputs", Masker())
""",
        # only the last ones
        """
import autogen
bot = autogen.AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
def trim(messages):
    return messages[-3:]
bot.register_hook("safeguard_llm_inputs", trim)
""",
        # a method
        """
from autogen import AssistantAgent
class Service:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
        self.bot.register_hook("safeguard_llm_inputs", self.add)
    def add(self, messages):
        return messages + [{"role": "system", "content": "be nice"}]
""",
        # in one branch
        """
from autogen import AssistantAgent
def clean(response):
    if "secret" in str(response):
        return {"content": "***"}
    return response
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
bot.register_hook("safeguard_llm_outputs", clean)
""",
        # a cleaned text
        """
from autogen import AssistantAgent
def clean(response):
    return f"{response}"
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
bot.register_hook("safeguard_llm_outputs", clean)
""",
    )

    silent = (
        # blocks or lets through
        """
from autogen import AssistantAgent
def block(messages):
    return None if "secret" in str(messages) else messages
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
bot.register_hook("safeguard_llm_inputs", block)
""",
        # a hook whose value is used
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
bot.register_hook("process_all_messages_before_reply", lambda messages: messages[-3:])
""",
        # the tool's arguments are taken back
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
bot.register_hook("safeguard_tool_inputs", lambda tool_input: {**tool_input, "name": "x"})
""",
        # raises
        """
from autogen import AssistantAgent
def refuse(response):
    raise PermissionError
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
bot.register_hook("safeguard_llm_outputs", refuse)
""",
        # a variable that may be the argument
        """
from autogen import AssistantAgent
def look(messages):
    seen = messages
    return seen
bot = AssistantAgent("bot", llm_config={"config_list": [{"model": "m"}]})
bot.register_hook("safeguard_llm_inputs", look)
""",
        # no agent
        """
import autogen
class Bus:
    def register_hook(self, name, hook): ...
Bus().register_hook("safeguard_llm_inputs", lambda messages: [])
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            known, contract = registration.function, registration.contract
            if registration.kind != "hook" or known is None or contract is None:
                continue
            versions = VALUE_IGNORED.get(contract.kind)
            if versions is None or model.release not in versions or known.is_async:
                continue
            for result in results(model, known):
                if not _is_new(result, known):
                    continue
                evidence = defined_here(model, registration)
                yield self.finding(
                    model,
                    model.range(result.node),
                    f"{owned(registration)} returns something new, but {model.target.title} drops "
                    f"it; a {_USE_INSTEAD[contract.kind]!r} hook can change it",
                    evidence=(*evidence, *registered_here(model, registration)),
                    about=registration,
                )


def _is_new(result: Result, known: Callable) -> bool:
    """Whether the result is made on the spot, from more than a look at the argument."""
    if result.kind == "str":
        return True
    node = result.node
    if isinstance(node, ast.Call):
        # ``check(messages)`` may well give its argument back.
        return isinstance(node.func, ast.Name) and node.func.id in ("list", "dict", "str", "sorted")
    return isinstance(node, _MADE_ANEW) and not result.at_end
