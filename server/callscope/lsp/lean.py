"""Importing the protocol's types without building all of them.

``lsprotocol.types`` has more than five hundred attrs classes, of which a session needs a few dozen.
To build them all takes longer than to import everything else and to check a file. So while that
module is imported, ``attrs.define`` is put off: attrs completes each class, in place, when it is
first instantiated or its fields are first looked at. What is not as expected is left to attrs at
once, which is only slower.
"""

from __future__ import annotations

import importlib
import sys
import threading
from typing import Any

import attrs

_MODULE = "lsprotocol.types"
_FIELDS = "__attrs_attrs__"
_define = attrs.define
_completing = threading.RLock()


def import_types() -> None:
    """Import ``lsprotocol.types``, unless that has been done."""
    if _MODULE in sys.modules:
        return
    attrs.define = _put_off
    try:
        importlib.import_module(_MODULE)
    finally:
        attrs.define = _define
    _resolve_one_by_one()


def _resolve_one_by_one() -> None:
    """Keep the converter from looking at all classes, to resolve what their fields' types name."""
    from lsprotocol import _hooks

    if getattr(_hooks, "_resolved_forward_references", None) is False:
        _hooks._resolved_forward_references = True


def _put_off(*arguments: Any, **options: Any) -> Any:
    """Stands in for ``attrs.define`` where it is a bare decorator of a plain class."""
    if options or len(arguments) != 1 or arguments[0].__bases__ != (object,):
        return _define(*arguments, **options)
    (cls,) = arguments
    if "__init__" in vars(cls):
        return _define(cls)
    setattr(cls, _FIELDS, _Fields())
    cls.__init__ = _first_init
    return cls


class _Fields:
    """What attrs knows of a class, found out when it is asked for."""

    begun = False

    def __get__(self, instance: object, owner: type) -> Any:
        _complete(owner)
        found = vars(owner)[_FIELDS]
        # While it completes the class, attrs itself asks.
        return () if found is self else found


def _first_init(self: Any, *arguments: Any, **options: Any) -> None:
    """Stands in for the ``__init__`` of a class that is not complete yet."""
    cls = type(self)
    _complete(cls)
    cls.__init__(self, *arguments, **options)


def _complete(cls: type) -> None:
    """Do what was put off, unless another thread has just done it."""
    with _completing:
        pending = vars(cls)[_FIELDS]
        if isinstance(pending, _Fields) and not pending.begun:
            pending.begun = True
            # With slots, attrs would have to make another class, and some hold on to this one.
            _define(cls, slots=False, init=True)
            attrs.resolve_types(cls)
