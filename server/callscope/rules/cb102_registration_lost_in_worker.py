"""CB102: the worker that uses the agent never runs the registration."""

from __future__ import annotations

from collections.abc import Iterator

from callscope.contracts.boundaries import DISPATCHES
from callscope.model import Model, scope
from callscope.model.agents import Agent
from callscope.model.crossings import actor_behind
from callscope.model.events import Call
from callscope.model.registrations import Registration
from callscope.model.values import Instance, Member
from callscope.rules._loss import Loss, is_for_own_chats, used_afterwards
from callscope.rules._lost_to_copies import lost_as_set_up, lost_to_copies
from callscope.rules._lost_to_forks import lost_to_fork
from callscope.rules._lost_to_processes import lost_to_processes
from callscope.rules._lost_to_programs import lost_to_program
from callscope.rules._lost_to_queues import lost_to_pool, lost_to_queue
from callscope.rules._lost_to_servers import lost_to_server
from callscope.rules.base import Evidence, Finding, Rule, Severity

_KINDS = ("reply", "hook", "nested", "tool-execution")


class RegistrationLostInWorker(Rule):
    """A callback is registered where the worker that uses the agent does not run.

    ## What it does
    Asks, for each registration on a module-level agent, whether the process that uses the agent
    runs the registration, too. It speaks when a worker (a spawned process, a Celery task, a served
    web application ...) reaches the agent, while the registration stands under
    `if __name__ == "__main__":`, in a function only the parent runs, in a module that only the
    parent imports, in a hook that the engine does not run for its workers, or behind the start of
    the workers or the `os.fork()` of a child. Imports are followed through the project, and so are
    jobs and applications that are named as texts. A Procfile, a container file or `pyproject.toml`
    tells how it is started.

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
    the registration stands before the workers are made; for a script that has chats of its own and
    never sends the work off. Where the platform's default start method decides, it is a warning:
    such code works on Linux up to Python 3.13 and nowhere else. `worker_process_init` counts as a
    start-up hook; it is an information where a Procfile or its like starts Celery with
    `--pool threads`, which never sends it. An initializer that stands in the
    script counts for all but joblib and Dask, which send it together with a copy of the agent.

    ## Fix safety
    Moving a registration beside its agent is unsafe: it then runs on every import. Moving the
    agent into a factory is unsafe: each caller gets an agent with a history of its own.
    """

    code = "CB102"
    name = "registration-lost-in-worker"
    default_severity = Severity.ERROR
    every_walk = False  # What one process loses is lost, however well another does.

    speaks = (
        """
import os
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def main():
    pid = os.fork()
    if pid == 0:
        bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
        os._exit(0)
    bot.register_reply([Agent, None], audit)
    os.waitpid(pid, 0)
main()
""",
        """
import os
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
def child():
    bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
if __name__ == "__main__":
    if (pid := os.fork()) > 0:
        bot.register_hook("process_last_received_message", mask)
        os.waitpid(pid, 0)
    else:
        try:
            child()
        finally:
            os._exit(0)
""",
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
        """
from joblib import Parallel, delayed
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def ask(text):
    return bot.generate_reply(messages=[{"role": "user", "content": text}])
def install():
    bot.register_reply([Agent, None], audit)
if __name__ == "__main__":
    print(Parallel(n_jobs=2, initializer=install)(delayed(ask)(text) for text in "ab"))
""",
    )

    silent = (
        """
import os
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def main():
    pid = os.fork()
    if pid == 0:
        print("the child only says hello")
        os._exit(0)
    bot.register_reply([Agent, None], audit)
    os.waitpid(pid, 0)
    bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
main()
""",
        """
import os
from autogen import Agent, AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def audit(recipient, messages=None, sender=None, config=None):
    return False, None
def main():
    children = []
    for order in ("rye", "rolls"):
        bot.register_reply([Agent, None], audit)
        if (pid := os.fork()) == 0:
            bot.generate_reply(messages=[{"role": "user", "content": order}])
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
main()
""",
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
        """
from flask import Flask
from autogen import AssistantAgent
bot = AssistantAgent("bot", llm_config=False)
def mask(content):
    return content
def create_app():
    bot.register_hook("process_last_received_message", mask)
    app = Flask(__name__)
    @app.get("/ask")
    def ask():
        return bot.generate_reply(messages=[{"role": "user", "content": "hi"}])
    return app
if __name__ == "__main__":
    create_app().run(debug=True)
""",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        for call in model.calls:
            yield from self._on_handle(model, call)
        for registration in model.registrations:
            if registration.kind not in _KINDS or registration.agent is None:
                continue
            if scope.is_test(model.source_of(registration.node).path):
                continue
            yield from self._on_original(model, registration)
            yield from self._before_program(model, registration)
            yield from self._behind_fork(model, registration)
            if not scope.is_long_lived(model, registration.agent.instance):
                continue
            loss = _worst_loss(model, registration)
            if loss is not None and not scope.registered_on_other_side(model, registration):
                yield self._report(model, registration, loss)

    def _before_program(self, model: Model, registration: Registration) -> Iterator[Finding]:
        """A registration in a script that leaves the chats to another program."""
        started = lost_to_program(model, registration)
        if started is None or registration.agent is None:
            return
        name = started.script.parsed.source.path.name
        yield self.finding(
            model,
            model.range(registration.node),
            f"`{registration.callback_name}` is lost in `{name}`: that is a program of its own, "
            f"which imports `{registration.agent.label}` without the registration",
            severity=Severity.WARNING,
            evidence=(Evidence("it is started here", model.range(started.call.node)),),
            why="A program that is started by `subprocess` begins with its own imports and has "
            "nothing of the process that starts it. To mend it, register beside the agent.",
            about=registration,
        )

    def _behind_fork(self, model: Model, registration: Registration) -> Iterator[Finding]:
        """A registration in the parent, after it has forked a child that uses the agent."""
        forked = lost_to_fork(model, registration)
        if forked is None or registration.agent is None:
            return
        agent, line = registration.agent.label, model.line(forked.call.node)
        yield self.finding(
            model,
            model.range(registration.node),
            f"`{registration.callback_name}` is lost in the child process, which was forked "
            f"before, at line {line}, and uses `{agent}`",
            evidence=(
                Evidence("the child is forked here", model.range(forked.call.node)),
                Evidence(f"and uses `{agent}` here", model.range(forked.use)),
            ),
            why="A forked child has a copy of what its parent had by then; what the parent "
            "registers afterwards stays in the parent. To mend it, register before, or beside the "
            "agent.",
            about=registration,
        )

    def _on_handle(self, model: Model, call: Call) -> Iterator[Finding]:
        """A registration by way of an actor's handle, which has only the actor's methods."""
        owner = call.callee.owner if isinstance(call.callee, Member) else None
        if not call.method.startswith("register_") or not isinstance(owner, Member):
            return
        handle = owner.owner
        made = handle.call if isinstance(handle, Instance) else None
        boundary = DISPATCHES.get(made.path or "") if made is not None else None
        actor = actor_behind(made) if made is not None and boundary is not None else None
        if made is None or boundary is None or actor is None:
            return
        yield self.finding(
            model,
            model.range(call.node),
            f"`{owner.name}` cannot be reached here: {boundary.title} has it, and the handle of a "
            f"`{actor.name}` gives its methods only, so AttributeError is raised",
            evidence=(Evidence("the actor is made here", model.range(made.node)),),
            why=f"An actor lives in a process of its own. To mend it, {boundary.fix}.",
            about=call,
        )

    def _on_original(self, model: Model, registration: Registration) -> Iterator[Finding]:
        """A registration on an agent of which the workers have got a copy before."""
        agent = registration.agent
        assert agent is not None
        sent = _copied_before(model, registration, agent)
        if sent is None or used_afterwards(model, registration):
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

    def _report(self, model: Model, registration: Registration, loss: Loss) -> Finding:
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


def _worst_loss(model: Model, registration: Registration) -> Loss | None:
    assert registration.agent is not None
    agent = registration.agent
    made = agent.instance.call
    if made is not None and scope.is_remembered(made.where):
        if registration.where.stack[: len(made.where.stack)] == made.where.stack:
            # The worker calls the function for itself, which makes the agent and registers.
            return None
    elif made is not None and made.where.guard:
        # The whole agent is missing in the worker, not the registration: CB101.
        return None
    losses = [
        loss
        for use in scope.uses_beyond(model, agent)
        if not scope.runs_in(registration.where, use.crossing)
        and not is_for_own_chats(model, registration, use)
        and (loss := _loss(model, registration, use)) is not None
    ]
    return min(losses, key=lambda loss: loss.severity.rank, default=None)


def _loss(model: Model, registration: Registration, use: scope.Use) -> Loss | None:
    if scope.is_worker_set_up(model, registration.where, use.crossing):
        set_up = lost_as_set_up(model, registration, use)
        return set_up or lost_to_pool(model, registration, use)
    boundary = use.crossing.boundary
    if boundary.keeps == "start-method":
        return lost_to_processes(model, registration, use)
    if boundary.keeps == "by-value":
        return lost_to_copies(model, registration, use)
    if boundary.engine in ("web", "ui"):
        return lost_to_server(model, registration, use)
    if boundary.keeps == "imports":
        return lost_to_queue(model, registration, use)
    return None


_COPYING = tuple(path for path, row in DISPATCHES.items() if row.keeps == "by-value")


def _copied_before(model: Model, registration: Registration, agent: Agent) -> Call | None:
    """The call that gave an actor its copy of ``agent`` before the registration on it."""
    for call in model.calls_to(*_COPYING):
        if call.where.root is not registration.where.root or call.index > registration.call.index:
            continue
        if actor_behind(call) and any(sent == agent for _, sent in scope.agents_sent(call)):
            return call
    return None


def _chain(model: Model, registration: Registration, loss: Loss) -> tuple[Evidence, ...]:
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
