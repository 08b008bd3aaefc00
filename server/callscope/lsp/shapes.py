"""Whether what came over the wire has the shape that its type says."""

from __future__ import annotations

import typing
from collections.abc import Callable
from enum import IntEnum
from functools import cache
from types import UnionType
from typing import Any


def fits(value: Any, shape: Any) -> bool:
    """Whether ``value``, decoded from JSON, is a ``shape``.

    That is a typed dictionary, a list of something, one of several shapes, a number of an
    enumeration, or a plain type. What a typed dictionary does not name is allowed, and null stands
    for what is not there.
    """
    return _check_of(shape)(value)


@cache
def _check_of(shape: Any) -> Callable[[Any], bool]:
    origin, arguments = typing.get_origin(shape), typing.get_args(shape)
    if shape is Any:
        return lambda value: True
    if typing.is_typeddict(shape):
        return _check_of_keys(shape)
    if origin in (typing.Union, UnionType):
        choices = [_check_of(each) for each in arguments]
        return lambda value: any(check(value) for check in choices)
    if origin is list:
        item = _check_of(arguments[0])
        return lambda value: isinstance(value, list) and all(map(item, value))
    if isinstance(shape, type) and issubclass(shape, IntEnum):
        numbers = {int(each) for each in shape}
        return lambda value: isinstance(value, int) and value in numbers
    plain = origin or shape
    return lambda value: isinstance(value, plain)


def _check_of_keys(shape: Any) -> Callable[[Any], bool]:
    hints = typing.get_type_hints(shape)
    required = [(key, _check_of(hints[key])) for key in shape.__required_keys__]
    optional = [(key, _check_of(hints[key])) for key in shape.__optional_keys__]

    def check(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and all(key in value and good(value[key]) for key, good in required)
            and all(value.get(key) is None or good(value[key]) for key, good in optional)
        )

    return check
