"""Changes to a program that leave its meaning, and its lines, as they are."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Mapping


def with_module_alias(text: str) -> str:
    """``from autogen import A`` becomes ``import autogen as ag_``, and each ``A`` ``ag_.A``."""
    lines = text.splitlines(keepends=True)
    names: dict[str, str] = {}
    tree = ast.parse(text)
    defined = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    }
    if any(re.search(rf"import .*\b{name}\b", text) for name in defined):
        return text  # An imported name means something else from there on.
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "autogen" and node.level == 0:
            names |= {alias.asname or alias.name: f"ag_.{alias.name}" for alias in node.names}
            first, last = node.lineno - 1, node.end_lineno or node.lineno
            lines[first] = " " * node.col_offset + "import autogen as ag_\n"
            lines[first + 1 : last] = ["\n"] * (last - first - 1)
    return with_names("".join(lines), names)


def with_other_variables(text: str) -> str:
    """Every module-level variable gets another name."""
    tree = ast.parse(text)
    bound = {
        target.id
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    # What is also a parameter may be passed by keyword, and then the name is part of the meaning.
    parameters = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return with_names(text, {name: f"{name}_renamed" for name in bound - parameters})


def with_names(text: str, names: Mapping[str, str]) -> str:
    """``text`` with variables renamed; attributes, keywords of calls and strings are not."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    lines = text.splitlines(keepends=True)
    edits: list[tuple[int, int, int, str]] = []
    depth = 0
    for index, token in enumerate(tokens):
        depth += (
            (token.string in "([{") - (token.string in ")]}") if token.type == tokenize.OP else 0
        )
        if token.type != tokenize.NAME or token.string not in names:
            continue
        keyword = depth > 0 and tokens[index + 1].string == "="
        if tokens[index - 1].string != "." and not keyword:
            line, column = token.start
            edits.append((line - 1, column, token.end[1], names[token.string]))
    for number, start, end, name in reversed(edits):
        lines[number] = lines[number][:start] + name + lines[number][end:]
    return "".join(lines)


def with_tabs(text: str) -> str:
    """Indented by tabs."""
    return re.sub(r"^(?: {4})+", lambda m: "\t" * (len(m[0]) // 4), text, flags=re.MULTILINE)


def with_windows_lines(text: str) -> str:
    """Lines end in CR LF."""
    return text.replace("\n", "\r\n")


def with_old_mac_lines(text: str) -> str:
    """Lines end in CR."""
    return text.replace("\n", "\r")


def with_half_typed_line(text: str) -> str:
    """Somebody has begun to type a call below it."""
    return text.rstrip("\n") + "\n\n\nresult = compute(\n"


def with_more_code(text: str) -> str:
    """Something that has nothing to do with it stands below."""
    return text.rstrip("\n") + "\n\n\ndef unrelated(number: int) -> int:\n    return number + 1\n"


def without_last_line_break(text: str) -> str:
    """The last line has no end."""
    return text.rstrip("\n")


Change = Callable[[str], str]

CHANGES: dict[str, Change] = {
    "module alias": with_module_alias,
    "other variables": with_other_variables,
    "half-typed line": with_half_typed_line,
    "more code": with_more_code,
}
"""What every program is put through: each rule may see it in its own way."""

LAYOUTS: dict[str, Change] = {
    "tabs": with_tabs,
    "CR LF": with_windows_lines,
    "CR": with_old_mac_lines,
    "no last line break": without_last_line_break,
}
"""What no rule gets to see: the programs take turns."""


def without_framework(text: str) -> str:
    """The same program on a package that has nothing to do with AutoGen but the names."""
    text = re.sub(r"^(\s*)from autogen\b", r"\1from othergen", text, flags=re.MULTILINE)
    text = re.sub(r"^(\s*)import autogen as\b", r"\1import othergen as", text, flags=re.MULTILINE)
    return re.sub(
        r"^(\s*)import autogen$", r"\1import othergen as autogen", text, flags=re.MULTILINE
    )
