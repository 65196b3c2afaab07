"""What is damaged in the journal is named by the commands that need it, and disturbs no others."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ptx_bulk import pipeline
from ptx_bulk.errors import (
    DamagedJournal,
    DamagedRun,
    JournalError,
    NotConfirmed,
    NothingToResume,
    NotResumable,
    PtxError,
)
from ptx_bulk.journal import Journal, RunState
from ptx_bulk.journal.schema import MIGRATIONS
from ptx_bulk.model import ListKind, Mode
from ptx_bulk.pipeline import Reporting, Sending, Source
from ptx_bulk.plan import MaxRemovals, Safeguards
from ptx_bulk.settings import Settings, load

FIRST = [f"+3361234560{n}" for n in range(8)]
SECOND = [f"+3361234561{n}" for n in range(8)]
THIRD = ["+33612345620"]
ALLOWED = Sending(
    yes=True, safeguards=Safeguards(max_removals=MaxRemovals(percent=100), allow_stop_removal=True, reason="trial")
)


class Folder:
    """A state folder with a finished run, and one that was stopped before it sent anything."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "files").mkdir(parents=True, exist_ok=True)

    @property
    def settings(self) -> Settings:
        return load(sandbox=True, env={"PTX_HOME": str(self.path / "home")})

    @property
    def journal(self) -> Path:
        return self.path / "home" / "journal.sqlite3"

    def write(self, numbers: list[str], sending: Sending | None = None) -> pipeline.Result:
        name = self.path / "files" / f"{len(list((self.path / 'files').iterdir()))}.csv"
        name.write_text("\n".join(["Mobile", *numbers, ""]))
        source = Source(files=(str(name),))
        return pipeline.write(Mode.IMPORT, source, sending or Sending(), self.reporting, self.settings)

    @property
    def reporting(self) -> Reporting:
        return Reporting(folder=self.path / "files")

    def resume(self, run_id: str | None = None) -> pipeline.Result:
        return pipeline.resume(run_id, Sending(), self.reporting, self.settings)

    def undo(self, run_id: str) -> pipeline.Result:
        return pipeline.undo(run_id, ALLOWED, self.reporting, self.settings)

    def listed(self) -> set[str]:
        return set(pipeline.export((ListKind.STOP,), self.settings).frame["phone"])

    def edit(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.journal, isolation_level=None)) as db:
            db.execute(statement, values)

    def state(self, run_id: str) -> RunState:
        return {run.run_id: run.state for run in pipeline.runs(self.settings, all_accounts=True)}[run_id]


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> tuple[Folder, str, str]:
    """The folder, its finished and its stopped run."""
    folder = Folder(tmp_path_factory.mktemp("original"))
    done = folder.write(FIRST).summary.run_id
    stopped = folder.write(SECOND, Sending(time_limit=0.0))
    assert stopped.exit_code == 5
    return folder, done, stopped.summary.run_id


@pytest.fixture
def folder(original, tmp_path) -> Folder:
    """A copy of it, to be damaged."""
    shutil.copytree(original[0].path, tmp_path / "copy")
    return Folder(tmp_path / "copy")


