"""CB102: the worker that uses the agent never runs the registration."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from callscope.contracts.boundaries import DISPATCHES, Boundary
from callscope.model import Model, scope
from callscope.model.agents import Agent
from callscope.model.crossings import Crossing, task_behind
from callscope.model.events import Call, Where
from callscope.model.registrations import Registration
from callscope.model.values import NONE, Constant, Function, path_of
from callscope.rules.base import Evidence, Finding, Rule, Severity

_KINDS = ("reply", "hook", "nested", "tool-execution")


class RegistrationLostInWorker(Rule):
    """A callback is registered where the worker that uses the agent does not run.

    ## What it does
    Asks, for each registration on a module-level agent, whether the process that uses the agent
    runs the registration, too. It speaks when a worker (a spawned process, a Celery task, a served
    web application ...) reaches the agent, while the registration stands under
    `if __name__ == "__main__":`, in a function only the parent runs, in a module that only the
    parent imports, or behind the start of the workers. Imports are followed through the project.

    ## Why it matters
    Nothing is raised. The worker imports the module, gets an agent without the callback, and the
    agent just answers without it: no audit line, no approval, no redaction. It works on the
    developer's machine, where the chat runs in the same process.

    ## Example
    ```python
    import multiprocessing
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="ok")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED", flush=True)
        return False, None


    def handle(text):
        user.initiate_chat(assistant, message=text, max_turns=1)


    if __name__ == "__main__":
        assistant.register_reply([Agent, None], on_reply)
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            pool.map(handle, ["hello"])
    ```

    ## Fixed
    ```python
    import multiprocessing
    from autogen import Agent, AssistantAgent, UserProxyAgent

    assistant = AssistantAgent("assistant", llm_config=False, default_auto_reply="ok")
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


    def on_reply(recipient, messages=None, sender=None, config=None):
        print("FIRED", flush=True)
        return False, None


    assistant.register_reply([Agent, None], on_reply)


    def handle(text):
        user.initiate_chat(assistant, message=text, max_turns=1)


    if __name__ == "__main__":
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            pool.map(handle, ["hello"])
    ```

    ## When it stays silent
    For registrations at module level (each worker runs them when it imports the module), in an
    `initializer=`, in a worker start-up hook or in the task itself; for threads; for `fork` where
    the registration stands before the workers are made. Where the platform's default start method
    decides, it is a warning: such code works on Linux up to Python 3.13 and nowhere else.

    ## Fix safety
    Moving a registration beside its agent is unsafe: it then runs on every import. Moving the
    agent into a factory is unsafe: each caller gets an agent with a history of its own.
    """

    code = "CB102"
    name = "registration-lost-in-worker"
    default_severity = Severity.ERROR

    speaks = (
        """
from concurrent.futures import ProcessPoolExecutor
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
def main():
    bot.register_hook("process_last_received_message", mask)
    with ProcessPoolExecutor() as executor:
        print(list(executor.map(ask, ["a", "b"])))
if __name__ == "__main__":
    main()
""",
        """
from celery import Celery
from autogen import Agent, AssistantAgent
app = Celery("desk", broker="redis://localhost")
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
@app.task
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    bot.register_reply([Agent, None], audit)
    ask.delay("hi")
""",
        """
import uvicorn
from fastapi import FastAPI
from autogen import AssistantAgent
app = FastAPI()
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
@app.post("/ask")
def ask(text: str):
    return {"reply": bot.generate_reply(messages=[{"role": "user", "content": text}])}
if __name__ == "__main__":
    bot.register_hook("process_last_received_message", mask)
    uvicorn.run(app)
""",
        """
import multiprocessing as mp
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    pool = mp.get_context("fork").Pool(2)
    bot.register_reply([Agent, None], audit)
    print(pool.map(ask, ["a"]))
""",
        """
from concurrent.futures import ProcessPoolExecutor
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
def main():
    executor = ProcessPoolExecutor(2)
    executor.submit(ask, "warm up").result()
    bot.register_reply([Agent, None], audit)
    executor.submit(ask, "hello").result()
