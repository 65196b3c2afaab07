"""The journal keeps what a run needs to be continued, explained and undone."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptx_bulk.errors import JournalError, RunInProgress
from ptx_bulk.journal import InputRecord, Journal, Lock, RunRecord, RunState, new_run_id
from ptx_bulk.journal.schema import MIGRATIONS
from ptx_bulk.model import Action, Code, ListKind, Outcome, Status
from ptx_bulk.plan.planning import changes_frame
from ptx_bulk.snapshot import Snapshot

NUMBERS = np.arange(33600000000, 33600000005, dtype="int64")


def run_record(run_id: str = "", **facts) -> RunRecord:
    return RunRecord(
        run_id=run_id or new_run_id(),
        command="import",
        mode="import",
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
    run = begun(journal, run_record(reason="because", parent="p"))
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
    with pytest.raises(JournalError, match="journal"), journal.writer(run.run_id) as writer:
        first = writer.intend([0])
        first.result(5)
        blocker = sqlite3.connect(journal.path)
        blocker.execute("DROP TABLE outcomes")
        blocker.commit()
        blocker.close()
        with pytest.raises(JournalError):
            writer.record(Outcome(0, Status.APPLIED, Code.ADDED))
            writer.flush().result(5)
        with pytest.raises(JournalError):
            writer.intend([1]).result(5)


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
    """A run is found by its id or an unambiguous beginning; else the error says so."""
    begun(journal, run_record("20260101-000000-aaaa", started_at=1.0))
    begun(journal, run_record("20260102-000000-bbbb", started_at=2.0))
    assert journal.run("20260102").run_id == "20260102-000000-bbbb"
    assert [run.run_id[:8] for run in journal.runs()] == ["20260102", "20260101"]
    with pytest.raises(JournalError, match="Several"):
        journal.run("2026")
    with pytest.raises(JournalError, match="no run"):
        journal.run("1999")


def test_purge_keeps_what_can_be_resumed_and_the_latest_snapshots(journal):
    """Purge deletes ended runs and old snapshots, never an unfinished run nor the last snapshot of a list."""
    done = begun(journal, run_record("done", started_at=1.0))
    journal.set_state(done.run_id, RunState.FINISHED, exit_code=0, finished_at=2.0)
    begun(journal, run_record("open", started_at=1.0))
    old = Snapshot.of(ListKind.STOP, 1.0, ["+33600000000"])
    new = Snapshot.of(ListKind.STOP, 3.0, ["+33600000000", "+33600000001"])
    journal.add_snapshot("a", "done", "before", old)
    journal.add_snapshot("a", "done", "after", new)
    assert journal.purge(before=time.time()) == (1, 1)
    assert [run.run_id for run in journal.runs()] == ["open"]
    kept = journal.snapshots("a", ListKind.STOP)
    assert [shot.entries for shot in kept] == [2]
    assert journal.load_snapshot(kept[0]).numbers.tolist() == [33600000000, 33600000001]


def test_same_list_is_stored_once(journal):
    """Two snapshots of an unchanged list share their entries."""
    for moment in ("before", "after"):
        journal.add_snapshot("a", "r", moment, Snapshot.of(ListKind.STOP, 1.0, ["+33600000000"]))
    db = sqlite3.connect(journal.path)
    assert db.execute("SELECT count(*) FROM snapshot_entries").fetchone() == (1,)
    db.close()
    assert len(journal.snapshots("a")) == 2


def test_a_newer_journal_is_refused_by_name(tmp_path):
    """A journal that a newer version wrote is refused with a sentence, not misread."""
    Journal(tmp_path).close()
    db = sqlite3.connect(tmp_path / "journal.sqlite3")
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(JournalError, match="newer version"):
        Journal(tmp_path)


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
