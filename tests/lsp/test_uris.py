"""Which file a URI means."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscope.lsp.uris import path_of, scheme_of


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/me/a%20b.py", "/home/me/a b.py"),
        ("file:///home/me/100%25%23.py", "/home/me/100%#.py"),
        ("file:/home/me/app.py", "/home/me/app.py"),
        ("FILE://localhost/home/me/app.py", "/home/me/app.py"),
        ("file:///C%3A/me/app.py", "c:/me/app.py"),
        ("file:///c:/me/app.py", "c:/me/app.py"),
        ("file://host/share/app.py", "//host/share/app.py"),
        ("file:///%E6%BC%A2.py", "/漢.py"),
        ("file://", "untitled"),
        ("untitled:Untitled-1", "Untitled-1"),
        ("untitled:", "untitled"),
        ("vscode-notebook-cell:/home/me/a.ipynb#W0", "home/me/a.ipynb#W0"),
    ],
)
def test_paths(uri: str, path: str) -> None:
    assert path_of(uri) == Path(path)


def test_the_way_there_and_back(tmp_path: Path) -> None:
    for name in ("a b.py", "100%.py", "#1?.py", "漢.py", "a+b;c=d&e.py"):
        assert path_of((tmp_path / name).as_uri()) == tmp_path / name


@pytest.mark.parametrize(
    ("uri", "scheme"),
    [("file:///x", "file"), ("Untitled:x", "untitled"), ("no scheme: x", ""), ("", "")],
)
def test_schemes(uri: str, scheme: str) -> None:
    assert scheme_of(uri) == scheme
