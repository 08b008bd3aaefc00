"""The walk over a module: an abstract interpreter, part by part."""

from callscope.model.walk.interpreter import Interpreter
from callscope.model.walk.state import ModuleFinder, ModuleSource, Outside, no_module

__all__ = ["Interpreter", "ModuleFinder", "ModuleSource", "Outside", "no_module"]
