"""What was in the air when a run was cut off: told apart by the lists, and never taken for somebody else's work."""

from __future__ import annotations

import sys

import pytest

from ptx_bulk.model import Mode
from tests.faults import misbehaviour as bad
from tests.pipeline.conftest import ALLOWED, NPAI, STOP, check_truth, nth_write, numbers
from tests.pipeline.stops import command, finished, interrupt, interrupt_twice, wait_for_writes

N = 300


def test_a_removal_that_was_cut_off_spares_newer_entries(desk):
    """On resume a removal whose entry was replaced meanwhile is not sent: somebody's newer STOP stays, and is told."""
    desk.server.preload(NPAI, numbers(N))
    desk.server.behaviour = nth_write(50, interrupt)
    desk.write(Mode.REMOVE, desk.file(numbers(N)), NPAI, yes=True, safeguards=ALLOWED)
    left = desk.listed(NPAI)[-1]
    del desk.server.lists[NPAI][left]
    desk.server.preload(NPAI, [left])
    desk.server.behaviour = lambda _request: None
    result = desk.resume()
    lines = check_truth(result, desk.server)
    assert result.summary.counts == {"applied": N - 1, "not_attempted": 1}
    assert lines.loc[lines["e164"] == left, "code"].tolist() == ["PLAN_STALE"]
    assert desk.listed(NPAI) == [left]


def test_a_number_with_two_spellings_is_resumed_between_them(desk):
    """A run cut off after the first of two spellings removes the second one on resume."""
    desk.server.preload(NPAI, ["+33600000000", "0600000000"])
    gone = []

    def behave(request):
        if request.method == "DELETE":
            gone.append(request.target)
            if len(gone) > 1:
                return bad.ERROR
        return None

    desk.server.behaviour = behave
    first = desk.write(Mode.REMOVE, desk.file(["0600000000"]), NPAI, yes=True, safeguards=ALLOWED)
    assert first.exit_code == 4
    assert len(desk.listed(NPAI)) == 1
    desk.server.behaviour = lambda _request: None
    result = desk.resume()
    assert (result.exit_code, result.summary.counts) == (0, {"applied": 1})
    assert desk.listed(NPAI) == []


def test_what_somebody_else_did_meanwhile_is_not_ours(desk):
    """A number that was never sent and is listed by the time of the resume is unchanged, not applied."""
    desk.server.behaviour = nth_write(50, interrupt)
    desk.write(Mode.IMPORT, desk.file(numbers(N)))
    other = numbers(N)[-1]
    assert other not in desk.listed()
    desk.server.preload(STOP, [other])
    desk.server.behaviour = lambda _request: None
    result = desk.resume()
    lines = check_truth(result, desk.server)
    assert result.summary.counts == {"applied": N - 1, "unchanged": 1}
    assert lines.loc[lines["e164"] == other, "code"].tolist() == ["ALREADY_LISTED"]


def test_a_call_that_lands_after_the_resume_looked_is_the_runs_own(desk):
    """A change in doubt that the list does not show yet is sent again, and "exists already" proves it was ours."""
    desk.server._listed_code = 15
    honest = nth_write(8, interrupt_twice)

    def hang(request):
        honest(request)
        return bad.HANG if request.method == "POST" else None

    desk.server.behaviour = hang
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(8)), timeout=60.0)
    assert stopped.exit_code == 130
    looked = []

    def late(request):
        if request.method == "GET" and not looked:
            looked.append(request)
        elif request.method == "POST" and len(looked) == 1:
            looked.append(request)
            for number in numbers(8):  # now the lost calls land
                if number not in desk.server.lists[STOP]:
                    desk.server.preload(STOP, [number])
                    desk.server.effects[STOP, number, "added"] += 1

    desk.server.behaviour = late
    result = desk.resume()
    assert result.summary.counts == {"applied": 8}
    check_truth(result, desk.server)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_removals_that_a_killed_run_could_not_note_raise_no_suspicion(desk):
    """A list that shrank by what was in the air at a kill -9 is trusted: those removals were the run's own."""
    desk.server.preload(NPAI, numbers(40))
    desk.server.behaviour = lambda request: bad.HANG_AFTER if request.method == "DELETE" else None
    child = command(desk, "remove", str(desk.file(numbers(30))), "--list", "npai", "--yes", "--max-removals", "100%")
    wait_for_writes(desk.server, 8)
    child.kill()
    child.wait()
    for number in desk.listed(NPAI)[: 30 - len(desk.server.effects)]:  # the rest of what it was about to send
        desk.server.lists[NPAI].pop(number)
        desk.server.effects[NPAI, number, "removed"] += 1
    finished(desk, {"applied": 30})
