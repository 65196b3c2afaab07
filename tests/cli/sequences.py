"""Several command lines one after the other in one child process: starting Python once instead of each time."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.commands import run_command
from tests.conftest import Ran


def run_lines(
    lines: Sequence[Sequence[object]],
    *,
    folder: Path,
    environment: dict[str, str],
    stdin: str = "",
    tracebacks: bool = False,
) -> list[Ran]:
    """Run these command lines, each with this standard input and whatever became of the one before.

    `tracebacks` says whether any may be shown, as -vv asks for.
    """
    asked = json.dumps({"lines": [[str(word) for word in line] for line in lines], "stdin": stdin}).encode()
    code, out, err = run_command([], folder, environment, asked, module=__name__)
    assert code == 0, err
    ended = [Ran(*one) for one in json.loads(out)]
    assert tracebacks or not [one.err for one in ended if "Traceback" in one.err]
    return ended


def _answer() -> None:
    """The child's side: runs what standard input asks for, and prints how each command line ended."""
    from ptx_bulk.cli import main

    ended = []
    asked, told = json.load(sys.stdin), sys.stdout
    for line in asked["lines"]:
        sys.stdin = io.TextIOWrapper(io.BytesIO(asked["stdin"].encode()), "utf-8")
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        code: object = 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main(line)
            except SystemExit as end:
                code = end.code
        out.flush()
        err.flush()
        ended.append([code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode()])  # type: ignore[attr-defined]
    json.dump(ended, told)


if __name__ == "__main__":
    _answer()
    sys.exit(0)
