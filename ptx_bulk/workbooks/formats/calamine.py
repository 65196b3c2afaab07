"""Workbooks by python-calamine: XLSB, and XLS files that xlrd refuses. Error cells come back empty."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.guard.archives import locked_workbook
from ptx_bulk.workbooks.sheets.cells import BOOLEAN, DATE, NUMBER, TEXT, SheetBuilder, moment_text, number_text
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter

Value = int | float | str | bool | time | date | datetime | timedelta


def read_with_calamine(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand every sheet of the workbook to `writer`.

    Raises:
        UnreadableFile: damaged or protected.
    """
    try:
        book = CalamineWorkbook.from_path(str(path))
        for meta in book.sheets_metadata:
            if meta.typ is not SheetTypeEnum.WorkSheet:
                continue
            builder = SheetBuilder(limits)
            _add_rows(book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False), builder)
            writer.add(meta.name, builder, visible=meta.visible is SheetVisibleEnum.Visible)
    except PasswordError as error:
        raise locked_workbook() from error
    except (CalamineError, OSError, ValueError) as error:
        if "password" in str(error).lower() or "encrypt" in str(error).lower():
            raise locked_workbook() from error
        raise UnreadableFile(
            _("the file is damaged ({detail}); open it in a spreadsheet program and save it again").format(detail=error)
        ) from error


def _add_rows(rows: Iterable[list[Value]], builder: SheetBuilder) -> None:
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if value != "":
                builder.cell(number, column, *_cell(value))


def _cell(value: Value) -> tuple[str, int]:
    if isinstance(value, str):
        return value, TEXT
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), BOOLEAN
    if isinstance(value, int | float):
        return number_text(value), NUMBER
    return moment_text(value), DATE
