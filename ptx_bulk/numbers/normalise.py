"""A column of raw cells to a column of verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk.arguments import one_of, wrong
from ptx_bulk.i18n import _
from ptx_bulk.model import Accept, CellKind, Code
from ptx_bulk.numbers.careful.cell import Judge
from ptx_bulk.numbers.e164 import as_arrow, as_text, e164_text
from ptx_bulk.numbers.fast.column import Shortcut, Solved, shortcut_wanted, solved
from ptx_bulk.numbers.placing import Placing
from ptx_bulk.numbers.regions.codes import check_region
from ptx_bulk.numbers.regions.home import Home, home_of
from ptx_bulk.numbers.regions.metadata import Library
from ptx_bulk.numbers.verdict import Verdict, packed, rejected, unpacked

Ints = npt.NDArray[np.int64]
Homes = npt.NDArray[np.int32]
# Cells a step, and steps at once: they bound the memory that a million rows take.
_STEP = 50_000
_AT_ONCE = 2
_KINDS = tuple(CellKind)
# What the spreadsheet itself says about a cell that is neither text nor number.
_BY_KIND = {
    CellKind.BOOLEAN: Code.NOT_A_NUMBER,
    CellKind.DATE: Code.DATE_OR_TIME,
    CellKind.ERROR: Code.EXCEL_ERROR,
    CellKind.FORMULA: Code.FORMULA_NOT_CALCULATED,
    CellKind.EMPTY: Code.EMPTY,
}


def normalise(
    raw: pd.Series[Any] | Iterable[Any],
    kind: pd.Series[Any] | None = None,
    *,
    region: str | pd.Series[Any] | None = "FR",
    accept: Accept = Accept.MOBILE,
    international: bool | pd.Series[Any] = False,
    default: str | None = None,
) -> pd.DataFrame:
    """The numbers of a column of cells, or why there are none.

    Plainly written cells take the shortcut (`numbers.fast`), all others the careful way (`numbers.careful`). With the
    environment variable `PTX_FAST_NUMBERS=0` every cell takes the careful way: the same answer, but many times as slow
    (`docs/shortcut.md` has figures).

    Args:
        raw: the text of each cell, as a Series or any iterable; missing counts as empty, numbers as their digits.
        kind: the `CellKind` of each cell, None when all are text.
        region: ISO code of the region whose national writing the cells are read in, None for none, or a
            Series with the one that each row names: '' for none; `UNKNOWN_COUNTRY`, or a code without a numbering
            plan, where nobody knows the country (then digits without + or 00 are `COUNTRY_UNKNOWN`). Digits without
            + or 00 that are no number of the named country are never read in another.
        accept: which valid numbers count.
        international: whether the column writes country codes throughout, without +; or a Series of bool.
        default: the user's region beside a Series of regions: rows that name it are read as if all did, and its
            readings are suggested where the named country has none.

    Returns:
        One line for each number found and for each cell without one, cells in their order: `cell` (position in
        `raw`), `number` (E.164 digits, 0 when rejected), `code` (categorical: '', warnings joined by `+`, or the
        reason of the rejection), `suggestion` (E.164 numbers joined by `;`).

    Raises:
        ConfigurationError: `region` is a word that names no region, or another argument is wrong, or
            `PTX_FAST_NUMBERS` is neither 0 nor 1; the text names it.
            No text in a cell raises anything.
    """
    texts = as_arrow(_column(raw))
    accept = one_of("accept", accept, Accept)
    kinds = _kinds(kind, len(texts))
    home_of_cell, homes = _homes(region, default, international, len(texts))
    fast = shortcut_wanted()

    def part(at: int) -> _Lines:
        cells = slice(at, at + _STEP)
        return _lines(texts[cells], kinds[cells], home_of_cell[cells], homes, accept, fast=fast)

    joined = _Joined()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for lines in threads.map(part, range(0, max(len(texts), 1), _STEP)):
            joined.add(lines)
    return joined.frame()


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of some cells; `cell` counts from the first of them."""

    cell: Ints
    number: Ints
    codes: Ints
    suggestion: pa.LargeStringArray


class _Joined:
    """The lines of all steps. Codes are kept as places among the few that occur, in two bytes instead of eight."""

    def __init__(self) -> None:
        self._cells: list[npt.NDArray[np.int32]] = []
        self._numbers: list[Ints] = []
        self._codes: list[npt.NDArray[np.int16]] = []
        self._met: dict[int, int] = {}
        self._suggestions: list[pa.LargeStringArray] = []

    def add(self, lines: _Lines) -> None:
        """Take the next step's lines."""
        places, distinct = pd.factorize(lines.codes)
        here = [self._met.setdefault(code, len(self._met)) for code in distinct.tolist()]
        self._codes.append(np.array(here, np.int16)[places])
        self._cells.append((lines.cell + len(self._cells) * _STEP).astype(np.int32))
        self._numbers.append(lines.number)
        self._suggestions.append(lines.suggestion)

    def frame(self) -> pd.DataFrame:
        """All of them, as `normalise` answers; each column's steps are freed before the next is made."""
        columns: dict[str, Any] = {"cell": np.concatenate(self._cells, dtype=np.int64)}
        self._cells.clear()
        columns["number"] = np.concatenate(self._numbers)
        self._numbers.clear()
        columns["code"] = self._categories(np.concatenate(self._codes))
        self._codes.clear()
        columns["suggestion"] = as_text(pa.chunked_array(self._suggestions))
        return pd.DataFrame(columns, copy=False)

    def _categories(self, codes: npt.NDArray[np.int16]) -> pd.Categorical:
        """In the order of the packed codes, whatever step met them first."""
        order = sorted(self._met)
        # The same word may stand for a warning and for a rejection.
        words = ["+".join(unpacked(code)) for code in order]
        categories = list(dict.fromkeys(words))
        place = {code: categories.index(word) for code, word in zip(order, words, strict=True)}
        renamed = np.array([place[code] for code in self._met], np.int16)
        return pd.Categorical.from_codes(renamed[codes], categories=pd.Index(np.array(categories, dtype=object)))


