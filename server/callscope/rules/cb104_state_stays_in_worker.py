"""CB104: what the callback collects stays in the worker."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from callscope.model import Model, scope
from callscope.model.callables import Callable
from callscope.model.crossings import Crossing
from callscope.model.events import Access, Root, Where
from callscope.model.registrations import Registration
from callscope.model.values import UNKNOWN, Function, Mapping, Sequence, Value, path_of
from callscope.rules.base import Evidence, Finding, Rule, Severity
from callscope.source import walk

_KINDS = ("reply", "hook", "tool-execution", "termination", "selector", "nested-reply")
_ENGINES = ("multiprocessing", "executor", "celery", "ray")
_COUNTERS = frozenset({"collections.Counter()", "collections.defaultdict()"})
_READING = frozenset({"get", "items", "keys", "values", "copy", "index", "count"})


class StateStaysInWorker(Rule):
    """A callback fills a module's list or counter in a worker, and the parent reads its own.

    ## What it does
    Looks for callbacks that change a module-level list, dict, set or counter, on agents whose
    chats run in another process, while the parent reads the same name after it sent the work off.

    ## Why it matters
    The callback fires. But each process has a list of its own: the worker's grows, the parent's
    stays empty, and the audit log or cost report it is read for is blank. Nothing is raised.

    ## Example
    ```python
    import multiprocessing
    from autogen import Agent, AssistantAgent, UserProxyAgent

    audit = []


    def on_reply(recipient, messages=None, sender=None, config=None):
        audit.append(messages[-1]["content"])
        return False, None


    def handle(text):
        assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="ok")
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        assistant.register_reply([Agent, None], on_reply)
        user.initiate_chat(assistant, message=text, max_turns=1, silent=True)


    if __name__ == "__main__":
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            pool.map(handle, ["hello"])
        print("FIRED" if audit else "nothing was recorded")
    ```

    ## Fixed
    ```python
    import multiprocessing
    from autogen import Agent, AssistantAgent, UserProxyAgent


    def handle(text):
        audit = []

        def on_reply(recipient, messages=None, sender=None, config=None):
            audit.append(messages[-1]["content"])
            return False, None

        assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="ok")
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
        assistant.register_reply([Agent, None], on_reply)
        user.initiate_chat(assistant, message=text, max_turns=1, silent=True)
        return audit


    if __name__ == "__main__":
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            audit = pool.map(handle, ["hello"])
        print("FIRED" if audit and audit[0] else "nothing was recorded")
    ```

    ## When it stays silent
    For threads, for queues and `Manager().list()`, for objects that are not plain containers of
    this module, and when the parent has chats of its own on the agent. It is an information only
    where no reader is in view, or where the parent prints the name beside the results of the
    tasks, which it uses.

    ## Fix safety
    Unsafe: a pool of threads takes the place of the pool of processes, if each task makes its own
    agents. That suits chats, which wait for models most of their time, but not for heavy work of
    your own. Otherwise return the data from the task, or use a queue or a database.
    """

    code = "CB104"
    name = "state-stays-in-worker"
    default_severity = Severity.WARNING
    every_walk = False  # What one process loses is lost, however well another does.

    speaks = (
        """
from concurrent.futures import ProcessPoolExecutor
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
costs = {}
def count(recipient, messages=None, sender=None, config=None):
    costs["calls"] = len(messages)
    return False, None
bot.register_reply([Agent, None], count)
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    with ProcessPoolExecutor() as executor:
        list(executor.map(ask, ["a"]))
    print(costs)
""",
        """
import multiprocessing
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
seen = 0
def count(content):
    global seen
    seen += 1
    return content
bot.register_hook("process_last_received_message", count)
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
def main():
    with multiprocessing.Pool(2) as pool:
        pool.map(ask, ["a"])
    print(seen)
if __name__ == "__main__":
    main()
""",
        """
import multiprocessing
from autogen import AssistantAgent
log = []
bot = AssistantAgent("bot", llm_config=False)
bot.register_hook("process_last_received_message", lambda content: log.append(content) or content)
def ask():
    bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
