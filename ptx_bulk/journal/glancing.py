"""A quick look at the runs from outside: nothing is made, waited for, mended or brought up to date."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import NamedTuple

from ptx_bulk.journal.database import FILE, journal_errors

_BUSY_S = 0.5


class Glimpse(NamedTuple):
    """A run's row as it stands in the journal, unchecked: any text may be there."""

    run_id: str
    command: str
    state: str


def glance(home: Path) -> list[Glimpse]:
    """The runs of a state folder, the latest first; none where there is no journal.

    Raises:
        JournalError: the file cannot be read, or is no journal.
    """
    path = home / FILE
    with journal_errors(path):
        if not path.is_file():
            return []
        with contextlib.closing(sqlite3.connect(_address(path), uri=True, timeout=_BUSY_S)) as db:
            db.text_factory = lambda text: text.decode("utf-8", "replace")
            rows = db.execute("SELECT run_id, command, state FROM runs ORDER BY started_at DESC, run_id DESC")
            return [Glimpse(*map(str, row)) for row in rows]


def _address(path: Path) -> str:
    # Even a reader makes the two files beside the database where they are not there; as `immutable` it does without
    # them, which is right while nobody else has it open.
    beside = all(path.with_name(path.name + ending).exists() for ending in ("-wal", "-shm"))
    return path.absolute().as_uri() + ("?mode=ro" if beside else "?mode=ro&immutable=1")
