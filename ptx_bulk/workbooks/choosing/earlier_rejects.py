"""A rejects file of ours that comes back: rows that nobody has mended stay rejected, for the reason they were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ptx_bulk.model import REJECTED_CODES, Code
from ptx_bulk.rejected_rows import PTX_CODE, PTX_COLUMNS, PTX_LIST, PTX_MESSAGE, PTX_SUGGESTION, mark_in, row_mark
from ptx_bulk.workbooks.choosing.columns import Columns
from ptx_bulk.workbooks.read_options import ReadOptions
from ptx_bulk.workbooks.sheets.arrow import index, to_texts

_KEPT = frozenset(REJECTED_CODES) - {Code.EMPTY}
# What another option than the first time may make right.
_BY_LIST = frozenset({Code.LIST_UNKNOWN})
_BY_REGION = frozenset(
    {Code.COUNTRY_UNKNOWN, Code.REGION_AMBIGUOUS, Code.INVALID_FOR_REGION, Code.TOO_SHORT, Code.TOO_LONG}
)


@dataclass(frozen=True)
class RejectsColumns:
    """Where our columns stand; `list` is None in files of older versions."""

    code: int
    message: int
    suggestion: int | None
    list: int | None


def find_rejects(columns: Columns) -> RejectsColumns | None:
    """Our columns, None where the sheet is no rejects file of ours."""
    at = {heading.strip(): place for place, heading in columns.headings.items() if heading.strip() in PTX_COLUMNS}
    if PTX_CODE not in at or PTX_MESSAGE not in at:
        return None
    return RejectsColumns(at[PTX_CODE], at[PTX_MESSAGE], at.get(PTX_SUGGESTION), at.get(PTX_LIST))


def still_rejected(
    columns: Columns, positions: npt.NDArray[np.int64], phones: tuple[int, ...], options: ReadOptions
) -> list[str]:
    """For each row the code that it keeps, '' where it was mended, sent before, or an option may make it right.

    Empty where no row keeps one.

    Args:
        columns: of the sheet.
        positions: of the rows in it.
        phones: the columns that are read; of suggestions one alone is taken, and where there is none the row stays.
        options: what the user said this time.
    """
    ours = find_rejects(columns)
    if ours is None:
        return []
    where = index(positions)
    codes = to_texts(columns.sheet.values(ours.code).take(where)) if ours.code in columns.sheet.columns else []
    by_option = (_BY_LIST if options.list or options.list_column else frozenset()) | (
        _BY_REGION if options.region_given or options.country_column else frozenset()
    )
    kept = [code if code in _KEPT - by_option else "" for code in (text.split("+")[0].strip() for text in codes)]
    if not any(kept):
        return []
    untouched = (
        _one_suggestion(columns, ours.suggestion, positions)
        if phones == (ours.suggestion,)
        else _untouched(columns, ours, positions)
    )
    return [code if same else "" for code, same in zip(kept, untouched, strict=True)]


def _one_suggestion(columns: Columns, place: int | None, positions: npt.NDArray[np.int64]) -> list[bool]:
    """Whether a row has no suggestion, or several of which a person has to choose."""
    if place is None or place not in columns.sheet.columns:
        return [True] * len(positions)
    return [not text.strip() or ";" in text for text in to_texts(columns.sheet.values(place).take(index(positions)))]


def _untouched(columns: Columns, ours: RejectsColumns, positions: npt.NDArray[np.int64]) -> list[bool]:
    """Whether the cells of a row are those that it was rejected with."""
    sheet, where = columns.sheet, index(positions)
    added = {ours.code, ours.message, ours.suggestion, ours.list}
    places = [place for place in sheet.columns if place not in added]
    places += [ours.list] if ours.list in sheet.columns else []
    cells = [to_texts(sheet.values(place).take(where)) for place in places]
    rows = zip(*cells, strict=True) if cells else iter([()] * len(positions))
    messages = (
        to_texts(sheet.values(ours.message).take(where)) if ours.message in sheet.columns else [""] * len(positions)
    )
    return [mark_in(message) == row_mark(row) for message, row in zip(messages, rows, strict=True)]
