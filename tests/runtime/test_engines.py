"""``examples/scale``, run on the real engines: in each of its folders, ``lost`` is a program whose
callback does not reach the worker, ``fixed`` the same program with the registration where the
engine has a place for it, and ``kept`` one that looks as suspicious and works, because importing
its modules is enough. A fourth form, ``mended``, is what ``callscope check --fix --unsafe-fixes`` makes of the
first.

Every answer says which process it comes from, and every callback prints a line that begins with
``[audit]`` and the number of its process.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from callscope.check import check
from callscope.contracts import Target
from callscope.project import Config, Project, Workspace
from callscope.source import SourceText
from tests.runtime import harness
from tests.runtime.harness import Background, Environment
from tests.runtime.install import ROOT, UnavailableError
from tests.runtime.releases import ENGINES_ON, TARGETS

SCALE = ROOT / "examples" / "scale"
FORMS = ("lost", "fixed", "kept")
MENDED = "mended"

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="most engines need a fork"),
    pytest.mark.skipif(ENGINES_ON not in TARGETS, reason=f"the engines are tried on {ENGINES_ON}"),
]


@dataclass(frozen=True)
class Engine:
    """A folder of ``examples/scale``, and how its programs are run.

    ``finding`` is what is said of the lost form: severity, file, and the text of the line.
    ``script`` is what hands over the work, ``worker`` what does it where that is not the script's
    own doing; ``asks`` is what a server is asked in place of a script. ``redis`` says whether the
    two meet there; ``files`` are put in place of the programs' own.
    """

    folder: str
    finding: tuple[str, str, str]
    script: Sequence[str] = ()
    worker: Sequence[str] = ()
    fixed_worker: Sequence[str] = ()
    asks: str = ""
    redis: bool = False
    files: dict[str, str] = field(default_factory=dict)
    variant: str = ""

    def __str__(self) -> str:
        return f"{self.folder}{self.variant}"

    def command(self, form: str) -> Sequence[str]:
        """What starts the worker or the server."""
        return self.fixed_worker if form == "fixed" and self.fixed_worker else self.worker


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
        "joblib",
        ("error", "tournament.py", "judge.register_reply([Agent, None], empty_answer_loses)"),
        script=["tournament.py"],
    ),
    Engine(
        "celery",
        (
            "error",
            "support/policy.py",
            "desk.register_reply([Agent, None], refunds_need_a_person)",
        ),
        script=["-m", "support"],
        worker=["-m", "celery", "-A", "support.celery_app", "worker", "-c", "1", "-l", "ERROR"],
        files=CELERY,
    ),
    Engine(
        "rq",
        (
            "error",
            "submit.py",
            'minutes.register_hook("process_last_received_message", leave_out_names)',
        ),
        script=["submit.py"],
        worker=["-m", "rq.cli", "worker"],
        redis=True,
    ),
    Engine(
        "dramatiq",
        ("error", "shop.py", "moderator.register_reply([Agent, None], refuse_links)"),
        script=["shop.py"],
        worker=["-m", "dramatiq", "reviews", "--processes", "1", "--threads", "2"],
        redis=True,
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
        redis=True,
    ),
    Engine(
        "ray",
        ("error", "survey.py", "reader.register_reply([Agent, None], raise_alarm)"),
        script=["survey.py"],
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
        "uvicorn",
        (
            "error",
            "bank/api.py",
            'clerk.register_hook("process_last_received_message", hide_pins)',
        ),
        worker=["-m", "bank.api"],
        asks="/ask?q=My+PIN+is+1234",
    ),
]


@dataclass(frozen=True, repr=False)
class Outcome:
    """What a run showed: the process that asked, those that answered, those of the callbacks."""

    asked_by: int
    answered_by: list[int]
    callback_in: list[int]
    output: str

    def __repr__(self) -> str:
        return (
            f"asked by {self.asked_by}, answered by {self.answered_by}, "
            f"callback in {self.callback_in}\n{self.output}"
        )


@pytest.fixture(scope="session")
def env() -> Environment:
    try:
        return harness.engines()
    except UnavailableError as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("form", [*FORMS, MENDED])
@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_where_the_callback_runs(
    env: Environment, engine: Engine, form: str, tmp_path: Path
) -> None:
    if not env.has(engine.folder.partition("_")[0]):
        pytest.skip(f"{engine.folder} has no package for this Python or system")
    outcome = run(env, engine, form, copied(engine, form, tmp_path))
    assert outcome.answered_by, outcome
    assert outcome.asked_by not in outcome.answered_by, outcome
    # Where it fires, it does so once for each answer, and in the very process that answered.
    expected = [] if form == "lost" else sorted(outcome.answered_by)
    assert sorted(outcome.callback_in) == expected, outcome


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_what_is_said_of_it(engine: Engine, form: str) -> None:
    expected = [("CB102", *engine.finding)] if form == "lost" else []
    assert findings(SCALE / engine.folder / form) == expected


def findings(folder: Path) -> list[tuple[str, str, str, str]]:
    """Code, severity, file and text of the line of all that is found in a project."""
    workspace = Workspace(folder)
    project = Project(Config(target=Target.parse(ENGINES_ON)))
    found = []
    for path in sorted(folder.rglob("*.py")):
        source = SourceText(path, path.read_text(encoding="utf-8"))
        for each in check(project, source, workspace).findings:
            line = source.line(each.range.start.line).strip()
            name = path.relative_to(folder).as_posix()
            found.append((each.code, each.severity.value, name, line))
    return found


def test_every_folder_is_run() -> None:
    folders = {path.name for path in SCALE.iterdir() if path.is_dir()}
    assert {engine.folder for engine in ENGINES} == folders


def copied(engine: Engine, form: str, tmp_path: Path) -> Path:
    folder = tmp_path / form
    ignore = shutil.ignore_patterns("__pycache__")
    made_of = "lost" if form == MENDED else form
    shutil.copytree(SCALE / engine.folder / made_of, folder, ignore=ignore)
    if form == MENDED:
        mend(folder)
    for name, text in engine.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def mend(folder: Path) -> None:
    check = [sys.executable, "-m", "callscope", "check", "--target", ENGINES_ON]
    fix = ["--fix", "--unsafe-fixes", str(folder)]
    done = subprocess.run([*check, *fix], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def run(env: Environment, engine: Engine, form: str, folder: Path) -> Outcome:
    command = engine.command(form)
    meeting: AbstractContextManager[dict[str, str]]
    meeting = redis(folder) if engine.redis else nullcontext({})
    with meeting as settings:
        if engine.asks:
            port = free_port()
            command = [word.format(port=port) for word in command]
            with env.running_in(folder, command, {"PORT": str(port)}) as server:
                answered_by = ask(server, port, engine.asks)
            return outcome(server.pid, answered_by, str(server))
        if not command:
            return from_script(env, engine, folder, settings)
        with env.running_in(folder, command, settings) as worker:
            done = from_script(env, engine, folder, settings)
        return outcome(done.asked_by, done.answered_by, f"{done.output}\n{worker}")


def from_script(
    env: Environment, engine: Engine, folder: Path, settings: dict[str, str]
) -> Outcome:
    with env.running_in(folder, engine.script, settings) as script:
        script.process.wait(120)
    answers = re.findall(r"^worker (\d+): ", str(script), re.MULTILINE)
    assert script.process.returncode == 0, script
    return outcome(script.pid, [int(worker) for worker in answers], str(script))


def outcome(asked_by: int, answered_by: list[int], output: str) -> Outcome:
    callbacks = [int(pid) for pid in re.findall(r"\[audit\] (\d+)", output)]
    return Outcome(asked_by, answered_by, callbacks, output)


def ask(server: Background, port: int, path: str) -> list[int]:
    """The processes that answered, asked until both workers have."""
    deadline = time.monotonic() + 60
    answered_by: list[int] = []

    def get() -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as response:
            return int(json.load(response)["worker"])

    with ThreadPoolExecutor(1) as pool:
        while len(set(answered_by)) < 2:
            assert time.monotonic() < deadline, server
            assert server.process.poll() is None, server
            if listens(port):
                with asleep(set(answered_by)):
                    answer = pool.submit(get)
                    wait([answer], timeout=2)
                answered_by.append(answer.result())
            time.sleep(0.1)
    return answered_by


@contextmanager
def asleep(workers: set[int]) -> Iterator[None]:
    """Stop the workers that have answered, so that another one has to."""
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)


@contextmanager
def redis(folder: Path) -> Iterator[dict[str, str]]:
    """A Redis of our own, and the variables by which the programs find it."""
    program = shutil.which("redis-server")
    if program is None:
        # In CI, nothing may be left out in silence.
        (pytest.fail if os.environ.get("CI") else pytest.skip)("redis-server is not installed")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    try:
        while not listens(port):
            assert server.poll() is None, f"{program} ended with exit code {server.returncode}"
            time.sleep(0.02)
        url = f"redis://127.0.0.1:{port}/0"
        yield {"REDIS_URL": url, "RQ_REDIS_URL": url}
    finally:
        server.kill()
        server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
