"""What the grader must not see."""

import os
import re

from dask.distributed import WorkerPlugin

from grading import grader


def hide_the_author(content):
    """Essays are graded without regard to who wrote them."""
    print(f"[audit] {os.getpid()} hid the author", flush=True)
    return re.sub(r"^By .+?: ", "", content)


class SetUpWorker(WorkerPlugin):
    def setup(self, worker) -> None:
        grader.register_hook("process_last_received_message", hide_the_author)
