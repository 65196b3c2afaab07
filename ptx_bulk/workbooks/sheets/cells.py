"""Cells on their way into columns: kinds, the text of numbers and dates, blocks of cells turned into a table.

A stored sheet is an Arrow table with one line per row that holds anything:
`row` (int32, as the spreadsheet program numbers it), `hidden` (bool), then for each column `i` in use
`v{i}` (string, '' when empty) and, where the format has cell types, `k{i}` (uint8, a position in `KINDS`).
Text files have `fields` (int32, cells the line has) and `broken` (bool, the quotes do not add up) instead of kinds.
"""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _, grouped
from ptx_bulk.model import CellKind
from ptx_bulk.workbooks.sheets.arrow import Column, blanks, index, lengths, strings
from ptx_bulk.workbooks.sheets.limits import Limits

if TYPE_CHECKING:
    import pandas as pd

KINDS: tuple[CellKind, ...] = (
    CellKind.EMPTY,
    CellKind.TEXT,
    CellKind.NUMBER,
    CellKind.BOOLEAN,
    CellKind.DATE,
    CellKind.ERROR,
    CellKind.FORMULA,
)
EMPTY, TEXT, NUMBER, BOOLEAN, DATE, ERROR, FORMULA = range(7)

FLUSH_AT = 200_000
_LAST_DATE = 2_958_466  # the serial number of 1 January 10000, past Excel's calendar


def number_text(value: float) -> str:
    """A number cell's text: whole numbers as their digits, others as Python writes them."""
    return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)


def date_text(serial: float, *, epoch_1904: bool = False) -> str | None:
    """ISO text of a date or time cell; None when the serial number is no date (beyond the calendar)."""
    if not 0 <= serial < _LAST_DATE:
        return None
    seconds = round((serial % 1) * 86_400)
    if serial < 1:
        minutes, second = divmod(min(seconds, 86_399), 60)
        return time(*divmod(minutes, 60), second).isoformat()
    days = int(serial) + (1462 if epoch_1904 else 0)
    if days < 60 and not epoch_1904:
        days += 1  # Excel's calendar has a 29 February 1900
    return moment_text(datetime(1899, 12, 30) + timedelta(days=days, seconds=seconds))  # noqa: DTZ001 - cells have no zone


def moment_text(value: date | time | timedelta) -> str:
    """ISO text of a date, time or duration; a day without time stays a plain date."""
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    return str(value) if isinstance(value, timedelta) else value.isoformat()


