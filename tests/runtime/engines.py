"""The engines of ``examples/scale``, and how its programs are run on them.

A script hands the work over, and a worker that is started beside it, or that the script starts
itself, does it. A server has no script: it is asked. Every answer says which process it comes
from, and every callback prints a line that begins with ``[audit]`` and the number of its process.
Where an answer could be another one's, the line says what was asked as well.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.runtime.harness import Background, Environment
from tests.runtime.install import python_with_engines

_TIMEOUT = 120.0

Variables = Mapping[str, str]


def _nothing() -> AbstractContextManager[Variables]:
    return nullcontext({})


@contextmanager
def redis() -> Iterator[Variables]:
    """A Redis of our own, and the variables by which the programs find it."""
    program = shutil.which("redis-server")
    if program is None:
        # In CI, nothing may be left out in silence.
        (pytest.fail if os.environ.get("CI") else pytest.skip)("redis-server is not installed")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="callscope-redis-") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            while not listens(port):
                assert server.poll() is None, f"{program} ended with {server.returncode}"
                time.sleep(0.02)
            url = f"redis://127.0.0.1:{port}/0"
            yield {"REDIS_URL": url, "RQ_REDIS_URL": url}
        finally:
            server.kill()
            server.wait()


@contextmanager
def ray_session() -> Iterator[Variables]:
    """A folder for what Ray's workers print. What they send to the driver may come too late."""
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        yield {"RAY_TMPDIR": folder, "RAY_LOG_TO_DRIVER": "0"}


def local_spark() -> AbstractContextManager[Variables]:
    """Which Python Spark's executors run, and where they meet."""
    python = str(python_with_engines())
    return nullcontext({"PYSPARK_PYTHON": python, "SPARK_LOCAL_IP": "127.0.0.1"})


@dataclass(frozen=True)
class Engine:
    """A folder of ``examples/scale``, and how its programs are run.

    ``finding`` is what is said of the lost form: severity, file, and the text of the line; ``code``
    is the rule that says it.
    ``script`` is what hands over the work, ``worker`` what does it where that is not the script's
    own doing; ``asks`` is what a server is asked in place of a script. ``around`` is what the two
    meet in, ``files`` are put in place of the programs' own.
    """

    folder: str
    finding: tuple[str, str, str]
    script: Sequence[str] = ()
    worker: Sequence[str] = ()
    fixed_worker: Sequence[str] = ()
    asks: str = ""
    around: Callable[[], AbstractContextManager[Variables]] = _nothing
    files: Mapping[str, str] = field(default_factory=dict)
    variant: str = ""
    code: str = "CB102"

    def __str__(self) -> str:
        return f"{self.folder}{self.variant}"


@dataclass(frozen=True, repr=False)
class Outcome:
    """What a run showed: the process that asked, those that answered, those of the callbacks.

    ``ended`` is the exit code of the script, 0 for a server that answered, None for what had to be
    stopped.
    """

    ended: int | None
    asked_by: int
    answered_by: Sequence[int]
    output: str

    @property
    def callback_in(self) -> list[int]:
        """The processes in which the callback fired, once for each time."""
        return [int(pid) for pid in re.findall(r"\[audit\] (\d+)", self.output)]

    @property
    def mixed(self) -> bool:
        """Whether somebody got the answer to what another one had asked."""
        told = re.findall(r"asked '(.*)', was told '(.*)'$", self.output, re.MULTILINE)
        return any(question not in answer for question, answer in told)

    def __repr__(self) -> str:
        return (
            f"asked by {self.asked_by}, answered by {self.answered_by}, "
            f"callback in {self.callback_in}\n{self.output}"
        )


# A broker that is a folder: its clients of Redis and arq's do not go together.
CELERY = {
    "celeryconfig.py": """\
broker_url = "filesystem://"
broker_transport_options = {"data_folder_in": "queue", "data_folder_out": "queue"}
result_backend = "file://results"
worker_redirect_stdouts = False
""",
    "queue/.keep": "",
    "control/.keep": "",
    "results/.keep": "",
}

GUNICORN = ("-m", "gunicorn", "--workers", "2", "--bind", "127.0.0.1:{port}")
HYPERCORN = (
    *("-m", "hypercorn", "--workers", "2", "--bind", "127.0.0.1:{port}"),
    "bank.api:app",
)
GUNICORN_AIOHTTP = (*GUNICORN, "--worker-class", "aiohttp.GunicornWebWorker", "hotel:app")
LITESTAR = (
    *("-m", "litestar", "--app", "observatory:app"),
    *("run", "--web-concurrency", "2", "--port", "{port}"),
)
GUNICORN_LOST = (
    "error",
    "app.py",
    "librarian.register_reply([Agent, None], ask_a_colleague)",
)

