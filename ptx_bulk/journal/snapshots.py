"""Snapshots in the journal: lists as they were read."""

from __future__ import annotations

import sqlite3

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ptx_bulk.journal.database import Database, journal_errors
from ptx_bulk.journal.rows.frames import DamagedBlobError, columns_of, sealed, store_blob, unsealed
from ptx_bulk.journal.rows.holdings import Page, holding_pages, store_holding
from ptx_bulk.journal.rows.records import SnapshotRecord
from ptx_bulk.model import ListKind
from ptx_bulk.numbers.sets import members
from ptx_bulk.snapshot import Snapshot
from ptx_bulk.system.memory import give_back


class SnapshotStore(Database):
    """What is written and read of snapshots."""

    def add_snapshot(self, account: str, run_id: str, moment: str, snapshot: Snapshot) -> None:
        """Keep a list as it was read; entries with the identity of an earlier snapshot's are kept once.

        Where the earlier reading told no histories and this one does, as with older versions, this one's are kept.
        """
        identity = snapshot.identity  # takes a moment, so it is not made while the journal is locked
        give_back()  # nor does what sorting a long list takes stand beside what follows
        with journal_errors(self.path):
            made = _stored_form(snapshot) if _is_wanted(self.db, snapshot) else None  # so does this
        with self.transaction() as db:
            if _is_wanted(db, snapshot):  # another process may have deleted or stored them meanwhile
                entries, pages = made or _stored_form(snapshot)
                store_blob(db, "snapshot_entries", identity, entries)
                store_holding(db, identity, pages)
            db.execute(
                "INSERT INTO snapshots (account, list, run_id, moment, taken_at, entries, fingerprint) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (account, snapshot.kind.value, run_id, moment, snapshot.taken_at, len(snapshot), identity),
            )

    def snapshots(self, account: str, kind: ListKind | None = None) -> list[SnapshotRecord]:
        """The account's snapshots, the latest first."""
        with journal_errors(self.path):
            rows = self.db.execute(
                "SELECT snapshot_id, run_id, list, moment, taken_at, entries, fingerprint FROM snapshots "
                "WHERE account = ? AND list = coalesce(?, list) ORDER BY snapshot_id DESC",
                (account, kind.value if kind else None),
            ).fetchall()
        return [
            SnapshotRecord(
                snapshot_id=row[0],
                run_id=row[1],
                kind=ListKind(row[2]),
                moment=row[3],
                taken_at=row[4],
                entries=row[5],
                identity=row[6],
            )
            for row in rows
        ]

    def snapshot_numbers(self, record: SnapshotRecord) -> npt.NDArray[np.int64]:
        """The number of each entry of a snapshot, 0 for what is none; a fraction of what loading it takes."""
        return columns_of(self._stream(record), ("number",))["number"].to_numpy()

    def part_of_snapshot(self, record: SnapshotRecord, numbers: npt.NDArray[np.int64]) -> Snapshot:
        """A snapshot's entries of these numbers alone."""
        table = columns_of(self._stream(record))
        held = members(table["number"].to_numpy(), np.unique(numbers))
        return Snapshot.from_table(record.kind, record.taken_at, table.take(np.flatnonzero(held)))

    def count_entries(self, record: SnapshotRecord) -> int:
        """How many entries a snapshot has, each looked at; without all of them in memory at once."""
        with pa.ipc.open_stream(pa.py_buffer(self._stream(record))) as reader:
            return sum(_looked_at(batch) for batch in reader)

    def load_snapshot(self, record: SnapshotRecord) -> Snapshot:
        """The entries of a snapshot."""
        return Snapshot.from_blob(record.kind, record.taken_at, self._stream(record))

    def _stream(self, record: SnapshotRecord) -> bytes | memoryview:
        """A snapshot's entries as they were stored."""
        with journal_errors(self.path):
            row = self.db.execute(
                "SELECT arrow FROM snapshot_entries WHERE fingerprint = ?", (record.identity,)
            ).fetchone()
        return unsealed(row[0])


def _looked_at(batch: pa.RecordBatch) -> int:
    batch.validate(full=True)
    return batch.num_rows


def _stored_form(snapshot: Snapshot) -> tuple[list[bytes], list[Page]]:
    """A snapshot's entries and pages as they are stored."""
    pages = holding_pages(snapshot.identity, snapshot.numbers)
    give_back()
    return sealed(snapshot.blob_pieces()), pages


def _is_wanted(db: sqlite3.Connection, snapshot: Snapshot) -> bool:
    """Whether its entries are to be stored: none like them are, or those without the history that these have."""
    wanted = "arrow" if snapshot.has_history else "1"
    known = db.execute(
        f"SELECT {wanted} FROM snapshot_entries WHERE fingerprint = ?",  # noqa: S608 - one of two words
        (snapshot.identity,),
    ).fetchone()
    return not known or (snapshot.has_history and _lacks_history(known[0]))


def _lacks_history(blob: object) -> bool:
    """Whether no history is kept with these entries; what cannot be read is left as it is, to be named as damaged."""
    try:
        return not Snapshot.has_history_in(unsealed(blob))
    except (DamagedBlobError, pa.ArrowException, TypeError):
        return False
