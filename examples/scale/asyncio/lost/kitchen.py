"""Takes the orders of all tables at once.

    python kitchen.py
"""

import asyncio
import os

from service import order

TABLES = ["soup", "dumplings", "rhubarb cake"]


async def main() -> None:
    dishes = await asyncio.gather(*(order(wish) for wish in TABLES))
    for wish, dish in zip(TABLES, dishes):
        print(f"worker {os.getpid()}: asked '{wish}', was told '{dish}'")


if __name__ == "__main__":
    asyncio.run(main())
