"""What each framework and each boundary promises: data, by version. No rule holds a version."""

from callscope.contracts.versions import (
    NEWEST_CLASSIC,
    NEWEST_OF_EACH_LINE,
    Release,
    Target,
    UnknownTarget,
    Versions,
)

__all__ = [
    "NEWEST_CLASSIC",
    "NEWEST_OF_EACH_LINE",
    "Release",
    "Target",
    "UnknownTarget",
    "Versions",
]
