"""Listed numbers in cells that are no phone cells: in other columns, in titles, in sheets that are not read.

Where a column may hold phones its cells are read like phone cells. Whatever reads as no number there, and every other
cell, is looked through for listed numbers in any writing (`numbers.Spotter`). Where that is sure the row is removed;
where it may be something else (nine digits that could be an identifier) the row is unsure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from ptx_bulk import numbers
from ptx_bulk.i18n import _
from ptx_bulk.model import Accept, CellKind, Code
from ptx_bulk.pipeline.steps.scrubbing.known_lists import Int64s, KnownLists
from ptx_bulk.pipeline.steps.scrubbing.sheet_rows import Bools, SheetRows
from ptx_bulk.workbooks import InputFile, card_texts

Region: TypeAlias = "str | pd.Series[Any] | None"


@dataclass(frozen=True)
class OtherCells:
    """Looks through what is no phone cell.

    Attributes:
        known: the lists.
        spotter: for their numbers.
        region: the default region.
    """

    known: KnownLists
    spotter: numbers.Spotter
    region: str | None

    @classmethod
    def of(cls, known: KnownLists, region: str | None, cells: pd.DataFrame) -> OtherCells:
        """For the rows of these cells, which name the countries that they are of."""
        named = {str(name) for column in ("region", "country") for name in cells[column].unique()}
        every = {name for name in (*named, region or "") if name not in {"", numbers.UNKNOWN_COUNTRY}}
        return cls(known, numbers.Spotter(known.numbers, every or None), region)

    def phones(self, rows: SheetRows, places: Sequence[int], region: Region) -> None:
        """Columns beside the phone columns that may hold phones, too: only a listed number matters there."""
        at = np.flatnonzero(rows.judged)
        for place in places:
            texts, kinds = rows.table.cells_at(place, at)
            filled = np.flatnonzero(kinds != CellKind.EMPTY.value)
            if not len(filled):
                continue
            _not_calculated(rows, at[kinds == CellKind.FORMULA.value], rows.table.label(place))
            here, cells = at[filled], texts.take(index(filled))
            answer = numbers.normalise(
                pd.Series(to_texts(cells), dtype="str"),
                pd.Series(kinds[filled]),
                region=_some(region, here),
                default=self.region,
                accept=Accept.ANY,
            )
            self._read(rows, here, answer, place)
            refused = np.unique(answer["cell"].to_numpy()[(answer["number"] == 0).to_numpy()])
            self._looked_through(rows, here[refused], cells.take(index(refused)), rows.table.label(place), region)

    def _read(self, rows: SheetRows, at: Int64s, answer: pd.DataFrame, place: int) -> None:
        here, number = at[answer["cell"].to_numpy()], answer["number"].to_numpy()
        rows.listed(here[number > 0], number[number > 0], self.known)
        rows.numbered[here[number > 0]] = True
        rows.misplaced(here, rows.table.label(place), number, self.known)
        meant = may_mean_listed(answer["suggestion"], self.known)
        code, suggestion = (answer[name].astype("str").to_numpy(object)[meant] for name in ("code", "suggestion"))
        rows.doubted(here[meant], rows.table.label(place), code, "", suggestion)

    def rest(self, rows: SheetRows, seen: set[int], region: Region) -> None:
        """All other cells; of the columns that were seen, the titles above the headings."""
        table = rows.table
        titles = int(np.searchsorted(table.rows, table.header_row))
        for number, place in enumerate(table.positions):
            if place in rows.ours:
                continue
            for start, texts in table.column_parts(number, titles if place in seen else None):
                self._looked_through(rows, np.arange(start, start + len(texts)), texts, table.label(place), region)

    def cards(self, rows: SheetRows, file: InputFile, region: Region) -> None:
        """What cards say beside their names and telephones: notes, addresses, links."""
        if file.content is not None:
            texts = pa.array(card_texts(file.content.path.read_bytes()), pa.string())
            at = np.flatnonzero((rows.table.rows > 1) & (rows.table.rows < len(texts) + 2))
            cards = texts.take(index(rows.table.rows[at] - 2))
            self._looked_through(rows, at, cards, _("the rest of the card"), region)

    def unread(self, rows: SheetRows) -> None:
        """A sheet that is copied unread: every cell of it is tried as a number, too."""
        self.rest(rows, set(), self.region)
        rows.judged[:] = True
        self.phones(rows, rows.table.positions, self.region)
        rows.judged[:] = False

    def _looked_through(self, rows: SheetRows, at: Int64s, texts: pa.Array[Any], label: str, region: Region) -> None:
        """Listed numbers in these cells of a column, which stand at these positions."""
        found = self.spotter.spot(texts, _some(region, at))
        where, sure = at[found.places], found.sure
        rows.listed(where[sure], found.numbers[sure], self.known)
        perhaps = np.flatnonzero(~sure)
        if len(perhaps):
            code = np.full(len(perhaps), Code.REGION_AMBIGUOUS.value, dtype=object)
            suggestion = np.array([f"+{number}" for number in found.numbers[perhaps].tolist()], dtype=object)
            detail = _("If it is the phone number that is suggested, that number is on a list.")
            rows.doubted(where[perhaps], label, code, detail, suggestion)


def _not_calculated(rows: SheetRows, at: Int64s, label: str) -> None:
    """Formulas that no program has calculated: nobody knows which number they will show."""
    nothing = np.full(len(at), "", dtype=object)
    rows.doubted(at, label, np.full(len(at), Code.FORMULA_NOT_CALCULATED.value, dtype=object), "", nothing)


def may_mean_listed(suggestions: pd.Series[str], known: KnownLists) -> Bools:
    """For each line whether a number that a person would guess is listed."""
    found = np.zeros(len(suggestions), bool)
    some = np.flatnonzero((suggestions != "").to_numpy())
    if len(some):
        apart = suggestions.iloc[some].reset_index(drop=True).str.split(";").explode()
        guessed = numbers.parse_e164(apart.reset_index(drop=True).str.strip())
        found[some[apart.index.to_numpy()[known.found(guessed) > 0]]] = True
    return found


def of_rows(region: Region, part: slice, of_cells: Int64s, rows: SheetRows) -> Region:
    """The region of each row, by its first cell."""
    if not isinstance(region, pd.Series):
        return region
    at, first = np.unique(of_cells, return_index=True)
    of_cell = region.iloc[part].iloc[first].to_numpy(object)
    found = np.full(len(rows.table.rows), of_cell[0] if len(of_cell) else "", dtype=object)
    found[at] = of_cell
    return pd.Series(found, dtype="str")


def _some(region: Region, at: Int64s) -> Region:
    return region.iloc[at].reset_index(drop=True) if isinstance(region, pd.Series) else region


def index(places: Any) -> Any:  # noqa: ANN401 - Arrow's stubs leave open what `take` takes
    """Positions for Arrow."""
    return pa.array(places)


def to_texts(texts: pa.Array[Any]) -> list[str]:
    """A column without nulls as Python texts."""
    found: list[Any] = texts.to_pylist()
    return found
