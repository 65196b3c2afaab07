"""Where each row of a sheet goes, and what is added to it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ptx_bulk.rejected_rows import PTX_CODE, PTX_LIST, PTX_MESSAGE, PTX_SINCE, PTX_SUGGESTION

KEPT, REMOVED, UNSURE, NOWHERE, EVERYWHERE = range(5)  # EVERYWHERE: headings, and the titles above them
PART_NAMES = ("kept", "removed", "unsure")
ADDED = {REMOVED: (PTX_LIST, PTX_SINCE), UNSURE: (PTX_CODE, PTX_MESSAGE, PTX_SUGGESTION)}


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
    added: Mapping[int, list[tuple[str, ...]]] = field(default_factory=dict)
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
