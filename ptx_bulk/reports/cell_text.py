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

# One rule for every CSV, whatever delimiter it is opened with. A cell may begin where a value begins, and inside of
# one wherever some reader splits: at a comma, a semicolon, a tab or a line break (quotes do not protect a line break
# from a reader of another delimiter). Blanks, quotes and what nobody sees are passed over; if what follows begins
# like a formula, full-width forms included, an apostrophe disarms it.
_SPLITS = ",;\\t\\r\\n"
_PASSED = (
    '[\\x{00}-\\x{20}"\\x{7f}-\\x{a0}\\x{ad}\\x{61c}\\x{1680}\\x{180e}\\x{2000}-\\x{200f}\\x{2028}-\\x{202f}'
    "\\x{205f}-\\x{206f}\\x{3000}\\x{feff}]*"
)
_BEGINS = f"((?:^|[{_SPLITS}]){_PASSED})"
_FORMULA = f"{_BEGINS}([=@＝＠﹦﹫])"
# A sign with nothing but digits, blanks and number punctuation after it is a phone number, and stays: up to the next
# split inside of a value, up to its end where the value itself begins so. `-` is how people write "none".
_SIGN = "[+\\-＋－﹢﹣]"
_OF_NUMBERS = "0-9 \\x{a0}\\x{2000}-\\x{200b}\\x{202f}()./·\\-\\x{2010}-\\x{2015}"
_SIGNED = f"([{_SPLITS}]{_PASSED})({_SIGN}[{_OF_NUMBERS}]*[^{_OF_NUMBERS}{_SPLITS}])"
_SIGNED_FIRST = f"^({_PASSED})({_SIGN}[{_OF_NUMBERS},\\t\\r\\n]*[^{_OF_NUMBERS},\\t\\r\\n])"
# What some programs strip before they look; such a value is text from its first character on.
_STRIPPED = "^()([\\t\\r\\n])"
# Each rule, and the characters without one of which no text can break it.
_RULES = (
    (_FORMULA, "=@＝＠﹦﹫"),
    (_SIGNED, "+-＋－﹢﹣"),
    (_SIGNED_FIRST, "+-＋－﹢﹣"),
    (_STRIPPED, "\t\r\n"),
)

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
    """Text that no spreadsheet runs as a formula, split as it may be: an apostrophe disarms it; numbers stay."""
    content = bytes(joined(array))
    for rule, signs in _RULES:
        if not any(sign.encode() in content for sign in signs):
            continue
        found = pc.match_substring_regex(array, rule)
        if pc.any(found).as_py():
            disarmed = pc.replace_substring_regex(array.filter(found), rule, "\\1'\\2")
            array = pc.replace_with_mask(array, found, disarmed)
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
