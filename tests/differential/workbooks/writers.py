"""Workbooks written by openpyxl, xlsxwriter and LibreOffice."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.differential.workbooks.values import Book, Sheet, Value

SOFFICE = shutil.which("soffice")
_AT_ONCE = 60  # files a call


def by_openpyxl(made: Book, path: Path) -> None:
    """Write the workbook; formulas are never calculated."""
    book = openpyxl.Workbook(write_only=False)
    book.remove(book.active)
    if made.epoch_1904:
        book.epoch = CALENDAR_MAC_1904
    for sheet in made.sheets:
        page = book.create_sheet(sheet.name)
        for (row, column), value in sheet.cells.items():
            cell = page.cell(row, column)
            _fill(cell, value)
            cell.number_format = value.format
        _dress_openpyxl(page, sheet)
    book.save(path)


def _fill(cell: Any, value: Value) -> None:
    if value.kind == "rich":
        first, *rest = (str(piece) for piece in value.value)  # type: ignore[attr-defined]
        cell.value = CellRichText(first, *(TextBlock(InlineFont(b=True), piece) for piece in rest))
    elif value.kind == "formula":
        cell.value = f"={value.value}"
    else:
        cell.value = value.value
        if value.kind == "text":
            cell.data_type = "s"  # whatever it looks like


def _dress_openpyxl(page: Any, sheet: Sheet) -> None:
    for row in sheet.hidden_rows:
        page.row_dimensions[row].hidden = True
    for column in sheet.hidden_columns:
        page.column_dimensions[openpyxl.utils.get_column_letter(column)].hidden = True
    for top, left, bottom, right in sheet.merged:
        page.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    if not sheet.visible:
        page.sheet_state = "hidden"


def by_xlsxwriter(made: Book, path: Path) -> None:
    """Write the workbook; formulas have the results that the values say."""
    options = {"date_1904": made.epoch_1904, "constant_memory": made.inline, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, {**options, "nan_inf_to_errors": True}) as book:
        formats: dict[str, Any] = {}
        for sheet in made.sheets:
            page = book.add_worksheet(sheet.name)
            for row in sheet.hidden_rows if not made.inline else ():
                page.set_row(row - 1, None, None, {"hidden": True})
            for (row, column), value in sorted(sheet.cells.items()):
                form = formats.setdefault(value.format, book.add_format({"num_format": value.format}))
                _write(page, row - 1, column - 1, value, form)
            _dress_xlsxwriter(page, sheet, inline=made.inline)


def _write(page: Any, row: int, column: int, value: Value, form: Any) -> None:  # noqa: PLR0911 - one line a kind
    content: Any = value.value
    if value.kind == "text":
        return page.write_string(row, column, content, form)
    if value.kind == "rich":
        return page.write_rich_string(row, column, content[0], form, content[1], content[2])
    if value.kind == "number":
        return page.write_number(row, column, content, form)
    if value.kind in ("date", "time", "elapsed"):
        return page.write_datetime(row, column, content, form)
    if value.kind == "boolean":
        return page.write_boolean(row, column, content, form)
    if value.kind == "error":
        return page.write_formula(row, column, f"={content}", form, content)
    result = value.result if value.result is not None else ""
    return page.write_formula(row, column, f"={content}", form, result)


def _dress_xlsxwriter(page: Any, sheet: Sheet, *, inline: bool) -> None:
    for column in sheet.hidden_columns:
        page.set_column(column - 1, column - 1, None, None, {"hidden": True})
    for top, left, bottom, right in sheet.merged if not inline else ():
        text = sheet.cells[top, left].value
        page.merge_range(top - 1, left - 1, bottom - 1, right - 1, "")
        page.write_string(top - 1, left - 1, text)
    if not sheet.visible:
        page.hide()


def by_libreoffice(paths: Iterable[Path], form: str, folder: Path, profile: Path) -> list[Path]:
    """Have LibreOffice open these files and write each in another format into the folder."""
    paths = list(paths)
    command = [str(SOFFICE), "--headless", f"-env:UserInstallation={profile.as_uri()}"]
    command += ["--convert-to", form, "--outdir", str(folder)]
    for at in range(0, len(paths), _AT_ONCE):
        few = paths[at : at + _AT_ONCE]
        subprocess.run(
            [*command, *map(str, few)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=900,
        )
    return [folder / f"{path.stem}.{form}" for path in paths]
