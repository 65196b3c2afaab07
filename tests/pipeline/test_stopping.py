"""Stopping a run in any part of its work: in time, with a report, and never by an exception in the middle of things."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from ptx_bulk.applying import Patience
from ptx_bulk.errors import Interrupted, TimeLimitReached
from ptx_bulk.model import Mode
from tests.conftest import ROOT
from tests.faults import Fault, FaultyServer, always
from tests.faults import misbehaviour as bad
from tests.pipeline.conftest import ALLOWED, NPAI, QUICK, Desk, Told, check_truth, nth_write, numbers
from tests.pipeline.stops import finished, interrupt, send

N = 60
SOON = 25.0  # what a scheduler grants before it kills
DRIP = Fault("drip", lambda _reply: b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b" " * 9000, pause=0.5)
NAMES = [name for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]


def from_write(n: int, fault: Fault, action=lambda: None):
    """Honest until the n-th write; then something is done, and every call meets the fault."""
    reached = False

    def reach() -> None:
        nonlocal reached
        reached = True
        action()

    count = nth_write(n, reach)

    def behave(request):
        count(request)
        return fault if reached else None

    return behave


def later(seconds: float, *signals: str):
    """Send this process these signals after a while, one after the other."""

    def go() -> None:
        for name in signals:
            send(getattr(signal, name))

    threading.Timer(seconds, go).start()


@pytest.mark.slow
@pytest.mark.parametrize("fault", [bad.HANG_AFTER, DRIP], ids=repr)
@pytest.mark.parametrize("why", ["SIGTERM", "time limit"])
def test_a_server_that_stops_answering_does_not_hold_a_stop(desk, fault, why):
    """Whatever the server does, a run ends within 25 s of a signal or of its time limit, report included."""
    stopping = (lambda: later(0.2, "SIGTERM")) if why == "SIGTERM" else (lambda: None)
    desk.server.behaviour = from_write(20, fault, stopping)
    began = time.monotonic()
    options = {} if why == "SIGTERM" else {"time_limit": 0.5}
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(N)), timeout=60.0, **options)
    assert time.monotonic() - began < SOON
    assert stopped.exit_code == (130 if why == "SIGTERM" else 5)
    lines = check_truth(stopped, desk.server)
    unknown = lines[lines["status"] == "unknown"]
    assert set(unknown["code"]) == {"OUTCOME_UNKNOWN"}
    assert 0 < len(unknown) <= QUICK.concurrency
    finished(desk, {"applied": N})


@pytest.mark.parametrize("name", NAMES)
def test_every_signal_stops_softly(desk, name):
    """Each signal that asks a program to end stops the run with its report, exit 130, and nothing in doubt."""
    desk.server.behaviour = nth_write(20, lambda: send(getattr(signal, name)))
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(300)))
    assert isinstance(stopped.error, Interrupted)
    lines = check_truth(stopped, desk.server)
    assert set(lines["status"]) == {"applied", "not_attempted"}
    finished(desk, {"applied": 300})


@pytest.mark.parametrize("often", [1, 2, 50])
@pytest.mark.parametrize("where", ["sending", "verifying", "waiting"])
def test_interrupts_lose_nothing_wherever_they_come(desk, where, often):
    """One interrupt or fifty in a row, while sending, verifying or waiting for the list: exit 130, all is reported."""
    desk.server._late = 3600.0 if where == "waiting" else 0.0
    reads = 0

    def behave(request):
        nonlocal reads
        reads += request.method == "GET"
        due = {"sending": len(desk.server.effects) == 30, "verifying": reads == 3, "waiting": reads == 5}[where]
        if due and not done:
            done.append(True)
            later(0.0, *["SIGINT"] * often)
            return bad.SLOW_DRIP if where == "verifying" else None
        return None

    done: list[bool] = []
    desk.server.behaviour = behave
    patience = Patience(seconds=3600.0, first=0.02, longest=0.05)
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(N)), patience=patience)
    assert (stopped.exit_code, type(stopped.error)) == (130, Interrupted)
    lines = check_truth(stopped, desk.server)
    assert len(lines) == N
    if where != "sending":
        assert (stopped.summary.counts, stopped.summary.verified) == ({"applied": N}, {"yes": 0, "no": 0})
    desk.server._late = 0.0
    finished(desk, {"applied": N})


def test_what_a_look_showed_before_the_interrupt_counts(desk):
    """An interrupt while the list is waited for keeps what it showed already; the rest is left open, not refuted."""
    hidden = set(numbers(3))
    desk.server._late = 3600.0
    seen = 0

    def behave(request):
        nonlocal seen
        if request.method == "GET":
            desk.server._changed = [change for change in desk.server._changed if change[2] in hidden]
            seen += 1
            if seen == 5:
                interrupt()

    desk.server.behaviour = behave
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(N)), patience=Patience(seconds=3600.0, first=0.02))
    assert (stopped.exit_code, stopped.summary.counts) == (130, {"applied": N})
    assert stopped.summary.verified == {"yes": N - 3, "no": 0}
    desk.server._late = 0.0
    finished(desk, {"applied": N})


@pytest.mark.slow
def test_claims_of_an_interrupted_run_are_settled_by_one_look(desk):
    """After an interrupt the list is read once: what it shows is settled, what it does not show stays unknown."""
    theirs, hidden = numbers(2), numbers(2, 2)

    def behave(request):
        body = request.body.decode()
        if any(number in body for number in theirs):
            desk.server.preload(NPAI, [number for number in theirs if number in body])
            return bad.REFUSED_AS_LISTED
        return bad.REFUSED_AS_LISTED if any(number in body for number in hidden) else stopping(request)

    stopping = nth_write(20, interrupt)
    desk.server.behaviour = behave
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(300)), NPAI, patience=Patience(seconds=3600.0))
    lines = check_truth(stopped, desk.server).set_index("e164")
    assert stopped.exit_code == 130
    assert set(lines.loc[theirs, "status"]) == {"unchanged"}
    assert set(lines.loc[hidden, "status"] + lines.loc[hidden, "code"]) == {"unknownOUTCOME_UNKNOWN"}
    desk.server.behaviour = lambda _request: None
    result = desk.resume()
    assert result.summary.counts == {"applied": 298, "unchanged": 2}


@pytest.mark.slow
def test_time_is_up_for_the_verification_too(desk):
    """The waiting for a list that lags ends soon after the time limit, resumable, with nothing refuted."""
    desk.server._late = 3600.0
    told = Told()
    began = time.monotonic()
    stopped = desk.write(
        Mode.IMPORT, desk.file(numbers(5)), time_limit=1.0, patience=Patience(seconds=3600.0, first=0.1), told=told
    )
    assert time.monotonic() - began < SOON
    assert isinstance(stopped.error, TimeLimitReached)
    assert (stopped.exit_code, stopped.summary.counts) == (5, {"applied": 5})
    assert told.notices == ["Waiting for the list to show 5 changes."]
    desk.server._late = 0.0
    finished(desk, {"applied": 5})


@pytest.mark.slow
def test_a_first_reading_that_hangs_ends_soon_after_the_time_limit(desk):
    """With a time limit a list that cannot be read at the start ends the command soon after it; nothing was sent."""
    desk.server.behaviour = always(bad.HANG)
    began = time.monotonic()
    with pytest.raises(TimeLimitReached, match="nothing was sent"):
        desk.write(Mode.IMPORT, desk.file(numbers(5)), timeout=60.0, time_limit=1.0)
    assert time.monotonic() - began < SOON


@pytest.mark.slow
def test_the_worst_end_gives_the_exit_code(desk):
    """A key that is refused after the time limit was reached is exit 6: access refused counts before stopped early."""

    def behave(request):
        if request.method == "GET" and desk.server.effects:
            desk.server._key = "changed"
        return bad.HANG_AFTER if len(desk.server.effects) > 20 and request.method == "POST" else None

    desk.server.behaviour = behave
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(N)), time_limit=0.5, timeout=3.0)
    assert stopped.exit_code == 6
    desk.server._key = "sandbox"
    finished(desk, {"applied": N})


def test_signals_are_handled_as_before_once_the_run_is_over(desk):
    """Handlers that stood before a run stand again after it, also after one that failed to start."""
    before = {name: signal.getsignal(getattr(signal, name)) for name in NAMES}
    desk.write(Mode.IMPORT, desk.file(numbers(3)))
    assert {name: signal.getsignal(getattr(signal, name)) for name in NAMES} == before


def test_a_run_in_another_thread_works(desk):
    """A program may start a run outside its main thread; signals stay the program's own affair."""
    results = []
    thread = threading.Thread(target=lambda: results.append(desk.write(Mode.IMPORT, desk.file(numbers(20)))))
    thread.start()
    thread.join(60)
    assert results[0].summary.counts == {"applied": 20}


