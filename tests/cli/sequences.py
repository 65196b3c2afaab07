"""Several command lines one after the other in one child process: starting Python once instead of each time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import Ran

_DRIVER = """
import contextlib, io, json, sys
from ptx_bulk.cli import main

ended = []
asked = json.load(sys.stdin)
for line in asked["lines"]:
    sys.stdin = io.TextIOWrapper(io.BytesIO(asked["stdin"].encode()), "utf-8")
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(line)
        except SystemExit as end:
            code = end.code
    out.flush(), err.flush()
    ended.append([code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode()])
json.dump(ended, sys.stdout)
"""


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
    done = subprocess.run(
        [sys.executable, "-c", _DRIVER],
        input=json.dumps({"lines": [[str(word) for word in line] for line in lines], "stdin": stdin}).encode(),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        timeout=100,
        check=True,
    )
    ended = [Ran(*one) for one in json.loads(done.stdout)]
    assert tracebacks or not [one.err for one in ended if "Traceback" in one.err]
    return ended
