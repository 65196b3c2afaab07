"""Rejects as a workbook: typed cells, the wrong ones marked."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import math
import re
import shutil
from collections.abc import Container, Iterator
from pathlib import Path, PurePath
from typing import TypeAlias

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ptx_bulk.errors import ReportError
from ptx_bulk.i18n import Quantity, _
from ptx_bulk.model import CellKind
from ptx_bulk.reports import new_files
from ptx_bulk.reports.rejecting.rejected import RejectsSheet
from ptx_bulk.reports.tables.xlsx_rows import SHEET_ROWS
from ptx_bulk.system.scratch import Scratch, unwritable

_COLUMNS, _CHARACTERS, _NAME = 16_384, 32_767, 31  # Excel's limits; of a cell and a sheet's name in UTF-16 units
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f\ufffe\uffff]")
_STEP = 1_000  # rows that are in the making at a time
_OUR_WIDTHS = (24, 60, 20, 8)
_RIGHT, _WRONG, _OURS = range(3)
_COLOURS = {_RIGHT: {}, _WRONG: {"bg_color": "#FFC7CE", "font_color": "#9C0006"}, _OURS: {"font_color": "#7F6000"}}
_EPOCH = dt.datetime(1899, 12, 31)  # noqa: DTZ001 - cells have no zone

_Value: TypeAlias = str | float | dt.date | dt.time | dt.timedelta | None
_Looks: TypeAlias = dict[tuple[type[_Value], int], Format]
_SHOWN: dict[type[_Value], str] = {
    str: "@",
    type(None): "@",
    float: "General",
    bool: "General",
    dt.date: "yyyy-mm-dd",
    dt.time: "hh:mm:ss",
    **dict.fromkeys((dt.datetime, dt.timedelta), "yyyy-mm-dd hh:mm:ss"),
}


def write(path: Path, sheets: list[RejectsSheet]) -> None:
    """One sheet for each sheet, with its name; text stays text, numbers stay numbers.

    Raises:
        ReportError: the file exists, cannot be written or cannot hold so many columns, or temporary files cannot.
    """
    with new_files.new_file(path) as stream, contextlib.ExitStack() as stack:
        try:
            drawn = stack.enter_context(contextlib.closing(Scratch())).folder / "rejects.xlsx"
            _draw(drawn, sheets)
        except (OSError, FileCreateError) as error:
            reason = unwritable(error if isinstance(error, OSError) else error.args[0])
            raise ReportError(_("{path} cannot be written: {reason}.").format(path=path, reason=reason)) from error
        with drawn.open("rb") as content:
            shutil.copyfileobj(content, stream)


def _draw(path: Path, sheets: list[RejectsSheet]) -> None:
    """Write the workbook; until it is packed its rows wait in files beside it, not in memory."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent), "use_zip64": True})
    looks: _Looks = {
        # A wrong number shown as text lets Excel keep the zero that the person types in its place.
        (sort, mark): book.add_format({"num_format": "@" if (sort, mark) == (float, _WRONG) else shown, **colours})
        for sort, shown in _SHOWN.items()
        for mark, colours in _COLOURS.items()
    }
    names: set[str] = set()
    for sheet in sheets:
        for start in range(0, sheet.count, SHEET_ROWS):
            worksheet = book.add_worksheet(_name(sheet, names))
            names.add(worksheet.name.lower())
            try:
                _write_head(worksheet, sheet, book.add_format({"bold": True, "bottom": 1, "num_format": "@"}), looks)
                _write_rows(worksheet, sheet, range(start, min(start + SHEET_ROWS, sheet.count)), looks)
            finally:
                worksheet._opt_close()  # a file open for each sheet would be too many; and Windows deletes none
    book.close()  # no `with`: it would pack what is given up


def _name(sheet: RejectsSheet, taken: Container[str]) -> str:
    """The sheet's own name where Excel allows it, told apart where two sheets share it."""
    wished = _NOT_IN_NAMES.sub("_", sheet.name or PurePath(sheet.file).stem).strip("'")
    endings = itertools.chain([""], (f" ({number})" for number in itertools.count(2)))
    names = ((_cut(wished, _NAME - len(ending)).rstrip("'") or _("Rejects")) + ending for ending in endings)
    return next(name for name in names if name.lower() not in taken)


