"""``python -m callscope``: the same as the ``callscope`` command."""

import os
import sys


def _leave_out_current_folder() -> None:
    """Import nothing from the folder that is checked.

    Python itself puts the current folder first, where a file named like a module would pass for
    it: it would be run, and would break whatever needs the real one.
    """
    current = os.getcwd()  # noqa: PTH109 - importing pathlib is what could go wrong
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    if sys.path[0] in ("", current) and current != home and not getattr(sys.flags, "safe_path", 0):
        del sys.path[0]


if __name__ == "__main__":
    _leave_out_current_folder()
    from callscope.cli import main

    sys.exit(main())