class SheetBuilder:
    """Collects the cells of one sheet, row by row or in blocks, and stores them as an Arrow file.

    Raises:
        UnreadableFile: the sheet has more columns or cells than `limits` allows.
    """

    def __init__(self, limits: Limits, *, typed: bool = True) -> None:
        self._limits = limits
        self._typed = typed
        self._tables: list[pa.Table] = []
        self._columns: set[int] = set()
        self._rows = 0
        self._hidden: set[int] = set()
        self._pending: tuple[list[int], list[int], list[str], list[int]] = ([], [], [], [])
        self.last_row = 0

    def hide(self, row: int) -> None:
        """Mark a row as hidden in the spreadsheet."""
        self._hidden.add(row)

    def cell(self, row: int, column: int, raw: str, kind: int) -> None:
        """Add one cell that holds something; rows count from 1, columns from 0, and rows come in order."""
        rows, columns, raws, kinds = self._pending
        if len(rows) >= FLUSH_AT and rows[-1] != row:
            self.flush()
            rows, columns, raws, kinds = self._pending
        rows.append(row)
        columns.append(column)
        raws.append(raw)
        kinds.append(kind)

    def block(
        self,
        rows: npt.NDArray[np.int32],
        columns: npt.NDArray[np.int32],
        raws: pa.Array[Any],
        kinds: npt.NDArray[np.uint8],
    ) -> None:
        """Add many cells at once, as parallel arrays; whole rows, rows ascending."""
        if not len(rows):
            return
        position = np.cumsum(np.diff(rows, prepend=rows[0]) != 0)
        by_column = np.argsort(columns, kind="stable")
        present, first = np.unique(columns[by_column], return_index=True)
        count = int(position[-1]) + 1
        self._check(count, present.tolist())
        data: dict[str, pa.Array[Any]] = {"row": pa.array(rows[np.flatnonzero(np.diff(position, prepend=-1))])}
        for column, chosen in zip(present.tolist(), np.split(by_column, first[1:]), strict=True):
            take = np.full(count, -1, dtype=np.int64)
            take[position[chosen]] = chosen
            gaps = take < 0
            if gaps.any():
                data[f"v{column}"] = raws.take(index(take, gaps)).fill_null("")
                data[f"k{column}"] = pa.array(np.where(gaps, EMPTY, kinds[take]).astype(np.uint8))
            else:
                data[f"v{column}"] = raws.take(index(take))
                data[f"k{column}"] = pa.array(kinds[take])
        self._keep(pa.table(data))

    def table(self, table: pa.Table) -> None:
        """Add rows that are columns already: `row`, `v*` and `k*`, or `row`, `fields`, `broken` and `v*`."""
        self._check(table.num_rows, [int(name[1:]) for name in table.column_names if name[0] == "v"])
        self._keep(table)

    def _keep(self, table: pa.Table) -> None:
        self._rows += table.num_rows
        self._tables.append(table)

    def _check(self, rows: int, columns: list[int]) -> None:
        """Refuse more rows and columns before they cost memory."""
        self._columns.update(columns)
        cells = (self._rows + rows) * len(self._columns)
        if max(self._columns, default=0) >= self._limits.columns or cells > self._limits.cells:
            raise UnreadableFile(
                _("a sheet has more than {cells} cells; save the part with the numbers in a file of its own").format(
                    cells=grouped(self._limits.cells)
                )
            )

    def write(self, path: Path) -> dict[str, int]:
        """Store the sheet at `path`; its number of rows and the number of its last row."""
        self.flush()
        table = self._whole()
        rows = table.column("row").to_numpy()
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        last = int(rows[-1]) if len(rows) else 0
        return {"rows": table.num_rows, "last_row": max(last, self.last_row)}

    def flush(self) -> None:
        """Turn the single cells so far into a block; ends a row."""
        rows, columns, raws, kinds = self._pending
        self._pending = ([], [], [], [])
        if not rows:
            return
        row_array = np.asarray(rows, dtype=np.int32)
        column_array = np.asarray(columns, dtype=np.int32)
        kind_array = np.asarray(kinds, dtype=np.uint8)
        raw_array = strings(raws)
        if (np.diff(row_array) < 0).any():
            order = np.argsort(row_array, kind="stable")
            row_array, column_array, kind_array = row_array[order], column_array[order], kind_array[order]
            raw_array = raw_array.take(index(order))
        self.block(row_array, column_array, raw_array, kind_array)

    def _whole(self) -> pa.Table:
        schema: list[pa.Field[Any]] = [pa.field("row", pa.int32())]
        if any("fields" in table.column_names for table in self._tables):
            schema += [pa.field("fields", pa.int32()), pa.field("broken", pa.bool_())]
        for column in sorted(self._columns):
            schema.append(pa.field(f"v{column}", pa.string()))
            if self._typed:
                schema.append(pa.field(f"k{column}", pa.uint8()))
        pieces = [_conform(table, schema) for table in self._tables] or [pa.schema(schema).empty_table()]
        self._tables.clear()
        whole = pa.concat_tables(pieces)
        rows = whole.column("row").to_numpy()
        if (np.diff(rows) < 0).any():
            whole = whole.take(index(np.argsort(rows, kind="stable")))
            rows = whole.column("row").to_numpy()
        hidden = np.isin(rows, np.fromiter(self._hidden, dtype=np.int32)) if self._hidden else np.zeros(len(rows), bool)
        return whole.append_column("hidden", pa.array(hidden))


def _conform(table: pa.Table, schema: list[pa.Field[Any]]) -> pa.Table:
    """The table with exactly these columns; those it lacks are empty."""
    arrays = []
    # asked of Arrow once: it lists all its columns for each question about a name
    present = dict(zip(table.column_names, table.columns, strict=True))
    for field in schema:
        if field.name in present:
            arrays.append(present[field.name])
        elif field.type == pa.string():
            arrays.append(pa.chunked_array([blanks(table.num_rows)]))
        else:
            arrays.append(pa.chunked_array([pa.array(np.zeros(table.num_rows, np.uint8))]))
    return pa.table(arrays, schema=pa.schema(schema))


_KIND_WORDS = [kind.value for kind in CellKind]
_KIND_CODES = np.array([_KIND_WORDS.index(kind.value) for kind in KINDS], dtype=np.int8)


def categorical(codes: npt.NDArray[Any], words: list[str]) -> pd.Categorical[str]:
    """Positions in `words` as a categorical of these words, all of them kept."""
    import pandas as pd  # noqa: PLC0415 - the guarded child, which only stores cells, starts in half the time without it

    made: pd.Categorical[str] = pd.Categorical.from_codes(codes, categories=pd.Index(words, dtype="str"))
    return made


def kind_categorical(kinds: npt.NDArray[np.uint8]) -> pd.Categorical[str]:
    """Positions in `cells.KINDS` as the words of `CellKind`."""
    return categorical(_KIND_CODES[kinds], _KIND_WORDS)


def text_kinds(raws: Column) -> npt.NDArray[np.uint8]:
    """The kinds of cells in a format without types: text, or empty."""
    return (lengths(raws) > 0).astype(np.uint8)
