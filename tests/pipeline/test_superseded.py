"""A run that was stopped and overtaken by later runs does not undo what they did; an old one is asked about."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing

import pytest

from ptx_bulk import pipeline
from ptx_bulk.errors import ConfigurationError, JournalError, NotConfirmed, NothingToResume
from ptx_bulk.journal import RunState
from ptx_bulk.model import Mode
from ptx_bulk.plan import MaxRemovals, Safeguards
from tests.faults import misbehaviour as bad
from tests.pipeline.conftest import ALLOWED, NPAI, STOP, Desk, Told, check_truth, nth_write, numbers, report
from tests.pipeline.stops import interrupt, interrupt_twice

N = 60
REASON = Safeguards(reason="imported by mistake")


def stopped(desk: Desk, n: int = N, after: int = 20) -> str:
    """An import of so many numbers that Ctrl-C stopped in the middle; its name."""
    desk.server.behaviour = nth_write(after, interrupt)
    result = desk.write(Mode.IMPORT, desk.file(numbers(n), "first.csv"), concurrency=2)
    assert result.exit_code == 130
    assert 0 < result.summary.counts["applied"] < n
    desk.server.behaviour = lambda _request: None
    return result.summary.run_id


def remove(desk: Desk, values: list[str]) -> None:
    """Numbers taken off STOP with a reason."""
    done = desk.write(Mode.REMOVE, desk.file(values, "consent.csv"), yes=True, safeguards=ALLOWED)
    assert done.summary.counts == {"applied": len(values)}


def aged(desk: Desk, days: float) -> None:
    """The journal as if all of it had happened so many days before."""
    with closing(sqlite3.connect(desk.home / "journal.sqlite3")) as db:
        for table, column in (("runs", "started_at"), ("runs", "finished_at"), ("outcomes", "finished_at")):
            db.execute(f"UPDATE {table} SET {column} = {column} - ?", (days * 86_400,))
        db.execute("UPDATE snapshots SET taken_at = taken_at - ?", (days * 86_400,))
        db.commit()


def writes(desk: Desk) -> int:
    return sum(call.request.method != "GET" for call in desk.server.calls)


@pytest.mark.slow
def test_what_was_taken_off_with_a_reason_is_not_put_back(desk):
    """An import that was stopped, done again by another run and then taken off STOP is not revived by resume."""
    run_id = stopped(desk)
    assert desk.write(Mode.IMPORT, desk.file(numbers(N), "again.csv")).exit_code == 0
    remove(desk, numbers(N))
    sent = writes(desk)
    with pytest.raises(NotConfirmed, match=f"ptx-bulk resume {run_id} --yes") as refusal:
        desk.resume()
    assert refusal.value.exit_code == 7
    result = desk.resume(run_id, yes=True)
    assert (desk.listed(), writes(desk)) == ([], sent)
    lines = report(result)
    assert set(lines["status"]) == {"applied", "not_attempted"}
    assert set(lines.loc[lines["status"] == "not_attempted", "code"]) == {"PLAN_STALE"}
    assert set(lines.loc[lines["status"] == "applied", "verified"]) == {"yes"}
    again = desk.resume(run_id)
    assert (again.summary.counts, writes(desk)) == (result.summary.counts, sent)


@pytest.mark.slow
def test_only_the_numbers_that_were_changed_later_are_left_out(desk):
    """Of a superseded run that is confirmed, everything is sent but what a later run of ours changed."""
    run_id = stopped(desk)
    changed = numbers(N)[-3:]
    assert desk.write(Mode.IMPORT, desk.file(changed, "again.csv")).summary.counts == {"applied": 3}
    remove(desk, changed)
    result = desk.resume(run_id, yes=True)
    assert result.summary.counts == {"applied": N - 3, "not_attempted": 3}
    assert desk.listed() == numbers(N - 3)
    assert desk.latest().state is RunState.FINISHED


def test_a_removal_of_a_later_addition_is_not_sent(desk):
    """A stopped removal does not take off what a later import of ours put on the list, ids or no ids."""
    desk.server.preload(NPAI, numbers(N))
    desk.server.behaviour = nth_write(20, interrupt)
    run = desk.write(Mode.REMOVE, desk.file(numbers(N)), NPAI, yes=True, safeguards=ALLOWED, concurrency=2)
    desk.server.behaviour = lambda _request: None
    kept = numbers(N)[-1]
    del desk.server.lists[NPAI][kept]
    assert desk.write(Mode.IMPORT, desk.file([kept], "kept.csv"), NPAI).summary.counts == {"applied": 1}
    desk.server.lists[NPAI] = dict.fromkeys(desk.server.lists[NPAI], "")  # a server that tells no ids
    result = desk.resume(run.summary.run_id, yes=True)
    assert result.summary.counts == {"applied": N - 1, "not_attempted": 1}
    assert desk.listed(NPAI) == [kept]


def test_a_run_on_the_other_list_supersedes_nothing(desk):
    """A later run counts only on a list that the stopped run changes."""
    stopped(desk)
    desk.write(Mode.IMPORT, desk.file(numbers(3), "other.csv"), NPAI)
    assert desk.resume().summary.counts == {"applied": N}


@pytest.mark.parametrize(("days", "asked"), [(6.9, False), (7.1, True)])
def test_an_old_run_is_asked_about(desk, days, asked):
    """More than seven days after its last sign of life a run is revived only after a yes; a no sends nothing."""
    run_id = stopped(desk)
    aged(desk, days)
    sent, no, yes = writes(desk), Told(answer=False), Told(answer=True)
    if asked:
        with pytest.raises(NotConfirmed, match=f"ptx-bulk resume {run_id} --yes"):
            desk.resume(yes=True)  # a yes to what is not named is a yes to anything
        with pytest.raises(NotConfirmed, match="nothing was sent"):
            desk.resume(told=no)
        assert writes(desk) == sent
        assert "7 days" in no.asked[0]
    assert desk.resume(told=yes).summary.counts == {"applied": N}
    assert len(yes.asked) == asked


def test_a_report_that_is_owed_asks_nothing(desk):
    """A run of which nothing is left to be sent gets its report by resume, whatever happened since."""
    first = desk.write(Mode.IMPORT, desk.file(numbers(5), "first.csv"))
    with closing(sqlite3.connect(desk.home / "journal.sqlite3")) as db:
        db.execute("UPDATE runs SET state = 'stopped'")
        db.commit()
    desk.write(Mode.IMPORT, desk.file(numbers(9), "second.csv"))
    assert desk.resume().summary.run_id == first.summary.run_id


def in_the_air(desk: Desk, fault: bad.Fault) -> str:
    """An import given up while calls hung that did (HANG_AFTER) or did not (HANG) reach the list; its name."""
    seen = 0

    def behave(request):
        nonlocal seen
        if request.method == "GET":
            return bad.HANG if seen >= 20 else None  # so that it cannot settle what is in the air
        seen += 1
        if seen == 20:
            interrupt_twice()
        return fault if seen > 12 else None

    desk.server.behaviour = behave
    result = desk.write(Mode.IMPORT, desk.file(numbers(N), "first.csv"), timeout=60.0)
    assert result.summary.counts["unknown"] > 0
    desk.server.behaviour = lambda _request: None
    return result.summary.run_id


@pytest.mark.slow
def test_what_a_later_run_had_to_do_again_is_its_own(desk):
    """Undoing a run leaves alone the numbers whose lost calls never arrived and that a later run added."""
    run_id = in_the_air(desk, bad.HANG)
    arrived = desk.listed()
    again = desk.write(Mode.IMPORT, desk.file(numbers(N), "again.csv"))
    assert again.summary.counts == {"unchanged": len(arrived), "applied": N - len(arrived)}
    result = desk.undo(run_id, yes=True, safeguards=REASON)
    assert result.summary.counts == {"applied": len(arrived)}
    assert desk.listed() == sorted(set(numbers(N)) - set(arrived))


@pytest.mark.slow
def test_what_a_later_run_took_back_had_been_done(desk):
    """A call that was in the air and whose number a later run removed is told as made, and not made again."""
    run_id = in_the_air(desk, bad.HANG_AFTER)
    arrived = desk.listed()
    remove(desk, arrived)
    result = desk.resume(run_id, yes=True)
    assert result.summary.counts == {"applied": N}
    assert desk.listed() == sorted(set(numbers(N)) - set(arrived))
    assert max(desk.server.effects.values()) == 1
    newer = arrived[0]
    desk.server.preload(STOP, [newer])
    undone = desk.undo(run_id, yes=True, safeguards=REASON)
    assert undone.summary.counts == {"unchanged": len(arrived) - 1, "not_attempted": 1, "applied": N - len(arrived)}
    assert desk.listed() == [newer]


def test_abandoned_runs_are_purged_on_demand(desk):
    """Purge leaves stopped runs and says so; --abandoned deletes them with their snapshots; a dry run only tells."""
    run_id = stopped(desk)
    later = desk.write(Mode.IMPORT, desk.file(numbers(N), "again.csv"))
    soon = time.time() + 60
    first = pipeline.purge(soon, desk.settings)
    assert (first.runs, first.abandoned, first.left, first.kept) == (0, 0, 1, 1)
    told = pipeline.purge(soon, desk.settings, abandoned=True, dry_run=True)
    assert [run.run_id for run in pipeline.runs(desk.settings)] == [later.summary.run_id, run_id]
    assert pipeline.purge(soon, desk.settings, abandoned=True) == told
    assert (told.runs, told.abandoned, told.left, told.kept) == (1, 1, 0, 0)
    assert pipeline.runs(desk.settings) == []
    with pytest.raises(NothingToResume):
        desk.resume()
    with closing(sqlite3.connect(desk.home / "journal.sqlite3")) as db:
        assert db.execute("SELECT count(DISTINCT run_id) FROM snapshots").fetchone() == (1,)  # each list's latest
        assert db.execute("SELECT count(*) FROM outcomes").fetchone() == (0,)


@pytest.mark.slow
def test_purge_forgets_nothing_that_a_stopped_run_must_know(desk):
    """However much is purged, a stopped run that stays does not put back what was taken off after it."""
    run_id = stopped(desk)
    desk.write(Mode.IMPORT, desk.file(numbers(N), "again.csv"))
    remove(desk, numbers(N))
    pipeline.purge(time.time() + 60, desk.settings)
    with pytest.raises(NotConfirmed):
        desk.resume()
    desk.resume(run_id, yes=True)
    assert desk.listed() == []


def test_a_run_at_work_is_never_purged(desk):
    """--abandoned leaves alone a run whose process holds its lists, and what lies behind it on the same list."""
    stopped(desk)
    purged = []

    def meanwhile() -> None:
        purged.append(pipeline.purge(time.time() + 60, desk.settings, abandoned=True))

    def purge() -> None:
        thread = threading.Thread(target=meanwhile)
        thread.start()
        thread.join(60)

    desk.server.behaviour = nth_write(10, purge)
    result = desk.write(Mode.IMPORT, desk.file(numbers(30, 500), "work.csv"))
    assert result.summary.counts == {"applied": 30}
    assert [(told.abandoned, told.left) for told in purged] == [(0, 2)]
    assert len(pipeline.runs(desk.settings)) == 2


@pytest.mark.slow
def test_both_lists_have_a_size_afterwards(desk):
    """A run over both lists of which one changed tells how many numbers both hold, when resumed, too."""
    desk.server.preload(NPAI, numbers(7))
    path = desk.folder / "both.csv"
    rows = [f"{number};NPAI" for number in numbers(7)] + [f"{number};STOP" for number in numbers(N, 100)]
    path.write_text("\n".join(["Mobile;Liste", *rows, ""]), encoding="utf-8")
    desk.server.behaviour = nth_write(20, interrupt)
    first = desk.write(Mode.IMPORT, path, concurrency=2)
    assert (first.exit_code, first.summary.list) == (130, "both")
    desk.server.behaviour = lambda _request: None
    resumed = desk.resume()
    assert (resumed.summary.before, resumed.summary.after) == (7, N + 7)
    path.write_text(path.read_text() + "+33600001000;STOP\n", encoding="utf-8")
    fresh = desk.write(Mode.IMPORT, path)
    assert (fresh.summary.before, fresh.summary.after) == (N + 7, N + 8)
    unread = desk.write(Mode.IMPORT, desk.file(numbers(3, 2000)), verify=False)
    assert unread.summary.after is None


@pytest.mark.slow
def test_what_is_given_to_resume_counts_even_if_it_is_usual(desk):
    """A concurrency given to resume wins over the run's own, the usual 64 as well; without it the run's own holds."""
    desk.server.behaviour = nth_write(20, interrupt)
    desk.write(Mode.IMPORT, desk.file(numbers(700)), concurrency=1)
    desk.server.behaviour = lambda _request: time.sleep(0.02)
    rates = []
    for given in (None, 64):
        desk.told.notices.clear()
        desk.resume(concurrency=given, time_limit=0.0)
        rates.append(float(desk.told.notices[0].rsplit(" at ", 1)[1].removesuffix("/s").replace(",", "")))
    assert rates[0] <= 50 < 3 * rates[0] < rates[1]


@pytest.mark.slow
def test_a_limit_that_was_given_holds_for_undo_too(desk):
    """Undo may pass the default limit, never one that was given; a limit that is enough lets it pass."""
    run = desk.write(Mode.IMPORT, desk.file(numbers(12)))
    for text in ("1", "50%", "0"):
        refused = desk.undo(
            run.summary.run_id, yes=True, safeguards=Safeguards(max_removals=MaxRemovals.parse(text), reason="wrong")
        )
        assert (refused.exit_code, set(report(refused)["code"])) == (7, {"OVER_LIMIT"})
    assert len(desk.listed()) == 12
    enough = Safeguards(max_removals=MaxRemovals.parse("12"), reason="wrong")
    taken_back = desk.undo(run.summary.run_id, yes=True, safeguards=enough)
    assert (taken_back.exit_code, desk.listed()) == (0, [])


@pytest.mark.parametrize("name", ["", " ", "2", "20", "\t"])
def test_an_empty_or_short_name_takes_nothing_back(desk, name):
    """The only run there is is neither undone nor resumed by an empty, blank or short name."""
    stopped(desk)
    for command in (desk.undo, desk.resume):
        with pytest.raises(JournalError) as refusal:
            command(name, yes=True, **({"safeguards": REASON} if command == desk.undo else {}))
        assert refusal.value.exit_code == 2
    assert "removed" not in {effect for _kind, _number, effect in desk.server.effects}


def test_undo_takes_whole_names_where_nobody_is_asked(desk):
    """A beginning of the name will do for resume and show, and for undo on a terminal, never for undo in a script."""
    run_id = desk.write(Mode.IMPORT, desk.file(numbers(5))).summary.run_id
    begins = run_id[:12]
    assert pipeline.show(begins, desk.settings).record.run_id == run_id
    assert desk.resume(begins).summary.run_id == run_id
    with pytest.raises(JournalError, match="whole name"):
        desk.undo(begins, dry_run=True)
    with pytest.raises(JournalError, match="whole name"):
        desk.undo(begins, yes=True, safeguards=REASON, told=Told(answer=True))
    told = Told(answer=True)
    assert desk.undo(begins, safeguards=REASON, told=told).summary.counts == {"applied": 5}
    assert run_id in told.notices[0]
    assert len(told.asked) == 1


def test_a_name_that_begins_several_runs_is_refused(desk):
    """Where two runs begin alike, their day alone names neither."""
    runs = [desk.write(Mode.IMPORT, desk.file(numbers(1, at))).summary.run_id for at in range(2)]
    if runs[0][:8] != runs[1][:8]:
        pytest.skip("midnight has come between the runs")
    with pytest.raises(JournalError, match="Several runs"):
        pipeline.show(runs[0][:8], desk.settings)


def test_an_export_since_a_run_takes_the_beginning_of_its_name(desk):
    """`--since` takes a run's name or enough of it; an empty one is refused, not taken for "everything"."""
    run_id = desk.write(Mode.IMPORT, desk.file(numbers(3))).summary.run_id
    desk.server.preload(STOP, numbers(1, 50))
    for since in (run_id, run_id[:-1]):
        assert pipeline.export((STOP,), desk.settings, since=since).frame["phone"].tolist() == numbers(1, 50)
    for since in ("", " ", run_id[:7], "2", "yesterday"):
        with pytest.raises(ConfigurationError, match="--since"):
            pipeline.export((STOP,), desk.settings, since=since)


@pytest.mark.slow
def test_superseded_lines_are_true(desk):
    """The report of a superseded run that is resumed tells for every number what this run did, and nothing else."""
    run_id = stopped(desk)
    desk.write(Mode.IMPORT, desk.file(numbers(N)[-3:], "again.csv"))
    remove(desk, numbers(N)[-3:])
    desk.server.effects = type(desk.server.effects)(
        {key: n for key, n in desk.server.effects.items() if key[1] not in numbers(N)[-3:]}
    )
    check_truth(desk.resume(run_id, yes=True), desk.server)
