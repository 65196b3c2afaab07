"""The rows of a sheet on their way to the parts: chosen and numbered anew, a block at once for all parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from ptx_bulk.workbooks.formats.xlsx.events import column_index
from ptx_bulk.workbooks.sheets.sheet import letters
from ptx_bulk.workbooks.splitting.parts import ADDED, EVERYWHERE, KEPT, SheetParts
from ptx_bulk.workbooks.splitting.spans import Unusual
from ptx_bulk.workbooks.splitting.xlsx.rows import Bools, Bytes, Int64s, Rows

_SPANS = re.compile(rb'(<row [^>]*?) spans="[^"]*"')
_EMPTY_CELL = re.compile(rb'<c r="([A-Z]{1,3})[0-9]+"[^>]*/>')
_CELL = '<c r="{}\0" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>'  # no markup holds a zero byte
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass
class Route:
    """The rows of one sheet that go to one part.

    Attributes:
        parts: where all rows go.
        part: this one.
        column: where ours are added, 0-based.
    """

    parts: SheetParts
    part: int
    column: int

    def __post_init__(self) -> None:
        self._added = iter(self.parts.added.get(self.part, ()))
        self._made: dict[tuple[str, ...], bytes] = {}
        self.strings: list[Int64s] = []

    @cached_property
    def _last(self) -> int:
        """The last row of which anything is known; the blank ones behind it stay in `kept`."""
        return max(int(self.parts.rows[-1]) if len(self.parts.rows) else 0, self.parts.header_row)

    @cached_property
    def _goes(self) -> Bools:
        goes = np.full(self._last + 1, self.part == KEPT)
        goes[self.parts.rows] = self.parts.of(self.part)
        return goes

    @cached_property
    def _numbers(self) -> npt.NDArray[np.int32]:
        ranks = np.cumsum(self._goes, dtype=np.int32) - np.int32(self._goes[0])
        if self.part == KEPT:
            return np.asarray(ranks)
        # headings and titles stay where they are, the others follow them closely
        head = self.parts.header_row
        known = ranks - ranks[head] + np.int32(head)
        known[: head + 1] = np.arange(head + 1)
        return np.asarray(known)

    @cached_property
    def _where(self) -> npt.NDArray[np.uint8]:
        where = np.full(self._last + 1, KEPT, np.uint8)
        where[self.parts.rows] = self.parts.part
        return where

    def goes(self, rows: Int64s) -> Bools:
        """For each row number whether this part holds the row."""
        return np.where(rows > self._last, self.part == KEPT, self._goes[np.minimum(rows, self._last)])

    def numbers(self, rows: Int64s) -> Int64s:
        """For each row number the number of the last row at or above it that stays, as it is counted in this part."""
        behind = np.maximum(rows - self._last, 0) if self.part == KEPT else 0
        return np.asarray(self._numbers[np.minimum(rows, self._last)].astype(np.int64) + behind)

    def number(self, row: int) -> int:
        """The same for one row."""
        return int(self.numbers(np.array([row]))[0])

    def where(self, rows: Int64s) -> npt.NDArray[np.uint8]:
        """For each row number where the row goes."""
        return np.where(rows > self._last, np.uint8(KEPT), self._where[np.minimum(rows, self._last)])

    def rows(self, block: Rows, content: Bytes, stays: Bools | None) -> bytes:
        """The chosen rows of a block that is numbered anew: `content`, of which these bytes `stay`."""
        chosen = self.goes(block.numbers)
        if not chosen.any():
            return b""
        data = block.only(content, stays, chosen)
        self.strings.append(block.strings(chosen))
        if self.part == KEPT:
            return data
        return self._extended(data, block.numbers[chosen], wide=block.reach(chosen) > self.column)

    def _extended(self, data: bytes, rows: Int64s, *, wide: bool) -> bytes:
        """The rows with our cells behind theirs; where they are `wide`, empty cells may stand in the way."""
        pieces = (_SPANS.sub(rb"\1", data) if b" spans=" in data else data).split(b"</row>")
        if len(pieces) != len(rows) + 1:
            raise Unusual  # rows without any cell hold no person
        if wide:
            pieces = list(map(self._room, pieces))
        ours = self._ours(rows)
        whole = [b""] * (2 * len(pieces) - 1)
        whole[::2] = pieces
        whole[1::2] = ours
        return b"".join(whole)

    def _ours(self, rows: Int64s) -> list[bytes]:
        """For each row our cells, and its end."""
        head, add = self.parts.header_row, ADDED[self.part]
        if (self.where(rows) == EVERYWHERE).any():
            goes = zip(self.where(rows).tolist(), rows.tolist(), strict=True)
            texts = [next(self._added) if where != EVERYWHERE else add if row == head else () for where, row in goes]
        else:
            texts = list(islice(self._added, len(rows)))
        templates = [self._made.get(one) or self._make(one) for one in texts]
        numbers = self.numbers(rows).tolist()
        return [one.replace(b"\0", b"%d" % number) for one, number in zip(templates, numbers, strict=True)]

    def _make(self, texts: tuple[str, ...]) -> bytes:
        """Our cells and the end of their row, with holes for the row's number."""
        cells = [
            _CELL.format(letters(place), _plain(text))
            for place, text in zip(count(self.column), texts, strict=False)
            if text
        ]
        self._made[texts] = "".join([*cells, "</row>"]).encode()
        return self._made[texts]

    def _room(self, row: bytes) -> bytes:
        """The row without empty cells where ours are to stand."""
        return _EMPTY_CELL.sub(lambda cell: b"" if column_index(cell[1].decode()) >= self.column else cell[0], row)


def blocks_of(routes: list[Route], block: Rows) -> list[bytes]:
    """The rows of a block as they are in each part."""
    if (routes[0].where(block.numbers) == EVERYWHERE).any():  # headings and titles have a number in each part
        return [route.rows(block, *block.renumbered(route.numbers(block.numbers))) for route in routes]
    numbers = block.numbers.copy()
    for route in routes:
        chosen = route.goes(block.numbers)
        numbers[chosen] = route.numbers(block.numbers[chosen])
    content, stays = block.renumbered(numbers)
    return [route.rows(block, content, stays) for route in routes]


def _plain(text: str) -> str:
    return escape(_UNFIT.sub("", text))
