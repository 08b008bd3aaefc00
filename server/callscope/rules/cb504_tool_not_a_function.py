"""CB504: what is registered as a tool is a callable that AutoGen does not take for a function."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.tools import FUNCTIONS_ARGUMENT, FUNCTIONS_REFUSED, refusal
from callscope.model import Model
from callscope.model.callables import Callable
from callscope.model.registrations import Registration
from callscope.model.values import NONE
from callscope.rules.base import Evidence, Finding, Rule, Severity

_WHAT = {
    "method": "a bound method",
    "partial": "a functools.partial",
    "object": "an object with `__call__`",
}


class ToolNotAFunction(Rule):
    """What is registered as a tool is callable, but not a plain function.

    ## What it does
    Reports bound methods, `functools.partial` objects and objects with `__call__` that are handed
    to `register_for_llm`, `register_for_execution`, `register_function` or `functions=[...]`,
    where the targeted release refuses them.

    ## Why it matters
    The decorators write the tool's name onto the function, or ask `inspect.isfunction` first.
    A bound method raises `AttributeError: 'method' object has no attribute '_name'` in AutoGen
    0.2 and `TypeError: 'func_or_tool' must be a function or a Tool object` in AG2, which refuses a
    partial and an object with `__call__` as well.

    ## Example
    ```python
    from typing import Annotated

    from autogen import UserProxyAgent


    class Shop:
        def price(self, item: Annotated[str, "item"]) -> str:
            print("FIRED")
            return f"{item}: 3"


    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.register_for_execution()(Shop().price)
    print(user.execute_function({"name": "price", "arguments": '{"item": "tea"}'}))
    ```

    ## Fixed
    ```python
    from typing import Annotated

    from autogen import UserProxyAgent


    class Shop:
        def price(self, item: Annotated[str, "item"]) -> str:
            print("FIRED")
            return f"{item}: 3"


    shop = Shop()


    def price(item: Annotated[str, "item"]) -> str:
        return shop.price(item)


    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.register_for_execution()(price)
    print(user.execute_function({"name": "price", "arguments": '{"item": "tea"}'}))
    ```

    ## When it stays silent
    For functions, lambdas, static methods and `Tool` objects, for entries of a `function_map`
    (anything callable will do there), and for whatever the targeted release takes: 0.2 takes a
    partial that is given a name.

    ## Fix safety
    Safe where a function with the parameters of the method is put around it. Unsafe where the agent
    takes it into its function map, which takes whatever can be called: AG2 then converts neither
    its arguments nor its result. In AG2, `Tool(name=..., description=..., func_or_tool=method)`
    takes methods, too.
    """

    code = "CB504"
    name = "tool-not-a-function"
    default_severity = Severity.ERROR

    speaks = (
        # with register_function
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
class Calc:
    def add(self, a: int, b: int) -> int:
        return a + b
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user")
register_function(Calc().add, caller=assistant, executor=user, description="d")
""",
        # a method of the service itself
        """
from autogen import AssistantAgent, UserProxyAgent
class Service:
    def __init__(self):
        self.user = UserProxyAgent("user")
        self.user.register_for_execution(name="search")(self.search)
    def search(self, query: str) -> str:
        return query
""",
        # a class method
        """
from autogen import ConversableAgent
class Calc:
    @classmethod
    def add(cls, a: int, b: int) -> int:
        return a + b
bot = ConversableAgent("bot", llm_config={"config_list": []})
bot.register_for_llm(description="d")(Calc.add)
""",
        # a partial
        """
import functools
import autogen
def add(a: int, b: int) -> int:
    return a + b
user = autogen.UserProxyAgent("user")
user.register_for_execution(name="add_two")(functools.partial(add, b=2))
""",
        # a callable object
        """
from autogen import UserProxyAgent
class Adder:
    def __call__(self, a: int) -> int:
        return a
user = UserProxyAgent("user")
user.register_for_execution(name="add")(Adder())
""",
        # a list of tools that are methods
        """
from autogen import AssistantAgent, UserProxyAgent, register_function
class Kit:
    def one(self, a: int) -> int:
        return a
    def two(self, a: int) -> int:
        return a
kit = Kit()
assistant = AssistantAgent("assistant", llm_config={"config_list": []})
user = UserProxyAgent("user")
for tool in [kit.one, kit.two]:
    register_function(tool, caller=assistant, executor=user, description="d")
""",
        # given to the constructor
        """
from autogen import ConversableAgent
class Calc:
    def add(self, a: int, b: int) -> int:
        return a + b
bot = ConversableAgent("bot", llm_config={"config_list": []}, functions=[Calc().add])
""",
    )

    silent = (
        # a static method is a function
        """
from autogen import UserProxyAgent
class Calc:
    @staticmethod
    def add(a: int, b: int) -> int:
        return a + b
user = UserProxyAgent("user")
user.register_for_execution()(Calc.add)
user.register_for_execution(name="again")(Calc().add)
""",
        # a Tool takes methods
        """
from autogen import UserProxyAgent
from autogen.tools import Tool
class Calc:
    def add(self, a: int, b: int) -> int:
        return a + b
user = UserProxyAgent("user")
tool = Tool(name="add", description="d", func_or_tool=Calc().add)
user.register_for_execution()(tool)
tool.register_for_execution(user)
""",
        # so does a function map
        """
from autogen import UserProxyAgent
class Calc:
    def add(self, a: int, b: int) -> int:
        return a + b
user = UserProxyAgent("user", function_map={"add": Calc().add})
user.register_function({"plus": Calc().add})
""",
        # a wrapper
        """
from autogen import UserProxyAgent
class Calc:
    def add(self, a: int, b: int) -> int:
        return a + b
calc = Calc()
user = UserProxyAgent("user")
user.register_for_execution(name="add")(lambda a, b: calc.add(a, b))
""",
        # a function made in a method
        """
from autogen import UserProxyAgent
class Service:
    def __init__(self):
        self.user = UserProxyAgent("user")
        self.user.register_for_execution()(self.make())
    def make(self):
        def search(query: str) -> str:
            return query
        return search
""",
        # something not in view
        """
from autogen import UserProxyAgent
from tools import kit
user = UserProxyAgent("user")
user.register_for_execution(name="search")(kit.search)
""",
        # the receiver is no agent
        """
import autogen
class Bus:
    def register_for_execution(self):
        return lambda f: f
    def on(self, event): ...
bus = Bus()
bus.register_for_execution()(bus.on)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a registration that AutoGen refuses."""
        for registration in model.registrations:
            known = registration.function
            if registration.kind not in ("tool-llm", "tool-execution") or known is None:
                continue
            error = _refused(model, registration, known)
            if error is None:
                continue
            yield self.finding(
                model,
                model.range(registration.callback_node or registration.node),
                f"`{registration.callback_name}` cannot be a tool: it is "
                f"{_WHAT[known.through]}, not a function, and AutoGen raises `{error}`",
                evidence=(Evidence(f"`{known.name}` is defined here", model.range(known.node)),),
                about=registration,
            )


def _refused(model: Model, registration: Registration, known: Callable) -> str | None:
    if known.through not in _WHAT:
        return None
    call = registration.call
    if call.method in ("register_for_llm", "register_for_execution") or (
        call.path == "autogen.register_function"
    ):
        given = registration.argument("name")
        return refusal(known.through, given not in (None, NONE), model.release)
    if registration.kind == "tool-llm" and model.release in FUNCTIONS_ARGUMENT:
        return FUNCTIONS_REFUSED.get(known.through)
    return None
