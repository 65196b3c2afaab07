"""The journal keeps what a run needs to be continued, explained and undone."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptx_bulk.errors import JournalError, RunInProgress
from ptx_bulk.journal import InputRecord, Journal, Lock, Purged, RunRecord, RunState, new_run_id
from ptx_bulk.journal.schema import MIGRATIONS
from ptx_bulk.model import Action, Code, ListKind, Outcome, Status
from ptx_bulk.plan.planning import changes_frame
from ptx_bulk.snapshot import Snapshot

NUMBERS = np.arange(33600000000, 33600000005, dtype="int64")


def run_record(run_id: str = "", **facts) -> RunRecord:
    return RunRecord(
        run_id=run_id or new_run_id(),
        command=facts.pop("command", "import"),
        mode=facts.pop("mode", "import"),
        account="a",
        base_url="https://api.example",
        lists=(ListKind.STOP,),
        options={"files": ["stops.csv"]},
        started_at=facts.pop("started_at", time.time()),
        **facts,
    )


def changes(numbers=NUMBERS) -> pd.DataFrame:
    return changes_frame([(Action.ADD, ListKind.STOP, numbers, [(f"+{n}",) for n in numbers.tolist()])])


def begun(journal: Journal, run: RunRecord) -> RunRecord:
    inputs = [InputRecord(path="stops.csv", sha256="00", size=1, format="csv", rows=5, blank=0)]
    journal.begin(run, inputs, pd.DataFrame({"raw": ["é"], "list": pd.Categorical(["stop"])}), changes())
    return run


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path)
    yield opened
    opened.close()


def test_plan_comes_back_as_it_was_stored(journal):
    """Run, inputs, lines and changes read back equal to what was stored."""
    run = begun(journal, run_record(reason="because", command="undo", mode="undo", parent="p"))
    assert journal.run(run.run_id) == run
    assert journal.inputs(run.run_id)[0].path == "stops.csv"
    pd.testing.assert_frame_equal(
        journal.lines(run.run_id), pd.DataFrame({"raw": ["é"], "list": pd.Categorical(["stop"])})
    )
    back = journal.changes(run.run_id)
    assert back["identifiers"].tolist() == changes()["identifiers"].tolist()
    assert back["number"].tolist() == NUMBERS.tolist()


def test_outcomes_and_intents_are_on_disk_when_the_writer_ends(journal, tmp_path):
    """What was recorded is read back after the writer's end, the last word of a change winning."""
    run = begun(journal, run_record())
    with journal.writer(run.run_id) as writer:
        writer.intend([0, 1, 2]).result(5)
        writer.record(Outcome(0, Status.UNKNOWN, Code.NETWORK))
        writer.record(Outcome(0, Status.APPLIED, Code.ADDED, 2, 200, None, "", "id", 5.0))
        writer.record(Outcome(2, Status.FAILED, Code.REJECTED_BY_API, 1, 400, 11, "no", "", 6.0))
    other = Journal(tmp_path)
    assert other.intents(run.run_id).tolist() == [0, 1, 2]
    outcomes = other.outcomes(run.run_id)
    other.close()
    assert outcomes["seq"].tolist() == [0, 2]
    assert outcomes["status"].tolist() == ["applied", "failed"]
    assert outcomes["attempts"].tolist() == [2, 1]
    assert outcomes["api_code"].tolist() == [0, 11]


def test_writer_stops_the_run_when_the_disk_fails(journal):
    """A commit that fails makes every later record fail, too, and the exit raise: nothing may seem safe that is not."""
    run = begun(journal, run_record())
    sentence = (
        r"^The journal cannot be written \(no such table: .*\); the run was stopped\. Check the state folder's rights"
    )
    with pytest.raises(JournalError, match=sentence), journal.writer(run.run_id) as writer:
        first = writer.intend([0])
        first.result(5)
        with closing(sqlite3.connect(journal.path)) as blocker, blocker:
            blocker.execute("DROP TABLE outcomes")
        with pytest.raises(JournalError):
            writer.record(Outcome(0, Status.APPLIED, Code.ADDED))
            writer.flush().result(5)
        with pytest.raises(JournalError):
            writer.intend([1]).result(5)


