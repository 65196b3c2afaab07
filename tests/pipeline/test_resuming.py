"""Whatever stops a run, `resume` brings it to its exact end, and the last report covers the whole run."""

from __future__ import annotations

import _thread
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ptx_bulk import pipeline
from ptx_bulk.errors import Interrupted, JournalError, PtxError, ReportError, RunInProgress, SafetyRefusal
from ptx_bulk.journal import RunState
from ptx_bulk.model import Mode
from tests.conftest import ROOT
from tests.faults import FaultyServer
from tests.faults import misbehaviour as bad
from tests.pipeline.conftest import ALLOWED, NPAI, QUICK, STOP, Desk, Told, check_truth, nth_write, numbers, report

N = 300
WRONG = ["06 12", "n/a"]


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
    """Ctrl-C, and again by somebody who won't wait."""
    interrupt()
    threading.Timer(0.2, interrupt).start()


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
    with pytest.raises(JournalError, match="no interrupted run"):
        desk.resume()


STOPS = {
    "Ctrl-C": (interrupt, {}, 130, "INTERRUPTED"),
    "kill": (stop_politely, {}, 130, "INTERRUPTED"),
    "time limit": (lambda: None, {"time_limit": 0.15, "max_rate": 400}, 5, "TIME_LIMIT"),
}


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


def test_a_second_ctrl_c_gives_up_what_hangs(desk):
    """Two interrupts end a run whose calls hang; what was in the air is unknown, and settled by resume."""
    seen = 0

    def behave(request):
        nonlocal seen
        if request.method == "GET":
            return None
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


@pytest.mark.parametrize("how", ["folder gone", "name taken"])
def test_a_report_that_cannot_be_written_is_written_by_resume(desk, how):
    """When the report fails, the changes are done and said to be; resume sends nothing and writes the report."""
    place = desk.folder / "reports"
    place.mkdir()
    path = place / "out.csv"

    def hinder() -> None:
        if how == "folder gone":
            place.rmdir()
        else:
            path.write_text("somebody's")

    told = Told(after_sending=hinder)
    with pytest.raises(ReportError, match="resume") as caught:
        desk.write(Mode.IMPORT, desk.file(numbers(20)), report=[path], told=told)
    assert desk.latest().run_id in str(caught.value)
    assert len(desk.listed()) == 20
    assert desk.latest().state is RunState.STOPPED
    assert pipeline.show(desk.latest().run_id, desk.settings).resumable
    sent = len([call for call in desk.server.calls if call.request.method == "POST"])
    finished(desk, {"applied": 20})
    assert len([call for call in desk.server.calls if call.request.method == "POST"]) == sent


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_stops_the_run_and_resume_ends_it(desk):
    """When the journal cannot grow any more nothing more is sent; with room again, resume brings the run to its end."""
    import resource

    def fill() -> None:
        size = sum(path.stat().st_size for path in desk.home.glob("journal*")) // 2
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    desk.server.behaviour = nth_write(100, fill)
    try:
        with pytest.raises(JournalError, match="resume"):
            desk.write(Mode.IMPORT, desk.file(numbers(1500)), max_rate=2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    sent = len(desk.server.effects)
    assert 100 <= sent < 1500
    assert desk.latest().state is RunState.STOPPED
    finished(desk, {"applied": 1500})


def test_the_input_may_be_gone(desk, tmp_path):
    """Resume needs the journal alone; only the rejects file needs the input, and its lack is said."""
    path = desk.file([*numbers(N), *WRONG])
    desk.server.behaviour = nth_write(60, interrupt)
    stopped = desk.write(Mode.IMPORT, path)
    assert any("rejects" in name for name in stopped.summary.reports)
    path.unlink()
    finished(desk, {"applied": N, "rejected": len(WRONG)})
    assert any("rejects" in notice for notice in desk.told.notices)


def test_resume_works_from_another_folder(desk, tmp_path, monkeypatch):
    """A run on a file named relative to one folder is resumed from another one, rejects included."""
    desk.file([*numbers(N), *WRONG], "there.csv")
    monkeypatch.chdir(desk.folder)
    desk.server.behaviour = nth_write(60, interrupt)
    desk.write(Mode.IMPORT, Path("there.csv"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    desk.server.behaviour = lambda _request: None
    desk.folder = Path()
    result = desk.resume()
    assert result.summary.counts == {"applied": N, "rejected": len(WRONG)}
    assert sorted(path.name.split(".")[-2] for path in Path().iterdir()) == ["rejects", "results"]


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
    result = desk.write(Mode.IMPORT, desk.file(numbers(N)), max_rate=200)
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


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and SIGHUP are POSIX")
def test_a_killed_run_shows_as_resumable(desk):
    """After kill -9 `runs` says stopped and `show` how to go on; another run on the list is free to start."""
    path = desk.file(numbers(1000))
    child = command(desk, "import", str(path), "--max-rate", "200")
    wait_for_writes(desk.server, 20)
    child.kill()
    child.wait()
    run = desk.latest()
    assert run.state is RunState.STOPPED
    assert pipeline.show(run.run_id, desk.settings).resumable
    other = desk.write(Mode.IMPORT, desk.file(numbers(3, 9000), "other.csv"))
    assert other.exit_code == 0
    result = desk.resume()
    assert (result.summary.run_id, result.summary.counts) == (run.run_id, {"applied": 1000})
    assert max(desk.server.effects.values()) == 1


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


def test_ctrl_c_while_the_report_is_written_loses_nothing(desk):
    """An interrupt during the report says that the changes are done and how to get the report."""
    reads = 0

    def behave(request):
        nonlocal reads
        reads += request.method == "GET" and "contacts" in request.target
        if reads == 3:
            reads += 1
            _thread.start_new_thread(late_interrupt, ())

    def late_interrupt() -> None:
        while desk_state() != "stopped":
            time.sleep(0.001)
        interrupt()

    def desk_state() -> str:
        with closing(sqlite3.connect(desk.home / "journal.sqlite3")) as db:
            return db.execute("SELECT state FROM runs").fetchone()[0]

    desk.server.behaviour = behave
    path = desk.file(numbers(2000))
    with pytest.raises(Interrupted, match="resume"):
        desk.write(Mode.IMPORT, path, concurrency=32, report=[desk.folder / "out.xlsx"])
    finished(desk, {"applied": 2000})


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


def test_resume_keeps_the_pace_that_the_run_was_given(desk):
    """A rate limit given to the run holds for its resume, too, unless another one is given."""
    desk.server.behaviour = nth_write(50, interrupt)
    desk.write(Mode.IMPORT, desk.file(numbers(1500)), max_rate=900.0)
    desk.told.notices.clear()
    desk.server.behaviour = nth_write(50, interrupt)
    desk.resume(time_limit=0.5)
    desk.resume(max_rate=600.0, time_limit=0.0)
    assert [notice.rsplit(" at ", 1)[1] for notice in desk.told.notices] == ["900/s", "600/s"]


def test_a_resumed_run_tells_the_rest(desk):
    """Resume says how many calls are left and how long they take."""
    desk.server.behaviour = nth_write(50, interrupt)
    desk.write(Mode.IMPORT, desk.file(numbers(1500)))
    desk.told.notices.clear()
    desk.server.behaviour = lambda _request: None
    desk.resume(policy=replace(QUICK.policy, attempts=3))
    assert any(" calls, about " in notice for notice in desk.told.notices)
