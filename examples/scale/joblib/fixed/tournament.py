"""Compares the answers of some models with each other.

    python tournament.py
"""

from joblib import Parallel, delayed

from fairness import set_up_worker
from panel import compare

ANSWERS = {"small": "", "middle": "It depends.", "large": "It depends on the weather."}

if __name__ == "__main__":
    pairs = [("small", "large"), ("middle", "small")]
    work = Parallel(n_jobs=2, initializer=set_up_worker)
    verdicts = work(delayed(compare)(ANSWERS[one], ANSWERS[other]) for one, other in pairs)
    for (one, other), (worker, verdict) in zip(pairs, verdicts):
        print(f"worker {worker}: {one} against {other}: {verdict}")
