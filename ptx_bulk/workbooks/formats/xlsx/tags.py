"""Which tags stand where in a block of the markup of an XLSX sheet; what is not written the usual way is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]
Bytes = npt.NDArray[np.uint8]


class Tag(IntEnum):
    """The tags of rows, cells and what stands in cells."""

    ROW = 0
    ROW_EMPTY = 1
    ROW_END = 2
    C = 3
    C_EMPTY = 4
    C_END = 5
    V = 6
    V_EMPTY = 7
    V_END = 8
    F = 9
    F_EMPTY = 10
    F_END = 11
    IS = 12
    IS_EMPTY = 13
    IS_END = 14
    T = 15
    T_EMPTY = 16
    T_END = 17
    OTHER = 18


# the first two bytes of a tag → the tag, as it is when it is not empty
_TAGS = {
    b"ro": Tag.ROW,
    b"/r": Tag.ROW_END,
    b"c ": Tag.C,
    b"c>": Tag.C,
    b"/c": Tag.C_END,
    b"v>": Tag.V,
    b"v ": Tag.V,
    b"v/": Tag.V,
    b"/v": Tag.V_END,
    b"f>": Tag.F,
    b"f ": Tag.F,
    b"f/": Tag.F,
    b"/f": Tag.F_END,
    b"is": Tag.IS,
    b"/i": Tag.IS_END,
    b"t>": Tag.T,
    b"t ": Tag.T,
    b"t/": Tag.T,
    b"/t": Tag.T_END,
}
_NEXT_ROW = (Tag.ROW, Tag.ROW_EMPTY)
_NEXT_CELL = (Tag.C, Tag.C_EMPTY, Tag.ROW_END)
_FOLLOWS = {
    Tag.ROW: _NEXT_CELL,
    Tag.ROW_EMPTY: _NEXT_ROW,
    Tag.ROW_END: _NEXT_ROW,
    Tag.C: (Tag.V, Tag.V_EMPTY, Tag.F, Tag.F_EMPTY, Tag.IS, Tag.C_END),
    Tag.C_EMPTY: _NEXT_CELL,
    Tag.C_END: _NEXT_CELL,
    Tag.V: (Tag.V_END,),
    Tag.V_EMPTY: (Tag.C_END,),
    Tag.V_END: (Tag.C_END,),
    Tag.F: (Tag.F_END,),
    Tag.F_EMPTY: (Tag.V, Tag.V_EMPTY, Tag.C_END),
    Tag.F_END: (Tag.V, Tag.V_EMPTY, Tag.C_END),
    Tag.IS: (Tag.T, Tag.T_EMPTY),
    Tag.IS_END: (Tag.C_END,),
    Tag.T: (Tag.T_END,),
    Tag.T_EMPTY: (Tag.IS_END,),
    Tag.T_END: (Tag.IS_END,),
}
_PAD = 32


class Irregular(Exception):
    """The block is not written the usual way; read it event by event."""


def _tag_table() -> Bytes:
    table = np.full(1 << 16, Tag.OTHER, np.uint8)
    for start, tag in _TAGS.items():
        table[start[0] << 8 | start[1]] = tag
    return table


def _follow_table() -> npt.NDArray[np.bool_]:
    table = np.zeros((Tag.OTHER + 1, Tag.OTHER + 1), bool)
    for tag, following in _FOLLOWS.items():
        table[tag, list(following)] = True
    return table


_TAG_TABLE = _tag_table()
_FOLLOW_TABLE = _follow_table()


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
        return np.asarray((self.tags == Tag.ROW) | (self.tags == Tag.ROW_EMPTY))

    @cached_property
    def cells(self) -> Indices:
        """Which of the tags begin a cell, as positions."""
        return np.flatnonzero((self.tags == Tag.C) | (self.tags == Tag.C_EMPTY))


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


def _tags(buffer: Bytes, opens: Indices) -> tuple[npt.NDArray[np.uint8], Indices]:
    """The tag at each `<`, and where it ends; the order of all tags is checked."""
    ends = _ends(np.flatnonzero(buffer == ord(">")), opens)
    tags = _TAG_TABLE[buffer[opens + 1].astype(np.uint16) << 8 | buffer[opens + 2]]
    empty = (buffer[ends - 1] == ord("/")) & (tags % 3 == 0) & (tags != Tag.OTHER)
    tags = tags + empty.astype(np.uint8)
    if tags[0] not in _NEXT_ROW or tags[-1] not in {Tag.ROW_END, Tag.ROW_EMPTY}:
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


def matches(buffer: Bytes, place: Indices, text: bytes) -> npt.NDArray[np.bool_]:
    """Whether the text stands at each place."""
    same = np.ones(len(place), bool)
    for offset, byte in enumerate(text):
        same &= buffer[place + offset] == byte
    return same