ENGINES = [
    Engine(
        "multiprocessing",
        ("error", "nightly.py", "copywriter.register_reply([Agent, None], hold_back_claims)"),
        script=["nightly.py"],
    ),
    Engine(
        "concurrent_futures",
        (
            "error",
            "screening/__main__.py",
            'recruiter.register_hook("process_last_received_message", hide_birth_dates)',
        ),
        script=["-m", "screening"],
    ),
    Engine(
        "multiprocess",
        ("error", "estate.py", "appraiser.register_reply([Agent, None], ask_an_expert)"),
        script=["estate.py"],
    ),
    Engine(
        "os_fork",
        ("error", "night.py", "watchman.register_reply([Agent, None], call_the_brigade)"),
        script=["night.py"],
    ),
    Engine(
        "subprocess",
        ("warning", "newsletter.py", "columnist.register_reply([Agent, None], read_first)"),
        script=["newsletter.py"],
    ),
    Engine(
        "joblib",
        ("error", "tournament.py", "judge.register_reply([Agent, None], empty_answer_loses)"),
        script=["tournament.py"],
    ),
    *(
        Engine(
            "celery",
            (
                "error",
                "support/policy.py",
                "desk.register_reply([Agent, None], refunds_need_a_person)",
            ),
            script=["-m", "support"],
            worker=[
                *("-m", "celery", "-A", "support.celery_app", "worker"),
                *("-c", "1", "-l", "ERROR", *options),
            ],
            files=CELERY,
            variant="".join(options),
        )
        for options in ((), ("--pool=solo",))
    ),
    Engine(
        "celery_threads",
        (
            "information",
            "menu/tasks.py",
            "chef.register_reply([Agent, None], name_allergens)",
        ),
        script=["-m", "menu"],
        worker=["-m", "celery", "-A", "menu.celery_app", "worker", "-P", "threads", "-l", "ERROR"],
        files=CELERY,
    ),
    *(
        Engine(
            "rq",
            (
                "error",
                "submit.py",
                'minutes.register_hook("process_last_received_message", leave_out_names)',
            ),
            script=["submit.py"],
            worker=["-m", "rq.cli", "worker", *options],
            around=redis,
            variant="".join(options),
        )
        for options in ((), ("--worker-class=rq.SimpleWorker",))
    ),
    Engine(
        "dramatiq",
        ("error", "shop.py", "moderator.register_reply([Agent, None], refuse_links)"),
        script=["shop.py"],
        worker=["-m", "dramatiq", "reviews", "--processes", "1", "--threads", "2"],
        around=redis,
    ),
    Engine(
        "huey",
        ("error", "newsroom.py", "translator.register_reply([Agent, None], hold_until_noon)"),
        script=["newsroom.py"],
        worker=["-m", "huey.bin.huey_consumer", "translation.huey"],
    ),
    Engine(
        "arq",
        ("error", "wishes.py", "concierge.register_reply([Agent, None], no_flights)"),
        script=["wishes.py"],
        worker=["-m", "arq", "jobs.WorkerSettings"],
        around=redis,
    ),
    Engine(
        "ray",
        ("error", "survey.py", "reader.register_reply([Agent, None], raise_alarm)"),
        script=["survey.py"],
        around=ray_session,
    ),
    Engine(
        "dask",
        (
            "error",
            "exam.py",
            'grader.register_hook("process_last_received_message", hide_the_author)',
        ),
        script=["exam.py"],
    ),
    Engine(
        "spark",
        ("error", "complaints.py", "triage.register_reply([Agent, None], injuries_first)"),
        script=["complaints.py"],
        around=local_spark,
    ),
    *(
        Engine(
            "gunicorn",
            GUNICORN_LOST,
            worker=[*GUNICORN, *options, "app:app"],
            fixed_worker=[*GUNICORN, *options, "app:create_app()"],
            asks="/ask?q=Which+medicine+helps%3F",
            variant="".join(options),
        )
        for options in ((), ("--preload",))
    ),
    Engine(
        "django",
        (
            "error",
            "manage.py",
            "receptionist.register_reply([Agent, None], call_a_doctor)",
        ),
        worker=[*GUNICORN, "clinic.wsgi"],
        asks="/ask?q=My+chest+hurts",
    ),
    *(
        Engine(
            "uvicorn",
            (
                "error",
                "bank/api.py",
                'clerk.register_hook("process_last_received_message", hide_pins)',
            ),
            worker=worker,
            asks="/ask?q=My+PIN+is+1234",
            variant=variant,
        )
        for worker, variant in ((["-m", "bank.api"], ""), (HYPERCORN, "-under-hypercorn"))
    ),
    Engine(
        "aiohttp",
        ("error", "hotel.py", "porter.register_reply([Agent, None], protect_guests)"),
        worker=GUNICORN_AIOHTTP,
        asks="/ask?q=Who+is+in+room+7%3F",
    ),
    Engine(
        "sanic",
        ("error", "museum.py", "guide.register_reply([Agent, None], no_prices)"),
        worker=["museum.py"],
        asks="/ask?q=What+is+it+worth%3F",
    ),
    Engine(
        "litestar",
        (
            "error",
            "observatory.py",
            "astronomer.register_reply([Agent, None], no_horoscopes)",
        ),
        worker=LITESTAR,
        asks="/ask?q=My+horoscope%3F",
    ),
    Engine(
        "apscheduler",
        ("error", "watch.py", "gardener.register_reply([Agent, None], sound_the_alarm)"),
        script=["watch.py"],
    ),
]
"""Those whose workers are other processes: a callback may be lost there."""

