"""The search: which texts hold one of the numbers, and whether that is sure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk.numbers.spotting.digits import Bools, Digits, count_digits
from ptx_bulk.numbers.spotting.folding import (
    DIGIT_OF_ANY_SCRIPT,
    ESCAPED,
    LOOKALIKE,
    MOST_IN_ONE,
    TYPOGRAPHY,
    folded,
    looked_alike,
)
from ptx_bulk.numbers.spotting.keys import LONGEST, Int64s, Keys
from ptx_bulk.numbers.spotting.looks import Found, judged

_BLOCK = 100_000
_POWER = r"[0-9][eE]\+?[0-9]"
_POWERS = re.compile(r"(?<![0-9.,])([0-9]+)(?:[.,]([0-9]*))?[eE]\+?([0-9]{1,2})(?![0-9])")
_DIGITS_OF_POWER = 7  # with fewer a power is some number, but none in particular: 3,36E+10
_LETTERS_FOR_DIGITS = 4  # that are looked for in a writing

compute: Any = pc


@dataclass(frozen=True)
class Spots:
    """Numbers that were found in texts.

    Attributes:
        places: positions of the texts.
        numbers: parallel to it, the number that stands there.
        sure: parallel to it, whether a person would surely read that number; otherwise it may be something else.
    """

    places: Int64s
    numbers: Int64s
    sure: Bools

    @classmethod
    def joined(cls, pieces: Iterable[Spots]) -> Spots:
        """All of these."""
        some = [*pieces, cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, bool))]
        return cls(
            np.concatenate([one.places for one in some]),
            np.concatenate([one.numbers for one in some]),
            np.concatenate([one.sure for one in some]),
        )

    def at(self, places: Int64s) -> Spots:
        """The same, where these are the positions of the texts."""
        return Spots(places[self.places], self.numbers, self.sure)

    def doubted(self) -> Spots:
        """The same, none of them sure."""
        return Spots(self.places, self.numbers, np.zeros(len(self.sure), bool))


class Spotter:
    """Looks for numbers in texts.

    Args:
        numbers: in E.164.
        regions: where the texts may be written, whose people leave the country code out; None: nobody knows.
    """

    def __init__(self, numbers: Int64s, regions: Iterable[str] | None) -> None:
        self._keys = Keys(numbers, regions)

    def spot(self, texts: pa.Array[Any], region: str | pd.Series[Any] | None = None) -> Spots:
        """The numbers that stand in these texts.

        Args:
            texts: without nulls.
            region: of all texts, or of each.
        """
        return Spots.joined(
            self._in_block(texts.slice(start, _BLOCK), _part(region, slice(start, start + _BLOCK))).at(
                np.arange(start, min(start + _BLOCK, len(texts)))
            )
            for start in range(0, len(texts), _BLOCK)
        )

    def _in_block(self, texts: pa.Array[Any], region: str | pd.Series[Any] | None) -> Spots:
        shortest = self._keys.shortest
        count = count_digits(texts)
        foreign = ~_mask(compute.string_is_ascii(texts))
        wanted = count >= shortest
        maybe = np.flatnonzero(foreign & ~wanted)
        if len(maybe):
            signs = compute.count_substring_regex(texts.take(_index(maybe)), DIGIT_OF_ANY_SCRIPT)
            wanted[maybe] = np.asarray(signs) >= shortest // MOST_IN_ONE
        at = np.flatnonzero(wanted)
        plain = texts.take(_index(at))
        folding = _matching(plain, ESCAPED)
        other = np.flatnonzero(foreign[at])
        folding[other] = _matching(plain.take(_index(other)), TYPOGRAPHY)
        plain = _replaced(plain, folding)
        found = [self._found(plain, _part(region, at)).at(at)]
        few = np.flatnonzero(wanted | (count >= min(shortest - _LETTERS_FOR_DIGITS, _DIGITS_OF_POWER)))
        found += [one.at(few) for one in self._disguised(texts.take(_index(few)), _part(region, few))]
        return Spots.joined(found)

    def _disguised(self, texts: pa.Array[Any], region: str | pd.Series[Any] | None) -> list[Spots]:
        """Powers of ten, and letters that look like digits."""
        powers = np.flatnonzero(_matching(texts, _POWER))
        alike = np.flatnonzero(_matching(texts, LOOKALIKE))
        shown = pa.array([looked_alike(folded(text)) for text in _list(texts, alike)], pa.large_string())
        return [
            self._powers([folded(text) for text in _list(texts, powers)]).at(powers),
            self._found(shown, _part(region, alike)).at(alike).doubted(),
        ]

    def _found(self, texts: pa.Array[Any], region: str | pd.Series[Any] | None) -> Spots:
        """What stands in folded texts."""
        digits = Digits.of(texts)
        pieces = [np.zeros((4, 0), np.int64)]
        for first, last, value in digits.windows(self._keys.shortest):
            at, numbers = self._keys.written(value)
            pieces.append(np.stack([first[at], last[at], value[at], numbers]))
        every = Found(*np.concatenate(pieces, axis=1))
        if not len(every.first):
            return Spots.joined(())
        found, sure = judged(digits, every, region)
        return Spots(digits.text[found.first], found.numbers, sure)

    def _powers(self, texts: list[str]) -> Spots:
        """Numbers as spreadsheets show what is too wide: 6,12345678E+08."""
        read = [(at, value) for at, text in enumerate(texts) for value in _values(text)]
        values = np.array([value for _at, value in read], np.int64)
        places = np.array([at for at, _value in read], np.int64)
        at, numbers = self._keys.written(values)
        return Spots(places[at], numbers, np.zeros(len(at), bool))


def _values(text: str) -> list[int]:
    """Whole numbers that the text writes as powers of ten."""
    values = []
    for whole, fraction, power in _POWERS.findall(text):
        digits, length = f"{whole}{fraction}", len(whole) + int(power)
        if len(digits.strip("0")) >= _DIGITS_OF_POWER and length <= LONGEST and not digits[length:].strip("0"):
            values.append(int(digits[:length].ljust(length, "0")))
    return values


def _part(region: str | pd.Series[Any] | None, places: Any) -> str | pd.Series[Any] | None:  # noqa: ANN401
    return region.iloc[places].reset_index(drop=True) if isinstance(region, pd.Series) else region


def _index(places: Any) -> Any:  # noqa: ANN401 - Arrow's stubs leave open what `take` takes
    return pa.array(places)


def _mask(found: Any) -> Bools:  # noqa: ANN401 - an Arrow array of bool
    return np.asarray(found.to_numpy(zero_copy_only=False)).astype(bool)


def _matching(texts: pa.Array[Any], pattern: str) -> Bools:
    return _mask(compute.match_substring_regex(texts, pattern))


def _list(texts: pa.Array[Any], places: Int64s) -> list[str]:
    found: list[Any] = texts.take(_index(places)).to_pylist()
    return found


def _replaced(texts: pa.Array[Any], chosen: Bools) -> pa.Array[Any]:
    """The texts, the chosen ones folded."""
    if not chosen.any():
        return texts
    new = pa.array([folded(text) for text in _list(texts, np.flatnonzero(chosen))], texts.type)
    replaced: pa.Array[Any] = compute.replace_with_mask(texts, _index(chosen), new)
    return replaced
