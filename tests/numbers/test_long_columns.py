"""Columns that are worked on a step at a time: what lies on either side of a step is answered alike."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ptx_bulk.numbers import describe, e164_text, normalise
from ptx_bulk.numbers.sets import members

FIRST = 33_600_000_000


def test_texts_of_a_long_column():
    """Each number of a column longer than a step has its own text, and 0 has none."""
    numbers = np.arange(FIRST, FIRST + 500_003, dtype=np.int64)
    numbers[[0, 499_999, 500_000]] = 0
    texts = e164_text(numbers)
    assert texts.iloc[[0, 1, 499_999, 500_000, 500_001, -1]].tolist() == [
        "", "+33600000001", "", "", "+33600500001", "+33600500002",
    ]  # fmt: skip
    assert (texts == "").sum() == 3


def test_members_of_a_long_column():
    """Each value of a column longer than a step is looked for in the pool."""
    values = np.arange(1_000_002, dtype=np.int64)
    pool = np.array([0, 999_999, 1_000_000], dtype=np.int64)
    assert np.flatnonzero(members(values, pool)).tolist() == pool.tolist()
    assert not members(values[:3], pool[:0]).any()


def test_facts_of_a_long_column():
    """Each number of a column longer than a step has its own facts."""
    numbers = np.full(200_003, FIRST, dtype=np.int64)
    numbers[[0, 199_999, 200_000, 200_002]] = 0, 0, 262692123456, 0
    found = describe(numbers)
    assert found["country"].iloc[[0, 1, 199_999, 200_000, 200_001, 200_002]].tolist() == ["", "FR", "", "RE", "FR", ""]
    assert (found["line_type"] == "mobile").sum() == 200_000


def test_codes_of_a_long_column():
    """A code that is met first in a later step is that code, and its lines have the places of their cells."""
    cells = pd.Series(["0612345678"] * 50_001 + ["612345678", "06 12", "+33612345678"], dtype="str")
    found = normalise(cells, None)
    assert found["code"].iloc[-4:].astype("str").tolist() == ["", "ZERO_RESTORED", "TOO_SHORT", ""]
    assert found["cell"].tolist() == list(range(len(cells)))
    assert (found["code"] == "").sum() == 50_002
