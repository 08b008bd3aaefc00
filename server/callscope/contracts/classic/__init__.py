"""Classic AutoGen (``import autogen``): agent classes, callbacks and entry calls, by version."""
