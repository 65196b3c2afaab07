"""What was in the air when a run was cut off: told apart by the lists, and never taken for somebody else's work."""

from __future__ import annotations

import sys
import time

import pytest

from ptx_bulk.model import Mode
from tests.faults import misbehaviour as bad
from tests.faults import scripted
from tests.pipeline.conftest import ALLOWED, NPAI, STOP, check_truth, nth_write, numbers, report
from tests.pipeline.stops import command, finished, interrupt, interrupt_twice, wait_for_writes

N = 300


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("true", [pytest.param(True, marks=pytest.mark.slow), False])
def test_a_claim_survives_a_kill(desk, true):
    """What the API only claimed before a kill -9 is settled by resume: unchanged where listed, else sent again."""
    theirs = numbers(20)

    def behave(request):
        if request.method == "POST" and true:
            desk.server.preload(STOP, [number for number in theirs if number in request.body.decode()])
        if request.method == "GET" and len(desk.server.calls) > 20:
            return bad.HANG
        return bad.REFUSED_AS_LISTED if request.method == "POST" else None

    desk.server.behaviour = behave
    child = command(desk, "import", str(desk.file(theirs)))
    until = time.monotonic() + 60
    while desk.server.calls[-1:] == [] or desk.server.calls[-1].fault != "hang":
        assert time.monotonic() < until
        time.sleep(0.01)
    child.kill()
    child.wait()
    desk.server.behaviour = lambda _request: None
    result = desk.resume()
    assert (result.exit_code, result.summary.counts) == (0, {"unchanged" if true else "applied": 20})
    lines = check_truth(result, desk.server)
    assert set(lines["code"]) == {"ALREADY_LISTED" if true else "ADDED"}
    assert lines["message"].str.contains("already exists").all() == true


def test_somebody_elses_entry_is_not_counted_as_ours(desk):
    """A refuted claim whose number is listed by the time of the resume is unchanged, as is an entry with another id."""
    claimed, vanished, pending = numbers(1), numbers(1, 1), numbers(1, 2)

    def behave(request):
        body = request.body.decode()
        return bad.REFUSED_AS_LISTED if any(number in body for number in claimed) else None

    desk.server.behaviour = behave
    desk.server._late = 3600.0
    first = desk.write(Mode.IMPORT, desk.file([*claimed, *vanished, *pending]))
    assert (first.exit_code, first.summary.counts) == (4, {"failed": 3})
    desk.server._late = 0.0
    del desk.server.lists[STOP][vanished[0]]
    desk.server.effects.pop((STOP, vanished[0], "added"))
    desk.server.preload(STOP, [*claimed, *vanished])
    desk.server.behaviour = lambda _request: None
    result = desk.resume()
    lines = check_truth(result, desk.server).set_index("e164")
    assert result.summary.counts == {"applied": 1, "unchanged": 2}
    assert set(lines.loc[[*claimed, *vanished], "code"]) == {"ALREADY_LISTED"}
    assert lines.loc[pending[0], "code"] == "APPLIED_AFTER_CHECK"


@pytest.mark.parametrize("lost", [True, False])
def test_a_claim_after_a_lost_answer_is_our_own_work(desk, lost):
    """A claim that the list confirms is applied where a call of ours was lost before, else unchanged."""
    desk.server._listed_code = 15
    desk.server.behaviour = scripted([None, None, bad.RESET_AFTER] if lost else [None, None])
    if not lost:
        desk.server.behaviour = nth_write(1, lambda: desk.server.preload(STOP, numbers(1)))
    result = desk.write(Mode.IMPORT, desk.file(numbers(1)))
    lines = check_truth(result, desk.server)
    found = lines.iloc[0][["status", "code", "verified"]].tolist()
    assert found == (["applied", "APPLIED_AFTER_CHECK", "yes"] if lost else ["unchanged", "ALREADY_LISTED", "yes"])


def test_a_false_claim_after_a_lost_answer_is_refuted(desk):
    """A claim after a lost answer that the list does not confirm is failed with the API's words, and sent by resume."""
    desk.server.behaviour = scripted([None, None, bad.RESET_BEFORE, bad.REFUSED_AS_LISTED])
    result = desk.write(Mode.IMPORT, desk.file(numbers(1)))
    line = check_truth(result, desk.server).iloc[0]
    assert line[["status", "code", "verified"]].tolist() == ["failed", "VERIFY_MISMATCH", "no"]
    assert "already exists" in line["message"]
    finished(desk, {"applied": 1})


@pytest.mark.parametrize("kept", [[0], [1], [0, 1]])
def test_a_number_kept_under_one_spelling_is_not_removed(desk, kept):
    """A removal under two spellings fails while either is left on the list, whatever the API says of it."""
    spellings = ["+33600000000", "0600000000"]
    desk.server.preload(NPAI, spellings)
    words = ["%2B33600000000", "=0600000000"]

    def behave(request):
        kept_now = any(words[n] in request.target for n in kept)
        return bad.KEPT if request.method == "DELETE" and kept_now else None

    desk.server.behaviour = behave
    result = desk.write(Mode.REMOVE, desk.file(["0600000000"]), NPAI, yes=True, safeguards=ALLOWED)
    assert result.exit_code == 4
    assert report(result).iloc[0][["status", "code", "verified"]].tolist() == ["failed", "VERIFY_MISMATCH", "no"]
    desk.server.behaviour = lambda _request: None
    assert desk.resume().summary.counts == {"applied": 1}
    assert desk.listed(NPAI) == []


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
