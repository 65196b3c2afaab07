"""The simulator's memory: both lists in SQLite, and a record of the calls when asked for.

Tables, for who wants to look on as a witness:

    entries(list, identifier, id, deleted, adds, removes, date, campaign)
        a removed entry stays, as `deleted`; adds and removes count real changes, not repeated calls; date (ms) and
        campaign make the history of an entry that came by itself
    access(seq, time, method, list, identifier, effect, fault)
        one row a call, in the order of processing

`effect` is `added already removed absent listed account refused` or `none` when a fault came before it.
"""

from __future__ import annotations

import itertools
import secrets
import sqlite3
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind
from ptx_bulk.sandbox.lateness import Lateness
from ptx_bulk.system import sqlite

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    list TEXT NOT NULL, identifier TEXT NOT NULL, id TEXT NOT NULL, deleted INTEGER NOT NULL DEFAULT 0,
    adds INTEGER NOT NULL DEFAULT 1, removes INTEGER NOT NULL DEFAULT 0,
    date INTEGER NOT NULL DEFAULT 0, campaign TEXT NOT NULL DEFAULT '', PRIMARY KEY (list, identifier)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS access (
    seq INTEGER PRIMARY KEY, time REAL NOT NULL, method TEXT NOT NULL, list TEXT NOT NULL,
    identifier TEXT NOT NULL, effect TEXT NOT NULL, fault TEXT NOT NULL
);
"""
# State files from before there were histories get their columns when they are opened.
_LATER = {"date": "INTEGER NOT NULL DEFAULT 0", "campaign": "TEXT NOT NULL DEFAULT ''"}
_ADD = """
INSERT INTO entries (list, identifier, id, date, campaign) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET id = excluded.id, deleted = 0, adds = adds + 1, date = excluded.date,
    campaign = excluded.campaign WHERE deleted
"""
_REMOVE = "UPDATE entries SET deleted = 1, removes = removes + 1 WHERE list = ? AND identifier = ? AND NOT deleted"
_RECORD = "INSERT INTO access (time, method, list, identifier, effect, fault) VALUES (?, ?, ?, ?, ?, ?)"
_ENTRY = """
SELECT '{"deleted":' || CASE WHEN deleted THEN 'true' ELSE 'false' END
       || ',"id":"' || id || '","identifier":"' || identifier || '"'
       || CASE WHEN date THEN ',"history":[{"date":' || date || ',"campaignId":' || json_quote(campaign) || '}]'
               ELSE '' END || '}', identifier
FROM entries WHERE list = ? AND identifier
"""
_PAGE = f"{_ENTRY} > ? ORDER BY identifier LIMIT ?"
_ONE = f"{_ENTRY} = ?"
_COUNT = "SELECT count(*) FROM entries WHERE list = ? AND NOT deleted"


class Store:
    """Both lists.

    Args:
        path: the state file, made when missing; None keeps everything in memory.
        record: whether each call is written down in `access`.
        late: seconds after which a change shows in `pages`.

    Raises:
        ConfigurationError: the file cannot be used.
    """

    def __init__(self, path: Path | None, *, record: bool, late: float = 0) -> None:
        self._path = path
        self._late = Lateness(late)
        self._record = record
        self._connection: sqlite3.Connection | None = None
        self._process = secrets.token_hex(5)
        self._counter = itertools.count(secrets.randbelow(1 << 24))
        try:
            self._open()
        except (OSError, sqlite3.Error, UnicodeDecodeError) as error:  # SQLite may quote what is no text
            raise ConfigurationError(
                _("The sandbox's state file {path} cannot be used ({reason}); name another one.").format(
                    path=path, reason=error
                )
            ) from error

    def release(self) -> None:
        """Close the file until the next call needs it; a state in memory stays."""
        if self._path is not None and self._connection is not None:
            self._connection.close()
            self._connection = None

    def add(self, kind: ListKind, identifier: str, fault: str, date: int = 0, campaign: str = "") -> tuple[bool, str]:
        """Put an identifier on a list; whether that changed the list, and the entry's id.

        With a date (ms since 1970) it comes by itself: as a reply to, or a bounce of, that campaign.
        """
        with self._transaction() as connection:
            new = self._object_id()
            before = self._entry(connection, kind, identifier)
            changed = connection.execute(_ADD, (kind.value, identifier, new, date, campaign)).rowcount > 0
            self._note(connection, "POST", kind.value, identifier, "added" if changed else "already", fault)
            if changed:
                self._late.note(kind, identifier, before)
                return True, new
            query = "SELECT id FROM entries WHERE list = ? AND identifier = ?"
            return False, str(connection.execute(query, (kind.value, identifier)).fetchone()[0])

    def remove(self, kind: ListKind, identifier: str, fault: str) -> bool:
        """Take an identifier off a list; whether that changed the list."""
        with self._transaction() as connection:
            before = self._entry(connection, kind, identifier)
            changed = connection.execute(_REMOVE, (kind.value, identifier)).rowcount > 0
            if changed:
                self._late.note(kind, identifier, before)
            self._note(connection, "DELETE", kind.value, identifier, "removed" if changed else "absent", fault)
            return changed

    def pages(self, kind: ListKind, size: int) -> Iterator[list[str]]:
        """A list's entries as JSON objects, deleted ones included, `size` at a time."""
        after = ""
        while rows := self._open().execute(_PAGE, (kind.value, after, size)).fetchall():
            after = rows[-1][1]
            yield list(self._late.as_shown(kind, rows))

    def count(self, kind: ListKind) -> int:
        """Entries of a list, without the deleted ones."""
        return int(self._open().execute(_COUNT, (kind.value,)).fetchone()[0])

    def _entry(self, connection: sqlite3.Connection, kind: ListKind, identifier: str) -> str | None:
        """The entry as JSON, where somebody wants to know it."""
        if not self._late.seconds:
            return None
        found = connection.execute(_ONE, (kind.value, identifier)).fetchone()
        return found and str(found[0])

    def note(self, method: str, kind: ListKind | None, identifier: str, effect: str, fault: str) -> None:
        """Write down a call that changes nothing."""
        if self._record:
            self._note(self._open(), method, kind.value if kind else "", identifier, effect, fault)

    def _note(self, connection: sqlite3.Connection, *call: str) -> None:
        if self._record:
            connection.execute(_RECORD, (time.time(), *call))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        # Change and record stand or fall together, whenever the process is killed.
        with sqlite.transaction(self._open()) as connection:
            yield connection

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite.connect(self._path)
        # Whoever forgets to release must not leave the file open: Windows could not delete it.
        weakref.finalize(self, connection.close)
        with sqlite.closed_on_error(connection):
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_SCHEMA)
            _complete(connection)
        self._connection = connection
        return connection

    def _object_id(self) -> str:
        # As MongoDB makes them: seconds, process, counter.
        return f"{int(time.time()):08x}{self._process}{next(self._counter) & 0xFFFFFF:06x}"


def _complete(connection: sqlite3.Connection) -> None:
    with sqlite.transaction(connection):  # two processes may open an old file at the same time
        there = {row[1] for row in connection.execute("PRAGMA table_info(entries)")}
        for name, kind in _LATER.items():
            if name not in there:
                connection.execute(f"ALTER TABLE entries ADD COLUMN {name} {kind}")
