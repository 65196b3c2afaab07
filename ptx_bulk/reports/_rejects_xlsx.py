"""Rejects as a workbook: typed cells, the wrong ones marked."""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
from pathlib import Path, PurePath

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ptx_bulk.i18n import _
from ptx_bulk.reports import _files
from ptx_bulk.reports._rejected import Sheet

_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_MOST_CHARACTERS = 32_767
_OUR_WIDTHS = (24, 60, 20)
_DATE_FORMATS = {
    dt.datetime: "yyyy-mm-dd hh:mm:ss",
    dt.date: "yyyy-mm-dd",
    dt.time: "hh:mm:ss",
    dt.timedelta: "[h]:mm:ss",
}


def write(path: Path, sheets: list[Sheet]) -> None:
    """One sheet for each sheet, with its name; text stays text, numbers stay numbers."""
    with _files.new_file(path) as stream, xlsxwriter.Workbook(stream, _OPTIONS) as book:
        styles = _Styles(book)
        names: list[str] = []
        for sheet in sheets:
            names.append(_name(sheet, names))
            _fill(book.add_worksheet(names[-1]), sheet, styles)


class _Styles:
    """The formats of a workbook, for right and for wrong cells."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.head = book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
        self.ours = book.add_format({"num_format": "@", "font_color": "#7F6000"})
        self._book = book
        self._made: dict[tuple[str, bool], Format] = {}

    def of(self, number_format: str, *, wrong: bool) -> Format:
        """The format for cells shown so."""
        key = (number_format, wrong)
        if key not in self._made:
            mark = {"bg_color": "#FFC7CE", "font_color": "#9C0006"} if wrong else {}
            self._made[key] = self._book.add_format({"num_format": number_format, **mark})
        return self._made[key]


def _name(sheet: Sheet, taken: list[str]) -> str:
    """The sheet's own name where Excel allows it, told apart where two inputs share it."""
    wished = re.sub(r"[\[\]:*?/\\]", "_", sheet.name or PurePath(sheet.file).stem).strip("'")[:31] or _("Rejects")
    name, number = wished, 1
    used = {other.lower() for other in taken}
    while name.lower() in used:
        number += 1
        name = f"{wished[:26]} ({number})"
    return name


def _fill(worksheet: Worksheet, sheet: Sheet, styles: _Styles) -> None:
    width = sheet.cells.shape[1]
    text = styles.of("@", wrong=False)
    for column in {column for _row, column in sheet.wrong}:
        worksheet.set_column(column, column, 20, text)
    for offset, chars in enumerate(_OUR_WIDTHS):
        worksheet.set_column(width - 3 + offset, width - 3 + offset, chars, styles.ours)
    for column, heading in enumerate(sheet.headings):
        worksheet.write_string(0, column, _fitting(heading), styles.head)
    top = 1 if sheet.headings else 0
    if top:
        worksheet.freeze_panes(1, 0)
    for row, values in enumerate(sheet.cells.itertuples(index=False, name=None)):
        for column, value in enumerate(values):
            _write_cell(worksheet, (row + top, column), value, styles, wrong=(row, column) in sheet.wrong)


def _write_cell(worksheet: Worksheet, at: tuple[int, int], value: object, styles: _Styles, *, wrong: bool) -> None:
    if isinstance(value, str):
        worksheet.write_string(*at, _fitting(value), styles.of("@", wrong=wrong))
    elif value is None or value is pd.NA or value is pd.NaT:
        if wrong:
            worksheet.write_blank(*at, None, styles.of("@", wrong=True))
    elif isinstance(value, bool):
        worksheet.write_boolean(*at, value, styles.of("General", wrong=wrong))
    elif isinstance(value, numbers.Real):
        _write_number(worksheet, at, float(value), styles, wrong=wrong)
    elif (shown := _date_format(value)) is not None:
        worksheet.write_datetime(*at, value, styles.of(shown, wrong=wrong))
    else:
        worksheet.write_string(*at, _fitting(str(value)), styles.of("@", wrong=wrong))


def _write_number(worksheet: Worksheet, at: tuple[int, int], value: float, styles: _Styles, *, wrong: bool) -> None:
    if not math.isfinite(value):
        return
    # A wrong number shown as text lets Excel keep the zero that the person types in its place.
    worksheet.write_number(*at, value, styles.of("@" if wrong else "General", wrong=wrong))


def _date_format(value: object) -> str | None:
    """How Excel shows this date or time; None for what its calendar does not have."""
    if isinstance(value, dt.date) and value.year < 1900:
        return None
    if isinstance(value, dt.datetime | dt.time) and value.tzinfo is not None:
        return None
    return next((shown for kind, shown in _DATE_FORMATS.items() if isinstance(value, kind)), None)


def _fitting(value: str) -> str:
    """The text as Excel can hold it: of limited length, without the two characters that XML forbids."""
    if len(value) > _MOST_CHARACTERS:
        value = value[: _MOST_CHARACTERS - 1] + "…"
    return value.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
