"""The ways of writing receivers and callbacks, run: what is right fires, what is wrong raises.

All of them run in one process, one after the other; only so many processes would take minutes.
"""

from __future__ import annotations

import json

import pytest

from tests.model import ways_to_call_back, ways_to_receive
from tests.model.test_ways_of_writing import RIGHT, WRONG, titled
from tests.runtime.conftest import installed
from tests.runtime.releases import NEWEST

# Whatever a program registers is called at once, as a first message would.
DRIVER = """\
import contextlib, io, json, pathlib, sys
from autogen import ConversableAgent

register = ConversableAgent.register_reply

def register_and_ask(self, *args, **kwargs):
    register(self, *args, **kwargs)
    asked_here = "site-packages" not in sys._getframe(1).f_code.co_filename
    if asked_here and hasattr(self, "hook_lists"):
        self.generate_reply(messages=[{"role": "user", "content": "hi"}], sender=None)

ConversableAgent.register_reply = register_and_ask
outcomes = []
for program in json.loads(pathlib.Path("programs.json").read_text()):
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(program, __file__, "exec"), {"__name__": "__main__", "__file__": __file__})
    except Exception as error:
        outcomes.append(type(error).__name__ + ": " + str(error))
    else:
        outcomes.append("fired" if "FIRED" in printed.getvalue() else "silent")
print(json.dumps(outcomes))
"""


def outcomes(part: str, signature: str, target: str) -> dict[str, str]:
    """What becomes of each program of a part."""
    named = {
        name: (way.HEAD + body).replace("SIGNATURE", signature)
        for way in (ways_to_receive, ways_to_call_back)
        for name, body in titled(getattr(way, part, ""))
    }
    files = {"drive.py": DRIVER, "programs.json": json.dumps(list(named.values()))}
    done = installed(target).run(files, "drive.py")
    assert done.returncode == 0, str(done)
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return dict(zip(named, found, strict=True))


@pytest.mark.parametrize("target", NEWEST)
@pytest.mark.parametrize("part", ["FOLLOWED", "NOT_FOLLOWED", "SILENT"])
def test_what_is_right_fires(part: str, target: str) -> None:
    found = outcomes(part, RIGHT, target)
    assert {name: end for name, end in found.items() if end != "fired"} == {}


@pytest.mark.parametrize("target", NEWEST)
@pytest.mark.parametrize("part", ["FOLLOWED", "NOT_FOLLOWED"])
def test_what_is_wrong_raises(part: str, target: str) -> None:
    found = outcomes(part, WRONG, target)
    assert {name: end for name, end in found.items() if not end.startswith("TypeError")} == {}
