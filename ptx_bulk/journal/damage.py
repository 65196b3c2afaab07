"""The journal's rows as something outside may have left them: what is damaged is named, and all else goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.errors import DamagedRun, JournalError
from ptx_bulk.i18n import _
from ptx_bulk.journal.database import journal_errors
from ptx_bulk.journal.rows.frames import DamagedBlobError
from ptx_bulk.journal.rows.holdings import held_by_pages
from ptx_bulk.journal.rows.mentions import lines_at, places_of
from ptx_bulk.journal.rows.records import InputRecord, RunRecord, SnapshotRecord
from ptx_bulk.journal.rows.soundness import damaged_run, fault_of
from ptx_bulk.journal.rows.storable import LATEST
from ptx_bulk.journal.run_tables import RunStore
from ptx_bulk.journal.snapshots import SnapshotStore
from ptx_bulk.model import ListKind
from ptx_bulk.numbers.sets import distinct, members
from ptx_bulk.snapshot import Snapshot

_FEW = 32  # numbers: so many are looked for one by one sooner than a million are sorted
# What reading a value that nobody wrote there can raise.
_FOREIGN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


class SoundStore(RunStore, SnapshotStore):
    """Runs and snapshots; the readers of one run raise `DamagedRun` where what is stored of it cannot be right."""

    def run(self, *arguments: Any, **options: Any) -> RunRecord:  # noqa: ANN401 - as `RunStore.run` has them
        """One run as `RunStore.run` finds it, for commands that work with what it holds.

        Raises:
            NoSuchRun: there is none, or several.
            DamagedRun: what is stored of it cannot be right.
        """
        found = super().run(*arguments, **options)
        if fault := fault_of(self.db, found, deep=True):
            raise damaged_run(found.run_id, fault)
        return found

    def peek(self, name: str) -> RunRecord:
        """One run as `RunStore.run` finds it, whatever its state; `fault` tells what of it is damaged.

        Raises:
            NoSuchRun: there is none, or several.
        """
        found = super().run(name)
        return replace(found, fault=fault_of(self.db, found, deep=True))

    def checked_runs(self) -> list[RunRecord]:
        """All runs, the latest first, with what a look at their rows tells of damage; nothing is decoded."""
        return [replace(run, fault=fault_of(self.db, run, deep=False)) for run in self.runs()]

    def lines(self, run_id: str) -> pd.DataFrame:
        """The run's lines as they were planned."""
        try:
            return super().lines(run_id)
        except (DamagedBlobError, *_FOREIGN) as error:
            raise damaged_run(run_id, _("its lines cannot be read")) from error

    def mentions(self, run_id: str, sought: npt.NDArray[np.int64]) -> pd.DataFrame:
        """The run's lines that name one of these numbers, as planned; `sought` is the number, `place` the line's own.

        A line names what it stands for, and what it suggests where it stands for no certain number.
        """
        try:
            with journal_errors(self.path):
                named = places_of(self.db, run_id, sought)
                if not len(named):
                    return named
                lines = lines_at(self.db, run_id, named["place"].to_numpy())
            return lines.assign(sought=named["sought"].to_numpy(), place=named["place"].to_numpy())
        except (DamagedBlobError, *_FOREIGN) as error:
            raise damaged_run(run_id, _("its lines cannot be read")) from error

    def holding(self, record: SnapshotRecord, sought: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether a snapshot holds each of these numbers: by its pages, else by its numbers, which are decoded alone.

        Raises:
            DamagedRun: its entries are gone, or not what was stored.
        """
        with journal_errors(self.path):
            held = held_by_pages(self.db, record.identity, sought)
        if held is not None:
            return held
        with _snapshot_errors(record):
            numbers = self.snapshot_numbers(record)
        if len(sought) > _FEW:
            return members(sought, distinct(numbers))
        return np.array([bool((numbers == number).any()) for number in sought.tolist()], dtype=bool)

    def changes(self, run_id: str) -> pd.DataFrame:
        """The run's changes as a `plan` changes frame."""
        with _row_errors(run_id, "changes"):
            return super().changes(run_id)

    def changes_to(self, run_id: str, sought: npt.NDArray[np.int64]) -> pd.DataFrame:
        """The run's changes of these numbers, as `RunStore.changes_to` tells."""
        with _row_errors(run_id, "changes"):
            return super().changes_to(run_id, sought)

    def inputs(self, run_id: str) -> list[InputRecord]:
        """The run's input files in their order."""
        with _row_errors(run_id, "inputs"):
            return super().inputs(run_id)

    def intents(self, run_id: str) -> npt.NDArray[np.int64]:
        """The changes that may have been sent."""
        with _row_errors(run_id, "intents"):
            return super().intents(run_id)

    def outcomes(self, run_id: str, seqs: npt.NDArray[np.int64] | None = None) -> pd.DataFrame:
        """What became of the changes, as `RunStore.outcomes` tells."""
        with _row_errors(run_id, "outcomes"):
            return super().outcomes(run_id, seqs)

    def snapshots(self, account: str, kind: ListKind | None = None) -> list[SnapshotRecord]:
        """The account's snapshots, the latest first; rows that cannot be right are left out."""
        found: list[SnapshotRecord] = []
        for each in [kind] if kind else ListKind:  # rows of an unknown list are no list's
            found += filter(_plausible, super().snapshots(account, each))
        return sorted(found, key=lambda shot: -shot.snapshot_id)

    def part_of_snapshot(self, record: SnapshotRecord, numbers: npt.NDArray[np.int64]) -> Snapshot:
        """A snapshot's entries of these numbers alone.

        Raises:
            DamagedRun: they are gone, or not what was stored.
        """
        with _snapshot_errors(record):
            return super().part_of_snapshot(record, numbers)

    def load_snapshot(self, record: SnapshotRecord) -> Snapshot:
        """The entries of a snapshot.

        Raises:
            DamagedRun: they are gone, or not what was stored.
        """
        with _snapshot_errors(record):
            found = super().load_snapshot(record)
        _expect_all(record, len(found))
        return found

    def count_entries(self, record: SnapshotRecord) -> int:
        """How many entries a snapshot has: all that it had.

        Raises:
            DamagedRun: they are gone, or not what was stored.
        """
        with _snapshot_errors(record):
            count = super().count_entries(record)
        _expect_all(record, count)
        return count

    def latest_snapshot(self, account: str, kind: ListKind) -> SnapshotRecord | None:
        """The latest snapshot of a list that is still whole: later lists are measured by it."""
        for record in self.snapshots(account, kind):
            try:
                self.count_entries(record)
            except DamagedRun:
                continue
            return record
        return None

    def purge_damaged(self, before: float, *, dry_run: bool = False) -> int:
        """Delete damaged runs that began before that Unix time, or whose beginning is not known; returns how many.

        Lines that belong to no run go with them.
        """
        old = [run for run in self.checked_runs() if run.fault and run.started_at < before]
        if dry_run:
            return len(old)
        with self.transaction() as db:
            for run in old:
                # By its text, too: a damaged key may be of another type than text.
                db.execute("DELETE FROM runs WHERE run_id = ? OR CAST(run_id AS TEXT) = ?", (run.run_id, run.run_id))
            db.execute("DELETE FROM lines WHERE run_id IS NULL OR run_id NOT IN (SELECT run_id FROM runs)")
        return len(old)


def _expect_all(record: SnapshotRecord, count: int) -> None:
    if count != record.entries:
        raise damaged_run(record.run_id, _("the lists that it read are not whole any more"))


@contextlib.contextmanager
def _snapshot_errors(record: SnapshotRecord) -> Iterator[None]:
    try:
        yield
    except JournalError:
        raise
    except Exception as error:  # Arrow raises many kinds for what it cannot read
        raise damaged_run(record.run_id, _("the lists that it read cannot be read any more")) from error


@contextlib.contextmanager
def _row_errors(run_id: str, table: str) -> Iterator[None]:
    try:
        yield
    except _FOREIGN as error:
        raise damaged_run(run_id, _("a row of its {table} cannot be right").format(table=table)) from error


def _plausible(record: SnapshotRecord) -> bool:
    return (
        isinstance(record.entries, int)
        and record.entries >= 0
        and isinstance(record.taken_at, int | float)
        and 0 <= record.taken_at <= LATEST
        and isinstance(record.run_id, str)
    )
