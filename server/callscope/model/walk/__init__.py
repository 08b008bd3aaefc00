"""The walk over a module: an abstract interpreter, part by part."""

from callscope.model.walk.interpreter import Interpreter
from callscope.model.walk.state import Outside

__all__ = ["Interpreter", "Outside"]
