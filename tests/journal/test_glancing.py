"""A look at the runs from outside, as completion takes it: quick, and without a trace."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ptx_bulk.errors import JournalError
from ptx_bulk.journal import Journal, RunState
from ptx_bulk.journal.glancing import Glimpse, glance
from tests.journal.test_runs import begun


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_latest_run_comes_first(tmp_path):
    """Every run is told with its command and state, whatever the account, the latest first."""
    with Journal(tmp_path) as journal:
        begun(journal, "old", started_at=100.0, command="import", state=RunState.FINISHED)
        begun(journal, "new", started_at=200.0, account="b")
        begun(journal, "alike", started_at=200.0)
    assert glance(tmp_path) == [
        Glimpse("new", "undo", "stopped"),
        Glimpse("alike", "undo", "stopped"),
        Glimpse("old", "import", "finished"),
    ]


def test_where_there_is_no_journal_there_are_no_runs(tmp_path):
    """Nothing is made of a folder that is empty or missing."""
    assert glance(tmp_path) == glance(tmp_path / "missing") == []
    assert files(tmp_path) == []


def test_a_look_leaves_no_file(tmp_path):
    """A closed journal gets no files beside it by being looked at."""
    with Journal(tmp_path) as journal:
        begun(journal, "one")
    before = files(tmp_path)
    assert [run.run_id for run in glance(tmp_path)] == ["one"]
    assert files(tmp_path) == before


def test_what_another_process_has_just_written_is_seen(tmp_path):
    """While the journal is open its log belongs to it."""
    with Journal(tmp_path) as journal:
        begun(journal, "one")
        assert [run.run_id for run in glance(tmp_path)] == ["one"]


def test_a_run_whose_row_is_damaged_is_told_as_it_stands(tmp_path):
    """Any bytes may be there: they are shown, and nothing breaks."""
    with Journal(tmp_path) as journal:
        begun(journal, "one")
        journal.db.execute("UPDATE runs SET command = CAST(x'c7ff' AS TEXT), state = 7")
    assert glance(tmp_path) == [Glimpse("one", "\ufffd\ufffd", "7")]


@pytest.mark.parametrize("content", [b"", b"no journal at all" * 99])
def test_what_is_no_journal_is_said(tmp_path, content):
    """Whoever completes a command decides what to make of it."""
    (tmp_path / "journal.sqlite3").write_bytes(content)
    with pytest.raises(JournalError, match="journal"):
        glance(tmp_path)


def test_a_writer_keeps_no_reader_out(tmp_path):
    """While another process writes, the runs are told as they were before."""
    with Journal(tmp_path) as journal:
        begun(journal, "one")
        with closing(sqlite3.connect(journal.path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("DELETE FROM runs")
            assert [run.run_id for run in glance(tmp_path)] == ["one"]
            writer.execute("ROLLBACK")
