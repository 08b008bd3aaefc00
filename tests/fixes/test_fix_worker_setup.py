"""A registration that each worker runs once: in an initializer, on a signal, in a lifespan."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.fixes import Safety
from tests.fixes.tools import assert_project_fixed, fixed, offers, program, project_fixes

HEAD = """
from autogen import AssistantAgent

bot = AssistantAgent("bot", llm_config=False)


def polite(content):
    return content


"""
REGISTER = 'bot.register_hook("process_last_received_message", polite)\n'
ANSWER = 'return bot.generate_reply(messages=[{"role": "user", "content": text}])\n'
WORK = f"def work(text):\n    {ANSWER}\n\n"
GUARD = 'if __name__ == "__main__":\n'
POOL = 'with multiprocessing.get_context("spawn").Pool({}) as pool:\n        pool.map(work, "a")\n'
MULTI = f"import multiprocessing\n{HEAD}"
KEPT = "(one `bot` per process, chat history kept)"


@pytest.mark.parametrize(
    ("before", "after"),
    [("2", "2, initializer=set_up_bot"), ("", "initializer=set_up_bot")],
)
def test_a_function_for_the_workers_of_a_pool(before: str, after: str) -> None:
    fixed(
        f"{MULTI}{WORK}{GUARD}    # no rude words\n    {REGISTER}    {POOL.format(before)}",
        f"{MULTI}{WORK}def set_up_bot():\n    # no rude words\n    {REGISTER}\n\n"
        f"{GUARD}    {POOL.format(after)}",
        "CB102",
        title="Run the registration of `polite` in each worker process: `initializer=set_up_bot` "
        + KEPT,
        safety=Safety.UNSAFE,
    )


def test_imports_stay_where_the_function_is() -> None:
    head = MULTI.replace("Assistant", "Agent, Assistant", 1)
    loud = "def loud(recipient, messages=None, sender=None, config=None):\n    return False, None\n"
    register = "bot.register_reply([Agent, None], loud)\n"
    fixed(
        f"{head}{loud}\n\n{WORK}{GUARD}    {register}    {POOL.format(2)}",
        f"{head}{loud}\n\n{WORK}def set_up_bot():\n    {register}\n\n"
        f"{GUARD}    {POOL.format('2, initializer=set_up_bot')}",
        "CB102",
        title="initializer=set_up_bot",
    )


def test_the_function_that_is_there(tmp_path: Path) -> None:
    install = f'def install():\n    """Be polite."""\n    {REGISTER}\n\n'
    fixed(
        f"{MULTI}{install}{WORK}{GUARD}    install()\n    {POOL.format(2)}",
        f"{MULTI}{install}{WORK}{GUARD}    {POOL.format('2, initializer=install')}",
        "CB102",
        title="`initializer=install`",
    )
    main = f"import multiprocessing\n\nimport team\nfrom team import work\n\n{GUARD}"
    files = {
        "team.py": f"{HEAD}{install}{WORK}",
        "main.py": f"{main}    team.install()\n    {POOL.format(2)}",
    }
    assert_project_fixed(
        tmp_path,
        files,
        {"main.py": f"{main}    {POOL.format('2, initializer=team.install')}"},
        ("team.py", "CB102"),
        "Run the registration of `polite` in each worker process: `initializer=team.install` "
        + KEPT,
    )


STAYS = {
    "the parent chats, too": f"{WORK}{GUARD}    {REGISTER}    work('b')\n    {POOL.format(2)}",
    "there is an initializer": f"def start():\n    pass\n\n\n{WORK}{GUARD}    {REGISTER}    "
    f"{POOL.format('2, initializer=start')}",
    "it has an argument": f"{WORK}def main(polite):\n    {REGISTER}    {POOL.format(2)}\n\n"
    f"{GUARD}    main(polite)\n",
    "it is called twice": f"def install():\n    {REGISTER}\n\n{WORK}def main():\n    install()\n"
    f"    {POOL.format(2)}\n\n{GUARD}    install()\n    main()\n",
}


@pytest.mark.parametrize("why", STAYS)
def test_no_initializer(why: str) -> None:
    titles = offers(program(MULTI + STAYS[why]), "CB102")
    assert not any("initializer=" in title for title in titles), titles


def test_no_initializer_in_what_a_package_runs(tmp_path: Path) -> None:
    files = {
        "desk/__init__.py": "",
        "desk/team.py": HEAD + WORK,
        "desk/__main__.py": "import multiprocessing\n\nfrom desk.team import bot, polite, work\n\n\n"
        f"{GUARD}    {REGISTER}    {POOL.format(2)}",
    }
    titles = project_fixes(tmp_path, files, "desk/__main__.py", "CB102")
    assert titles
    assert not any("initializer=" in title for title in titles), list(titles)


CELERY = "from celery import Celery\n" + HEAD.replace("\n\nbot", '\n\napp = Celery("desk")\nbot')
TASK = f"@app.task\ndef ask(text):\n    {ANSWER}"
HANDLER = f"@worker_process_init.connect\ndef set_up_bot(**kwargs):\n    {REGISTER}\n\n"
ON_START = (
    "Run the registration of `polite` in each Celery worker process: `worker_process_init` " + KEPT
)


def test_a_handler_for_the_start_of_a_celery_worker() -> None:
    imports = "from celery import Celery\nfrom celery.signals import worker_process_init\n"
    after = CELERY.replace("from celery import Celery\n", imports)
    fixed(
        f"{CELERY}{TASK}\n\n{GUARD}    {REGISTER}    ask.delay('hi')\n",
        f"{after}{HANDLER}{TASK}\n\n{GUARD}    ask.delay('hi')\n",
        "CB102",
        title=ON_START,
        safety=Safety.UNSAFE,
    )


@pytest.mark.parametrize(
    ("pool", "signal"),
    [
        ("threads", "worker_init"),
        ("solo", "worker_process_init"),
        ("prefork", "worker_process_init"),
    ],
)
def test_the_signal_that_the_kind_of_pool_sends(tmp_path: Path, pool: str, signal: str) -> None:
    files = {
        "Procfile": f"worker: celery -A main worker --pool {pool}\n",
        "main.py": f"{CELERY}{TASK}\n\n{GUARD}    {REGISTER}    ask.delay('hi')\n",
    }
    offered = project_fixes(tmp_path, files, "main.py", "CB102")
    (text,) = [after["main.py"] for title, after in offered.items() if f"`{signal}`" in title]
    assert f"from celery.signals import {signal}\n" in text
    assert f"@{signal}.connect\ndef set_up_bot(**kwargs):\n    {REGISTER}" in text


def test_a_call_that_gets_too_long_is_folded() -> None:
    pool = "with multiprocessing.get_context({!r}).Pool({}) as pool:\n        pool.map(work, 'a')\n"
    arguments = "processes=int(os.environ.get('WORKERS', '4'))"
    head = MULTI.replace("import multiprocessing\n", "import multiprocessing\nimport os\n", 1)
    folded = f"(\n        {arguments}, initializer=set_up_bot\n    )"
    fixed(
        f"{head}{WORK}{GUARD}    {REGISTER}    {pool.format('spawn', arguments)}",
        f"{head}{WORK}def set_up_bot():\n    {REGISTER}\n\n{GUARD}    "
        + pool.format("spawn", "XX").replace("(XX)", folded),
        "CB102",
        title="initializer=set_up_bot",
    )


@pytest.mark.parametrize("package", ["", "desk."])
def test_a_handler_that_calls_what_the_producer_calls(tmp_path: Path, package: str) -> None:
    folder = package.replace(".", "/")
    agents = HEAD.partition("def polite")[0]
    tasks = (
        f"from celery import Celery\n\nfrom {package}agents import bot\n\napp = Celery('desk')\n"
    )
    files = {
        f"{folder}agents.py": agents,
        f"{folder}tasks.py": f"{tasks}\n\n{TASK}",
        f"{folder}rules.py": f"from {package}agents import bot\n\n\ndef polite(content):\n"
        f"    return content\n\n\ndef be_polite():\n    {REGISTER}",
        f"{folder}api.py": f"from fastapi import FastAPI\n\nfrom {package} import rules\n".replace(
            "from  import", "import"
        ).replace("desk. import", "desk import")
        + f"from {package}tasks import ask\n\napp = FastAPI()\n\n\n"
        '@app.on_event("startup")\ndef start():\n    rules.be_polite()\n\n\n'
        '@app.post("/ask")\ndef post(text: str):\n    ask.delay(text)\n',
    }
    imported = tasks.replace(
        "Celery\n\n", "Celery\nfrom celery.signals import worker_process_init\n\n", 1
    ).replace("import bot\n", f"import bot\nfrom {package}rules import be_polite\n")
    handler = HANDLER.replace(REGISTER, "be_polite()\n")
    assert_project_fixed(
        tmp_path,
        files,
        {f"{folder}tasks.py": f"{imported}\n\n{handler}{TASK}"},
        (f"{folder}rules.py", "CB102"),
        ON_START,
    )


FASTAPI = "from fastapi import FastAPI\n" + HEAD.replace("\n\nbot", "\n\napp = FastAPI()\nbot")
ROUTE = f'@app.post("/ask")\ndef ask(text: str):\n    {ANSWER}\n\n'
LIFESPAN = f"@asynccontextmanager\nasync def lifespan(app: FastAPI):\n    {REGISTER}    yield\n\n\n"
ONCE = "Run the registration of `polite` in a `lifespan` of the application " + KEPT


@pytest.mark.parametrize("install", [False, True])
def test_a_lifespan(install: bool) -> None:
    run = "    uvicorn.run(app, port=8000)\n"
    head = f"import uvicorn\n{FASTAPI}"
    after = head.replace("app = FastAPI()", f"\n{LIFESPAN}app = FastAPI(lifespan=lifespan)")
    after = "from contextlib import asynccontextmanager\n\n" + after
    function = f"def install():\n    {REGISTER}\n\n" if install else ""
    call = "install()\n" if install else REGISTER
    if install:
        after = after.replace(f"    {REGISTER}    yield", "    install()\n    yield")
    fixed(
        f"{head}{function}{ROUTE}{GUARD}    {call}{run}",
        f"{after}{function}{ROUTE}{GUARD}{run}",
        "CB102",
        title=ONCE,
        safety=Safety.UNSAFE,
    )


NO_LIFESPAN = {
    "there is one": FASTAPI.replace("FastAPI()", "FastAPI(lifespan=None)"),
    "there is an older way": FASTAPI + '@app.on_event("startup")\ndef start():\n    pass\n\n\n',
    "there are two applications": FASTAPI + "more = FastAPI()\n\n\n",
}


@pytest.mark.parametrize("why", NO_LIFESPAN)
def test_no_lifespan(why: str) -> None:
    text = f"import uvicorn\n{NO_LIFESPAN[why]}{ROUTE}{GUARD}    {REGISTER}    uvicorn.run(app)\n"
    assert ONCE not in offers(program(text), "CB102")


ACTOR = """
import ray
from autogen import AssistantAgent


