"""The command line: one file an output format, one a command."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from callscope.cli.arguments import read_arguments
from callscope.cli.exit_codes import FAILURE, INTERRUPTED, PIPE_CLOSED, UsageError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``callscope`` with ``argv`` (else the process's own) and return its exit code.

    Raises nothing: what goes wrong becomes a message on stderr and an exit code.
    """
    _never_fail_to_print()
    try:
        arguments = read_arguments(sys.argv[1:] if argv is None else argv)
        code = int(arguments.run(arguments))
        sys.stdout.flush()
    except SystemExit as exit_:  # argparse has printed the help, or what is wrong
        return exit_.code if isinstance(exit_.code, int) else FAILURE
    except UsageError as error:
        print(f"callscope: error: {error}", file=sys.stderr)
        return FAILURE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - a traceback helps nobody who only uses this
        return _apologise(error)
    return code


def _apologise(error: Exception) -> int:
    if os.environ.get("CALLSCOPE_DEBUG") == "1":
        raise error
    print(
        f"callscope: internal error: {type(error).__name__}: {error}; please report "
        "(CALLSCOPE_DEBUG=1 shows the traceback)",
        file=sys.stderr,
    )
    return FAILURE


def _never_fail_to_print() -> None:
    """Let a character that the terminal's encoding lacks be escaped instead of raising."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _forget_stdout() -> None:
    """Keep the interpreter from flushing into the closed pipe, and complaining, when it ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
