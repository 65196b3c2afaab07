"""A look through the journal for numbers: its runs, and its readings of the lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.errors import DamagedRun, JournalError
from ptx_bulk.journal import Journal, RunRecord, RunState, SnapshotRecord
from ptx_bulk.model import Event, ListEvent, ListKind, Status
from ptx_bulk.pipeline.reading_lists.list_events import credited
from ptx_bulk.pipeline.reading_lists.timelines import Row, Sighting, Told, frame_of, moment, reading_events, run_events
from ptx_bulk.pipeline.steps.listed_since import Since, listed_since
from ptx_bulk.pipeline.steps.recalling import unsent_code

_OF_RUN = ("run_id", "command", "actor", "host", "comment", "version", "reason")
_MADE = (Status.APPLIED.value, Status.UNKNOWN.value)
_DIRECTION = {Event.CAME: ListEvent.ADDED.value, Event.LEFT: ListEvent.REMOVED.value}
_Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Whether a number is on a list, as it was last read.

    Attributes:
        held: None where the list was never read.
        read_at: when, ISO 8601 in UTC; '' for never.
        stopped_at, campaign_id, added_approx: since when, as `listed_since` knows it.
    """

    list: ListKind
    account: str
    held: bool | None
    read_at: str = ""
    stopped_at: str = ""
    campaign_id: str = ""
    added_approx: str = ""


@dataclass
class NumberSearch:
    """One look through a journal.

    Attributes:
        journal: the journal.
        accounts: whose runs and readings count.
        sought: the numbers.
        notices: what limits the answer, such as a damaged run.
        standings: number by number and list by list, once `events` has looked.
    """

    journal: Journal
    accounts: tuple[str, ...]
    sought: _Int64s
    notices: list[str] = field(default_factory=list)
    standings: list[tuple[int, Standing]] = field(default_factory=list)

    def events(self) -> pd.DataFrame:
        """Every event of the numbers, with the columns of `EVENT_COLUMNS`."""
        runs = [run for run in self.journal.runs() if run.account in self.accounts]
        undone = {run.parent: run.run_id for run in runs if run.parent and run.state is not RunState.REFUSED}
        ours = [row for run in runs for row in self._of_run(run, undone.get(run.run_id, ""))]
        rows = list(ours)
        for account in self.accounts:
            for kind in ListKind:
                rows += self._of_list(account, kind, ours)
        return frame_of(rows, self.sought.tolist())

    def _of_run(self, run: RunRecord, undone_by: str) -> list[Row]:
        try:
            lines = self._lines(run.run_id)
            if not len(lines):
                return []
            seqs = np.unique(lines["seq"].to_numpy().astype("int64"))
            seqs = seqs[seqs >= 0]
            outcomes = self.journal.outcomes(run.run_id, seqs)
            undecided = set(seqs.tolist()) - set(outcomes["seq"])
            intended = {seq for seq in undecided if self.journal.intended(run.run_id, seq)}
            files = self.journal.inputs(run.run_id) or (self.journal.inputs(run.parent) if run.parent else [])
        except DamagedRun as error:
            self._note(error)
            return []
        sha256 = {file.path: file.sha256 for file in files}
        told = Told(run=run, sha256=sha256, undone_by=undone_by, unsent=unsent_code(run))
        return list(run_events(told, lines, outcomes, intended))

    def _lines(self, run_id: str) -> pd.DataFrame:
        """The run's lines that name the numbers; of a run whose lines are damaged its changes, which tell less.

        Raises:
            DamagedRun: its changes are damaged, too.
        """
        try:
            return self.journal.mentions(run_id, self.sought)
        except DamagedRun as error:
            self._note(error)
            return self.journal.changes_to(run_id, self.sought).assign(status="", code="", row=0)

    def _of_list(self, account: str, kind: ListKind, ours: Sequence[Row]) -> list[Row]:
        """What the readings of a list tell, and how the numbers stand on it."""
        last, readings = self._readings(account, kind)
        facts, rows = self._since(last, readings), list[Row]()
        for number, seen in zip(self.sought.tolist(), readings, strict=True):
            known = facts[number]._asdict() if number in facts else {}
            self.standings.append((number, _standing(account, kind, seen, known)))
            for row in reading_events(number, kind, account, seen):
                rows.append(row | (known if row["event"] is Event.LISTED else {}))
            if known.get("stopped_at"):
                at = datetime.fromisoformat(known["stopped_at"]).timestamp()
                row = {"number": number, "list": kind.value, "account": account, "event": Event.OPTED_OUT, "at": at}
                rows.append(row | known)
        return explained(rows, ours)

    def _readings(self, account: str, kind: ListKind) -> tuple[SnapshotRecord | None, list[list[Sighting]]]:
        """The last reading of a list that is whole; and for each number all of them, in the order of time."""
        last, readings = None, [list[Sighting]() for _number in self.sought]
        held: dict[str, npt.NDArray[np.bool_]] = {}  # most readings find the list as the one before did
        for record in sorted(self.journal.snapshots(account, kind), key=lambda one: (one.taken_at, one.snapshot_id)):
            try:
                if record.identity not in held:
                    held[record.identity] = self.journal.holding(record, self.sought)
            except DamagedRun as error:
                self._note(error)
                continue
            for number, at, now in zip(self.sought.tolist(), readings, held[record.identity], strict=True):
                if now and last and not at[-1].held and self._erased_between(number, last, record):
                    at.clear()  # what is left of the earlier readings does not tell of it
                at.append(Sighting(record.taken_at, bool(now)))
            last = record
        return last, readings

    def _erased_between(self, number: int, before: SnapshotRecord, now: SnapshotRecord) -> bool:
        """Whether the number did not come, but was on the earlier list, too, and has been erased from that reading."""
        try:
            erased = self.journal.part_of_snapshot(before, np.array([0]))
            entries = self.journal.part_of_snapshot(now, np.array([number])).entries
        except DamagedRun as error:
            self._note(error)
            return False
        return bool(erased.knew(entries).any())

    def _since(self, last: SnapshotRecord | None, readings: list[list[Sighting]]) -> dict[int, Since]:
        here = [number for number, seen in zip(self.sought.tolist(), readings, strict=True) if seen and seen[-1].held]
        if last is None or not here:
            return {}
        numbers = np.array(here, dtype="int64")
        try:
            return listed_since(self.journal.part_of_snapshot(last, numbers), numbers)
        except DamagedRun as error:  # that they are listed is known from its pages
            self._note(error)
            return {}

    def _note(self, error: JournalError) -> None:
        if str(error) not in self.notices:
            self.notices.append(str(error))


