"""The inverse of what a run applied, where the lists still are as that run left them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.model import Action, Code, ListKind, Mode, Status
from ptx_bulk.plan.lines import constant, join_code, replace_code, set_where
from ptx_bulk.plan.origins import without_origins
from ptx_bulk.plan.planning import Plan, changes_frame
from ptx_bulk.snapshot import Snapshot


def invert(
    lines: pd.DataFrame, changes: pd.DataFrame, outcomes: pd.DataFrame, snapshots: Mapping[ListKind, Snapshot]
) -> Plan:
    """The plan that takes back what a run applied.

    Args:
        lines: as the run planned them.
        changes: as the run planned them.
        outcomes: what became of the changes (`Journal.outcomes`); only those that are `applied` are taken back.
        snapshots: the lists as they are now.

    Returns:
        A plan whose lines are the run's lines for those changes. An addition is taken back only while the list holds
        the very entry that the run made (by its id, where both are known): another entry is somebody's newer STOP
        and stays, `not_attempted` with `PLAN_STALE`.
    """
    applied = outcomes[(outcomes["status"] == Status.APPLIED.value).to_numpy()]
    lines = without_origins(lines[lines["seq"].isin(applied["seq"]).to_numpy()].reset_index(drop=True))
    old = changes.set_index("seq").loc[lines["seq"].to_numpy()]
    ids = applied.set_index("seq").loc[lines["seq"].to_numpy(), "remote_id"].to_numpy(dtype=object)
    number = lines["number"].to_numpy()
    added = (old["action"] == Action.ADD.value).to_numpy()
    everything = np.ones(len(lines), dtype=bool)
    lines = lines.assign(
        action=set_where(lines["action"], everything, Action.NONE.value),
        status=set_where(lines["status"], everything, Status.UNCHANGED.value),
        code=constant(len(lines), ""),
        seq=np.full(len(lines), -1, dtype="int32"),
    )
    seq = lines["seq"].to_numpy().copy()
    blocks = []
    total = 0
    kinds = tuple(kind for kind in ListKind if (lines["list"] == kind.value).any())
    for wanted in (Action.ADD, Action.REMOVE):
        for kind in kinds:
            mine = (lines["list"] == kind.value).to_numpy() & (added == (wanted is Action.REMOVE))
            lines, take = _taken_back(lines, ids, mine, wanted, snapshots[kind])
            numbers = number[take]
            seq[take] = np.arange(total, total + len(numbers), dtype="int32")
            known = snapshots[kind].identifiers_of(numbers) if wanted is Action.REMOVE else {}
            spellings = [known.get(value, (f"+{value}",)) for value in numbers.tolist()]
            blocks.append((wanted, kind, numbers, spellings))
            total += len(numbers)
    before = {kind: len(snapshots[kind]) for kind in kinds}
    return Plan(Mode.UNDO, kinds, lines.assign(seq=seq), changes_frame(blocks, snapshots), before, {})


def _taken_back(
    lines: pd.DataFrame, ids: npt.NDArray[np.object_], mine: npt.NDArray[np.bool_], wanted: Action, snapshot: Snapshot
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """The lines, those of `mine` judged by the list as it is now, and which of them the wished action is still for."""
    number = lines["number"].to_numpy()
    listed = snapshot.contains(number) & mine
    if wanted is Action.REMOVE:
        newer = listed & ~_same_entry(number, ids, listed, snapshot)
        take, same, reason = listed & ~newer, mine & ~listed, Code.NOT_LISTED
        lines = lines.assign(
            status=set_where(lines["status"], newer, Status.NOT_ATTEMPTED.value),
            code=replace_code(lines["code"], Code.PLAN_STALE, newer),
        )
    else:
        take, same, reason = mine & ~listed, listed, Code.ALREADY_LISTED
    judged = lines.assign(
        action=set_where(set_where(lines["action"], take, wanted.value), same, Action.KEEP.value),
        status=set_where(lines["status"], take, Status.PLANNED.value),
        code=join_code(lines["code"], reason, same),
    )
    return judged, take


def same_entries(
    numbers: npt.NDArray[np.int64], ids: Sequence[Collection[str]], snapshot: Snapshot
) -> npt.NDArray[np.bool_]:
    """For each number whether the list holds no other entry of it than those with the ids given.

    No ids, or '' among them, means that they are not known: then every entry matches, as does one without an id.
    """
    rows = snapshot.entries[np.isin(snapshot.entries["number"].to_numpy(), numbers)]
    now: dict[int, set[str]] = {}
    for number, remote_id in zip(rows["number"].tolist(), rows["remote_id"].tolist(), strict=True):
        now.setdefault(number, set()).add(remote_id)
    pairs = zip(numbers.tolist(), ids, strict=True)
    return np.array(
        [not known or "" in known or now.get(number, set()) <= {"", *known} for number, known in pairs], dtype=bool
    )


def _same_entry(
    number: npt.NDArray[np.int64],
    ids: npt.NDArray[np.object_],
    listed: npt.NDArray[np.bool_],
    snapshot: Snapshot,
) -> npt.NDArray[np.bool_]:
    same = np.ones(len(number), dtype=bool)
    same[listed] = same_entries(number[listed], [(remote_id,) for remote_id in ids[listed].tolist()], snapshot)
    return same