DAMAGE = {
    "lines cut": "UPDATE lines SET arrow = substr(arrow, 1, length(arrow) / 2) WHERE run_id = ?",
    "lines cut by a little": "UPDATE lines SET arrow = substr(arrow, 1, length(arrow) - 1) WHERE run_id = ?",
    "lines empty": "UPDATE lines SET arrow = x'' WHERE run_id = ?",
    "lines are text": "UPDATE lines SET arrow = 'lines' WHERE run_id = ?",
    "lines gone": "DELETE FROM lines WHERE run_id = ?",
    "a change gone": "DELETE FROM changes WHERE run_id = ? AND seq = 3",
    "the last change gone": "DELETE FROM changes WHERE run_id = ? AND seq = 7",
    "all changes gone": "DELETE FROM changes WHERE run_id = ?",
    "another number": "UPDATE changes SET number = number + 1 WHERE run_id = ? AND seq = 2",
    "another spelling": "UPDATE changes SET identifiers = '[\"+33600000000\"]' WHERE run_id = ? AND seq = 2",
    "unknown action": "UPDATE changes SET action = 'spam' WHERE run_id = ? AND seq = 2",
    "unknown list of a change": "UPDATE changes SET list = 'spam' WHERE run_id = ? AND seq = 2",
    "an action of bytes": "UPDATE changes SET action = x'80' WHERE run_id = ? AND seq = 2",
    "a list of bytes": "UPDATE changes SET list = x'80' WHERE run_id = ? AND seq = 2",
    "an input of bytes": "UPDATE inputs SET path = x'80' WHERE run_id = ?",
    "identifiers are no JSON": "UPDATE changes SET identifiers = '[' WHERE run_id = ? AND seq = 2",
    "unknown state": "UPDATE runs SET state = 'sleeping' WHERE run_id = ?",
    "unknown list": "UPDATE runs SET lists = 'spam' WHERE run_id = ?",
    "no list": "UPDATE runs SET lists = '' WHERE run_id = ?",
    "unknown mode": "UPDATE runs SET mode = 'spam' WHERE run_id = ?",
    "unknown command": "UPDATE runs SET command = 'spam' WHERE run_id = ?",
    "options are no JSON": "UPDATE runs SET options = '{' WHERE run_id = ?",
    "options are a list": "UPDATE runs SET options = '[]' WHERE run_id = ?",
    "options without end": "UPDATE runs SET options = replace(hex(zeroblob(50000)), '00', '[') WHERE run_id = ?",
    "an absurd concurrency": 'UPDATE runs SET options = \'{"sending": {"concurrency": 1e9}}\' WHERE run_id = ?',
    "summary is no JSON": "UPDATE runs SET summary = 'x' WHERE run_id = ?",
    "summary of another shape": "UPDATE runs SET summary = '{\"counts\": 3}' WHERE run_id = ?",
    "another account": "UPDATE runs SET account = 'somebody' WHERE run_id = ?",
    "a start beyond all time": "UPDATE runs SET started_at = 1e300 WHERE run_id = ?",
    "a start that is a text": "UPDATE runs SET started_at = 'noon' WHERE run_id = ?",
    "a text that is no UTF-8": "UPDATE runs SET state = CAST(x'ff' AS TEXT) WHERE run_id = ?",
    "input of another kind": "UPDATE inputs SET rows = 'many' WHERE run_id = ?",
}
OF_OUTCOMES = {
    "unknown status": "UPDATE outcomes SET status = 'spam' WHERE run_id = ? AND seq = 1",
    "unknown code": "UPDATE outcomes SET code = 'SPAM' WHERE run_id = ? AND seq = 1",
    "unknown proof": "UPDATE outcomes SET verified = 'perhaps' WHERE run_id = ? AND seq = 1",
    "attempts of another kind": "UPDATE outcomes SET attempts = 'x' WHERE run_id = ? AND seq = 1",
    "a message of bytes": "UPDATE outcomes SET message = x'ff00' WHERE run_id = ? AND seq = 1",
    "an outcome of no change": "UPDATE outcomes SET seq = 77 WHERE run_id = ? AND seq = 1",
    "an end beyond all time": "UPDATE outcomes SET finished_at = 9e99 WHERE run_id = ? AND seq = 1",
}


def some(damages, often):
    """Parameters of a test; those that are not tried often are for the slow tests."""
    return [name if name in often else pytest.param(name, marks=pytest.mark.slow) for name in damages]


OFTEN = {
    "lines cut",
    "lines gone",
    "the last change gone",
    "another number",
    "unknown state",
    "unknown list",
    "options without end",
    "another account",
    "an action of bytes",
    "a text that is no UTF-8",
    "unknown status",
    "unknown code",
}


@pytest.mark.parametrize("damage", some(DAMAGE, OFTEN))
def test_a_damaged_run_is_named_and_disturbs_no_other(folder, original, damage):
    """Commands that need the damaged run say so in a sentence that names it; all others work, and purge removes it."""
    _folder, done, stopped = original
    folder.edit(DAMAGE[damage], stopped)
    assert (folder.state(stopped), folder.state(done)) == (RunState.DAMAGED, RunState.FINISHED)
    assert stopped in [run.run_id for run in pipeline.runs(folder.settings)]
    shown = pipeline.show(stopped, folder.settings)
    assert shown.record.fault
    assert len(pipeline.find([FIRST[0], SECOND[2]], folder.settings).numbers) == 2
    assert not shown.resumable
    for needs_it in (folder.resume, folder.undo):
        with pytest.raises(DamagedRun, match=stopped) as caught:
            needs_it(stopped)
        assert (caught.value.run_id, caught.value.exit_code) == (stopped, 2)
    assert folder.write(THIRD).exit_code == 0
    assert folder.listed() == {*FIRST, *THIRD}
    assert folder.undo(done).summary.counts == {"applied": len(FIRST)}
    with Journal(folder.settings.home) as journal:
        assert journal.purge_damaged(1e12) == 1
    assert stopped not in [run.run_id for run in pipeline.runs(folder.settings, all_accounts=True)]


