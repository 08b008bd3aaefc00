"""Libraries that the contracts speak of.

An import of one of these means the library, also where a file of the project has the same name
(``celery.py`` beside the tasks, a folder ``autogen`` in a checkout of AutoGen itself).
"""

from __future__ import annotations

import sys

from callscope.contracts.boundaries import (
    BASES,
    DECORATORS,
    POOLS,
    SCHEDULERS,
    SENDS,
    STORES,
    WORKER_HOOKS,
)


def _top(path: str) -> str:
    return path.partition(".")[0].partition("(")[0]


KNOWN_LIBRARIES = frozenset(
    {
        "autogen",
        "ag2",
        *map(_top, (*BASES, *DECORATORS, *POOLS, *SCHEDULERS, *SENDS, *STORES, *WORKER_HOOKS)),
        *sys.stdlib_module_names,
    }
)
