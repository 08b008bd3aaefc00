"""Looks after the greenhouse, in processes beside the one that keeps the time.

    python watch.py
"""

import queue

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.executors.pool import ProcessPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from greenhouse import inspect


def main() -> None:
    done = queue.Queue()
    scheduler = BackgroundScheduler(executors={"default": ProcessPoolExecutor(1)})
    scheduler.add_listener(done.put, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    scheduler.add_job(inspect, args=["frost in bed 3"], misfire_grace_time=None)
    scheduler.start()
    worker, advice = done.get().retval
    print(f"worker {worker}: {advice}")
    scheduler.shutdown()


if __name__ == "__main__":
    main()
