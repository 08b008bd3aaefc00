"""Tree and contracts in; agents, registrations, entry calls and boundaries out."""

from callscope.model.model import Model, build_model

__all__ = ["Model", "build_model"]
