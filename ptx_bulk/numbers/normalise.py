"""A column of raw cells to a column of verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ptx_bulk.arguments import of_type, one_of
from ptx_bulk.model import Accept, CellKind, Code
from ptx_bulk.numbers.e164 import as_arrow, as_text, e164_text
from ptx_bulk.numbers.fast import Shortcut, solved
from ptx_bulk.numbers.metadata import plan_of
from ptx_bulk.numbers.reading import UNKNOWN_COUNTRY, Place
from ptx_bulk.numbers.region_codes import check_region
from ptx_bulk.numbers.slow import Judge
from ptx_bulk.numbers.verdict import Verdict, packed, rejected, unpacked

Ints = npt.NDArray[np.int64]
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
    raw: pd.Series[Any],
    kind: pd.Series[Any] | None = None,
    *,
    region: str | pd.Series[Any] | None = "FR",
    country: pd.Series[Any] | None = None,
    international: bool | pd.Series[Any] = False,
    accept: Accept = Accept.MOBILE,
) -> pd.DataFrame:
    """The numbers of a column of cells, or why there are none.

    Args:
        raw: the text of each cell; missing counts as empty.
        kind: the `CellKind` of each cell, None when all are text.
        region: ISO code of the region whose national writing the cells are read in, None for none, or a
            Series with one for each cell ('' for none).
        country: the region that each cell's row names (`country_codes`): '' for none, `UNKNOWN_COUNTRY` for a name that
            nobody knows. It wins over `region`; a number that it does not have is never taken for one of `region`.
        international: whether the cells, or each of them, stand in a column that is written with country codes
            throughout, though without a plus.
        accept: which valid numbers count.

    Returns:
        One line for each number found and for each cell without one, cells in their order: `cell` (position in
        `raw`), `number` (E.164 digits, 0 when rejected), `code` (categorical: '', warnings joined by `+`, or the
        reason of the rejection), `suggestion` (E.164 numbers joined by `;`).

    Raises:
        ConfigurationError: `region` is a word that names no region, or another argument is wrong; the text names it.
            No text in a cell raises anything.
    """
    of_type("raw", raw, pd.Series)
    accept = one_of("accept", accept, Accept)
    texts = as_arrow(raw)
    kinds = _kinds(kind, len(texts))
    place_of, places = _places(region, country, international, len(texts))

    def part(at: int) -> _Lines:
        cells = slice(at, at + _STEP)
        return _lines(texts[cells], kinds[cells], place_of[cells], places, accept)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        parts = list(threads.map(part, range(0, max(len(texts), 1), _STEP)))
    cells = [part.cell + step * _STEP for step, part in enumerate(parts)]
    return pd.DataFrame(
        {
            "cell": np.concatenate(cells),
            "number": np.concatenate([part.number for part in parts]),
            "code": _categories(np.concatenate([part.codes for part in parts])),
            "suggestion": as_text(pa.chunked_array([part.suggestion for part in parts])),
        }
    )


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of some cells; `cell` counts from the first of them."""

    cell: Ints
    number: Ints
    codes: Ints
    suggestion: pa.LargeStringArray


def _lines(texts: pa.LargeStringArray, kinds: Ints, place_of: Ints, places: list[Place], accept: Accept) -> _Lines:
    found = solved(texts, place_of, places, accept)
    cell, number, codes = np.arange(len(texts)), found.number, found.codes
    for kind, reason in _BY_KIND.items():
        cells = kinds == _KINDS.index(kind)
        number[cells], found.suggestion[cells], found.done[cells] = 0, 0, True
        codes[cells] = packed(rejected(reason).codes, accepted=False)
    suggestion = as_arrow(e164_text(found.suggestion))
    left = np.flatnonzero(~found.done)
    if not len(left):
        return _Lines(cell, number, codes, suggestion)
    verdicts = list(_verdicts(cast("list[str]", texts.take(left).to_pylist()), place_of[left], places, accept))
    lengths = np.array([len(of_cell) for of_cell in verdicts])
    slow_cell = np.repeat(left, lengths)
    lines = [verdict for of_cell in verdicts for verdict in of_cell]
    order = np.argsort(np.concatenate((cell[found.done], slow_cell)), kind="stable")
    slow_text = pa.array([_suggested(line) for line in lines], type=pa.large_string())
    return _Lines(
        np.concatenate((cell[found.done], slow_cell))[order],
        np.concatenate((number[found.done], [line.number for line in lines])).astype(np.int64)[order],
        np.concatenate((codes[found.done], [_packed(line) for line in lines])).astype(np.int64)[order],
        pa.concat_arrays([suggestion.filter(pa.array(found.done)), slow_text]).take(order),
    )


def _verdicts(texts: list[str], place_of: Ints, places: list[Place], accept: Accept) -> Iterator[list[Verdict]]:
    """The slow path's verdicts; equal cells are judged once."""
    judge = Judge(Shortcut(accept))
    known: dict[tuple[str, int], list[Verdict]] = {}
    for text, place in zip(texts, place_of.tolist(), strict=True):
        key = (text, place)
        if key not in known:
            known[key] = judge.judge(text, places[place])
        yield known[key]


def _kinds(kind: pd.Series[Any] | None, count: int) -> Ints:
    """For each cell the place of its kind in `_KINDS`, -1 when it is not said."""
    if kind is None:
        return np.full(count, -1, dtype=np.int64)
    return pd.Categorical(kind, categories=[str(one) for one in _KINDS]).codes.astype(np.int64)


def _places(
    region: str | pd.Series[Any] | None,
    country: pd.Series[Any] | None,
    international: bool | pd.Series[Any],
    count: int,
) -> tuple[Ints, list[Place]]:
    """For each cell the position of its place among the distinct ones; regions without a numbering plan are none."""
    if not isinstance(region, pd.Series):
        region_of, regions = np.zeros(count, dtype=np.int64), [check_region(region) if region else ""]
    else:
        region_of, regions = _distinct(region)
    country_of, countries = (np.zeros(count, dtype=np.int64), [""]) if country is None else _distinct(country)
    flags = np.broadcast_to(np.asarray(international, dtype=bool), count)
    key = (region_of * len(countries) + country_of) * 2 + flags
    keys, place_of = np.unique(key, return_inverse=True)
    pairs = [(divmod(one // 2, len(countries)), bool(one % 2)) for one in keys.tolist()]
    return place_of, [Place(regions[at], countries[of], flag) for (at, of), flag in pairs]


def _distinct(regions: pd.Series[Any]) -> tuple[Ints, list[str]]:
    at, names = pd.factorize(regions.fillna("").astype(str).str.strip().str.upper())
    known = [name if name == UNKNOWN_COUNTRY or plan_of(name) is not None else "" for name in names]
    return at.astype(np.int64), known


def _categories(codes: Ints) -> pd.Categorical:
    places, distinct = pd.factorize(codes, sort=True)
    texts = np.array(["+".join(unpacked(code)) for code in distinct.tolist()], dtype=object)
    # The same word may stand for a warning and for a rejection.
    merged, categories = pd.factorize(texts)
    return pd.Categorical.from_codes(merged[places], categories=pd.Index(categories))


def _packed(verdict: Verdict) -> int:
    return packed(verdict.codes, accepted=bool(verdict.number))


def _suggested(verdict: Verdict) -> str:
    return ";".join(f"+{number}" for number in verdict.suggestions)
