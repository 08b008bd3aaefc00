"""Tools under another name."""

from __future__ import annotations

import ast

from callscope.fixes._arguments import add_keyword, quoted_like
from callscope.fixes._patch import Patch
from callscope.fixes.base import CannotFix
from callscope.model.registrations import Registration


def rename_execution(patch: Patch, registration: Registration, name: str) -> None:
    """Give the entry of the function map the name ``name``."""
    node, call = registration.node, registration.call
    both = call.path == "autogen.register_function"
    if isinstance(node, ast.Call) and (both or call.method == "register_for_execution"):
        given = next((k.value for k in node.keywords if k.arg == "name"), None)
        if node.args and not both:
            given = node.args[0]
        if isinstance(given, ast.Constant):
            patch.replace(given, quoted_like(patch, given, name))
        elif given is None:
            add_keyword(patch, node, f'name="{name}"')
        else:
            raise CannotFix("not a literal")
        return
    for mapping in (part for part in ast.walk(patch.tree) if isinstance(part, ast.Dict)):
        for key, value in zip(mapping.keys, mapping.values, strict=True):
            if value is registration.callback_node and isinstance(key, ast.Constant):
                patch.replace(key, quoted_like(patch, key, name))
                return
    raise CannotFix("not understood")
