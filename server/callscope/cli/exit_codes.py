"""What the process ends with."""

CLEAN = 0
FINDINGS = 1
FAILURE = 2
INTERRUPTED = 130
PIPE_CLOSED = 141


class UsageError(Exception):
    """A command line that cannot be obeyed; the message is meant for the user."""
