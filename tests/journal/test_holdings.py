"""Which numbers a snapshot holds: told by its pages as by its entries, whatever became of the pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.journal import Journal, erase
from ptx_bulk.journal.rows.holdings import holding_pages
from ptx_bulk.model import ListKind
from ptx_bulk.numbers import Writings
from ptx_bulk.snapshot import Snapshot

FIRST = 33_600_000_000
MANY = [FIRST + 3 * n for n in range(5000)]  # three pages
SOUGHT = [1, FIRST, FIRST + 1, MANY[2047], MANY[2047] + 1, MANY[2048], MANY[-1], MANY[-1] + 1, 10**15 - 1]


def kept(home: Path, numbers: list[int]) -> None:
    with Journal(home) as journal:
        spelled = [f"+{number}" for number in numbers]
        journal.add_snapshot("a", "r", "before", Snapshot.of(ListKind.STOP, 100.0, spelled))


def held(home: Path, sought: list[int]) -> list[int]:
    with Journal(home) as journal:
        found = journal.holding(journal.snapshots("a", ListKind.STOP)[0], np.array(sought, dtype="int64"))
    return [number for number, is_held in zip(sought, found.tolist(), strict=True) if is_held]


@given(st.lists(st.integers(1, 40) | st.integers(10**14, 10**15 - 1)), st.lists(st.integers(1, 40)))
def test_pages_tell_what_a_list_holds(
    tmp_path_factory: pytest.TempPathFactory, listed: list[int], more: list[int]
) -> None:
    """For any list and any numbers, in any order and repeated, the pages tell which of them it holds."""
    home, sought = tmp_path_factory.mktemp("home"), [*more, *listed]
    kept(home, listed)
    assert held(home, sought) == [number for number in sought if number in set(listed)]


@pytest.mark.parametrize(
    "damage",
    [
        "SELECT 1",
        "DELETE FROM holdings",
        "DELETE FROM holdings WHERE first = (SELECT max(first) FROM holdings)",
        "DELETE FROM holdings WHERE first = 0",
        "UPDATE holdings SET steps = zeroblob(length(steps))",
        "UPDATE holdings SET until = until + 5000",
        "UPDATE holdings SET seal = 'x'",
        "UPDATE holdings SET steps = NULL WHERE 0",
    ],
)
def test_damaged_or_missing_pages_are_not_believed(tmp_path: Path, damage: str) -> None:
    """Where pages are altered, missing or of no earlier version's making, the entries tell it."""
    kept(tmp_path, MANY)
    with Journal(tmp_path) as journal, journal.transaction() as db:
        db.execute(damage)
    assert held(tmp_path, SOUGHT) == [number for number in SOUGHT if number in set(MANY)]


def test_pages_of_another_list_are_not_believed(tmp_path: Path) -> None:
    """Pages that were moved to another snapshot are known by their seals."""
    kept(tmp_path, MANY)
    with Journal(tmp_path) as journal, journal.transaction() as db:
        (identity,) = db.execute("SELECT fingerprint FROM snapshot_entries").fetchone()
        pages = holding_pages("another", np.array([5], dtype="int64"))
        db.execute("DELETE FROM holdings")
        db.executemany("INSERT INTO holdings VALUES (?, ?, ?, ?, ?)", [(identity, *page) for page in pages])
    assert held(tmp_path, [5, FIRST]) == [FIRST]


def test_pages_go_with_what_is_erased_and_what_is_purged(tmp_path: Path) -> None:
    """An erased number is on no page any more, the others are; a purged snapshot leaves no page."""
    kept(tmp_path, MANY)
    with Journal(tmp_path) as journal:
        erase(journal, Writings([FIRST]))
    assert held(tmp_path, SOUGHT) == [number for number in SOUGHT if number in set(MANY[1:])]
    with Journal(tmp_path) as journal:
        assert journal.db.execute("SELECT count(DISTINCT fingerprint) FROM holdings").fetchone() == (1,)
        with journal.transaction() as db:
            db.execute("DELETE FROM snapshot_entries")
        assert journal.db.execute("SELECT count(*) FROM holdings").fetchone() == (0,)
