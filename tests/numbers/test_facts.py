"""E.164 spelling, country, line type, formats and country names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptx_bulk import numbers as room
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.numbers import country_codes, describe, e164_text, format_numbers, metadata_version, parse_e164

ROWS = [
    (33600000001, "FR", "mobile", "06 00 00 00 01", "+33 6 00 00 00 01"),
    (33100000001, "FR", "fixed_line", "01 00 00 00 01", "+33 1 00 00 00 01"),
    (262692123456, "RE", "mobile", "0692 12 34 56", "+262 692 12 34 56"),
    (262639012345, "YT", "mobile", "0639 01 23 45", "+262 639 01 23 45"),
    (590690001234, "GP", "mobile", "0690 00 12 34", "+590 690 00 12 34"),
    (12015550123, "US", "fixed_line_or_mobile", "(201) 555-0123", "+1 201-555-0123"),
    (390667611, "IT", "fixed_line", "06 67611", "+39 06 67611"),
    (80012345678, "", "toll_free", "1234 5678", "+800 1234 5678"),
    (33639981234, "", "unknown", "+33639981234", "+33639981234"),
    (0, "", "unknown", "", ""),
]


def test_country_and_line_type() -> None:
    """Each number has its own region, overseas ones included, and the kind of its line."""
    frame = describe(np.array([row[0] for row in ROWS]))
    assert list(zip(frame["country"], frame["line_type"], strict=True)) == [row[1:3] for row in ROWS]


@pytest.mark.parametrize(("style", "place"), [("national", 3), ("international", 4)])
def test_styles(style: str, place: int) -> None:
    """Numbers are grouped as their country groups them."""
    assert format_numbers(np.array([row[0] for row in ROWS]), style).tolist() == [row[place] for row in ROWS]


def test_plain_styles() -> None:
    """E.164 has a +, msisdn has none, and no number is an empty text."""
    values = np.array([33600000001, 0])
    assert format_numbers(values, "e164").tolist() == ["+33600000001", ""]
    assert format_numbers(values, "msisdn").tolist() == ["33600000001", ""]
    assert format_numbers(values[:0], "national").tolist() == []
    with pytest.raises(ConfigurationError, match="style"):
        format_numbers(values, "roman")


def test_facts_are_those_of_phonenumbers() -> None:
    """Country and formats of every region's examples, and of numbers that begin like them, are phonenumbers' own."""
    generator = np.random.default_rng(3)
    values = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in range(11):
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                value = int(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:])
                values += [value, value - value % 10**4 + int(generator.integers(10**4))]
    frame = describe(np.array(values))
    for style, form in (("national", 2), ("international", 1)):
        texts = format_numbers(np.array(values), style)
        for value, country, text in zip(values, frame["country"], texts, strict=True):
            number = phonenumbers.parse(f"+{value}")
            if not phonenumbers.is_valid_number(number) or f"+{value}" != phonenumbers.format_number(number, 0):
                assert country == ""
                continue
            assert country == phonenumbers.region_code_for_number(number).replace("001", "")
            # Argentina writes its mobiles nationally with other digits: those stay E.164.
            assert text in (phonenumbers.format_number(number, form), f"+{value}" if country == "AR" else text)
            assert text == phonenumbers.format_number(number, form) or country == "AR"


@given(st.lists(st.integers(1, 10**15 - 1), max_size=30))
def test_e164_there_and_back(values: list[int]) -> None:
    """Any E.164 number survives its spelling."""
    assert parse_e164(e164_text(np.array(values, dtype=np.int64))).tolist() == values


@settings(max_examples=200)
@given(st.lists(st.text(max_size=20), max_size=20))
def test_parsing_is_strict(texts: list[str]) -> None:
    """Only + and up to 15 ASCII digits without a leading zero are a number; all else is 0."""
    found = parse_e164(pd.Series(texts, dtype="str"))
    for text, number in zip(texts, found.tolist(), strict=True):
        assert number == 0 or text == f"+{number}"


def test_strict_spellings() -> None:
    """Near misses of E.164 are no numbers."""
    texts = [
        "+33600000001",
        "33600000001",
        "+0600000001",
        "+33 600000001",
        "+33600000001\n",
        "+1234567890123456",
        "+٣٣",
        None,
    ]
    assert parse_e164(pd.Series(texts)).tolist() == [33600000001, 0, 0, 0, 0, 0, 0, 0]


def test_the_index_is_kept() -> None:
    """The text of a Series of numbers lines up with it."""
    assert e164_text(pd.Series([1, 0], index=[5, 6])).to_dict() == {5: "+1", 6: ""}


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("FR", "FR"), ("fra", "FR"), ("France", "FR"), ("FRANCE MÉTROPOLITAINE", "FR"), ("Métropole", "FR"),
        ("La Réunion", "RE"), ("reunion", "RE"), ("Île de la Réunion", "RE"), ("Guadeloupe", "GP"), ("Guyane", "GF"),
        ("Saint-Barthélemy", "BL"), ("St Martin", "MF"), ("Mayotte", "YT"), ("Nouvelle Calédonie", "NC"),
        ("UK", "GB"), ("Royaume-Uni", "GB"), ("USA", "US"), ("Etats Unis", "US"), ("The Netherlands", "NL"),
        ("Belgique", "BE"), ("Suisse", "CH"), ("Switzerland", "CH"), ("CHE", "CH"), ("Côte d'Ivoire", "CI"),
        ("Cote d’Ivoire", "CI"), ("République tchèque", "CZ"), ("Turkey", "TR"), ("  Allemagne ", "DE"),
        ("Schweiz", "CH"), ("Svizzera", "CH"), ("Zwitserland", "CH"), ("Suiza", "CH"), ("Deutschland", "DE"),
        ("+41", "CH"), ("0041", "CH"), ("41", "CH"), ("(41)", "CH"), ("+1", "US"), ("1", "US"), ("+1684", "US"),
        ("\U0001f1e8\U0001f1ed", "CH"), ("Suisse (+41)", "CH"), ("CH - Suisse", "CH"), ("(CH)", "CH"),
        ("La Réunion (974)", "RE"), ("+262", "RE"), ("N/A", ""), ("-", ""), ("\xa0", ""), ("", ""), (None, ""),
        ("Congo", "??"), ("Atlantide", "??"), ("ZZ", "??"), ("Suise", "??"), ("974", "??"), ("999", "??"),
        ("Suisse ou France", "??"), ("FR / CH", "??"), ("12345", "??"),
    ],
)  # fmt: skip
def test_country_words(word: str | None, code: str) -> None:
    """Codes and names in French and English are understood, whatever their case and accents; no guess otherwise."""
    assert country_codes(pd.Series([word, word], index=[3, 4])).to_dict() == {3: code, 4: code}


def test_the_public_face() -> None:
    """The room exports exactly what it names, and says which metadata it uses."""
    assert all(hasattr(room, name) for name in room.__all__)
    assert metadata_version() == phonenumbers.__version__
