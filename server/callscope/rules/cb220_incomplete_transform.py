"""CB220: a message transform lacks a method that TransformMessages calls."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.model import Model
from callscope.model.values import Constant, Instance, Sequence, UserClass
from callscope.rules.base import Evidence, Finding, Rule, Severity


class IncompleteTransform(Rule):
    """A transform given to `TransformMessages` lacks `apply_transform` or `get_logs`.

    ## What it does
    Looks at the objects in `TransformMessages(transforms=[...])` whose class is in this file.

    ## Why it matters
    `TransformMessages` is verbose by default and asks each transform for `get_logs(before, after)`
    after it has been applied. Without it the first message raises AttributeError.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent
    from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages


    class Redact:
        def apply_transform(self, messages):
            return [{**message, "content": "***"} for message in messages]


    def is_done(message):
        print("FIRED")
        return False


    assistant = AssistantAgent("assistant", llm_config=False, is_termination_msg=is_done)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    TransformMessages(transforms=[Redact()]).add_to_agent(assistant)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent
    from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages


    class Redact:
        def apply_transform(self, messages):
            return [{**message, "content": "***"} for message in messages]

        def get_logs(self, pre_transform_messages, post_transform_messages):
            return "redacted", True


    def is_done(message):
        print("FIRED")
        return False


    assistant = AssistantAgent("assistant", llm_config=False, is_termination_msg=is_done)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    TransformMessages(transforms=[Redact()]).add_to_agent(assistant)
    user.initiate_chat(assistant, message="hello", max_turns=1)
    ```

    ## When it stays silent
    With `verbose=False` for a missing `get_logs`, and for classes that derive from something that
    is not in this file.

    ## Fix safety
    Passing `verbose=False` is safe.
    """

    code = "CB220"
    name = "incomplete-transform"
    default_severity = Severity.ERROR

    speaks = (
        # verbose by name
        """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
class T:
    def apply_transform(self, messages):
        return messages
TransformMessages(transforms=[T()], verbose=True)
""",
        # another name for the method
        """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
class T:
    def transform(self, messages):
        return messages
TransformMessages(transforms=[T()], verbose=False)
""",
        # one of two
        """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
class A:
    def apply_transform(self, m):
        return m
    def get_logs(self, a, b):
        return '', False
class B:
    def apply_transform(self, m):
        return m
TransformMessages(transforms=[A(), B()])
""",
        # a list by name
        """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
class T:
    def apply_transform(self, messages):
        return messages
STEPS = [T()]
TransformMessages(transforms=STEPS)
""",
        # in a method
        """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
class T:
    def apply_transform(self, messages):
        return messages
class Service:
    def __init__(self):
        self.cap = TransformMessages(transforms=[T()])
""",
        # derived from a class of this file
        """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
class Base:
    pass
class T(Base):
    def apply_transform(self, messages):
        return messages
TransformMessages(transforms=[T()])
""",
    )

    silent = (
        # not verbose
        """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
class T:
    def apply_transform(self, messages):
        return messages
TransformMessages(transforms=[T()], verbose=False)
""",
        # of AutoGen
        """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
from autogen.agentchat.contrib.capabilities.transforms import MessageHistoryLimiter
TransformMessages(transforms=[MessageHistoryLimiter(max_messages=3)])
""",
        # derived from something else
        """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
from steps import Step
class T(Step):
    def apply_transform(self, messages):
        return messages
TransformMessages(transforms=[T()])
""",
        # inherited within the file
        """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
class Base:
    def get_logs(self, a, b):
        return '', False
class T(Base):
    def apply_transform(self, messages):
        return messages
TransformMessages(transforms=[T()])
""",
        # not known
        """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
from steps import STEPS
TransformMessages(transforms=STEPS)
""",
        # verbose as configured
        """
from autogen.agentchat.contrib.capabilities.transform_messages import TransformMessages
from settings import VERBOSE
class T:
    def apply_transform(self, messages):
        return messages
TransformMessages(transforms=[T()], verbose=VERBOSE)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for call in model.calls_to("autogen.TransformMessages"):
            listed = call.arguments.get(None, "transforms")
            verbose = call.arguments.get(None, "verbose")
            logs = verbose is None or verbose == Constant(True)
            for item in listed.items if isinstance(listed, Sequence) else ():
                owner = item.type if isinstance(item, Instance) else None
                lacking = _lacking(owner, logs) if isinstance(owner, UserClass) else None
                if lacking is None or not isinstance(owner, UserClass):
                    continue
                place = call.arguments.node(None, "transforms") or call.node
                yield self.finding(
                    model,
                    model.range(place),
                    f"Transform `{owner.name}` has no `{lacking}`: AttributeError when a message "
                    "is transformed",
                    evidence=(Evidence("Its class is here", model.range(owner.node)),),
                )


def _lacking(owner: UserClass, logs: bool) -> str | None:
    """The first method that is called and certainly not there."""
    if not all(isinstance(base, UserClass) for base in owner.ancestry()):
        return None
    if owner.find("__getattr__") is not None:
        return None
    wanted = ("apply_transform", "get_logs") if logs else ("apply_transform",)
    return next((name for name in wanted if owner.find(name) is None), None)
