"""Callscope: finds AutoGen callbacks that will not fire, before the program is run."""

__version__ = "0.1.0"
