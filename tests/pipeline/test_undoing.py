"""`undo` takes back what a run itself changed, only that, and only where the list still is as the run left it."""

from __future__ import annotations

import pytest

from ptx_bulk import pipeline
from ptx_bulk.errors import JournalError, SafetyRefusal
from ptx_bulk.journal import RunState
from ptx_bulk.model import Mode
from ptx_bulk.plan import Safeguards
from tests.faults import misbehaviour as bad
from tests.pipeline.conftest import ALLOWED, NPAI, STOP, Desk, Told, check_truth, nth_write, numbers, report
from tests.pipeline.stops import interrupt, interrupt_twice

REASON = Safeguards(reason="imported by mistake")


def imported(desk: Desk, n: int = 30, known: int = 10) -> str:
    """A run that added `n - known` numbers to a list which held `known` of them already."""
    desk.server.preload(STOP, numbers(known))
    result = desk.write(Mode.IMPORT, desk.file(numbers(n)))
    assert result.summary.counts.get("applied") == n - known
    desk.server.effects.clear()
    return result.summary.run_id


def test_only_what_the_run_applied_is_taken_back(desk):
    """Numbers that were listed before the run stay; those it added go, each proven by the list."""
    run_id = imported(desk)
    result = desk.undo(run_id, yes=True, safeguards=REASON)
    lines = check_truth(result, desk.server)
    assert (result.exit_code, result.summary.counts) == (0, {"applied": 20})
    assert set(lines["code"]) == {"REMOVED"}
    assert result.summary.verified == {"yes": 20, "no": 0}
    assert desk.listed() == numbers(10)


@pytest.mark.slow
def test_an_undo_is_a_run_of_its_own(desk):
    """It stands in the history with its parent and reason, and can be undone in turn."""
    run_id = imported(desk)
    undone = desk.undo(run_id, yes=True, safeguards=REASON)
    shown = pipeline.show(undone.summary.run_id, desk.settings)
    assert (shown.record.command, shown.record.parent) == ("undo", run_id)
    assert (shown.record.reason, shown.done) == ("imported by mistake", {"applied": 20})
    desk.server.effects.clear()
    back = desk.undo(undone.summary.run_id)
    assert (back.exit_code, back.summary.counts) == (0, {"applied": 20})
    assert desk.listed() == numbers(30)


@pytest.mark.slow
def test_taking_back_stops_needs_yes_and_a_reason_only(desk):
    """Undoing an import of STOPs wants `--yes` and a reason, no `--allow-stop-removal` and no limit; else exit 7."""
    run_id = imported(desk, known=0)
    silent = desk.undo(run_id, safeguards=REASON)
    assert (silent.exit_code, silent.summary.counts) == (7, {"not_attempted": 30})
    assert "--yes" in str(silent.error)
    groundless = desk.undo(run_id, yes=True)
    assert groundless.exit_code == 7
    assert "--reason" in str(groundless.error)
    assert "--allow-stop-removal" not in str(groundless.error)
    assert set(report(groundless)["code"]) == {"PROTECTED"}
    assert not desk.server.effects
    asked = desk.undo(run_id, safeguards=REASON, told=Told(answer=True))
    assert (asked.exit_code, desk.listed()) == (0, [])


def test_newer_entries_stay(desk):
    """A number that was removed and listed again since is somebody's newer STOP: kept, and said to be."""
    run_id = imported(desk, known=0)
    newer, gone, doubled = numbers(3)
    del desk.server.lists[STOP][newer], desk.server.lists[STOP][gone]
    desk.server.preload(STOP, [newer, f"0{doubled[3:]}"])
    result = desk.undo(run_id, yes=True, safeguards=REASON)
    lines = check_truth(result, desk.server).set_index("e164")
    assert (lines.loc[newer, "status"], lines.loc[newer, "code"]) == ("not_attempted", "PLAN_STALE")
    assert (lines.loc[gone, "status"], lines.loc[gone, "code"]) == ("unchanged", "NOT_LISTED")
    assert lines.loc[doubled, "code"] == "PLAN_STALE"
    assert desk.listed() == sorted([newer, doubled, f"0{doubled[3:]}"])


def test_a_dry_run_tells_and_changes_nothing(desk):
    """`--dry-run` reports what would be taken back, and neither sends nor starts a run."""
    run_id = imported(desk)
    result = desk.undo(run_id, dry_run=True)
    assert (result.exit_code, result.summary.counts) == (0, {"planned": 20})
    assert len(report(result)) == 20
    assert not desk.server.effects
    assert [run.run_id for run in pipeline.runs(desk.settings)] == [run_id]


