"""Contacts and lists of millions, made in seconds: columns of bytes, never a Python object a row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

pc: Any = pyarrow.compute  # whose stubs know few of the mixes of arrays and scalars that its functions take
Ints = npt.NDArray[np.int64]
_STEP = 500_000
# What French mobiles begin with: ten million numbers each. The step has no divisor in common with their count, so that
# places give distinct numbers that look like chance.
_BEGINNINGS = np.array([60, 61, 62, 64, 65, 66, 67, 68, 73, 74, 75, 76, 77, 78, 79], np.int64)
_NUMBERS, _BLOCK, _STRIDE = len(_BEGINNINGS) * 10**7, 10**7, 92_705_101
# How contacts' numbers are written, `#` for each digit behind the first 0, and how many in a hundred are so.
_WRITINGS = {
    "0#########": 30,
    "0# ## ## ## ##": 25,
    "+33#########": 18,
    "0#.##.##.##.##": 9,
    "#########": 8,
    "0033#########": 4,
    "+33 # ## ## ## ##": 3,
}
_WRONG = ("", "N/A", "06 12 34", "pas de portable", "01 42 68 53 00", "06123456789", "02/10/2026")  # the rest
_NAMES = ("Martin", "Petit", "Durand", "Lefèvre", "Nguyen", "Garçon", "Roux", "Le Goff", "Benali", "Muller")
_TOWNS = ("Paris", "Lyon", "Marseille", "Saint-Étienne", "Nîmes", "Le Havre", "Brest", "Béziers", "Metz", "Pau")
_ENTRY = b'{"deleted":false,"id":"########################","identifier":"+33#########"},'
_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)


def nationals(first: int, count: int) -> Ints:
    """Distinct French mobiles without their 0, those at these places of one endless row of numbers."""
    place = (np.arange(first, first + count, dtype=np.int64) * _STRIDE) % _NUMBERS
    numbers: Ints = _BEGINNINGS[place // _BLOCK] * _BLOCK + place % _BLOCK
    return numbers


def write_contacts(path: Path, count: int) -> None:
    """A CRM's export as a French Excel has it: numbers in mixed writings, a few in a hundred of them wrong."""
    chance = np.random.default_rng(1)
    options = pa.csv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
    with path.open("wb") as file:
        file.write("\ufeffNom;Prénom;Téléphone;Ville;Inscrit le\n".encode())
        for first in range(0, count, _STEP):
            size = min(_STEP, count - first)
            phones = _phones(nationals(first, size), chance)
            columns = [_some(_NAMES, size, chance), _some(_NAMES, size, chance), phones, _some(_TOWNS, size, chance)]
            days = pa.array(np.full(size, "02/10/2026"))
            pa.csv.write_csv(pa.table([*columns, days], names=list("abcde")), file, options)


def write_list(path: Path, first: int, count: int, id_from: int = 0) -> None:
    """The entries of a list as the API sends them, but without the bracket that closes them: more may follow."""
    with path.open("wb") as file:
        file.write(b"[")
        for start in range(0, count, _STEP):
            file.write(_entries(nationals(first + start, min(_STEP, count - start)), id_from + start))
        file.truncate(max(file.tell() - 1, 1))  # the last comma


def _phones(numbers: Ints, chance: np.random.Generator) -> pa.Array[Any]:
    shares = [*_WRITINGS.values(), 100 - sum(_WRITINGS.values())]
    how = chance.choice(len(shares), len(numbers), p=np.array(shares) / 100)
    parts = [_written(writing, numbers[how == one]) for one, writing in enumerate(_WRITINGS)]
    parts.append(_some(_WRONG, int((how == len(_WRITINGS)).sum()), chance))
    whole: Any = pa.concat_arrays(parts)
    return whole.take(pa.array(np.argsort(np.argsort(how, kind="stable"), kind="stable")))


def _some(words: tuple[str, ...], count: int, chance: np.random.Generator) -> pa.Array[Any]:
    return pc.take(pa.array(words, pa.large_string()), pa.array(chance.integers(0, len(words), count)))


def _written(writing: str, numbers: Ints) -> pa.Array[Any]:
    """The numbers as texts, a digit for each `#`."""
    rows = _rows(writing.encode(), len(numbers))
    slots = np.flatnonzero(rows[0] == ord("#")) if len(numbers) else np.zeros(0, np.int64)
    _fill(rows, slots, numbers, 10)
    edges = pa.py_buffer(np.arange(len(numbers) + 1, dtype=np.int64) * len(writing))
    return pa.Array.from_buffers(pa.large_string(), len(numbers), [None, edges, pa.py_buffer(rows)])


def _entries(numbers: Ints, id_from: int) -> memoryview:
    rows = _rows(_ENTRY, len(numbers))
    slots = np.flatnonzero(np.frombuffer(_ENTRY, np.uint8) == ord("#"))
    place = np.arange(id_from, id_from + len(numbers), dtype=np.int64)
    _fill(rows, slots[:8], 1_600_000_000 + place // 2, 16)  # an id begins with a time
    _fill(rows, slots[8:24], place, 16)
    _fill(rows, slots[24:], numbers, 10)
    return memoryview(rows).cast("B")


def _rows(template: bytes, count: int) -> npt.NDArray[np.uint8]:
    return np.repeat(np.frombuffer(template, np.uint8)[None, :], count, axis=0)


def _fill(rows: npt.NDArray[np.uint8], slots: npt.NDArray[np.intp], values: Ints, base: int) -> None:
    for slot in reversed(slots.tolist()):
        values, digit = np.divmod(values, base)
        rows[:, slot] = _DIGITS[digit]