main()
""",
        """
import ray
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
@ray.remote
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    ray.init()
    ray.get(ask.remote("one"))
    bot.register_reply([Agent, None], audit)
    ray.get(ask.remote("two"))
""",
        """
import multiprocessing
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
def ask():
    bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    bot.register_hook("process_last_received_message", mask)
    process = multiprocessing.Process(target=ask)
    process.start()
    process.join()
""",
    )

    silent = (
        """
import multiprocessing
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
bot.register_hook("process_last_received_message", mask)
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(pool.map(ask, ["a"]))
""",
        """
import multiprocessing
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
def install():
    bot.register_hook("process_last_received_message", mask)
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2, initializer=install) as pool:
        print(pool.map(ask, ["a"]))
""",
        """
from concurrent.futures import ThreadPoolExecutor
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    bot.register_hook("process_last_received_message", mask)
    with ThreadPoolExecutor() as executor:
        print(list(executor.map(ask, ["a"])))
""",
        """
import multiprocessing
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    bot.register_hook("process_last_received_message", mask)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(ask, ["a"]))
""",
        """
import ray
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
@ray.remote
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    bot.register_reply([Agent, None], audit)
    ray.get(ask.remote("one"))
""",
        """
from celery import Celery
from celery.signals import worker_process_init
from autogen import AssistantAgent
app = Celery("desk")
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
@worker_process_init.connect
def install(**kwargs):
    bot.register_hook("process_last_received_message", mask)
@app.task
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
if __name__ == "__main__":
    ask.delay("hi")
""",
        """
import multiprocessing
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
def double(number):
    return number * 2
if __name__ == "__main__":
    bot.register_hook("process_last_received_message", mask)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(pool.map(double, [1]))
    bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for registration in model.registrations:
            if registration.kind not in _KINDS or registration.agent is None:
                continue
            if scope.is_test(model.source_of(registration.node).path):
                continue
            yield from self._on_original(model, registration)
            if not scope.is_long_lived(registration.agent.instance):
                continue
            loss = _worst_loss(model, registration)
            if loss is not None and not scope.registered_on_other_side(model, registration):
                yield self._report(model, registration, loss)

    def _on_original(self, model: Model, registration: Registration) -> Iterator[Finding]:
        """A registration on an agent of which the workers have got a copy before."""
        agent = registration.agent
        assert agent is not None
        sent = _copied_before(model, registration, agent)
        if sent is None or _used_afterwards(model, registration):
            return
        boundary = DISPATCHES[sent.path or ""]
        yield self.finding(
            model,
            model.range(registration.node),
            f"`{registration.callback_name}` is lost: {boundary.title} got its own copy of "
            f"`{agent.label}` at line {model.line(sent.node)}, before it was registered",
            evidence=(Evidence(f"`{agent.label}` is copied here", model.range(sent.node)),),
            why="An agent that is passed to a worker is pickled: the worker has a copy of it as it "
            f"was then. To mend it, register before, or {boundary.fix}.",
            about=registration,
        )

    def _report(self, model: Model, registration: Registration, loss: _Loss) -> Finding:
        agent = registration.agent
        assert agent is not None
        task = loss.use.crossing.function.name
        where = loss.use.crossing.boundary.title
        return self.finding(
            model,
            model.range(registration.node),
            f"`{registration.callback_name}` is lost in {where}: `{task}` uses "
            f"`{agent.label}` there, {loss.reason}",
            severity=loss.severity,
            evidence=_chain(model, registration, loss),
            why=f"{loss.explanation} To mend it, {loss.use.crossing.boundary.fix}.",
            about=registration,
        )


@dataclass(frozen=True)
class _Loss:
    """Why a registration does not reach a worker."""

    use: scope.Use
    severity: Severity
    reason: str
    explanation: str


