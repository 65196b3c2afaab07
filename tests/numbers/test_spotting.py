"""Numbers that are looked for in texts of any kind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptx_bulk.numbers import Spotter

OURS, OTHER, OVERSEAS, SWISS, RUSSIAN, ROMAN = (
    33612345678,
    33698765432,
    262692123456,
    41791234567,
    79121234567,
    390612345678,
)
ALL = np.array([OURS, OTHER, OVERSEAS, SWISS, RUSSIAN, ROMAN])
FRENCH = Spotter(ALL, ["FR"])


def spotted(text: str, spotter: Spotter = FRENCH, region: str | None = "FR") -> dict[int, bool]:
    """Each number that is found, and whether it is sure."""
    found = spotter.spot(pa.array([text], pa.string()), region)
    every: dict[int, bool] = {}
    for number, sure in zip(found.numbers.tolist(), found.sure.tolist(), strict=True):
        every[number] = every.get(number, False) or sure
    return every


SURE = [
    "0612345678", "06 12 34 56 78", "06_12_34_56_78", "06,12,34,56,78", "06/12/34/56/78", "06 - 12 - 34 - 56 - 78",
    "06\u201312\u201434\u221256\u00b778", "06\u00a012\u202f34\u200956\u300078", "06\u200b12\u200e34\u00ad56\u206078",
    "06\u200b\u200b12\ufeff345678", "+33612345678", "+33 6 12 34 56 78", "0033 612345678", "+33(0)6 12 34 56 78",
    "+33 (0) 612345678", "0033(0)612345678", "33612345678", "(+33) 6.12.34.56.78", "tel0612345678",
    "0612345678ou0698765432", "x06 12 34 56 78x", "rappeler au 06 12 34 56 78, le soir", "06 12 34 56 78 (avant 2024)",
    "\uff10\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
    "\u0660\u0666\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
    "\uff0b33612345678", "0\ufe0f\u20e36\ufe0f\u20e312345678",
    "\u2070\u2076\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078",
    "\u24ea\u2465\u2460\u2461\u2462\u2463\u2464\u2465\u2466\u2467",
    "06&nbsp;12&nbsp;34&nbsp;56&nbsp;78", "tel:%2B33612345678",
    "&#48;612345678", "06\u00c2\u00a012\u00c2\u00a034\u00c2\u00a056\u00c2\u00a078", "06 12 34 56 78\n06 98 76 54 32",
    "06 12 34 56 78 06 98 76 54 32", "0698765432,0612345678", "+33698765432+33612345678", "06 12 34 56 78 / 79",
    "https://wa.me/33612345678", "le 12/05/2024, 06 12 34 56 78",
]  # fmt: skip
PERHAPS = [
    "612345678", "612 345 678", "6 12 34 56 78", "612345678.0", "6.12345678E+08", "6,12345678E8", "6,123456780E+8",
    "06123456780698765432", "336123456780698765432", "FR33612345678", "O6 12 34 56 78", "o6l2345678", "06 I2 34 56 78",
    "1 06 12 34 56 78", "0.612345678",
]  # fmt: skip
NOTHING = [
    "", "0612345679", "06 12 34 56", "612 345 678 00012", "2024-06-12 34:56:78", "12/06/2024 06:12:34",
    "12/06/12 34:56", "00351 612345678",
    "+41 612345678", "+41 (0)612345678", "0041 0612345678", "A0612345678901", "06 12 34 et 56 78", "3,36E+10",
    "06 12 34" + " " * 9 + "56 78",
]  # fmt: skip


@pytest.mark.parametrize("text", SURE)
def test_what_a_person_reads_as_the_number_is_sure(text: str) -> None:
    """A number in whatever writing is found, whatever stands around it."""
    assert spotted(text).get(OURS) is True


@pytest.mark.parametrize("text", PERHAPS)
def test_what_may_be_something_else_is_found_but_not_sure(text: str) -> None:
    """Digits that may as well be an identifier are told apart from numbers."""
    assert spotted(text).get(OURS) is False


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_something_else_is_not_found(text: str) -> None:
    """Dates, other countries' numbers, longer identifiers and parts of numbers are no number."""
    assert OURS not in spotted(text)


