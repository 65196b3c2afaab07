"""Mending rejects without a spreadsheet program: which cells are wrong, and a copy of the rows with new ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ptx_bulk import reports, workbooks
from ptx_bulk.model import Accept
from ptx_bulk.pipeline.check_command import check
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Reporting, Source
from ptx_bulk.pipeline.steps.from_files.rejects_readings import carried_to
from ptx_bulk.plan import refused
from ptx_bulk.workbooks import ReadOptions, SettledSheet, SheetReading, SheetTable

_DELIMITER = ","
_STEP = 10_000


@dataclass(frozen=True, kw_only=True)
class WrongCell:
    """A cell of a rejects file that is no number yet.

    Attributes:
        file, sheet, row: where it stands in the rejects file.
        column: heading or letters of its column.
        raw: what it holds.
        code, message: why it was rejected.
        suggestions: the numbers that it may mean, in E.164.
    """

    file: str
    sheet: str
    row: int
    column: str
    raw: str
    code: str
    message: str
    suggestions: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, str, int, str]:
        """What it is known by."""
        return self.file, self.sheet, self.row, self.column


def wrong_cells(
    files: Sequence[str], accept: Accept = Accept.MOBILE, interface: Interface | None = None
) -> tuple[WrongCell, ...]:
    """The cells of rejects files that somebody has to mend, in the files' order.

    Raises:
        InputError: a file cannot be read.
    """
    result = check(Source(files=tuple(files), accept=accept), Reporting(folder=None), interface)
    lines = result.frame[refused(result.frame).to_numpy()]
    names = ["file", "sheet", "row", "column", "raw", "code", "message", "suggestion"]
    columns = [lines[name].astype(object).tolist() for name in names]
    return tuple(_cell(*values) for values in zip(*columns, strict=True))


def _cell(*values: Any) -> WrongCell:  # noqa: ANN401 - a row of a frame
    file, sheet, row, column, raw, code, message, suggestion = values
    return WrongCell(
        file=file,
        sheet=sheet,
        row=int(row),
        column=column,
        raw=raw,
        code=code,
        message=message,
        suggestions=tuple(filter(None, suggestion.split(";"))),
    )


def mend(
    files: Sequence[str],
    values: Mapping[tuple[str, str, int, str], str],
    folder: Path,
    accept: Accept = Accept.MOBILE,
) -> Source:
    """Copy the rows of rejects files that were mended, and say how the copies are to be read.

    Rows without a new value are left out; a wrong cell without one, beside another that has one, is emptied.

    Args:
        files: the rejects files.
        values: what was typed, by `WrongCell.place`; '' leaves the cell out.
        folder: where the copies go; nothing there is overwritten.
        accept: which numbers count.

    Raises:
        InputError: a file cannot be read.
        ReportError: a copy cannot be written.
    """
    wrong: dict[tuple[str, str], dict[tuple[int, str], str]] = {}
    for cell in wrong_cells(files, accept):
        wrong.setdefault(cell.place[:2], {})[cell.place[2:]] = values.get(cell.place, "").strip()
    with workbooks.read(tuple(files), ReadOptions(carried=carried_to(files))) as reading:
        readings = {(one.file, one.sheet): one for one in reading.sheets}
        made = [
            _copied(table, readings[table.file, table.sheet], new, folder)
            for table in reading.tables
            if any((new := wrong.get((table.file, table.sheet), {})).values())
        ]
    return Source(
        files=tuple(str(path) for path, _sheet in made),
        reading=ReadOptions(settled=tuple(sheet for _path, sheet in made)),
        accept=accept,
    )


def _copied(
    table: SheetTable, reading: SheetReading, new: Mapping[tuple[int, str], str], folder: Path
) -> tuple[Path, SettledSheet]:
    """Write the mended rows of one sheet as a text file."""
    rows = sorted({row for (row, _column), value in new.items() if value})
    columns = [list(one.texts.to_pylist()) for one in table.original(np.array(rows, dtype="int32"))]
    at = {row: number for number, row in enumerate(rows)}
    places = {one.label: one.place for one in reading.phones}
    for (row, column), value in new.items():
        if row in at:
            columns[places[column]][at[row]] = value
    # Under its own name, so that reports of the mended rows are still named after the input.
    path = reports.free(folder / f"{Path(table.file).stem}.csv")
    with reports.new_file(path) as stream:
        for piece in _pieces([table.layout(), *map(list, zip(*columns, strict=True))]):
            stream.write(piece.encode())
    settled = reading.settled()
    return path, replace(settled, file=path.name, sheet="", header_row=1, encoding="utf-8", delimiter=_DELIMITER)


def _pieces(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    for start in range(0, len(rows), _STEP):
        text = io.StringIO()
        csv.writer(text, delimiter=_DELIMITER, quoting=csv.QUOTE_ALL).writerows(rows[start : start + _STEP])
        yield text.getvalue()
