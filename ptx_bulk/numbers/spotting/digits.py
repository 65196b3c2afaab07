"""The digits of many texts at once, what joins them, and the stretches of them that may be a number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ptx_bulk.numbers.e164 import bytes_of
from ptx_bulk.numbers.spotting.keys import LONGEST, Int64s

Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]

_WIDEST = 5  # characters between two digits of one number: ` - (`
_PLUS, _BLANK, _BRACKET = b"+ ("
_GLUED_FROM = 20  # digits in one piece that may be two numbers
_STEPS = (10, 11, 12, 13)  # digits of a number in such a piece


LETTERS: Bools = np.array([byte >= 128 or chr(byte).isalpha() for byte in range(256)])
_ENDING = LETTERS.copy()  # no number goes on behind these
_ENDING[_PLUS] = True


def count_digits(texts: pa.Array[Any]) -> Int64s:
    """How many ASCII digits each text has."""
    codes, edges = bytes_of(texts)
    counted = np.zeros(len(codes) + 1, np.int32)
    np.cumsum((codes - np.uint8(48)) < 10, out=counted[1:])
    return np.diff(counted[edges]).astype(np.int64)


@dataclass(frozen=True)
class Digits:
    """The digits of folded texts.

    Attributes:
        codes: the bytes of the texts.
        edges: where each text begins, and the last one ends.
        at: the place of each digit in `codes`.
        text: the text that each stands in.
    """

    codes: Codes
    edges: Int64s
    at: Int64s
    text: Int64s

    @classmethod
    def of(cls, texts: pa.Array[Any]) -> Digits:
        """The digits of these texts."""
        codes, edges = bytes_of(texts)
        at = np.flatnonzero((codes - np.uint8(48)) < 10)
        return cls(codes, edges, at, np.repeat(np.arange(len(texts)), np.diff(np.searchsorted(at, edges))))

    @cached_property
    def value(self) -> Int64s:
        """What each digit stands for."""
        return self.codes[self.at].astype(np.int64) - 48

    @cached_property
    def _joined(self) -> tuple[Bools, Bools]:
        """For each digit but the last whether the next one touches it, and whether it may be of the same number."""
        ends = np.cumsum(_ENDING[self.codes], dtype=np.int32)[self.at]
        apart = np.diff(self.at)
        same = (np.diff(self.text) == 0) & (np.diff(ends) == 0) & (apart <= _WIDEST + 1)
        return same & (apart == 1), same

    def _bounds(self, joined: Bools) -> tuple[Int64s, Int64s]:
        """For each digit the first and the last one of its piece."""
        cuts = np.flatnonzero(~joined)
        starts, stops = np.concatenate([[0], cuts + 1]), np.concatenate([cuts, [len(self.at) - 1]])
        sizes = stops - starts + 1
        return np.repeat(starts, sizes), np.repeat(stops, sizes)

    @cached_property
    def run(self) -> tuple[Int64s, Int64s]:
        """For each digit the first and the last one of all that may be of one number, or of several side by side."""
        return self._bounds(self._joined[1])

    @cached_property
    def piece(self) -> tuple[Int64s, Int64s]:
        """For each digit the first and the last one of those that touch each other."""
        return self._bounds(self._joined[0])

    def windows(self, shortest: int) -> Iterator[tuple[Int64s, Int64s, Int64s]]:
        """Stretches that may be a number: their first and last digits, and what they read as one integer."""
        if len(self.at) < shortest:
            return
        (begin, end), last = self.piece, self.run[1]
        here = np.arange(len(self.at))
        first, ends = np.flatnonzero(here == begin), here == end
        for length in range(shortest, LONGEST + 1):
            first = first[last[first] - first + 1 >= length]
            chosen = first[ends[first + length - 1]]
            if len(chosen):
                yield chosen, chosen + length - 1, self._read(chosen, length)
        yield from self._glued(here, begin, end)

    def _glued(self, here: Int64s, begin: Int64s, end: Int64s) -> Iterator[tuple[Int64s, Int64s, Int64s]]:
        """The same of numbers without anything between them: each from the last one's end, or to the next one's."""
        long = np.flatnonzero(end - begin + 1 >= _GLUED_FROM)
        before, behind = (here - begin)[long], (end - here)[long]
        for step in _STEPS if len(long) else ():
            fits = (before % step == 0) | ((behind + 1) % step == 0)
            chosen = long[fits & (behind + 1 >= step)]
            yield chosen, chosen + step - 1, self._read(chosen, step)

    def _read(self, first: Int64s, length: int) -> Int64s:
        read = np.zeros(len(first), np.int64)
        for place in range(length):
            read = read * 10 + self.value[first + place]
        return read

    def before(self, digits: Int64s, back: int = 1) -> Codes:
        """The byte so far before each of these digits, 0 where its text begins."""
        where = self.at[digits] - back
        return np.where(where >= self.edges[self.text[digits]], self.codes[np.maximum(where, 0)], 0)

    def plus_before(self, digits: Int64s) -> Bools:
        """Whether a plus stands before each of these digits, a blank or a bracket between."""
        near, far = self.before(digits), self.before(digits, 2)
        return np.asarray((near == _PLUS) | (((near == _BLANK) | (near == _BRACKET)) & (far == _PLUS)))

    def between(self, first: int, last: int) -> str:
        """The text from one digit to another."""
        return self.codes[self.at[first] : self.at[last] + 1].tobytes().decode("latin-1")

    def text_of(self, digit: int) -> tuple[str, int]:
        """The whole text that a digit stands in, and its place there."""
        begin, end = self.edges[self.text[digit] : self.text[digit] + 2].tolist()
        return self.codes[begin:end].tobytes().decode("latin-1"), int(self.at[digit]) - begin
