"""The simulator in a process of its own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from ptx_bulk.sandbox import FaultKind, create_app, serve
state, *faults = sys.argv[1:]
rates = {FaultKind(kind): float(rate) for kind, rate in (fault.split("=") for fault in faults)}
app = create_app(Path(state), faults=rates, seed=1, record=True)
serve(app, port=0, announce=lambda url: print(url, flush=True))
print("stopped", flush=True)
"""


@contextmanager
def served(state: Path, *faults: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    group = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(state), *faults],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        creationflags=group,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def stop(process: subprocess.Popen[str]) -> tuple[str, str]:
    process.send_signal(signal.CTRL_BREAK_EVENT if sys.platform == "win32" else signal.SIGTERM)
    return process.communicate(timeout=20)


def rows(state: Path, query: str) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(state)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
