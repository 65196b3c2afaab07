"""Parts as new workbooks, by openpyxl: for formats without a writer, and for markup that is not the usual one.

The cells keep their values and types; widths are those of the texts, dates are shown as dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.model import CellKind
from ptx_bulk.workbooks.reading import SheetTable
from ptx_bulk.workbooks.sheets.arrow import to_texts
from ptx_bulk.workbooks.sheets.stored import private_file
from ptx_bulk.workbooks.splitting.parts import ADDED, EVERYWHERE, KEPT, SheetParts
from ptx_bulk.workbooks.splitting.xlsx.formulas import of_its_row, translated

_STEP = 5_000  # rows at a time
_SEEN = 500  # rows that the widths are taken from
_NARROWEST, _WIDEST = 8, 60
_MOST_ROWS = 1_048_576
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f\ufffe\uffff]")
_NOT_IN_CELLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SHOWN = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd", time: "hh:mm:ss"}
_TRUE = "TRUE"
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"})


@dataclass(frozen=True)
class _Error:
    """A cell's error, such as `#N/A`."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class _Formula:
    """A formula without a value; `moved` is what it is in its new row, None where it cannot move."""

    text: str
    moved: str | None = None

    def __str__(self) -> str:
        return self.moved or self.text


def write_anew(
    path: Path, tables: Sequence[SheetTable], sheets: Mapping[str, SheetParts], part: int, hidden: frozenset[str]
) -> int:
    """Write one part of a file as an .xlsx workbook; how many formulas became texts, since they cannot move.

    Args:
        path: a new file.
        tables: the sheets, as they were read.
        sheets: where their rows go, by the sheet's name.
        part: which part.
        hidden: the names of hidden sheets.

    Raises:
        UnreadableFile: a sheet has more rows than a workbook can hold.
    """
    book = Workbook(write_only=True)
    taken: set[str] = set()
    texts = 0
    for table in tables:
        sheet = book.create_sheet(_title(table.sheet, taken))
        sheet.sheet_state = "hidden" if table.sheet in hidden and len(tables) > 1 else "visible"
        rows = _rows(table, sheets[table.sheet], part)
        first = list(islice(rows, _SEEN))
        for place, width in enumerate(_widths([values for _row, values in first]), 1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        last = 0
        for row, values in chain(first, rows):
            if row > _MOST_ROWS:
                raise UnreadableFile(_("it has more rows than a workbook can hold; save it as CSV and use that"))
            for _blank in range(row - last - 1):
                sheet.append([])
            sheet.append([_cell(sheet, value) for value in values])
            texts += sum(isinstance(value, _Formula) and value.moved is None for value in values)
            last = row
    with private_file(path) as out:
        book.save(out)
    return texts


def _title(name: str, taken: set[str]) -> str:
    """The sheet's name as a workbook can have it, each once."""
    base = _NOT_IN_NAMES.sub("_", name).strip("'")[:31] or "Sheet"
    title, number = base, 1
    while title.casefold() in taken:
        number += 1
        title = f"{base[:27]} {number}"
    taken.add(title.casefold())
    return title


def _rows(table: SheetTable, parts: SheetParts, part: int) -> Iterator[tuple[int, list[Any]]]:
    """The rows of the part: the number that each gets, and its values with ours behind them."""
    at = np.flatnonzero(parts.of(part))
    rows = parts.rows[at]
    gone = parts.rows[~parts.of(part)]
    # what is kept keeps the blank rows between
    new = rows - np.searchsorted(gone, rows) if part == KEPT else _closely(rows, parts.header_row)
    added = iter(parts.added.get(part, ()))
    for start in range(0, len(at), _STEP):
        chosen = slice(start, start + _STEP)
        columns = [_values(to_texts(texts), kinds) for texts, kinds in table.original(rows[chosen])]
        lines: Iterator[tuple[Any, ...]] = zip(*columns, strict=True) if columns else iter([()] * len(rows[chosen]))
        goes = parts.part[at[chosen]].tolist()
        for row, old, line, where in zip(new[chosen].tolist(), rows[chosen].tolist(), lines, goes, strict=True):
            ours: tuple[str, ...] = ()
            if where != EVERYWHERE:
                ours = next(added, ())
            elif old == parts.header_row:
                ours = ADDED.get(part, ())
            yield row, [*(_moved(value, at, old, row, parts) for at, value in enumerate(line)), *ours]


def _moved(value: object, place: int, old: int, new: int, parts: SheetParts) -> object:
    """The value in its new row: a formula moves with it where it is about that row."""
    if not isinstance(value, _Formula):
        return value
    column, formula = get_column_letter(place + 1), value.text[1:]
    own = of_its_row(formula, old, 0 if new != old and old <= parts.header_row else parts.header_row)
    moved = translated(formula, f"{column}{old}", f"{column}{new}") if own else None
    return _Formula(value.text, None if moved is None else f"={moved}")


def _closely(rows: np.ndarray, head: int) -> np.ndarray:
    """Titles and headings where they were, all others closely below."""
    above = rows <= head
    return np.where(above, rows, head + np.cumsum(~above))


def _values(texts: list[str], kinds: Any) -> list[Any]:  # noqa: ANN401 - a categorical of pandas
    return [_value(text, kind) if text else None for text, kind in zip(texts, kinds, strict=True)]


def _value(text: str, kind: str) -> object:
    """A cell's value by its kind; a text that is none of its kind stays a text."""
    try:
        if kind == CellKind.NUMBER.value:
            return int(text) if text.lstrip("-").isdecimal() and len(text) < 16 else float(text)
        if kind == CellKind.DATE.value:
            return _moment(text)
    except ValueError:
        return text
    if kind == CellKind.ERROR.value and text in _ERRORS:
        return _Error(text)
    if kind == CellKind.FORMULA.value:
        return _Formula(text)
    return text == _TRUE if kind == CellKind.BOOLEAN.value else text


def _moment(text: str) -> object:
    if len(text) == 10:
        return date.fromisoformat(text)
    return time.fromisoformat(text) if text[2:3] == ":" else datetime.fromisoformat(text)


def _cell(sheet: Any, value: object) -> object:  # noqa: ANN401 - openpyxl has no types
    """The cell; a text is never a formula."""
    if value is None or isinstance(value, bool | int | float):
        return value
    cell = WriteOnlyCell(sheet)
    kind = "e" if isinstance(value, _Error) else "f" if isinstance(value, _Formula) and value.moved else "s"
    if isinstance(value, str | _Error | _Formula):
        cell.value = "x"
        cell._value = _NOT_IN_CELLS.sub("", str(value))[:32767]
        cell.data_type = kind
        return cell
    cell.value = value
    cell.number_format = _SHOWN[type(value)]
    return cell


def _widths(rows: list[list[Any]]) -> list[int]:
    longest: dict[int, int] = {}
    for values in rows:
        for place, value in enumerate(values):
            longest[place] = max(longest.get(place, 0), len(str(value)) if value is not None else 0)
    return [min(max(longest[place] + 2, _NARROWEST), _WIDEST) for place in sorted(longest)]
