"""What a stretch of digits looks like where it stands: the number for sure, perhaps, or something else.

Sure is what a phone cell would be read as, or what is written with its country code, and what ends where its own
punctuation ends. A national number without its 0, one among other digits with the same punctuation, one in a longer
piece of digits: perhaps. Dates and hours are something else, and so is the end of a number of another country.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ptx_bulk.model import Accept
from ptx_bulk.numbers.normalise import normalise
from ptx_bulk.numbers.regions.metadata import plan_of
from ptx_bulk.numbers.spotting.digits import LETTERS, Bools, Digits
from ptx_bulk.numbers.spotting.keys import Int64s, digits_in

_WHOLE_FROM = 10  # digits without + or 0 that are read as a country code and a number
_NUMBER_FROM = 9  # digits beside a number that are one, too
_CODE_TO = 5  # digits of a country code with its zeros
_HOUR = r"[ T,]+\d\d?:\d\d(?::\d\d)?"
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-/.])\d\d?\1\d\d?|\d\d?([-/.])\d\d?\2(?:19|20)\d\d)(?![-/.]?\d)"
    rf"(?:{_HOUR})?|(?<!\d)\d\d?([-/.])\d\d?\3\d\d{_HOUR}(?!\d)"
)
_DECIMAL = re.compile(r"0[.,][0-9]+")
_BETWEEN = re.compile(r"[^0-9]+")


@dataclass(frozen=True)
class Found:
    """Stretches of digits that are writings of numbers.

    Attributes:
        first, last: their first and last digits.
        value: what they read as one integer.
        numbers: the number that each is a writing of.
    """

    first: Int64s
    last: Int64s
    value: Int64s
    numbers: Int64s

    def where(self, chosen: Bools) -> Found:
        """Some of them."""
        return Found(self.first[chosen], self.last[chosen], self.value[chosen], self.numbers[chosen])


def judged(digits: Digits, found: Found, region: str | pd.Series[Any] | None) -> tuple[Found, Bools]:
    """What may be the number, and for each whether it surely is.

    Args:
        digits: of the texts.
        found: what stands in them.
        region: of all texts, or of each, for national writings.
    """
    spans = _Spans.of(digits, found)
    left = spans.may_be
    found, spans = found.where(left), spans.where(left)
    apart, dated = _surroundings(digits, found, spans.whole)
    kept = ~dated & (apart | spans.coded | spans.zero)
    sure = apart & ~spans.within & ~_decimal(digits, found)
    sure &= np.where(spans.national, spans.zero, spans.coded | spans.zero | spans.plainly_whole)
    at = np.flatnonzero(sure & spans.national & kept)
    sure[at] = _read_so(digits, found, at, region)
    return found.where(kept), sure[kept]


@dataclass(frozen=True)
class _Spans:
    """How the stretches stand among other digits.

    Attributes:
        national: written without country code.
        zero: with a 0 or 00 before it.
        coded: with a plus before it.
        whole: all digits of its run.
        within: in the middle of a longer piece of digits.
        plainly_whole: long enough for a country code, and no letter before it.
        may_be: all but what is a number of another country, or mere digits.
    """

    national: Bools
    zero: Bools
    coded: Bools
    whole: Bools
    within: Bools
    plainly_whole: Bools
    may_be: Bools

    @classmethod
    def of(cls, digits: Digits, found: Found) -> _Spans:
        first, last = found.first, found.last
        begin, end = digits.run[0][first], digits.run[1][first]
        national = (found.value != found.numbers) & (digits_in(found.value) != digits_in(found.numbers) + 1)
        zero, coded = digits.value[first] == 0, digits.plus_before(first)
        whole = (begin == first) & (end == last)
        within = (digits.piece[0][first] != first) | (digits.piece[1][last] != last)
        long = digits_in(found.value) >= _WHOLE_FROM
        second = digits.value[np.minimum(begin + 1, len(digits.value) - 1)]
        dialled = (digits.value[begin] == 0) & (second == 0)
        behind_code = (first > begin) & (first - begin <= _CODE_TO) & (digits.plus_before(begin) | dialled)
        return cls(
            national,
            zero,
            coded,
            whole,
            within,
            whole & long & ~LETTERS[digits.before(first)],
            ~(national & (behind_code | coded | (within & ~zero))),
        )

    def where(self, chosen: Bools) -> _Spans:
        """Some of them."""
        return _Spans(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def _surroundings(digits: Digits, found: Found, whole: Bools) -> tuple[Bools, Bools]:
    """For each whether it ends where its punctuation ends, and whether it belongs to a date or an hour."""
    apart, dated = np.ones(len(whole), bool), np.zeros(len(whole), bool)
    spread = digits.at[found.last] - digits.at[found.first] > found.last - found.first
    for at in np.flatnonzero(~whole | spread).tolist():
        first, last = int(found.first[at]), int(found.last[at])
        written = digits.between(first, last)
        if not whole[at]:
            inner = set(_BETWEEN.findall(written))
            begin, end = int(digits.run[0][first]), int(digits.run[1][first])
            apart[at] = _ends(digits, first - 1, first, first - begin, inner) and _ends(
                digits, last, last + 1, end - last, inner
            )
        date = _in_date(digits, first, len(written))
        if date and whole[at] and ":" not in written:
            apart[at] = False
        else:
            dated[at] = date
    return apart, dated


def _ends(digits: Digits, left: int, right: int, others: int, inner: set[str]) -> bool:
    """Whether a number ends between two digits: nothing follows, or another number, or other punctuation."""
    return others in (0, *range(_NUMBER_FROM, others + 1)) or digits.between(left, right)[1:-1] not in inner


def _in_date(digits: Digits, first: int, length: int) -> bool:
    text, begin = digits.text_of(first)
    around = text[max(begin - 20, 0) : begin + length + 20]
    begin -= max(begin - 20, 0)
    return any(date.start() < begin + length and date.end() > begin for date in _DATE.finditer(around))


def _decimal(digits: Digits, found: Found) -> Bools:
    """Whether it is a decimal fraction: 0.612345678."""
    single = (digits.piece[1][found.first] == found.first) & (digits.value[found.first] == 0)
    decimal = np.zeros(len(single), bool)
    for at in np.flatnonzero(single & (digits.piece[0][found.last] == found.first + 1)).tolist():
        written = digits.between(int(found.first[at]), int(found.last[at]))
        decimal[at] = _DECIMAL.fullmatch(written) is not None
    return decimal


def _read_so(digits: Digits, found: Found, at: Int64s, region: str | pd.Series[Any] | None) -> Bools:
    """Whether the digits, in a phone cell of their region, are that number."""
    if not len(at):
        return np.zeros(0, bool)
    lengths = (found.last - found.first + 1)[at].tolist()
    texts = [f"{value:0{length}d}" for value, length in zip(found.value[at].tolist(), lengths, strict=True)]
    mine = digits.text[found.first[at]]
    regions = region.iloc[mine].reset_index(drop=True) if isinstance(region, pd.Series) else region
    answer = normalise(pd.Series(texts, dtype="str"), None, region=regions, accept=Accept.ANY)
    cell, number = answer["cell"].to_numpy(), answer["number"].to_numpy()
    wanted = found.numbers[at]
    same = np.zeros(len(at), bool)
    same[cell[number == wanted[cell]]] = True
    # what is in no numbering plan is nobody else's number
    nobody = cell[(number == 0) & (answer["suggestion"] == "").to_numpy()]
    same[nobody] |= np.array([_of_country(n, r) for n, r in _with_regions(wanted, regions, nobody)], bool)
    return same


def _with_regions(wanted: Int64s, regions: Any, chosen: Int64s) -> list[tuple[int, str]]:  # noqa: ANN401
    named = [regions] * len(chosen) if not isinstance(regions, pd.Series) else regions.iloc[chosen].tolist()
    return [(number, name or "") for number, name in zip(wanted[chosen].tolist(), named, strict=True)]


def _of_country(number: int, region: str) -> bool:
    plan = plan_of(region)
    return plan is not None and str(number).startswith(str(plan.country_code))