@pytest.mark.slow
def test_a_killed_process_leaves_a_readable_journal(tmp_path):
    """After SIGKILL in the middle of writing, all that was acknowledged is there and the file opens at once."""
    journal = Journal(tmp_path)
    run = begun(journal, run_record())
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ptx_bulk.journal import Journal\n"
        "from ptx_bulk.model import Outcome, Status, Code\n"
        "with Journal(Path(sys.argv[1])).writer(sys.argv[2]) as writer:\n"
        "    for seq in range(10**9):\n"
        "        writer.record(Outcome(seq, Status.APPLIED, Code.ADDED))\n"
        "        writer.flush().result()\n"
        "        print(seq, flush=True)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), run.run_id], stdout=subprocess.PIPE, text=True
    )
    acknowledged = [int(child.stdout.readline()) for _n in range(20)]
    child.kill()
    child.communicate()
    assert set(acknowledged) <= set(journal.outcomes(run.run_id)["seq"])
    journal.close()


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(Status)), min_size=5, max_size=5),
    st.sets(st.integers(0, 4)),
    st.sets(st.integers(0, 4)),
)
def test_settling_touches_only_the_changes_it_names(tmp_path_factory, statuses, held, missing):
    """Settling turns the named changes into applied or failed and leaves all others as they were."""
    journal = Journal(tmp_path_factory.mktemp("home"))
    run = begun(journal, run_record())
    journal.resettle(run.run_id, [Outcome(seq, status, Code.OUTCOME_UNKNOWN) for seq, status in enumerate(statuses)])
    absent = missing - held
    seqs = {name: np.array(sorted(which), dtype="int64") for name, which in (("held", held), ("absent", absent))}
    journal.settle(run.run_id, seqs["held"], Status.APPLIED, Code.APPLIED_AFTER_CHECK, verified="yes", ids={0: "x"})
    journal.settle(run.run_id, seqs["absent"], Status.FAILED, None)
    after = journal.outcomes(run.run_id)
    journal.close()
    told = list(zip(*(after[name] for name in ("status", "code", "verified", "remote_id")), strict=True))
    for seq, status in enumerate(statuses):
        untouched = (status.value, "OUTCOME_UNKNOWN", "", "")
        shown = ("applied", "APPLIED_AFTER_CHECK", "yes", "x" if seq == 0 else "")
        assert told[seq] == (shown if seq in held else ("failed", "NETWORK", "", "") if seq in absent else untouched)


def test_account_is_a_salted_hash(journal, tmp_path):
    """The account's name is stable in a journal, differs by key and URL, and neither key nor plain hash is on disk."""
    name = journal.account("secret-key", "https://a")
    assert name == journal.account("secret-key", "https://a")
    assert name != journal.account("secret-key", "https://b")
    assert name != journal.account("other-key", "https://a")
    journal.close()
    assert b"secret-key" not in b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


