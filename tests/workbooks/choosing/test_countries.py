"""Which column says the country of a number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.errors import QuestionOpen
from ptx_bulk.numbers import UNKNOWN_COUNTRY
from ptx_bulk.workbooks import Reading, ReadOptions, read

Opened = Callable[..., Reading]
Make = Callable[..., Path]

FOUND = {
    "Mobile;Pays\n079 123 45 67;Suisse\n0612345678;\n0612345679;France": ("Pays", ["CH", "", "FR"]),
    "Mobile;Country\n079 123 45 67;CH": ("Country", ["CH"]),
    "Indicatif;Mobile\n+41;791234567\n0041;791234568": ("Indicatif", ["CH", "CH"]),
    "phone_country_code;phone\n41;791234567": ("phone_country_code", ["CH"]),
    "Pays;Indicatif;Mobile\nFrance;+41;791234567": ("Indicatif", ["CH"]),  # what is dialled comes first
    "Mobile;Pays de naissance\n0612345678;Suisse": (None, [""]),
    "Mobile;Nationalité\n0612345678;Suisse": (None, [""]),
}


@pytest.mark.parametrize("content", FOUND)
def test_a_country_column_is_found(content: str, text: Make, opened: Opened) -> None:
    """A column of countries or dial codes beside the phones is used; other countries of a person are not."""
    reading = opened(text(content))
    column, regions = FOUND[content]
    assert reading.sheets[0].as_json()["country_column"] == column
    assert reading.cells["country"].tolist() == regions


@pytest.mark.parametrize("options", [{"region_given": True}, {"country_column": "none"}])
def test_an_option_wins_over_a_country_column(options: dict[str, object], text: Make, opened: Opened) -> None:
    """--region and --country-column none ignore the column that would be found."""
    reading = opened(text("Mobile;Pays\n0612345678;Suisse\n"), **options)
    assert reading.cells["country"].tolist() == [""]


def test_a_country_column_that_a_region_overrules_is_told(text: Make, opened: Opened) -> None:
    """Beside --region the column that would be found is said to be left aside."""
    (sheet,) = opened(text("Mobile;Pays\n0612345678;Suisse\n"), list="stop", region_given=True).sheets
    assert sheet.as_json()["unused"] == [{"about": "country_column", "name": "Pays", "why": "option"}]


def test_an_unknown_country_is_no_default(text: Make, opened: Opened) -> None:
    """A word that names no country is carried as unknown, not as blank."""
    (country,) = opened(text("Mobile;Pays\n079 123 45 67;Suise\n"), country_column="Pays").cells["country"]
    assert country == UNKNOWN_COUNTRY


@pytest.mark.parametrize(("words", "column"), [(9, "Vorwahl"), (8, None)])
def test_a_heading_that_is_not_sure_needs_countries(words: int, column: str | None, text: Make, opened: Opened) -> None:
    """Under a heading that may mean something else nine of ten words must be countries."""
    known = ("+41", "+33", "+32", "+49", "+34", "+39", "+44", "+351", "+352")[:words]
    cells = [*known, *(f"x{n}" for n in range(10 - words))]
    rows = "".join(f"079123456{n};{cell}\n" for n, cell in enumerate(cells))
    (sheet,) = opened(text(f"Mobile;Vorwahl\n{rows}"), list="stop").sheets
    assert sheet.as_json()["country_column"] == column


FRENCH, SINGAPORE = "33 6 12 34 56 7{}", "6591234{}67"
CODED = {
    "all French": ("Mobile", [FRENCH] * 10, True),
    "half of them certain": ("Mobile", [FRENCH] * 5 + [SINGAPORE] * 5, True),
    "fewer than half certain": ("Mobile", [FRENCH] * 4 + [SINGAPORE] * 6, False),
    "nine of ten": ("Mobile", [FRENCH] * 9 + ["absent"], True),
    "eight of ten": ("Mobile", [FRENCH] * 8 + ["absent"] * 2, False),
    "two of ten are no numbers": ("Mobile", [FRENCH] * 8 + ["999 {}"] * 2, False),
    "written with a plus": ("Mobile", ["+33 6 12 34 56 7{}"] * 10, False),
    "national ones": ("Mobile", ["06 12 34 56 7{}"] * 10, False),
    "floats": ("Mobile", ["3361234567{}.0"] * 10, True),
    "floats with a comma": ("Mobile", ['"3361234567{},00"'] * 10, True),
    "nothing": ("Mobile", [""] * 10, False),
    "the first of two columns": ("Mobile 1;Mobile 2", ["06 12 34 56 7{};33 6 98 76 54 3{}"] * 10, False),
}


@pytest.mark.parametrize("case", CODED)
def test_columns_are_known_that_write_country_codes(case: str, text: Make, opened: Opened) -> None:
    """Nine of ten cells must be digits with a country code, half of them in any column, and none has a plus."""
    headings, cells, coded = CODED[case]
    rows = "".join(f"{cell.replace('{}', str(n))};x\n" for n, cell in enumerate(cells))
    (sheet,) = opened(text(f"{headings};Nom\n{rows}"), columns=tuple(headings.split(";")), list="stop").sheets
    assert sheet.as_json()["international"] is coded


def test_two_country_columns_that_differ_are_asked_about(text: Make, opened: Opened) -> None:
    """Of two columns of countries the one beside the phone's own heading is used; else the user is asked."""
    content = "Mobile;{first};{second}\n0612345678;FR;CH\n"
    with pytest.raises(QuestionOpen) as raised:
        opened(text(content.format(first="Pays 1", second="Pays 2")))
    assert raised.value.question["about"] == "country_column"
    assert raised.value.question["options"][-1] == "--country-column none"
    with pytest.raises(QuestionOpen):  # every heading of a number may share that word
        opened(text("Numéro portable;Pays;Pays du numéro\n0612345678;FR;CH\n"))
    billed = "Billing Phone;Billing Country;Shipping Country\n0612345678;FR;CH\n"
    assert opened(text(billed)).cells["country"].tolist() == ["FR"]


def test_none_of_several_country_columns_may_be_the_one(text: Make) -> None:
    """Answered with none of them, no column says the countries."""
    path = text("Mobile;Pays 1;Pays 2\n0612345678;FR;CH\n")
    with read([path], ReadOptions(list="stop"), lambda question: len(question.candidates) - 1) as done:
        assert done.sheets[0].as_json()["country_column"] is None
        assert done.cells["country"].tolist() == [""]
