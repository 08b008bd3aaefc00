"""A workspace that does harm as soon as any of its code is run, and a watch over the network."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

MODULES = (
    "argparse", "asyncio", "callscope", "concurrent", "importlib", "jedi", "json", "libcst",
    "logging", "lsprotocol", "multiprocessing", "packaging", "parso", "pathlib", "pygls", "queue",
    "sitecustomize", "tempfile", "tokenize", "tomllib", "usercustomize",
)  # fmt: skip
"""What Python, Callscope and the libraries of both import, each by a name that a file may bear."""

PROGRAM = """\
import autogen
from acme_agents import SupportAgent, night_desk

assistant = autogen.ConversableAgent("assistant", llm_config=False, human_input_mode="NEVER")
support = SupportAgent("support")
night = night_desk()


def on_reply(message):
    return True, "42"


assistant.register_reply([autogen.Agent, None], on_reply)
support.register_reply([autogen.Agent, None], on_reply)
"""
"""Two findings, the second because of what an installed package makes of an agent."""

PACKAGE = """\
from autogen import AssistantAgent

class SupportAgent(AssistantAgent):
    pass

def night_desk():
    return SupportAgent("night")
"""


@dataclass(frozen=True)
class Traps:
    """The workspace, and the file that holds a line for each trap that was sprung."""

    root: Path
    mark: Path

    @property
    def sprung(self) -> str:
        return self.mark.read_text() if self.mark.exists() else ""

    @property
    def python(self) -> Path:
        """The interpreter that the workspace brings along."""
        return self.root / ".venv" / "bin" / "python"


def set_traps(root: Path, mark: Path) -> Traps:
    """Fill ``root`` with a program, and with every way to run code unasked that is known."""
    python = f"open({str(mark)!r}, 'a').write(__file__ + chr(10))\n"
    for name in MODULES:
        (root / name).mkdir()
        for file in ("__init__.py", "__main__.py"):
            (root / name / file).write_text(python)
    (root / "conftest.py").write_text(python)
    (root / "app.py").write_text(python + PROGRAM)
    (root / ".jedi").mkdir()
    (root / ".jedi" / "project.json").write_text('[1, {"load_unsafe_extensions": true}]')
    (root / "pyproject.toml").write_text('[tool.callscope]\npython = ".venv/bin/python"\n')
    _environment(root, mark, python)
    return Traps(root, mark)


def _environment(root: Path, mark: Path, python: str) -> None:
    environment = root / ".venv"
    site = environment / "lib" / "python3.11" / "site-packages"
    for folder in (site / "autogen", site / "acme_agents", environment / "bin"):
        folder.mkdir(parents=True)
    (environment / "pyvenv.cfg").write_text(f"home = {root}\ninclude-system-site-packages = true\n")
    for script in (root / "python", root / "python3", root / "bin", environment / "bin" / "python"):
        script = script / "python" if script.name == "bin" else script
        script.parent.mkdir(exist_ok=True)
        script.write_text(f'#!/bin/sh\necho "$0" >> "{mark}"\nexec "{sys.executable}" "$@"\n')
        script.chmod(0o755)
    (site / "trap.pth").write_text(f"import os; open({str(mark)!r}, 'a').write('pth')\n")
    (site / "sitecustomize.py").write_text(python)
    (site / "autogen" / "__init__.py").write_text(python + "class AssistantAgent: ...\n")
    (site / "acme_agents" / "__init__.py").write_text(python + PACKAGE)
    for name, version in (("ag2", "0.12.3"), ("acme_agents", "1.0")):
        info = site / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {name}\nRequires-Dist: ag2\n")
        (info / "RECORD").write_text(f"{name}/__init__.py,,\n")


def prove(traps: Traps) -> None:
    """Spring a few of the traps, to see that they work."""
    for arguments in (["-c", "import json.decoder"], ["-m", "callscope"], ["app.py"]):
        subprocess.run([sys.executable, *arguments], cwd=traps.root, check=False)
        assert traps.sprung, arguments
        traps.mark.unlink()
    subprocess.run([traps.python, "-c", ""], cwd="/", check=True)
    assert str(traps.python) in traps.sprung
    traps.mark.unlink()


WATCH = """\
import os, sys

_NETWORK = ("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "ssl.")

def _hook(event, arguments):
    # Pairs of connected sockets, which wake an event loop up, lead nowhere.
    if event.startswith(_NETWORK) and event != "socket.__new__":
        with open(os.environ["CALLSCOPE_WATCH"], "a") as log:
            log.write(f"{event} {arguments[1:]}\\n")

sys.addaudithook(_hook)
with open(os.environ["CALLSCOPE_WATCH"], "a") as log:
    log.write("watching\\n")
"""


def watch_network(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let all Pythons that are started from now on write down what they do on the network."""
    (folder / "sitecustomize.py").write_text(WATCH)
    log = folder / "network.log"
    monkeypatch.setenv("CALLSCOPE_WATCH", str(log))
    known = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(folder), known))))
    code = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert "socket.connect" in log.read_text(), "the watch works"
    log.unlink()
    return log
