"""What a fix leaves behind that hangs in the air."""

from __future__ import annotations

from pathlib import Path

from callscope.fixes.wholeness import loose_ends
from callscope.source import Segments, SourceText
from tests.fixes.tools import written


def test_names_and_imports(tmp_path: Path) -> None:
    files = {
        "team.py": "import os\n\n\ndef build():\n    here = os.getpid()\n    return [here, missing]\n",
        "main.py": "from team import build, gone\n\nbuild()\n",
        "other.py": "from main import nothing\n",
    }
    workspace = written(tmp_path, files)
    source = SourceText(tmp_path / "team.py", files["team.py"])
    text = Segments.of(source)
    assert loose_ends([text], None) == {(source.path, "missing")}
    assert loose_ends([text], workspace) == {
        (source.path, "missing"),
        (tmp_path / "main.py", "team.gone"),
    }


def test_nothing(tmp_path: Path) -> None:
    files = {
        "pack/__init__.py": "from .inner import *\n\nprint(whatever)\n",
        "pack/inner.py": "class A:\n    b = 1\n    c = b\n\n    def d(self):\n"
        "        global e\n        e = __name__\n        return __class__\n\n\n"
        "def f():\n    return e\n",
        "main.py": "from pack import inner\nfrom pack.inner import A\n\n[A for x in inner if (y := x)]\n",
    }
    workspace = written(tmp_path, files)
    sources = (SourceText(tmp_path / name, text) for name, text in files.items())
    assert loose_ends(map(Segments.of, sources), workspace) == set()