@pytest.mark.parametrize("damage", some(OF_OUTCOMES, OFTEN))
def test_a_damaged_outcome_is_the_affair_of_its_run(folder, original, damage):
    """A run with an outcome that cannot be right is not taken back by it; the stopped run is resumed as ever."""
    _folder, done, stopped = original
    folder.edit(OF_OUTCOMES[damage], done)
    assert folder.state(done) is RunState.DAMAGED
    with pytest.raises(DamagedRun, match=done):
        folder.undo(done)
    pipeline.show(done, folder.settings)
    assert folder.resume().summary.run_id == stopped
    assert folder.listed() == {*FIRST, *SECOND}


def test_a_run_whose_lists_are_gone_is_damaged(folder, original):
    """Without the entries of the lists that it read, a run is not resumed: which entries it meant is not known."""
    folder.edit("DELETE FROM snapshot_entries")
    assert folder.state(original[2]) is RunState.DAMAGED
    with pytest.raises(DamagedRun, match=original[2]):
        folder.resume(original[2])
    assert folder.write(THIRD).exit_code == 0


def test_a_bare_resume_does_not_pass_over_a_damaged_run_in_silence(folder, original):
    """Where the only unfinished run is damaged, `resume` says so instead of that nothing is to be done."""
    folder.edit("UPDATE runs SET options = '{' WHERE run_id = ?", original[2])
    with pytest.raises(DamagedRun, match=original[2]):
        folder.resume()


@pytest.mark.parametrize("name", ["", "\x80", b"\x80"])
def test_a_bare_resume_says_that_the_name_of_a_run_is_damaged(folder, original, name):
    """An unfinished run whose very name is damaged is a damaged run, too, and no slip of the person's."""
    folder.edit("UPDATE runs SET run_id = ? WHERE run_id = ?", name, original[2])
    with pytest.raises(DamagedRun, match="is damaged"):
        folder.resume()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM meta WHERE name = 'salt'",
        "DELETE FROM meta WHERE name = 'salt_copy'",
        "UPDATE meta SET value = 'no hex' WHERE name = 'salt'",
        "UPDATE meta SET value = '' WHERE name = 'salt'",
        "UPDATE meta SET value = x'00' WHERE name = 'salt'",
        "UPDATE meta SET value = '00112233445566778899aabbccddeeff' WHERE name = 'salt'",
        "UPDATE meta SET value = '00112233445566778899aabbccddeeff' WHERE name = 'salt_copy'",
        "UPDATE meta SET name = 'pepper' WHERE name = 'salt'",
    ],
)
def test_a_damaged_salt_is_mended(folder, original, statement):
    """The salt is kept twice, so that a damaged one makes no other account: unfinished runs are found as before."""
    folder.edit(statement)
    assert folder.resume().summary.run_id == original[2]
    assert folder.listed() == {*FIRST, *SECOND}


def test_a_lost_salt_is_said(folder, original):
    """Where both are gone a new one is made, and every command says which unfinished runs are not found any more."""
    folder.edit("DELETE FROM meta")
    told: list[str] = []

    class Told(pipeline.Quiet):
        def notice(self, text: str) -> None:
            told.append(text)

    for _n in range(2):
        pipeline.export((ListKind.STOP,), folder.settings, interface=Told())
    assert len(told) == 2
    assert all("1 unfinished run" in text and "--all-accounts" in text for text in told)
    assert folder.write(THIRD).exit_code == 0
    assert folder.state(original[2]) is RunState.STOPPED


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 1000)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9000])


