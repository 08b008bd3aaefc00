"""How many instructions the processor executes for a key, which a busy machine does not change.

    python -m tests.bench.instructions            count, and compare with the figure on record
    python -m tests.bench.instructions --record   put what was counted on record

Ends with 1 if it is more than half as many again. Counted by Callgrind, of Valgrind; where that is
not installed, or nothing is on record for this Python, nothing is compared.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.hot_path import KEYS, LINES

_RECORD = Path(__file__).with_name("instructions.json")
_TOLERANCE = 1.5
_PATIENCE = 120


class CannotCount(Exception):
    """Callgrind is not there, or has failed; the message says which."""


def for_a_key() -> int:
    """Instructions from a key to the diagnostics of the text with it."""
    valgrind = shutil.which("valgrind")
    if valgrind is None or shutil.which("callgrind_control") is None:
        raise CannotCount("Valgrind is not installed")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        command = [
            valgrind, "--tool=callgrind", "--instr-atstart=no", f"--log-file={log}",
            f"--callgrind-out-file={Path(folder, 'out')}",
            sys.executable, "-m", "tests.bench.hot_path", "--counted",
        ]  # fmt: skip
        env = {**os.environ, "PYTHONHASHSEED": "0"}
        try:
            done = subprocess.run(
                command, env=env, capture_output=True, check=False, timeout=_PATIENCE
            )
        except subprocess.TimeoutExpired:
            raise CannotCount(f"it was not done after {_PATIENCE} s") from None
        collected = re.search(r"Collected : (\d+)", log.read_text() if log.exists() else "")
    if done.returncode or collected is None or not int(collected[1]):
        raise CannotCount(done.stderr.decode(errors="replace").strip()[-500:] or "nothing counted")
    return int(collected[1]) // KEYS


def main(arguments: Sequence[str] = ()) -> int:
    """Count, and compare or record."""
    try:
        counted = for_a_key()
    except CannotCount as error:
        print(f"Instructions for a key: skipped. {error}")
        return 0
    python = ".".join(platform.python_version_tuple()[:2])
    about = f"{platform.machine()}, Python {python}"
    record = json.loads(_RECORD.read_text()) if _RECORD.exists() else {}
    print(f"Instructions for a key in {LINES:,} lines ({about}): {counted / 1e6:,.1f} million")
    if "--record" in arguments:
        record[about] = counted
        _RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
        return 0
    known = record.get(about)
    if known is None:
        print("Nothing is on record to compare that with.")
        return 0
    print(f"On record: {known / 1e6:,.1f} million; {counted / known:.2f} times as many now.")
    return 1 if counted > known * _TOLERANCE else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