if __name__ == "__main__":
    process = multiprocessing.Process(target=ask)
    process.start()
    process.join()
    print(len(log))
""",
        """
import ray
from autogen import Agent, AssistantAgent
log = []
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    log.append(messages)
    return False, None
bot.register_reply([Agent, None], audit)
@ray.remote
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    ray.get(ask.remote("hi"))
    print(log)
""",
        """
from celery import Celery
from autogen import Agent, AssistantAgent
app = Celery("desk")
log = []
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    log.append(messages)
    return False, None
bot.register_reply([Agent, None], audit)
@app.task
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    ask.delay("hi").get()
    print(log)
""",
        """
from concurrent.futures import ProcessPoolExecutor
from autogen import Agent, AssistantAgent
log = []
def audit(recipient, messages=None, sender=None, config=None):
    log.append(messages)
    return False, None
def build():
    bot = AssistantAgent("bot", llm_config=False)
    bot.register_reply([Agent, None], audit)
    return bot
def ask(text):
    return build().generate_reply(messages=[{"role": "user", "content": text}])
def main():
    with ProcessPoolExecutor() as executor:
        executor.submit(ask, "a").result()
    for line in log:
        print(line)
main()
""",
    )

    silent = (
        """
from concurrent.futures import ThreadPoolExecutor
from autogen import Agent, AssistantAgent
log = []
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    log.append(messages)
    return False, None
bot.register_reply([Agent, None], audit)
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
with ThreadPoolExecutor() as executor:
    list(executor.map(ask, ["a"]))
print(log)
""",
        """
import multiprocessing
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
log = multiprocessing.Manager().list()
def audit(recipient, messages=None, sender=None, config=None):
    log.append(messages)
    return False, None
bot.register_reply([Agent, None], audit)
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        pool.map(ask, ["a"])
    print(list(log))
""",
        """
from autogen import Agent, AssistantAgent
log = []
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    log.append(messages)
    return False, None
bot.register_reply([Agent, None], audit)
bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
print(log)
""",
        """
import multiprocessing
from autogen import Agent, AssistantAgent
log = []
def audit(recipient, messages=None, sender=None, config=None):
    log.append(messages)
    return False, None
def double(number):
    return number * 2
if __name__ == "__main__":
    bot = AssistantAgent("bot", llm_config=False)
    bot.register_reply([Agent, None], audit)
    with multiprocessing.Pool(2) as pool:
        pool.map(double, [1])
    bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
    print(log)
""",
        """
import multiprocessing
from autogen import Agent, AssistantAgent
names = ["a", "b"]
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    print(names.index("a"))
    return False, None
bot.register_reply([Agent, None], audit)
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        pool.map(ask, ["a"])
    print(names)
""",
        """
import multiprocessing
from autogen import Agent, AssistantAgent
def ask(text):
    log = []
    def audit(recipient, messages=None, sender=None, config=None):
        log.append(messages)
        return False, None
    bot = AssistantAgent("bot", llm_config=False)
    bot.register_reply([Agent, None], audit)
    bot.generate_reply(messages=[{"role": "user", "content": text}])
    return log
if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        print(pool.map(ask, ["a"]))
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            known = registration.function
            if registration.kind not in _KINDS or known is None or registration.agent is None:
                continue
            crossing = _worker_of(model, registration)
            if crossing is None:
                continue
            state = next(_state_written(model, known), None)
            state = state or next(_replaced(model, known, crossing), None)
            if state is not None:
                yield self._report(model, registration, crossing, state)

    def _report(
        self, model: Model, registration: Registration, crossing: Crossing, state: _State
    ) -> Finding:
        name = state.name
        reader = _reader(model, crossing, state)
        evidence = [
            Evidence(
                f"`{crossing.function.name}` runs in {crossing.boundary.title}",
                model.range(crossing.node),
            ),
        ]
        # Where the callback is a helper of another file, the mistake is to use it here.
        place: ast.AST = state.write.node
        if model.source_of(place) is not model.source_of(registration.node):
            evidence.append(Evidence(f"`{name}` is changed here", model.range(place)))
            place = registration.node
        if reader is not None:
            evidence.append(
                Evidence(f"the parent reads its own `{name}` here", model.range(reader.node))
            )
        end = (
            f"the `{name}` that is read at line {model.line(reader.node)} stays as it is"
            if reader is not None
            else "no other process sees it"
        )
        return self.finding(
            model,
            model.range(place),
            f"`{registration.callback_name}` changes `{name}` in {crossing.boundary.title}: {end}",
            severity=Severity.WARNING if reader is not None else Severity.INFORMATION,
            evidence=tuple(evidence),
            about=registration,
        )


