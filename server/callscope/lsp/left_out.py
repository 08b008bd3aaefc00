"""Files that are open and yet not checked: nobody mends what is installed, and what the
configuration excludes is not to be spoken of in an editor either."""

from __future__ import annotations

from pathlib import Path

from callscope.lsp.documents import Documents, path_of
from callscope.project import load_config
from callscope.project.files import excludes

_INSTALLED = frozenset({"site-packages", "dist-packages"})


class LeftOut:
    """Tells them apart; each file is looked at once, until the configuration may have changed."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._known: dict[Path, bool] = {}

    def known(self, path: Path) -> bool | None:
        """Whether ``path`` is left out; None if that has not been looked at yet."""
        return self._known.get(path, None if path.is_absolute() else False)

    def look(self, path: Path) -> bool:
        """The same, by a look at the disk; for the analysis thread."""
        found = self._is_installed(path) or excludes(load_config(path.parent), path)
        self._known[path] = found
        return found

    def forget(self) -> None:
        """The configuration or the folders have changed."""
        self._known = {}

    def _is_installed(self, path: Path) -> bool:
        """Below the folder that is open, that is: somebody may work on a package where it lies."""
        folder = self._documents.folder_of(path)
        root = path_of(folder.uri) if folder is not None else None
        return any(
            above.name in _INSTALLED for above in path.parents if not root or root in above.parents
        )
