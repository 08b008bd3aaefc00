"""Links to the explanation of a finding: into the editor where it has a page for it, else the web.

An editor that can show pages of its own says so in its ``initializationOptions``:
``{"explain": {"scheme": "callscope", "command": "callscope.explain"}}``. A finding's code then
links to ``callscope:/CB201 reply-signature.md?...``, which the editor fills by the request
``callscope/explain``; in hovers and menus the command takes that link as its argument.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from callscope.rules import Finding
from callscope.source import Position


@dataclass(frozen=True)
class Links:
    """Where findings link to; ``scheme`` and ``command`` are empty for editors without pages."""

    scheme: str = ""
    command: str = ""

    @classmethod
    def read(cls, options: Mapping[str, object]) -> Links:
        """What an editor said at the start."""
        told = options.get("explain")
        told = told if isinstance(told, Mapping) else {}
        scheme, command = told.get("scheme"), told.get("command")
        return cls(
            scheme if isinstance(scheme, str) else "", command if isinstance(command, str) else ""
        )

    def to(self, finding: Finding, uri: str) -> str:
        """The page about ``finding`` in the document ``uri``. Its place is counted in code points
        from 0: the editor hands it back as it is."""
        if not self.scheme:
            return finding.url
        name = quote(f"{finding.code} {finding.name}.md")
        place = finding.range.start
        query = {"code": finding.code, "at": f"{place.line}:{place.column}", "uri": uri}
        return f"{self.scheme}:/{name}?{quote(urlencode(query), safe='=&')}"

    def in_hover(self, finding: Finding, uri: str) -> str:
        """The same where only commands may be links."""
        if not (self.scheme and self.command):
            return finding.url
        return f"command:{self.command}?{quote(json.dumps([self.to(finding, uri)]), safe='')}"


NO_LINKS = Links()


def place_of(text: object) -> Position | None:
    """Read the ``at`` of a link; None if it is no place."""
    line, colon, column = str(text).partition(":")
    if not (colon and line.isdecimal() and column.isdecimal()):
        return None
    return Position(int(line), int(column))
