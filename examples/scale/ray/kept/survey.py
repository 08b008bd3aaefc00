"""Reads the reports of a survey on a cluster.

    python survey.py
"""

import ray

from lab import read

REPORTS = ["Site 4: lead, 80 ug/l", "Site 9: lead, 12 ug/l"]


def main() -> None:
    ray.init()
    read_remotely = ray.remote(read)
    for worker, finding in ray.get([read_remotely.remote(report) for report in REPORTS]):
        print(f"worker {worker}: {finding}")


if __name__ == "__main__":
    main()
