"""Somebody at work on a program of several files, as it is in an editor: what is remembered of the
whole must be what a fresh look at all files finds."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from callscope.check import check
from callscope.incremental import Recall
from callscope.project import Project, Workspace
from callscope.source import SourceText
from tests.fuzz.editing import TYPED, Page, compare

SCALE = Path(__file__).parents[2] / "examples" / "scale"


class Office:
    """All files below ``root`` open in an editor. Nothing is written to disk."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.steps = 0
        self._root = root
        self._chance = chance
        texts = {path: path.read_text("utf-8") for path in sorted(root.rglob("*.py"))}
        pieces, typed = list(texts.values()), [*TYPED, *_imports(root, texts)]
        self._pages = {path: Page(texts[path], pieces, chance, typed) for path in texts}
        self._buffers = {path: SourceText(path, text) for path, text in texts.items()}
        self._workspace = Workspace(root, self._buffers)
        assert self._workspace.graph.files, "looked through before anything is edited"
        self._recalls = {path: Recall() for path in texts}
        self._project = Project()

    @property
    def text(self) -> str:
        """All files, each below its name."""
        return "\n".join(f"# --- {path}\n{page.text}" for path, page in self._pages.items())

    def step(self) -> None:
        """Edit one file once, and compare what is found in each."""
        path = self._chance.choice(list(self._pages))
        self._pages[path].edit()
        self._buffers[path] = SourceText(path, self._pages[path].text)
        self.steps += 1
        self._workspace.notice(path)
        fresh = Workspace(self._root, {p: SourceText(p, b.text) for p, b in self._buffers.items()})
        for each, buffer in self._buffers.items():
            remembered = check(self._project, buffer, self._workspace, self._recalls[each])
            compare(remembered, check(self._project, SourceText(each, buffer.text), fresh))


def _imports(root: Path, texts: dict[Path, str]) -> list[str]:
    """Lines that import the files of ``root``, and those that stand in them."""
    names = [".".join(path.relative_to(root).with_suffix("").parts) for path in texts]
    lines = [line + "\n" for text in texts.values() for line in text.splitlines()]
    return [
        *(f"import {name}\n" for name in names),
        *(line for line in lines if line.startswith(("import ", "from "))),
    ]


def in_an_office(folders: Sequence[Path] = ()) -> Callable[[random.Random], Office]:
    """Begin with one of ``folders``, or of the examples that scale out."""
    roots = [*folders] or sorted(path for path in SCALE.glob("*/*") if path.is_dir())
    return lambda chance: Office(chance.choice(roots), chance)
