"""The Plan: every change that may be sent, decided before the first call."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.model import Action, Change, ListKind, Mode
from ptx_bulk.plan.lines import categorical
from ptx_bulk.snapshot import Snapshot

_STEP = 10_000  # changes at a time
ChangeRow: TypeAlias = tuple[str, str, int, Sequence[str], Sequence[str]]


@dataclass(frozen=True, eq=False)
class Plan:
    """What shall be done, and the lines that tell why.

    Attributes:
        mode: what the input means to the lists.
        lists: the lists that the plan may change.
        lines: a frame of lines (see `plan.lines`); those that stand for a change have the status `planned`.
        changes: one row a change in the order of sending, columns `seq` (int32), `action`, `list` (categorical),
            `number` (int64 E.164 digits), `identifiers` (object: tuple of spellings to send, empty for an addition:
            `spellings` tells its one) and `entry_ids` (object: tuple of the server's ids of the entries that a removal
            means; empty for additions and where not known).
        before: entries on each list when the plan was made.
        kept: numbers that `sync` does not remove because a rejected row may mean them, by list.
        removals: the removals from STOP in the order of sending, with who had put the numbers there: columns `seq`,
            `number`, `ours`, `since` (ISO 8601), `campaign`, `run_id` (`plan.with_origins`); None where there are none.
    """

    mode: Mode
    lists: tuple[ListKind, ...]
    lines: pd.DataFrame
    changes: pd.DataFrame
    before: dict[ListKind, int]
    kept: dict[ListKind, int]
    removals: pd.DataFrame | None = None

    def count(self, action: Action, kind: ListKind | None = None) -> int:
        """Number of changes of that action, on one list or on all."""
        mine = self.changes["action"] == action.value
        if kind is not None:
            mine = mine & (self.changes["list"] == kind.value)
        return int(mine.sum())

    @property
    def fingerprint(self) -> str:
        """Two plans with the same fingerprint send the same calls in the same order, and mean the same entries."""
        return plan_fingerprint(self.mode, self.rows())

    def rows(self) -> Iterator[ChangeRow]:
        """The changes as (action, list, number, identifiers, entry ids), in their order."""
        names = ("action", "list", "number", "identifiers", "entry_ids")
        columns = (_listed(self.changes[name]) for name in names)
        for action, kind, number, identifiers, entry_ids in zip(*columns, strict=True):
            yield action, kind, number, spellings(number, identifiers), entry_ids


def spellings(number: int, identifiers: Sequence[str]) -> tuple[str, ...]:
    """What is sent for a change: as a changes frame spells it, where it does; the number's E.164 for an addition.

    Millions of additions would cost more memory as texts of their own than all else that is known of them.
    """
    return tuple(identifiers) or (f"+{number}",)


def _listed(column: pd.Series) -> Iterator[Any]:
    """The values of a column as Python has them, some at a time."""
    for at in range(0, len(column), _STEP):
        yield from column.iloc[at : at + _STEP].tolist()


def plan_fingerprint(mode: Mode, changes: Iterable[ChangeRow]) -> str:
    """SHA-256, in hex, of changes as (action, list, number, identifiers, entry ids) in their order."""
    digest = hashlib.sha256(f"{mode.value}\n".encode())
    lines = map(msgspec.json.Encoder().encode, changes)
    while some := list(itertools.islice(lines, _STEP)):
        digest.update(b"\n".join([*some, b""]))
    return digest.hexdigest()


def iter_changes(changes: pd.DataFrame) -> Iterator[Change]:
    """The rows of a changes frame as objects, one at a time."""
    columns = (_listed(changes[name]) for name in ("seq", "action", "list", "number", "identifiers"))
    for seq, action, kind, number, identifiers in zip(*columns, strict=True):
        yield Change(seq, Action(action), ListKind(kind), number, spellings(number, identifiers))


def changes_frame(
    parts: Sequence[tuple[Action, ListKind, npt.NDArray[np.int64], Iterable[tuple[str, ...]]]],
    snapshots: Mapping[ListKind, Snapshot] | None = None,
) -> pd.DataFrame:
    """A changes frame from (action, list, numbers, identifiers) blocks, numbered from 0 in the order given.

    `snapshots` are the lists that the plan is made for: removals mean the entries that stand there, and no others.
    """
    sizes = [len(numbers) for _action, _kind, numbers, _identifiers in parts]
    total = sum(sizes)
    identifiers = _tuples(total, (part[3] for part in parts))
    entry_ids = _tuples(total, (_entry_ids(part[0], part[2], (snapshots or {}).get(part[1])) for part in parts))
    actions = np.repeat(np.array([list(Action).index(part[0]) for part in parts], np.int8), sizes)
    kinds = np.repeat(np.array([list(ListKind).index(part[1]) for part in parts], np.int8), sizes)
    numbers = np.concatenate([part[2] for part in parts]) if parts else np.zeros(0, dtype="int64")
    return pd.DataFrame(
        {
            "seq": np.arange(total, dtype="int32"),
            "action": categorical(actions, [action.value for action in Action]),
            "list": categorical(kinds, [kind.value for kind in ListKind]),
            "number": numbers,
            "identifiers": identifiers,
            "entry_ids": entry_ids,
        },
        copy=False,
    )


def _tuples(total: int, parts: Iterable[Iterable[tuple[str, ...]]]) -> npt.NDArray[np.object_]:
    found = np.empty(total, dtype=object)
    for at, one in enumerate(itertools.chain.from_iterable(parts)):
        found[at] = one
    return found


def _entry_ids(action: Action, numbers: npt.NDArray[np.int64], snapshot: Snapshot | None) -> Iterable[tuple[str, ...]]:
    if action is not Action.REMOVE or snapshot is None:
        return itertools.repeat((), len(numbers))
    known = snapshot.entry_ids_of(numbers)
    return [known.get(number, ()) for number in numbers.tolist()]
