"""Where each row of a sheet goes, and what is added to it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

import numpy as np
import numpy.typing as npt

from ptx_bulk.rejected_rows import PTX_CODE, PTX_LIST, PTX_MESSAGE, PTX_SINCE, PTX_SUGGESTION

KEPT, REMOVED, UNSURE, NOWHERE, EVERYWHERE = range(5)  # EVERYWHERE: headings, and the titles above them
PART_NAMES = ("kept", "removed", "unsure")
ADDED = {REMOVED: (PTX_LIST, PTX_SINCE), UNSURE: (PTX_CODE, PTX_MESSAGE, PTX_SUGGESTION)}


class Repeated(Sequence[tuple[str, ...]]):
    """Tuples of texts, of which each is kept once: `words[code]` for each of `codes`."""

    def __init__(self, codes: npt.NDArray[np.int32], words: list[tuple[str, ...]]) -> None:
        self.codes = codes
        self.words = words

    @classmethod
    def of(cls, texts: Iterable[tuple[str, ...]]) -> Repeated:
        """These, in their order."""
        if isinstance(texts, Repeated):
            return texts
        places: dict[tuple[str, ...], int] = {}
        codes = np.fromiter((places.setdefault(one, len(places)) for one in texts), np.int32)
        return cls(codes, list(places))

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return map(self.words.__getitem__, self.codes)

    @overload
    def __getitem__(self, place: int) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, place: slice) -> Repeated: ...
    def __getitem__(self, place: int | slice) -> tuple[str, ...] | Repeated:
        """One of them, or some."""
        if isinstance(place, slice):
            return Repeated(self.codes[place], self.words)
        return self.words[int(self.codes[place])]


@dataclass(frozen=True)
class SheetParts:
    """Where the rows of one sheet go; rows that are not named are blank and stay in `kept`.

    Attributes:
        sheet: its name, '' for text files.
        header_row: the row with the headings, 0 for none.
        rows: the rows that hold anything, ascending, as the spreadsheet program numbers them.
        part: parallel to `rows`, where each goes.
        dropped: places of columns that an earlier part of ours brought along, ascending; no part keeps them.
        added: for `REMOVED` and `UNSURE` what is added to each of their rows: a tuple of texts for each, in order.
    """

    sheet: str
    header_row: int
    rows: npt.NDArray[np.int32]
    part: npt.NDArray[np.uint8]
    added: Mapping[int, Sequence[tuple[str, ...]]] = field(default_factory=dict)
    dropped: tuple[int, ...] = ()

    def of(self, part: int) -> npt.NDArray[np.bool_]:
        """For each row whether that part holds it."""
        return np.asarray((self.part == part) | (self.part == EVERYWHERE))

    def count(self, part: int) -> int:
        """How many rows go to that part, headings and titles not counted."""
        return int((self.part == part).sum())

    @property
    def whole(self) -> bool:
        """Whether nothing leaves the sheet."""
        return not self.dropped and bool(((self.part == KEPT) | (self.part == EVERYWHERE)).all())
