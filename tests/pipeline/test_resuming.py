"""Whatever stops a run, `resume` brings it to its exact end, and the last report covers the whole run."""

from __future__ import annotations

import signal
import sys

import pytest

from ptx_bulk.journal import RunState
from ptx_bulk.model import Mode
from tests.faults import misbehaviour as bad
from tests.pipeline.conftest import QUICK, STOP, check_truth, nth_write, numbers
from tests.pipeline.stops import command, finished, interrupt, interrupt_twice, stop_politely, wait_for_writes

N = 300
WRONG = ["06 12", "n/a"]


STOPS = {
    "Ctrl-C": (interrupt, {}, 130, "INTERRUPTED"),
    "kill": (stop_politely, {}, 130, "INTERRUPTED"),
    "time limit": (lambda: None, {"time_limit": 0.15, "max_rate": 400}, 5, "TIME_LIMIT"),
}


@pytest.mark.slow
@pytest.mark.parametrize("why", STOPS)
def test_a_stopped_run_is_finished_by_resume(desk, why):
    """After Ctrl-C, a polite kill or the time limit journal and report are complete; resume does exactly the rest."""
    action, options, exit_code, code = STOPS[why]
    desk.server.behaviour = nth_write(60, action)
    stopped = desk.write(Mode.IMPORT, desk.file([*numbers(N), *WRONG]), **options)
    assert stopped.exit_code == exit_code
    lines = check_truth(stopped, desk.server)
    left = lines[lines["status"] == "not_attempted"]
    assert 0 < len(left) < N
    assert set(left["code"]) == {code}
    assert stopped.summary.counts["applied"] + len(left) == N
    assert desk.latest().state is RunState.STOPPED
    done = len(desk.server.lists[STOP])
    finished(desk, {"applied": N, "rejected": len(WRONG)})
    assert sum(call.request.method == "POST" for call in desk.server.calls) == N, "something was sent twice"
    assert done < N


@pytest.mark.slow
def test_a_second_ctrl_c_gives_up_what_hangs(desk):
    """Two interrupts end a run whose calls hang; what was in the air is unknown, and settled by resume."""
    seen = 0

    def behave(request):
        nonlocal seen
        if request.method == "GET":
            return bad.HANG if seen >= 20 else None  # the list, too, so that it cannot settle what is in the air
        seen += 1
        if seen == 20:
            interrupt_twice()
        return bad.HANG_AFTER if seen > 12 else None

    desk.server.behaviour = behave
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(N)), timeout=60.0)
    assert stopped.exit_code == 130
    lines = check_truth(stopped, desk.server)
    assert set(lines["status"]) == {"applied", "unknown", "not_attempted"}
    assert set(lines.loc[lines["status"] == "unknown", "code"]) == {"OUTCOME_UNKNOWN"}
    finished(desk, {"applied": N})


def test_ctrl_c_while_verifying_ends_the_waiting(desk):
    """An interrupt while the list is read again ends the waiting; what was applied stays so, to be verified later."""
    reads = 0

    def behave(request):
        nonlocal reads
        if request.method == "GET":
            reads += 1
            if reads == 3:
                interrupt()
                return bad.HANG
        return None

    desk.server.behaviour = behave
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(20)), timeout=60.0)
    assert (stopped.exit_code, stopped.summary.counts) == (130, {"applied": 20})
    assert stopped.summary.verified == {"yes": 0, "no": 0}
    finished(desk, {"applied": 20})


@pytest.mark.slow
def test_an_outage_stops_the_run_and_resume_ends_it(desk):
    """When the service fails for a while the run stops with exit 5; lost answers are settled by the list on resume."""
    seen = 0

    def behave(request):
        nonlocal seen
        seen += request.method == "POST"
        return bad.RESET_AFTER if 30 < seen <= 34 else bad.UNAVAILABLE if seen > 34 else None

    desk.server.behaviour = behave
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(N)))
    assert stopped.exit_code == 5
    assert "resume" in str(stopped.error)
    check_truth(stopped, desk.server)
    finished(desk, {"applied": N})


