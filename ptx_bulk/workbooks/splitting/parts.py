"""Where each row of a sheet goes, and what is added to it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

KEPT, REMOVED, UNSURE, NOWHERE, EVERYWHERE = range(5)  # EVERYWHERE: headings, and the titles above them
PART_NAMES = ("kept", "removed", "unsure")
ADDED = {REMOVED: ("ptx_list", "ptx_since"), UNSURE: ("ptx_code", "ptx_message", "ptx_suggestion")}


@dataclass(frozen=True)
class SheetParts:
    """Where the rows of one sheet go; rows that are not named are blank and stay in `kept`.

    Attributes:
        sheet: its name, '' for text files.
        header_row: the row with the headings, 0 for none.
        rows: the rows that hold anything, ascending, as the spreadsheet program numbers them.
        part: parallel to `rows`, where each goes.
        added: for `REMOVED` and `UNSURE` what is added to each of their rows: a tuple of texts for each, in order.
    """

    sheet: str
    header_row: int
    rows: npt.NDArray[np.int32]
    part: npt.NDArray[np.uint8]
    added: Mapping[int, list[tuple[str, ...]]] = field(default_factory=dict)

    def of(self, part: int) -> npt.NDArray[np.bool_]:
        """For each row whether that part holds it."""
        return np.asarray((self.part == part) | (self.part == EVERYWHERE))

    def count(self, part: int) -> int:
        """How many rows go to that part, headings and titles not counted."""
        return int((self.part == part).sum())

    @property
    def whole(self) -> bool:
        """Whether nothing leaves the sheet."""
        return bool(((self.part == KEPT) | (self.part == EVERYWHERE)).all())