def emptied(path: Path) -> None:
    path.write_bytes(b"")
    os.utime(path, (0, 0))


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def somebody_elses(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")


def versioned(version: int):
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as db:
            db.execute(f"PRAGMA user_version = {version}")

    return change


def without_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE runs")
        db.execute("DROP TABLE meta")


def misspelled(path: Path) -> None:
    content = path.read_bytes()
    at = content.index(b"CREATE TABLE")
    path.write_bytes(content[: at + 8] + b"\xc7\xc7" + content[at + 10 :])


@pytest.mark.parametrize(
    "damage",
    [
        misspelled,
        garbage,
        cut,
        emptied,
        a_folder,
        somebody_elses,
        versioned(-1),
        versioned(0),
        versioned(99),
        without_tables,
    ],
)
def test_a_file_that_is_no_journal_is_refused_with_the_remedy(folder, damage):
    """Whatever stands in the journal's place, one sentence names it and what to do, and the file is left alone."""
    for companion in ("-wal", "-shm"):
        folder.journal.with_name(folder.journal.name + companion).unlink(missing_ok=True)
    damage(folder.journal)
    with pytest.raises(JournalError, match="journal") as caught:
        folder.write(THIRD)
    assert isinstance(caught.value, DamagedJournal) or "newer" in str(caught.value)
    assert any(word in str(caught.value) for word in ("backup", "move it away", "update ptx-bulk"))
    with pytest.raises(JournalError):
        pipeline.runs(folder.settings, all_accounts=True)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_rights_is_refused_with_the_remedy(folder):
    """A journal that may not be read is refused with the rights to check."""
    folder.journal.chmod(0)
    with pytest.raises(JournalError, match="rights"):
        folder.write(THIRD)


def test_a_journal_from_before_there_were_seals_is_read(folder, original):
    """Blobs of older versions, which end with the stream's own mark, are read as they are."""
    with closing(sqlite3.connect(folder.journal)) as db, db:
        for table, key in (("lines", "run_id"), ("snapshot_entries", "fingerprint")):
            for name, blob in db.execute(f"SELECT {key}, arrow FROM {table}").fetchall():
                db.execute(f"UPDATE {table} SET arrow = ? WHERE {key} = ?", (blob[:-48], name))
        db.execute("DELETE FROM meta WHERE name = 'salt_copy'")
    assert folder.resume().summary.run_id == original[2]
    assert folder.undo(original[1]).summary.counts == {"applied": len(FIRST)}
    assert folder.listed() == set(SECOND)


TABLES = (
    "runs",
    "inputs",
    "lines",
    "mentions",
    "changes",
    "intents",
    "outcomes",
    "snapshots",
    "snapshot_entries",
    "holdings",
    "meta",
)
cells = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.binary(max_size=40)
)


@pytest.mark.slow
@examples(max_examples=8)
@given(data=st.data())
def test_random_damage_is_said_or_harmless(original, tmp_path_factory, data):
    """A random cell, a cut blob or a lost row gives our own error or the right answer, and new imports work."""
    check_random_damage(original, tmp_path_factory, data)


@pytest.mark.endurance
@pytest.mark.timeout(1800)
@examples(max_examples=200)
@given(data=st.data())
def test_much_random_damage_is_said_or_harmless(original, tmp_path_factory, data):
    """The same, tried two hundred times."""
    check_random_damage(original, tmp_path_factory, data)


def check_random_damage(original, tmp_path_factory, data) -> None:
    """Damage a copy of the folder at random, and try every command on it."""
    folder = Folder(tmp_path_factory.mktemp("damaged") / "copy")
    shutil.copytree(original[0].path, folder.path, dirs_exist_ok=True)
    _folder, done, stopped = original
    table = data.draw(st.sampled_from(TABLES))
    with closing(sqlite3.connect(folder.journal, isolation_level=None)) as db:
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        rows = db.execute(f"SELECT * FROM {table}").fetchall()
        row = data.draw(st.sampled_from(rows))
        where = " AND ".join(f"{column} IS ?" for column in columns)
        kind = data.draw(st.sampled_from(["cell", "cut", "row"]))
        try:
            if kind == "row":
                db.execute(f"DELETE FROM {table} WHERE {where}", row)
            elif kind == "cut" and "arrow" in columns:
                length = data.draw(st.integers(0, len(row[columns.index("arrow")])))
                db.execute(f"UPDATE {table} SET arrow = substr(arrow, 1, ?) WHERE {where}", (length, *row))
            else:
                column = data.draw(st.sampled_from(columns))
                db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (data.draw(cells), *row))
        except (sqlite3.IntegrityError, sqlite3.OperationalError):
            assume(False)
    said = 0
    for run_id in (done, stopped):
        try:
            pipeline.show(run_id, folder.settings)
        except PtxError:
            said += 1
    assert len(pipeline.runs(folder.settings, all_accounts=True)) >= 1
    assert len(pipeline.find([FIRST[0], SECOND[0]], folder.settings).numbers) == 2
    assert folder.write(THIRD).exit_code == 0
    assert folder.listed() == {*FIRST, *THIRD}
    try:
        result = folder.resume(stopped)
        assert result.error is not None or folder.listed() == {*FIRST, *SECOND, *THIRD}
    except PtxError:
        assert folder.listed() <= {*FIRST, *SECOND, *THIRD}
    try:
        folder.undo(done)
    except PtxError:
        said += 1
    assert folder.listed() >= set(THIRD)
    assert folder.listed() <= {*FIRST, *SECOND, *THIRD}
    try:
        folder.resume()
    except (NothingToResume, NotConfirmed, NotResumable, DamagedRun):
        said += 1


def test_the_schema_has_no_table_that_is_not_damaged_above(tmp_path):
    """Every table of the journal is among those that the tests above damage."""
    Journal(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as db:
        found = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert found == set(TABLES)
    assert MIGRATIONS
