"""The Plan: every change that may be sent, decided before the first call."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.model import Action, Change, ListKind, Mode
from ptx_bulk.plan.lines import categorical


@dataclass(frozen=True, eq=False)
class Plan:
    """What shall be done, and the lines that tell why.

    Attributes:
        mode: what the input means to the lists.
        lists: the lists that the plan may change.
        lines: a frame of lines (see `plan.lines`); those that stand for a change have the status `planned`.
        changes: one row a change in the order of sending, columns `seq` (int32), `action`, `list` (categorical),
            `number` (int64 E.164 digits) and `identifiers` (object: tuple of spellings to send).
        before: entries on each list when the plan was made.
        kept: numbers that `sync` does not remove because a rejected row may mean them, by list.
    """

    mode: Mode
    lists: tuple[ListKind, ...]
    lines: pd.DataFrame
    changes: pd.DataFrame
    before: dict[ListKind, int]
    kept: dict[ListKind, int]

    def count(self, action: Action, kind: ListKind | None = None) -> int:
        """Number of changes of that action, on one list or on all."""
        mine = self.changes["action"] == action.value
        if kind is not None:
            mine = mine & (self.changes["list"] == kind.value)
        return int(mine.sum())

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the changes in their order: two plans with the same fingerprint send the same calls."""
        digest = hashlib.sha256(f"{self.mode.value}\n".encode())
        for change in iter_changes(self.changes):
            digest.update(f"{change.action.value} {change.kind.value} {' '.join(change.identifiers)}\n".encode())
        return digest.hexdigest()


def iter_changes(changes: pd.DataFrame) -> Iterator[Change]:
    """The rows of a changes frame as objects, one at a time."""
    columns = (changes[name].to_numpy() for name in ("seq", "action", "list", "number", "identifiers"))
    for seq, action, kind, number, identifiers in zip(*columns, strict=True):
        yield Change(int(seq), Action(action), ListKind(kind), int(number), tuple(identifiers))


def changes_frame(
    parts: list[tuple[Action, ListKind, npt.NDArray[np.int64], list[tuple[str, ...]]]],
) -> pd.DataFrame:
    """A changes frame from (action, list, numbers, identifiers) blocks, numbered from 0 in the order given."""
    sizes = [len(numbers) for _action, _kind, numbers, _identifiers in parts]
    total = sum(sizes)
    identifiers = np.empty(total, dtype=object)
    identifiers[:] = [spelling for part in parts for spelling in part[3]]
    actions = np.repeat([list(Action).index(part[0]) for part in parts], sizes)
    kinds = np.repeat([list(ListKind).index(part[1]) for part in parts], sizes)
    numbers = np.concatenate([part[2] for part in parts]) if parts else np.zeros(0, dtype="int64")
    return pd.DataFrame(
        {
            "seq": np.arange(total, dtype="int32"),
            "action": categorical(actions, [action.value for action in Action]),
            "list": categorical(kinds, [kind.value for kind in ListKind]),
            "number": numbers,
            "identifiers": identifiers,
        }
    )
