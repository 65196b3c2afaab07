"""The rows of a block of a sheet's markup, found once for all parts and numbered anew together."""

from __future__ import annotations

import re
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ptx_bulk.workbooks.formats.xlsx.references import NAMES, BlockCells, cells_of, digits_at
from ptx_bulk.workbooks.formats.xlsx.tags import BlockTags, Irregular, find_tags, matches
from ptx_bulk.workbooks.splitting.spans import Unusual

Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Int64s = npt.NDArray[np.int64]

LAST_ROW = 1_048_576
_DIGITS = 7
# what stands in a cell beside one plain text; nothing of it moves, so the scan need not know it
_RICH = re.compile(rb"<is>(?!<t(?: [^>]*)?>[^<]*</t></is>)(.*?)</is>", re.S)
_EXTENDED = re.compile(rb"<extLst>.*?</extLst>", re.S)


class Rows:
    """The rows of a block: whole rows, one after the other.

    Args:
        data: the block.
        after: the number of the last row before it.

    Attributes:
        numbers: of the rows, ascending.

    Raises:
        Unusual: anything else stands there, or the rows do not ascend.
    """

    def __init__(self, data: bytes, after: int) -> None:
        self._data = np.frombuffer(data, np.uint8)
        self.numbers: Int64s = np.zeros(0, np.int64)
        self._edges: Indices = np.zeros(1, np.intp)
        self._cells: BlockCells | None = None
        try:
            self._find(data, after)
        except Irregular as error:
            raise Unusual from error

    def _find(self, data: bytes, after: int) -> None:
        tags = _tags(data)
        if tags is None:
            if data.strip():
                raise Unusual
            return
        starts = tags.opens[tags.rows]
        if data[: starts[0]].strip() or not matches(tags.buffer, starts, b'<row r="').all():
            raise Unusual
        self._places, (self.numbers, self._stops) = starts + 8, digits_at(tags.buffer, starts + 8, _DIGITS)
        self._row_of = np.arange(len(starts))
        rises = np.diff(self.numbers, prepend=after) > 0
        if not rises.all() or self.numbers[-1] > LAST_ROW:
            raise Unusual
        self._edges = np.append(starts, len(data))
        self._cells = cells_of(tags)
        if self._cells is not None:
            self._add_cells(self._cells, np.cumsum(tags.rows)[tags.cells] - 1)
        wrong = (tags.buffer[self._stops] != ord('"')).any()
        if wrong or (self._stops - self._places != _widths(self.numbers)[self._row_of]).any():
            raise Unusual

    def _add_cells(self, cells: BlockCells, row_of: Indices) -> None:
        """The places of the cells' row numbers behind those of the rows."""
        if (cells.rows != self.numbers[row_of]).any():
            raise Unusual
        letters = 1 + (cells.columns >= 26) + (cells.columns >= 702)
        self._places = np.concatenate([self._places, cells.opens + 6 + letters])
        self._stops = np.concatenate([self._stops, cells.after - 1])
        self._row_of = np.concatenate([self._row_of, row_of])

    @property
    def last(self) -> int:
        """The number of the last row, 0 for none."""
        return int(self.numbers[-1]) if len(self.numbers) else 0

    def renumbered(self, numbers: Int64s) -> tuple[Bytes, Bools | None]:
        """The block with these row numbers, none greater than before; and which bytes stay, None for all."""
        content = self._data.copy()
        old, new = self.numbers.copy(), numbers.copy()
        for digit in range(_DIGITS):
            written = (48 + new % 10).astype(np.uint8)
            changed = ((old % 10 != new % 10) & (new > 0))[self._row_of]
            content[self._stops[changed] - 1 - digit] = written[self._row_of[changed]]
            old //= 10
            new //= 10
            if not old.any():
                break
        return content, self._left_over(numbers)

    def _left_over(self, numbers: Int64s) -> Bools | None:
        """Which bytes stay where numbers get shorter."""
        shorter = _widths(self.numbers) - _widths(numbers)
        if not shorter.any():
            return None
        stays = np.ones(len(self._data), bool)
        less = shorter[self._row_of]
        for digit in range(int(shorter.max())):
            stays[self._places[less > digit] + digit] = False
        return stays

    def only(self, content: Bytes, stays: Bools | None, chosen: Bools) -> bytes:
        """Of the block's bytes those of these rows."""
        start = self._edges[0]
        if chosen.all() and stays is None:
            return content[start:].tobytes()
        mask = np.repeat(chosen, np.diff(self._edges))
        if stays is not None:
            mask &= stays[start:]
        return content[start:][mask].tobytes()

    @cached_property
    def _named(self) -> tuple[Indices, Int64s]:
        """The shared strings that cells name, and the rows (as positions) that do."""
        cells = self._cells
        if cells is None:
            return np.zeros(0, np.intp), np.zeros(0, np.int64)
        named = np.flatnonzero((cells.types == NAMES.index("s")) & (cells.stops > cells.starts))
        if not len(named):
            return named, np.zeros(0, np.int64)
        padded = np.append(self._data, np.zeros(16, np.uint8))
        strings, after = digits_at(padded, cells.starts[named], 10)
        if (after != cells.stops[named]).any():
            raise Unusual
        return self._row_of[len(self.numbers) :][named], strings

    def strings(self, chosen: Bools) -> Int64s:
        """Which shared strings these rows name."""
        row_of, strings = self._named
        return np.unique(strings[chosen[row_of]])

    def reach(self, chosen: Bools) -> int:
        """The column behind the last one in which one of these rows has a cell, be it empty."""
        if self._cells is None:
            return 0
        here = chosen[self._row_of[len(self.numbers) :]]
        return int(self._cells.columns[here].max(initial=-1)) + 1


def _widths(numbers: Int64s) -> Int64s:
    """How many digits each has."""
    return np.asarray(np.searchsorted(10 ** np.arange(1, _DIGITS), numbers, side="right") + 1)


def _tags(data: bytes) -> BlockTags | None:
    if b"<!" in data or b"<?" in data:
        raise Unusual
    try:
        return find_tags(data)
    except Irregular:
        return find_tags(_plain(data))


def _plain(data: bytes) -> bytes:
    """The block for the scan: as long, with one plain text instead of runs of formatted ones."""
    data = _RICH.sub(_blanked, data)
    return _EXTENDED.sub(lambda found: b" " * len(found[0]), data)


def _blanked(found: re.Match[bytes]) -> bytes:
    inner = len(found[1]) - len(b"<t></t>")
    return found[0] if inner < 0 else b"<is><t>" + b" " * inner + b"</t></is>"
