"""Write ``docs/schema/`` from the declaration of the configuration, for editors to complete and
check by: ``callscope.json`` for ``callscope.toml``, ``pyproject.json`` for a ``pyproject.toml``.

``python scripts/schema.py`` writes. The tests compare.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from callscope.project.options import schema
from callscope.toml_completion import rule_rows

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "schema"


def files() -> Iterator[tuple[Path, str]]:
    """Each file and its text."""
    own = schema(rule_rows())
    yield FOLDER / "callscope.json", _text(own)
    inner = {key: value for key, value in own.items() if key not in ("$schema", "definitions")}
    shared = {
        "$schema": own["$schema"],
        "title": "Callscope in pyproject.toml",
        "type": "object",
        "properties": {"tool": {"type": "object", "properties": {"callscope": inner}}},
        "definitions": own["definitions"],
    }
    yield FOLDER / "pyproject.json", _text(shared)


def _text(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write both."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in files():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
