"""Listed numbers in cells that are no phone cells: in other columns, in titles, in sheets that are not read.

Where a column may hold phones its cells are read like phone cells. Everywhere else only what is surely written as a
number counts: with +, 00 or 0 before it, or eleven digits and more in one piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk import numbers
from ptx_bulk.model import Accept
from ptx_bulk.pipeline.steps.scrubbing.known_lists import Int64s, KnownLists

_BLANK = r"[ .\-/()\x{a0}\x{202f}\x{2009}]"
_WRITTEN = rf"(?:\+|0){_BLANK}{{0,2}}[0-9](?:{_BLANK}{{0,3}}[0-9]){{7,14}}"
_WHOLE = "[1-9][0-9]{10,14}"
_SEEN = rf"(?:^|[^0-9A-Za-z]){_WRITTEN}|(?:^|[^0-9A-Za-z.,]){_WHOLE}(?:$|[^0-9])"
_BLANK_PY = "[ .\\-/()\xa0\u202f\u2009]"
_NUMBERS = re.compile(
    rf"(?<![0-9A-Za-z])(?:\+|0){_BLANK_PY}{{0,2}}[0-9](?:{_BLANK_PY}{{0,3}}[0-9]){{7,14}}(?![0-9])"
    rf"|(?<![0-9A-Za-z.,]){_WHOLE}(?![0-9])"
)
_DIGITS_ALONE = rf"^{_WHOLE}$"
_FEWEST_DIGITS = 9
_BLOCK = 100_000

compute: Any = pc


def index(places: npt.NDArray[Any]) -> Any:  # noqa: ANN401 - Arrow's stubs leave open what `take` takes
    """Positions, or a mask, for Arrow."""
    return pa.array(places)


def to_texts(texts: pa.Array[Any]) -> list[str]:
    """A column without nulls as Python texts."""
    found: list[Any] = texts.to_pylist()
    return found


@dataclass(frozen=True)
class Hits:
    """Listed numbers that were found.

    Attributes:
        places: positions of the cells in the column.
        numbers: parallel to it.
    """

    places: npt.NDArray[np.int64]
    numbers: Int64s


def numbers_within(column: pa.Array[Any], known: KnownLists, region: str | None) -> Hits:
    """The listed numbers that are surely written as numbers somewhere in these texts."""
    found = [_in_block(column.slice(start, _BLOCK), known, region) for start in range(0, len(column), _BLOCK)]
    places = [hits.places + at * _BLOCK for at, hits in enumerate(found)]
    return Hits(_joined(places), _joined([hits.numbers for hits in found]))


def _joined(pieces: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def _in_block(texts: pa.Array[Any], known: KnownLists, region: str | None) -> Hits:
    many = np.flatnonzero(digits_in(texts) >= _FEWEST_DIGITS)
    if not len(many):
        return Hits(many, many)
    texts = texts.take(index(many))
    alone = _mask(compute.match_substring_regex(texts, _DIGITS_ALONE))
    plain = np.asarray(compute.cast(texts.filter(index(alone)), pa.int64()))
    rest = np.flatnonzero(~alone)
    others = texts.take(index(rest))
    likely = rest[_mask(compute.match_substring_regex(others, _SEEN))] if len(rest) else rest
    written = list(_written(to_texts(texts.take(index(likely))), likely.tolist()))
    at, read = _read(written, region)
    places = np.concatenate([np.flatnonzero(alone), at])
    every = np.concatenate([plain, read])
    listed = known.found(every) > 0
    return Hits(many[places[listed]], every[listed])


def digits_in(texts: pa.Array[Any]) -> npt.NDArray[np.int64]:
    """How many digits each text has."""
    texts = texts.cast(pa.large_string())
    _validity, offsets, data = texts.buffers()
    if offsets is None or data is None or not len(texts):
        return np.zeros(len(texts), np.int64)
    edges = np.frombuffer(memoryview(offsets), np.int64)[texts.offset : texts.offset + len(texts) + 1]
    codes = np.frombuffer(memoryview(data), np.uint8)[edges[0] : edges[-1]]
    counted = np.zeros(len(codes) + 1, np.int32)
    np.cumsum((codes - 48) < 10, out=counted[1:])
    return np.asarray(np.diff(counted[edges - edges[0]]), dtype=np.int64)


def _mask(found: Any) -> npt.NDArray[np.bool_]:  # noqa: ANN401 - an Arrow array of bool
    return np.asarray(found.to_numpy(zero_copy_only=False)).astype(bool)


def _written(texts: list[str], places: list[int]) -> Iterator[tuple[int, str]]:
    for place, text in zip(places, texts, strict=True):
        for found in _NUMBERS.finditer(text):
            yield place, found[0]


def _read(written: list[tuple[int, str]], region: str | None) -> tuple[npt.NDArray[np.int64], Int64s]:
    """Place and number of each piece of text that is one."""
    if not written:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    texts = pd.Series([text for _place, text in written], dtype="str")
    answer = numbers.normalise(texts, None, region=region, accept=Accept.ANY)
    at, number = answer["cell"].to_numpy(), answer["number"].to_numpy()
    number = np.where(number == 0, numbers.parse_e164(texts.str.replace("[^0-9+]", "", regex=True))[at], number)
    places = np.array([place for place, _text in written], np.int64)
    return places[at], number