# What a visitor does, in place of a browser: see the page, and have it run twice more.
VISIT = """\
import os

from streamlit.testing.v1 import AppTest

page = AppTest.from_file("page.py", default_timeout=60)
for wish in ("a saw", "a drill", "a ladder"):
    page.run()
    assert not page.exception, page.exception
    print(f"worker {os.getpid()}: {page.markdown[0].value}")
    page.text_input[0].set_value(wish)
"""

REQUESTS = """\
from app import app

for order in ("rye", "rolls", "a cake"):
    answer = app.test_client().get("/ask", query_string={"q": order}).json
    print(f"worker {answer['worker']}: {answer['reply']}")
"""

SHARING = [
    Engine(
        "threads",
        (
            "warning",
            "archive.py",
            "return caller.initiate_chat(archivist, message=subject, max_turns=1, "
            "silent=True).summary",
        ),
        script=["hotline.py"],
        code="CB101",
    ),
    Engine(
        "asyncio",
        (
            "warning",
            "service.py",
            "chat = await waiter.a_initiate_chat(chef, message=wish, max_turns=1, silent=True)",
        ),
        script=["kitchen.py"],
        code="CB101",
    ),
    Engine(
        "streamlit",
        (
            "warning",
            "page.py",
            "librarian.register_reply([Agent, None], write_down)",
        ),
        script=["visit.py"],
        files={"visit.py": VISIT},
        code="CB103",
    ),
    Engine(
        "flask",
        ("warning", "app.py", "baker.register_reply([Agent, None], write_down)"),
        script=["orders_of_today.py"],
        files={"orders_of_today.py": REQUESTS},
        code="CB103",
    ),
]
"""Those whose work shares the agents of one process: chats get mixed, or callbacks pile up."""


def perform(env: Environment, engine: Engine, folder: Path, *, fixed: bool = False) -> Outcome:
    """Run the program in ``folder``, a copy of one of the engine's."""
    for name, text in engine.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    command = engine.fixed_worker if fixed and engine.fixed_worker else engine.worker
    if engine.asks:
        return _from_server(env, command, engine.asks, folder)
    with engine.around() as variables:
        if not command:
            return _from_script(env, engine, folder, variables)
        with env.running_in(folder, command, variables) as worker:
            outcome = _from_script(env, engine, folder, variables)
    return replace(outcome, output=f"{outcome.output}\n{worker}")


def _from_script(env: Environment, engine: Engine, folder: Path, variables: Variables) -> Outcome:
    with env.running_in(folder, engine.script, variables) as script:
        ended = None
        with suppress(subprocess.TimeoutExpired):
            ended = script.process.wait(_TIMEOUT)
    output = str(script)
    answers = re.findall(r"^worker (\d+): ", output, re.MULTILINE)
    if "RAY_TMPDIR" in variables:
        logs = Path(variables["RAY_TMPDIR"]).rglob("worker-*.out")
        output = "\n".join([output, *(log.read_text(encoding="utf-8") for log in logs)])
    return Outcome(ended, script.pid, [int(pid) for pid in answers], output)


def _from_server(env: Environment, command: Sequence[str], path: str, folder: Path) -> Outcome:
    port = free_port()
    words = [word.format(port=port) for word in command]
    with env.running_in(folder, words, {"PORT": str(port)}) as server:
        answered_by = _ask(server, port, path)
    return Outcome(0, server.pid, answered_by, str(server))


def _ask(server: Background, port: int, path: str) -> list[int]:
    """The processes that answered, asked until both workers have."""
    deadline = time.monotonic() + _TIMEOUT
    answered_by: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        while len(set(answered_by)) < 2:
            assert time.monotonic() < deadline, server
            assert server.process.poll() is None, server
            if listens(port):
                with _asleep(set(answered_by)):
                    answer = pool.submit(_get, port, path)
                    wait([answer], timeout=2)
                answered_by.append(answer.result())
            time.sleep(0.1)
    return answered_by


def _get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    connection.request("GET", path)
    with connection.getresponse() as response:
        return int(json.load(response)["worker"])


@contextmanager
def _asleep(workers: set[int]) -> Iterator[None]:
    """Stop the workers that have answered, so that another one has to."""
    _signal(workers, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(workers, signal.SIGCONT)


def _signal(workers: set[int], number: int) -> None:
    for worker in workers:
        with suppress(ProcessLookupError):
            os.kill(worker, number)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody on this machine listens on ``port``."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
