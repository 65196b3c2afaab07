"""What the lists tell of an interrupted run's changes: which were made after all, which are still to be sent."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.applying import Attempts, holds
from ptx_bulk.journal import Journal, RunRecord, SnapshotRecord
from ptx_bulk.model import Action, Code, Doubt, ListKind, Outcome, Status
from ptx_bulk.plan import same_entries
from ptx_bulk.snapshot import Snapshot

_Seqs: TypeAlias = npt.NDArray[np.int64]
_DONE = (Status.APPLIED.value, Status.UNCHANGED.value)
# After these a call of ours may have made the change, whatever the list showed when it was read last.
_OURS = (Doubt.LOST.value, Doubt.BOTH.value)


@dataclass(frozen=True, eq=False)
class SettledChanges:
    """The changes of a run that are not done, told apart by reading the lists.

    Attributes:
        made: outcomes of changes that calls of the run may have made and that turn out to be made.
        others: outcomes of changes that need no sending: the wished state holds by somebody else's doing (as the API
            may have claimed), or the plan is stale: the entry to be removed is another one now, or a later run of ours
            has changed the number.
        pending: a changes frame: what is still to be sent.
        unsent: those of the pending changes (by `seq`) that surely changed nothing yet.
        earlier: by `seq`, what has already been tried of pending changes.
        undone: changes (by `seq`) whose contrary a later run of ours did.
        proven: those of them that had been made, as that run found; the list as it is now says nothing of them.
    """

    made: list[Outcome]
    others: list[Outcome]
    pending: pd.DataFrame
    unsent: _Seqs
    earlier: dict[int, Attempts]
    undone: _Seqs
    proven: _Seqs


def settled(
    run: RunRecord, journal: Journal, changes: pd.DataFrame, snapshots: Mapping[ListKind, Snapshot]
) -> SettledChanges:
    """Judge the changes of a run by the lists as they are now and by what later runs did; nothing is written.

    A change counts as the run's own where one of its calls may have been processed: it has an intent but no outcome,
    its answer was lost, or the API said yes and the list did not show it. What the API only claimed was so before, and
    what never left, is somebody else's doing when the list shows it.
    """
    known = _Known.of(run, journal, changes)
    later = _Later.of(run, journal, changes)
    held = holds(changes, snapshots)
    # A later run plans only what changes a list. So what it did again had not been done, and what it undid had been.
    doubtful = known.doubtful & ~later.repeated
    proven = later.undone & (doubtful | ((known.status == Status.APPLIED.value) & known.unproven))
    made = doubtful & ((held & _own_entries(changes, known.remote_id, snapshots)) | later.undone)
    left = known.open & ~made & ~held
    stale = left & (later.repeated | later.undone | _replaced(run, journal, changes, snapshots))
    pending = left & ~stale
    ids = {**entry_ids(changes[made & held], snapshots), **later.entry_ids}
    as_claimed = known.outcomes(known.open & ~made & held, Status.UNCHANGED, (Code.ALREADY_LISTED, Code.NOT_LISTED))
    return SettledChanges(
        made=[
            replace(outcome, attempts=max(1, outcome.attempts), remote_id=ids.get(outcome.seq, ""))
            for outcome in known.outcomes(made, Status.APPLIED, (Code.APPLIED_AFTER_CHECK, Code.APPLIED_AFTER_CHECK))
        ],
        others=[
            *(replace(outcome, **known.claims.get(outcome.seq, {})) for outcome in as_claimed),
            *known.outcomes(stale, Status.NOT_ATTEMPTED, (Code.PLAN_STALE, Code.PLAN_STALE)),
        ],
        pending=changes[pending],
        unsent=known.seq[pending & ~doubtful],
        earlier={
            int(known.seq[at]): Attempts(made=int(known.attempts[at]), in_doubt=bool(doubtful[at]))
            for at in np.flatnonzero(pending & (doubtful | (known.attempts > 0))).tolist()
        },
        undone=known.seq[later.undone],
        proven=known.seq[proven],
    )


@dataclass(frozen=True, eq=False)
class _Known:
    """What the journal knows of a run's changes: arrays in the order of the changes, '' where there is no outcome.

    Attributes:
        seq, status, code, remote_id, attempts: of each change and its outcome.
        adding: whether it is an addition.
        unproven: whether its outcome was never verified, either way.
        open: whether its outcome is not the last word.
        doubtful: those of the open ones that a call of ours may have made.
        claims: by `seq`, the API's words where it claimed what the list did not show.
    """

    seq: _Seqs
    status: npt.NDArray[np.object_]
    code: npt.NDArray[np.object_]
    remote_id: npt.NDArray[np.object_]
    attempts: _Seqs
    adding: npt.NDArray[np.bool_]
    unproven: npt.NDArray[np.bool_]
    open: npt.NDArray[np.bool_]
    doubtful: npt.NDArray[np.bool_]
    claims: dict[Any, Any]

    @classmethod
    def of(cls, run: RunRecord, journal: Journal, changes: pd.DataFrame) -> _Known:
        outcomes = journal.outcomes(run.run_id).set_index("seq")
        seq = changes["seq"].to_numpy().astype("int64")
        names = ("status", "code", "doubt", "remote_id", "verified")
        status, code, doubt, remote_id, verified = (
            outcomes[name].reindex(seq).fillna("").to_numpy(dtype=object) for name in names
        )
        open_ = ~closed(status, code)
        intended = np.isin(seq, journal.intents(run.run_id))
        said_yes = (doubt == Doubt.NONE.value) & (
            (status == Status.UNKNOWN.value) | (code == Code.VERIFY_MISMATCH.value)
        )
        claims = outcomes[(outcomes["doubt"] == Doubt.CLAIMED.value).to_numpy()]
        return cls(
            seq=seq,
            status=status,
            code=code,
            remote_id=remote_id,
            attempts=outcomes["attempts"].reindex(seq).fillna(0).to_numpy(dtype="int64"),
            adding=(changes["action"] == Action.ADD.value).to_numpy(),
            unproven=verified == "",
            open=open_,
            doubtful=open_ & ((intended & (status == "")) | np.isin(doubt, _OURS) | said_yes),
            claims=claims[["http_status", "api_code", "message"]].to_dict("index"),
        )

    def outcomes(self, mask: npt.NDArray[np.bool_], status: Status, codes: tuple[Code, Code]) -> list[Outcome]:
        """Outcomes of these changes, as of now: the first code is for additions, the second for removals."""
        now = time.time()
        return [
            Outcome(
                int(self.seq[at]),
                status,
                codes[0] if self.adding[at] else codes[1],
                int(self.attempts[at]),
                finished_at=now,
            )
            for at in np.flatnonzero(mask).tolist()
        ]


def closed(status: npt.NDArray[np.object_], code: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """For each outcome whether it is the last word: done, refused by the API, or stale, which it stays for ever."""
    refused = (status == Status.FAILED.value) & (code == Code.REJECTED_BY_API.value)
    stale = (status == Status.NOT_ATTEMPTED.value) & (code == Code.PLAN_STALE.value)
    final: npt.NDArray[np.bool_] = np.isin(status, _DONE) | refused | stale
    return final


def not_erased(frame: pd.DataFrame) -> pd.DataFrame:
    """The changes or lines whose number is still known: nothing can be sent or proven of those that were erased."""
    return frame[(frame["number"] > 0).to_numpy()]


def planned_at(run: RunRecord, journal: Journal) -> float:
    """Unix time at which the lists were read that the run's plan was made for."""
    return min((record.taken_at for record in _planned_for(run, journal)), default=run.started_at)