def explained(rows: list[Row], ours: Sequence[Row]) -> list[Row]:
    """What the readings of a list tell, with the run of ours behind what came or left, by the rule of `changes`.

    Args:
        rows: of `reading_events`, about one account's list.
        ours: what our runs did with the numbers, of `run_events`.
    """
    moved = [row for row in rows if row["event"] in _DIRECTION]
    accounts = {row["account"] for row in moved}
    made = [row for row in ours if row["status"] in _MADE and row["account"] in accounts]
    made.sort(key=lambda row: row["at"])
    if not moved or not made:
        return rows
    columns = {"run_id": "run_id", "list": "list", "number": "number", "action": "action", "finished_at": "at"}
    done = {name: [row[of] for row in made] for name, of in columns.items()}
    seen = {name: [row[name] for row in moved] for name in ("number", "list", "after")}
    runs = credited(
        pd.DataFrame(
            seen | {"by": [row["at"] for row in moved], "event": [_DIRECTION[row["event"]] for row in moved]}
        ).assign(replaces=""),
        pd.DataFrame(done | {"verified": [row.get("verified", "") for row in made]}),
    )
    facts = {row["run_id"]: {name: row[name] for name in _OF_RUN} for row in made}
    for row, run_id in zip(moved, runs.tolist(), strict=True):
        row.update(facts.get(run_id, {}))
    return rows


def _standing(account: str, kind: ListKind, seen: list[Sighting], known: dict[str, str]) -> Standing:
    if not seen:
        return Standing(list=kind, account=account, held=None)
    return Standing(list=kind, account=account, held=seen[-1].held, read_at=moment(seen[-1].taken_at), **known)
