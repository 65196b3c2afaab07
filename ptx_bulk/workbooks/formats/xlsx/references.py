"""Where the cells of an XLSX sheet stand in a block of its bytes: positions only, no texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]
Bytes = npt.NDArray[np.uint8]

# cell types as the XML writes them; a cell's type is a position in this tuple
NAMES = ("n", "s", "str", "inlineStr", "b", "e", "d")

(
    _ROW,
    _ROW_EMPTY,
    _ROW_END,
    _C,
    _C_EMPTY,
    _C_END,
    _V,
    _V_EMPTY,
    _V_END,
    _F,
    _F_EMPTY,
    _F_END,
    _IS,
    _IS_EMPTY,
    _IS_END,
    _T,
    _T_EMPTY,
    _T_END,
    _OTHER,
) = range(19)

# the first two bytes of a tag → the tag, as it is when it is not empty
_TAGS = {
    b"ro": _ROW,
    b"/r": _ROW_END,
    b"c ": _C,
    b"c>": _C,
    b"/c": _C_END,
    b"v>": _V,
    b"v ": _V,
    b"v/": _V,
    b"/v": _V_END,
    b"f>": _F,
    b"f ": _F,
    b"f/": _F,
    b"/f": _F_END,
    b"is": _IS,
    b"/i": _IS_END,
    b"t>": _T,
    b"t ": _T,
    b"t/": _T,
    b"/t": _T_END,
}
_NEXT_ROW = (_ROW, _ROW_EMPTY)
_NEXT_CELL = (_C, _C_EMPTY, _ROW_END)
_FOLLOWS = {
    _ROW: _NEXT_CELL,
    _ROW_EMPTY: _NEXT_ROW,
    _ROW_END: _NEXT_ROW,
    _C: (_V, _V_EMPTY, _F, _F_EMPTY, _IS, _C_END),
    _C_EMPTY: _NEXT_CELL,
    _C_END: _NEXT_CELL,
    _V: (_V_END,),
    _V_EMPTY: (_C_END,),
    _V_END: (_C_END,),
    _F: (_F_END,),
    _F_EMPTY: (_V, _V_EMPTY, _C_END),
    _F_END: (_V, _V_EMPTY, _C_END),
    _IS: (_T, _T_EMPTY),
    _IS_END: (_C_END,),
    _T: (_T_END,),
    _T_EMPTY: (_IS_END,),
    _T_END: (_IS_END,),
}
_PAD = 32
_HARMLESS = re.compile(rb'( (cm|vm|ph)="[^"]*")+')


class Irregular(Exception):
    """The block is not written the usual way; read it event by event."""


def _tag_table() -> Bytes:
    table = np.full(1 << 16, _OTHER, np.uint8)
    for start, tag in _TAGS.items():
        table[start[0] << 8 | start[1]] = tag
    return table


def _follow_table() -> npt.NDArray[np.bool_]:
    table = np.zeros((_OTHER + 1, _OTHER + 1), bool)
    for tag, following in _FOLLOWS.items():
        table[tag, list(following)] = True
    return table


_TAG_TABLE = _tag_table()
_FOLLOW_TABLE = _follow_table()


@dataclass(frozen=True)
class BlockCells:
    """The cells of a block, in parallel arrays.

    Attributes:
        opens, after: where each cell's tag begins, and the place behind its reference.
        rows, columns: rows from 1, columns from 0.
        types: positions in `NAMES`.
        styles: -1 for none.
        starts, stops: where the value's text stands in the block; equal when there is none.
        valued: whether there is a `<v>` or `<t>`, be it empty.
        formulas: whether there is an `<f>`.
        formula_starts, formula_stops: where its text stands.
    """

    opens: Indices
    after: Indices
    rows: npt.NDArray[np.int32]
    columns: npt.NDArray[np.int32]
    types: npt.NDArray[np.uint8]
    styles: npt.NDArray[np.int64]
    starts: Indices
    stops: Indices
    valued: npt.NDArray[np.bool_]
    formulas: npt.NDArray[np.bool_]
    formula_starts: Indices
    formula_stops: Indices


@dataclass(frozen=True)
class BlockTags:
    """The tags of a block of whole rows, in parallel arrays; their order is that of rows and cells.

    Attributes:
        buffer: the block and some padding.
        opens, ends: where each tag begins, and where its `>` stands.
        tags: which tag.
    """

    buffer: Bytes
    opens: Indices
    ends: Indices
    tags: npt.NDArray[np.uint8]

    @cached_property
    def rows(self) -> npt.NDArray[np.bool_]:
        """Which of the tags begin a row."""
        return np.asarray((self.tags == _ROW) | (self.tags == _ROW_EMPTY))

    @cached_property
    def cells(self) -> Indices:
        """Which of the tags begin a cell, as positions."""
        return np.flatnonzero((self.tags == _C) | (self.tags == _C_EMPTY))


def find_tags(data: bytes) -> BlockTags | None:
    """The tags of whole rows; None when there are none.

    Raises:
        Irregular: anything unusual in the markup.
    """
    buffer = np.frombuffer(data + b"\0" * _PAD, np.uint8)
    opens = np.flatnonzero(buffer == ord("<"))
    if not len(opens):
        return None
    tags, ends = _tags(buffer, opens)
    return BlockTags(buffer, opens, ends, tags)


def find_cells(data: bytes) -> BlockCells | None:
    """The cells of whole rows; None when there are none.

    Raises:
        Irregular: anything unusual in the markup.
    """
    found = find_tags(data)
    return None if found is None else cells_of(found)


def cells_of(found: BlockTags) -> BlockCells | None:
    """The cells among the tags of a block; None when there are none.

    Raises:
        Irregular: anything unusual in the markup.
    """
    buffer, opens, ends, tags, cells = found.buffer, found.opens, found.ends, found.tags, found.cells
    if not len(cells):
        return None
    rows, columns, after = _references(buffer, opens[cells])
    styles, types = _attributes(buffer, after, ends[cells])
    # three tags of padding, so that looking ahead never leaves the array
    tags = np.append(tags, [_OTHER] * 3)
    first, second, third = tags[cells + 1], tags[cells + 2], tags[cells + 3]
    full = tags[cells] == _C
    inline = types == NAMES.index("inlineStr")
    if (full & (inline != (first == _IS)) & (first != _C_END)).any():
        raise Irregular  # a text in place that is not said to be one, or the other way round
    formula = full & ((first == _F) | (first == _F_EMPTY))
    value = np.select(
        [
            full & (first == _V),
            full & (first == _F) & (third == _V),
            full & (first == _F_EMPTY) & (second == _V),
            full & (first == _IS) & (second == _T),
        ],
        [cells + 1, cells + 3, cells + 2, cells + 2],
        default=-1,
    )
    valued = (value >= 0) | (full & ((first == _V_EMPTY) | ((first == _F) & (third == _V_EMPTY))))
    valued |= full & (first == _F_EMPTY) & (second == _V_EMPTY)
    starts, stops = _between(opens, ends, np.where(value >= 0, value, 0), value >= 0)
    texted = formula & (first == _F)
    formula_starts, formula_stops = _between(opens, ends, np.where(texted, cells + 1, 0), texted)
    return BlockCells(
        opens=opens[cells],
        after=after,
        rows=rows,
        columns=columns,
        types=types,
        styles=styles,
        starts=starts,
        stops=stops,
        valued=valued,
        formulas=formula,
        formula_starts=formula_starts,
        formula_stops=formula_stops,
    )


def _tags(buffer: Bytes, opens: Indices) -> tuple[npt.NDArray[np.uint8], Indices]:
    """The tag at each `<`, and where it ends; the order of all tags is checked."""
    ends = _ends(np.flatnonzero(buffer == ord(">")), opens)
    tags = _TAG_TABLE[buffer[opens + 1].astype(np.uint16) << 8 | buffer[opens + 2]]
    empty = (buffer[ends - 1] == ord("/")) & (tags % 3 == 0) & (tags != _OTHER)
    tags = tags + empty.astype(np.uint8)
    if tags[0] not in _NEXT_ROW or tags[-1] not in {_ROW_END, _ROW_EMPTY}:
        raise Irregular
    if not _FOLLOW_TABLE[tags[:-1], tags[1:]].all():
        raise Irregular
    return tags, ends


def _ends(closes: Indices, opens: Indices) -> Indices:
    """The first `>` behind each `<`."""
    if len(closes) == len(opens) and (opens < closes).all() and (closes[:-1] < opens[1:]).all():
        return closes  # the usual case: no text holds a bare one
    place = np.searchsorted(closes, opens)
    if place[-1] >= len(closes):
        raise Irregular
    ends = closes[place]
    if (ends[:-1] > opens[1:]).any():
        raise Irregular
    return ends


def _between(opens: Indices, ends: Indices, tag: Indices, present: npt.NDArray[np.bool_]) -> tuple[Indices, Indices]:
    """From the end of each tag to the start of the next; nothing where it is not present."""
    starts = np.where(present, ends[tag] + 1, 0)
    return starts, np.where(present, opens[np.minimum(tag + 1, len(opens) - 1)], 0)


def _references(buffer: Bytes, cells: Indices) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Indices]:
    """Row and column of each cell that starts with `<c r="A1"`, and the place after that quote."""
    _expect(buffer, cells + 2, b' r="')
    place = cells + 6
    columns = np.zeros(len(cells), np.int32)
    going = np.ones(len(cells), bool)
    for _letter in range(3):
        letter = buffer[place]
        going &= (letter >= ord("A")) & (letter <= ord("Z"))
        columns = np.where(going, columns * 26 + (letter - 64), columns).astype(np.int32)
        place = place + going
    rows, place = digits_at(buffer, place, 7)
    if (columns == 0).any() or (rows < 1).any() or (rows > 1_048_576).any() or (buffer[place] != ord('"')).any():
        raise Irregular
    return rows.astype(np.int32), columns - 1, place + 1


def digits_at(buffer: Bytes, place: Indices, most: int) -> tuple[npt.NDArray[np.int64], Indices]:
    """The number at each place, -1 where there is none, and the place after it."""
    number = np.zeros(len(place), np.int64)
    start = place
    going = np.ones(len(place), bool)
    for _digit in range(most):
        digit = buffer[place]
        going &= (digit >= ord("0")) & (digit <= ord("9"))
        number = np.where(going, number * 10 + (digit.astype(np.int64) - 48), number)
        place = place + going
    return np.where(place > start, number, -1), place


def _attributes(buffer: Bytes, place: Indices, ends: Indices) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Style and type of each cell; they may stand in either order, and `cm`, `vm` or `ph` after them."""
    styles, place = _style(buffer, place)
    types, place = _type(buffer, place)
    late, place = _style(buffer, place)
    styles = np.where(late >= 0, late, styles)
    stops = ends - (buffer[ends - 1] == ord("/"))
    stops = stops - ((buffer[stops - 1] == ord(" ")) & (place < stops))
    more = place != stops
    for start, stop in zip(place[more].tolist(), stops[more].tolist(), strict=True):
        if not _HARMLESS.fullmatch(buffer[start:stop].tobytes()):
            raise Irregular
    return styles, types


