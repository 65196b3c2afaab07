"""What the lists tell of an interrupted run's changes: which were made after all, which are still to be sent."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.applying import Attempts, holds
from ptx_bulk.journal import Journal, RunRecord
from ptx_bulk.model import Action, Code, Doubt, ListKind, Outcome, Status
from ptx_bulk.plan import same_entries
from ptx_bulk.snapshot import Snapshot

_DONE = (Status.APPLIED.value, Status.UNCHANGED.value)
# After these a call of ours may have made the change, whatever the list showed when it was read last.
_OURS = (Doubt.LOST.value, Doubt.BOTH.value)


@dataclass(frozen=True, eq=False)
class Settled:
    """The changes of a run that are not done, told apart by reading the lists.

    Attributes:
        made: outcomes of changes that calls of the run may have made and that turn out to be made.
        others: outcomes of changes that need no sending: the wished state holds by somebody else's doing (as the API
            may have claimed), or the entry to be removed is another one now.
        pending: a changes frame: what is still to be sent.
        unsent: those of the pending changes (by `seq`) that surely changed nothing yet.
        earlier: by `seq`, what has already been tried of pending changes.
    """

    made: list[Outcome]
    others: list[Outcome]
    pending: pd.DataFrame
    unsent: npt.NDArray[np.int64]
    earlier: dict[int, Attempts]


def settled(run: RunRecord, journal: Journal, changes: pd.DataFrame, snapshots: Mapping[ListKind, Snapshot]) -> Settled:
    """Judge the changes of a run by the lists as they are now; nothing is written.

    A change counts as the run's own where one of its calls may have been processed: it has an intent but no outcome,
    its answer was lost, or the API said yes and the list did not show it. What the API only claimed was so before, and
    what never left, is somebody else's doing when the list shows it.
    """
    outcomes = journal.outcomes(run.run_id).set_index("seq")
    seq = changes["seq"].to_numpy().astype("int64")
    status = outcomes["status"].reindex(seq).fillna("").to_numpy(dtype=object)
    code = outcomes["code"].reindex(seq).fillna("").to_numpy(dtype=object)
    doubt = outcomes["doubt"].reindex(seq).fillna("").to_numpy(dtype=object)
    tried = outcomes["attempts"].reindex(seq).fillna(0).to_numpy(dtype="int64")
    refused = (status == Status.FAILED.value) & (code == Code.REJECTED_BY_API.value)
    open_ = ~(np.isin(status, _DONE) | refused)
    intended = np.isin(seq, journal.intents(run.run_id))
    said_yes = (doubt == Doubt.NONE.value) & ((status == Status.UNKNOWN.value) | (code == Code.VERIFY_MISMATCH.value))
    doubtful = open_ & ((intended & (status == "")) | np.isin(doubt, _OURS) | said_yes)
    held = holds(changes, snapshots)
    known_ids = outcomes["remote_id"].reindex(seq).fillna("").to_numpy(dtype=object)
    own = doubtful & held & _own_entries(changes, known_ids, snapshots)
    newer = open_ & ~held & _replaced(run, journal, changes, snapshots)
    pending = open_ & ~held & ~newer
    ids = entry_ids(changes[own], snapshots)
    adding = (changes["action"] == Action.ADD.value).to_numpy()
    now = time.time()

    def found(at: int, status: Status, code: Code, attempts: int) -> Outcome:
        return Outcome(int(seq[at]), status, code, attempts, remote_id=ids.get(int(seq[at]), ""), finished_at=now)

    made = [
        found(at, Status.APPLIED, Code.APPLIED_AFTER_CHECK, max(1, int(tried[at])))
        for at in np.flatnonzero(own).tolist()
    ]
    claims = outcomes[(outcomes["doubt"] == Doubt.CLAIMED.value).to_numpy()]
    words: dict[Any, Any] = claims[["http_status", "api_code", "message"]].to_dict("index")
    others = [
        replace(
            found(at, Status.UNCHANGED, Code.ALREADY_LISTED if adding[at] else Code.NOT_LISTED, int(tried[at])),
            **words.get(int(seq[at]), {}),
        )
        for at in np.flatnonzero(open_ & ~own & held).tolist()
    ]
    others += [
        found(at, Status.NOT_ATTEMPTED, Code.PLAN_STALE, int(tried[at])) for at in np.flatnonzero(newer).tolist()
    ]
    earlier = {
        int(seq[at]): Attempts(made=int(tried[at]), in_doubt=bool(doubtful[at]))
        for at in np.flatnonzero(pending & (doubtful | (tried > 0))).tolist()
    }
    return Settled(made, others, changes[pending], seq[pending & ~doubtful], earlier)


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
    for record in journal.snapshots(run.account):
        if record.run_id != run.run_id or record.moment != "before" or record.kind not in run.lists:
            continue
        mine = removing & (changes["list"] == record.kind.value).to_numpy()
        then = journal.load_snapshot(record).entries
        known: dict[int, set[str]] = {}
        for value, remote_id in zip(then["number"].tolist(), then["remote_id"].tolist(), strict=True):
            known.setdefault(value, set()).add(remote_id)
        ids = [known.get(value, set()) for value in number[mine].tolist()]
        replaced[mine] = ~same_entries(number[mine], ids, snapshots[record.kind])
    return replaced
