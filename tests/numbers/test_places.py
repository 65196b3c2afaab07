"""Where a number is from, as its row, its cell or its column says; and what stands around it."""

from __future__ import annotations

import pandas as pd
import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.numbers import UNKNOWN_COUNTRY, country_codes, normalise
from tests.conftest import tried

from .truth import Line

ABROAD = ("CH", "ES", "GB", "US", "IT", "DE", UNKNOWN_COUNTRY)
COUNTRIES = ("", "FR", "CH", "ES", "RE", "GB", "US", "IT", "DE", UNKNOWN_COUNTRY)


def read(text: str, country: str = "", region: str | None = "FR", *, international: bool = False) -> Line:
    of_row = pd.Series([country or region or ""])
    frame = normalise(pd.Series([text], dtype="str"), region=of_row, default=region, international=international)
    assert len(frame) == 1
    number, code, suggestion = frame.loc[0, ["number", "code", "suggestion"]]
    return (f"+{number}" if number else "", str(code), suggestion)


@pytest.mark.parametrize(
    ("text", "country", "number", "code", "suggestion"),
    [
        ("079 123 45 67", "CH", "+41791234567", "", ""),
        ("791234567", "CH", "+41791234567", "ZERO_RESTORED", ""),
        ("41791234567", "CH", "+41791234567", "PLUS_RESTORED", ""),
        ("+33612345678", "CH", "+33612345678", "", ""),
        ("612345678", "ES", "+34612345678", "", ""),
        ("0692123456", "FR", "+262692123456", "OVERSEAS_RESOLVED", ""),
        (
            "0730123456",
            "GB",
            "",
            "REGION_AMBIGUOUS",
            "+33730123456",
        ),  # no British number, and not taken for a French one
        ("061 234 56 78", "CH", "", "NOT_MOBILE", ""),  # a landline of Basel
        ("0612", "CH", "", "TOO_SHORT", ""),
        ("079 123 45 67", UNKNOWN_COUNTRY, "", "COUNTRY_UNKNOWN", "+33791234567"),
        ("0600", UNKNOWN_COUNTRY, "", "COUNTRY_UNKNOWN", ""),
        ("+41 79 123 45 67", UNKNOWN_COUNTRY, "+41791234567", "", ""),
        ("0041791234567", UNKNOWN_COUNTRY, "+41791234567", "", ""),
        ("bonjour", UNKNOWN_COUNTRY, "", "NOT_A_NUMBER", ""),
    ],
)
def test_the_country_of_the_row_decides(text, country, number, code, suggestion):
    """A number is read in the country that its row names, and never taken for one of the default region instead."""
    assert read(text, country) == (number, code, suggestion)


@pytest.mark.parametrize(
    ("text", "number", "code"),
    [
        ("(CH) 079 123 45 67", "+41791234567", "LABEL_REMOVED"),
        ("079 123 45 67 (CH)", "+41791234567", "LABEL_REMOVED"),
        ("\U0001f1e8\U0001f1ed 079 123 45 67", "+41791234567", "LABEL_REMOVED"),
        ("079 123 45 67 \U0001f1e8\U0001f1ed", "+41791234567", "LABEL_REMOVED"),
        ("Suisse : 079 123 45 67", "+41791234567", "LABEL_REMOVED"),
        ("Tél. Belgique 0470 12 34 56", "+32470123456", "LABEL_REMOVED"),
        ("06 12 34 56 78 (Maroc)", "+212612345678", "LABEL_REMOVED"),
        ("07 30 12 34 56 (GB)", "", "REGION_AMBIGUOUS"),
        ("06 12 34 56 78 (pro)", "+33612345678", "LABEL_REMOVED"),
        ("no 06 12 34 56 78", "+33612345678", "LABEL_REMOVED"),  # the label, not Norway
        ("T. 06 12 34 56 78", "+33612345678", "LABEL_REMOVED"),
        ("P . 06 12 34 56 78", "+33612345678", "LABEL_REMOVED"),
        ("Port. 06 12 34 56 78 - mail a1@x.fr", "+33612345678", "LABEL_REMOVED"),
        ("a1@x.fr ; 06 12 34 56 78", "+33612345678", "LABEL_REMOVED"),
        ("0612345678@orange.fr", "", "CONTAINS_LETTERS"),
        ("+33 - 6 12 34 56 78", "+33612345678", ""),
        ("0033/6 12 34 56 78", "+33612345678", ""),
        ("[+33] 6 12 34 56 78", "+33612345678", ""),
        ("+33-(0)6 12 34 56 78", "+33612345678", ""),
        ("tel 06.12.1978 10", "", "DATE_OR_TIME"),
        ("appel du 06/12/2019 14:30", "", "DATE_OR_TIME"),
        ("RDV 12/06/2019 10:00", "", "DATE_OR_TIME"),
        ("06.12.19.78.10", "+33612197810", ""),  # five pairs are a number
    ],
)  # fmt: skip
def test_what_stands_around_a_number(text, number, code):
    """Labels, countries and addresses beside a number are understood; dates behind labels are dates."""
    assert read(text)[:2] == (number, code)