def _worst_loss(model: Model, registration: Registration) -> _Loss | None:
    assert registration.agent is not None
    agent = registration.agent
    if agent.instance.call is not None and agent.instance.call.where.guard:
        # The whole agent is missing in the worker, not the registration: CB101.
        return None
    losses = [
        loss
        for use in scope.uses_beyond(model, agent)
        if not scope.runs_in(registration.where, use.crossing)
        and not scope.is_worker_set_up(model, registration.where, use.crossing)
        and (loss := _loss(model, registration, use)) is not None
    ]
    return min(losses, key=lambda loss: loss.severity.rank, default=None)


def _loss(model: Model, registration: Registration, use: scope.Use) -> _Loss | None:
    boundary = use.crossing.boundary
    if boundary.keeps == "start-method":
        return _lost_to_processes(model, registration, use)
    if boundary.keeps == "by-value":
        return _lost_to_copies(model, registration, use)
    if boundary.engine in ("web", "ui"):
        return _lost_to_server(model, registration, use)
    if boundary.keeps == "imports":
        return _lost_to_queue(model, registration, use)
    return None


def _runs_in_parent_only(model: Model, registration: Registration, use: scope.Use) -> bool:
    """Whether the registration runs in the process that sends the work off, and certainly not in
    the worker."""
    where = registration.where
    if where.root.is_module:
        return not scope.runs_in_worker(model, where, use.crossing)
    sent = [call.where.root for call in scope.dispatch_calls(model, use.crossing)]
    return where.root in sent


def _lost_to_processes(model: Model, registration: Registration, use: scope.Use) -> _Loss | None:
    method = scope.start_method(model, use.crossing)
    late = _behind_the_start(model, registration, use)
    if late is not None:
        return late
    if not _runs_in_parent_only(model, registration, use) or method == "fork":
        return None
    reason = f"and the process imports {_module(model, use)} without running the registration"
    if method is not None:
        return _Loss(
            use,
            Severity.ERROR,
            reason,
            f"A process started by `{method}` begins with a fresh import of the main module, "
            'in which `__name__` is not `"__main__"`: nothing under the main guard runs.',
        )
    return _Loss(
        use,
        Severity.WARNING,
        "and only a forked process inherits the registration (Linux up to Python 3.13)",
        "Where processes are spawned (macOS, Windows, and every platform but Linux) or come from a "
        "forkserver (Linux from Python 3.14), they import the main module afresh and run nothing "
        "under the main guard.",
    )


def _module(model: Model, use: scope.Use) -> str:
    """What to call the module that the worker imports for its function."""
    module = model.interpreter.module_of(use.crossing.function.scope)
    return "this module" if module is model.interpreter.main else f"`{module.name}`"


def _behind_the_start(model: Model, registration: Registration, use: scope.Use) -> _Loss | None:
    """A registration after the workers were started, before work is sent to them."""
    started = _start_of_workers(model, use)
    if started is None or started.where.root is not registration.where.root:
        return None
    if registration.call.index <= started.index:
        return None
    pool = use.crossing.pool
    sent = use.crossing.call
    if pool is not None and sent is not None and sent.index < registration.call.index:
        return None
    if pool is None and _used_afterwards(model, registration):
        return None
    renewed = (
        pool is not None
        and pool.init is not None
        and pool.init.get(None, "maxtasksperchild") not in (None, NONE)
    )
    severity = Severity.WARNING if renewed else Severity.ERROR
    return _Loss(
        use,
        severity,
        f"and its processes were started before, at line {model.line(started.node)}",
        "A child process gets what its parent had when the child was started; what the parent "
        "registers afterwards stays in the parent.",
    )


def _start_of_workers(model: Model, use: scope.Use) -> Call | None:
    """The call at which the worker processes come into being."""
    pool = use.crossing.pool
    if pool is None:
        process = use.crossing.call.result if use.crossing.call is not None else None
        return next((c for c in model.calls if c.receiver is process and c.method == "start"), None)
    if path_of(pool.type) == "concurrent.futures.ProcessPoolExecutor":
        # The executor starts its processes with the first task.
        return next(
            (c for c in model.calls if c.receiver is pool and c.method in ("submit", "map")),
            None,
        )
    return pool.call


