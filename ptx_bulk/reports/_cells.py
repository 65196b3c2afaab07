"""Columns of cells as Arrow arrays, made harmless for the program that will open them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute

# An Arrow array of large_string or int64. The overloads of pyarrow's stubs know few of the mixes of arrays
# and scalars that its functions take, so both go unchecked.
Column: TypeAlias = Any
pc: Any = pyarrow.compute

NUMBER_COLUMNS = ("row", "attempts", "http_status", "api_code", "duplicate_of_row")

# What makes Excel or LibreOffice take a cell for a formula, full-width forms and leading controls included.
_TRIGGERS = "=+\\-@\t\r\n＝＋－＠"
_FORMULA = f"^[{_TRIGGERS}]"
# A `+` with nothing but digits, blanks and number punctuation after it is a phone number, not a formula;
# `-` and `--` are how people write "none".
_HARMLESS = "^\\+[0-9 \u00a0\u2000-\u200b\u202f().,/·\\-\u2010-\u2015]*$|^--?$"
# Excel in French splits at `;` whatever the file's delimiter: a formula must not hide behind one either.
_HIDDEN = "([;\t]\\s*)([=@＝＠]|[+\\-＋－][0-9\\s().,]*[^0-9\\s().,;/\\-])"

EMPTY = pa.scalar("", pa.large_string())

# What XML 1.0 cannot hold, not even escaped.
_NOT_XML = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"


def chunks(frame: pd.DataFrame, size: int) -> Iterator[pa.Table]:
    """The frame in tables of at most `size` rows, none for an empty frame.

    `NUMBER_COLUMNS` are int64 with null for 0 or NA, all else is large_string without null.
    """
    for start in range(0, len(frame), size):
        part = frame.iloc[start : start + size]
        yield pa.table({name: column(part[name], name) for name in frame.columns})


def column(series: pd.Series, name: str) -> Column:
    """One column as `chunks` gives it."""
    if name in NUMBER_COLUMNS:
        if isinstance(series.dtype, np.dtype) and series.dtype.kind == "i":
            whole = series.to_numpy()
            return pa.array(whole, pa.int64(), mask=whole == 0)
        numbers = pa.array(pd.to_numeric(series).astype("Int64"), from_pandas=True)
        return pc.if_else(pc.equal(numbers, 0), pa.scalar(None, pa.int64()), numbers)
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes = series.cat.codes.to_numpy()
        words = _strings(series.cat.categories.astype("str"))
        return pc.fill_null(pc.take(words, pa.array(codes, mask=codes < 0)), EMPTY)
    if not pd.api.types.is_string_dtype(series.dtype):
        series = series.astype("str")
    return pc.fill_null(_strings(series), EMPTY)


def _strings(values: pd.Series[str] | pd.Index[str]) -> Column:
    array: Column = pa.array(values, pa.large_string(), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def text(array: Column) -> Column:
    """Any array of `chunks` as text; null becomes empty."""
    if pa.types.is_large_string(array.type):
        return array
    return pc.fill_null(pc.cast(array, pa.large_string()), EMPTY)


def neutral(array: Column) -> Column:
    """Text that no spreadsheet runs as a formula: an apostrophe disarms it; numbers stay as they are."""
    formula = pc.match_substring_regex(array, _FORMULA)
    if pc.any(formula).as_py():
        formula = pc.and_not(formula, pc.match_substring_regex(array, _HARMLESS))
        array = pc.if_else(formula, join("'", array), array)
    if any(pc.any(pc.match_substring(array, split)).as_py() for split in ";\t"):
        array = pc.replace_substring_regex(array, _HIDDEN, "\\1'\\2")
    return array


def xml(array: Column) -> Column:
    """Text as it may stand in an XML element; a character that XML cannot hold becomes U+FFFD."""
    if pc.any(pc.match_substring_regex(array, _NOT_XML)).as_py():
        array = pc.replace_substring_regex(array, _NOT_XML, "\ufffd")
    for raw, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        if pc.any(pc.match_substring(array, raw)).as_py():
            array = pc.replace_substring(array, raw, escaped)
    return array


def join(*parts: Column | str, between: str = "") -> Column:
    """The parts put together, row by row; at least one is an array of large_string without null."""
    scalars = [pa.scalar(part, pa.large_string()) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*scalars, pa.scalar(between, pa.large_string()))


def joined(array: Column) -> memoryview:
    """The UTF-8 bytes of all values, one after the other. `array` is large_string without null."""
    first, last = array.offset, array.offset + len(array)
    offsets = memoryview(array.buffers()[1]).cast("q")
    return memoryview(array.buffers()[2] or b"")[offsets[first] : offsets[last]]