@pytest.mark.slow
def test_a_key_that_is_revoked_stops_the_run_at_once(desk):
    """A key that is refused in the middle ends with exit 6; with the key back, resume does the rest."""
    desk.server.behaviour = nth_write(50, lambda: setattr(desk.server, "_key", "changed"))
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(N)))
    assert stopped.exit_code == 6
    lines = check_truth(stopped, desk.server)
    assert set(lines.loc[lines["status"] == "not_attempted", "code"]) == {"ACCESS_REFUSED"}
    assert sum(call.effect == "refused" for call in desk.server.calls) <= QUICK.concurrency
    desk.server._key = "sandbox"
    finished(desk, {"applied": N})


def test_a_key_that_is_revoked_while_verifying_is_exit_6(desk):
    """Access refused while the lists are read again is told as such; the changes stay applied."""
    desk.server.behaviour = nth_write(20, lambda: setattr(desk.server, "_key", "changed"))
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(20)), concurrency=1)
    assert (stopped.exit_code, stopped.summary.counts) == (6, {"applied": 19, "not_attempted": 1})
    desk.server._key = "sandbox"
    finished(desk, {"applied": 20})


@pytest.mark.slow
def test_a_long_pause_stops_the_run(desk):
    """A Retry-After beyond the run's patience is exit 5 and says how long to wait."""
    desk.server.behaviour = lambda request: bad.throttled("900") if request.method == "POST" else None
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(N)))
    assert stopped.exit_code == 5
    assert "900 seconds" in str(stopped.error)
    assert not desk.server.effects
    finished(desk, {"applied": N})


def test_a_list_that_cannot_be_read_again_is_exit_5(desk):
    """When only the reading afterwards fails, all is applied, the exit code is 5, and resume verifies."""
    posts = 0

    def behave(request):
        nonlocal posts
        posts += request.method == "POST"
        return bad.ERROR if request.method == "GET" and posts else None

    desk.server.behaviour = behave
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(30)))
    assert (stopped.exit_code, stopped.summary.counts) == (5, {"applied": 30})
    assert stopped.summary.verified == {"yes": 0, "no": 0}
    finished(desk, {"applied": 30})


@pytest.mark.slow
def test_numbers_that_failed_for_a_passing_reason_are_resumed(desk):
    """Numbers given up after many failures leave the run resumable: exit 4 first, then resume sends just these."""
    unlucky = set(numbers(5, 100))

    def behave(request):
        return bad.ERROR if any(number.encode() in request.body for number in unlucky) else None

    desk.server.behaviour = behave
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(N)))
    assert (stopped.exit_code, stopped.summary.counts) == (4, {"applied": N - 5, "failed": 5})
    lines = check_truth(stopped, desk.server)
    assert set(lines.loc[lines["status"] == "failed", "code"]) == {"SERVER_ERROR"}
    finished(desk, {"applied": N})


@pytest.mark.slow
def test_resume_of_a_resume_covers_the_whole_run(desk):
    """A resume that is stopped is resumed like any run, and the last report still has one line for each value."""
    path = desk.file([*numbers(N), numbers(1)[0]])
    desk.server.behaviour = nth_write(50, interrupt)
    first = desk.write(Mode.IMPORT, path)
    for _n in range(2):
        desk.server.behaviour = nth_write(50, interrupt)
        stopped = desk.resume(concurrency=4)
        assert (stopped.exit_code, stopped.summary.run_id) == (130, first.summary.run_id)
        check_truth(stopped, desk.server)
    finished(desk, {"applied": N, "unchanged": 1})


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="nohup is POSIX")
def test_an_ignored_hangup_stays_ignored(desk):
    """Under nohup a closed terminal does not stop the run; without it, it stops softly and resumable."""
    path = desk.file(numbers(200))
    for ignored, code in ((True, 0), (False, 130)):
        before = signal.getsignal(signal.SIGHUP)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
        try:
            child = command(desk, "import", str(path), "--max-rate", "150", "--list", "stop" if ignored else "npai")
        finally:
            signal.signal(signal.SIGHUP, before)
        wait_for_writes(desk.server, 20)
        child.send_signal(signal.SIGHUP)
        assert child.wait(60) == code
        desk.server.effects.clear()
