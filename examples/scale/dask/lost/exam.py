"""Grades an exam on all cores.

    python exam.py
"""

from dask.distributed import Client, LocalCluster

from fairness import hide_the_author
from grading import grade, grader

ESSAYS = ["By Ann: The sea is a mirror.", "By Ben: I have never seen the sea."]


def main() -> None:
    grader.register_hook("process_last_received_message", hide_the_author)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        client = Client(cluster)
        for worker, result in client.gather(client.map(grade, ESSAYS)):
            print(f"worker {worker}: {result}")


if __name__ == "__main__":
    main()
