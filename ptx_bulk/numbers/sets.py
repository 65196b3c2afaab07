"""Sets of numbers as sorted int64 arrays: what diffing a million numbers against a million needs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_Int64s = npt.NDArray[np.int64]
_STEP = 1_000_000


def distinct(numbers: _Int64s) -> _Int64s:
    """The numbers above 0: sorted, each once."""
    ordered = np.sort(numbers)  # np.unique takes a hash table and a hundred times as long
    kept = ordered > 0
    kept[1:] &= ordered[1:] != ordered[:-1]
    return ordered if kept.all() else ordered[kept]  # of millions no copy is made where none is to go


def repeated(numbers: _Int64s) -> _Int64s:
    """The numbers above 0 that stand there more than once: sorted, each once."""
    ordered = np.sort(numbers)
    return distinct(ordered[1:][ordered[1:] == ordered[:-1]])


def members(values: _Int64s, pool: _Int64s) -> npt.NDArray[np.bool_]:
    """For each value whether the pool, sorted and each once, holds it."""
    held = np.zeros(len(values), dtype=bool)
    for start in range(0, len(values) if len(pool) else 0, _STEP):  # the places take many times the memory of answers
        part = values[start : start + _STEP]
        at = np.searchsorted(pool, part)
        at[at == len(pool)] = 0
        held[start : start + _STEP] = pool[at] == part
    return held
