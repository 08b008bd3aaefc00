"""The night desk: two processes that wait for alarms.

    python night.py
"""

import os

from autogen import Agent

from brigade import call_the_brigade
from watchman import watchman

ALARMS = ["Smoke in hall 3", "Smoke in hall 4"]


def watch(alarms: int) -> None:
    """Answer the alarm that comes down the pipe."""
    alarm = os.fdopen(alarms).readline()
    answer = watchman.generate_reply(messages=[{"role": "user", "content": alarm}])
    print(f"worker {os.getpid()}: {answer}", flush=True)


def main() -> None:
    desks = []
    for _ in ALARMS:
        alarms, pipe = os.pipe()
        pid = os.fork()
        if pid == 0:
            watch(alarms)
            os._exit(0)
        desks.append((pid, pipe))
    watchman.register_reply([Agent, None], call_the_brigade)
    for (pid, pipe), alarm in zip(desks, ALARMS, strict=True):
        os.write(pipe, f"{alarm}\n".encode())
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
