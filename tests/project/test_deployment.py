"""How a project is run, read off the files around its source."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.contracts.boundaries import WORKER_HOOKS
from callscope.model.deployment import Deployment
from callscope.project.deployment import read_deployment

SERVED = {
    "Procfile": "release: python migrate.py\nweb: gunicorn -w 4 desk.server:app --log-file -\n",
    "Dockerfile": 'FROM python:3.12\nCMD ["uvicorn", "desk.server:app", "--workers", "2"]\n',
    "Dockerfile.prod": 'ENTRYPOINT ["gunicorn", "-w", "2"]\nCMD ["desk.server:app"]\n',
    "web.Dockerfile": "ENTRYPOINT exec hypercorn desk.server:app -b 0.0.0.0:80\n",
    "docker-compose.yml": "services:\n  web:\n    command: poetry run gunicorn desk.server:app\n",
    "compose.prod.yaml": "services:\n  web:\n    command:\n      - flask\n      - --app\n"
    "      - desk.server:app\n      - run\n",
    "desk.service": "[Service]\nExecStart=/opt/venv/bin/gunicorn 'desk.server:create_app()'\n",
    "deploy/Procfile": "web: PORT=80 python -m uvicorn desk.server:app\n",
    "pyproject.toml": '[tool.taskipy.tasks]\nserve = "uvicorn desk.server:app"\n',
}


@pytest.mark.parametrize("name", SERVED)
def test_a_server_is_started(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(SERVED[name], encoding="utf-8")
    deployment = read_deployment(tmp_path)
    assert deployment.served == {"desk.server"}
    assert not deployment.runs_script(tmp_path / "desk" / "server.py")


@pytest.mark.parametrize(
    "command",
    [
        "python desk/server.py",
        "python3 -m desk.server",
        "python -u ./desk/server.py --port 80",
        "uv run python desk/server.py",
        "celery -A desk.server worker",
        "echo gunicorn desk.server:app",
    ],
)
def test_no_server_is_started(command: str) -> None:
    deployment = Deployment((command,))
    assert not deployment.served
    runs = "python" in command
    assert deployment.runs_script(Path("/srv/desk/server.py")) is runs
    assert not deployment.runs_script(Path("/srv/desk/other.py"))


def test_a_server_that_is_not_told_looks_in_the_usual_modules() -> None:
    assert Deployment(("flask run --host 0.0.0.0",)).served >= {"app", "wsgi"}
    assert not Deployment(("gunicorn --help",)).served


@pytest.mark.parametrize(
    ("wanted", "forks"),
    [(">=3.14", False), (">=3.10,<4", True), ("~=3.14.1", False), (">=3.9", True)],
)
def test_the_python_it_is_for(tmp_path: Path, wanted: str, forks: bool) -> None:
    text = f'[project]\nname = "desk"\nrequires-python = "{wanted}"\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert read_deployment(tmp_path).never_forks is not forks


@pytest.mark.parametrize(
    ("systems", "forks"),
    [
        ("", True),
        ('"Operating System :: Microsoft :: Windows", "Operating System :: MacOS"', False),
        ('"Operating System :: MacOS", "Operating System :: POSIX :: Linux"', True),
        ('"Operating System :: OS Independent"', True),
    ],
)
def test_the_system_it_is_for(tmp_path: Path, systems: str, forks: bool) -> None:
    text = f'[project]\nname = "desk"\nclassifiers = [{systems}]\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert read_deployment(tmp_path).never_forks is not forks


@pytest.mark.parametrize(
    ("options", "threaded"),
    [("", False), ("-w 4", True), ("-w 4 -k process", False), ("--workers=2", True)],
)
def test_threads_of_huey(options: str, threaded: bool) -> None:
    deployment = Deployment((f"huey_consumer.py tasks.huey {options}",))
    assert deployment.has_threaded_huey is threaded


@pytest.mark.parametrize("text", ["", "CMD [", "command: 'a", "web:", "[project", "\0"])
def test_files_that_make_no_sense(tmp_path: Path, text: str) -> None:
    for name in SERVED:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert not read_deployment(tmp_path).served


@pytest.mark.parametrize(
    ("command", "pools"),
    [
        ("celery -A desk.tasks worker --pool threads -c 8", {"threads"}),
        ("celery -A desk.tasks worker -P gevent", {"gevent"}),
        ("python -m celery -A desk.tasks worker --pool=solo", {"solo"}),
        ("celery -A desk.tasks worker -l INFO", {"prefork"}),
        ("celery -A desk.tasks beat --pidfile=", set()),
        ("gunicorn desk.server:app --threads 8", set()),
    ],
)
def test_the_kinds_of_pool_of_celery_workers(command: str, pools: set[str]) -> None:
    assert Deployment((command,)).celery_pools == pools


PER_PROCESS = WORKER_HOOKS["celery.signals.worker_process_init.connect"]


def test_workers_of_threads_make_no_process_that_a_signal_would_tell_of() -> None:
    threads, forked = (f"celery -A desk worker --pool {pool}" for pool in ("threads", "prefork"))
    assert not Deployment((threads,)).comes_to(PER_PROCESS)
    assert Deployment((threads, forked)).comes_to(PER_PROCESS)
    assert Deployment().comes_to(PER_PROCESS)
    assert Deployment((threads,)).comes_to(WORKER_HOOKS["celery.signals.worker_init.connect"])


@pytest.mark.parametrize(
    ("command", "served"),
    [
        ("gunicorn -w 2 --preload clinic.wsgi", {"clinic.wsgi"}),
        ("gunicorn --worker-class gevent wsgi", {"wsgi"}),
        ("gunicorn --workers=2 wsgi:app --reload", {"wsgi"}),
        ("gunicorn --config settings --name clinic", set()),
        ("uvicorn clinic", set()),
    ],
)
def test_gunicorn_finds_an_application_in_a_module(command: str, served: set[str]) -> None:
    assert Deployment((command,)).served == served


def test_what_a_folder_leaves_open_the_folders_above_say(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("web: gunicorn desk:app\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.14"\n', "utf-8")
    above = read_deployment(tmp_path)
    inside = tmp_path / "desk"
    inside.mkdir()
    assert read_deployment(inside, above) == above
    (inside / "base.Dockerfile").write_text("FROM python:3.14\n", encoding="utf-8")
    assert read_deployment(inside, above) == above
    (inside / "Dockerfile").write_text("CMD hypercorn chat:app\n", encoding="utf-8")
    assert read_deployment(inside, above).served == {"chat"}
    assert read_deployment(inside, above).never_forks


@pytest.mark.parametrize(
    ("command", "threaded"),
    [
        ("celery -A desk worker -P threads", True),
        ("celery -A desk worker --pool=threads --concurrency=4", True),
        ("celery -A desk worker --pool threads -c 1", False),
        ("celery -A desk worker -c 4", False),
        ("celery -A desk beat", False),
    ],
)
def test_celery_workers_of_threads(command: str, threaded: bool) -> None:
    assert Deployment((command,)).has_threaded_celery is threaded