@pytest.mark.parametrize(
    ("text", "region", "number", "sure"),
    [
        ("0692 12 34 56", "FR", OVERSEAS, True),
        ("0692123456", "RE", OVERSEAS, True),
        ("079 123 45 67", "CH", SWISS, True),
        ("8 (912) 123-45-67", "RU", RUSSIAN, False),
        ("06 1234 5678", "IT", ROMAN, True),
        ("079 123 45 67", None, SWISS, False),
    ],
)
def test_national_writings_are_those_of_the_region(text: str, region: str | None, number: int, sure: bool) -> None:
    """A number without its country code is read where the text is from; where nobody knows it is never sure."""
    assert spotted(text, Spotter(ALL, [region] if region else None), region).get(number) is sure


def test_a_national_writing_of_another_country_is_not_ours() -> None:
    """A Swiss number is not seen in a French national writing."""
    assert spotted("079 123 45 67") == {}


def test_national_digits_in_a_longer_piece_are_mere_digits() -> None:
    """A national number without its 0 is nothing within a piece of digits twice as long."""
    american = Spotter(np.array([12125550123]), ["US"])
    assert spotted("2125550123", american, "US")
    assert not spotted("21255501239999999999", american, "US")


@pytest.mark.parametrize("text", ["06123456780698765432", "336123456780698765432", "06987654320612345678"])
def test_numbers_without_anything_between_them_are_all_found(text: str) -> None:
    """Each number of a piece of digits that holds several is found."""
    assert spotted(text) == {OURS: False, OTHER: False}


@pytest.mark.parametrize(("region", "sure"), [("FR", True), ("BE", False), (None, False)])
def test_a_number_of_no_plan_is_sure_where_its_country_is(region: str | None, sure: bool) -> None:
    """What no numbering plan holds is nobody else's number in its own country, and may be any in another."""
    nobodys = Spotter(np.array([33639981234]), ["FR"])
    assert spotted("06 39 98 12 34", nobodys, region) == {33639981234: sure}


def test_nothing_is_found_where_nothing_is_looked_for() -> None:
    """Without numbers to look for no text holds one, however many digits it has."""
    assert spotted("06123456780698765432", Spotter(ALL[:0], ["FR"])) == {}


def test_each_text_is_read_in_its_own_region() -> None:
    """Regions may be told text by text."""
    found = Spotter(ALL, ["FR", "CH"]).spot(pa.array(["079 123 45 67", "079 123 45 67"]), pd.Series(["FR", "CH"]))
    assert (found.places.tolist(), found.sure.tolist()) == ([0, 1], [False, True])


GAPS = st.text(
    st.sampled_from(" .-/_,;:|()[]'\"*\u00a0\u202f\u2009\u200b\u200e\u00ad\u2013\u2212\u00b7\u2022"), max_size=3
)
SCRIPTS = st.sampled_from([0x30, 0xFF10, 0x660, 0x6F0, 0x966, 0x1D7CE])
WORDS = st.text(
    st.characters(categories=("L", "Zs", "P"), exclude_characters="OoIl|\u3164\u115f\u1160\uffa0%&_"), max_size=12
)


@pytest.mark.slow
@settings(max_examples=150)
@given(
    head=st.sampled_from(["0", "+33", "0033", "+33(0)", "33"]),
    gaps=st.lists(GAPS, min_size=9, max_size=9),
    script=SCRIPTS,
    before=WORDS,
    after=WORDS,
)
def test_no_punctuation_hides_a_number(head: str, gaps: list[str], script: int, before: str, after: str) -> None:
    """Whatever stands between the digits, in whatever script they are, the number is found among words."""
    own = "".join(f"{gap}{chr(script + int(digit))}" for gap, digit in zip(gaps, "612345678", strict=True))
    assert OURS in spotted(f"{before} {head}{own} {after}")


@pytest.mark.slow
@settings(max_examples=100)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_no_text_is_too_odd(texts: list[str]) -> None:
    """No text raises anything, and nothing is found in one without digits enough."""
    safe = [text.encode("utf-8", "ignore").decode() for text in texts]
    found = FRENCH.spot(pa.array(safe, pa.string()), "FR")
    assert all(sum(one.isnumeric() for one in safe[at]) > 3 for at in found.places.tolist())


def test_texts_beyond_a_block_keep_their_places() -> None:
    """A number is reported where it stands, however many texts come before."""
    texts = ["x"] * 150_000
    texts[100_000] = texts[149_999] = "06 12 34 56 78"
    assert FRENCH.spot(pa.array(texts), "FR").places.tolist() == [100_000, 149_999]