@pytest.mark.parametrize(
    ("text", "alone", "among"),
    [
        ("6589123456", ("", "REGION_AMBIGUOUS", "+6589123456"), ("+6589123456", "PLUS_RESTORED", "")),
        ("79161234567", ("", "REGION_AMBIGUOUS", "+79161234567"), ("+79161234567", "PLUS_RESTORED", "")),
        ("33612345678", ("+33612345678", "PLUS_RESTORED", ""), ("+33612345678", "PLUS_RESTORED", "")),
        ("32470123456", ("+32470123456", "PLUS_RESTORED", ""), ("+32470123456", "PLUS_RESTORED", "")),
        ("0612345678", ("+33612345678", "", ""), ("+33612345678", "", "")),
        ("612345678", ("+33612345678", "ZERO_RESTORED", ""), ("+33612345678", "ZERO_RESTORED", "")),
    ],
)
def test_a_lost_zero_and_a_digit_too_many(text, alone, among):
    """Digits that begin like a mobile without its zero are no foreign number, unless their column is written so."""
    assert read(text) == alone
    assert read(text, international=True) == among


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("06 12 34 56 78 / 79", "+33612345678"),
        ("A 06 12 34 56 78 et B 06.87.65.43.21", "+33612345678;+33687654321"),
        ("voir 0612345678, sinon +41 79 123 45 67 soir", "+33612345678;+41791234567"),
        ("voir le dossier 12", ""),
        ("06Ê12Ê34Ê56Ê78", "+33612345678"),  # no-break blanks of another encoding
    ],
)
def test_suggestions_hold_every_complete_mobile(text, suggested):
    """A cell that is refused as a whole suggests each mobile that is written whole in it."""
    number, code, suggestion = read(text)
    assert (number, suggestion) == ("", suggested)
    assert code in {"MULTIPLE_NUMBERS", "CONTAINS_LETTERS"}


@pytest.mark.slow
@tried(30)
@given(st.text("0123456789", min_size=6, max_size=12), st.sampled_from(ABROAD))
def test_a_named_country_never_gives_a_number_of_the_default_region(digits, country):
    """Whatever the digits are, a row that names another country is no number of the default region by its zero."""
    number, code, _suggestion = read(digits, country)
    if number.startswith("+33"):
        assert digits.startswith(("33", "0033")), (digits, country, number, code)


@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS - {"NA"})))
def test_codes_are_their_own_country(region):
    """Each region but NA, which is "not available", is known by code and flag, and a main one by its calling code."""
    flag = "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in region)
    assert country_codes(pd.Series([region, region.lower(), flag, f"({region})"])).tolist() == [region] * 4
    code = phonenumbers.country_code_for_region(region)
    main = phonenumbers.region_code_for_country_code(code)
    assert country_codes(pd.Series([f"+{code}", f"00{code}"])).tolist() == [main, main]


@given(st.text(max_size=12))
def test_no_word_makes_the_reading_fail(word):
    """Any text is a country, none, or unknown; nothing is raised."""
    (code,) = country_codes(pd.Series([word], dtype=object))
    assert code in ("", UNKNOWN_COUNTRY) or len(code) == 2
