"""The journal's tables, by version; opening a journal brings an older file up to date."""

from __future__ import annotations

import sqlite3

from ptx_bulk.errors import DamagedJournal, JournalError
from ptx_bulk.i18n import _
from ptx_bulk.system.sqlite import transaction

# One entry a version, applied in order; an entry is never changed once released, only followed by another.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE runs (
        run_id TEXT PRIMARY KEY, command TEXT NOT NULL, mode TEXT NOT NULL, account TEXT NOT NULL,
        base_url TEXT NOT NULL, lists TEXT NOT NULL, options TEXT NOT NULL, started_at REAL NOT NULL,
        reason TEXT NOT NULL, parent TEXT NOT NULL, version TEXT NOT NULL, metadata_version TEXT NOT NULL,
        state TEXT NOT NULL, finished_at REAL, exit_code INTEGER, summary TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE inputs (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, n INTEGER NOT NULL, path TEXT NOT NULL,
        sha256 TEXT NOT NULL, size INTEGER NOT NULL, format TEXT NOT NULL,
        rows INTEGER NOT NULL, blank INTEGER NOT NULL,
        PRIMARY KEY (run_id, n)
    ) WITHOUT ROWID;
    CREATE TABLE lines (
        run_id TEXT PRIMARY KEY REFERENCES runs ON DELETE CASCADE, arrow BLOB NOT NULL
    );
    CREATE TABLE changes (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, seq INTEGER NOT NULL, action TEXT NOT NULL,
        list TEXT NOT NULL, number INTEGER NOT NULL, identifiers TEXT NOT NULL,
        PRIMARY KEY (run_id, seq)
    ) WITHOUT ROWID;
    CREATE TABLE intents (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, seq INTEGER NOT NULL, PRIMARY KEY (run_id, seq)
    ) WITHOUT ROWID;
    CREATE TABLE outcomes (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, seq INTEGER NOT NULL, status TEXT NOT NULL,
        code TEXT NOT NULL, attempts INTEGER NOT NULL, http_status INTEGER, api_code INTEGER, message TEXT NOT NULL,
        remote_id TEXT NOT NULL, finished_at REAL NOT NULL, verified TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (run_id, seq)
    ) WITHOUT ROWID;
    CREATE TABLE snapshots (
        snapshot_id INTEGER PRIMARY KEY, account TEXT NOT NULL, list TEXT NOT NULL, run_id TEXT NOT NULL,
        moment TEXT NOT NULL, taken_at REAL NOT NULL, entries INTEGER NOT NULL, fingerprint TEXT NOT NULL
    );
    CREATE INDEX snapshots_by_list ON snapshots (account, list, taken_at);
    CREATE TABLE snapshot_entries (fingerprint TEXT PRIMARY KEY, arrow BLOB NOT NULL);
    """,
    # The entries that a removal means; '' in older runs and for additions. Since then `fingerprint` is the list's
    # identity with ids; older rows keep their keys, which no identity equals, and so their entries.
    # Why an outcome is or was in doubt (`model.Doubt`): resume must know whether a call of ours may have made it.
    """
    ALTER TABLE changes ADD COLUMN entry_ids TEXT NOT NULL DEFAULT '';
    ALTER TABLE outcomes ADD COLUMN doubt TEXT NOT NULL DEFAULT '';
    """,
    # Who gave the command, where, and what they said of it; '' in older runs.
    # The numbers that a run's lines name, sorted, in pages, each with the place of its line: see `mentions`. Older runs
    # have none and are looked through. No index on `changes`: it made a run of a million changes begin three times as
    # slowly (31 s for 10 s), this one by less than a second.
    """
    ALTER TABLE runs ADD COLUMN actor TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN host TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN comment TEXT NOT NULL DEFAULT '';
    CREATE TABLE mentions (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, first INTEGER NOT NULL, until INTEGER NOT NULL,
        numbers BLOB NOT NULL, places BLOB NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (run_id, first)
    );
    """,
    # Which numbers a snapshot holds, in pages: see `holdings`. Older snapshots have none and are read whole.
    """
    CREATE TABLE holdings (
        fingerprint TEXT NOT NULL REFERENCES snapshot_entries ON DELETE CASCADE, first INTEGER NOT NULL,
        until INTEGER NOT NULL, steps BLOB NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (fingerprint, first)
    );
    """,
)


def migrate(db: sqlite3.Connection) -> None:
    """Bring the database to the newest version, each step in a transaction of its own.

    Raises:
        JournalError: a newer ptx-bulk wrote it.
    """
    # In one statement: another process may be making the tables just now.
    version, strange = db.execute(
        "SELECT user_version, EXISTS (SELECT 1 FROM sqlite_schema) FROM pragma_user_version"
    ).fetchone()
    if version < 0 or (version == 0 and strange):
        raise DamagedJournal(
            _(
                "The file journal.sqlite3 of the state folder is a database, but no journal of ptx-bulk; move it away, "
                "or set PTX_HOME to another folder."
            )
        )
    if version > len(MIGRATIONS):
        raise JournalError(
            _(
                "The journal was written by a newer version of ptx-bulk (journal version {version}); update ptx-bulk."
            ).format(version=version)
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        # A second process that migrates at the same time waits here and must then not do the step again.
        with transaction(db):
            if int(db.execute("PRAGMA user_version").fetchone()[0]) < number:
                for statement in filter(str.strip, script.split(";")):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")
