"""The walk over a module: an abstract interpreter, part by part."""

from callscope.model.walk.interpreter import Interpreter
from callscope.model.walk.state import ALONE, ModuleSource, Outside, Surroundings

__all__ = ["ALONE", "Interpreter", "ModuleSource", "Outside", "Surroundings"]
