"""CB103: a registration that piles up on an agent that stays."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.model import Model, scope
from callscope.model.overlap import Runs, overlapping
from callscope.model.registrations import Registration
from callscope.model.values import (
    Constant,
)
from callscope.model.worker_imports import module_of
from callscope.rules._occasions import depends_on_input, happens_once
from callscope.rules._repeating_loops import repeating_loop
from callscope.rules._repeats import (
    constructor,
    drawn,
    edited_lists,
    executed_again,
    is_called_often,
    is_certain,
    is_same_each_time,
    outlives,
    runs_often,
)
from callscope.rules.base import Evidence, Finding, Rule, Severity

_KINDS = ("reply", "hook", "nested")


class RegistrationRepeated(Rule):
    """A registration runs again and again on the same agent.

    ## What it does
    Finds registrations inside a request handler, a task, a loop, a thread that is started several
    times, a hook that an engine runs again and again, or the constructor of several objects, on an
    agent that is made outside it and therefore stays. Also at the top of a module that is executed
    twice, on an agent of another module.

    ## Why it matters
    AutoGen never replaces a registration. `register_reply` and `register_nested_chats` add one
    more entry each time: after a hundred requests an observer fires a hundred times a message, and
    an old request's closure may answer a new one. `register_hook` with the same function raises
    AssertionError from the second time on.

    ## Example
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="ok")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def tag(content):
        print("FIRED")
        return content


    for text in ["one", "two"]:
        assistant.register_hook("process_last_received_message", tag)
        user.initiate_chat(assistant, message=text, max_turns=1)
    ```

    ## Fixed
    ```python
    from autogen import AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="ok")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def tag(content):
        print("FIRED")
        return content


    assistant.register_hook("process_last_received_message", tag)
    for text in ["one", "two"]:
        user.initiate_chat(assistant, message=text, max_turns=1)
    ```

    ## When it stays silent
    When the agent is made in the same handler or turn, when different callbacks or agents come
    from the loop itself, when a test around the registration, or before it, may let it run only
    once, in programs that take callbacks out of AutoGen's lists, and for tools, which are
    overwritten by name.

    ## Fix safety
    Unsafe: what the callback closes over may belong to the request.
    """

    code = "CB103"
    name = "registration-repeated"
    default_severity = Severity.WARNING
    every_walk = False  # What one process loses is lost, however well another does.

    speaks = (
        # behind the end of the loop, and a setting
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return False, None
LOUD = True
while True:
    text = input()
    if text == "exit":
        break
    if LOUD:
        bot.register_reply([Agent, None], note)
    user.initiate_chat(bot, message=text, max_turns=1)
""",
        # an agent that a cached function makes in the first turn
        """
import functools
from autogen import Agent, ConversableAgent
@functools.cache
def build_bot():
    return ConversableAgent("bot", llm_config=False)
class Session:
    def __init__(self, name):
        self.name = name
        build_bot().register_reply([Agent, None], self.observe)
    def observe(self, recipient, messages=None, sender=None, config=None):
        return False, None
for name in ("ann", "bob"):
    Session(name)
""",
        """
from fastapi import FastAPI
from autogen import Agent, AssistantAgent
app = FastAPI()
bot = AssistantAgent("bot", llm_config=False)
@app.post("/ask")
def ask(text: str):
    def audit(recipient, messages=None, sender=None, config=None):
        print(text)
        return False, None
    bot.register_reply([Agent, None], audit)
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
""",
        """
from flask import Flask
from autogen import AssistantAgent
app = Flask(__name__)
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
@app.route("/ask")
def ask():
    bot.register_hook("process_last_received_message", mask)
    return str(bot.generate_reply(messages=[{"role": "user", "content": "hi"}]))
""",
        """
from celery import Celery
from autogen import Agent, AssistantAgent
app = Celery("desk")
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
@app.task
def ask(text):
    bot.register_reply([Agent, None], audit)
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
""",
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def work(texts):
    for text in texts:
        bot.register_reply([Agent, None], lambda r, messages, sender, config: (False, None))
        bot.generate_reply(messages=[{"role": "user", "content": text}])
""",
        """
import ray
from autogen import Agent, AssistantAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
@ray.remote
class Desk:
    def __init__(self):
        self.bot = AssistantAgent("bot", llm_config=False)
    def ask(self, text):
        self.bot.register_reply([Agent, None], audit)
        return self.bot.generate_reply(messages=[{"role": "user", "content": text}])
""",
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
for name in ["a", "b"]:
    def audit(recipient, messages=None, sender=None, config=None, _name=name):
        print(_name)
        return False, None
    bot.register_reply([Agent, None], audit)
    bot.generate_reply(messages=[{"role": "user", "content": name}])
""",
        """
from fastapi import FastAPI
from functools import lru_cache
from autogen import AssistantAgent
app = FastAPI()
@lru_cache
def get_bot():
    return AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
@app.get("/ask")
async def ask(text: str):
    bot = get_bot()
    bot.register_hook("process_last_received_message", mask)
    return await bot.a_generate_reply(messages=[{"role": "user", "content": text}])
""",
    )

    silent = (
        # in a cached function, which runs once for each name
        """
import functools
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
@functools.lru_cache(maxsize=None)
def attach(name):
    def note(recipient, messages=None, sender=None, config=None):
        return False, None
    bot.register_reply([Agent, None], note)
for _ in range(3):
    attach("once")
    bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
        # a flag that the turns set
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return False, None
registered = False
while (text := input()) != "exit":
    if not registered:
        bot.register_reply([Agent, None], note)
        registered = True
    user.initiate_chat(bot, message=text, max_turns=1)
""",
        # the same the other way round, and a counter
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return False, None
def talk(texts):
    attached, turn = False, 0
    for text in texts:
        if turn == 0:
            bot.register_nested_chats([{"recipient": user, "message": "check"}], trigger=user)
        turn += 1
        user.initiate_chat(bot, message=text, max_turns=1)
        if attached:
            continue
        bot.register_reply([Agent, None], note)
        attached = True
talk(map(str, range(9)))
""",
        # the number of the turn
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return False, None
for number, text in enumerate(open("texts")):
    if number:
        continue
    bot.register_reply([Agent, None], note)
""",
        # a flag of an object
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return False, None
class Desk:
    def __init__(self):
        self.ready = False
    def attach(self):
        bot.register_reply([Agent, None], note)
        self.ready = True
    def ask(self, text):
        if not self.ready:
            self.attach()
        user.initiate_chat(bot, message=text, max_turns=1)
desk = Desk()
for text in open("texts"):
    desk.ask(text)
""",
        # a hook that is taken out again
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return False, None
class Recorded:
    def __init__(self, agent):
        self.agent = agent
    def __enter__(self):
        self.agent.register_hook("process_last_received_message", self.record)
    def __exit__(self, *raised):
        self.agent.hook_lists["process_last_received_message"].remove(self.record)
    def record(self, content):
        return content
for text in ("a", "b"):
    with Recorded(bot):
        user.initiate_chat(bot, message=text, max_turns=1)
""",
        # a reply function that is taken out again
        """
from autogen import Agent, ConversableAgent
bot = ConversableAgent("bot", llm_config=False)
user = ConversableAgent("user", llm_config=False)
def note(recipient, messages=None, sender=None, config=None):
    return False, None
for text in ("a", "b"):
    bot.register_reply([Agent, None], note)
    user.initiate_chat(bot, message=text, max_turns=1)
    bot._reply_func_list = [r for r in bot._reply_func_list if r["reply_func"] is not note]
""",
        # a cached function that makes an agent for each name
        """
import functools
import sys
from autogen import Agent, ConversableAgent
def observe(recipient, messages=None, sender=None, config=None):
    return False, None
@functools.cache
def build_bot(name):
    return ConversableAgent(name, llm_config=False)
for name in sys.argv:
    build_bot(name).register_reply([Agent, None], observe)
""",
        """
from fastapi import FastAPI
from autogen import Agent, AssistantAgent
app = FastAPI()
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
@app.post("/ask")
def ask(text: str):
    bot = AssistantAgent("bot", llm_config=False)
    bot.register_reply([Agent, None], audit)
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
""",
        """
from autogen import Agent, AssistantAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
amy = AssistantAgent("amy", llm_config=False)
bob = AssistantAgent("bob", llm_config=False)
for agent in [amy, bob]:
    agent.register_reply([Agent, None], audit)
""",
        """
from fastapi import FastAPI
from autogen import Agent, AssistantAgent
app = FastAPI()
bot = AssistantAgent("bot", llm_config=False)
ready = False
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
@app.post("/ask")
def ask(text: str):
    global ready
    if not ready:
        bot.register_reply([Agent, None], audit)
        ready = True
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
""",
        """
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def first(recipient, messages=None, sender=None, config=None):
    return False, None
def second(recipient, messages=None, sender=None, config=None):
    return False, None
for callback in (first, second):
    bot.register_reply([Agent, None], callback)
""",
        """
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def show(value):
    print(value)
    return value
for stage in ("last_received_message", "all_messages_before_reply"):
    bot.register_hook(f"process_{stage}", show)
""",
        """
import sys
from autogen import AssistantAgent, UserProxyAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
for kind in (AssistantAgent, UserProxyAgent):
    bot.register_reply([kind], audit)
for name in sys.argv[1:]:
    bot.register_reply(name, audit)
""",
        """
from fastapi import FastAPI
from autogen import AssistantAgent
app = FastAPI()
bot = AssistantAgent("bot", llm_config=False)
user = AssistantAgent("user", llm_config=False)
def add(a: int, b: int) -> int:
    return a + b
@app.post("/ask")
def ask(text: str):
    user.register_for_execution()(add)
    return user.generate_reply(messages=[{"role": "user", "content": text}], sender=bot)
""",
        """
from fastapi import FastAPI
from autogen import AssistantAgent
app = FastAPI()
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
@app.on_event("startup")
def install():
    bot.register_hook("process_last_received_message", mask)
""",
        """
import sys
from autogen import Agent, AssistantAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
team = []
if len(sys.argv) > 1:
    team.append(AssistantAgent("amy", llm_config=False))
for agent in team:
    agent.register_reply([Agent, None], audit)
""",
        """
from functools import cache
from fastapi import FastAPI
from autogen import AssistantAgent
app = FastAPI()
def mask(content):
    return content
@cache
def get_bot():
    bot = AssistantAgent("bot", llm_config=False)
    bot.register_hook("process_last_received_message", mask)
    return bot
@app.post("/ask")
def ask(text: str):
    return get_bot().generate_reply(messages=[{"role": "user", "content": text}])
""",
        """
from autogen import Agent, AssistantAgent
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def work(texts):
    for text in texts:
        bot = AssistantAgent("bot", llm_config=False)
        bot.register_reply([Agent, None], audit)
        bot.generate_reply(messages=[{"role": "user", "content": text}])
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        several = list(overlapping(model))
        edited = edited_lists(model)
        for registration in model.registrations:
            if registration.kind not in _KINDS or registration.agent is None:
                continue
            if registration.argument("remove_other_reply_funcs") == Constant(True):
                continue
            if (registration.kind == "hook" and "hook_lists" in edited) or (
                registration.kind != "hook" and "_reply_func_list" in edited
            ):
                continue
            if happens_once(registration.node, registration.where):
                continue
            finding = (
                self._in_handler(model, registration)
                or self._in_hook(model, registration)
                or self._in_parallel(model, registration, several)
                or self._in_script(model, registration)
                or self._in_loop(model, registration)
                or self._in_constructor(model, registration)
                or self._at_import(model, registration)
            )
            if finding is not None:
                yield finding

    def _in_handler(self, model: Model, registration: Registration) -> Finding | None:
        crossing = scope.crossing_of(model, registration.where)
        agent = registration.agent
        assert agent is not None
        if crossing is None or not runs_often(crossing):
            return None
        if not depends_on_input(model, registration.where):
            return None
        if scope.is_remembered(registration.where):
            return None
        if not outlives(model, registration, crossing):
            return None
        evidence = [
            Evidence(
                f"`{crossing.function.name}` runs many times in one process, as "
                f"{crossing.boundary.title}",
                model.range(crossing.node),
            )
        ]
        return self._report(
            model, registration, f"each run of `{crossing.function.name}`", evidence
        )

    def _in_hook(self, model: Model, registration: Registration) -> Finding | None:
        """In what an engine calls again and again."""
        agent, where = registration.agent, registration.where
        assert agent is not None
        hook = next((h for h in scope.hooks_at(model, where) if is_called_often(model, h)), None)
        if hook is None or not where.certain or not scope.is_long_lived(model, agent.instance):
            return None
        title = hook.hook.title or "each of Huey's worker threads runs it"
        evidence = [Evidence(title, model.range(hook.function.node))]
        return self._report(model, registration, f"each run of `{hook.function.name}`", evidence)

    def _in_parallel(
        self, model: Model, registration: Registration, several: list[Runs]
    ) -> Finding | None:
        """In several threads or tasks."""
        agent = registration.agent
        assert agent is not None
        if scope.is_remembered(registration.where):
            return None
        for runs in several:
            alike = runs.cover(registration.call) and is_certain(registration.where)
            if runs.each and len(_covered(model, runs, registration)) < 2:
                continue
            if alike and runs.share(model, agent):
                evidence = [Evidence(f"`{runs.name}` runs several times", model.range(runs.node))]
                return self._report(model, registration, f"each run of `{runs.name}`", evidence)
        return None

    def _in_constructor(self, model: Model, registration: Registration) -> Finding | None:
        """In an ``__init__`` that registers on an agent of the module, for each object made."""
        entered = constructor(registration)
        if entered is None or not is_certain(registration.where):
            return None
        twins = [
            twin
            for twin in model.twins(registration)
            if isinstance(twin, Registration) and twin.agent == registration.agent
        ]
        made = {constructor(twin) for twin in twins} - {None}
        if len(made) < 2:
            return None
        place, function = entered
        name = function.owner.name if function.owner is not None else function.name
        evidence = [Evidence(f"one of the places that make a `{name}`", model.range(place))]
        return self._report(model, registration, f"each `{name}`", evidence)

    def _at_import(self, model: Model, registration: Registration) -> Finding | None:
        """At the top of a module that is executed more than once, on an agent of another one."""
        agent, where = registration.agent, registration.where
        assert agent is not None
        made = agent.instance.call
        if made is None or not scope.is_import_time(where) or not where.certain:
            return None
        own = module_of(model, where)
        again = executed_again(model, own)
        if again is None or module_of(model, made.where) is own:
            return None
        evidence = [Evidence("this executes the module once more", model.range(again.node))]
        return self._report(model, registration, "each import of the module", evidence)

    def _in_script(self, model: Model, registration: Registration) -> Finding | None:
        """In the body of a script that Streamlit runs again at every interaction."""
        where, agent = registration.where, registration.agent
        assert agent is not None
        made = agent.instance.call
        in_body = where.root is model.interpreter.body and not scope.is_remembered(where)
        if not in_body or made is None or agent.instance.many:
            return None
        if not depends_on_input(model, where):
            return None
        once = bool(made.where.branches) and scope.is_kept(model, agent.instance)
        stays = once or scope.is_remembered(made.where) or made.where.root is not where.root
        page = drawn(model, where.root) if stays and made.where.root.is_module else None
        if page is None:
            return None
        evidence = [Evidence("Streamlit runs this script again and again", model.range(page.node))]
        return self._report(model, registration, "each run of the script", evidence)

    def _in_loop(self, model: Model, registration: Registration) -> Finding | None:
        loop = repeating_loop(model, registration)
        if loop is None or scope.is_remembered(registration.where):
            return None
        place = loop.node.iter if isinstance(loop.node, ast.For | ast.AsyncFor) else loop.node
        place = place.test if isinstance(place, ast.While) else place
        evidence = [Evidence("this loop runs the registration in every turn", model.range(place))]
        return self._report(model, registration, "each turn of the loop", evidence)

    def _report(
        self, model: Model, registration: Registration, when: str, evidence: list[Evidence]
    ) -> Finding:
        agent, known = registration.agent, registration.function
        assert agent is not None
        raises = (
            registration.kind == "hook" and known is not None and is_same_each_time(model, known)
        )
        effect = (
            "AutoGen raises AssertionError from the second time on"
            if raises
            else "earlier ones stay, and all of them are called"
        )
        if agent.node is not None:
            evidence.insert(
                0, Evidence(f"`{agent.label}` is made here and stays", model.range(agent.node))
            )
        certain = raises and not any(loop.turn is None for loop in registration.where.loops)
        return self.finding(
            model,
            model.range(registration.node),
            f"{when[0].upper()}{when[1:]} registers `{registration.callback_name}` on "
            f"`{agent.label}` once more: {effect}",
            severity=Severity.ERROR if certain else Severity.WARNING,
            evidence=tuple(evidence),
            about=registration,
        )


def _covered(model: Model, runs: Runs, registration: Registration) -> list[Registration]:
    """The same registration on the same agent, as the runs make it."""
    return [
        twin
        for twin in model.twins(registration)
        if isinstance(twin, Registration)
        and twin.agent == registration.agent
        and runs.cover(twin.call)
    ]
