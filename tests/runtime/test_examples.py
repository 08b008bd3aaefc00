"""The examples, run on real AutoGen: broken as they stand, working once Callscope has mended them.

Every callback of theirs prints a line that begins with ``[audit]``; a program is judged by how
many of them it prints, and by whether it ends well.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import pytest

from tests.runtime.conftest import installed
from tests.runtime.harness import Completed, Environment
from tests.runtime.install import ROOT
from tests.runtime.releases import NEWEST, TARGETS

EXAMPLES = ROOT / "examples"

CELERY = {
    # A broker that is a folder, so that a real worker and a real client meet without a server.
    "celeryconfig.py": """\
broker_url = "filesystem://"
broker_transport_options = {"data_folder_in": "queue", "data_folder_out": "queue"}
result_backend = "file://results"
worker_redirect_stdouts = False
""",
    "drive.py": """\
import pathlib, subprocess, sys, time
for folder in ("queue", "control", "results"):
    pathlib.Path(folder).mkdir()
worker = subprocess.Popen(
    [sys.executable, "-m", "celery", "-A", "tasks", "worker", "-c", "1", "--loglevel", "ERROR"]
)
subprocess.run([sys.executable, "tasks.py"], check=True)
deadline = time.monotonic() + 90
def finished():
    return sum('"SUCCESS"' in path.read_text() for path in pathlib.Path("results").iterdir())
while finished() < 3 and time.monotonic() < deadline and worker.poll() is None:
    time.sleep(0.2)
print("answered:", finished())
worker.terminate()
worker.wait(60)
""",
}

FASTAPI = """\
from fastapi.testclient import TestClient
from app import app
client = TestClient(app)
for path, body in {requests}:
    answer = client.post(path, json=body)
    print(path, answer.status_code, answer.json())
    assert answer.status_code == 200
"""


@dataclass(frozen=True)
class Drive:
    """How an example is run, and how many audit lines it prints before and after it is mended.

    ``entry`` is run in a copy of the folder with ``files`` added. ``before`` is None where the
    broken program does not get to its end. ``unsafe`` is for what no safe fix mends.
    """

    folder: str
    entry: str
    before: int | None
    after: int
    args: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    says: str = ""
    unsafe: bool = False

    def __str__(self) -> str:
        return f"{self.folder}-{Path(self.entry).stem}"


DRIVES = [
    Drive("scope_celery", "drive.py", before=0, after=3, files=CELERY, says="answered: 3"),
    Drive(
        "scope_pool",
        "review.py",
        before=0,
        after=1,
        args=("a.txt", "b.txt"),
        files={
            "a.txt": "The supplier accepts unlimited liability.",
            "b.txt": "The parties meet once a year.",
        },
        says="b.txt: Nothing to point out.",
    ),
    Drive(
        "scope_fastapi",
        "drive.py",
        before=6,
        after=3,
        files={
            "drive.py": FASTAPI.format(
                requests=[("/ask", {"user": u, "text": f"Where is {u}?"}) for u in "abc"]
            )
        },
        unsafe=True,
    ),
    Drive("signature_groupchat", "newsroom.py", before=None, after=2, says="Good to print."),
    Drive(
        "coroutine_fastapi",
        "drive.py",
        before=1,
        after=2,
        files={
            "drive.py": FASTAPI.format(
                requests=[(f"/{path}", {"text": "Hello"}) for path in ("chat", "conversation")]
            )
        },
        says="You can return it within 30 days.",
    ),
    Drive(
        "coroutine_fastapi",
        "digest.py",
        before=None,
        after=1,
        says="Two returns, one complaint about a late parcel.",
    ),
    Drive("trigger_groupchat", "release.py", before=0, after=1, says="Approved.", unsafe=True),
    Drive("trigger_groupchat", "second_opinion.py", before=0, after=1, says="I see no objection."),
    Drive("tools_orders", "orders.py", before=0, after=1, says="left the warehouse on Monday"),
    Drive("tools_orders", "refunds.py", before=None, after=1, says="A-1051 is refunded"),
]


def audits(done: Completed) -> int:
    return done.stdout.count("[audit]")


Copy = Callable[[Drive], Path]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Copies an example's folder, with nothing added yet."""

    def make(drive: Drive) -> Path:
        folder = tmp_path / drive.folder
        shutil.copytree(
            EXAMPLES / drive.folder, folder, ignore=shutil.ignore_patterns("__pycache__")
        )
        return folder

    return make


def perform(env: Environment, drive: Drive, folder: Path) -> Completed:
    for name, text in drive.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return env.run_in(folder, drive.entry, args=drive.args, timeout=180)


@pytest.mark.parametrize(
    ("autogen_env", "drive"),
    # The releases take turns: mended, each example is run on all of them.
    [
        pytest.param(target, drive, id=f"{target}-{drive}")
        for target, drive in zip(cycle(TARGETS), DRIVES, strict=False)
    ],
    indirect=["autogen_env"],
)
def test_is_broken_as_it_stands(autogen_env: Environment, drive: Drive, copy: Copy) -> None:
    done = perform(autogen_env, drive, copy(drive))
    if drive.before is None:
        assert done.returncode not in (0, None), done
    else:
        assert done.returncode == 0, done
        assert audits(done) == drive.before, done


@pytest.mark.parametrize("drive", DRIVES, ids=str)
def test_works_once_it_is_mended(autogen_env: Environment, drive: Drive, copy: Copy) -> None:
    folder = copy(drive)
    fix = ["--fix", "--unsafe-fixes"] if drive.unsafe else ["--fix"]
    mended = callscope(*fix, "--target", autogen_env.target, str(folder))
    done = perform(autogen_env, drive, folder)
    assert done.returncode == 0, f"{mended}\n{done}"
    assert audits(done) == drive.after, f"{mended}\n{done}"
    assert drive.says in done.stdout, done
    assert "never awaited" not in done.stderr, done


def test_what_a_ray_task_collects_stays_with_it() -> None:
    """Nothing mends this one by itself: the list has to come back as the task's result."""
    env = installed(NEWEST[-1])
    if not env.has("ray"):
        pytest.skip("Ray has no package for this Python or system")
    done = env.run_in(EXAMPLES / "scope_ray", "interviews.py", timeout=180)
    assert done.returncode == 0, done
    assert audits(done) == 3, done
    assert "0 interviews kept for research" in done.stdout, done


def callscope(*args: str) -> str:
    """What ``callscope check`` prints; fails the test if it fails itself."""
    command = [sys.executable, "-m", "callscope", "check", *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout
