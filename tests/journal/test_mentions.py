"""Which lines of a run name a number is told from its pages, and without them as well."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptx_bulk.errors import DamagedRun
from ptx_bulk.journal import Journal, RunRecord
from ptx_bulk.model import ListKind
from ptx_bulk.numbers import e164_text
from ptx_bulk.plan.planning import changes_frame
from ptx_bulk.snapshot import Snapshot

FIRST = 33600000000
RUN = RunRecord(
    run_id="20260101-000000-aaaa", command="import", mode="import", account="a", base_url="https://api.example",
    lists=(ListKind.STOP,), options={}, started_at=1000.0,
)  # fmt: skip


def lines_of(number: np.ndarray, suggestion: list[str] | None = None) -> pd.DataFrame:
    """Lines of that many numbers, 0 for none."""
    text = pd.Series(suggestion or [""] * len(number), dtype="str")
    return pd.DataFrame({"raw": e164_text(number), "number": number, "suggestion": text, "seq": np.int32(-1)})


def begin(journal: Journal, lines: pd.DataFrame) -> None:
    journal.begin(RUN, [], lines, changes_frame([]))


def places(journal: Journal, *sought: int) -> list[tuple[int, int]]:
    """Number and place of each line that names one of the numbers."""
    found = journal.mentions(RUN.run_id, np.array(sought, dtype="int64"))
    return list(zip(found["sought"].tolist(), found["place"].tolist(), strict=True)) if len(found) else []


@pytest.mark.slow
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 9000), kinds=st.sampled_from([1, 3, 500, 100_000]))
def test_pages_name_the_lines_that_a_look_at_all_would(tmp_path_factory, seed, count, kinds):
    """Any number is found at exactly the places where the lines hold or suggest it."""
    random = np.random.default_rng(seed)
    number = np.where(random.random(count) < 0.1, 0, FIRST + random.integers(0, kinds, count))
    suggested = FIRST + random.integers(0, kinds, count)
    texts = [f"+{second};+{second + 1}" if not first else "" for first, second in zip(number, suggested, strict=True)]
    with Journal(tmp_path_factory.mktemp("home")) as journal:
        begin(journal, lines_of(number, texts))
        for sought in {FIRST, FIRST + kinds // 2, FIRST + kinds, *number[:3].tolist()} - {0}:
            expected = [at for at in range(count) if number[at] == sought or f"+{sought}" in texts[at].split(";")]
            assert places(journal, sought) == [(sought, at) for at in expected]


NUMBERS = FIRST + np.arange(10_000)[::-1]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM mentions",
        "DELETE FROM mentions WHERE first = (SELECT max(first) FROM mentions)",
        "DELETE FROM mentions WHERE first = 0",
        "UPDATE mentions SET numbers = zeroblob(length(numbers))",
        "UPDATE mentions SET places = zeroblob(length(places))",
        "UPDATE mentions SET numbers = substr(numbers, 1, 80), places = substr(places, 1, 40)",
        "UPDATE mentions SET until = until + 5000",
        "UPDATE mentions SET seal = 'x'",
    ],
)
def test_pages_that_are_missing_or_damaged_are_not_believed(tmp_path, damage):
    """Whatever became of the pages, as in a run from before there were any, the lines themselves tell."""
    with Journal(tmp_path) as journal:
        begin(journal, lines_of(NUMBERS))
        with journal.transaction() as db:
            db.execute(damage)
        for at in (0, 1, 5000, 9998, 9999):
            assert places(journal, int(NUMBERS[at])) == [(NUMBERS[at], at)]
        assert places(journal, FIRST - 1, FIRST + 10_000) == []


def test_the_pages_alone_would_have_told(tmp_path):
    """Whole pages are believed without a look at the lines, which is what makes them quick."""
    with Journal(tmp_path) as journal:
        begin(journal, lines_of(NUMBERS))
        with journal.transaction() as db:
            db.execute("UPDATE lines SET arrow = x'00'")
        assert places(journal, FIRST - 1) == []
        with pytest.raises(DamagedRun):
            places(journal, FIRST)


def test_the_pages_go_with_their_run(tmp_path):
    """A run that is purged leaves no number behind."""
    with Journal(tmp_path) as journal:
        begin(journal, lines_of(NUMBERS))
        with journal.transaction() as db:
            db.execute("DELETE FROM runs")
        assert journal.db.execute("SELECT count(*) FROM mentions").fetchone() == (0,)


@pytest.mark.slow
@given(held=st.sets(st.integers(0, 30)), sought=st.lists(st.integers(0, 30), unique=True))
def test_a_snapshot_tells_which_numbers_it_holds_as_if_it_were_loaded(tmp_path_factory, held, sought):
    """Decoding the numbers alone gives the answer of the whole snapshot."""
    numbers = np.array(sought, dtype="int64") + FIRST
    with Journal(tmp_path_factory.mktemp("home")) as journal:
        journal.add_snapshot("a", "r", "before", Snapshot.of(ListKind.STOP, 1.0, [f"+{FIRST + n}" for n in held]))
        [record] = journal.snapshots("a")
        expected = journal.load_snapshot(record).contains(numbers).tolist()
        assert journal.holding(record, numbers).tolist() == expected


def test_a_snapshot_that_is_damaged_tells_nothing(tmp_path: Path):
    """A snapshot whose entries are not what was stored, and which has no pages, is said to be damaged."""
    with Journal(tmp_path) as journal:
        journal.add_snapshot("a", "r", "before", Snapshot.of(ListKind.STOP, 1.0, ["+33600000000"]))
        with journal.transaction() as db:
            db.execute("DELETE FROM holdings")
            db.execute("UPDATE snapshot_entries SET arrow = substr(arrow, 1, 100)")
        [record] = journal.snapshots("a")
        with pytest.raises(DamagedRun):
            journal.holding(record, np.array([FIRST]))
