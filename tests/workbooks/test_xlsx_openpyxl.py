"""XLSX as openpyxl knows it: what it writes, and what xlsxwriter writes, our readers answer as openpyxl does."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE as _ILLEGAL
from openpyxl.cell.cell import Cell

from ptx_bulk.workbooks import Limits
from ptx_bulk.workbooks.formats.xlsx.workbook import read_xlsx
from ptx_bulk.workbooks.sheets.cells import KINDS, moment_text, number_text
from ptx_bulk.workbooks.sheets.sheet import Sheet
from ptx_bulk.workbooks.sheets.stored import SheetWriter

Cells = dict[tuple[int, int], tuple[str, str]]

_ERRORS = ["#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"]
_SAMPLES = ["0612345678", " 06 12", "06\n12", "é€", "<&>", "'06", "+33612345678", "#REF", "TRUE", "1E5", "006"]
_CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")


def _is_text(text: str) -> bool:
    """Whether both libraries take it for a text; openpyxl does not know the escapes `_xHHHH_`."""
    return not text.startswith("=") and text not in _ERRORS and "_x" not in text and not _ILLEGAL.search(text)


_texts = st.one_of(st.sampled_from(_SAMPLES), st.text(_CHARACTERS, min_size=1, max_size=12)).filter(_is_text)
_MOMENTS = (dt.datetime(1901, 1, 1), dt.datetime(2199, 12, 31))  # noqa: DTZ001 - cells have no zone
_values = st.one_of(
    st.none(),
    _texts,
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.floats(-1e12, 1e12, allow_nan=False).map(lambda value: float(f"{value:.12g}")),
    st.booleans(),
    st.dates(dt.date(1901, 1, 1), dt.date(2199, 12, 31)),
    st.datetimes(*_MOMENTS).map(lambda moment: moment.replace(microsecond=0)),
    st.sampled_from(_ERRORS),
    st.sampled_from(["=1+1", '="06"&B2', "=A1"]),
)
_tables = st.lists(st.lists(_values, min_size=1, max_size=5), min_size=1, max_size=8)


def by_openpyxl(path: Path) -> Cells:
    """The texts and kinds of the cells that hold anything, by row and column from 1."""
    book = openpyxl.load_workbook(path)
    assert book.active is not None
    return {(cell.row, cell.column): _told(cell) for row in book.active.iter_rows() for cell in row if _holds(cell)}


def _holds(cell: Cell) -> bool:
    return cell.value is not None and cell.value != ""


def _told(cell: Cell) -> tuple[str, str]:
    value: Any = cell.value
    if cell.data_type == "b":
        return ("TRUE" if value else "FALSE"), "boolean"
    if cell.is_date:
        return moment_text(value), "date"
    kinds = {"n": "number", "e": "error", "f": "formula", "s": "text", "inlineStr": "text"}
    return (number_text(value) if cell.data_type == "n" else str(value)), kinds[cell.data_type]


def by_us(path: Path) -> Cells:
    """The same as our readers have it; blank cells are none."""
    writer = SheetWriter(path.parent)
    read_xlsx(path, Limits(), writer)
    [stored] = writer.sheets
    sheet = Sheet(stored)
    found: Cells = {}
    for column in sheet.columns:
        kinds = sheet.kinds(column)
        assert kinds is not None
        texts = sheet.values(column).to_pylist()
        for row, text, kind in zip(sheet.rows.tolist(), texts, kinds.to_pylist(), strict=True):
            if text:
                found[row, column + 1] = (text, KINDS[kind].value)
    return found


@given(_tables)
def test_what_openpyxl_writes_is_read_as_openpyxl_reads_it(table: list[list[object]]) -> None:
    """Texts, numbers, booleans, dates, errors and formulas that were never calculated have the same text and kind."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "telephone"
    for row, values in enumerate(table, start=2):
        for column, value in enumerate(values, start=1):
            book.active.cell(row, column, value)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.xlsx")
        book.save(path)
        assert by_us(path) == by_openpyxl(path)


@given(_tables)
def test_what_xlsxwriter_writes_is_read_as_openpyxl_reads_it(table: list[list[object]]) -> None:
    """The same for the markup of another program, which writes inline or shared texts and other references."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.xlsx")
        options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": len(table) % 2 == 0}
        with xlsxwriter.Workbook(path, {**options, "default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
            sheet = book.add_worksheet()
            sheet.write_string(0, 0, "telephone")
            for row, values in enumerate(table, start=1):
                for column, value in enumerate(values):
                    sheet.write(row, column, value)
        assert by_us(path) == by_openpyxl(path)
