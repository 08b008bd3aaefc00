"""Which file a URI means."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")
_DRIVE = re.compile(r"/[A-Za-z]:")


def scheme_of(uri: str) -> str:
    """What stands before the first colon, in lower case; "" where that is no scheme."""
    match = _SCHEME.match(uri)
    return match.group().lower() if match else ""


def path_of(uri: str) -> Path:
    """The file behind ``uri``; for a document that has none, a name to call it by."""
    rest = unquote(uri.partition(":")[2])
    found = _file_path(rest) if scheme_of(uri) == "file" else rest.lstrip("/")
    return Path(found or "untitled")


def _file_path(rest: str) -> str:
    """The path in ``//host/path``. There is a host only where a share of the network is meant."""
    host, slash, path = rest[2:].partition("/") if rest.startswith("//") else ("", "", rest)
    path = slash + path
    if host not in ("", "localhost"):
        return f"//{host}{path}"
    # Editors do not agree on the case of a drive's letter.
    return path[1].lower() + path[2:] if _DRIVE.match(path) else path
