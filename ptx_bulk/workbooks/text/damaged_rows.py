"""Rows of text files that could not be split like the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk.i18n import _
from ptx_bulk.workbooks.sheets.arrow import lengths
from ptx_bulk.workbooks.sheets.sheet import Sheet

_DIGITS_OF_A_NUMBER = 8


@dataclass(frozen=True)
class DamagedRow:
    """A row whose phone cell cannot be told: its whole line, and what is wrong with it."""

    text: str
    problem: str


@dataclass(frozen=True)
class Damage:
    """The rows of a sheet that are not like the others, as positions in it.

    Attributes:
        lines: rows whose phone cell cannot be told: the whole line stands for it.
        short: rows that end early, but whose phone cell is there.
    """

    lines: dict[int, DamagedRow] = field(default_factory=dict)
    short: tuple[int, ...] = ()


def find_damage(
    sheet: Sheet,
    positions: npt.NDArray[np.int64],
    header_row: int,
    headings: dict[int, str],
    phones: tuple[int, ...],
    delimiter: str,
) -> Damage:
    """Which of the rows at `positions` are damaged.

    A row with more cells than the headings has a stray delimiter somewhere, so no cell of it is sure. A row with fewer
    is sure when its phone cell is there and no other number stands left of it, as it would after a shift.
    """
    if "fields" not in sheet.data.column_names:
        return Damage()
    counts = np.asarray(sheet.data.column("fields").to_numpy())
    fields = counts[positions]
    width, needed = _widths(sheet, counts, fields, header_row, headings)
    bad = sheet.flags("broken")[positions] | ((fields > width) & _overflow(sheet, width)[positions])
    early = (fields < needed) & ~bad
    shifted = np.zeros(len(positions), bool)
    for phone in phones:
        shifted |= fields <= phone
        if phone - 1 in sheet.columns:
            shifted |= _holds_number(sheet.values(phone - 1))[positions]
    bad |= early & shifted
    short = tuple(positions[early & ~shifted].tolist())
    broken = sheet.flags("broken")

    def row(position: int) -> DamagedRow:
        found = int(counts[position])
        text = _line(sheet, position, found, delimiter)
        return DamagedRow(text, _problem(found, needed if found < needed else width, bool(broken[position])))

    return Damage({int(position): row(int(position)) for position in positions[bad]}, short)


def _problem(found: int, expected: int, broken: bool) -> str:
    """What is wrong with a row, in words."""
    if broken:
        return _("Its quotation marks do not match.")
    return _("Cells found: {found}, expected: {expected}.").format(found=found, expected=expected)


def _widths(
    sheet: Sheet,
    counts: npt.NDArray[np.int32],
    fields: npt.NDArray[np.int32],
    header_row: int,
    headings: dict[int, str],
) -> tuple[int, int]:
    """How many cells a row may have, and how many it must have."""
    if header_row:
        width = int(counts[np.searchsorted(sheet.rows, header_row)])
        return width, max(headings, default=-1) + 1
    values, often = np.unique(fields, return_counts=True)
    usual = int(values[often.argmax()]) if len(values) else 0
    return usual, usual


def _overflow(sheet: Sheet, width: int) -> npt.NDArray[np.bool_]:
    """Whether anything stands right of the last heading."""
    found = np.zeros(len(sheet.rows), bool)
    for column in sheet.columns:
        if column >= width:
            found |= lengths(sheet.values(column)) > 0
    return found


def _holds_number(values: pa.ChunkedArray[Any]) -> npt.NDArray[np.bool_]:
    digits = pc.count_substring_regex(values, r"[0-9]")
    return np.asarray(digits.to_numpy()) >= _DIGITS_OF_A_NUMBER


def _line(sheet: Sheet, position: int, fields: int, delimiter: str) -> str:
    return delimiter.join(sheet.values(column)[position].as_py() for column in sheet.columns[:fields])
