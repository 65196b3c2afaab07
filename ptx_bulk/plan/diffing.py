"""Lines + snapshots → Plan."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.model import Action, Code, ListKind, Mode, Status
from ptx_bulk.numbers.sets import distinct, members, repeated
from ptx_bulk.plan.lines import join_code, set_where, unasked
from ptx_bulk.plan.planning import Plan, changes_frame
from ptx_bulk.snapshot import Snapshot

_NOTHING = np.zeros(0, dtype="int64")


def validate(lines: pd.DataFrame) -> pd.DataFrame:
    """Tell the duplicates: a number that stands earlier in the input, for the same list, counts once.

    A duplicate becomes `unchanged` with `DUPLICATE_IN_FILE` and the row where the number stood first.
    """
    at, key = _repeated(lines)
    _unique, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    origin = at[first[inverse]]
    later = origin != at
    mask = np.zeros(len(lines), dtype=bool)
    mask[at[later]] = True
    row = lines["row"].to_numpy()
    of_row = np.zeros(len(lines), dtype="int32")
    of_row[at[later]] = row[origin[later]]
    return lines.assign(
        status=set_where(lines["status"], mask, Status.UNCHANGED.value),
        code=join_code(lines["code"], Code.DUPLICATE_IN_FILE, mask),
        duplicate_of_row=of_row,
    )


def _repeated(lines: pd.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The accepted lines whose number stands more than once for its list: their places, and what they have in common.

    They are few as a rule; to sort the places of all lines would take several times the memory of the lines.
    """
    # E.164 stays below 10^15, so number and list fit one int64 key.
    key: npt.NDArray[np.int64] = lines["number"].to_numpy(np.int64) * 4
    key += lines["list"].cat.codes.to_numpy()
    key[lines["number"].to_numpy() <= 0] = 0
    at = np.flatnonzero(members(key, repeated(key))).astype(np.int64)
    return at, key[at]


def plan_changes(
    lines: pd.DataFrame,
    snapshots: Mapping[ListKind, Snapshot],
    mode: Mode,
    *,
    lists: tuple[ListKind, ...],
    spare: npt.NDArray[np.int64] = _NOTHING,
) -> Plan:
    """Decide every change.

    Args:
        lines: validated lines (`validate`).
        snapshots: both lists as they are; the one that a line does not aim at gives `ON_OTHER_LIST`.
        mode: `import` adds, `remove` removes, `sync` makes the list equal to the lines.
        lists: the lists that may be changed; `sync` removes from no other.
        spare: sorted numbers that `sync` must not remove, since a rejected row may mean them.

    Returns:
        The plan. Its lines are the input's lines in their order, then the removals that no row asked for.
    """
    wanted = Action.REMOVE if mode is Mode.REMOVE else Action.ADD
    blocks = []
    extra: list[pd.DataFrame] = []
    kept: dict[ListKind, int] = {}
    lines = lines.copy(deep=False)
    number = lines["number"].to_numpy()
    valid = (lines["status"] == Status.VALID.value).to_numpy()
    seq = lines["seq"].to_numpy().copy()
    total = 0
    for kind in lists:
        mine = valid & (lines["list"] == kind.value).to_numpy()
        listed = np.zeros(len(lines), dtype=bool)
        listed[mine] = snapshots[kind].contains(number[mine])
        change = mine & (listed == (wanted is Action.REMOVE))
        lines = _mark(lines, change, mine & ~change, wanted)
        lines = _mark_other(lines, mine, snapshots[_other(kind)])
        numbers = number[change]
        seq[change] = np.arange(total, total + len(numbers), dtype="int32")
        blocks.append((wanted, kind, numbers, _spellings(wanted, numbers, snapshots[kind])))
        total += len(numbers)
    if mode is Mode.SYNC:
        for kind in lists:
            mine = valid & (lines["list"] == kind.value).to_numpy()
            listed = snapshots[kind].numbers
            surplus = listed[~members(listed, distinct(number[mine]))]
            spared = members(surplus, spare)
            kept[kind] = int(spared.sum())
            numbers = surplus[~spared]
            blocks.append((Action.REMOVE, kind, numbers, _spellings(Action.REMOVE, numbers, snapshots[kind])))
            every = np.ones(len(numbers), dtype=bool)
            extra.append(_mark_other(unasked(numbers, kind, total), every, snapshots[_other(kind)]))
            total += len(numbers)
    lines["seq"] = seq
    if any(len(block) for block in extra):
        lines = _concat([lines, *extra])
    before = {kind: len(snapshots[kind]) for kind in lists}
    return Plan(mode, lists, lines, changes_frame(blocks, snapshots), before, kept)


def _mark(
    lines: pd.DataFrame, change: npt.NDArray[np.bool_], same: npt.NDArray[np.bool_], wanted: Action
) -> pd.DataFrame:
    reason = Code.NOT_LISTED if wanted is Action.REMOVE else Code.ALREADY_LISTED
    action = set_where(lines["action"], change, wanted.value)
    status = set_where(lines["status"], change, Status.PLANNED.value)
    return lines.assign(
        action=set_where(action, same, Action.KEEP.value),
        status=set_where(status, same, Status.UNCHANGED.value),
        code=join_code(lines["code"], reason, same),
    )


def _mark_other(lines: pd.DataFrame, mine: npt.NDArray[np.bool_], other: Snapshot) -> pd.DataFrame:
    on_other = mine.copy()
    on_other[mine] = other.contains(lines["number"].to_numpy()[mine])
    return lines.assign(code=join_code(lines["code"], Code.ON_OTHER_LIST, on_other))


def _other(kind: ListKind) -> ListKind:
    return ListKind.NPAI if kind is ListKind.STOP else ListKind.STOP


def _spellings(action: Action, numbers: npt.NDArray[np.int64], snapshot: Snapshot) -> Iterable[tuple[str, ...]]:
    if action is Action.ADD:
        return itertools.repeat((), len(numbers))
    known = snapshot.identifiers_of(numbers)
    return [known[number] for number in numbers.tolist()]


def _concat(frames: list[pd.DataFrame]) -> pd.DataFrame:
    # pandas falls back to object columns when categories differ: unite them first.
    columns = {}
    for name in frames[0].columns:
        parts = [frame[name] for frame in frames]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            # An empty column's categories are of no type, and only like types unite.
            texts = [part.astype(pd.CategoricalDtype(part.cat.categories.astype("str"))) for part in parts]
            columns[name] = pd.Series(pd.api.types.union_categoricals(texts))
        else:
            columns[name] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns)
