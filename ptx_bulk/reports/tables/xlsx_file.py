"""XLSX that opens ready to use: xlsxwriter draws the workbook, the rows are poured in (`xlsx_rows`)."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from ptx_bulk.i18n import _
from ptx_bulk.reports import cell_text
from ptx_bulk.reports.summary import Summary
from ptx_bulk.reports.tables import xlsx_summary
from ptx_bulk.reports.tables.xlsx_rows import (
    SHEET_ROWS,
    STEP,
    TEXT_HEAD,
    TEXT_TAIL,
    VALUE_HEAD,
    VALUE_TAIL,
    Poured,
    opening,
    pour,
    row_numbers,
    rows,
)

_CELL_BYTES = 32_767  # Excel's limit is 32,767 UTF-16 units, which is never more than that many bytes
_CELL_CUT = 16_000
_WIDTHS = {
    "run_id": 20,
    "file": 24,
    "sheet": 14,
    "row": 8,
    "column": 16,
    "raw": 22,
    "e164": 16,
    "status": 14,
    "code": 28,
    "message": 56,
    "suggestion": 18,
    "remote_id": 27,
    "finished_at": 22,
    "phone": 20,
    "added_approx": 22,
    "stopped_at": 22,
    "campaign_id": 27,
}
# Background and font, the pairs that Excel itself offers as good, bad and neutral.
STATUS_COLOURS = {
    "applied": ("#C6EFCE", "#006100"),
    "valid": ("#C6EFCE", "#006100"),
    "planned": ("#DDEBF7", "#1F4E79"),
    "unchanged": ("#EDEDED", "#404040"),
    "rejected": ("#FFC7CE", "#9C0006"),
    "failed": ("#FFC7CE", "#9C0006"),
    "unknown": ("#FFEB9C", "#7F6000"),
    "not_attempted": ("#FFEB9C", "#7F6000"),
}


def write_results(stream: BinaryIO, lines: pd.DataFrame, summary: Summary) -> None:
    """Results first, on as many sheets as Excel's row limit asks for, then counts and a chart."""
    _pour(stream, _skeleton(lines, _("Results"), summary), lines)


def write_frame(stream: BinaryIO, frame: pd.DataFrame, title: str) -> None:
    """Any frame, every cell but the numbers of a results file as text, on sheets called `title`."""
    _pour(stream, _skeleton(frame, title, None), frame)


def _skeleton(frame: pd.DataFrame, title: str, summary: Summary | None) -> io.BytesIO:
    """The workbook with a header and one sample row on each sheet."""
    target = io.BytesIO()
    sheets = max(1, -(-len(frame) // SHEET_ROWS))
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for index in range(sheets):
            sheet = book.add_worksheet(title if not index else f"{title} {index + 1}")
            _prepare(book, sheet, list(frame.columns), min(SHEET_ROWS, len(frame) - index * SHEET_ROWS))
        if summary is not None:
            xlsx_summary.add(book, summary, frame)
    return target


def _prepare(book: xlsxwriter.Workbook, sheet: Worksheet, names: Sequence[str], rows: int) -> None:
    head = book.add_format({"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF", "valign": "vcenter"})
    text, number = book.add_format({"num_format": "@"}), book.add_format({"num_format": "0"})
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{xl_col_to_name(len(names) - 1)}{SHEET_ROWS + 1}"})
    for index, name in enumerate(names):
        style = number if name in cell_text.NUMBER_COLUMNS else text
        sheet.write_string(0, index, name, head)
        sheet.set_column(index, index, _WIDTHS.get(name, 12), style)
        if rows:
            sheet.write_blank(1, index, None, style)  # the sample
    sheet.autofilter(0, 0, max(rows, 1), len(names) - 1)
    if "status" in names and rows:
        column = names.index("status")
        for status, (background, font) in STATUS_COLOURS.items():
            colours = book.add_format({"bg_color": background, "font_color": font})
            rule = {"type": "cell", "criteria": "==", "value": f'"{status}"', "format": colours}
            sheet.conditional_format(1, column, rows, column, rule)


def _pour(stream: BinaryIO, skeleton: io.BytesIO, frame: pd.DataFrame) -> None:
    parts = [frame.iloc[start : start + SHEET_ROWS] for start in range(0, len(frame), SHEET_ROWS)]
    pour(stream, skeleton, [Poured(len(part), part.shape[1], functools.partial(_rows, part)) for part in parts])


def _rows(frame: pd.DataFrame, styles: list[int]) -> Iterator[memoryview]:
    row = 2
    for table in cell_text.chunks(frame, STEP):
        numbers = row_numbers(row, table.num_rows)
        cells = [
            _elements(column.combine_chunks(), opening(index), numbers, style)
            for index, (column, style) in enumerate(zip(table.columns, styles, strict=True))
        ]
        yield rows(numbers, cells)
        row += table.num_rows


def _elements(column: cell_text.Column, start: str, numbers: cell_text.Column, style: int) -> cell_text.Column:
    """Each value as a `<c>` element, an empty one as nothing."""
    if pa.types.is_integer(column.type):
        value, head, tail = cell_text.text(column), VALUE_HEAD, VALUE_TAIL
    else:
        value, head, tail = cell_text.xml(_fitting(column)), TEXT_HEAD, TEXT_TAIL
    element = cell_text.join(start, numbers, f'" s="{style}"{head}', value, tail)
    return cell_text.pc.if_else(cell_text.pc.equal(value, cell_text.EMPTY), cell_text.EMPTY, element)


def _fitting(column: cell_text.Column) -> cell_text.Column:
    long = cell_text.pc.greater(cell_text.pc.binary_length(column), _CELL_BYTES)
    if not cell_text.pc.any(long).as_py():
        return column
    cut = cell_text.join(cell_text.pc.utf8_slice_codeunits(column, 0, _CELL_CUT), "…")
    return cell_text.pc.if_else(long, cut, column)
