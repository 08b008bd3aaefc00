"""Grades an exam on all cores.

    python exam.py
"""

from dask.distributed import Client, LocalCluster

from fairness import SetUpWorker
from grading import grade

ESSAYS = ["By Ann: The sea is a mirror.", "By Ben: I have never seen the sea."]


def main() -> None:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        client = Client(cluster)
        client.register_plugin(SetUpWorker())
        for worker, result in client.gather(client.map(grade, ESSAYS)):
            print(f"worker {worker}: {result}")


if __name__ == "__main__":
    main()
