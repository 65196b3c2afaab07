"""`PTX_FAST_NUMBERS`: the shortcut can be switched off, and nothing but the way changes."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.model import Accept, CellKind
from ptx_bulk.numbers import describe, format_numbers, normalise

from .test_fast_is_slow import ACCEPTS, DEFAULTS, EXAMPLES, MIXES, french

VARIABLE = "PTX_FAST_NUMBERS"
EXAMPLE_NUMBERS = st.sampled_from([text for text, _ in EXAMPLES])
CELLS = st.lists(french() | MIXES | EXAMPLE_NUMBERS, min_size=1, max_size=30)
PLAIN = ["06 00 00 00 01", "0600000002", "+33 6 00 00 00 03", "0033600000004", "01 42 34 56 78"]


def normalised(raw: pd.Series, switch: str, **said: Any) -> pd.DataFrame:
    """The frame with the variable set so."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(VARIABLE, switch)
        return normalise(raw, **said)


@contextlib.contextmanager
def calls_by_file() -> Iterator[Counter[str]]:
    """How often functions of each file are called by this thread and all that begin meanwhile; told at the end."""
    codes: Counter[CodeType] = Counter()
    called: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            codes[frame.f_code] += 1

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
        for code, times in codes.items():
            path = Path(code.co_filename)
            called[f"{path.parent.name}/{path.name}:{code.co_name}"] += times


def shortcut_calls(called: Counter[str]) -> set[str]:
    """What ran of the shortcut: its reading of bytes, its tree and its proofs."""
    work = ("fast/punctuation.py:", "fast/tree.py:", "fast/proof.py:", "fast/column.py:solved", "fast/column.py:read")
    return {name for name in called if name.startswith(work) and not name.endswith(":__init__")}


def judged(called: Counter[str]) -> int:
    """How many cells were judged by themselves; mutmut gives the function a longer name."""
    return sum(times for name, times in called.items() if name.startswith("careful/cell.py:") and "judge" in name)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.data(), CELLS, st.sampled_from(DEFAULTS), ACCEPTS, st.booleans())
def test_both_ways_give_the_same_frame(
    data: st.DataObject, texts: list[str], region: str | None, accept: Accept, international: bool
) -> None:
    """With and without the shortcut, any cells of any kinds give the same frame, its types included."""
    kinds = data.draw(st.lists(st.sampled_from(CellKind), min_size=len(texts), max_size=len(texts)))
    raw, kind = pd.Series(texts, dtype="str"), pd.Series([str(one) for one in kinds])
    said = {"kind": kind, "region": region, "accept": accept, "international": international}
    pd.testing.assert_frame_equal(normalised(raw, "1", **said), normalised(raw, "0", **said))


@settings(max_examples=10, deadline=None)
@given(CELLS, st.lists(st.sampled_from(["FR", "BE", "CH", "", "ZZ"]), min_size=30, max_size=30))
def test_both_ways_agree_on_rows_of_several_countries(texts: list[str], countries: list[str]) -> None:
    """With and without the shortcut, rows that name their own countries give the same frame."""
    raw, region = pd.Series(texts, dtype="str"), pd.Series(countries[: len(texts)], dtype="str")
    said = {"region": region, "default": "FR"}
    pd.testing.assert_frame_equal(normalised(raw, "1", **said), normalised(raw, "0", **said))


@pytest.mark.slow
def test_a_column_of_several_steps_is_whole_either_way() -> None:
    """A column longer than one step of the work keeps its cells and their order either way."""
    raw = pd.Series([*PLAIN, "", "06 00 00 00 01 / 06 00 00 00 02", "Tél. 06 00 00 00 05"] * 6_500, dtype="str")
    pd.testing.assert_frame_equal(normalised(raw, "1"), normalised(raw, "0"))


def test_the_switch_takes_the_careful_way() -> None:
    """With the switch off each cell is judged by itself, and nothing of the shortcut runs."""
    with calls_by_file() as called:
        normalised(pd.Series(PLAIN), "0")
    assert not shortcut_calls(called)
    assert judged(called) == len(PLAIN)


@pytest.mark.parametrize("said", ["1", ""])
def test_without_the_switch_the_shortcut_is_taken(said: str) -> None:
    """With the variable empty or 1, plainly written cells take the shortcut and none is judged by itself."""
    with calls_by_file() as called:
        normalised(pd.Series(PLAIN), said)
    assert any(name.startswith("fast/tree.py:") for name in shortcut_calls(called))
    assert not judged(called)


@pytest.mark.parametrize(
    ("region", "texts"),
    [
        ("FR", [" 0600000001 ", "'0600000001", "06.00.00.00.01", "06-00-00-00-01", "06/00/00/00/01", "600000001.0"]),
        ("FR", [blank.join(("06", "00", "00", "00", "01")) for blank in "\xa0\u202f\u2009"]),
        ("FR", ["+33 (0)6 00 00 00 01", "0033(0)600000001", "33 (0)600000001", "33600000001", "600000001,00"]),
        ("BE", ["0470 12 34 56", "+32 470 12 34 56", "0032470123456"]),
        ("CH", ["079 123 45 67", "+41 79 123 45 67", "791234567"]),
        ("DE", ["0151 23456789", "+49 151 23456789", "0049 151 23456789"]),
    ],
)
def test_the_writings_of_lists_take_the_shortcut(region: str, texts: list[str]) -> None:
    """No number in a writing that lists are full of is judged by itself."""
    with calls_by_file() as called:
        found = normalised(pd.Series(texts), "1", region=region)
    assert (found["number"] > 0).all()
    assert not judged(called)


@pytest.mark.slow
def test_the_switch_counts_for_facts_and_writings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Country, line type and national writing of numbers are the same either way, and found without the shortcut."""
    numbers = normalise(pd.Series([text for text, _ in EXAMPLES[::25]]), accept=Accept.ANY)["number"].to_numpy()
    fast = describe(numbers), format_numbers(numbers, "national")
    monkeypatch.setenv(VARIABLE, "0")
    with calls_by_file() as called:
        careful = describe(numbers), format_numbers(numbers, "national")
    assert not shortcut_calls(called)
    pd.testing.assert_frame_equal(fast[0].astype("str"), careful[0].astype("str"))
    pd.testing.assert_series_equal(fast[1], careful[1])


@pytest.mark.parametrize("said", ["off", "no", "2", "00"])
def test_another_word_is_refused_by_name(said: str) -> None:
    """A value that is neither 0 nor 1 is refused with the variable's name, and never taken for on or off."""
    with pytest.raises(ConfigurationError, match=VARIABLE):
        normalised(pd.Series(PLAIN), said)