def polite(content):
    return content


@ray.remote
class Desk:
    def __init__(self, title, clerk):
        self.clerk = clerk
{kept}        self.title = title

    def ask(self, text):
        return self.clerk.generate_reply(messages=[{{"role": "user", "content": text}}])


def main():
    bot = AssistantAgent("bot", llm_config=False)
    desk = Desk.remote("front", {sent})
{late}    print(ray.get(desk.ask.remote("a")))


main()
"""


@pytest.mark.parametrize("sent", ["bot", "clerk=bot"])
def test_in_the_actor(sent: str) -> None:
    kept = REGISTER.replace("bot.", "self.clerk.")
    comment = "# no rude words\n"
    fixed(
        ACTOR.format(kept="", sent=sent, late=f"    {comment}    {REGISTER}"),
        ACTOR.format(kept=f"        {comment}        {kept}", sent=sent, late=""),
        "CB102",
        title="Run the registration of `polite` in `Desk.__init__`, on the copy of `bot` that each "
        "actor has (chat history kept)",
        safety=Safety.UNSAFE,
    )


def test_not_what_only_the_driver_knows() -> None:
    late = '    seen = []\n    bot.register_hook("process_last_received_message", seen.append)\n'
    text = program(ACTOR.format(kept="", sent="bot", late=late))
    assert not any("Desk" in title for title in offers(text, "CB102"))


@pytest.mark.parametrize("others", ['["desk.tasks"]', "('desk.tasks', 'desk.more')"])
def test_workers_that_import_what_registers(tmp_path: Path, others: str) -> None:
    app = f'from celery import Celery\n\napp = Celery("desk", include={others})\n'
    quote, end = others[-2], others[-1]
    files = {
        "desk/__init__.py": "",
        "desk/app.py": app,
        "desk/tasks.py": HEAD.partition("def polite")[0]
        + TASK.replace("@app.task", "from desk.app import app\n\n\n@app.task"),
        "desk/rules.py": "from desk.tasks import bot\n\n\ndef polite(content):\n    return content"
        f"\n\n\n{REGISTER}",
        "main.py": "import desk.rules\nfrom desk.tasks import ask\n\nask.delay('hi')\n",
    }
    assert_project_fixed(
        tmp_path,
        files,
        {"desk/app.py": app.replace(f"{quote}{end})", f"{quote}, {quote}desk.rules{quote}{end})")},
        ("desk/rules.py", "CB102"),
        "Let Celery's workers import `desk.rules` for the registration of `polite` " + KEPT,
    )
