"""Reads the reports of a survey on a cluster.

    python survey.py
"""

import ray

from lab import Reader

REPORTS = ["Site 4: lead, 80 ug/l", "Site 9: lead, 12 ug/l"]


def main() -> None:
    ray.init()
    reader = Reader.remote()
    for worker, finding in ray.get([reader.read.remote(report) for report in REPORTS]):
        print(f"worker {worker}: {finding}")


if __name__ == "__main__":
    main()
