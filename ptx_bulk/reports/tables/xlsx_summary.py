"""The sheet `Summary` of a workbook: what the run did in numbers, with a chart."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ptx_bulk.i18n import _
from ptx_bulk.reports import wording
from ptx_bulk.reports.summary import Summary


def add(book: xlsxwriter.Workbook, summary: Summary, lines: pd.DataFrame) -> None:
    """Add the sheet to the workbook."""
    sheet = book.add_worksheet(_("Summary"))
    title = book.add_format({"bold": True, "font_size": 14})
    bold = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"num_format": "@", "valign": "top"})
    count = book.add_format({"num_format": "#,##0", "indent": 1, "align": "right"})
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 14)
    sheet.set_column(2, 2, 70)
    sheet.write_string(0, 0, wording.headline(summary, lines), title)
    row = 2
    for label, value in wording.facts(summary):
        sheet.write_string(row, 0, label, text)
        sheet.write_string(row, 1, value, text)
        row += 1
    first = row + 2
    row = _counts(sheet, row + 1, _("Status"), summary.counts, (bold, text, count))
    if summary.counts:
        _chart(book, sheet, first, len(summary.counts))
    row = _counts(sheet, row + 1, _("Code"), summary.codes, (bold, text, count), explain=True)
    row = _counts(sheet, row + 1, _("Country"), summary.by_country, (bold, text, count))
    row = _counts(sheet, row + 1, _("Line type"), summary.by_line_type, (bold, text, count))
    for notice in summary.notices:
        row += 1
        sheet.write_string(row, 0, notice, text)


def _counts(
    sheet: Worksheet,
    row: int,
    label: str,
    counts: Mapping[str, int],
    formats: tuple[Format, Format, Format],
    *,
    explain: bool = False,
) -> int:
    """A small table, largest count first; returns the row after it."""
    if not counts:
        return row
    bold, text, count = formats
    sheet.write_string(row, 0, label, bold)
    sheet.write_string(row, 1, _("Count"), bold)
    for offset, (name, number) in enumerate(wording.ranked(counts), start=1):
        sheet.write_string(row + offset, 0, name, text)
        sheet.write_number(row + offset, 1, number, count)
        if explain:
            sheet.write_string(row + offset, 2, wording.sentence(name), text)
    return row + len(counts) + 1


def _chart(book: xlsxwriter.Workbook, sheet: Worksheet, first: int, rows: int) -> None:
    chart = book.add_chart({"type": "bar"})
    last = first + rows - 1
    chart.add_series(
        {
            "name": _("Lines by status"),
            "categories": [sheet.name, first, 0, last, 0],
            "values": [sheet.name, first, 1, last, 1],
            "data_labels": {"value": True},
            "fill": {"color": "#2F6DB5"},
            "gap": 60,
        }
    )
    chart.set_title({"name": _("Lines by status"), "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"major_gridlines": {"visible": False}, "visible": False})
    chart.set_size({"width": 520, "height": 80 + 34 * rows})
    sheet.insert_chart(1, 3, chart)
