"""The rows of a sheet while they are judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.i18n import _
from ptx_bulk.model import Code
from ptx_bulk.pipeline.steps.scrubbing.known_lists import Int64s, KnownLists
from ptx_bulk.workbooks import SheetTable

Bools: TypeAlias = npt.NDArray[np.bool_]
Texts: TypeAlias = npt.NDArray[np.object_]


@dataclass
class SheetRows:
    """The rows of one sheet, and what is found in them; positions are those of `table.rows`.

    Attributes:
        table: the sheet.
        bits: which lists hold a number of the row.
        hits: pairs of positions and the listed numbers found there.
        judged: rows that are judged; others are headings, titles, blank, or left out on purpose.
        numbered: rows that hold a number that can be read.
        doubtful: rows with a value that cannot be read, or that may mean somebody listed.
        reasons: for doubtful rows: position, column, code, detail, suggestion.
        ours: places of columns that an earlier part of ours brought along; nothing in them counts.
    """

    table: SheetTable
    bits: npt.NDArray[np.uint8]
    judged: Bools
    numbered: Bools
    doubtful: Bools
    hits: list[tuple[Int64s, Int64s]] = field(default_factory=list)
    reasons: list[pd.DataFrame] = field(default_factory=list)
    ours: tuple[int, ...] = ()

    @classmethod
    def of(cls, table: SheetTable) -> SheetRows:
        """Nothing is known yet."""
        count = len(table.rows)
        judged, numbered, doubtful = (np.zeros(count, bool) for _flag in range(3))
        return cls(table, np.zeros(count, np.uint8), judged, numbered, doubtful)

    def listed(self, positions: Int64s, found: Int64s, known: KnownLists) -> None:
        """These positions hold these numbers; those that are listed are noted."""
        bits = known.found(found)
        here = np.flatnonzero(bits)
        np.bitwise_or.at(self.bits, positions[here], bits[here])
        self.hits.append((positions[here], found[here]))

    def misplaced(self, positions: Int64s, column: str | pd.Series[Any], numbers: Int64s, known: KnownLists) -> None:
        """These numbers stand there; those are in doubt that an entry with another country code means."""
        entries = known.meant(numbers)
        some = np.flatnonzero(entries > 0)
        if len(some):
            label = column if isinstance(column, str) else column.iloc[some].astype("str").to_numpy(object)
            told = _("The list holds {entry}, which is nobody's number under that country code and may mean this one.")
            details = np.array([told.format(entry=f"+{entry}") for entry in entries[some].tolist()], dtype=object)
            suggestions = np.array([f"+{number}" for number in numbers[some].tolist()], dtype=object)
            code = np.full(len(some), Code.REGION_AMBIGUOUS.value, dtype=object)
            self.doubted(positions[some], label, code, details, suggestions)

    def doubted(
        self, positions: Int64s, column: str | Texts, code: Texts, detail: str | Texts, suggestion: Texts
    ) -> None:
        """These positions hold what cannot be read, or what may mean somebody listed."""
        self.doubtful[positions] = True
        told = {"at": positions, "column": column, "code": code, "detail": detail, "suggestion": suggestion}
        self.reasons.append(pd.DataFrame(told, index=np.arange(len(positions))))
