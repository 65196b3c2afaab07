"""Numbers of people who are not kept, looked for in what a workbook holds beside its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk import numbers
from ptx_bulk.model import CellKind
from ptx_bulk.workbooks.reading import SheetTable
from ptx_bulk.workbooks.sheets.arrow import index, lengths, matching, to_texts
from ptx_bulk.workbooks.splitting.parts import NOWHERE, REMOVED, UNSURE, SheetParts

_WINDOW = 6
_FEWEST, _MOST = 6, 15
_FEW = 8  # fewer digits are a number with its country alone: ids, amounts and days have as many
_ABROAD = re.compile(r"^\s*(?:\+|00)")
_APART = re.compile(r"[^0-9+]{4,}|[A-Za-z;/,|+]+")


def runs_of_leaving(runs: Iterable[str], tables: Sequence[SheetTable], sheets: Mapping[str, SheetParts]) -> set[str]:
    """Those of the runs of digits that hold a number of somebody who is not kept."""
    runs = set(runs)
    if not runs:
        return set()
    gone = {text for table in tables for text in _leaving(table, sheets[table.sheet], runs)}
    own = {number for text in gone for number in _numbers(text)}
    return {run for run in runs if _holds(run, own)}


def _holds(run: str, own: set[str]) -> bool:
    if run.lstrip("0") in own:
        return True
    sizes = {len(number) for number in own if len(number) >= _FEW}
    return any(run[at : at + size] in own for size in sizes for at in range(len(run) - size + 1))


def _numbers(text: str) -> Iterator[str]:
    """The numbers of a cell's text without zeros and country before them."""
    for piece in [text, *_APART.split(text)]:
        digits = "".join(one for one in piece if one.isdecimal()).lstrip("0")
        if not _FEW <= len(digits) <= _MOST:
            continue
        yield digits
        national = numbers.split_number(int(digits))[1]
        if len(national) >= _FEW or (_ABROAD.match(text) and len(national) >= _FEWEST):
            yield national


def _leaving(table: SheetTable, parts: SheetParts, runs: set[str]) -> Iterator[str]:
    """The texts of leaving cells that may hold a number which stands in one of the runs."""
    rows = parts.rows[np.isin(parts.part, (REMOVED, UNSURE, NOWHERE))]
    if not len(rows):
        return
    windows = np.unique(np.concatenate([_windowed(np.frombuffer(run.encode(), np.uint8)) for run in runs]))
    long = any(len(run) >= _FEW for run in runs)
    for texts, kinds in table.original(rows):
        likely = np.asarray(kinds) != CellKind.DATE.value
        if not long:
            likely &= matching(texts, _ABROAD.pattern)
        plain = pa.array(texts, pa.large_string()).take(index(np.flatnonzero(likely)))
        digits = pc.replace_substring_regex(plain, r"[^0-9]", "")
        places = np.flatnonzero(_any_window(digits, windows))
        yield from to_texts(plain.take(index(places)))


def _any_window(digits: pa.Array, windows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:  # type: ignore[type-arg]
    """For each text of digits whether one of the windows stands in it."""
    found = np.zeros(len(digits), bool)
    sizes = lengths(digits)
    content = np.frombuffer("".join(to_texts(digits)).encode(), np.uint8)
    if len(content) < _WINDOW:
        return found
    text = np.repeat(np.arange(len(sizes)), sizes)
    ends = text[_WINDOW - 1 :]
    hits = np.isin(_windowed(content), windows) & (text[: len(ends)] == ends)
    found[ends[hits]] = True
    return found


def _windowed(digits: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """The number that each six digits in a row are."""
    values = digits.astype(np.int64) - 48
    count = len(values) - _WINDOW + 1
    found = np.zeros(count, np.int64)
    for place in range(_WINDOW):
        found = found * 10 + values[place : place + count]
    return found
