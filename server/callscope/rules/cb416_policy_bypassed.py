"""CB416: eligibility policies that a selector goes past."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.classic.dispatch import ELIGIBILITY_POLICIES
from callscope.model import Model
from callscope.model.agents import as_agent
from callscope.model.answering import choice_of
from callscope.model.callables import Callable, as_callable
from callscope.model.registrations import GroupChat
from callscope.model.values import Sequence, Value, options
from callscope.rules.base import Evidence, Finding, Rule, Severity


class PolicyBypassed(Rule):
    """Eligibility policies are set, but the selector function decides alone.

    ## What it does
    Looks for a GroupChat with `eligibility_policies` and a `speaker_selection_method` that is a
    function all of whose returned values are agents.

    ## Why it matters
    An agent that a selector function returns speaks without further questions. The policies are
    asked only where AutoGen selects by itself: `auto`, `round_robin`, `random`, `manual`.

    ## Example
    ```python
    from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent


    class OfficeHours:
        def is_eligible(self, agent, ctx):
            print("FIRED")
            return True


    alice = AssistantAgent("alice", llm_config=False, default_auto_reply="hello")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def select(last_speaker, groupchat):
        return alice


    team = GroupChat(
        [user, alice],
        messages=[],
        max_round=3,
        speaker_selection_method=select,
        eligibility_policies=[OfficeHours()],
    )
    user.initiate_chat(GroupChatManager(team, llm_config=False), message="hello")
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent


    class OfficeHours:
        def is_eligible(self, agent, ctx):
            print("FIRED")
            return True


    alice = AssistantAgent("alice", llm_config=False, default_auto_reply="hello")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def select(last_speaker, groupchat):
        return "round_robin"


    team = GroupChat(
        [user, alice],
        messages=[],
        max_round=3,
        speaker_selection_method=select,
        eligibility_policies=[OfficeHours()],
    )
    user.initiate_chat(GroupChatManager(team, llm_config=False), message="hello")
    ```

    ## When it stays silent
    When what the selector returns is not known, or may be the name of a method.

    ## Fix safety
    Unsafe: AutoGen then selects in turn, and the selector is not asked any more.
    """

    code = "CB416"
    name = "policy-bypassed"
    default_severity = Severity.ERROR

    _HEAD = """
from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
class Policy:
    def is_eligible(self, agent, ctx):
        return True
alice = AssistantAgent("alice", llm_config=False)
bob = AssistantAgent("bob", llm_config=False)
def pick(last_speaker, groupchat):
    return bob if last_speaker is alice else alice
"""

    speaks = (
        # a member by its place in the group
        _HEAD
        + """
def alternate(last, chat):
    place = chat.agents.index(last)
    return chat.agents[(place + 1) % len(chat.agents)]
GroupChat([alice, bob], [], speaker_selection_method=alternate, eligibility_policies=[Policy()])
""",
        _HEAD
        + """
GroupChat([alice, bob], [], speaker_selection_method=lambda last, group: bob,
          eligibility_policies=[Policy()])
""",
        _HEAD
        + """
GroupChat([alice, bob], [], speaker_selection_method=pick, eligibility_policies=[Policy()])
""",
        _HEAD
        + """
policies = [Policy()]
class Team:
    def __init__(self):
        self.chat = GroupChat(agents=[alice, bob], messages=[], max_round=5,
                              speaker_selection_method=pick, eligibility_policies=policies)
team = Team()
""",
        _HEAD
        + """
def select(last_speaker, groupchat):
    if last_speaker is alice:
        return bob
    return None
manager = GroupChatManager(GroupChat([alice, bob], [], speaker_selection_method=select,
                                     eligibility_policies=[Policy()]))
""",
        _HEAD
        + """
options = {"speaker_selection_method": pick, "eligibility_policies": [Policy(), Policy()]}
GroupChat([alice, bob], [], **options)
""",
        _HEAD
        + """
class Selector:
    def __call__(self, last_speaker, groupchat):
        return alice
GroupChat([alice, bob], [], speaker_selection_method=Selector(), eligibility_policies=[Policy()])
""",
    )

    silent = (
        # now and then AutoGen selects
        _HEAD
        + """
def alternate(last, chat):
    if last.name == "alice":
        return "auto"
    return chat.agents[0]
GroupChat([alice, bob], [], speaker_selection_method=alternate, eligibility_policies=[Policy()])
""",
        _HEAD
        + """
GroupChat([alice, bob], [], speaker_selection_method="round_robin",
          eligibility_policies=[Policy()])
""",
        _HEAD
        + """
GroupChat([alice, bob], [], speaker_selection_method=pick)
""",
        _HEAD
        + """
GroupChat([alice, bob], [], speaker_selection_method=pick, eligibility_policies=[])
""",
        _HEAD
        + """
def select(last_speaker, groupchat):
    return "auto" if last_speaker is alice else alice
GroupChat([alice, bob], [], speaker_selection_method=select, eligibility_policies=[Policy()])
""",
        _HEAD
        + """
from team import choose
def select(last_speaker, groupchat):
    return choose(last_speaker)
GroupChat([alice, bob], [], speaker_selection_method=select, eligibility_policies=[Policy()])
""",
        _HEAD
        + """
class GroupChat:
    def __init__(self, *args, **kwargs): ...
GroupChat([alice], speaker_selection_method=pick, eligibility_policies=[Policy()])
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        """One finding a group whose policies are never asked."""
        if model.release not in ELIGIBILITY_POLICIES:
            return
        for group in model.group_chats:
            policies = group.call.arguments.get(None, "eligibility_policies")
            if not isinstance(policies, Sequence) or not policies.items:
                continue
            selector = _decides(model, group)
            if selector is None:
                continue
            yield self.finding(
                model,
                model.range(_place(group)),
                "These policies are never asked: an agent that the selector "
                f"`{selector.name}` returns speaks without them",
                evidence=(
                    Evidence(f"`{selector.name}` returns agents", model.range(selector.node)),
                ),
            )


def _decides(model: Model, group: GroupChat) -> Callable | None:
    """The selector of ``group``, if it returns nothing but agents."""
    choice = choice_of(model, group)
    if choice is not None:
        return choice.selector
    selector = as_callable(group.argument("speaker_selection_method"))
    returned = model.returned(selector.function) if selector is not None else []
    if selector is None or len(selector.parameters) < 2 or not returned:
        return None
    chat = selector.parameters[1].name
    return selector if all(_is_member(place, value, chat) for place, value in returned) else None


def _is_member(place: ast.AST, value: Value, chat: str) -> bool:
    """Whether an agent is returned: a known one, or one that the group ``chat`` names."""
    if all(as_agent(option) is not None for option in options(value)):
        return True
    node = place.value if isinstance(place, ast.Return) else place
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        return ast.unparse(node.value) == f"{chat}.agents"
    return isinstance(node, ast.Call) and ast.unparse(node.func) in (
        f"{chat}.agent_by_name",
        f"{chat}.next_agent",
    )


def _place(group: GroupChat) -> ast.expr:
    return group.call.arguments.node(None, "eligibility_policies") or group.call.node