def _write_head(worksheet: Worksheet, sheet: RejectsSheet, look: Format, looks: _Looks) -> None:
    if (count := len(sheet.headings)) > _COLUMNS:
        raise ReportError(
            _(
                "The rejects of {file} would have {count:,} columns with the four of ours, and a workbook holds "
                "{most:,}; delete columns that are not needed, or save the file as CSV."
            ).format(file=sheet.file, count=Quantity(count), most=Quantity(_COLUMNS))
        )
    worksheet.freeze_panes(1, 0)
    for column in sheet.wrong:
        worksheet.set_column(column, column, 20, looks[str, _RIGHT])
    for column, chars in enumerate(_OUR_WIDTHS, start=len(sheet.kinds)):
        worksheet.set_column(column, column, chars, looks[str, _OURS])
    for column, heading in enumerate(sheet.headings):
        _write(worksheet, 0, column, _fitting(heading), look)


def _write_rows(worksheet: Worksheet, sheet: RejectsSheet, rows: range, looks: _Looks) -> None:
    for start in rows[::_STEP]:
        part = slice(start, min(start + _STEP, rows.stop))
        columns = [_cells(sheet, place, part) for place in range(len(sheet.texts))]
        for row, cells in enumerate(zip(*columns, strict=True), start=1 + start - rows.start):
            for column, (value, mark) in enumerate(cells):
                if value is not None or mark == _WRONG:
                    _write(worksheet, row, column, value, looks[type(value), mark])


def _cells(sheet: RejectsSheet, place: int, part: slice) -> Iterator[tuple[_Value, int]]:
    """The value and the mark of each cell of a column."""
    texts = sheet.texts[place][part].to_pylist()
    if place >= len(sheet.kinds):
        return ((_fitting(text) or None, _OURS) for text in texts)
    marks = sheet.wrong[place][part].tolist() if place in sheet.wrong else [_RIGHT] * len(texts)
    return zip(map(_typed, texts, sheet.kinds[place][part]), marks, strict=True)


def _write(worksheet: Worksheet, row: int, column: int, value: _Value, look: Format) -> None:
    if not isinstance(value, str):
        worksheet.write(row, column, value, look)
    elif value.startswith("<r>") and value.endswith("</r>"):  # which xlsxwriter would take for markup of its own
        worksheet.write_rich_string(row, column, "<", look, value[1:], look)
    else:
        worksheet.write_string(row, column, value, look)  # `write` makes formulas and links


def _typed(text: str, kind: str) -> _Value:
    """A cell's value, None for an empty one and for a number that is not finite."""
    if kind == CellKind.NUMBER:
        return number if math.isfinite(number := float(text)) else None
    if kind == CellKind.BOOLEAN:
        return text == "TRUE"
    if kind == CellKind.EMPTY:
        return None
    return _moment(text) if kind == CellKind.DATE else _fitting(text)


def _moment(text: str) -> _Value:
    """The date or the time, the text for one that Excel's calendar does not have."""
    for parse in (dt.date.fromisoformat, dt.datetime.fromisoformat, dt.time.fromisoformat):
        with contextlib.suppress(ValueError):
            moment: _Value = parse(text)
            if getattr(moment, "tzinfo", None) is not None or getattr(moment, "year", 1900) < 1900:
                continue
            if isinstance(moment, dt.datetime) and moment - _EPOCH < dt.timedelta(days=2):
                return moment - _EPOCH  # xlsxwriter takes a moment of the first day for a time alone
            return moment
    return text


def _fitting(text: str) -> str:
    """The text no longer than Excel can hold it."""
    if 2 * len(text) <= _CHARACTERS or _cut(text, _CHARACTERS) == text:
        return text
    return _cut(text, _CHARACTERS - 1) + "…"


def _cut(text: str, most: int) -> str:
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")
