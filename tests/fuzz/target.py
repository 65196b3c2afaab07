"""What a door is to the runner, and the command line as one."""

from __future__ import annotations

import contextlib
import io
import random
from collections.abc import Sequence
from pathlib import Path

from ptx_bulk.cli import main

_UNEXPECTED = 1


def command(words: Sequence[str]) -> str:
    """Run the command line in this process; what is wrong with its end, '' for nothing."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace") for _n in range(2))
    code: object = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words)
        except SystemExit as end:
            code = end.code
    err.flush()
    said = err.buffer.getvalue().decode("utf-8", "replace")  # type: ignore[attr-defined]
    return f"{words}: {code}\n{said}" if code == _UNEXPECTED or "Traceback" in said else ""


class Target:
    """One door; an instance lives as long as its worker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, rng: random.Random) -> bytes:
        """The input of this random sequence."""
        raise NotImplementedError

    def run(self, content: bytes) -> str:
        """Try it; what is wrong, '' for nothing."""
        raise NotImplementedError

    def fresh(self, name: str, content: bytes) -> str:
        """The file with this content; reports of the one before are gone."""
        for path in self.folder.glob("fuzzed*"):
            path.unlink()
        (self.folder / f"fuzzed{name}").write_bytes(content)
        return f"fuzzed{name}"
