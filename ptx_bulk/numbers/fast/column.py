"""The many cells that are plainly written numbers, all at once; the careful way stays the truth.

Bytes to digits without a loop (`punctuation`), digits to verdicts by their leading digits (`tree`), each leaf
the careful way's verdict for one number together with the proof that it holds for all of them (`proof`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ptx_bulk.arguments import word
from ptx_bulk.model import Accept, Code
from ptx_bulk.numbers.fast.proof import Proof, Unsettled
from ptx_bulk.numbers.fast.punctuation import punctuated
from ptx_bulk.numbers.fast.tree import Tree
from ptx_bulk.numbers.placing import MOST_SUGGESTIONS, Placing
from ptx_bulk.numbers.regions.home import Home
from ptx_bulk.numbers.regions.metadata import MAX_DIGITS, Library
from ptx_bulk.numbers.rules import Digits
from ptx_bulk.numbers.verdict import Verdict, packed, packed_warning, rejected, unpacked

Ints = npt.NDArray[np.int64]
_EMPTY = packed(rejected(Code.EMPTY).codes, accepted=False)
_FLOAT_REPAIRED = packed_warning(Code.FLOAT_REPAIRED)


@dataclass(frozen=True, slots=True)
class Root:
    """Numbers of one kind: those of one length, with or without +, at one home."""

    home: Home
    plus: bool
    count: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """A verdict for all numbers with the same leading digits.

    Attributes:
        number: the accepted number without its free digits, -1 when rejected.
        codes: packed codes.
        suggestion: the suggested number without its free digits, -1 for none.
        other: a second suggestion, likewise.
        scale: 10 to the power of how many digits are free.
    """

    number: int
    codes: int
    suggestion: int
    other: int
    scale: int


@dataclass(slots=True)
class Solved:
    """Verdicts of cells that hold one number at most, one entry a cell.

    Attributes:
        done: whether there is a verdict.
        number: E.164 digits, 0 when rejected.
        codes: packed codes.
        suggestion: E.164 digits, 0 for none.
        other: a second suggestion, 0 for none.
    """

    done: npt.NDArray[np.bool_]
    number: Ints
    codes: Ints
    suggestion: Ints
    other: Ints

    @classmethod
    def none(cls, count: int) -> Solved:
        """No verdict for any of so many cells: all are left to the careful way."""
        number, codes, suggestion, other = (np.zeros(count, dtype=np.int64) for _ in range(4))
        return cls(np.zeros(count, dtype=np.bool_), number, codes, suggestion, other)


def solved(texts: pa.LargeStringArray, home: npt.NDArray[np.int32], homes: list[Home], accept: Accept) -> Solved:
    """The verdicts that are certain without looking at a cell by itself.

    Args:
        texts: the cells.
        home: for every cell the place of its home in `homes`.
        homes: the distinct homes.
        accept: which valid numbers count.
    """
    column = punctuated(texts)
    number, suggestion, other = (np.zeros(len(texts), dtype=np.int64) for _ in range(3))
    codes = np.where(column.blank, _EMPTY, 0).astype(np.int64)
    done = column.blank.copy()
    rows = np.flatnonzero(column.plain)
    if len(rows):
        key = (home[rows] * 2 + column.plus[rows]) * (MAX_DIGITS + 1) + column.count[rows]
        keys, root = np.unique(key, return_inverse=True)
        roots = [_root(one, homes) for one in keys.tolist()]
        tree = _tree(accept)
        leaf = tree.find(roots, root, column.digits, column.first[rows], column.count[rows])
        rows, leaf = rows[leaf >= 0], leaf[leaf >= 0]
        met, place = np.unique(leaf, return_inverse=True)
        leaves = [tree.leaves[one] for one in met.tolist()]
        table = np.array(
            [(one.number, one.codes, one.suggestion, one.other, one.scale) for one in leaves], dtype=np.int64
        )
        heads, packed_codes, guesses, others, scale = table.reshape(-1, 5)[place].T
        free = column.value[rows] % scale
        number[rows] = np.where(heads >= 0, heads * scale + free, 0)
        suggestion[rows] = np.where(guesses >= 0, guesses * scale + free, 0)
        other[rows] = np.where(others >= 0, others * scale + free, 0)
        repaired = column.whole_float[rows] & (heads >= 0)
        codes[rows] = packed_codes | np.where(repaired, _FLOAT_REPAIRED, 0)
        done[rows] = True
    return Solved(done, number, codes, suggestion, other)


@dataclass(frozen=True, slots=True)
class Shortcut:
    """The rules, by a leaf where one is certain.

    Attributes:
        accept: which valid numbers count.
    """

    accept: Accept

    def read(self, digits: Digits, home: Home) -> Verdict:
        """The verdict for these digits at this home."""
        count = len(digits.text)
        leaf = _tree(self.accept).leaf(Root(home, digits.plus, count), digits.text) if count <= MAX_DIGITS else None
        if leaf is None:
            return Placing(self.accept, Library()).read(digits, home)
        free = int(digits.text) % leaf.scale
        suggestions = tuple(one * leaf.scale + free for one in (leaf.suggestion, leaf.other) if one >= 0)
        number = 0 if leaf.number < 0 else leaf.number * leaf.scale + free
        return Verdict(number, frozenset(unpacked(leaf.codes)), suggestions)


def _root(key: int, homes: list[Home]) -> Root:
    rest, count = divmod(key, MAX_DIGITS + 1)
    return Root(homes[rest // 2], bool(rest % 2), count)


@cache
def _tree(accept: Accept) -> Tree[Root, Leaf]:
    """The tree of this process: what one column taught serves the next."""

    def decide(root: Root, digits: str, free: int) -> Leaf | None:
        try:
            verdict = Placing(accept, Proof(free)).read(Digits(digits, root.plus), root.home)
        except Unsettled:
            return None
        scale = 10**free
        suggestion, other = ([one // scale for one in verdict.suggestions] + [-1, -1])[:MOST_SUGGESTIONS]
        codes = packed(verdict.codes, accepted=bool(verdict.number))
        return Leaf(verdict.number // scale if verdict.number else -1, codes, suggestion, other, scale)

    return Tree(decide)


def shortcut_wanted() -> bool:
    """Whether columns may be read at once: not with `PTX_FAST_NUMBERS=0` in the environment.

    The variable is read here alone, and anew at each call, so that a running program can switch.

    Raises:
        ConfigurationError: the variable is neither 0 nor 1; a misspelt switch is not left on in silence.
    """
    said = os.environ.get("PTX_FAST_NUMBERS", "") or "1"
    word("PTX_FAST_NUMBERS", said, ("0", "1"))
    return said == "1"
