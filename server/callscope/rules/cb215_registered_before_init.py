"""CB215: a subclass registers a callback before ``super().__init__()``."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.classic.methods import METHODS
from callscope.model import Model
from callscope.model.agents import as_agent
from callscope.model.events import Call
from callscope.model.registrations import agent_method
from callscope.model.values import Instance
from callscope.rules.base import Evidence, Finding, Rule, Severity


class RegisteredBeforeInit(Rule):
    """A subclass registers a callback before `super().__init__()` has run.

    ## What it does
    Finds `self.register_reply(...)`, `self.register_hook(...)` and their like in the `__init__` of
    an agent class, above the call of the base's `__init__`.

    ## Why it matters
    The lists that callbacks are put in are made by the base's `__init__`. Before it, registering
    raises AttributeError.

    ## Example
    ```python
    from autogen import Agent, ConversableAgent


    class Audited(ConversableAgent):
        def __init__(self, name):
            self.register_reply([Agent, None], Audited.on_reply)
            super().__init__(name, llm_config=False, human_input_mode="NEVER")

        def on_reply(self, messages=None, sender=None, config=None):
            print("FIRED")
            return False, None


    Audited("audited").generate_reply(messages=[{"role": "user", "content": "hello"}])
    ```

    ## Fixed
    ```python
    from autogen import Agent, ConversableAgent


    class Audited(ConversableAgent):
        def __init__(self, name):
            super().__init__(name, llm_config=False, human_input_mode="NEVER")
            self.register_reply([Agent, None], Audited.on_reply)

        def on_reply(self, messages=None, sender=None, config=None):
            print("FIRED")
            return False, None


    Audited("audited").generate_reply(messages=[{"role": "user", "content": "hello"}])
    ```

    ## When it stays silent
    When no later call of the base's `__init__` is in view, or one may have come before.

    ## Fix safety
    Moving the registration behind `super().__init__()` is safe: no program runs with it before.
    Moving the call of a function that registers is unsafe, as it may do more.
    """

    code = "CB215"
    name = "registered-before-init"
    default_severity = Severity.ERROR

    speaks = (
        # in a mixin, whose super() is the agent class
        """
from autogen import AssistantAgent
class Audit:
    def __init__(self, *args, **kwargs):
        self.register_hook("process_last_received_message", self.audit)
        super().__init__(*args, **kwargs)
    def audit(self, content):
        return content
class Audited(Audit, AssistantAgent):
    pass
bot = Audited("a", llm_config=False)
""",
        # a hook
        """
from autogen import AssistantAgent
class Audited(AssistantAgent):
    def __init__(self, name):
        self.register_hook("process_last_received_message", self.audit)
        super().__init__(name, llm_config=False)
    def audit(self, content):
        return content
""",
        # in a helper called too early
        """
from autogen import Agent, ConversableAgent
class Audited(ConversableAgent):
    def __init__(self, name):
        self.set_up()
        super().__init__(name, llm_config=False)
    def set_up(self):
        self.register_reply([Agent, None], Audited.answer)
    def answer(self, messages=None, sender=None, config=None):
        return False, None
Audited("a")
""",
        # a base in between
        """
import autogen
class Base(autogen.ConversableAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=False)
class Audited(Base):
    def __init__(self, name):
        self.register_hook("process_last_received_message", lambda content: content)
        super().__init__(name)
bot = Audited("a")
""",
        # nested chats
        """
from autogen import ConversableAgent
expert = ConversableAgent("expert", llm_config=False)
class Doctor(ConversableAgent):
    def __init__(self):
        self.register_nested_chats([{"recipient": expert}], trigger=expert)
        super().__init__("doctor", llm_config=False)
doctor = Doctor()
""",
        # named arguments
        """
from autogen import Agent, AssistantAgent
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
class Bot(AssistantAgent):
    def __init__(self, **options):
        self.register_reply(trigger=Agent, reply_func=answer)
        super().__init__(name="bot", llm_config=False, **options)
