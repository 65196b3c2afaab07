"""E.164 spelling, country, line type, formats and country names."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import phonenumbers
import pyarrow as pa
import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from ptx_bulk import numbers as room
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.numbers import (
    country_codes,
    describe,
    e164_text,
    format_numbers,
    metadata_date,
    metadata_version,
    parse_e164,
)
from ptx_bulk.numbers.e164 import bytes_of

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"  # the flag
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


@pytest.mark.parametrize("switch", ["1", "0"])
def test_country_and_line_type(switch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each number has its own region, overseas ones included, and the kind of its line, by the shortcut or not."""
    monkeypatch.setenv("PTX_FAST_NUMBERS", switch)
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_the_bytes_of_texts(kind: pa.DataType) -> None:
    """Texts are their bytes and edges, wherever they begin in their array, and none are none."""
    texts = pa.array(["x", "", "é", "c", "y"], kind).slice(1, 3)
    bare = pa.Array.from_buffers(kind, 0, [None, None, pa.py_buffer(b"")])
    for some, held, edges in ((texts, "éc", [0, 0, 2, 3]), (texts[:0], "", [0]), (bare, "", [0])):
        data, found = bytes_of(some)
        assert (data.tobytes().decode(), found.tolist()) == (held, edges)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("FR", "FR"), ("fra", "FR"), ("France", "FR"), ("FRANCE MÉTROPOLITAINE", "FR"), ("Métropole", "FR"),
        ("La Réunion", "RE"), ("reunion", "RE"), ("Île de la Réunion", "RE"), ("Guadeloupe", "GP"), ("Guyane", "GF"),
        ("Saint-Barthélemy", "BL"), ("St Martin", "MF"), ("Mayotte", "YT"), ("Nouvelle Calédonie", "NC"),
        ("UK", "GB"), ("Royaume-Uni", "GB"), ("USA", "US"), ("Etats Unis", "US"), ("The Netherlands", "NL"),
        ("Belgique", "BE"), ("Suisse", "CH"), ("Switzerland", "CH"), ("CHE", "CH"), ("Côte d'Ivoire", "CI"),
        ("Cote d’Ivoire", "CI"), ("République tchèque", "CZ"), ("Turkey", "TR"), ("  Allemagne ", "DE"),
        ("Suiza", "CH"), ("Schweiz", "CH"), ("Svizzera", "CH"), ("Zwitserland", "CH"), ("Suíça", "CH"),
        ("Deutschland", "DE"), ("España", "ES"), ("Vereinigte Staaten", "US"), ("Paesi Bassi", "NL"),
        ("la France", "FR"), ("Le Maroc", "MA"), ("l’Allemagne", "DE"), ("the USA", "US"), ("die Schweiz", "CH"),
        ("U.K.", "GB"), ("Angleterre", "GB"), ("U.S.A.", "US"), ("DOM", "FR"), ("Réunion (974)", "RE"),
        ("+41", "CH"), ("0041", "CH"), ("41", "CH"), ("(41)", "CH"), ("00 41", "CH"), ("41.0", "CH"), ("+ 41", "CH"),
        ("+1", "US"), ("1", "US"), ("+44", "GB"), ("+7", "RU"), ("+262", "RE"), ("+1 809", "US"), ("+1-684", "US"),
        ("🇨🇭", "CH"), ("🇨🇭 Suisse", "CH"), ("🇨🇭 (41)", "CH"), ("🇫🇷 +33", "FR"), (ENGLAND, "GB"),
        ("Suisse (+41)", "CH"), ("+41 Suisse", "CH"), ("CH - Suisse", "CH"), ("(CH)", "CH"), ("CH/CHE", "CH"),
        ("Canada (+1)", "CA"), ("France (33)", "FR"), ("Guadeloupe - 971", "GP"), ("+974", "QA"),
        ("Suisse (+33)", "??"), ("CH / FR", "??"), ("Georgia (US)", "??"), ("+999", "??"), ("+800", "??"),
        ("SU", "??"), ("AN", "??"), ("250", "RW"), ("\U0001f1fd\U0001f1fd", "??"), ("Trinidad and Tobago", "TT"),
        ("Congo", "??"), ("Atlantide", "??"), ("Suiisse", "??"), ("ZZ", "??"), ("NA", "??"), ("Irlande (Nord)", "??"),
        ("", ""), (None, ""), ("N/A", ""), ("-", ""), ("\xa0", ""), ("null", ""), ("—", ""),
    ],
)  # fmt: skip
def test_country_words(word: str | None, code: str) -> None:
    """Codes, names, dial codes and flags are understood where they agree; blank is blank, all else is unknown."""
    assert country_codes(pd.Series([word, word], index=[3, 4])).to_dict() == {3: code, 4: code}


def test_the_public_face() -> None:
    """The room exports exactly what it names, and says which metadata it uses."""
    assert all(hasattr(room, name) for name in room.__all__)
    assert metadata_version() == phonenumbers.__version__


@pytest.mark.parametrize(
    ("version", "date"),
    [
        ("9.0.10", dt.date(2025, 7, 17)),
        ("9.0.23", dt.date(2026, 1, 29)),
        ("9.0.36", dt.date(2026, 8, 13)),
        ("9.1.3", dt.date(2027, 2, 3)),
        ("19.0.10", dt.date(2027, 2, 3)),
    ],
)
def test_the_date_of_the_metadata(version: str, date: dt.date) -> None:
    """Releases of a series that is known are from about every second week, and others from their installation."""
    assert metadata_date(version, dt.date(2027, 2, 3)) == date


@pytest.mark.parametrize("language", ["fr", "en", "es", "de", "it", "nl", "pt"])
def test_every_name_of_a_country_is_known(language: str) -> None:
    """Every country with a numbering plan is known by its name and code, and never taken for another."""
    names = Locale(language).territories
    known = {region: names[region] for region in phonenumbers.SUPPORTED_REGIONS if region in names and region != "NA"}
    for spelling in (list(known), list(known.values()), [f"{name} ({code})" for code, name in known.items()]):
        found = zip(spelling, country_codes(pd.Series(spelling)), known, strict=True)
        assert [
            row for row in found if row[1] != row[2] and row[0][:5] != "Congo"
        ] == []  # what Spanish calls one of two


def test_every_dial_code_reads_all_of_its_countries() -> None:
    """The region of a dial code reads the national numbers of every country that shares the code."""
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        for region in regions:
            number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
            if region == "001" or number is None:
                continue
            [main, same] = country_codes(pd.Series([f"+{code}", str(code)]))
            assert main == same
            national = phonenumbers.parse(
                str(number.national_number).zfill(len(phonenumbers.national_significant_number(number))), main
            )
            assert national.country_code == code
