"""The projects that open documents belong to, each looked through once in the background."""

from __future__ import annotations

from pathlib import Path

from callscope.lsp.documents import Documents, path_of
from callscope.project import Workspace
from callscope.project.modules import is_project, project_root
from callscope.project.store import Store


class Workspaces:
    """Gives each document its project. ``of`` is for the analysis thread, the rest for the loop."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._known: dict[Path, Workspace] = {}
        self._roots: dict[Path, Path] = {}

    def of(self, path: Path) -> Workspace | None:
        """The project of the file ``path``, once it has been looked through; until then, and for a
        document that is nowhere, None: it is checked by itself."""
        workspace = self._known.get(self._root(path)) if path.is_absolute() else None
        if workspace is None or not workspace.is_indexed:
            return None
        workspace.notice(path)
        return workspace

    def to_index(self, path: Path) -> Workspace | None:
        """The project of ``path`` if it still has to be looked through; it is given once only."""
        self._roots.pop(path, None)
        root = self._root(path)
        if not path.is_absolute() or root in self._known:
            return None
        whole = self._documents.folder_of(path) is not None or is_project(root)
        store = Store.of(root)
        made = self._known[root] = Workspace(root, self._documents.texts, store, whole=whole)
        return made

    def related(self, path: Path) -> list[str]:
        """The URIs of the other open documents that have to do with the file ``path``."""
        workspace = self._known.get(self._root(path))
        if workspace is None or not workspace.is_indexed:
            return []
        return [
            snapshot.uri
            for snapshot in self._documents.open_python()
            if snapshot.path != path and workspace.graph.share_a_program(path, snapshot.path)
        ]

    def have_to_do(self, path: Path, other: Path) -> bool:
        """Whether two files are parts of one program."""
        workspace = self._known.get(self._root(path))
        if workspace is None or not workspace.is_indexed:
            return False
        return workspace.graph.share_a_program(path, other)

    def changed_on_disk(self, path: Path) -> None:
        """The file was written, made or deleted; one that is new or gone changes what imports
        mean, so that its project is looked through again."""
        root = self._root(path)
        workspace = self._known.get(root)
        if workspace is None or not workspace.is_indexed:
            return
        if path.exists() and path in workspace.graph:
            workspace.notice(path)
        else:
            del self._known[root]

    def forget_findings(self) -> None:
        """More is known of what lies around the projects; in the analysis thread."""
        for workspace in list(self._known.values()):
            workspace.memory.clear()

    def forget(self) -> None:
        """Folders or settings have changed: look through everything again."""
        self._known.clear()
        self._roots.clear()

    def _root(self, path: Path) -> Path:
        """The folder of the project of ``path``; asked at each key, and the disk only once."""
        known = self._roots.get(path)
        if known is None:
            folder = self._documents.folder_of(path)
            known = path_of(folder.uri) if folder is not None else project_root(path)
            self._roots[path] = known
        return known