""",
        # the old way of calling super
        """
from autogen import Agent, AssistantAgent
def answer(recipient, messages=None, sender=None, config=None):
    return False, None
class Bot(AssistantAgent):
    def __init__(self, name):
        self.register_reply(Agent, answer)
        super(Bot, self).__init__(name, llm_config=False)
bot = Bot("a")
""",
    )

    silent = (
        # mixins: initialised by the one behind, or standing behind the agent class
        """
from typing import Generic, TypeVar
from autogen import AssistantAgent
T = TypeVar("T")
class Named:
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
class Audit(Named, Generic[T]):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_hook("process_last_received_message", self.audit)
    def audit(self, content):
        return content
class Loud(Named):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_hook("process_last_received_message", lambda content: content.upper())
class Audited(Audit[str], Loud, AssistantAgent):
    pass
class Behind(AssistantAgent, Audit[str]):
    def __init__(self, name):
        AssistantAgent.__init__(self, name, llm_config=False)
        self.register_hook("process_last_received_message", self.audit)
bots = Audited("a", llm_config=False), Behind("b")
""",
        # in the right order
        """
from autogen import AssistantAgent
class Audited(AssistantAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=False)
        self.register_hook("process_last_received_message", self.audit)
    def audit(self, content):
        return content
bot = Audited("a")
""",
        # on another agent
        """
from autogen import AssistantAgent
helper = AssistantAgent("helper", llm_config=False)
class Audited(AssistantAgent):
    def __init__(self, name):
        helper.register_hook("process_last_received_message", self.audit)
        super().__init__(name, llm_config=False)
    def audit(self, content):
        return content
bot = Audited("a")
""",
        # no agent
        """
import autogen
class Bus:
    def register_hook(self, name, hook): ...
class Mine(Bus):
    def __init__(self):
        self.register_hook("a", print)
        super().__init__()
Mine()
""",
        # twice initialised
        """
from autogen import AssistantAgent
class Audited(AssistantAgent):
    def __init__(self, name):
        super().__init__(name, llm_config=False)
        self.register_hook("process_last_received_message", lambda content: content)
        super().__init__(name, llm_config=False)
bot = Audited("a")
""",
        # a method called later
        """
from autogen import AssistantAgent
class Audited(AssistantAgent):
    def listen(self):
        self.register_hook("process_last_received_message", lambda content: content)
    def __init__(self, name):
        super().__init__(name, llm_config=False)
        self.listen()
bot = Audited("a")
""",
        # the base's __init__ called by name
        """
from autogen import AssistantAgent
class Audited(AssistantAgent):
    def __init__(self, name):
        AssistantAgent.__init__(self, name, llm_config=False)
        self.register_hook("process_last_received_message", lambda content: content)
bot = Audited("a")
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        begun = _inits(model)
        for call in model.calls:
            found = agent_method(call)
            if found is None or found[0] not in METHODS or not found[0].startswith("register_"):
                continue
            agent = as_agent(call.receiver)
            inits = begun.get(id(agent.instance), []) if agent is not None else []
            if agent is None or not inits or any(init.index < call.index for init in inits):
                continue
            if all(init.where.course is call.where.course for init in inits):
                yield self.finding(
                    model,
                    model.range(call.node),
                    f"`{found[0]}` comes before `super().__init__()`: AttributeError, the list it "
                    "puts the callback in is not there yet",
                    evidence=(
                        Evidence("The base is initialised only here", model.range(inits[0].node)),
                    ),
                )


def _inits(model: Model) -> dict[int, list[Call]]:
    """The calls of the framework's ``__init__``, by the agent they initialise."""
    found: dict[int, list[Call]] = {}
    for call in model.calls:
        if call.method != "__init__" or not (call.path or "").startswith("autogen."):
            continue
        receiver = call.receiver if call.receiver is not None else call.arguments.get(0, "self")
        if isinstance(receiver, Instance):
            found.setdefault(id(receiver), []).append(call)
    return found
