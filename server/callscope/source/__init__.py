"""From bytes to a syntax tree that survives half-typed code, and the positions in it."""

from callscope.source.nodes import children, is_generator, names_in, nodes_of, walk
from callscope.source.notebook import NotebookSource, is_notebook
from callscope.source.parse import (
    ParsedSource,
    expression_of,
    module_of,
    origin_of,
    parse,
)
from callscope.source.read import decode_source, read_source
from callscope.source.segments import Segment, Segments, movable_line, with_lines
from callscope.source.suppressions import Suppression, Suppressions
from callscope.source.text import (
    Position,
    PositionEncoding,
    Range,
    SourceText,
    SyntaxProblem,
    UnreadableSource,
    differing,
)

__all__ = [
    "NotebookSource",
    "ParsedSource",
    "Position",
    "PositionEncoding",
    "Range",
    "Segment",
    "Segments",
    "SourceText",
    "Suppression",
    "Suppressions",
    "SyntaxProblem",
    "UnreadableSource",
    "children",
    "decode_source",
    "differing",
    "expression_of",
    "is_generator",
    "is_notebook",
    "module_of",
    "movable_line",
    "names_in",
    "nodes_of",
    "origin_of",
    "parse",
    "read_source",
    "walk",
    "with_lines",
]
