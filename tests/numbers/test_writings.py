"""Numbers in whatever writing they stand in a text: found, taken out, and told from what only looks like them."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from ptx_bulk.numbers import Writings
from ptx_bulk.numbers.regions.metadata import split_number
from ptx_bulk.numbers.writings import ERASED

ANNA, BORIS = 33612345678, 41791234567
BOTH = Writings([ANNA, BORIS, ANNA])

WRITTEN = [
    "+33612345678",
    "0612345678",
    "06 12 34 56 78",
    "06.12.34.56.78",
    "06-12-34-56-78",
    "06 - 12 - 34 - 56 - 78",
    "0033 6 12 34 56 78",
    "+33 (0)6 12 34 56 78",
    "612345678",
    "\uff10\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
    "\u0660\u0666\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
]
OTHERS = ["", "0612345679", "06 12 34 56", "06 1a2 34 56 78", "06 12 34 56    78", "+33712345678", "Anna"]


@pytest.mark.parametrize("written", WRITTEN)
def test_a_number_is_taken_out_in_any_writing(written: str) -> None:
    """With or without country code, zeros and punctuation, in digits of any script: nothing of it is left."""
    text = f"call {written}, please"
    assert BOTH.held_by(text)
    assert BOTH.without(text) == f"call {ERASED}, please"
    assert BOTH.stand_in(pd.Series([text, "none", text])).tolist() == [True, False, True]


@pytest.mark.parametrize("other", OTHERS)
def test_what_is_another_number_stays(other: str) -> None:
    """A digit more or less in the middle, a letter or much room between two digits make it another text."""
    assert not BOTH.held_by(other)
    assert BOTH.without(other) == other
    assert BOTH.stand_in(pd.Series([other])).tolist() == [False]


def test_every_number_is_taken_out_each_time() -> None:
    """Of several numbers all are found, and the others between them stay."""
    assert BOTH.without("0612345678, 0698765432; +41 79 123 45 67 / 06 12 34 56 78") == (
        f"{ERASED}, 0698765432; {ERASED} / {ERASED}"
    )
    assert BOTH.numbers == (ANNA, BORIS)
    assert BOTH.integers.tolist() == [ANNA, BORIS]


def test_short_numbers_are_no_part_of_longer_ones() -> None:
    """Fewer than eight digits occur in longer numbers by chance: they must stand alone."""
    short = Writings([3231234])  # +32 31234
    assert split_number(3231234) == ("32", "31234")
    for text, held in (("31234", True), ("a31234b", True), ("9312345", False), ("312349", False), ("931234", False)):
        assert short.held_by(text) is held
        assert short.stand_in(pd.Series([text])).tolist() == [held]
    assert Writings([3312345678]).held_by("9912345678")


def test_a_number_without_a_known_country_is_looked_for_as_it_is() -> None:
    """Of digits that begin with no country code all stand for the number."""
    assert split_number(999999999999999) == ("", "999999999999999")
    assert Writings([999999999999999]).without("id 999999999999999") == f"id {ERASED}"


def test_json_is_searched_value_by_value() -> None:
    """Names, texts and numbers are taken out, at any depth, and what is JSON stays JSON."""
    text = json.dumps({"a": [ANNA, {"0612345678": "x", "b": "06 12 34 56 78"}], "n": 7, "t": True, "none": None})
    assert json.loads(BOTH.without(text)) == {
        "a": [ERASED, {ERASED: "x", "b": ERASED}],
        "n": 7,
        "t": True,
        "none": None,
    }
    assert BOTH.held_by(text)
    one = Writings([1])
    assert one.without('{"flag": true, "one": 1}') == json.dumps({"flag": True, "one": ERASED})


@pytest.mark.parametrize("text", ['{"n":  7}', "[1,2]", "[ ]", '{"name": "Anna"}'])
def test_json_without_a_number_is_left_byte_for_byte(text: str) -> None:
    """Blanks and order stay as they were written."""
    assert BOTH.without(text) == text
    assert not BOTH.held_by(text)


@pytest.mark.parametrize("text", ["{0612345678}", "[0612345678", "[" * 5000 + "0612345678"])
def test_what_only_looks_like_json_is_text(text: str) -> None:
    """Whatever cannot be parsed, however deep, is searched as text."""
    assert BOTH.without(text) == text.replace("0612345678", ERASED)