def _copied_before(model: Model, registration: Registration, agent: Agent) -> Call | None:
    """The call that sent a copy of ``agent`` to a worker before the registration on it."""
    for call in model.calls:
        if call.where.root is not registration.where.root or call.index > registration.call.index:
            continue
        boundary = DISPATCHES.get(call.path or "")
        copied = boundary is not None and boundary.keeps == "by-value"
        if copied and any(sent == agent for _, sent in scope.agents_sent(call)):
            return call
    return None


def _used_afterwards(model: Model, registration: Registration) -> bool:
    """Whether the registering process itself uses the agent later on."""
    return any(
        entry.where.root is registration.where.root
        and entry.call.index > registration.call.index
        and registration.agent in (entry.agent, entry.partner)
        for entry in model.entry_calls
    )


def _lost_to_copies(model: Model, registration: Registration, use: scope.Use) -> _Loss | None:
    """Ray, joblib, Dask, Spark: the function is sent by value or by name."""
    if _is_by_value(model, registration, use):
        once = use.crossing.boundary.ships_once
        return _after_the_copy(model, registration, use) if once else None
    if not _runs_in_parent_only(model, registration, use):
        return None
    title = use.crossing.boundary.title
    certain = registration.where.guard or model.is_script
    return _Loss(
        use,
        Severity.ERROR if certain else Severity.WARNING,
        f"and the worker imports {_module(model, use)}, but never runs the script",
        f"A function of an imported module goes to {title} by its name. The worker imports that "
        "module and what it imports; what the script does to the agent stays in the script.",
    )


def _is_by_value(model: Model, registration: Registration, use: scope.Use) -> bool:
    """Whether the agent travels with the function: a global that is named in the script, or in
    the very code of a function that was made a task in its own module."""
    assert registration.agent is not None
    crossing, agent = use.crossing, registration.agent.instance
    own = model.interpreter.module_of(crossing.function.scope)
    names = {name for name, value in own.scope.names.items() if value is agent}
    if own is model.interpreter.main:
        # Helpers of the script travel along.
        return bool(names) and model.source_of(use.node) is model.source
    made_a_task = crossing.call is not None and crossing.call.node in _decorators(crossing.function)
    named = {n.id for n in ast.walk(crossing.function.node) if isinstance(n, ast.Name)}
    return made_a_task and bool(names & named)


def _decorators(function: Function) -> list[ast.expr]:
    """The decorators of a function, and of the class it is a method of."""
    listed = [] if isinstance(function.node, ast.Lambda) else list(function.node.decorator_list)
    return [*listed, *(function.owner.node.decorator_list if function.owner is not None else ())]


def _after_the_copy(model: Model, registration: Registration, use: scope.Use) -> _Loss | None:
    dispatches = [
        call
        for call in scope.dispatch_calls(model, use.crossing)
        if call.where.root is registration.where.root
    ]
    before = [call for call in dispatches if call.index < registration.call.index]
    after = [call for call in dispatches if call.index > registration.call.index]
    if not before or not after:
        return None
    return _Loss(
        use,
        Severity.ERROR,
        f"and Ray took its copy of it at line {model.line(before[0].node)}",
        "Ray ships a task together with the globals it names, once, at the first `.remote()`. What "
        "the driver registers afterwards stays with the driver.",
    )


def _lost_to_queue(model: Model, registration: Registration, use: scope.Use) -> _Loss | None:
    """Celery, RQ, Dramatiq, Huey, arq: the worker runs what importing its modules runs."""
    where = registration.where
    if where.root.is_module:
        if scope.runs_in_worker(model, where, use.crossing):
            return None
    elif not _is_served(model, where):
        return None
    if _starts_worker(model, where, use.crossing.boundary):
        return None
    dispatched = bool(scope.dispatch_calls(model, use.crossing))
    if not dispatched and _runs_task_itself(model, where, use.crossing):
        return None
    known = where.guard or not where.root.is_module or _knows_imports(model, use.crossing)
    severe = dispatched and known and not _is_eager(model)
    title = use.crossing.boundary.title
    return _Loss(
        use,
        Severity.ERROR if severe else Severity.WARNING,
        f"and the worker imports {_module(model, use)} without running the registration",
        f"{title[0].upper()}{title[1:]} imports the task's module under its own name. What stands "
        "under the main guard of the producer, in its request handlers or in a module that only "
        "the producer imports does not run there.",
    )


