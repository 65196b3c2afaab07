"""What the tests of plans are made from: lines, lists, and the state that a plan leaves behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from ptx_bulk.model import Action, ListKind, Mode
from ptx_bulk.plan import Plan, assemble_lines, iter_changes, plan_changes, validate
from ptx_bulk.snapshot import Snapshot

FIRST = 33600000000
STOP, NPAI = ListKind.STOP, ListKind.NPAI
BOTH = (STOP, NPAI)


class Found(NamedTuple):
    """A phone value as the rooms below answer it."""

    number: int
    list: str
    code: str | None = None  # by default none for a number and TOO_SHORT for what is none
    hidden: bool = False
    suggestion: str = ""


def assembled(values: Sequence[tuple[object, ...]], *, first_row: int = 2, cells: list[int] | None = None):
    """Lines of these values (`Found` or the beginning of one), one a cell, or each from the cell named."""
    found = [Found(*value) for value in values]
    of_cell = dict(zip(range(len(found)) if cells is None else cells, found, strict=True))
    n = len(of_cell)
    table = pd.DataFrame(
        {
            "file": pd.Categorical(["a.csv"] * n),
            "sheet": pd.Categorical([""] * n),
            "row": np.arange(first_row, first_row + n, dtype="int32"),
            "column": pd.Categorical(["Mobile"] * n),
            "raw": pd.Series([f"raw {at}" for at in range(n)], dtype="str"),
            "hidden": np.array([of_cell[at].hidden for at in range(n)], dtype=bool),
            "list": pd.Categorical([of_cell[at].list for at in range(n)]),
            "detail": pd.Categorical([f"detail {at}" for at in range(n)]),
        }
    )
    codes = [("" if one.number else "TOO_SHORT") if one.code is None else one.code for one in found]
    normalised = pd.DataFrame(
        {
            "cell": np.arange(n) if cells is None else np.array(cells),
            "number": np.array([one.number for one in found], dtype="int64"),
            "code": pd.Categorical(codes),
            "suggestion": pd.Series([one.suggestion for one in found], dtype="str"),
        }
    )
    return assemble_lines(table, normalised)


def lines_of(values: Sequence[tuple[object, ...]], *, first_row: int = 2) -> pd.DataFrame:
    """Lines of these values, one a cell, their duplicates told."""
    return validate(assembled(values, first_row=first_row))


def texts(lines: pd.DataFrame, name: str) -> list[str]:
    """A column of lines as plain texts."""
    return lines[name].astype("str").tolist()


def snapshot(kind: ListKind, numbers: Collection[int], ids: str = "") -> Snapshot:
    """A list with these numbers; with `ids` each entry has an id that begins so."""
    ordered = sorted(numbers)
    return Snapshot.of(kind, 0.0, [f"+{n}" for n in ordered], [f"{ids}{n}" for n in ordered] if ids else None)


def both(stop: Collection[int], npai: Collection[int]) -> dict[ListKind, Snapshot]:
    """Both lists with these numbers."""
    return {STOP: snapshot(STOP, stop), NPAI: snapshot(NPAI, npai)}


def wanted(plan: Plan) -> list[tuple[Action, ListKind, int]]:
    """The changes of a plan in their order."""
    return [(change.action, change.kind, change.number) for change in iter_changes(plan.changes)]


def carried_out(plan: Plan, lists: Mapping[ListKind, set[int]]) -> dict[ListKind, set[int]]:
    """The lists as the plan leaves them; no change may be idle."""
    after = {kind: set(numbers) for kind, numbers in lists.items()}
    for change in iter_changes(plan.changes):
        if change.action is Action.ADD:
            assert change.number not in after[change.kind]
            after[change.kind].add(change.number)
        else:
            after[change.kind].remove(change.number)
    return after


def removal_plan(size: int, removals: int, kind: ListKind = NPAI) -> Plan:
    """A plan that removes so many numbers from a list of that size."""
    numbers = range(FIRST, FIRST + size)
    snapshots = both(numbers if kind is STOP else (), numbers if kind is NPAI else ())
    values = [(FIRST + at, kind.value) for at in range(removals)]
    return plan_changes(lines_of(values), snapshots, Mode.REMOVE, lists=(kind,))


def outcomes_of(plan: Plan, statuses: list[str], ids: list[str]) -> pd.DataFrame:
    """What became of the plan's changes, as a journal tells it."""
    return pd.DataFrame({"seq": plan.changes["seq"].astype("int64"), "status": statuses, "remote_id": ids})