def _planned_for(run: RunRecord, journal: Journal) -> list[SnapshotRecord]:
    return [
        record
        for record in journal.snapshots(run.account)
        if record.run_id == run.run_id and record.moment == "before" and record.kind in run.lists
    ]


@dataclass(frozen=True, eq=False)
class _Later:
    """What later runs of ours did with the numbers of a run's changes.

    Attributes:
        repeated, undone: for each change whether the first later change of its number is the same, or the contrary.
        entry_ids: by `seq`, the id of the entry that an addition had made, as the run that removed it noted it.
    """

    repeated: npt.NDArray[np.bool_]
    undone: npt.NDArray[np.bool_]
    entry_ids: dict[int, str]

    @classmethod
    def of(cls, run: RunRecord, journal: Journal, changes: pd.DataFrame) -> _Later:
        wanted = changes[["seq", "list", "number", "action"]].astype({"list": "str", "action": "str"})
        later = journal.changed_since(run, planned_at(run, journal)).astype({"list": "str", "action": "str"})
        both = wanted.merge(later, how="left", on=["list", "number"], suffixes=("", "_later"))
        changed = both["action_later"].notna().to_numpy()
        same = (both["action_later"] == both["action"]).to_numpy()
        undone = both[changed & ~same & (both["action"] == Action.ADD.value).to_numpy()]
        ids = zip(undone["seq"].tolist(), undone["entry_ids"].tolist(), strict=True)
        return cls(changed & same, changed & ~same, {seq: known[0] for seq, known in ids if known})


