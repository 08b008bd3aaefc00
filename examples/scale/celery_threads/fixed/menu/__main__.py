"""Writes the menu of the day.

    python -m menu
"""

from menu.tasks import describe

DISHES = ["walnut soup", "peanut stew"]

if __name__ == "__main__":
    for result in [describe.delay(dish) for dish in DISHES]:
        worker, text = result.get(timeout=60)
        print(f"worker {worker}: {text}")