@pytest.mark.skipif(os.name == "nt", reason="POSIX file modes")
def test_journal_is_the_users_alone(journal, tmp_path):
    """The journal and its companions are readable by nobody else."""
    begun(journal, run_record())
    for path in tmp_path.glob("journal*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_runs_are_found_by_the_beginning_of_their_name(journal):
    """A run is found by its id or an unambiguous beginning of 8 characters; else the error says so."""
    begun(journal, run_record("20260101-000000-aaaa", started_at=1.0))
    begun(journal, run_record("20260102-000000-bbbb", started_at=2.0))
    begun(journal, run_record("20260102-000000-cccc", started_at=3.0))
    assert journal.run("20260101").run_id == "20260101-000000-aaaa"
    assert journal.run("20260102-000000-b").run_id == "20260102-000000-bbbb"
    assert [run.run_id[:8] for run in journal.runs()] == ["20260102", "20260102", "20260101"]
    with pytest.raises(JournalError, match="Several"):
        journal.run("20260102")
    with pytest.raises(JournalError, match="no run"):
        journal.run("19990101")


@pytest.mark.parametrize(
    "name", ["", " ", "\t\n", "2", "2026010", "%", "________", "20260101 ", "\udce9" * 8, "é" * 20]
)
def test_a_name_that_names_no_run_finds_none(journal, name):
    """An empty name, a blank one, a short beginning or a pattern stands for no run, even if there is but one."""
    begun(journal, run_record("20260101-000000-aaaa"))
    with pytest.raises(JournalError) as refusal:
        journal.run(name)
    assert refusal.value.exit_code == 2
    assert "ptx-bulk runs" in str(refusal.value)


def test_where_whole_names_are_wanted_no_beginning_is_taken(journal):
    """A beginning, however long, is refused where the whole name is wanted; the name itself is not."""
    run = begun(journal, run_record("20260101-000000-aaaa"))
    with pytest.raises(JournalError, match="whole name"):
        journal.run("20260101-000000-aaa", whole=True)
    assert journal.run(run.run_id, whole=True) == run


def test_purge_keeps_what_can_be_resumed_and_the_latest_snapshots(journal):
    """Purge deletes ended runs and old snapshots, never an unfinished run nor the last snapshot of a list."""
    done = begun(journal, run_record("done", started_at=1.0))
    journal.set_state(done.run_id, RunState.FINISHED, exit_code=0, finished_at=2.0)
    begun(journal, run_record("open", started_at=1.0))
    old = Snapshot.of(ListKind.STOP, 1.0, ["+33600000000"])
    new = Snapshot.of(ListKind.STOP, 3.0, ["+33600000000", "+33600000001"])
    journal.add_snapshot("a", "done", "before", old)
    journal.add_snapshot("a", "done", "after", new)
    told = journal.purge(before=time.time(), dry_run=True)
    assert len(journal.runs()) == len(journal.snapshots("a")) == 2
    assert journal.purge(before=time.time()) == told == Purged(runs=1, snapshots=1, run_ids=("done",))
    assert [run.run_id for run in journal.runs()] == ["open"]
    kept = journal.snapshots("a", ListKind.STOP)
    assert [shot.entries for shot in kept] == [2]
    assert journal.load_snapshot(kept[0]).numbers.tolist() == [33600000000, 33600000001]


def test_a_file_that_cannot_be_made_smaller_is_told(journal):
    """Where SQLite cannot write the file anew, a purge ends in the sentence of a journal that cannot be used."""

    def refuse(action, *_what):
        return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK

    journal.db.set_authorizer(refuse)  # SQLite attaches a new file in order to write the old one anew
    with pytest.raises(JournalError, match=r"The journal .* cannot be used \(.+\); check the folder's"):
        journal.purge(before=0.0)
    journal.purge(before=0.0, vacuum=False)


def test_same_list_is_stored_once(journal):
    """Two snapshots of an unchanged list share their entries."""
    for moment in ("before", "after"):
        journal.add_snapshot("a", "r", moment, Snapshot.of(ListKind.STOP, 1.0, ["+33600000000"]))
    with closing(sqlite3.connect(journal.path)) as db:
        assert db.execute("SELECT count(*) FROM snapshot_entries").fetchone() == (1,)
    assert len(journal.snapshots("a")) == 2


def test_entries_kept_without_histories_are_replaced_once_a_reading_tells_them(journal):
    """A reading with histories replaces entries kept without, of any age; one without never replaces one with."""
    plain = Snapshot.of(ListKind.STOP, 1.0, ["+33600000000"], ["a"])
    told = Snapshot.of(ListKind.STOP, 2.0, ["+33600000000"], ["a"], stopped_at=[1_769_854_830_500], campaign_ids=["c"])
    since = []
    for shot in (plain, told, plain):
        journal.add_snapshot("a", "r", "before", shot)
        since.append(
            {journal.load_snapshot(record).since_of(NUMBERS[:1])[33600000000] for record in journal.snapshots("a")}
        )
    assert since == [{("", "")}, {("2026-01-31T10:20:30Z", "c")}, {("2026-01-31T10:20:30Z", "c")}]


def test_a_list_with_a_number_listed_anew_is_another_list(journal):
    """Snapshots give back the ids that they were read with, whatever other state or account has the same numbers."""
    then = Snapshot.of(ListKind.STOP, 1.0, ["+33600000000", "+33600000001"], ["old", "same"])
    anew = Snapshot.of(ListKind.STOP, 2.0, ["+33600000000", "+33600000001"], ["new", "same"])
    journal.add_snapshot("a", "r1", "before", then)
    journal.add_snapshot("a", "r2", "before", anew)
    journal.add_snapshot("b", "r3", "before", Snapshot.of(ListKind.NPAI, 3.0, ["+33600000000"], ["theirs"]))
    journal.add_snapshot("c", "r4", "before", Snapshot.of(ListKind.NPAI, 3.0, ["+33600000000"], ["ours"]))
    read = [journal.load_snapshot(record).ids_of(NUMBERS) for record in reversed(journal.snapshots("a"))]
    assert [ids[33600000000] for ids in read] == ["old", "new"]
    others = [journal.load_snapshot(journal.snapshots(account)[0]).ids_of(NUMBERS) for account in "bc"]
    assert others == [{33600000000: "theirs"}, {33600000000: "ours"}]


def test_the_entries_that_a_removal_means_come_back_with_the_plan(journal):
    """The ids of planned removals are stored with the plan; an addition has none."""
    listed = Snapshot.of(ListKind.STOP, 1.0, ["+33600000000", "0600000000"], ["one", "two"])
    added, removed = (Action.ADD, ListKind.STOP, NUMBERS[1:2], [("+33600000001",)]), NUMBERS[:1]
    planned = changes_frame(
        [added, (Action.REMOVE, ListKind.STOP, removed, [("+33600000000", "0600000000")])], {ListKind.STOP: listed}
    )
    run = run_record()
    journal.begin(run, [], pd.DataFrame({"raw": ["x"]}), planned)
    assert journal.changes(run.run_id)["entry_ids"].tolist() == [(), ("one", "two")]


def test_a_newer_journal_is_refused_by_name(tmp_path):
    """A journal that a newer version wrote is refused with a sentence, not misread."""
    Journal(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(JournalError, match="newer version"):
        Journal(tmp_path)


@pytest.mark.parametrize("damage", ["newer", "foreign"])
def test_a_journal_that_is_refused_is_closed_at_once(tmp_path, damage):
    """Whoever is refused a journal keeps no file of it open, even while the error is still held."""
    path = tmp_path / "journal.sqlite3"
    if damage == "newer":
        Journal(tmp_path).close()
        with closing(sqlite3.connect(path)) as db:
            db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    else:
        path.write_text("not a database " * 100, encoding="utf-8")
    with pytest.raises(JournalError) as refused:
        Journal(tmp_path)
    assert refused.value.__traceback__  # while the error is held, no collector can have closed the file
    assert [file.path for file in psutil.Process().open_files() if tmp_path in Path(file.path).parents] == []


def test_a_second_run_on_the_same_list_is_refused_and_told_who(tmp_path):
    """While a run holds a list, another one is refused by name; the other list and other accounts are free."""
    with Lock(tmp_path, "a", [ListKind.STOP], "run-1"):
        with pytest.raises(RunInProgress, match="run-1"), Lock(tmp_path, "a", tuple(ListKind), "run-2"):
            pass
        with Lock(tmp_path, "a", [ListKind.NPAI], "run-3"), Lock(tmp_path, "b", [ListKind.STOP], "run-4"):
            pass
    with Lock(tmp_path, "a", tuple(ListKind), "run-5"):
        pass


def test_the_lock_falls_with_its_process(tmp_path):
    """A killed process holds no lock."""
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom ptx_bulk.journal import Lock\n"
        "from ptx_bulk.model import ListKind\n"
        "with Lock(Path(sys.argv[1]), 'a', [ListKind.STOP], 'killed'):\n"
        "    print('held', flush=True)\n    time.sleep(60)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline().strip() == "held"
    with pytest.raises(RunInProgress, match="killed"), Lock(Path(tmp_path), "a", [ListKind.STOP], "next"):
        pass
    child.kill()
    child.communicate()
    with Lock(tmp_path, "a", [ListKind.STOP], "next"):
        pass
