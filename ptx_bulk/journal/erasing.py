"""Taking numbers out of the journal, so that no byte of the file holds them and all else stays as it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.errors import DamagedRun, JournalError, SafetyRefusal
from ptx_bulk.i18n import _
from ptx_bulk.journal.database import Database, journal_errors
from ptx_bulk.journal.rows.frames import DamagedBlobError, from_arrow, sealed, store_blob, to_arrow, unsealed
from ptx_bulk.journal.rows.holdings import holding_pages, store_holding
from ptx_bulk.journal.rows.mentions import mention_pages, store_pages
from ptx_bulk.journal.rows.records import Erased, NotUndoable
from ptx_bulk.model import Action, ListKind
from ptx_bulk.numbers import ERASED, Writings
from ptx_bulk.snapshot import Snapshot

_CELL = ["file", "sheet", "row", "column"]
# Columns of text that hold no words of people or servers, or are looked after by themselves.
_NO_WORDS = frozenset(
    {
        "run_id", "parent", "account", "command", "mode", "lists", "state", "version", "metadata_version", "sha256",
        "format", "action", "list", "identifiers", "entry_ids", "status", "code", "verified", "doubt", "remote_id",
        "moment", "fingerprint", "name",
    }
)  # fmt: skip
_UNFINISHED = "state NOT IN ('finished', 'refused')"


def erase(journal: Database, wanted: Writings, *, dry_run: bool = False) -> Erased:
    """Take the numbers out of every run and snapshot, in one transaction, and then out of the file's spare room.

    Lines, changes and entries stay without their number, so that all counts still are what they were. When it was cut
    off, it can be done again; it is whole when it returns.

    Args:
        journal: the journal; nothing may be at work on it.
        wanted: the numbers.
        dry_run: only count.

    Raises:
        SafetyRefusal: an unfinished run needs one of the numbers.
        DamagedRun: something stored cannot be read, so that nobody knows whether it holds one of them.
        JournalError: the file cannot be written, or another process reads it.
    """
    with journal_errors(journal.path):
        journal.db.execute("PRAGMA secure_delete = ON")
        journal.db.create_function("ptx_without", 1, wanted.without, deterministic=True)
    with journal.transaction() as db:
        db.execute("SAVEPOINT erase")
        work = _Erasing(db, wanted)
        erased = work.all()
        if dry_run:
            db.execute("ROLLBACK TO erase")
    if not dry_run:
        _wipe(journal)
    return erased


def _wipe(journal: Database) -> None:
    """Write the file anew without what was deleted, and empty its log."""
    with journal_errors(journal.path):
        journal.db.execute("VACUUM")
        busy, _frames, _moved = journal.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise JournalError(
            _(
                "The number is erased, but another process still reads the journal {path}, whose log may hold it; "
                "give the command again once that has ended."
            ).format(path=journal.path)
        )


class _Erasing:
    """One erasing: what its steps share."""

    def __init__(self, db: sqlite3.Connection, wanted: Writings) -> None:
        self._db = db
        self._wanted = wanted
        self._numbers = f"number IN ({', '.join(map(str, wanted.numbers))})"
        self._runs: set[str] = set()

    def all(self) -> Erased:
        """Every place."""
        lines = self._lines()
        lost = self._not_undoable()
        changes = self._changes()
        snapshots = self._snapshots()
        texts = self._texts()
        order = self._db.execute("SELECT run_id FROM runs ORDER BY started_at DESC, run_id DESC").fetchall()
        return Erased(
            runs=tuple(run_id for (run_id,) in order if run_id in self._runs),
            lines=lines,
            changes=changes,
            snapshots=snapshots,
            texts=texts,
            not_undoable=lost,
        )

    def _lines(self) -> int:
        total = 0
        for place, run_id in self._db.execute("SELECT rowid, run_id FROM lines").fetchall():
            blob = self._blob("lines", place)
            known = self._db.execute("SELECT 1 FROM runs WHERE run_id = ?", (run_id,)).fetchone()
            if not isinstance(run_id, str) or not known:  # so that nothing could be noted of it
                raise _unreadable(str(run_id))
            try:
                frame, count = without_numbers(from_arrow(blob), self._wanted)
            except (DamagedBlobError, KeyError, TypeError, ValueError) as error:
                raise _unreadable(run_id) from error
            if not count:
                continue
            store_pages(self._db, run_id, mention_pages(frame))
            (planned,) = self._db.execute("SELECT count(*) FROM changes WHERE run_id = ?", (run_id,)).fetchone()
            store_blob(self._db, "lines", run_id, to_arrow(frame, planned))
            self._runs.add(run_id)
            total += count
        return total

    def _blob(self, table: str, place: int) -> bytes:
        """What is stored there; nothing where a damaged file names a row and does not find it."""
        row = self._db.execute(f"SELECT arrow FROM {table} WHERE rowid = ?", (place,)).fetchone()  # noqa: S608 - one of ours
        return row[0] if row else b""

    def _refuse_unfinished(self, run_id: str) -> None:
        if self._db.execute(f"SELECT 1 FROM runs WHERE run_id = ? AND {_UNFINISHED}", (run_id,)).fetchone():  # noqa: S608
            raise SafetyRefusal(
                _(
                    "Run {run_id} is not finished and holds the number, without which it could not go on; nothing was "
                    "erased. Finish it first (ptx-bulk resume {run_id}), or give it up "
                    "(ptx-bulk purge --older-than 0d --abandoned)."
                ).format(run_id=run_id)
            )

    def _not_undoable(self) -> tuple[NotUndoable, ...]:
        rows = self._db.execute(
            "SELECT run_id, sum(action = ?), sum(action = ?) FROM changes JOIN outcomes USING (run_id, seq) "  # noqa: S608
            f"WHERE {self._numbers} AND outcomes.status = 'applied' GROUP BY run_id ORDER BY run_id DESC",
            (Action.ADD.value, Action.REMOVE.value),
        ).fetchall()
        return tuple(NotUndoable(run_id=run, additions=added, removals=gone) for run, added, gone in rows)

    def _changes(self) -> int:
        for (run_id,) in self._db.execute(f"SELECT DISTINCT run_id FROM changes WHERE {self._numbers}").fetchall():  # noqa: S608
            self._refuse_unfinished(run_id)
            self._runs.add(run_id)
        return self._db.execute(
            f"""UPDATE changes SET number = 0, identifiers = '[""]' WHERE {self._numbers}"""  # noqa: S608
        ).rowcount

    def _snapshots(self) -> int:
        total = 0
        for place, key in self._db.execute("SELECT rowid, fingerprint FROM snapshot_entries").fetchall():
            blob = self._blob("snapshot_entries", place)
            if not isinstance(key, str):
                raise _unreadable(str(key))
            of = [run for (run,) in self._db.execute("SELECT run_id FROM snapshots WHERE fingerprint = ?", (key,))]
            try:
                snapshot = Snapshot.from_blob(ListKind.STOP, 0.0, unsealed(blob))
                changed = _snapshot_without(snapshot, self._wanted)
            except Exception as error:  # Arrow raises many kinds for what it cannot read
                raise _unreadable(next(iter(of), key)) from error
            if changed is None:
                continue
            known = self._db.execute("SELECT 1 FROM snapshot_entries WHERE fingerprint = ?", (changed.identity,))
            if not known.fetchone():
                store_blob(self._db, "snapshot_entries", changed.identity, sealed(changed.blob_pieces()))
                store_holding(self._db, changed.identity, holding_pages(changed.identity, changed.numbers))
            self._db.execute("UPDATE snapshots SET fingerprint = ? WHERE fingerprint = ?", (changed.identity, key))
            self._db.execute("DELETE FROM snapshot_entries WHERE fingerprint = ?", (key,))
            self._runs.update(of)
            total += len(of)
        return total

    def _texts(self) -> int:
        total = 0
        for table, column, kind in list(self._columns()):
            if kind == "TEXT" and column not in _NO_WORDS:
                where = f"{column} <> '' AND typeof({column}) = 'text' AND ptx_without({column}) <> {column}"
                total += self._db.execute(f"UPDATE {table} SET {column} = ptx_without({column}) WHERE {where}").rowcount  # noqa: S608
            elif column in {"remote_id", "entry_ids"}:  # of a server that names an entry by its number
                ids = [form for number in self._wanted.numbers for form in (f"+{number}", str(number))]
                for form in (*ids, *(f'["{one}"]' for one in ids)):
                    self._db.execute(f"UPDATE {table} SET {column} = '' WHERE {column} = ?", (form,))  # noqa: S608
        return total

    def _columns(self) -> Iterable[tuple[str, str, str]]:
        for (table,) in self._db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'meta'"
        ).fetchall():
            for _n, column, kind, *_rest in self._db.execute(f"PRAGMA table_info({table})"):
                yield table, column, kind


def without_numbers(lines: pd.DataFrame, wanted: Writings) -> tuple[pd.DataFrame, int]:
    """Lines without the numbers, and how many held one: as their number, or in the text of a cell that has no other."""
    number = lines["number"].to_numpy()
    own = np.isin(number, wanted.integers)
    cells = own | (number == 0) | _beside(lines, own)
    held = own.copy()
    cleaned: dict[str, Any] = {"number": np.where(own, 0, number)}
    for name in ("raw", "suggestion"):
        if name in lines:
            texts = lines[name].astype("str")
            hit = wanted.stand_in(texts) & cells
            held |= hit
            texts = texts.mask(hit, texts[hit].map(wanted.without))
            cleaned[name] = texts.mask(own, ERASED if name == "raw" else "")
    for name in ("file", "sheet", "column", "detail"):
        if name in lines:
            values = lines[name].astype("category")
            named = {value: wanted.without(str(value)) for value in values.cat.categories}
            if any(value != clean for value, clean in named.items()):
                held |= values.map({value: value != clean for value, clean in named.items()}).to_numpy(dtype=bool)
                cleaned[name] = values.astype("str").map(named).astype("category")
    return lines.assign(**cleaned), int(held.sum())


def _beside(lines: pd.DataFrame, own: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Lines of other numbers that stand in one cell with an erased one: they have its text, too."""
    if not own.any() or not set(_CELL) <= set(lines.columns):
        return np.zeros(len(lines), dtype=bool)
    cells = pd.MultiIndex.from_frame(lines[_CELL].astype(dict.fromkeys(("file", "sheet", "column"), "str")))
    return np.asarray(cells.isin(cells[own]), dtype=bool)


def _snapshot_without(snapshot: Snapshot, wanted: Writings) -> Snapshot | None:
    """The snapshot without the numbers, None where it held none."""
    number, identifier = snapshot.entries["number"].to_numpy(), snapshot.entries["identifier"]
    spelled = wanted.stand_in(identifier) & (number == 0)
    if not spelled.any() and not np.isin(number, wanted.integers).any():
        return None
    return snapshot.without(wanted.integers, spelled)


def _unreadable(run_id: str) -> DamagedRun:
    return DamagedRun(
        _(
            "What the journal holds of run {run_id} cannot be read, so nobody knows whether the number stands in it; "
            "nothing was erased. Delete what is damaged first: ptx-bulk purge --older-than 0d"
        ).format(run_id=run_id),
        run_id,
    )
