"""Ways to stop a run from outside, and the proof that resume brought it to its end."""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from ptx_bulk.errors import NothingToResume
from ptx_bulk.journal import RunState
from tests.conftest import ROOT
from tests.faults import FaultyServer
from tests.pipeline.conftest import Desk, check_truth


def send(number: signal.Signals) -> None:
    """Send this process a signal as a terminal or another process does."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        _thread.interrupt_main(number)


def interrupt() -> None:
    """What Ctrl-C does."""
    send(signal.SIGINT)


def interrupt_twice() -> None:
    """Ctrl-C, and again by somebody who won't wait: late enough that a busy machine does not take both for one."""
    interrupt()
    threading.Timer(0.6, interrupt).start()


def stop_politely() -> None:
    """What `kill` does."""
    send(signal.SIGTERM)


def finished(desk: Desk, expected: dict[str, int], run_id: str | None = None) -> None:
    """Resume, and check that the run ended as if nothing had happened."""
    desk.server.behaviour = lambda _request: None
    result = desk.resume(run_id)
    assert result.error is None
    assert result.summary.counts == expected
    lines = check_truth(result, desk.server)
    assert set(lines.loc[lines["status"] == "applied", "verified"]) == {"yes"}
    assert result.summary.verified == {"yes": expected["applied"], "no": 0}
    assert desk.latest().state is RunState.FINISHED
    with pytest.raises(NothingToResume):
        desk.resume()


def command(desk: Desk, *arguments: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PTX_HOME": str(desk.home), "PTX_API_KEY": desk.key, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "ptx_bulk", *arguments, "--base-url", desk.server.url, "--quiet"],
        cwd=desk.folder,
        env=env,
    )


def wait_for_writes(server: FaultyServer, n: int) -> None:
    until = time.monotonic() + 60
    while len(server.effects) < n and time.monotonic() < until:
        time.sleep(0.01)
    assert len(server.effects) >= n