def test_a_removal_is_put_back(desk):
    """Undoing a removal lists the numbers again; those that somebody listed meanwhile are left as they are."""
    desk.server.preload(NPAI, numbers(20))
    run = desk.write(Mode.REMOVE, desk.file(numbers(5)), NPAI, yes=True)
    assert run.summary.counts == {"applied": 5}
    desk.server.preload(NPAI, numbers(1))
    desk.server.effects.clear()
    result = desk.undo(run.summary.run_id)
    check_truth(result, desk.server)
    assert result.summary.counts == {"unchanged": 1, "applied": 4}
    assert desk.listed(NPAI) == numbers(20)


def test_a_sync_is_undone_both_ways(desk):
    """What a sync added goes, what it removed comes back."""
    desk.server.preload(NPAI, numbers(20))
    run = desk.write(Mode.SYNC, desk.file(numbers(20, 5)), NPAI, yes=True)
    assert run.summary.counts == {"unchanged": 15, "applied": 10}
    desk.server.effects.clear()
    result = desk.undo(run.summary.run_id, yes=True)
    check_truth(result, desk.server)
    assert desk.listed(NPAI) == numbers(20)


@pytest.mark.slow
def test_what_a_cut_off_run_could_not_note_is_taken_back_too(desk):
    """Undoing a run that was given up in the air settles first what it did: its lost changes are its own."""
    seen = 0

    def behave(request):
        nonlocal seen
        if request.method == "GET":
            return bad.HANG if seen >= 30 else None  # so that it cannot settle what is in the air
        seen += 1
        if seen == 30:
            interrupt_twice()
        return bad.HANG_AFTER if seen > 25 else None

    desk.server.behaviour = behave
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(100)), timeout=60.0)
    assert stopped.summary.counts["unknown"] > 0
    desk.server.behaviour = lambda _request: None
    listed = len(desk.listed())
    desk.server.effects.clear()
    dry = desk.undo(stopped.summary.run_id, dry_run=True)
    result = desk.undo(stopped.summary.run_id, yes=True, safeguards=REASON)
    assert dry.summary.counts == {"planned": listed}
    assert (result.summary.counts, desk.listed()) == ({"applied": listed}, [])


def test_a_run_that_was_undone_is_not_resumed(desk):
    """After an undo, resume neither finds the run by itself nor takes it by name: it would do again what was undone."""
    desk.server.behaviour = nth_write(30, interrupt)
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(100)))
    desk.server.behaviour = lambda _request: None
    desk.undo(stopped.summary.run_id, yes=True, safeguards=REASON)
    with pytest.raises(JournalError, match="no interrupted run"):
        desk.resume()
    with pytest.raises(JournalError, match="taken back"):
        desk.resume(stopped.summary.run_id)
    assert desk.listed() == []


@pytest.mark.slow
def test_an_undo_is_resumed_like_any_run(desk):
    """An undo that was interrupted is finished by resume, with the same protection of newer entries."""
    run_id = imported(desk, 200, 0)
    desk.server.behaviour = nth_write(40, interrupt)
    stopped = desk.undo(run_id, yes=True, safeguards=REASON)
    assert stopped.exit_code == 130
    desk.server.behaviour = lambda _request: None
    newer = desk.listed()[-1]
    del desk.server.lists[STOP][newer]
    desk.server.preload(STOP, [newer])
    result = desk.resume()
    check_truth(result, desk.server)
    assert result.summary.counts == {"applied": 199, "not_attempted": 1}
    assert desk.listed() == [newer]
    assert desk.latest().state is RunState.FINISHED


def test_the_same_undo_again_finds_nothing(desk):
    """A second undo of the same run has nothing to take back."""
    run_id = imported(desk)
    desk.undo(run_id, yes=True, safeguards=REASON)
    again = desk.undo(run_id, yes=True, safeguards=REASON)
    assert (again.exit_code, again.summary.counts) == (0, {"unchanged": 20})


def test_another_accounts_run_is_not_undone(desk):
    """The key of another account cannot take a run back."""
    run_id = imported(desk)
    desk.key = "another"
    with pytest.raises(SafetyRefusal, match="another account"):
        desk.undo(run_id, yes=True, safeguards=ALLOWED)
    assert not desk.server.effects
