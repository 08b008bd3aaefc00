"""The protocol's types are what they always are, only later."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

PROBE = """
import attrs, inspect, json, sys
define = attrs.define
if sys.argv[1] == "lean":
    import callscope.lsp
from lsprotocol import types
from pygls.protocol import default_converter

converter = default_converter()
assert attrs.define is define

def complete():
    return [
        name for name, each in vars(types).items()
        if isinstance(each, type) and "__attrs_attrs__" in vars(each)
        and isinstance(vars(each)["__attrs_attrs__"], tuple)
    ]

POSITION = {"line": 1, "character": 2}
RANGE = {"start": POSITION, "end": POSITION}
MESSAGES = [
    (types.InitializeParams, {
        "processId": 1, "rootUri": None, "workspaceFolders": [{"uri": "u", "name": "n"}],
        "capabilities": {
            "general": {"positionEncodings": ["utf-8"]},
            "textDocument": {"hover": {"contentFormat": ["markdown"]}},
            "workspace": {"workspaceEdit": {"documentChanges": True}},
        },
    }),
    (types.PublishDiagnosticsParams, {
        "uri": "u", "version": 3, "diagnostics": [{
            "range": RANGE, "message": "m", "severity": 1, "code": "CB201", "tags": [1],
            "relatedInformation": [{"location": {"uri": "u", "range": RANGE}, "message": "r"}],
        }],
    }),
    (types.CodeAction, {
        "title": "t", "kind": "quickfix",
        "edit": {"documentChanges": [{
            "textDocument": {"uri": "u", "version": None},
            "edits": [{"range": RANGE, "newText": "n"}],
        }]},
    }),
]
told = {"before": len(complete())}
told["messages"] = [
    converter.unstructure(converter.structure(content, shape)) for shape, content in MESSAGES
]
told["shown"] = [repr(converter.structure(content, shape)) for shape, content in MESSAGES]
told["during"] = len(complete())
told["classes"] = {
    name: [
        [field.name, repr(field.type), repr(field.default), repr(field.validator), field.kw_only]
        for field in attrs.fields(each)
    ]
    + [str(inspect.signature(each)), str(each.__match_args__), each.__doc__ or ""]
    for name, each in vars(types).items()
    if isinstance(each, type) and attrs.has(each)
}
told["same"] = [
    types.Position(1, 2) == types.Position(1, 2),
    types.Position(1, 2) < types.Position(1, 3),
    types.Range(types.Position(1, 2), types.Position(1, 2))
    == types.Range(types.Position(1, 2), types.Position(1, 2)),
    types.Hover("a") == types.Hover("b"),
    types.Hover.__hash__ is None,
]
try:
    types.Position(-1, "x")
except (ValueError, TypeError) as error:
    told["refused"] = type(error).__name__
print(json.dumps(told))
"""


def _told(how: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, how], capture_output=True, text=True, check=True
    )
    found = json.loads(re.sub(r" at 0x[0-9a-f]+", "", done.stdout))
    assert isinstance(found, dict)
    return found


def test_lean_types_are_as_the_others() -> None:
    lean, usual = _told("lean"), _told("usual")
    assert lean.pop("before") < 30 < usual.pop("before")
    assert lean.pop("during") < 200 < usual.pop("during")
    assert lean == usual
    assert len(usual["classes"]) > 500
