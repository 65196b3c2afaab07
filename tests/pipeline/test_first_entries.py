"""Which entry of a list tells of a number, and the order of an export."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.model import ListKind
from ptx_bulk.pipeline.reading_lists.export_command import _text_order
from ptx_bulk.pipeline.steps.listed_since import approx_added, first_entries
from ptx_bulk.snapshot import Snapshot, first_told

NUMBERS = st.integers(1, 10**15 - 1) | st.integers(33_600_000_000, 33_600_000_003)
ENTRIES = st.lists(st.tuples(st.integers(1, 4), st.sampled_from([0, 1_700_000_000_000]), st.sampled_from(["", "c"])))


@given(st.lists(NUMBERS, unique=True))
def test_numbers_are_in_the_order_of_their_texts(numbers):
    """An export is sorted as every other tool sorts its column of texts."""
    key = _text_order(np.array(numbers, np.int64))
    ordered = [numbers[place] for place in np.argsort(key).tolist()]
    assert ordered == sorted(numbers, key=lambda number: f"+{number}")


@given(ENTRIES)
def test_the_first_entry_and_the_first_that_tells(entries):
    """A number that stands there twice is told by its first entry, its history by the first that has one."""
    snapshot = Snapshot.of(
        ListKind.STOP, 0.0, [f"+3360000000{number}" for number, _date, _campaign in entries],
        stopped_at=[date for _number, date, _campaign in entries],
        campaign_ids=[campaign for _number, _date, campaign in entries],
    )  # fmt: skip
    number = snapshot.entries["number"].to_numpy()
    first, told = first_entries(snapshot.entries, np.arange(len(entries)), number)
    naive = snapshot.entries.drop_duplicates("number").sort_values("number")
    assert first.tolist() == naive.index.tolist()
    assert told.tolist() == first_told(snapshot.entries).sort_values("number").index.tolist()


def test_ids_of_another_shape_tell_no_time():
    """Only 24 hexadecimal digits begin with a time."""
    ids = pd.Series(["5f5e1000" + 16 * "0", "FFFFFFFF" + 16 * "a", "", "5f5e1000", "x" * 24], dtype="str")
    assert approx_added(ids).tolist() == ["2020-09-13T12:26:40Z", "2106-02-07T06:28:15Z", "", "", ""]
    assert approx_added(ids.iloc[:0]).tolist() == []
