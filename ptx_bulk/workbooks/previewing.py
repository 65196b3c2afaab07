"""The first rows of a file as they stand in it, before anything is said of what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from ptx_bulk.workbooks.sheets.sheet import Sheet
from ptx_bulk.workbooks.sheets.stored import StoredSheet

ROWS = 30
_COLUMNS = 200  # more are no table that a person looks at
_LONGEST = 120  # characters of a cell


@dataclass(frozen=True, kw_only=True)
class SheetPreview:
    """The first rows of a sheet.

    Attributes:
        file, sheet: where; `sheet` is '' for text files.
        visible: False when it is hidden in the spreadsheet.
        columns: 0-based places of the columns in use, at most the first 200.
        rows: row number and the cells' texts, parallel to `columns`, '' for none; long ones are cut.
    """

    file: str
    sheet: str
    visible: bool
    columns: tuple[int, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


Look: TypeAlias = Callable[[tuple[SheetPreview, ...]], None]


def preview(path: str, sheets: Iterable[StoredSheet]) -> tuple[SheetPreview, ...]:
    """The first rows of each sheet of a file that was taken in."""
    return tuple(_of_sheet(path, stored) for stored in sheets)


def _of_sheet(path: str, stored: StoredSheet) -> SheetPreview:
    sheet = Sheet(stored)
    columns = tuple(sheet.columns[:_COLUMNS])
    rows = tuple(
        (number, tuple(_cut(cells[column][0]) if column in cells else "" for column in columns))
        for number, cells in sheet.head(ROWS)
    )
    return SheetPreview(file=path, sheet=stored.name, visible=stored.visible, columns=columns, rows=rows)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "\u2026"
