"""SQLite files that several processes share and may make at the same time: connections and transactions."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import tenacity

_BUSY_S = 30.0  # another process's commit may hold the file for a moment
_AGAIN_S = (0.005, 0.05)


def connect(path: Path | None) -> sqlite3.Connection:
    """A connection that one other thread may use, with a log ahead of the file (WAL) and explicit transactions.

    Args:
        path: the file, made for the user alone when missing; None is a database in memory.

    Raises:
        sqlite3.Error: it is no database, or stays locked for half a minute.
        OSError: it cannot be made or written.
    """
    if path is not None:
        # Made before SQLite does, so that the file and its log, which takes the file's mode, are the user's alone.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    db = sqlite3.connect(path or ":memory:", timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    with closed_on_error(db):
        # SQLite waits for no lock here: of two that make the file at the same time, one is told that it is busy.
        for attempt in tenacity.Retrying(
            retry=tenacity.retry_if_exception(_busy),
            stop=tenacity.stop_after_delay(_BUSY_S),
            wait=tenacity.wait_random(*_AGAIN_S),
            reraise=True,
        ):
            with attempt:
                db.execute("PRAGMA journal_mode = WAL")
    return db


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing of what is done inside; others may read meanwhile, and who wants to write waits.

    Raises:
        sqlite3.Error: SQLite's own, of what is done inside or of the commit.
    """
    try:
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")
    except BaseException:
        # After some errors SQLite has rolled back by itself, and a signal may come when all is committed.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def closed_on_error(db: sqlite3.Connection) -> Iterator[None]:
    """Close the connection if what is done inside fails: nobody else has it yet who could."""
    try:
        yield
    except BaseException:
        db.close()
        raise


def _busy(error: BaseException) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