def with_outcomes(known: pd.DataFrame, found: list[Outcome]) -> pd.DataFrame:
    """A `Journal.outcomes` frame with these outcomes in place of those of the same changes."""
    if not found:
        return known
    rows = pd.DataFrame([{"seq": o.seq, "status": o.status.value, "remote_id": o.remote_id} for o in found])
    return pd.concat([known[~known["seq"].isin(rows["seq"]).to_numpy()], rows], ignore_index=True)


def entry_ids(changes: pd.DataFrame, snapshots: Mapping[ListKind, Snapshot]) -> dict[int, str]:
    """By `seq`, the ids of the entries that additions made, where the list shows one."""
    ids: dict[int, str] = {}
    for kind, snapshot in snapshots.items():
        mine = changes[((changes["list"] == kind.value) & (changes["action"] == Action.ADD.value)).to_numpy()]
        known = snapshot.ids_of(mine["number"].to_numpy())
        ids.update(
            (seq, known.get(number, ""))
            for seq, number in zip(mine["seq"].tolist(), mine["number"].tolist(), strict=True)
        )
    return ids


def _own_entries(
    changes: pd.DataFrame, ids: npt.NDArray[np.object_], snapshots: Mapping[ListKind, Snapshot]
) -> npt.NDArray[np.bool_]:
    """Changes whose entry is not known to be another one than the API named when it said that the addition was made."""
    own = np.ones(len(changes), dtype=bool)
    number = changes["number"].to_numpy()
    adding = (changes["action"] == Action.ADD.value).to_numpy() & (ids != "")
    for kind, snapshot in snapshots.items():
        mine = adding & (changes["list"] == kind.value).to_numpy()
        own[mine] = same_entries(number[mine], [(one,) for one in ids[mine].tolist()], snapshot)
    return own


def _replaced(
    run: RunRecord, journal: Journal, changes: pd.DataFrame, snapshots: Mapping[ListKind, Snapshot]
) -> npt.NDArray[np.bool_]:
    """Removals whose entry is another one than when the plan was made: somebody's newer STOP, which must stay."""
    replaced = np.zeros(len(changes), dtype=bool)
    removing = (changes["action"] == Action.REMOVE.value).to_numpy()
    number = changes["number"].to_numpy()
    unknown = removing & ~changes["entry_ids"].astype(bool).to_numpy()
    for kind in run.lists:
        mine = removing & (changes["list"] == kind.value).to_numpy()
        replaced[mine] = ~same_entries(number[mine], changes["entry_ids"][mine].tolist(), snapshots[kind])
    # Older versions kept no ids with the changes of a run: they are in the list that its plan was made for.
    for record in _planned_for(run, journal) if unknown.any() else ():
        mine = unknown & (changes["list"] == record.kind.value).to_numpy()
        known = journal.load_snapshot(record).entry_ids_of(number[mine])
        ids = [known.get(value, ()) for value in number[mine].tolist()]
        replaced[mine] = ~same_entries(number[mine], ids, snapshots[record.kind])
    return replaced
