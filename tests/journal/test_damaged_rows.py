"""Rows that something outside has altered: whoever reads them is told in a sentence, and all else is read."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from ptx_bulk.errors import DamagedJournal, DamagedRun, JournalError
from ptx_bulk.journal import Journal, RunState
from ptx_bulk.journal.schema import MIGRATIONS, migrate
from ptx_bulk.model import Code, Outcome, Status
from ptx_bulk.snapshot import Snapshot
from tests.journal.test_runs import NPAI, RUN, STOP, begun, noted, number

NAME = RUN.run_id


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path) as opened:
        yield opened


@pytest.fixture
def whole(journal):
    """A journal with a run that has an outcome, and another run."""
    begun(journal)
    begun(journal, "another")
    noted(journal, NAME, Outcome(0, Status.APPLIED, Code.ADDED, 1, finished_at=1.0))
    return journal


@pytest.mark.parametrize(
    ("statement", "reader", "words"),
    [
        ("UPDATE lines SET arrow = zeroblob(99)", "lines", "its lines cannot be read"),
        ("UPDATE changes SET identifiers = '{' WHERE seq = 1", "changes", "a row of its changes cannot be right"),
        ("UPDATE intents SET seq = 'x'", "intents", "a row of its intents cannot be right"),
        ("UPDATE outcomes SET attempts = 'x'", "outcomes", "a row of its outcomes cannot be right"),
    ],
)
def test_a_reader_names_the_run_whose_rows_cannot_be_right(whole, statement, reader, words):
    """The error says which run is damaged, and of what."""
    assert len(getattr(whole, reader)(NAME))
    whole.db.execute(f"{statement}{' AND' if 'WHERE' in statement else ' WHERE'} run_id = '{NAME}'")
    with pytest.raises(DamagedRun, match=words) as caught:
        getattr(whole, reader)(NAME)
    assert NAME in str(caught.value)
    getattr(whole, reader)("another")


def test_lines_that_name_a_number_are_found_or_their_run_is_named(whole):
    """They are told by the places where the number stands; a run whose lines and pages are gone is damaged."""
    found = whole.mentions(NAME, np.array([number(2), number(9), number(0)]))
    assert found[["sought", "place", "number"]].to_numpy().tolist() == [
        [number(2), 2, number(2)],
        [number(0), 0, number(0)],
    ]
    assert found["raw"].tolist() == ["é", "é"]
    assert len(whole.mentions(NAME, np.array([number(9)]))) == 0
    whole.db.execute("UPDATE lines SET arrow = zeroblob(99) WHERE run_id = ?", (NAME,))
    with pytest.raises(DamagedRun, match="its lines cannot be read"):
        whole.mentions(NAME, np.array([number(2)]))
    whole.db.execute("DELETE FROM mentions")
    whole.db.execute("DELETE FROM lines WHERE run_id = ?", (NAME,))
    with pytest.raises(DamagedRun, match="its lines cannot be read"):
        whole.mentions(NAME, np.array([number(2)]))
    assert len(whole.mentions("another", np.array([number(2)]))) == 1


def test_a_damaged_run_is_shown_with_its_fault_and_not_worked_with(whole):
    """`peek` and the table of runs tell what is wrong; `run` refuses; the other run is sound."""
    whole.db.execute("UPDATE runs SET lists = 'nowhere' WHERE run_id = ?", (NAME,))
    fault = whole.peek(NAME).fault
    assert fault
    assert {run.run_id: run.fault for run in whole.checked_runs()} == {NAME: fault, "another": ""}
    with pytest.raises(DamagedRun, match=NAME):
        whole.run(NAME)
    assert whole.run("another", whole=True).fault == whole.peek("another").fault == ""


def test_damaged_runs_are_purged_when_they_are_old(whole):
    """Only damaged ones, only what began before the moment, and nothing on a dry run."""
    whole.db.execute("UPDATE runs SET lists = 'nowhere' WHERE run_id = ?", (NAME,))
    assert whole.purge_damaged(RUN.started_at) == 0
    assert whole.purge_damaged(RUN.started_at + 1, dry_run=True) == 1
    assert len(whole.runs()) == 2
    assert whole.purge_damaged(RUN.started_at + 1) == 1
    assert [run.run_id for run in whole.runs()] == ["another"]
    assert whole.purge_damaged(RUN.started_at + 1) == 0


def listed(n: int) -> Snapshot:
    return Snapshot.of(STOP, 100.0 + n, [f"+{number(at)}" for at in range(n)], [f"id{at}" for at in range(n)])


@pytest.fixture
def shots(journal):
    """A journal with two snapshots of STOP, of forty entries and of fifty."""
    for n in (40, 50):
        journal.add_snapshot("a", f"run{n}", "before", listed(n))
    return journal


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE snapshot_entries SET arrow = zeroblob(99)", "cannot be read any more"),
        ("DELETE FROM snapshot_entries", "lists that it read"),
        ("UPDATE snapshots SET entries = entries + 1", "not whole any more"),
    ],
)
def test_a_snapshot_that_is_not_what_was_stored_is_not_given(shots, statement, words):
    """The run that read it is named; the latest whole snapshot is told where the last one is damaged."""
    late, early = shots.snapshots("a", STOP)
    assert len(shots.load_snapshot(late)) == 50
    assert shots.latest_snapshot("a", STOP) == late
    where = "snapshot_id = 2" if "snapshots" in statement else f"fingerprint = '{late.identity}'"
    shots.db.execute(f"{statement} WHERE {where}")
    late = shots.snapshots("a", STOP)[0]
    with pytest.raises(JournalError, match=words) as caught:
        shots.load_snapshot(late)
    assert "run50" in str(caught.value)
    assert shots.latest_snapshot("a", STOP) == early
    assert shots.latest_snapshot("a", NPAI) is None


@pytest.mark.parametrize("count", [1, 32, 33, 60])
@pytest.mark.parametrize("pages", [True, False])
def test_what_a_snapshot_holds_is_told_with_its_pages_or_without(shots, count, pages):
    """Few numbers or many, each is told for itself, by the pages alone where they are there."""
    late = shots.snapshots("a", STOP)[0]
    if pages:
        shots.db.execute("UPDATE snapshot_entries SET arrow = zeroblob(99)")
    else:
        shots.db.execute("DELETE FROM holdings")
    sought = [number(at) for at in range(60 - count, 60)]
    assert shots.holding(late, np.array(sought)).tolist() == [one < number(50) for one in sought]


def test_a_part_of_a_snapshot_has_its_entries_alone(shots):
    """The entries of the numbers asked for, as they stand in the whole one."""
    late = shots.snapshots("a", STOP)[0]
    part = shots.part_of_snapshot(late, np.array([number(49), number(3), number(70), number(3)]))
    assert part.entries["number"].tolist() == [number(3), number(49)]
    assert part.entries["remote_id"].tolist() == ["id3", "id49"]
    assert (part.kind, part.taken_at) == (STOP, 150.0)
    shots.db.execute("UPDATE snapshot_entries SET arrow = zeroblob(99)")
    with pytest.raises(DamagedRun, match="cannot be read any more"):
        shots.part_of_snapshot(late, np.array([number(3)]))


def test_entries_that_cannot_be_read_are_not_replaced(journal):
    """A later reading of the same list leaves a damaged snapshot as it is, to be named."""
    journal.add_snapshot("a", "one", "before", listed(3))
    journal.db.execute("UPDATE snapshot_entries SET arrow = zeroblob(99)")
    told = Snapshot.of(STOP, 9.0, [f"+{number(at)}" for at in range(3)], ["id0", "id1", "id2"], stopped_at=[1, 2, 3])
    journal.add_snapshot("a", "two", "before", told)
    for record in journal.snapshots("a", STOP):
        with pytest.raises(DamagedRun):
            journal.load_snapshot(record)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE meta SET value = 'zz' WHERE name = 'salt'",
        "UPDATE meta SET value = 'abcd' WHERE name = 'salt'",
        "DELETE FROM meta WHERE name = 'salt'",
        "UPDATE meta SET value = 'zz' WHERE name = 'salt_copy'",
        "UPDATE meta SET value = substr(value, 1, 40) WHERE name = 'salt_copy'",
        "DELETE FROM meta WHERE name = 'salt_copy'",
    ],
)
def test_one_of_the_two_salts_is_enough(journal, statement):
    """An account keeps its name while either is whole, and both are whole afterwards."""
    name = journal.account("key", "url")
    before = journal.db.execute("SELECT name, value FROM meta ORDER BY name").fetchall()
    journal.db.execute(statement)
    assert journal.account("key", "url") == name
    assert journal.db.execute("SELECT name, value FROM meta ORDER BY name").fetchall() == before
    assert journal.salt_lost() == ""


@pytest.mark.parametrize("runs", [1, 2])
def test_runs_from_before_a_lost_salt_are_counted(journal, runs):
    """The sentence counts unfinished runs only; a new journal that never had a salt has lost none."""
    for at in range(runs):
        begun(journal, f"run{at}")
    begun(journal, "ended", state=RunState.FINISHED)
    begun(journal, "refused", state=RunState.REFUSED)
    name = journal.account("key", "url")
    them = (
        "1 unfinished run from before cannot be matched with its account any more. ptx-bulk runs --all-accounts shows "
        "it; give its command again."
        if runs == 1
        else "2 unfinished runs from before cannot be matched with their accounts any more. ptx-bulk runs "
        "--all-accounts shows them; give their commands again."
    )
    assert journal.salt_lost() == f"The journal's secret was damaged and is made anew: {them}"
    journal.db.execute("UPDATE meta SET value = 'no time' WHERE name = 'salt_lost'")
    assert journal.salt_lost().endswith(them)
    assert journal.account("key", "url") == name


def test_an_account_has_the_same_name_in_every_version(journal):
    """Runs are found by it: another way to work it out would lose all that were ever made."""
    journal.db.execute("INSERT INTO meta VALUES ('salt', ?)", ("00" * 16,))
    assert journal.account("key", "https://api.example") == "dc377879b4a7280382dfe377"


def test_a_salt_that_no_run_needs_is_not_lost(journal):
    """The first account of an empty journal makes the salt."""
    journal.account("key", "url")
    begun(journal)
    assert journal.salt_lost() == ""


@pytest.mark.parametrize(("locked", "age", "refused"), [(True, 61, True), (True, 0, False), (False, 61, False)])
def test_an_emptied_journal_is_refused(tmp_path, locked, age, refused):
    """Where runs were made an old empty file is a lost journal, and else one that is just being made."""
    path = tmp_path / "journal.sqlite3"
    path.write_bytes(b"")
    moment = path.stat().st_mtime - age
    os.utime(path, (moment, moment))
    (tmp_path / "locks").mkdir()
    if locked:
        (tmp_path / "locks" / "a.stop.lock").touch()
    if refused:
        with pytest.raises(DamagedJournal, match="is empty although runs were made here"):
            Journal(tmp_path)
        assert path.stat().st_size == 0
    else:
        Journal(tmp_path).close()


@pytest.mark.parametrize("what", ["x''", "NULL", "'text'"])
def test_a_file_that_does_not_keep_what_it_is_given_is_damaged(journal, what):
    """Lines that do not find the room that they asked for are never taken for stored."""
    journal.db.execute(
        f"CREATE TRIGGER lose AFTER INSERT ON lines BEGIN UPDATE lines SET arrow = {what} WHERE rowid = new.rowid; END"
    )
    with pytest.raises(DamagedJournal, match="is damaged"):
        begun(journal)
    assert journal.runs() == []


def test_a_migration_that_fails_leaves_the_version_as_it_was(tmp_path):
    """Half a step is taken back, so that the next version can try again."""
    with closing(sqlite3.connect(tmp_path / "old.sqlite3", isolation_level=None)) as db:
        for statement in filter(str.strip, MIGRATIONS[0].split(";")):
            db.execute(statement)
        db.execute("DROP TABLE outcomes")
        db.execute("PRAGMA user_version = 1")
        with pytest.raises(sqlite3.OperationalError, match="outcomes"):
            migrate(db)
        assert not db.in_transaction
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert "entry_ids" not in [column[1] for column in db.execute("PRAGMA table_info(changes)")]
