"""CB901: `import autogen` where nothing installed provides it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callscope.contracts.versions import DISTRIBUTION_NOTES
from callscope.model import Model
from callscope.rules.base import Evidence, Finding, Rule, Severity


class WrongDistribution(Rule):
    """`import autogen`, but the installed distribution has no such package.

    ## What it does
    Compares `import autogen` with the distribution that is configured or installed: `ag2` from
    1.0 on, `pyautogen` 0.10 and `autogen-agentchat` from 0.4 on are other frameworks and have no
    package of that name.

    ## Why it matters
    The names of the distributions have changed hands. `pip install ag2` gave classic AutoGen for
    two years and now gives a framework without it: ModuleNotFoundError at the first import, or,
    where the import is guarded, a program that quietly runs without its agents.

    ## Example
    ```python
    import autogen

    assistant = autogen.AssistantAgent("assistant", llm_config=False)
    ```

    ## Fixed
    ```python
    import ag2

    assistant = ag2.Agent("assistant")
    ```

    ## When it stays silent
    When any installed distribution provides `autogen`, when no AutoGen is installed at all, when
    the import is guarded by `except ImportError`, and beside a module or folder of that name.

    ## Fix safety
    No fix: install `autogen==0.14.1` or `ag2<1`, or port the program.
    """

    code = "CB901"
    name = "wrong-distribution"
    default_severity = Severity.ERROR
    example_target = "ag2==1.2.1"
    runtime_reason = "needs an environment with ag2>=1 alone"

    speaks = (
        "from autogen import AssistantAgent\n",
        "from autogen.agentchat import ConversableAgent\n",
        "import autogen as ag\n",
        "import os, autogen\n",
        "def late():\n    from autogen import UserProxyAgent\n    return UserProxyAgent\n",
        "class Desk:\n    import autogen\n",
    )
    silent = (
        "try:\n    import autogen\nexcept ImportError:\n    autogen = None\n",
        "try:\n    from autogen import Agent\nexcept ModuleNotFoundError:\n    Agent = object\n",
        "from .autogen import helper\n",
        "import autogen_core\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import autogen\n",
        "# import autogen\nimport ag2\n",
    )

    def check(self, model: Model) -> Iterator[Finding]:
        if model.target.classic is not None or _is_local(model):
            return
        for node in _imports(model.parsed.tree.body):
            yield self.finding(
                model,
                model.range(node),
                f"{model.target} has no package `autogen`: this import fails",
                evidence=(Evidence(f"checked against {model.target}", model.range(node)),),
                why=DISTRIBUTION_NOTES.get(model.target.distribution, ""),
                about=None,
            )


def _is_local(model: Model) -> bool:
    folder = model.source.path.parent
    return (folder / "autogen").is_dir() or (folder / "autogen.py").is_file()


def _imports(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Imports of ``autogen`` that are not guarded."""
    for statement in body:
        if isinstance(statement, ast.Import):
            if any(alias.name.split(".")[0] == "autogen" for alias in statement.names):
                yield statement
        elif isinstance(statement, ast.ImportFrom):
            if statement.level == 0 and (statement.module or "").split(".")[0] == "autogen":
                yield statement
        elif isinstance(statement, ast.Try):
            yield from _imports(statement.orelse)
        elif not (isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test)):
            for field in ("body", "orelse"):
                yield from _imports(
                    [s for s in getattr(statement, field, []) or [] if isinstance(s, ast.stmt)]
                )
