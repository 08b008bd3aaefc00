"""Goes through the letters of the day.

    python -m screening
"""

from concurrent.futures import ProcessPoolExecutor

from screening.recruiter import screen

LETTERS = ["Born on 01.02.1971, I have sailed for years.", "I cook. Born 30.11.2001."]


def main() -> None:
    # Asking for fresh workers now and then makes them spawned ones.
    with ProcessPoolExecutor(max_workers=2, max_tasks_per_child=50) as executor:
        for worker, verdict in executor.map(screen, LETTERS):
            print(f"worker {worker}: {verdict}")


if __name__ == "__main__":
    main()
