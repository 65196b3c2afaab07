"""XLS (Excel 2003 and older) by xlrd, which tells errors, booleans, dates and hidden rows; else by python-calamine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

import xlrd
from xlrd.compdoc import CompDoc

from ptx_bulk.workbooks.formats.calamine import read_with_calamine
from ptx_bulk.workbooks.formats.number_formats import shown_prefix, with_prefix
from ptx_bulk.workbooks.guard.archives import damaged, locked_workbook
from ptx_bulk.workbooks.sheets.cells import (
    BOOLEAN,
    DATE,
    EMPTY,
    ERROR,
    NUMBER,
    TEXT,
    SheetBuilder,
    date_text,
    number_text,
)
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter


def read_xls(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand every sheet of the workbook to `writer`.

    Raises:
        UnreadableFile: damaged or protected.
    """
    data = _renamed(path.read_bytes())
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        _check_ends(data, nowhere)
        try:
            book = xlrd.open_workbook(file_contents=data, logfile=nowhere, formatting_info=True, ragged_rows=True)
        except MemoryError:
            raise
        except Exception as error:
            if "encrypted" in str(error).lower():
                raise locked_workbook() from error
            read_with_calamine(path, limits, writer)
            return
    del data  # what is no longer needed of a large file would double what its cells take
    prefixes = _prefixes(book)
    for sheet in book.sheets():
        builder = SheetBuilder(limits)
        _read_sheet(book, sheet, builder, prefixes)
        writer.add(sheet.name, builder, visible=sheet.visibility == 0)


def _check_ends(data: bytes, nowhere: TextIO) -> None:
    """Refuse a short stream that leads back into itself: xlrd would follow it until the memory ends."""
    try:
        container = CompDoc(data, logfile=nowhere)
    except Exception:  # no container, or one that xlrd will refuse
        return
    following, short = container.SSAT, int.from_bytes(data[56:60], "little", signed=True)  # streams below that length
    for entry in container.dirlist:
        place, steps = entry.first_SID, 0
        while entry.tot_size < short and 0 <= place < len(following):
            place, steps = following[place], steps + 1
            if steps > len(following):
                raise damaged()


def _renamed(data: bytes) -> bytes:
    """The file with the name of its stream as Excel writes it: other programs write it in capitals."""
    for name in ("Workbook", "Book"):
        plain = f"{name}\0".encode("utf-16-le")
        for other in (name.upper(), name.lower()):
            found = f"{other}\0".encode("utf-16-le")
            if plain not in data and found in data:
                return data.replace(found, plain, 1)
    return data


def _prefixes(book: xlrd.book.Book) -> dict[int, str]:
    """What the cell styles write before a number that show a country code."""
    found = {}
    for number, style in enumerate(book.xf_list):
        known = book.format_map.get(style.format_key)
        prefix = shown_prefix(known.format_str) if known is not None else None
        if prefix is not None:
            found[number] = prefix
    return found


def _read_sheet(book: xlrd.book.Book, sheet: xlrd.sheet.Sheet, builder: SheetBuilder, prefixes: dict[int, str]) -> None:
    for index in range(sheet.nrows):
        info = sheet.rowinfo_map.get(index)
        if info is not None and info.hidden:
            builder.hide(index + 1)
        values = zip(sheet.row_types(index), sheet.row_values(index), strict=True)
        for column, (kind, value) in enumerate(values):
            raw, code = _cell(book, kind, value)
            if prefixes and code == NUMBER:
                raw, code = _shown(raw, prefixes.get(sheet.cell_xf_index(index, column)))
            if code != EMPTY:
                builder.cell(index + 1, column, raw, code)


def _shown(digits: str, prefix: str | None) -> tuple[str, int]:
    shown = digits if prefix is None else with_prefix(prefix, digits)
    return shown, NUMBER if shown == digits else TEXT


def _cell(book: xlrd.book.Book, kind: int, value: str | float) -> tuple[str, int]:
    if kind == xlrd.XL_CELL_TEXT:
        text = str(value)
        return text, TEXT if text else EMPTY
    if kind in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK}:
        return "", EMPTY
    number = float(value)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return ("TRUE" if number else "FALSE"), BOOLEAN
    if kind == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(int(number), "#ERR!"), ERROR
    if kind == xlrd.XL_CELL_DATE:
        shown = date_text(number, epoch_1904=book.datemode == 1)
        if shown is not None:
            return shown, DATE
    return number_text(number), NUMBER
