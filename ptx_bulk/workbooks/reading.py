"""What reading gives: cells, the files and sheets they are from, and the original tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ptx_bulk.system.scratch import Scratch
from ptx_bulk.workbooks.sheets.arrow import blanks, index, one_piece
from ptx_bulk.workbooks.sheets.cells import EMPTY, kind_categorical, text_kinds
from ptx_bulk.workbooks.sheets.sheet import letters

if TYPE_CHECKING:
    from ptx_bulk.workbooks.choosing.evidence import Why
    from ptx_bulk.workbooks.choosing.sheet_reading import SheetReading
    from ptx_bulk.workbooks.storing import Content

_WIDEST_WHOLE = 1024
_PART = 1 << 18  # rows of a column that are looked at together


@dataclass(frozen=True, kw_only=True)
class SheetInfo:
    """A sheet of an input file.

    Attributes:
        name: '' for text files.
        visible: False when it is hidden in the spreadsheet.
        reading: what the sheet means, None when it was not read.
        skipped: why the sheet was not read, None when it was.
    """

    name: str
    visible: bool = True
    reading: SheetReading | None = None
    skipped: Why | None = None


@dataclass(frozen=True, kw_only=True)
class InputFile:
    """An input file.

    Attributes:
        path: as the user gave it.
        sha256: of its bytes, hexadecimal.
        size: in bytes.
        format: by content, the value of a `Format`; `dataframe` for one in memory.
        encoding: of text files, '' for others.
        delimiter: of text files, '' for others and for one column.
        rows: data rows with any value that count, in the sheets that were read.
        excluded: data rows that the row filters leave out.
        blank: rows without any value there.
        sheets: all its sheets.
        content: its bytes, None for a table in memory.
    """

    path: str
    sha256: str
    size: int
    format: str
    encoding: str = ""
    delimiter: str = ""
    rows: int = 0
    excluded: int = 0
    blank: int = 0
    sheets: tuple[SheetInfo, ...] = ()
    content: Content | None = field(default=None, compare=False, repr=False)


class OriginalColumn(NamedTuple):
    """Cells of one column: their texts ('' when empty) and the `CellKind` of each.

    The text of a number is its digits or what Python reads as one, that of a boolean TRUE or FALSE, that of a date or
    time ISO 8601.
    """

    texts: pa.Array[Any]
    kinds: pd.Categorical[str]


@dataclass(frozen=True, kw_only=True)
class SheetTable:
    """The original table of a sheet that was read; memory-mapped, so it costs no memory until it is asked.

    Attributes:
        file: the path as the user gave it.
        sheet: the sheet's name, '' for text files.
        format: as in `InputFile`.
        header_row: the row with the headings, 0 when there is none.
        headings: text of each column's heading, parallel to the columns of `table`.
        positions: each column's 0-based place in the sheet, parallel to `headings`; empty columns have none.
        table: one string column each, all rows that hold anything, headings and titles included.
        kinds: parallel to `table`, positions in `cells.KINDS` as uint8; None where the format has no types.
        rows: the physical row number of each line of `table`, ascending.
        filled: for each row whether it holds any value.
        fields: of text files that were read carefully, how many cells each row has; None for all others.
        encoding, bom, delimiter, newline: how to write a text file like the original; empty for workbooks.
        let_go: gives back the memory of what was looked at.
    """

    file: str
    sheet: str
    format: str
    header_row: int
    headings: list[str]
    positions: list[int]
    table: pa.Table
    kinds: pa.Table | None
    rows: npt.NDArray[np.int32]
    filled: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    fields: npt.NDArray[np.int32] | None = None
    encoding: str = ""
    bom: bool = False
    delimiter: str = ""
    newline: str = ""
    let_go: Callable[[], None] = field(default=lambda: None, compare=False, repr=False)

    def layout(self) -> list[str]:
        """The headings of `original()`: every column from the first to the last, gaps as ''."""
        by_position = dict(zip(self.positions, self.headings, strict=True))
        return [by_position.get(position, "") for position in self._places()]

    def original(self, rows: npt.NDArray[np.int32]) -> list[OriginalColumn]:
        """These rows as the file has them, one cell for each number in `rows`, in that order.

        The columns are parallel to `layout()`. A row that the sheet does not hold comes back empty.
        """
        where = np.searchsorted(self.rows, rows)
        where = np.minimum(where, max(len(self.rows) - 1, 0))
        present = self.rows[where] == rows if len(self.rows) else np.zeros(len(rows), bool)
        places = index(where, ~present)
        column_of = {position: number for number, position in enumerate(self.positions)}
        gap = OriginalColumn(blanks(len(rows)), kind_categorical(np.zeros(len(rows), np.uint8)))
        return [
            self._column(column_of[position], places) if position in column_of else gap for position in self._places()
        ]

    def column_parts(self, number: int, rows: int | None = None) -> Iterator[tuple[int, pa.Array[Any]]]:
        """All texts of the column of that number in `table`, or of its first rows, in parts: where each begins, and it.

        Titles and headings are included.
        """
        column = self.table.column(number).slice(0, rows)
        for start in range(0, len(column), _PART):
            yield start, one_piece(column.slice(start, _PART))
            self.let_go()

    def cells_at(self, place: int, positions: npt.NDArray[np.int64]) -> OriginalColumn:
        """The cells of the column at that place of the sheet, at these positions in `rows`."""
        return self._column(self.positions.index(place), index(positions))

    def label(self, place: int) -> str:
        """The heading of the column at that place, or its letters."""
        return self.headings[self.positions.index(place)].strip() or letters(place)

    def _places(self) -> list[int]:
        last = max(self.positions, default=-1)
        return list(range(last + 1)) if last < _WIDEST_WHOLE else list(self.positions)

    def _column(self, number: int, places: pa.Array[Any]) -> OriginalColumn:
        texts = one_piece(self.table.column(number).take(places)).fill_null("")
        if self.kinds is None:
            kinds = text_kinds(texts)
        else:
            kinds = one_piece(self.kinds.column(number).take(places)).fill_null(EMPTY).to_numpy()
        self.let_go()
        return OriginalColumn(texts, kind_categorical(kinds))


@dataclass(kw_only=True)
class Reading:
    """Everything that was read; a context manager, since the original tables live in temporary files.

    Attributes:
        cells: one line per phone cell, in input order: `file`, `sheet`, `row` (int32), `column`, `raw`, `kind` (a
            `CellKind`) and `hidden` (bool), and what the sheet says of it: `list` (`stop`, `npai`, `none` for people
            who may be written to, '' where the row does not tell), `region` (the sheet's default, '' for none),
            `country` (the region of the row's country, '' for none, `UNKNOWN_COUNTRY` for a word that names none),
            `international` (bool: the column is written with country codes throughout), `detail` (what is wrong with a
            damaged row, '' for all others) and `kept_code` (why a row of a rejects file is still rejected, '' for all
            others). All but `row`, `raw`, `hidden` and `international` are categorical.
        inputs: the files.
        notices: what the user should know, a sentence each.
        tables: the original table of each sheet that was read.
        unread: the same of the other sheets that hold anything, where rows are judged as a whole.
    """

    cells: pd.DataFrame
    inputs: tuple[InputFile, ...]
    notices: tuple[str, ...]
    tables: tuple[SheetTable, ...]
    unread: tuple[SheetTable, ...] = ()
    scratch: Scratch = field(repr=False)

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def sheets(self) -> tuple[SheetReading, ...]:
        """What each sheet that was read means."""
        return tuple(info.reading for file in self.inputs for info in file.sheets if info.reading is not None)

    def close(self) -> None:
        """Drop the original tables and delete their files; `cells` stays usable."""
        self.tables = self.unread = ()
        self.scratch.close()