def _style(buffer: Bytes, place: Indices) -> tuple[npt.NDArray[np.int64], Indices]:
    styles = np.full(len(place), -1, np.int64)
    named = np.flatnonzero(matches(buffer, place, b' s="'))
    if not len(named):
        return styles, place
    number, after = digits_at(buffer, place[named] + 4, 6)
    if (buffer[after] != ord('"')).any():
        raise Irregular
    styles[named] = number
    place = place.copy()
    place[named] = after + 1
    return styles, place


def _type(buffer: Bytes, place: Indices) -> tuple[npt.NDArray[np.uint8], Indices]:
    types = np.zeros(len(place), np.uint8)
    named = matches(buffer, place, b' t="')
    found = ~named
    moved = place.copy()
    for number, name in enumerate(NAMES):
        chosen = np.flatnonzero(~found)
        if not len(chosen):
            break
        here = chosen[matches(buffer, place[chosen] + 4, name.encode() + b'"')]
        types[here] = number
        moved[here] = place[here] + 5 + len(name)
        found[here] = True
    if not found.all():
        raise Irregular
    return types, moved


def matches(buffer: Bytes, place: Indices, text: bytes) -> npt.NDArray[np.bool_]:
    """Whether the text stands at each place."""
    same = np.ones(len(place), bool)
    for offset, byte in enumerate(text):
        same &= buffer[place + offset] == byte
    return same


def _expect(buffer: Bytes, place: Indices, text: bytes) -> None:
    if not matches(buffer, place, text).all():
        raise Irregular
