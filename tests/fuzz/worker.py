"""The process that tries inputs one after the other: `python -m tests.fuzz.worker TARGET FOLDER FIRST`.

Before each input it writes the input down and says its number on standard output, so that whoever watches knows which
one made it hang, grow or die; a wrong end is said as a line of JSON.
"""

from __future__ import annotations

import json
import os
import random
import sys
import traceback
from pathlib import Path

INPUT = "input.bin"


def main(name: str, folder: Path, first: int) -> None:
    """Try inputs from number `first` on, until nobody listens any more."""
    spoken = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(folder / "stderr.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    os.chdir(folder)
    from tests.fuzz.targets import TARGETS  # after the streams are put away, and the environment is ours

    target = TARGETS[name](folder)
    number = first
    while True:
        content = target.make(random.Random(f"{name}-{number}"))
        (folder / INPUT).write_bytes(content)
        spoken.write(f'{{"n": {number}}}\n')
        wrong = _tried(target, content)
        if wrong:
            (folder / f"{number}.find").write_bytes(content)
            spoken.write(json.dumps({"n": number, "wrong": wrong}) + "\n")
        number += 1


def _tried(target: object, content: bytes) -> str:
    try:
        return target.run(content)  # type: ignore[attr-defined]
    except Exception:
        return traceback.format_exc()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
