"""SQLite files that several processes make and share."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from ptx_bulk.journal import Journal
from ptx_bulk.journal.schema import MIGRATIONS, migrate
from ptx_bulk.model import ListKind
from ptx_bulk.sandbox.memory import Store
from ptx_bulk.system.sqlite import connect, transaction

AT_ONCE = 4


def journal_of(folder: Path) -> list[object]:
    with Journal(folder) as journal:
        return list(journal.runs())


def entries_of(folder: Path) -> list[object]:
    store = Store(folder / "sandbox.sqlite3", record=False)
    try:
        return [entry for page in store.pages(ListKind.STOP, 10) for entry in page]
    finally:
        store.release()


@pytest.mark.parametrize("look", [journal_of, entries_of])
def test_a_file_that_several_make_at_once_is_there_for_all(
    look: Callable[[Path], list[object]], tmp_path: Path
) -> None:
    """Whoever opens a state folder for the first time gets an empty one, however many do so at the same moment."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for n in range(25):
            folder = tmp_path / str(n)
            folder.mkdir()
            begin = threading.Barrier(AT_ONCE)

            def opened(folder: Path = folder, begin: threading.Barrier = begin) -> list[object]:
                begin.wait()
                return look(folder)

            assert [one.result() for one in [pool.submit(opened) for _n in range(AT_ONCE)]] == [[]] * AT_ONCE


def test_a_new_file_that_another_writes_to_is_waited_for(tmp_path: Path) -> None:
    """A file that another process is making just now is opened once that has let go of it."""
    path = tmp_path / "a.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        let_go = threading.Event()

        def commit() -> None:
            let_go.set()
            other.execute("COMMIT")

        threading.Timer(0.2, commit).start()
        with closing(connect(path)) as db:
            assert let_go.is_set()
            assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_tables_that_another_process_makes_meanwhile_are_no_stranger_s(tmp_path: Path) -> None:
    """Tables that appear while a new journal is being looked at are the journal's own."""
    path = tmp_path / "journal.sqlite3"
    with closing(connect(path)) as db, closing(connect(path)) as other:
        looked = []

        def meanwhile(statement: str) -> None:
            if "sqlite_schema" in statement and not looked:
                looked.append(statement)
                migrate(other)

        db.set_trace_callback(meanwhile)
        migrate(db)
        assert len(looked) == 1
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


@pytest.mark.parametrize("committed", [False, True])
def test_a_signal_in_a_transaction_is_told_as_itself(committed: bool, tmp_path: Path) -> None:
    """Who interrupts a transaction, or comes just after its commit, is neither hidden nor makes it half done."""
    path = tmp_path / "a.sqlite3"
    with closing(connect(path)) as db, closing(connect(path)) as other:
        db.execute("CREATE TABLE kept (n)")

        def interrupted() -> None:
            with transaction(db):
                db.executemany("INSERT INTO kept VALUES (?)", [(1,), (2,)])
                if committed:
                    db.execute("COMMIT")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert not db.in_transaction
        assert other.execute("SELECT count(*) FROM kept").fetchone() == (2 if committed else 0,)
        with transaction(other):
            other.execute("INSERT INTO kept VALUES (3)")


def test_a_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    """A new file can be read and written by its owner only, and so can what SQLite puts beside it."""
    with closing(connect(tmp_path / "a.sqlite3")) as db:
        db.execute("CREATE TABLE kept (n)")
        modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}
    assert modes == {"a.sqlite3": 0, "a.sqlite3-wal": 0, "a.sqlite3-shm": 0}
