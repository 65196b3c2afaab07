"""A column of texts as bytes: which cells are a plainly written number, and its digits. No loop over cells.

Plainly written means: the careful way would see nothing but the digits in them. Everything doubtful is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
import numpy.typing as npt
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk.numbers.e164 import bytes_of
from ptx_bulk.numbers.regions.metadata import MAX_DIGITS, plans_of

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

_DIGIT, _BLANK, _DOT, _DASH, _SLASH, _PLUS, _COMMA, _OTHER = (1 << bit for bit in range(8))
_ENDS = " \t\r\n\xa0\u202f\u2009\ufeff'’\""
_SPACE = "[ \xa0\u202f]?"
# UTF-8 of the blanks of French typography: no-break, narrow no-break, thin.
_WIDE_BLANKS = (b"\xc2\xa0", b"\xe2\x80\xaf", b"\xe2\x80\x89")
_PAIRS_LENGTH = 14  # 06/12/34/56/78
# Dates with a separator have 8 digits at most.
_NO_DATE = 9


@dataclass(frozen=True, slots=True)
class Column:
    """Texts by their digits; all arrays but `digits` have one entry a text.

    Attributes:
        blank: nothing but blanks.
        plain: a plainly written number; the arrays below say nothing about other texts.
        plus: a + before the digits.
        whole_float: `.0` or the like was left out at the end.
        digits: the digits of all texts, one after the other.
        first: place of the first digit.
        count: how many digits, at most `MAX_DIGITS`.
        value: the digits as a number.
    """

    blank: Flags
    plain: Flags
    plus: Flags
    whole_float: Flags
    digits: Bytes
    first: Ints
    count: Ints
    value: Ints


def punctuated(texts: pa.LargeStringArray) -> Column:
    """The column's digits and punctuation."""
    data, edges = bytes_of(_without_trunk_zeros(pc.utf8_trim(texts, characters=_ENDS)))
    start, end = edges[:-1], edges[1:]
    length = end - start
    classes = _classes(data)
    some = np.flatnonzero(length > 0)
    plus = np.zeros(len(length), dtype=np.bool_)
    plus[some] = data[start[some]] == ord("+")
    classes[start[plus]] = 0
    before = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(classes & _DIGIT, dtype=np.int64)))
    digits = np.compress((classes & _DIGIT).view(np.bool_), data) - np.uint8(ord("0"))
    first = before[start]
    count = before[end] - first
    seen = np.zeros(len(length), dtype=np.uint8)
    if len(some):
        seen[some] = np.bitwise_or.reduceat(classes, start[some])
    whole_float, zeros = _decimal_zeros(data, seen, start, end, count, plus)
    plain = whole_float | _plainly(data, classes, seen, start, end, count, plus)
    plain[some] &= (classes[end[some] - 1] == _DIGIT) & (plus[some] | (classes[start[some]] == _DIGIT))
    plain &= (count > 0) & (count - zeros <= MAX_DIGITS) & (length > 0)
    count = np.where(plain, count - zeros, 0)
    return Column(length == 0, plain, plus, whole_float, digits, first, count, _values(digits, first, count))


def _class_table() -> Bytes:
    table = np.full(256, _OTHER, dtype=np.uint8)
    table[list(b"0123456789")] = _DIGIT
    for char, kind in ((" ", _BLANK), (".", _DOT), ("-", _DASH), ("/", _SLASH), ("+", _PLUS), (",", _COMMA)):
        table[ord(char)] = kind
    return table


_TABLE = _class_table()


def _classes(data: Bytes) -> Bytes:
    classes = _TABLE[data]
    high = np.flatnonzero(data >= 0x80)
    if len(high):
        padded = np.concatenate((data, np.zeros(2, dtype=np.uint8)))
        for blank in _WIDE_BLANKS:
            here = high
            for place, byte in enumerate(blank):
                here = here[padded[here + place] == byte]
            for place in range(len(blank)):
                classes[here + place] = _BLANK
    return classes


def _without_trunk_zeros(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """Take `(0)` off after country codes whose numbers lose the zero."""
    marked = pc.match_substring(texts, "(0)")
    if not pc.any(marked).as_py():
        return texts
    mended = pc.replace_substring_regex(texts.filter(marked), _trunk_pattern(), r"\1 ")
    return cast("pa.LargeStringArray", pc.replace_with_mask(texts, marked, mended))


@cache
def _trunk_pattern() -> str:
    plans = (plans_of(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
    codes = (str(of_code[0].country_code) for of_code in plans if of_code and of_code[0].national_prefix == "0")
    return rf"^((?:\+|00{_SPACE})?(?:{'|'.join(codes)})){_SPACE}\(0\)"


def _decimal_zeros(data: Bytes, seen: Bytes, start: Ints, end: Ints, count: Ints, plus: Flags) -> tuple[Flags, Ints]:
    """Which texts are pure digits and `.0` or `.00` (or a comma), and how many zeros those are."""
    zeros = np.zeros(len(start), dtype=np.int64)
    pure = ((seen == _DIGIT | _DOT) | (seen == _DIGIT | _COMMA)) & (end - start - plus == count + 1) & (count > 2)
    rows = np.flatnonzero(pure)
    last = end[rows] - 1
    one = (data[last] == ord("0")) & (_TABLE[data[last - 1]] != _DIGIT)
    two = (data[last] == ord("0")) & (data[last - 1] == ord("0")) & (_TABLE[data[last - 2]] != _DIGIT)
    zeros[rows] = np.where(one, 1, np.where(two, 2, 0))
    return zeros > 0, zeros


def _plainly(data: Bytes, classes: Bytes, seen: Bytes, start: Ints, end: Ints, count: Ints, plus: Flags) -> Flags:
    """Which texts are digits and separators that are neither a date, a fraction nor a list."""
    signs = seen & ~np.uint8(_DIGIT | _BLANK)
    plain: Flags = signs == 0
    pointed = np.flatnonzero(((signs & ~np.uint8(_DOT | _DASH)) == 0) & (signs != 0) & (count >= _NO_DATE))
    if len(pointed):
        points = _counts((classes & (_DOT | _DASH)) != 0, start[pointed], end[pointed])
        single_dot = (points == 1) & (signs[pointed] == _DOT)
        # Blanks beside signs: a date and a time, a list (` - `) or a float, unless a + and several dots say no.
        mixed = (seen[pointed] & _BLANK != 0) & ~(plus[pointed] & (signs[pointed] == _DOT) & (points > 1))
        plain[pointed] = ~single_dot & ~mixed
    slashed = np.flatnonzero((seen == _DIGIT | _SLASH) & (end - start == _PAIRS_LENGTH) & (count == 10) & ~plus)
    if len(slashed):
        places = start[slashed][:, None] + np.array([2, 5, 8, 11])
        plain[slashed] = (data[places] == ord("/")).all(axis=1)
    return plain


def _counts(flags: Flags, start: Ints, end: Ints) -> Ints:
    before = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(flags, dtype=np.int64)))
    return before[end] - before[start]


def _values(digits: Bytes, first: Ints, count: Ints) -> Ints:
    value = np.zeros(len(first), dtype=np.int64)
    for place in range(int(count.max(initial=0))):
        rows = np.flatnonzero(count > place)
        value[rows] = value[rows] * 10 + digits[first[rows] + place]
    return value
