"""The product, openpyxl and LibreOffice read the same in every cell, but for rules that have a name."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.differential.workbooks.readers import Seen, by_libreoffice, by_product
from tests.differential.workbooks.rules import RULES, Case, agree, excused
from tests.differential.workbooks.trials import Made, Tally, compare, made, try_books
from tests.differential.workbooks.values import Book, Sheet, Value
from tests.differential.workbooks.writers import SOFFICE

BOOKS = int(os.environ.get("DIFFERENTIAL_BOOKS", "500"))
WITH_LIBREOFFICE = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not here")


def case(ours: Seen, theirs: Seen, put: Value, reader: str = "libreoffice", writer: str = "xlsxwriter") -> Case:
    """A cell of a workbook whose days count from 1900."""
    return Case(ours, theirs, reader, put, writer, epoch_1904=False)


def other(kind: str, value: Any) -> Seen:
    """What another program reads."""
    return Seen(kind, value=value)


DAY = datetime(1900, 2, 1)  # noqa: DTZ001 - cells have no zone
# rule: what it excuses, and other readings of the product that it does not
EXAMPLES: dict[str, tuple[Case, list[Seen]]] = {
    "country code of a number format": (
        case(Seen("text", "+33 612345678"), other("number", 612345678), Value("number", 612345678, '"+33 "0')),
        [Seen("text", "+33 612345679"), Seen("text", "+612345678"), Seen("number", "33612345678")],
    ),
    "elapsed time": (
        case(
            Seen("date", "1900-01-01T12:00:00"),
            other("date", timedelta(hours=36)),
            Value("elapsed", timedelta(hours=36), "[h]:mm"),
        ),
        [Seen("date", "1900-01-02T12:00:00"), Seen("number", "1.5"), Seen("date", "12:00:00")],
    ),
    "escaped characters": (
        case(Seen("text", "aAb"), other("text", "a_x0041_b"), Value("text", "a_x0041_b"), writer="openpyxl"),
        [Seen("text", "ab"), Seen("text", "aBb"), Seen("formula", "aAb")],
    ),
    "escapes of fewer digits": (
        case(Seen("text", "a_x6_b"), other("text", "ab"), Value("text", "a_x6_b")),
        [Seen("text", "ab"), Seen("text", "a\x06b"), Seen("formula", "a_x6_b")],
    ),
    "the first day of 1904": (
        replace(
            case(
                Seen("date", "02:02:45"),
                other("date", datetime(1904, 1, 1, 2, 2, 45)),  # noqa: DTZ001
                Value("date", datetime(1904, 1, 1, 2, 2, 45), "dd/mm/yyyy"),  # noqa: DTZ001
            ),
            epoch_1904=True,
        ),
        [Seen("date", "02:02:46"), Seen("text", "02:02:45"), Seen("date", "1904-01-02T02:02:45")],
    ),
    "fifteen digits": (
        case(
            Seen("number", "0.1234567890123456"),
            other("number", 0.123456789012346),
            Value("number", 0.1234567890123456),
        ),
        [Seen("number", "0.1234567890123457"), Seen("text", "0.1234567890123456"), Seen("number", "1")],
    ),
    "logical values": (
        case(Seen("boolean", "TRUE"), other("number", 1.0), Value("boolean", True)),
        [Seen("boolean", "FALSE"), Seen("number", "2"), Seen("text", "TRUE"), Seen("error", "TRUE")],
    ),
    "formulas as they were saved": (
        case(Seen("formula", "=1+1"), other("number", 2.0), Value("formula", "1+1")),
        [Seen("formula", "=1+2"), Seen("text", "=1+1"), Seen("number", "3"), Seen("date", "1900-01-02")],
    ),
    "29 February 1900": (
        case(Seen("date", "1900-02-01"), other("date", DAY - timedelta(days=1)), Value("date", DAY, "dd/mm/yyyy")),
        [Seen("date", "1900-02-02"), Seen("number", "32"), Seen("date", "1900-01-30")],
    ),
    "names of errors in xls": (
        case(Seen("error", "#REF!"), other("error", "#N/A"), Value("error", "#REF!"), writer="xls"),
        [Seen("error", "#NUM!"), Seen("text", "#REF!")],
    ),
    "texts of formulas in xls": (
        case(Seen("number", "0"), other("text", "0612"), Value("formula", '"06"&"12"', result="0612"), writer="xls"),
        [Seen("number", "612"), Seen("text", "612"), Seen("error", "#N/A")],
    ),
    "tabs in ods": (
        case(Seen("text", "a\tb"), other("text", "ab"), Value("text", "a\tb"), writer="ods"),
        [Seen("text", "a b"), Seen("text", "b"), Seen("number", "1")],
    ),
}


def test_every_rule_has_an_example() -> None:
    """No rule is without an example here."""
    assert set(EXAMPLES) == set(RULES)


@pytest.mark.parametrize("rule", EXAMPLES)
def test_a_rule_excuses_its_case(rule: str) -> None:
    """Readings that differ by a rule are excused by its own name."""
    example, _others = EXAMPLES[rule]
    assert not agree(example.ours, example.theirs)
    assert excused(example) == rule


@pytest.mark.parametrize("rule", EXAMPLES)
def test_a_rule_excuses_no_other_reading(rule: str) -> None:
    """Another text or kind from the product is a find though the rule knows the cell."""
    example, others = EXAMPLES[rule]
    for ours in others:
        wrong = case(ours, example.theirs, example.put, example.reader, example.writer)
        assert excused(wrong) == "", ours


@pytest.mark.parametrize("rule", EXAMPLES)
def test_a_rule_is_silent_about_other_cells(rule: str) -> None:
    """The same readings of a cell into which plain text was put are a find."""
    example, _others = EXAMPLES[rule]
    wrong = case(example.ours, example.theirs, Value("text", "plain"), example.reader, example.writer)
    assert excused(wrong) == ""


def test_a_cell_that_one_reader_alone_has_is_told() -> None:
    """A cell too many or too few is a find."""
    tally = Tally()
    where = ("Feuil 1", 1, 1)
    one = Made(Path("x.xlsx"), Book([Sheet("Feuil 1", {(1, 1): Value("boolean", True)})]), "xlsxwriter")
    compare(one, {where: Seen("boolean", "TRUE")}, {}, "libreoffice", tally)
    compare(one, {}, {where: other("boolean", True)}, "libreoffice", tally)
    assert (tally.cells.total(), len(tally.finds)) == (2, 2)


@pytest.mark.parametrize(
    ("text", "value"),
    [("12:00:00", time(12)), ("12:00:00", timedelta(hours=12)), ("1900-02-01", DAY), ("1900-02-01", DAY.date())],
)
def test_the_same_moment_is_the_same(text: str, value: object) -> None:
    """A date is the same as a moment at midnight, a time of day the same as the time since midnight."""
    assert agree(Seen("date", text), other("date", value))


def test_workbooks_of_both_libraries_are_read_as_openpyxl_reads_them(tmp_path: Path) -> None:
    """In some random workbooks, the product and openpyxl read the same."""
    tally = try_books(made(4, tmp_path, first=2, writers=("openpyxl", "xlsxwriter")), tmp_path, libreoffice=False)
    assert tally.finds == []
    assert tally.cells.total() > 100


@WITH_LIBREOFFICE
@pytest.mark.slow
def test_libreoffice_reads_what_was_put_in(tmp_path: Path) -> None:
    """A workbook that LibreOffice read and wrote holds, cell by cell, what the product reads."""
    [one] = made(1, tmp_path, writers=("ods",))
    assert one.path.suffix == ".ods"
    tally = try_books([one], tmp_path)
    assert tally.finds == []
    assert by_product(one.path, guarded=False).keys() == by_libreoffice(tmp_path / f"{one.path.stem}.fods").keys()


@WITH_LIBREOFFICE
@pytest.mark.endurance
@pytest.mark.timeout(0)
@pytest.mark.filterwarnings("ignore:Cell .* is marked as a date")
def test_five_hundred_workbooks_are_read_alike(tmp_path: Path) -> None:
    """In every cell of 500 workbooks of three programs, the product, openpyxl and LibreOffice read the same."""
    tally = try_books(made(BOOKS, tmp_path), tmp_path)
    assert tally.books.total() == BOOKS
    assert tally.finds == []