def _runs_task_itself(model: Model, where: Where, crossing: Crossing) -> bool:
    """Whether the script that registers calls the task right there, as `call_local` does."""
    return any(
        call.where.root is where.root and task_behind(call) is crossing.function
        for call in model.calls
    )


def _is_served(model: Model, where: Where) -> bool:
    """Whether it runs in a web server: in a handler, or as the server starts."""
    crossing = scope.crossing_of(model, where)
    if crossing is not None:
        return crossing.boundary.engine == "web"
    function = where.root.function
    return any(
        function is not None and hook.function.node is function.node and "web" in hook.engines
        for hook in model.worker_hooks
    )


def _knows_imports(model: Model, crossing: Crossing) -> bool:
    """Whether it is certain which modules the worker imports."""
    return crossing.boundary.engine == "rq" or scope.includes_are_listed(model)


_STARTERS = {
    "celery": ("celery.Celery().worker_main", "celery.Celery().start", "celery.Celery().Worker"),
    "rq": ("rq.Worker().work", "rq.SimpleWorker().work", "rq.SpawnWorker().work"),
    "arq": ("arq.run_worker", "arq.worker.run_worker"),
}
"""Calls by which a script is itself the worker."""


def _starts_worker(model: Model, where: Where, boundary: Boundary) -> bool:
    """Whether the script that registers is what runs the worker."""
    starters = _STARTERS.get(boundary.engine, ())
    here = scope.module_of(model, where)
    return any(
        call.path in starters and scope.module_of(model, call.where) is here for call in model.calls
    )


def _is_eager(model: Model) -> bool:
    return model.mentions("task_always_eager") or model.mentions("TASK_ALWAYS_EAGER")


def _lost_to_server(model: Model, registration: Registration, use: scope.Use) -> _Loss | None:
    if not registration.where.guard:
        return None
    server = _server_call(model)
    if server is not None and _serves_a_copy(model, server):
        return _Loss(
            use,
            Severity.ERROR,
            "and the server imports this module a second time, without the main guard",
            "Given an import string, the server imports the module under its own name: that copy "
            "has an agent of its own, on which nothing was registered.",
        )
    return _Loss(
        use,
        Severity.WARNING,
        "and only `python` with this file runs the registration",
        "Gunicorn, `uvicorn module:app`, `flask run` and every server with several workers import "
        "this module and run nothing under the main guard.",
    )


def _server_call(model: Model) -> Call | None:
    served = ("uvicorn.run", "hypercorn.run", "flask.Flask().run", "sanic.Sanic().run")
    return next((call for call in model.calls if call.path in served), None)


def _serves_a_copy(model: Model, server: Call) -> bool:
    """Whether the server imports this very file again."""
    app = server.arguments.get(0, "app")
    if not isinstance(app, Constant) or not isinstance(app.value, str):
        return False
    module = app.value.partition(":")[0]
    return module.rpartition(".")[2] == model.source.path.stem


def _chain(model: Model, registration: Registration, loss: _Loss) -> tuple[Evidence, ...]:
    crossing = loss.use.crossing
    agent = registration.agent
    assert agent is not None
    links = []
    if agent.node is not None:
        links.append(
            Evidence(
                f"`{agent.label}` is made here, in every process that imports this module",
                model.range(agent.node),
            )
        )
    if registration.where.guard_node is not None:
        test = getattr(registration.where.guard_node, "test", registration.where.guard_node)
        links.append(Evidence("the registration runs under this guard only", model.range(test)))
    links.append(
        Evidence(
            f"`{crossing.function.name}` runs in {crossing.boundary.title}",
            model.range(crossing.node),
        )
    )
    links.append(Evidence(f"and uses `{agent.label}` there", model.range(loss.use.node)))
    return tuple(links)
