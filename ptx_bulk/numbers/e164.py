"""Columns of E.164 numbers between their integer and their `+` spelling."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk.numbers.regions.metadata import MAX_DIGITS

Numbers = npt.NDArray[np.int64]
_STEP = 500_000
# What is written like E.164, whether or not any operator has such a number.
_E164 = rf"\A\+[1-9][0-9]{{0,{MAX_DIGITS - 1}}}\z"


def e164_text(numbers: pd.Series[int] | Numbers) -> pd.Series[str]:
    """The numbers as `+33612345678`, '' for 0; the index of a Series is kept."""
    values = np.asarray(numbers, dtype=np.int64)
    # A step at a time: what lies between numbers and texts takes several times the memory of the texts.
    steps = [_e164_texts(values[at : at + _STEP]) for at in range(0, max(len(values), 1), _STEP)]
    texts: Any = pa.chunked_array(steps) if len(steps) > 1 else steps[0]
    return as_text(texts, numbers.index if isinstance(numbers, pd.Series) else None)


def _e164_texts(values: Numbers) -> pa.LargeStringArray:
    some = np.flatnonzero(values)
    digits = pc.cast(pa.array(values[some]), pa.large_string())
    plus, none = pa.scalar("+", pa.large_string()), pa.scalar("", pa.large_string())
    texts: Any = pc.binary_join_element_wise(cast("Any", plus), digits, none)
    if len(some) < len(values):
        place = np.zeros(len(values), dtype=np.int64)
        place[some] = np.arange(1, len(some) + 1)
        texts = pa.concat_arrays([pa.array([""], pa.large_string()), texts]).take(pa.array(place))
    return cast("pa.LargeStringArray", texts)


def parse_e164(text: pd.Series[str]) -> Numbers:
    """The integers of `+` and 1 to 15 digits, the first not 0; 0 for every other text."""
    return e164_numbers(as_arrow(text))


def e164_numbers(texts: pa.LargeStringArray | pa.ChunkedArray[Any]) -> Numbers:
    """`parse_e164` for an Arrow column without nulls."""
    strict = pc.match_substring_regex(texts, _E164)
    digits = pc.if_else(strict, texts, pa.scalar("+0", texts.type))
    return np.asarray(pc.cast(pc.utf8_slice_codeunits(digits, 1), pa.int64())).copy()


def as_arrow(texts: pd.Series[Any]) -> pa.LargeStringArray:
    """A text column as one Arrow array without nulls; what UTF-8 cannot hold is left out."""
    array: Any
    try:
        array = pa.array(texts, type=pa.large_string(), from_pandas=True)
    except (UnicodeEncodeError, pa.ArrowException):
        safe = ["" if text is None or text is pd.NA or text != text else _encodable(str(text)) for text in texts]  # noqa: PLR0124
        array = pa.array(safe, type=pa.large_string())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return cast("pa.LargeStringArray", pc.fill_null(array, "") if array.null_count else array)


def as_text(texts: pa.Array[Any] | pa.ChunkedArray[Any], index: pd.Index[Any] | None = None) -> pd.Series[str]:
    """An Arrow array as a pandas `str` column."""
    return pd.Series(pd.array(cast("Any", texts), dtype="str"), index=index)


def bytes_of(texts: pa.Array[Any]) -> tuple[npt.NDArray[np.uint8], Numbers]:
    """The bytes of the texts, one behind the other, and where each begins and the last one ends."""
    texts = texts.cast(pa.large_string())
    _validity, offsets, data = texts.buffers()
    # Arrow may leave out what an array without texts does not need.
    edges = np.frombuffer(memoryview(offsets or bytes(8)), np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(memoryview(data or b""), np.uint8)[edges[0] : edges[-1]], edges - edges[0]


def _encodable(text: str) -> str:
    return text.encode("utf-8", "ignore").decode()
