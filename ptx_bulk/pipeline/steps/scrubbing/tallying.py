"""What scrubbing came to, in numbers and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from ptx_bulk.pipeline.steps.scrubbing.judging import Judged
from ptx_bulk.workbooks import EVERYWHERE, KEPT, NOWHERE, PART_NAMES, REMOVED, UNSURE, SheetParts

SCRUB_COLUMNS = ("file", "sheet", "row", "part", "list", "since", "code", "message", "suggestion")
_PARTS = [*PART_NAMES, "left_out"]


@dataclass(frozen=True, kw_only=True)
class ScrubCounts:
    """Where the rows went; `kept` + `removed` + `unsure` + `dropped` are the rows that count.

    Attributes:
        kept, removed, unsure: rows of each part.
        without_number: rows among them, or dropped, that hold no number at all.
        dropped: rows without a number that are not kept.
        left_out: rows that row filters leave out, or that are hidden and were skipped; they are in no file.
    """

    kept: int
    removed: int
    unsure: int
    without_number: int
    dropped: int
    left_out: int

    @classmethod
    def of(cls, judged: Judged, excluded: int) -> ScrubCounts:
        """The counts of these sheets; `excluded` rows are left out by filters."""
        kept = removed = unsure = dropped = skipped = numberless = 0
        for rows, parts in judged.sheets:
            part, read = parts.part, rows.judged
            kept += int(((part == KEPT) & read).sum())
            removed += int((part == REMOVED).sum())
            unsure += int((part == UNSURE).sum())
            dropped += int(((part == NOWHERE) & read).sum())
            skipped += int(((part == NOWHERE) & ~read).sum())
            numberless += int((read & ~rows.numbered & (part != REMOVED) & (part != UNSURE)).sum())
        return cls(
            kept=kept,
            removed=removed,
            unsure=unsure,
            without_number=numberless,
            dropped=dropped,
            left_out=max(skipped, excluded),
        )

    @property
    def rows(self) -> int:
        """Rows that count."""
        return self.kept + self.removed + self.unsure + self.dropped

    def as_json(self) -> dict[str, int]:
        """The counts by their names."""
        return asdict(self)


def outcome_frame(sheets: Sequence[tuple[str, SheetParts]]) -> pd.DataFrame:
    """A row for each row below the headings, with what is added to it: `SCRUB_COLUMNS`."""
    frames = [_frame(file, parts) for file, parts in sheets]
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(SCRUB_COLUMNS))
    return whole.astype({"file": "category", "sheet": "category", "part": "category"})


def _frame(file: str, parts: SheetParts) -> pd.DataFrame:
    rows = np.flatnonzero(parts.part != EVERYWHERE)
    goes = parts.part[rows]
    ours = {name: np.full(len(rows), "", dtype=object) for name in SCRUB_COLUMNS[4:]}
    for part, names in ((REMOVED, ("list", "since")), (UNSURE, ("code", "message", "suggestion"))):
        for name, column in zip(names, _columns(parts, part), strict=False):
            ours[name][goes == part] = column
    return pd.DataFrame(
        {
            "file": file,
            "sheet": parts.sheet,
            "row": parts.rows[rows],
            "part": pd.Categorical.from_codes(goes.astype("int8"), categories=pd.Index(_PARTS, dtype="str")),
            **{name: pd.Series(column, dtype="str") for name, column in ours.items()},
        },
        columns=list(SCRUB_COLUMNS),
    )


def _columns(parts: SheetParts, part: int) -> Iterator[list[str]]:
    return map(list, zip(*parts.added.get(part, ()), strict=True))
