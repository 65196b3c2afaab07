"""Digits as writings of numbers: whole, with the 0 of `(0)`, or as in their own country."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from ptx_bulk.numbers.regions.families import FAMILY, NEIGHBOURS, family_codes
from ptx_bulk.numbers.regions.metadata import country_of, plan_of, plans_of
from ptx_bulk.numbers.sets import distinct, members

Int64s = npt.NDArray[np.int64]

_POWERS = 10 ** np.arange(19, dtype=np.int64)
LONGEST = 18  # digits of a writing, zeros before it included: what an int64 holds
_FEWEST = 5  # digits of what is looked for


@dataclass(frozen=True)
class _Home:
    """National numbers of some length.

    Attributes:
        code: the country code.
        digits: how long they are.
        prefix: what is dialled before them, 0 for nothing or zeros.
    """

    code: int
    digits: int
    prefix: int = 0


class Keys:
    """Numbers that are looked for by the digits that they are written with; leading zeros do not count.

    Args:
        numbers: in E.164, any order.
        regions: where they may be written without a country code; None: nobody knows, so anywhere.
    """

    def __init__(self, numbers: Int64s, regions: Iterable[str] | None) -> None:
        numbers = distinct(numbers) if len(numbers) and (np.diff(numbers, prepend=0) <= 0).any() else numbers
        self.numbers = numbers[np.searchsorted(numbers, 10 ** (_FEWEST - 1)) :]
        codes = range(1, 1000) if regions is None else _home_codes(regions)
        self._homes = [home for code in codes for home in _homes(code) if self._holds(home)]
        lengths = [home.digits for home in self._homes] + digits_in(self.numbers[:1]).tolist()
        self.shortest = min([*lengths, LONGEST])  # digits of a writing

    def _holds(self, home: _Home) -> bool:
        span = np.searchsorted(self.numbers, [n * _POWERS[home.digits] for n in (home.code, home.code + 1)])
        return bool(span[0] < span[1])

    def written(self, values: Int64s) -> tuple[Int64s, Int64s]:
        """Positions in `values` of those that are writings, and the numbers that they are; one may be several."""
        hits = [np.zeros((2, 0), np.int64)]
        for at, numbers in self._meant(values) if len(self.numbers) else ():
            near = np.flatnonzero((numbers >= self.numbers[0]) & (numbers <= self.numbers[-1]))
            mine = near[members(numbers[near], self.numbers)]
            hits.append(np.stack([at[mine], numbers[mine]]))
        at, numbers = np.concatenate(hits, axis=1)
        return at, numbers

    def _meant(self, values: Int64s) -> Iterator[tuple[Int64s, Int64s]]:
        """Positions in `values`, and numbers that these may be writings of."""
        yield np.arange(len(values)), values
        yield _without_trunk(values)
        for home in self._homes:
            national = values - home.prefix * _POWERS[home.digits]
            at = np.flatnonzero((national >= 0) & (national < _POWERS[home.digits]))
            yield at, national[at] + home.code * _POWERS[home.digits]


def _without_trunk(values: Int64s) -> tuple[Int64s, Int64s]:
    """Those with a 0 between country code and number, and the numbers without it: 330612345678."""
    digits = digits_in(values)
    at = np.flatnonzero(digits > _FEWEST)
    digits = digits[at]
    own = digits - _code_lengths()[values[at] // _POWERS[digits - 3]]
    code, rest = values[at] // _POWERS[own], values[at] % _POWERS[own]
    zero = (own < digits) & (rest < _POWERS[own - 1])
    return at[zero], (code * _POWERS[own - 1] + rest)[zero]


def digits_in(numbers: Int64s) -> Int64s:
    """How many digits each number has, 0 for 0."""
    return np.searchsorted(_POWERS, numbers, side="right").astype(np.int64)


@cache
def _code_lengths() -> Int64s:
    """How long the country code is that a number begins with, by its first three digits."""
    return np.array([len(str(country_of(f"{head:03d}") or "")) for head in range(1000)], np.int64)


def _home_codes(regions: Iterable[str]) -> list[int]:
    """The country codes of regions, and of their families and neighbours."""
    codes: set[int] = set()
    for region in regions:
        plan = plan_of(region)
        if plan is not None and plan.country_code:
            codes.add(plan.country_code)
        if region in FAMILY or NEIGHBOURS.get(region) in FAMILY:
            codes.update(family_codes())
    return sorted(codes)


@cache
def _homes(code: int) -> tuple[_Home, ...]:
    """The national writings of a country's numbers."""
    plans = plans_of(code)
    lengths = {n for plan in plans if plan.general_desc for n in plan.general_desc.possible_length}
    dialled = {plan.national_prefix or "" for plan in plans}
    prefixes = {0, *(int(one) for one in dialled if one.isdecimal())}
    return tuple(_Home(code, n, prefix) for n in sorted(lengths) if n >= _FEWEST for prefix in sorted(prefixes))
