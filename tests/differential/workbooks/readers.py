"""What the product, openpyxl and LibreOffice read: kinds and texts of all cells that hold anything."""

from __future__ import annotations

import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.rich_text import CellRichText

from ptx_bulk.workbooks import Limits
from ptx_bulk.workbooks.formats import READERS
from ptx_bulk.workbooks.guard.child import reader
from ptx_bulk.workbooks.guard.sniffing import sniff
from ptx_bulk.workbooks.read_options import ReadOptions
from ptx_bulk.workbooks.sheets.cells import KINDS
from ptx_bulk.workbooks.sheets.sheet import Sheet
from ptx_bulk.workbooks.sheets.stored import SheetWriter, StoredSheet
from ptx_bulk.workbooks.storing import store_file

Where = tuple[str, int, int]  # sheet, row and column from 1


@dataclass(frozen=True, slots=True)
class Seen:
    """A cell as a program reads it.

    Attributes:
        kind: a `CellKind`, as the product names it.
        text: the product's text; what others have as a value is in `value`.
        value: text, number, boolean, date ... of the other programs.
        format: the number format, where openpyxl says it.
        formula: the formula behind the value, '' for none.
    """

    kind: str
    text: str = ""
    value: Any = None
    format: str = ""
    formula: str = ""


Cells = dict[Where, Seen]


def by_product(path: Path, *, guarded: bool) -> Cells:
    """All cells, by the same reader in this process or in the guarded one."""
    with tempfile.TemporaryDirectory() as folder:
        if guarded:
            sheets = store_file(str(path), Path(folder), ReadOptions()).sheets
        else:
            writer = SheetWriter(Path(folder))
            reader(READERS[sniff(path)])(path, Limits(), writer)
            sheets = writer.sheets
        return {place: seen for stored in sheets for place, seen in _stored(stored)}


def hidden_rows(path: Path) -> dict[str, list[int]]:
    """The rows of each sheet that the product reads as hidden."""
    with tempfile.TemporaryDirectory() as folder:
        writer = SheetWriter(Path(folder))
        reader(READERS[sniff(path)])(path, Limits(), writer)
        sheets = {stored.name: Sheet(stored) for stored in writer.sheets}
        return {name: sheet.rows[sheet.flags("hidden")].tolist() for name, sheet in sheets.items()}


def _stored(stored: StoredSheet) -> list[tuple[Where, Seen]]:
    sheet = Sheet(stored)
    found = []
    for column in sheet.columns:
        kinds: Any = sheet.kinds(column)
        cells = zip(sheet.rows.tolist(), sheet.values(column).to_pylist(), kinds.to_pylist(), strict=True)
        found += [((stored.name, row, column + 1), Seen(KINDS[kind].value, text)) for row, text, kind in cells if kind]
    return found


def by_openpyxl(path: Path) -> Cells:
    """All cells of an xlsx file: what openpyxl gives as values, and the formulas behind them."""
    shown, written = openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path)
    found: Cells = {}
    for page in written.worksheets:
        values = shown[page.title]
        for row in page.iter_rows():
            for cell in row:
                if cell.value is None:
                    continue
                seen = _of_openpyxl(cell, values.cell(cell.row, cell.column))
                if seen is not None:
                    found[page.title, cell.row, cell.column] = seen
    return found


def _of_openpyxl(cell: Any, shown: Any) -> Seen | None:
    formula = ""
    if cell.data_type == "f":
        formula = str(getattr(cell.value, "text", cell.value))
        if shown.value is None:
            return Seen("formula", value=formula, format=cell.number_format, formula=formula)
    value = str(shown.value) if isinstance(shown.value, CellRichText) else shown.value
    if value is None or value == "":
        return None
    return Seen(_kind(value, shown.data_type), value=value, format=cell.number_format, formula=formula)


def _kind(value: Any, data_type: str) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, date | time | timedelta):
        return "date"
    if isinstance(value, int | float):
        return "number"
    return "error" if data_type == "e" else "text"


_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_FAR = 1000  # rows and columns repeated as often hold nothing


def by_libreoffice(flat: Path) -> Cells:
    """All cells of a file that LibreOffice read and wrote as a flat document, with its own values."""
    found: Cells = {}
    for table in ET.parse(flat).getroot().iter(f"{_TABLE}table"):
        row = 1
        for line in table.iter(f"{_TABLE}table-row"):
            times = int(line.get(f"{_TABLE}number-rows-repeated", "1"))
            cells = list(_of_row(line))
            for again in range(times if cells else 0):
                for column, seen in cells:
                    found[table.get(f"{_TABLE}name", ""), row + again, column] = seen
            row += times
    return found


def _of_row(line: ET.Element) -> list[tuple[int, Seen]]:
    column, found = 1, []
    for cell in line:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        times = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        seen = _of_libreoffice(cell)
        if seen is not None:
            found += [(column + again, seen) for again in range(times)]
        column += times
    return found


def _of_libreoffice(cell: ET.Element) -> Seen | None:
    kind, formula = cell.get(f"{_OFFICE}value-type", ""), cell.get(f"{_TABLE}formula", "")
    text = "\n".join(_paragraph(one) for one in cell.findall(f"{_TEXT}p"))
    if cell.get(f"{_CALC}value-type") == "error":
        return Seen("error", value=text, formula=formula)
    if kind in ("float", "percentage", "currency"):
        return Seen("number", value=float(cell.get(f"{_OFFICE}value", "nan")), formula=formula, text=text)
    if kind == "boolean":
        return Seen("boolean", value=cell.get(f"{_OFFICE}boolean-value") == "true", formula=formula)
    if kind == "date":
        return Seen("date", value=_moment(cell.get(f"{_OFFICE}date-value", "")), formula=formula, text=text)
    if kind == "time":
        return Seen("date", value=_elapsed(cell.get(f"{_OFFICE}time-value", "")), formula=formula, text=text)
    return Seen("text", value=text, formula=formula) if text or formula else None


def _paragraph(part: ET.Element) -> str:
    """The text of a paragraph, with its blanks, tabs and breaks."""
    found = part.text or ""
    for piece in part:
        if piece.tag == f"{_TEXT}s":
            found += " " * int(piece.get(f"{_TEXT}c", "1"))
        elif piece.tag == f"{_TEXT}tab":
            found += "\t"
        elif piece.tag == f"{_TEXT}line-break":
            found += "\n"
        else:
            found += _paragraph(piece)
        found += piece.tail or ""
    return found


def _moment(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text[:26])
    except ValueError:  # a year that no calendar has
        return text


def _elapsed(text: str) -> timedelta:
    hours, rest = text.removeprefix("PT").removesuffix("S").split("H")
    minutes, seconds = rest.split("M")
    return timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
