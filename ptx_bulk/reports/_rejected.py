"""What a rejects file holds: the wrong rows of each table as they were, and three columns of ours."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from ptx_bulk.i18n import _

PTX_COLUMNS = ("ptx_code", "ptx_message", "ptx_suggestion")
EVERYTHING = "utf-8-sig"  # holds every character, and Excel knows it by its BOM


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

    def original(self, rows: npt.NDArray[np.int32]) -> pd.DataFrame:
        """The cells of these rows (numbered as in the results), in this order and with their types."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one sheet of a rejects file holds.

    Attributes:
        file: the input file.
        name: the input's sheet.
        headings: the header with the three of ours, empty for a table without header.
        cells: the original cells, then ours; one row per wrong row of the input.
        wrong: positions of the wrong cells, row and column from 0.
        encoding: Python's name of the encoding to write a text file in.
        delimiter: of a text file.
    """

    file: str
    name: str
    headings: tuple[str, ...]
    cells: pd.DataFrame
    wrong: frozenset[tuple[int, int]]
    encoding: str
    delimiter: str


def sheets_of(tables: Iterable[Table], rejects: pd.DataFrame) -> list[Sheet]:
    """The wrong rows of each table that has any; `rejects` as `write_rejects` takes them."""
    groups = dict(iter(rejects.groupby(["file", "sheet"], sort=False, observed=True)))
    found = [(table, groups.get((table.file, table.sheet))) for table in tables]
    return [_sheet(table, lines) for table, lines in found if lines is not None]


def _sheet(table: Table, lines: pd.DataFrame) -> Sheet:
    rows, position = np.unique(lines["row"].to_numpy(np.int32), return_inverse=True)
    cells = table.original(rows).reset_index(drop=True).astype(object)
    headings = table.layout() if table.header_row else [""] * cells.shape[1]
    # The columns of an earlier rejects file make place for the new ones.
    kept = [place for place, heading in enumerate(headings) if heading not in PTX_COLUMNS]
    ours = _joined(lines, position)
    if not table.header_row:
        # Without a header nothing tells this column from one of phone numbers: in words it is none.
        said = _("perhaps {suggestion}")
        ours["ptx_suggestion"] = [said.format(suggestion=s) if s else "" for s in ours["ptx_suggestion"]]
    return Sheet(
        file=table.file,
        name=table.sheet,
        headings=(*(headings[place] for place in kept), *PTX_COLUMNS) if table.header_row else (),
        cells=pd.concat([cells.iloc[:, kept], ours.astype(object)], axis=1),
        wrong=_wrong(lines["column"].astype("str"), position, [headings[place] for place in kept]),
        encoding=_encoding(table),
        delimiter=table.delimiter,
    )


def _wrong(
    names: pd.Series[str], position: npt.NDArray[np.intp], headings: Sequence[str]
) -> frozenset[tuple[int, int]]:
    """Where the wrong cells stand; a line names its column by the heading, else by the letter."""
    place_of = {xl_col_to_name(place): place for place in range(len(headings))}
    for place, heading in reversed(list(enumerate(headings))):
        if heading.strip():
            place_of[heading.strip()] = place
    return frozenset((int(row), place_of[name]) for row, name in zip(position, names, strict=True) if name in place_of)


def _encoding(table: Table) -> str:
    """The encoding to write for one that was read: known to Python, and with a BOM where readers need it."""
    try:
        name = codecs.lookup(table.encoding).name
    except LookupError:
        return EVERYTHING
    if name.startswith("utf-16"):
        return "utf-16"
    return EVERYTHING if table.bom or name.startswith("utf-32") else name


def _joined(lines: pd.DataFrame, position: npt.NDArray[np.intp]) -> pd.DataFrame:
    """Our three columns, one row for each row of the input."""
    words = lines[["code", "message", "suggestion"]].astype("str").fillna("").reset_index(drop=True)
    words.columns = pd.Index(PTX_COLUMNS)
    if words.shape[0] == position.max() + 1:
        return words.iloc[np.argsort(position, kind="stable")].reset_index(drop=True)
    column = lines["column"].astype("str").reset_index(drop=True)
    several = column.groupby(position).transform("nunique") > 1
    words["ptx_message"] = words["ptx_message"].where(~several, column + ": " + words["ptx_message"])
    glues = zip(PTX_COLUMNS, ("+", " ", "; "), strict=True)
    return pd.DataFrame({name: _each_once(words[name], position, glue) for name, glue in glues})


def _each_once(values: pd.Series, position: npt.NDArray[np.intp], glue: str) -> list[str]:
    parts: list[dict[str, None]] = [{} for _row in range(position.max() + 1)]
    for value, row in zip(values, position, strict=True):
        if value:
            parts[row][value] = None
    return [glue.join(each) for each in parts]
