"""What is compared, each in the version that ``requirements.txt`` pins."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".cache" / "bench"
"""The environment of the others; ``scripts/bench.mjs`` makes it."""

OURS = "callscope"


@dataclass(frozen=True)
class Server:
    """A language server, the distribution it comes from, and how it is started."""

    name: str
    distribution: str
    arguments: tuple[str, ...]

    @property
    def command(self) -> list[str]:
        """What to run."""
        if self.name == OURS:
            return [sys.executable, *self.arguments]
        program, *rest = self.arguments
        return [str(program_in(HOME, program)), *rest]


SERVERS = (
    Server(OURS, OURS, ("-m", "callscope", "server")),
    Server("ruff", "ruff", ("ruff", "server")),
    Server("ty", "ty", ("ty", "server")),
    Server("pyrefly", "pyrefly", ("pyrefly", "lsp")),
    Server("pyright", "pyright", ("pyright-langserver", "--stdio")),
    Server("pylsp", "python-lsp-server", ("pylsp",)),
    Server("jedi", "jedi-language-server", ("jedi-language-server",)),
)

CHECKERS = ("ruff", "flake8", "pylint")


def program_in(environment: Path, name: str) -> Path:
    """A program of a virtual environment."""
    return environment / ("Scripts" if sys.platform == "win32" else "bin") / name


def versions() -> dict[str, str]:
    """The version of each distribution that is compared, and ours."""
    python = program_in(HOME, "python")
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "list", "--format", "json"]
    listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    installed = {each["name"].lower(): each["version"] for each in listed}
    wanted = {server.distribution for server in SERVERS[1:]} | set(CHECKERS)
    from callscope import __version__

    return {OURS: __version__} | {name: installed[name] for name in sorted(wanted)}