def test_left_over_changes_are_exit_4(desk):
    """A removal that is left alone because its entry is another one now makes exit 4, in a resume as in an undo."""
    result = desk.write(Mode.IMPORT, desk.file(numbers(5)), NPAI)
    left = desk.listed(NPAI)[-1]
    del desk.server.lists[NPAI][left]
    desk.server.preload(NPAI, [left])
    undone = desk.undo(result.summary.run_id, yes=True, safeguards=ALLOWED)
    assert (undone.exit_code, undone.summary.counts) == (4, {"applied": 4, "not_attempted": 1})


@pytest.mark.parametrize(("values", "code"), [(numbers(3), 10), ([*numbers(3), "06 12"], 10), ([], 9)])
def test_the_report_of_a_diff_says_its_exit_code(desk, values, code):
    """With --exit-code, the report holds 9 or 10 as the process ends with, whatever the lines say."""
    desk.server.preload(NPAI, numbers(1, 90))
    path = desk.folder / "out.json"
    result = desk.diff(Mode.IMPORT, desk.file([*values, *numbers(1, 90)]), NPAI, exit_code=True, report=[path])
    assert result.exit_code == code
    assert json.loads(path.read_text(encoding="utf-8"))["summary"]["exit_code"] == code


_LOOKUP_THAT_HANGS = """
import asyncio, sys, time
from ptx_bulk.applying import run

async def work():
    hanging = asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)
    await asyncio.sleep(0.1)
    return "done"

print(run(work()), flush=True)
"""


def test_a_name_server_that_hangs_holds_neither_run_nor_process():
    """What cannot be interrupted is left behind: the loop ends with its work, and the process with the loop."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _LOOKUP_THAT_HANGS], cwd=ROOT, capture_output=True, text=True, timeout=50, check=True
    )
    assert done.stdout.strip() == "done"
    assert time.monotonic() - began < 30


def test_bounded_reading_of_a_server_that_only_hangs(tmp_path):
    """Without any stop, lists that never answer end as an error after a bounded number of tries."""
    (tmp_path / "files").mkdir()
    with FaultyServer(always(bad.HANG)).running() as server:
        desk = Desk(tmp_path / "home", tmp_path / "files", server)
        with pytest.raises(Exception, match="--timeout"):
            desk.write(
                Mode.IMPORT,
                desk.file(numbers(3)),
                timeout=0.2,
                policy=replace(QUICK.policy, attempts=1000, longest_failing=0.5),
            )
    assert len(server.calls) < 20
