"""Where the cells of an XLSX sheet stand in a block of its bytes: positions only, no texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ptx_bulk.workbooks.formats.xlsx.tags import BlockTags, Bytes, Indices, Irregular, Tag, find_tags, matches

# cell types as the XML writes them; a cell's type is a position in this tuple
NAMES = ("n", "s", "str", "inlineStr", "b", "e", "d")

_HARMLESS = re.compile(rb'( (cm|vm|ph)="[^"]*")+')


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
    tags = np.append(tags, [Tag.OTHER] * 3)
    first, second, third = tags[cells + 1], tags[cells + 2], tags[cells + 3]
    full = tags[cells] == Tag.C
    inline = types == NAMES.index("inlineStr")
    if (full & (inline != (first == Tag.IS)) & (first != Tag.C_END)).any():
        raise Irregular  # a text in place that is not said to be one, or the other way round
    formula = full & ((first == Tag.F) | (first == Tag.F_EMPTY))
    value = np.select(
        [
            full & (first == Tag.V),
            full & (first == Tag.F) & (third == Tag.V),
            full & (first == Tag.F_EMPTY) & (second == Tag.V),
            full & (first == Tag.IS) & (second == Tag.T),
        ],
        [cells + 1, cells + 3, cells + 2, cells + 2],
        default=-1,
    )
    valued = (value >= 0) | (full & ((first == Tag.V_EMPTY) | ((first == Tag.F) & (third == Tag.V_EMPTY))))
    valued |= full & (first == Tag.F_EMPTY) & (second == Tag.V_EMPTY)
    starts, stops = _between(opens, ends, np.where(value >= 0, value, 0), value >= 0)
    texted = formula & (first == Tag.F)
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


def _expect(buffer: Bytes, place: Indices, text: bytes) -> None:
    if not matches(buffer, place, text).all():
        raise Irregular
