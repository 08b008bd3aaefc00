"""How applications are started: by calls in Python, and by the commands of a deployment.

Observed with two workers of each server. What names a module imports it under its own name, in
each worker: nothing under its main guard runs there.
"""

from __future__ import annotations

RUNS = frozenset(
    {
        *("uvicorn.run", "hypercorn.run.run", "hypercorn.asyncio.serve", "granian.Granian().serve"),
        *("flask.Flask().run", "sanic.Sanic().run", "aiohttp.web.run_app"),
        *("waitress.serve", "werkzeug.serving.run_simple"),
        "django.core.management.execute_from_command_line",
    }
)
"""Calls that serve an application."""

RUNS_BY_NAME = frozenset({"uvicorn.run"})
"""Those to which it may be given as ``"module:application"``."""

SPAWNS_WORKERS = {"sanic.Sanic().run": "single_process"}
"""Calls that serve from spawned workers, but for the keyword that keeps them from it."""

SERVERS = frozenset(
    {
        *("gunicorn", "uvicorn", "hypercorn", "granian", "daphne", "waitress-serve"),
        *("flask", "fastapi", "litestar", "sanic"),
    }
)
"""Commands that import the application they serve, and are told where it is."""

WITHOUT_NAMES = frozenset({"gunicorn", "waitress-serve"})
"""Those that can do with the module alone, and find ``application`` in it."""

FLAGS = frozenset(
    {"--preload", "--reload", "--daemon", "-D", "--no-control-socket", "--reuse-port"}
)
"""Options of theirs that take no value."""

DEFAULT_MODULES = ("app", "wsgi", "main")
"""Modules in which such a command looks for the application when it is not told."""

CELERY = "celery"
"""The command whose workers are of the kind that ``--pool`` says, forked ones if nothing does."""

THREADS = "threads"
"""The kind of pool whose tasks run beside each other in one process."""

THREADED_HUEY = "huey_consumer"
"""The consumer whose workers are threads, unless ``-k`` says otherwise, as many as ``-w`` says."""

FORKSERVER_SINCE = (3, 14)
"""The Python from which on no platform forks child processes unless it is told to."""
