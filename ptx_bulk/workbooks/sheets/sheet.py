"""A stored sheet as the caller sees it: memory-mapped, with its rows, its values and a sample of them."""

from __future__ import annotations

import mmap
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ptx_bulk.workbooks.sheets.arrow import index, lengths, to_numbers, to_texts
from ptx_bulk.workbooks.sheets.cells import EMPTY, TEXT
from ptx_bulk.workbooks.sheets.stored import StoredSheet

_SAMPLE_START = 1000
_SAMPLE_REST = 1000

Row = dict[int, tuple[str, int]]


def letters(position: int) -> str:
    """The letters of a 0-based column: 0 is `A`."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name


class Sheet:
    """One stored sheet; `columns` are the 0-based places of the columns in use."""

    def __init__(self, stored: StoredSheet) -> None:
        self.stored = stored
        with Path(stored.path).open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.data: pa.Table = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(self._map))).read_all()
        self.columns = [int(name[1:]) for name in self.data.column_names if name[0] == "v"]
        self.typed = any(name[0] == "k" for name in self.data.column_names)

    @cached_property
    def rows(self) -> npt.NDArray[np.int32]:
        """Physical row numbers, ascending."""
        return np.asarray(self.data.column("row").to_numpy())

    @cached_property
    def filled(self) -> npt.NDArray[np.bool_]:
        """Whether each row holds any value."""
        filled = np.zeros(len(self.rows), bool)
        for column in self.columns:
            filled |= lengths(self.values(column)) > 0
        self.let_go()
        return filled

    def let_go(self) -> None:
        """Give back the memory of what was looked at; whatever is looked at again comes from the file again."""
        if hasattr(mmap, "MADV_DONTNEED"):  # Windows does so by itself when memory grows short
            self._map.madvise(mmap.MADV_DONTNEED)

    def values(self, column: int) -> pa.ChunkedArray[Any]:
        """The texts of a column."""
        return self.data.column(f"v{column}")

    def kinds(self, column: int) -> pa.ChunkedArray[Any] | None:
        """The kinds of a column, None where the format has no types."""
        return self.data.column(f"k{column}") if self.typed else None

    def flags(self, name: str) -> npt.NDArray[np.bool_]:
        """`hidden` or `broken`; all False where the format does not tell."""
        if name not in self.data.column_names:
            return np.zeros(len(self.rows), bool)
        return np.asarray(self.data.column(name).to_numpy())

    def head(self, count: int) -> list[tuple[int, Row]]:
        """The first rows that hold a value: row number, and the cells that hold one by column."""
        where = np.flatnonzero(self.filled)[:count]
        found: list[tuple[int, Row]] = [(row, {}) for row in self.rows[where].tolist()]
        places = index(where)
        for column in self.columns:
            raws = to_texts(self.values(column).take(places))
            kinds = self._kinds_at(column, places, raws)
            for (_row, cells), text, kind in zip(found, raws, kinds, strict=True):
                if kind != EMPTY:
                    cells[column] = (text, kind)
        return found

    def sample(self, column: int, after: int) -> tuple[pa.ChunkedArray[Any], npt.NDArray[np.uint8]]:
        """Some texts of a column and their kinds, from rows after row `after`: the first ones and some of the rest."""
        start = int(np.searchsorted(self.rows, after, side="right"))
        first = np.arange(start, min(start + _SAMPLE_START, len(self.rows)))
        rest = np.linspace(start, len(self.rows) - 1, _SAMPLE_REST).astype(np.int64) if len(first) else first
        places = index(np.unique(np.concatenate([first, rest])))
        chosen = self.values(column).take(places)
        return chosen, np.asarray(self._kinds_at(column, places, to_texts(chosen)), dtype=np.uint8)

    def _kinds_at(self, column: int, places: pa.Array[Any], raws: list[str]) -> list[int]:
        kinds = self.kinds(column)
        if kinds is None:
            return [TEXT if text else EMPTY for text in raws]
        return to_numbers(kinds.take(places))
