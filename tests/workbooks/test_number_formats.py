"""Number formats that show a country code, in every format that has them."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
import xlsxwriter

from ptx_bulk.workbooks import Reading
from ptx_bulk.workbooks.formats.number_formats import shown_prefix, shown_text, with_prefix

from .conftest import found

Opened = Callable[..., Reading]
Make = Callable[..., Path]

PREFIXES = {
    '"+41 "0': "+41 ",
    '"0041 "000000000': "+41 ",
    '"(+41)" 00 000 00 00': "+41 ",
    r"\+\4\1\ 00": "+41 ",
    r"\+41\ ##": "+41 ",
    "[$+41] 000000000": "+41 ",
    '[>=100]"+41 "0;General': "+41 ",
    '"+"0': "+",
    '"00"0': "00",
    "00 00 00 00 00": None,  # the lost zero
    '"00 "00': "00",
    "General": None,
    "0.00E+00": None,
    "+#,##0;-#,##0": None,  # the sign of an amount
    "+0.00%": None,
    '0" +41"': None,
    '"Tel +"0': None,
}


@pytest.mark.parametrize("code", PREFIXES)
def test_a_literal_country_code_is_found(code: str) -> None:
    """A plus or 00 that the format writes before the digits is a country code; signs, padding and titles are none."""
    assert shown_prefix(code) == PREFIXES[code]


SHOWN = {
    "+41 79 123 45 67": "+41 791234567",
    "0041 791234567": "+41 791234567",
    "(+41) 79 123 45 67": "+41 791234567",
    "079 123 45 67": None,
    "791 234 567": None,
    "00 79 12 34 56 8": None,
    "+41 79": None,
    "0000791234567": None,
    "00791234567": None,  # eleven places
}


@pytest.mark.parametrize("shown", SHOWN)
def test_what_a_cell_shows_is_compared_with_its_number(shown: str) -> None:
    """The text shown gives a country code only where it ends with the number's own digits."""
    assert shown_text("791234567", shown) == SHOWN[shown]


def test_a_number_longer_than_any_phone_stays_a_number() -> None:
    """A country code is shown before fifteen digits at most: a spreadsheet keeps no more, and E.164 allows no more."""
    assert with_prefix("+", "123456789012345") == "+123456789012345"
    assert with_prefix("+33 ", "1234567890123456") == "1234567890123456"


@pytest.mark.parametrize("regular", [True, False])
def test_xlsx_cells_are_what_a_person_sees(regular: bool, xlsx: Make, opened: Opened) -> None:
    """A number shown with a country code is that text, in both readers; other formats, dates and blanks stay."""
    codes = ['"+41 "00 000 00 00', "00 00 00", '"+41 "0', "dd/mm/yyyy"]
    formats = "".join(f'<numFmt numFmtId="{n}" formatCode="{escape(code)}"/>' for n, code in enumerate(codes, 170))
    styles = f"<numFmts>{formats}</numFmts><cellXfs>" + "".join(
        f'<xf numFmtId="{n}"/>' for n in (0, 170, 171, 172, 173)
    )
    title = '<row r="1"><c r="A1" t="inlineStr"><is><t>Mobile</t></is></c></row>'
    cells = ["791234567", "791234568", "791234569", "0", "38877", "", "-5"]
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" s="{style}"><v>{value}</v></c></row>'
        for row, (style, value) in enumerate(zip([1, 2, 3, 3, 4, 1, 1], cells, strict=True), 2)
    )
    sheet = title + rows if regular else f"<!-- -->{title}{rows}"
    reading = opened(xlsx(sheet, styles=f"{styles}</cellXfs>"))
    assert found(reading) == [
        (2, "+41 791234567", "text"),
        (3, "791234568", "number"),
        (4, "+41 791234569", "text"),
        (5, "0", "number"),
        (6, "2006-06-09", "date"),
        (8, "-5", "number"),
    ]


def test_what_xlsxwriter_writes(tmp_path: Path, opened: Opened) -> None:
    """A workbook of a program that writes formats its own way is read the same."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Mobile")
        sheet.write(1, 0, 791234567, book.add_format({"num_format": '"+41 "0'}))
        sheet.write(2, 0, 612345678)
        sheet.write_blank(3, 0, None, book.add_format({"num_format": '"+41 "0'}))
        sheet.write_formula(4, 0, "=A2", book.add_format({"num_format": '"+41 "0'}), 791234567)
    assert found(opened(tmp_path / "a.xlsx")) == [
        (2, "+41 791234567", "text"),
        (3, "612345678", "number"),
        (5, "+41 791234567", "text"),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [("_xD83D__xDE00_", "😀"), ("a_xD83D_b", "a\ufffdb"), ("_xDE00__xD83D_", "\ufffd\ufffd"), ("_x0041_", "A")],
)
def test_escaped_halves_of_characters(text: str, value: str, xlsx: Make, opened: Opened) -> None:
    """Escaped surrogates become the character they are halves of; a half alone is a lost character."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 1}</v></c></row>' for n in (1, 2))
    reading = opened(xlsx(rows, strings=f"<si><t>Mobile</t></si><si><t>06{text}</t></si>"))
    assert reading.cells["raw"].tolist() == [f"06{value}"]
