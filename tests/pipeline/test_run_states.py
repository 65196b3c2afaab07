"""Which runs can be resumed, by whom and when; what is told before they go on."""

from __future__ import annotations

import _thread
import os
import sys
from dataclasses import replace

import pytest

from ptx_bulk import pipeline
from ptx_bulk.errors import JournalError, NotConfirmed, PtxError, RunInProgress, SafetyRefusal
from ptx_bulk.journal import RunState
from ptx_bulk.model import Mode
from tests.pipeline.conftest import QUICK, STOP, Desk, Told, nth_write, numbers, report
from tests.pipeline.stops import command, interrupt, wait_for_writes

N = 300


@pytest.mark.slow
def test_resume_of_a_run_at_work_is_refused(desk):
    """While a run works, a second run, a resume and an undo are refused with who holds the list; nothing is sent."""
    refusals: list[PtxError] = []

    def meanwhile() -> None:
        other = replace_told(desk)
        for attempt in (
            lambda: other.write(Mode.IMPORT, other.file(numbers(5, 900), "other.csv")),
            lambda: other.resume(pipeline.runs(other.settings)[0].run_id),
            lambda: other.undo(pipeline.runs(other.settings)[0].run_id),
        ):
            try:
                attempt()
            except PtxError as error:
                refusals.append(error)

    desk.server.behaviour = nth_write(50, lambda: _thread.start_new_thread(finish_then(meanwhile, done), ()))
    done: list[bool] = []
    result = desk.write(Mode.IMPORT, desk.file(numbers(N)), max_rate=50)
    assert result.summary.counts == {"applied": N}
    assert done == [True]
    assert [type(error) for error in refusals] == [RunInProgress] * 3
    assert all(result.summary.run_id in str(error) and str(os.getpid()) in str(error) for error in refusals)
    assert refusals[0].exit_code == 7
    assert len(desk.listed()) == N


def replace_told(desk: Desk) -> Desk:
    return Desk(desk.home, desk.folder, desk.server, told=Told())


def finish_then(work, done):
    def go() -> None:
        work()
        done.append(True)

    return go


def test_the_journal_is_readable_while_a_run_writes(desk):
    """`runs` and `show` answer while a run works, and say that it is running."""
    seen = []

    def look() -> None:
        run = pipeline.runs(desk.settings)[0]
        seen.append((run.state, pipeline.show(run.run_id, desk.settings).resumable))

    desk.server.behaviour = nth_write(50, look)
    desk.write(Mode.IMPORT, desk.file(numbers(N)))
    assert seen == [(RunState.RUNNING, False)]


def test_runs_of_other_accounts_are_not_resumed(desk):
    """A run belongs to the key and address that it was started with."""
    desk.server.behaviour = nth_write(50, interrupt)
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(N)))
    desk.key = "another"
    with pytest.raises(SafetyRefusal, match="another account"):
        desk.resume(stopped.summary.run_id)
    with pytest.raises(JournalError, match="no interrupted run"):
        desk.resume()


def test_a_refused_run_sent_nothing_and_is_not_resumed(desk):
    """A run that a safeguard refused cannot be resumed; its command is to be given again."""
    desk.server.preload(STOP, numbers(20))
    refused = desk.write(Mode.REMOVE, desk.file(numbers(3)), yes=True)
    assert refused.exit_code == 7
    with pytest.raises(JournalError, match="refused"):
        desk.resume(refused.summary.run_id)
    with pytest.raises(JournalError, match="no interrupted run"):
        desk.resume()


def test_a_finished_run_keeps_its_proof(desk):
    """Resuming a finished run by name writes its report anew and leaves alone what was proven."""
    first = desk.write(Mode.IMPORT, desk.file(numbers(20)))
    del desk.server.lists[STOP][numbers(1)[0]]
    again = desk.resume(first.summary.run_id)
    assert (again.exit_code, again.summary.counts, again.summary.verified) == (0, {"applied": 20}, {"yes": 20, "no": 0})
    assert len([call for call in desk.server.calls if call.request.method == "POST"]) == 20


def test_an_unverified_run_is_verified_by_resume(desk):
    """What --no-verify left open is read back when the run is resumed by name."""
    first = desk.write(Mode.IMPORT, desk.file(numbers(20)), verify=False)
    assert first.summary.verified == {"yes": 0, "no": 0}
    again = desk.resume(first.summary.run_id)
    assert again.summary.verified == {"yes": 20, "no": 0}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and SIGHUP are POSIX")
def test_a_killed_run_shows_as_resumable(desk):
    """After kill -9 `runs` says stopped and `show` how to go on; another run on the list is free to start."""
    path = desk.file(numbers(300))
    child = command(desk, "import", str(path), "--max-rate", "200")
    wait_for_writes(desk.server, 20)
    child.kill()
    child.wait()
    # Another program has the number of the killed process now.
    for holder in (desk.home / "locks").glob("*.holder.json"):
        holder.write_text(holder.read_text().replace(str(child.pid), str(os.getpid())))
    run = desk.latest()
    assert run.state is RunState.STOPPED
    assert pipeline.show(run.run_id, desk.settings).resumable
    other = desk.write(Mode.IMPORT, desk.file(numbers(3, 9000), "other.csv"))
    assert other.exit_code == 0
    with pytest.raises(NotConfirmed, match=run.run_id):
        desk.resume()
    result = desk.resume(run.run_id, yes=True)
    assert (result.summary.run_id, result.summary.counts) == (run.run_id, {"applied": 300})
    assert max(desk.server.effects.values()) == 1


@pytest.mark.slow
def test_a_forecast_is_told_even_when_nobody_is_asked(desk):
    """A long plan says calls, time and rate before it starts; a short one doesn't; a question carries it, too."""
    desk.write(Mode.IMPORT, desk.file(numbers(499)))
    assert desk.told.notices == []
    desk.write(Mode.IMPORT, desk.file(numbers(600, 1000)), max_rate=2000)
    assert desk.told.notices[0].startswith("600 calls, about ")
    asked = Told(answer=False)
    refused = desk.write(Mode.IMPORT, desk.file(numbers(3, 5000)), told=asked)
    assert (refused.exit_code, asked.asked) == (7, ["3 calls, about 1 s at 80/s"])
    assert report(refused)["code"].unique().tolist() == ["NOT_CONFIRMED"]


@pytest.mark.slow
def test_resume_keeps_the_pace_that_the_run_was_given(desk):
    """A rate limit given to the run holds for its resume, too, unless another one is given."""
    desk.server.behaviour = nth_write(20, interrupt)
    desk.write(Mode.IMPORT, desk.file(numbers(1500)), max_rate=90.0)  # less than any machine's loopback gives
    desk.told.notices.clear()
    desk.server.behaviour = nth_write(20, interrupt)
    desk.resume(time_limit=0.5)
    desk.resume(max_rate=60.0, time_limit=0.0)
    assert [notice.rsplit(" at ", 1)[1] for notice in desk.told.notices] == ["90/s", "60/s"]


@pytest.mark.slow
def test_a_resumed_run_tells_the_rest(desk):
    """Resume says how many calls are left and how long they take."""
    desk.server.behaviour = nth_write(50, interrupt)
    desk.write(Mode.IMPORT, desk.file(numbers(1500)))
    desk.told.notices.clear()
    desk.server.behaviour = lambda _request: None
    desk.resume(policy=replace(QUICK.policy, attempts=3))
    assert any(" calls, about " in notice for notice in desk.told.notices)
