"""What is told of a file at a glance, without parsing it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from callscope.contracts.boundaries import HEADS

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*)|import[ \t]+([^\n#;]+))",
    re.MULTILINE,
)
_IMPORT_CALL = re.compile(r"\bimport_module\(\s*[\"'](\w[.\w]*)[\"']")
_NAME = re.compile(r"([.\w]+)(?:[ \t]+as[ \t]+\w+)?")

_MENTIONS = ("autogen", "ag2")

SCHEMA = hashlib.sha256(
    repr((1, _IMPORT.pattern, _IMPORT_CALL.pattern, _NAME.pattern, _MENTIONS, HEADS)).encode()
).hexdigest()[:16]
"""Another one whenever the facts of the same text may be others. The number counts the changes of
the functions below."""


@dataclass(frozen=True)
class Facts:
    """What is read off a text without parsing it.

    ``imports`` are the modules that it may import, as they are written, with each name of a
    ``from`` import both as part of its module and as a module of its own. ``mentions`` says that
    it names a framework, ``uses`` that it imports classic AutoGen. ``heads`` are the engines whose
    own processes may begin with it.
    """

    imports: tuple[str, ...]
    mentions: bool
    uses: bool
    heads: tuple[str, ...] = ()


def facts_of(text: str) -> Facts:
    """See :class:`Facts`."""
    imports = tuple(dict.fromkeys(_imports(text)))
    uses = any(path == "autogen" or path.startswith("autogen.") for path in imports)
    heads = tuple(engine for engine, words in HEADS.items() if any(w in text for w in words))
    return Facts(imports, any(word in text for word in _MENTIONS), uses, heads)


def _import_statements(text: str) -> Iterator[tuple[str, str, str]]:
    """What ``_IMPORT.findall`` finds, by a look at those lines only that have the word in them."""
    seen, at = 0, text.find("import")
    while at != -1:
        line = text.rfind("\n", 0, at) + 1
        found = _IMPORT.match(text, line) if line >= seen else None
        seen = found.end() if found is not None else at + 1
        if found is not None:
            yield found.group(1) or "", found.group(2) or "", found.group(3) or ""
        at = text.find("import", max(seen, at + 1))


def _imports(text: str) -> Iterator[str]:
    # Most texts do without, and to look for a word is far faster than for a pattern.
    if "import_module" in text:
        yield from _IMPORT_CALL.findall(text)
    for module, names, plain in _import_statements(text):
        if plain:
            yield from (name for name in _NAME.findall(plain) if name)
            continue
        yield module
        joint = "" if module.endswith(".") else "."
        for name in _NAME.findall(names):
            yield f"{module}{joint}{name}"
