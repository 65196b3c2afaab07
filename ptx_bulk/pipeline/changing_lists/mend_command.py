"""Mending rejects without a spreadsheet program: which cells are wrong, and a copy of the rows with new ones."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from ptx_bulk import reports, workbooks
from ptx_bulk.model import Accept, ListKind
from ptx_bulk.pipeline.changing_lists.check_command import check
from ptx_bulk.pipeline.interface import Interface, Quiet
from ptx_bulk.pipeline.requests import Reporting, Source
from ptx_bulk.pipeline.result import Result
from ptx_bulk.pipeline.steps.from_files.rejects_readings import carried_to
from ptx_bulk.plan import refused
from ptx_bulk.rejected_rows import PTX_LIST
from ptx_bulk.workbooks import ReadOptions, SettledSheet, SheetReading, SheetTable

_DELIMITER = ","
_STEP = 10_000
_COLUMNS = ("file", "sheet", "row", "column", "raw", "code", "message", "suggestion")


Place: TypeAlias = tuple[str, str, int, str]


@dataclass(frozen=True, kw_only=True)
class WrongCell:
    """A cell of a rejects file that is no number yet.

    Attributes:
        file, sheet, row: where it stands in the rejects file.
        column: heading or letters of its column.
        raw: what it holds.
        code, message: why it was rejected.
        suggestions: the numbers that it may mean, in E.164.
        input_row: its row in the input of the run, 0 where that is not known for sure.
    """

    file: str
    sheet: str
    row: int
    column: str
    raw: str
    code: str
    message: str
    suggestions: tuple[str, ...] = ()
    input_row: int = 0

    @property
    def place(self) -> Place:
        """What it is known by."""
        return self.file, self.sheet, self.row, self.column


def wrong_cells(result: Result, accept: Accept = Accept.MOBILE) -> tuple[WrongCell, ...]:
    """The cells of a run's rejects files that somebody has to mend, in the order of its input.

    Args:
        result: of the run.
        accept: which numbers counted for it.

    Raises:
        InputError: a rejects file cannot be read.
    """
    if not result.rejects:
        return ()
    rejects = check(Source(files=result.rejects, accept=accept), Reporting(folder=None))
    mine, theirs = _by_row(result), _by_row(rejects)
    if len(mine) != len(theirs):  # a file was changed since it was written: what it says itself must do
        return tuple(cell for row in theirs for cell in row if cell.raw.strip())
    pairs = zip(mine, theirs, strict=True)
    return tuple(cell for before, now in pairs for cell in _told(before, now))


def _by_row(result: Result) -> list[list[WrongCell]]:
    """The rejected cells of a result, row by row."""
    lines = result.frame[refused(result.frame).to_numpy()]
    columns = [lines[name].astype(object).tolist() for name in _COLUMNS]
    cells = [_cell(*values) for values in zip(*columns, strict=True)]
    return [list(row) for _place, row in itertools.groupby(cells, lambda cell: cell.place[:3])]


def _cell(*values: Any) -> WrongCell:  # noqa: ANN401 - a row of a frame
    named = dict(zip(_COLUMNS, values, strict=True))
    suggestions = tuple(filter(None, named.pop("suggestion").split(";")))
    return WrongCell(**{**named, "row": int(named["row"])}, suggestions=suggestions)


def _told(before: list[WrongCell], now: list[WrongCell]) -> list[WrongCell]:
    """The cells of a row in the rejects file, with what the run said of them.

    A row that nobody mended is rejected whole when it is read again: only what was wrong the first time is asked for.
    """
    cells = {cell.column: cell for cell in reversed(now)}
    said = [(cells.pop(one.column), one) for one in before if one.column in cells]
    return [
        replace(cell, code=one.code, message=one.message, suggestions=one.suggestions, input_row=one.row)
        for cell, one in said
    ] or [cell for cell in now if cell.raw.strip()]


def unsure_cells(source: Source, outcome: pd.DataFrame, interface: Interface | None = None) -> tuple[WrongCell, ...]:
    """The cells of contact files that could not be read in the rows that scrubbing is unsure of, in their order.

    Args:
        source: the files, read as they were for it.
        outcome: where each row went (`Scrubbed.frame`).
        interface: asked what was asked for it.

    Raises:
        InputError: a file cannot be read.
    """
    unsure = outcome[(outcome["part"] == "unsure").to_numpy()]
    rows = set(zip(*(unsure[name].astype(object) for name in ("file", "sheet", "row")), strict=True))
    judged = check(source, Reporting(folder=None), interface)
    return tuple(cell for row in _by_row(judged) for cell in row if cell.place[:3] in rows and cell.raw.strip())


@dataclass
class _NewRows:
    """What is new in the rows of a sheet: texts of cells, and lists of rows."""

    texts: dict[tuple[int, str], str] = field(default_factory=dict)
    lists: dict[int, ListKind] = field(default_factory=dict)

    @property
    def rows(self) -> list[int]:
        """The rows with anything new."""
        return sorted({row for (row, _column), text in self.texts.items() if text} | set(self.lists))


def mend(
    files: Sequence[str],
    values: Mapping[Place, str],
    folder: Path,
    accept: Accept = Accept.MOBILE,
    *,
    lists: Mapping[Place, ListKind] | None = None,
    reading: ReadOptions | None = None,
    interface: Interface | None = None,
) -> Source:
    """Copy the rows of rejects files that were mended, and say how the copies are to be read.

    Args:
        files: the rejects files.
        values: new texts by `WrongCell.place`; '' empties a cell. Rows without anything new are left out.
        folder: where the copies go; nothing there is overwritten.
        accept: which numbers count.
        lists: the lists of rows, by any place in them, for files with a column `ptx_list`.
        reading: how the files are read, where they are no rejects; None: as their input was.
        interface: asked what the files mean, where that is in doubt.

    Raises:
        ConfigurationError: no row has anything new.
        InputError: a file cannot be read.
        ReportError: a copy cannot be written.
    """
    wanted: dict[tuple[str, str], _NewRows] = {}
    for (file, sheet, row, column), value in values.items():
        wanted.setdefault((file, sheet), _NewRows()).texts[row, column] = value.strip()
    for (file, sheet, row, _column), kind in (lists or {}).items():
        wanted.setdefault((file, sheet), _NewRows()).lists[row] = kind
    options, asking = reading or ReadOptions(carried=carried_to(files)), interface or Quiet()
    with workbooks.read(tuple(files), options, asking.choose, asking.password) as read:
        readings = {(one.file, one.sheet): one for one in read.sheets}
        made = [
            _copied(table, readings[table.file, table.sheet], new, folder)
            for table in read.tables
            if (new := wanted.get((table.file, table.sheet), _NewRows())).rows
        ]
    return Source(
        files=tuple(str(path) for path, _sheet in made),
        reading=ReadOptions(settled=tuple(sheet for _path, sheet in made)),
        accept=accept,
    )


def _copied(table: SheetTable, reading: SheetReading, new: _NewRows, folder: Path) -> tuple[Path, SettledSheet]:
    """Write the mended rows of one sheet as a text file."""
    rows, headings = new.rows, table.layout()
    columns = [list(one.texts.to_pylist()) for one in table.original(np.array(rows, dtype="int32"))]
    at = {row: number for number, row in enumerate(rows)}
    places = {one.label: one.place for one in reading.phones}
    for (row, column), value in new.texts.items():
        if row in at and column in places:
            columns[places[column]][at[row]] = value
    if PTX_LIST in headings:  # what it says goes before the input's own column
        for row, kind in new.lists.items():
            columns[headings.index(PTX_LIST)][at[row]] = kind.value
    # Under its own name, so that reports of the mended rows are still named after the input.
    path = reports.free(folder / f"{Path(table.file).stem}.csv")
    delimiter = reading.delimiter or _DELIMITER  # so that its rows can be put with those of the input
    with reports.new_file(path) as stream:
        for piece in _pieces(delimiter, [headings, *map(list, zip(*columns, strict=True))]):
            stream.write(piece.encode())
    settled = reading.settled()
    return path, replace(settled, file=path.name, sheet="", header_row=1, encoding="utf-8", delimiter=delimiter)


def _pieces(delimiter: str, rows: Sequence[Sequence[str]]) -> Iterable[str]:
    for start in range(0, len(rows), _STEP):
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows[start : start + _STEP])
        yield text.getvalue()
