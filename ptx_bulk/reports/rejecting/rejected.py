"""What a rejects file holds: the wrong rows of each table as they were, and four columns of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from xlsxwriter.utility import xl_col_to_name

from ptx_bulk.rejected_rows import PTX_COLUMNS, with_mark
from ptx_bulk.reports import cell_text
from ptx_bulk.reports.dialects import Dialect, dialect_like


class Table(Protocol):
    """A sheet of the input as its reader keeps it."""

    @property
    def file(self) -> str:
        """The file as the results name it."""

    @property
    def sheet(self) -> str:
        """The sheet as the results name it, empty where the format has none."""

    @property
    def header_row(self) -> int:
        """The row with the headings, 0 for a table without."""

    @property
    def encoding(self) -> str:
        """Encoding of a text file, empty for others."""

    @property
    def bom(self) -> bool:
        """Whether the text file begins with a byte order mark."""

    @property
    def delimiter(self) -> str:
        """Delimiter of a text file, empty for others and for a single column."""

    def layout(self) -> list[str]:
        """The headings of the columns of `original`, empty where a column has none."""

    def original(self, rows: npt.NDArray[np.int32]) -> Sequence[tuple[pa.Array[Any], pd.Categorical[str]]]:
        """The cells of these rows (numbered as in the results), in this order: for each column texts and kinds.

        The kinds are those of `CellKind`. The text of a number is one that XML Schema calls a double, `TRUE` and
        `FALSE` are booleans, dates and times are in ISO 8601.
        """


@dataclass(frozen=True, slots=True)
class RejectsSheet:
    """What one sheet of a rejects file holds.

    Attributes:
        file: the input file.
        name: the input's sheet.
        headings: the header with the four of ours; the letters of the columns for a table without header.
        texts: the original columns, then ours, as large_string; one row per wrong row of the input.
        kinds: the kinds of the original columns.
        wrong: by the place of each column that has any, whether a cell is wrong.
        dialect: of a text file.
    """

    file: str
    name: str
    headings: tuple[str, ...]
    texts: tuple[cell_text.Column, ...]
    kinds: tuple[pd.Categorical[str], ...]
    wrong: Mapping[int, npt.NDArray[np.bool_]]
    dialect: Dialect

    @property
    def places(self) -> dict[str, int]:
        """The place of each column by what lines call it."""
        return places_of(self.headings)

    @property
    def count(self) -> int:
        """Number of rows, the header not among them."""
        return len(self.texts[0])


def sheets_of(tables: Iterable[Table], rejects: pd.DataFrame, dialect: Dialect | None = None) -> list[RejectsSheet]:
    """The wrong rows of each table that has any; `rejects` and `dialect` as `Rejects` takes them."""
    groups = dict(iter(rejects.groupby(["file", "sheet"], sort=False, observed=True)))
    found = [(table, groups.get((table.file, table.sheet))) for table in tables]
    return [_sheet(table, lines, dialect) for table, lines in found if lines is not None]


def _sheet(table: Table, lines: pd.DataFrame, dialect: Dialect | None) -> RejectsSheet:
    rows, position = np.unique(lines["row"].to_numpy(np.int32), return_inverse=True)
    columns = table.original(rows)
    # Our columns need a header to be known by; without one the others are named by their letters.
    headings = table.layout() if table.header_row else [xl_col_to_name(place) for place in range(len(columns))]
    # The columns of an earlier rejects file make place for the new ones.
    kept = [place for place, heading in enumerate(headings) if heading not in PTX_COLUMNS]
    code, message, suggestion, kind = _ours(lines, position)
    original = [cell_text.pc.cast(columns[place][0], pa.large_string()) for place in kept]
    message = _marked(message, [*original, kind])
    return RejectsSheet(
        file=table.file,
        name=table.sheet,
        headings=(*(headings[place] for place in kept), *PTX_COLUMNS),
        texts=(*original, code, message, suggestion, kind),
        kinds=tuple(columns[place][1] for place in kept),
        wrong=_wrong(lines["column"], position, [headings[place] for place in kept]),
        dialect=dialect_of(table) if dialect is None else dialect,
    )


def _marked(messages: cell_text.Column, cells: Sequence[cell_text.Column]) -> cell_text.Column:
    """The messages with the mark of each row, by which an untouched one is known when it is imported again."""
    rows = zip(*(column.to_pylist() for column in cells), strict=True)
    marked = [with_mark(message, row) for message, row in zip(messages.to_pylist(), rows, strict=True)]
    return pa.array(marked, pa.large_string())


def places_of(headings: Sequence[str]) -> dict[str, int]:
    """The place of each column by what lines call it: its heading, the first of equal ones, and its letters."""
    places = {xl_col_to_name(place): place for place in range(len(headings))}
    for place, heading in reversed(list(enumerate(headings))):
        if heading.strip():
            places[heading.strip()] = place
    return places


def _wrong(
    names: pd.Series[str], position: npt.NDArray[np.intp], headings: Sequence[str]
) -> dict[int, npt.NDArray[np.bool_]]:
    """Where the wrong cells stand; a line names its column by the heading, else by the letter."""
    place_of = places_of(headings)
    named, distinct = pd.factorize(names)
    wrong: dict[int, npt.NDArray[np.bool_]] = {}
    for at, name in enumerate(distinct):
        if name in place_of:
            mask = wrong.setdefault(place_of[name], np.zeros(position.max() + 1, dtype=bool))
            mask[position[named == at]] = True
    return wrong


def dialect_of(table: Table) -> Dialect:
    """How a CSV is written that shall open as the table's file does."""
    return dialect_like(table.encoding, table.delimiter, bom=table.bom)


def _ours(lines: pd.DataFrame, position: npt.NDArray[np.intp]) -> list[cell_text.Column]:
    """Our columns, one row for each row of the input."""
    order = np.argsort(position, kind="stable")
    first, count = np.unique(position[order], return_index=True, return_counts=True)[1:]
    columns = [cell_text.column(lines[name], name) for name in ("code", "message", "suggestion", "list")]
    ours = [column.take(pa.array(order[first])) for column in columns]
    several = count > 1
    if not several.any():
        return ours
    shared = pa.array(order[np.repeat(several, count)])
    where = cell_text.column(lines["column"], "column").take(shared).to_pylist()
    said = [column.take(shared).to_pylist() for column in columns]
    ends = np.cumsum(count[several]).tolist()
    joined = [_joined(where[start:end], *(texts[start:end] for texts in said)) for start, end in pairwise([0, *ends])]
    mask = pa.array(several)
    return [
        cell_text.pc.replace_with_mask(column, mask, pa.array(texts, pa.large_string()))
        for column, texts in zip(ours, zip(*joined, strict=True), strict=True)
    ]


def _joined(
    columns: list[str], codes: list[str], messages: list[str], suggestions: list[str], lists: list[str]
) -> tuple[str, str, str, str]:
    """What is said of a row with several wrong values; a message names its column if they differ."""
    if len(set(columns)) > 1:
        messages = [f"{column}: {message}" for column, message in zip(columns, messages, strict=True)]
    code, message, suggestion, kind = (
        list(dict.fromkeys(filter(None, said))) for said in (codes, messages, suggestions, lists)
    )
    return "+".join(code), " ".join(message), "; ".join(suggestion), "".join(kind[:1])