def _worker_of(model: Model, registration: Registration) -> Crossing | None:
    """The process boundary beyond which the agent works; None if it works in the parent, too."""
    assert registration.agent is not None
    found: Crossing | None = None
    for entry in model.entries_of(registration.agent):
        crossing = scope.crossing_of(model, entry.where)
        if crossing is None or crossing.boundary.engine not in _ENGINES:
            return None
        found = crossing
    return found


@dataclass(frozen=True)
class _State:
    """A module-level list or counter that a callback changes: where, under which name, and the
    object if it is one that is changed in place."""

    write: Access
    name: str
    value: Value | None = None


def _state_written(model: Model, known: Callable) -> Iterator[_State]:
    """The module-level containers and counters that the callback changes."""
    for write in model.interpreter.writes:
        function = write.where.function
        if function is None or function.node is not known.node:
            continue
        state = _module_state(model, write, function)
        if state is not None:
            yield state


def _replaced(model: Model, known: Callable, crossing: Crossing) -> Iterator[_State]:
    """The names of its module that the callback binds anew, and the parent reads. What only workers
    read may be theirs on purpose, such as a connection that is made when it is first needed."""
    for node in walk(known.function.node):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Name) and _is_declared_global(known.function, target.id):
                where = Where(Root(known.function))
                state = _State(Access(node, UNKNOWN, where, 0), target.id)
                if _reader(model, crossing, state) is not None:
                    yield state


def _module_state(model: Model, write: Access, function: Function) -> _State | None:
    node = write.node
    if isinstance(node, ast.Call):
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if method in _READING:
            return None
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        name = node.target.id
        return _State(write, name) if _is_declared_global(function, name) else None
    if isinstance(write.value, Sequence | Mapping) or path_of(write.value) in _COUNTERS:
        named = _name_of(model, write.value)
        return _State(write, named, write.value) if named is not None else None
    return None


def _is_declared_global(function: Function, name: str) -> bool:
    return any(
        isinstance(statement, ast.Global) and name in statement.names
        for statement in walk(function.node)
    )


def _name_of(model: Model, value: Value) -> str | None:
    """The name of an object in the module that it is a global of."""
    for module in model.modules:
        for name, bound in module.scope.names.items():
            if bound is value:
                return name
    return None


def _reader(model: Model, crossing: Crossing, state: _State) -> Access | None:
    """Where the parent reads ``state`` after it sent the work off; None if nothing hangs on it."""
    readers = list(_readers(model, crossing, state))
    used = [reader for reader in readers if not _is_printed(model, reader)]
    if used:
        return used[0]
    # Printed beside the results of the tasks, which the parent uses: it knows how to get at
    # their data, and shows its own list by the way.
    results = [call.result for call in scope.dispatch_calls(model, crossing)]
    if any(access.value in results for access in model.interpreter.reads):
        return None
    return readers[0] if readers else None


def _readers(model: Model, crossing: Crossing, state: _State) -> Iterator[Access]:
    dispatches = scope.dispatch_calls(model, crossing)
    for access in model.interpreter.reads:
        if not _reads(access, state):
            continue
        if scope.crossing_of(model, access.where) is not None:
            continue
        if any(
            access.where.root is call.where.root and access.index > call.index
            for call in dispatches
        ):
            yield access


def _reads(access: Access, state: _State) -> bool:
    if state.value is not None:
        return access.value is state.value
    node = access.node
    return state.name == (node.id if isinstance(node, ast.Name) else getattr(node, "attr", None))


def _is_printed(model: Model, reader: Access) -> bool:
    prints = model.calls_to("builtins.print")
    return any(reader.node in call.arguments.positional_nodes for call in prints)
