"""The journal's database: opening it, transactions, errors as sentences."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from ptx_bulk.errors import DamagedJournal, JournalError
from ptx_bulk.i18n import _
from ptx_bulk.journal.schema import migrate
from ptx_bulk.system import sqlite

FILE = "journal.sqlite3"
# What SQLite says of a file that is none of its own, cut, without our tables or with rows that cannot stand in them;
# the rest is the surroundings' fault.
_DAMAGE = frozenset(
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_FORMAT,
    }
)


class Database:
    """The SQLite file of a state folder; safe to open from several processes at once.

    Raises (all methods):
        JournalError: the file cannot be read or written.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self.db = self.connect()
        with journal_errors(self.path), sqlite.closed_on_error(self.db):
            migrate(self.db)

    def connect(self) -> sqlite3.Connection:
        """A connection of its own, which one other thread may use."""
        with journal_errors(self.path):
            db = sqlite.connect(self.path)
            with sqlite.closed_on_error(db):
                db.execute("PRAGMA synchronous = FULL")
                db.execute("PRAGMA fullfsync = ON")  # macOS: through the drive's own cache, too
                db.execute("PRAGMA foreign_keys = ON")
            return db

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing of what is done inside."""
        with journal_errors(self.path), sqlite.transaction(self.db) as db:
            yield db


@contextlib.contextmanager
def journal_errors(path: Path) -> Iterator[None]:
    """SQLite's and the file system's errors as one sentence."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        # What SQLite says of a damaged name quotes it, and Python cannot read that as text.
        unreadable = isinstance(error, UnicodeDecodeError)
        if unreadable or path.is_dir() or getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE:
            raise DamagedJournal(
                _(
                    "The journal {path} is damaged or no journal ({error}): restore the state folder from a backup, "
                    "or move the file away to begin a new one, in which no earlier run can be resumed."
                ).format(path=path, error=error)
            ) from error
        raise JournalError(
            _("The journal {path} cannot be used ({error}); check the folder's rights and free space.").format(
                path=path, error=error
            )
        ) from error
