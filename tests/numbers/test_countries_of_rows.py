"""Points 8 and 9 of the policy on meaning: the row's country, and columns written with country codes."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.model import Accept
from ptx_bulk.numbers import UNKNOWN_COUNTRY
from tests.conftest import tried

from .truth import lines, truth

A = "+33600000001"
WORDS = ("", "FR", "RE", "CH", "BE", "GB", "DE", "IT", "ES", "US", "MC", "MA", "XX", UNKNOWN_COUNTRY)
EXAMPLES = sorted(
    {
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]
        for region in phonenumbers.SUPPORTED_REGIONS
        if (number := phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE))
    }
)
DIGITS = "0123456789"


def read(text: str, word: str, default: str = "FR", **said: bool) -> tuple[str, str, str]:
    """The one line of a cell whose row names a country."""
    [[line]] = lines([text], [word], default=default, **said)
    return line


@pytest.mark.parametrize(
    ("text", "word", "number", "code", "suggestion"),
    [
        ("079 123 45 67", "CH", "+41791234567", "", ""),
        ("791234567", "CH", "+41791234567", "ZERO_RESTORED", ""),
        ("41791234567", "CH", "+41791234567", "PLUS_RESTORED", ""),
        ("+33600000001", "CH", A, "", ""),
        ("0033600000001", "CH", A, "", ""),
        ("011 33 6 00 00 00 01", "US", A, "", ""),
        ("0600000001", "ES", "", "REGION_AMBIGUOUS", A),
        ("33600000001", "CH", "", "REGION_AMBIGUOUS", A),
        ("079 123 45 6", "CH", "", "TOO_SHORT", ""),
        ("061 234 56 78", "CH", "", "NOT_MOBILE", ""),
        ("06 00 00 00 0", "FR", "", "TOO_SHORT", ""),
        ("0600000001", "RE", A, "OVERSEAS_RESOLVED", ""),
        ("447911123456", "FR", "+447911123456", "PLUS_RESTORED", ""),
        ("+41 79 123 45 67", UNKNOWN_COUNTRY, "+41791234567", "", ""),
        ("0041 79 123 45 67", UNKNOWN_COUNTRY, "+41791234567", "", ""),
        ("079 123 45 67", UNKNOWN_COUNTRY, "", "COUNTRY_UNKNOWN", "+33791234567"),
        ("41791234567", UNKNOWN_COUNTRY, "", "COUNTRY_UNKNOWN", "+41791234567"),
        ("687751234", UNKNOWN_COUNTRY, "", "COUNTRY_UNKNOWN", "+33687751234;+687751234"),
        ("12", UNKNOWN_COUNTRY, "", "COUNTRY_UNKNOWN", ""),
        ("", UNKNOWN_COUNTRY, "", "EMPTY", ""),
    ],
)  # fmt: skip
def test_the_country_of_the_row_decides(text: str, word: str, number: str, code: str, suggestion: str) -> None:
    """A number is read in the country its row names, and where that gives none no other country's is taken."""
    assert read(text, word) == (number, code, suggestion)


@pytest.mark.slow
@tried(40)
@given(st.text(DIGITS, min_size=7, max_size=12), st.sampled_from(("CH", "BE", "GB", "DE", "ES", "MA", "US")))
def test_no_other_country_is_taken(text: str, word: str) -> None:
    """Digits without + or 00 under a foreign country are that country's number or none."""
    number, _, _ = read(text, word)
    code = phonenumbers.country_code_for_region(word)
    dialled = text.startswith(("00", "011"))
    assert not number or dialled or number.startswith(f"+{code}")


@tried(40)
@given(st.text(DIGITS, min_size=1, max_size=14).filter(lambda text: not text.startswith("00")))
def test_an_unknown_country_accepts_nothing_national(text: str) -> None:
    """Digits without + or 00 in a row of an unknown country are never accepted."""
    assert read(text, UNKNOWN_COUNTRY)[:2] == ("", "COUNTRY_UNKNOWN")


@pytest.mark.parametrize(
    ("text", "region", "suggestion"),
    [
        ("6589123456", "FR", "+6589123456"),
        ("6421234567", "FR", "+6421234567"),
        ("79161234567", "FR", "+79161234567"),
        ("4915123456789", "BE", "+4915123456789"),
        ("79161234567", "GB", "+79161234567"),
    ],
)
def test_a_lost_zero_and_another_length_is_no_foreign_number(text: str, region: str, suggestion: str) -> None:
    """Digits that begin like a mobile without its zero and have another length are only suggested abroad."""
    assert lines([text], region) == [[("", "REGION_AMBIGUOUS", suggestion)]]


@pytest.mark.parametrize(
    ("text", "number", "code", "suggestion"),
    [
        ("6591234567", "+6591234567", "PLUS_RESTORED", ""),
        ("32470123456", "+32470123456", "PLUS_RESTORED", ""),
        ("33600000001", A, "PLUS_RESTORED", ""),
        ("376312345", "+376312345", "PLUS_RESTORED", ""),
        ("600000001", A, "ZERO_RESTORED", ""),
        ("0600000001", A, "", ""),
        ("687751234", "", "REGION_AMBIGUOUS", "+687751234;+33687751234"),
    ],
)
def test_a_column_with_country_codes_keeps_its_foreign_numbers(
    text: str, number: str, code: str, suggestion: str
) -> None:
    """Where a column writes country codes without +, digits are read so, unless a mobile of home is read as well."""
    assert lines([text], international=True) == [[(number, code, suggestion)]]


@tried(40)
@given(st.sampled_from(EXAMPLES), st.sampled_from(("FR", "RE", "BE", "CH", "US")))
def test_every_countrys_mobiles_are_read_in_such_a_column(digits: str, region: str) -> None:
    """The mobile of any country, written with its code and no +, is itself or ambiguous, never another number."""
    [[(number, code, suggestion)]] = lines([digits], region, international=True)
    assert number == f"+{digits}" or (code == "REGION_AMBIGUOUS" and f"+{digits}" in suggestion.split(";"))


TEXTS = st.text(DIGITS, min_size=5, max_size=14) | st.builds(
    "".join, st.tuples(st.sampled_from(("", "0", "00", "+", "+0")), st.sampled_from(EXAMPLES))
)


@pytest.mark.slow
@tried(40)
@given(
    st.lists(st.tuples(TEXTS, st.sampled_from(WORDS)), min_size=5, max_size=40),
    st.sampled_from(("FR", "BE", "RE", "US", None)),
    st.booleans(),
    st.sampled_from(Accept),
)
def test_fast_is_slow_with_countries_and_codes(
    rows: list[tuple[str, str]], default: str | None, international: bool, accept: Accept
) -> None:
    """Columns of countries and columns with country codes are read alike by the fast and the slow path."""
    texts, words = [text for text, _ in rows], [word for _, word in rows]
    found = lines(texts, words, accept, default=default, international=international)
    assert found == [
        truth(text, word, accept, default=default or "", international=international)
        for text, word in zip(texts, words, strict=True)
    ]