def _lines(
    texts: pa.LargeStringArray,
    kinds: npt.NDArray[np.int8],
    home: Homes,
    homes: list[Home],
    accept: Accept,
    *,
    fast: bool,
) -> _Lines:
    found = solved(texts, home, homes, accept) if fast else Solved.none(len(texts))
    cell, number, codes = np.arange(len(texts)), found.number, found.codes
    for kind, reason in _BY_KIND.items():
        cells = kinds == _KINDS.index(kind)
        number[cells], found.suggestion[cells], found.other[cells], found.done[cells] = 0, 0, 0, True
        codes[cells] = packed(rejected(reason).codes, accepted=False)
    suggestion = _both(found.suggestion, found.other)
    left = np.flatnonzero(~found.done)
    if not len(left):
        return _Lines(cell, number, codes, suggestion)
    judge = Judge(Shortcut(accept) if fast else Placing(accept, Library()))
    verdicts = list(_verdicts(judge, cast("list[str]", texts.take(left).to_pylist()), home[left], homes))
    lengths = np.array([len(of_cell) for of_cell in verdicts])
    careful_cell = np.repeat(left, lengths)
    lines = [verdict for of_cell in verdicts for verdict in of_cell]
    order = np.argsort(np.concatenate((cell[found.done], careful_cell)), kind="stable")
    careful_text = pa.array([_suggested(line) for line in lines], type=pa.large_string())
    return _Lines(
        np.concatenate((cell[found.done], careful_cell))[order],
        np.concatenate((number[found.done], [line.number for line in lines])).astype(np.int64)[order],
        np.concatenate((codes[found.done], [_packed(line) for line in lines])).astype(np.int64)[order],
        pa.concat_arrays([suggestion.filter(pa.array(found.done)), careful_text]).take(order),
    )


def _verdicts(judge: Judge, texts: list[str], home: Homes, homes: list[Home]) -> Iterator[list[Verdict]]:
    """The careful way's verdicts; equal cells are judged once."""
    known: dict[tuple[str, int], list[Verdict]] = {}
    for text, place in zip(texts, home.tolist(), strict=True):
        key = (text, place)
        if key not in known:
            known[key] = judge.judge(text, homes[place])
        yield known[key]


def _column(raw: object) -> pd.Series[Any]:
    """The cells as a column, whatever holds them."""
    if isinstance(raw, pd.Series):
        return raw
    if isinstance(raw, str | bytes | Mapping | pd.DataFrame) or not isinstance(raw, Iterable):
        raise wrong("raw", raw, _("a Series or an iterable of cells"))
    return pd.Series(list(raw), dtype=object)


def _kinds(kind: pd.Series[Any] | None, count: int) -> npt.NDArray[np.int8]:
    """For each cell the place of its kind in `_KINDS`, -1 when it is not said."""
    if kind is None:
        return np.full(count, -1, dtype=np.int8)
    return np.asarray(pd.Categorical(kind, categories=[str(one) for one in _KINDS]).codes, dtype=np.int8)


def _homes(
    region: str | pd.Series[Any] | None, default: str | None, international: bool | pd.Series[Any], count: int
) -> tuple[Homes, list[Home]]:
    """For each cell the place of its home among the distinct ones."""
    names = [""]
    usual = check_region(default) if default else ""
    keys = np.zeros(count, dtype=np.int32)
    if isinstance(region, pd.Series):
        found, distinct = pd.factorize(region.fillna("").astype(str).str.strip().str.upper())
        names = [str(name) for name in distinct]
        keys += 2 * found.astype(np.int32)
    elif region:
        usual = names[0] = check_region(region)
    keys += np.asarray(international, dtype=bool)
    # The keys are few and small: which occur is told by counting, without sorting the cells.
    met = np.flatnonzero(np.bincount(keys))
    home = np.zeros(2 * len(names), dtype=np.int32)
    home[met] = np.arange(len(met))
    return home[keys], [home_of(names[key // 2], usual, international=bool(key % 2)) for key in met.tolist()]


def _both(suggestion: Ints, other: Ints) -> pa.LargeStringArray:
    """The suggestions of each cell as text."""
    texts = as_arrow(e164_text(suggestion))
    if not other.any():
        return texts
    others = as_arrow(e164_text(other))
    joined: Any = pc.binary_join_element_wise(cast("Any", texts), others, pa.scalar(";", pa.large_string()))
    return cast("pa.LargeStringArray", pc.if_else(pa.array(other > 0), joined, texts))


def _packed(verdict: Verdict) -> int:
    return packed(verdict.codes, accepted=bool(verdict.number))


def _suggested(verdict: Verdict) -> str:
    return ";".join(f"+{number}" for number in verdict.suggestions)
