"""The secret that accounts are named with: kept twice, since without it no earlier run is found any more."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from pathlib import Path

from ptx_bulk.errors import DamagedJournal
from ptx_bulk.i18n import _, ngettext

_BYTES = 16
_SETTLED_S = 60.0  # a file this old is not one that another process is just making


def salt_of(db: sqlite3.Connection) -> bytes:
    """The salt, mended from its copy where it is damaged; a new one where there is none, which is noted if it was lost.

    Args:
        db: the journal, in a transaction.
    """
    kept = dict(db.execute("SELECT name, value FROM meta WHERE name IN ('salt', 'salt_copy')").fetchall())
    salt = _from_copy(kept.get("salt_copy")) or _salt(kept.get("salt"))
    if salt is None:
        salt = secrets.token_bytes(_BYTES)
        if kept or db.execute("SELECT 1 FROM runs UNION ALL SELECT 1 FROM snapshots").fetchone():
            db.execute("INSERT OR REPLACE INTO meta VALUES ('salt_lost', ?)", (str(time.time()),))
    wanted = {"salt": salt.hex(), "salt_copy": salt.hex() + _digest(salt)}
    if kept != wanted:
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", wanted.items())
    return salt


def lost_sentence(db: sqlite3.Connection) -> str:
    """What to tell of unfinished runs from before the salt was lost; '' where there are none."""
    row = db.execute("SELECT value FROM meta WHERE name = 'salt_lost'").fetchone()
    if row is None:
        return ""
    try:
        moment = float(row[0])
    except (TypeError, ValueError):
        moment = time.time()
    (runs,) = db.execute(
        "SELECT count(*) FROM runs WHERE started_at < ? AND state NOT IN ('finished', 'refused')", (moment,)
    ).fetchone()
    if not runs:
        return ""
    return ngettext(
        "The journal's secret was damaged and is made anew: {count} unfinished run from before cannot be matched with "
        "its account any more. ptx-bulk runs --all-accounts shows it; give its command again.",
        "The journal's secret was damaged and is made anew: {count} unfinished runs from before cannot be matched with "
        "their accounts any more. ptx-bulk runs --all-accounts shows them; give their commands again.",
        runs,
    ).format(count=runs)


def refuse_emptied(home: Path) -> None:
    """Refuse a journal that was emptied: it would look like one in which nothing was ever begun.

    Raises:
        DamagedJournal: the file is empty although runs have locked lists here.
    """
    path = home / "journal.sqlite3"
    try:
        found = path.stat()
    except OSError:
        return
    used = any((home / "locks").glob("*.lock"))
    if path.is_file() and not found.st_size and used and time.time() - found.st_mtime > _SETTLED_S:
        raise DamagedJournal(
            _(
                "The journal {path} is empty although runs were made here: restore it from a backup, or delete it to "
                "begin a new one, in which no earlier run can be resumed."
            ).format(path=path)
        )


def _salt(text: object) -> bytes | None:
    try:
        salt = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        return None
    return salt if len(salt) == _BYTES else None


def _from_copy(text: object) -> bytes | None:
    salt = _salt(text[: 2 * _BYTES]) if isinstance(text, str) else None
    return salt if salt and text == salt.hex() + _digest(salt) else None


def _digest(salt: bytes) -> str:
    return hashlib.sha256(b"ptx-bulk salt\n" + salt).hexdigest()[:16]
