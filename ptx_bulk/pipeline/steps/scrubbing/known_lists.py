"""The lists that a file is scrubbed against: numbers, and since when each is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.model import Accept, Code, ListKind
from ptx_bulk.numbers import normalise, parse_e164
from ptx_bulk.numbers.sets import distinct, members
from ptx_bulk.pipeline.steps.listed_since import first_entries, seconds_added
from ptx_bulk.snapshot import Snapshot

Int64s: TypeAlias = npt.NDArray[np.int64]
Days: TypeAlias = npt.NDArray[np.int64]

UNKNOWN_DAY = np.iinfo(np.int64).max
_DAY = 86_400  # seconds
_STEP = 200_000
_TAIL = 10_000  # numbers that differ in their last four digits only are of one kind


@dataclass(frozen=True)
class KnownList:
    """One list.

    Attributes:
        kind: which.
        numbers: on it, sorted, each once.
        malformed: entries that are no numbers, which nobody can be compared with.
        days: parallel to `numbers`, the day of their coming since 1970, `UNKNOWN_DAY` where it is not known.
    """

    kind: ListKind
    numbers: Int64s
    malformed: int
    days: Days = field(repr=False, compare=False)


class KnownLists:
    """The lists of a scrub, as one question: which of these numbers is on which."""

    def __init__(self, lists: Iterable[KnownList]) -> None:
        self.lists = tuple(sorted(lists, key=lambda one: one.kind))

    @property
    def kinds(self) -> tuple[ListKind, ...]:
        """Which lists they are."""
        return tuple(one.kind for one in self.lists)

    @property
    def size(self) -> int:
        """How many numbers they hold together."""
        return sum(len(one.numbers) for one in self.lists)

    @cached_property
    def numbers(self) -> Int64s:
        """What any of the lists holds, sorted, each once."""
        if len(self.lists) == 1:
            return self.lists[0].numbers
        return distinct(np.concatenate([one.numbers for one in self.lists] or [np.zeros(0, np.int64)]))

    @property
    def malformed(self) -> int:
        """How many entries are no numbers."""
        return sum(one.malformed for one in self.lists)

    def found(self, numbers: Int64s) -> npt.NDArray[np.uint8]:
        """For each number a bit for each list that holds it: the first list's is 1, the second's 2."""
        bits = np.zeros(len(numbers), np.uint8)
        for place, one in enumerate(self.lists):
            bits |= members(numbers, one.numbers).astype(np.uint8) << place
        return bits

    def meant(self, numbers: Int64s) -> Int64s:
        """For each number an entry that may mean it although it is another, 0 for none.

        Such an entry has a country code of the French family under which its digits are nobody's: `+33639...` for a
        mobile of Mayotte.
        """
        meant, entries = self._misplaced
        if not len(meant):
            return np.zeros(len(numbers), np.int64)
        at = np.minimum(np.searchsorted(meant, numbers), len(meant) - 1)
        return np.where(meant[at] == numbers, entries[at], 0)

    @cached_property
    def _misplaced(self) -> tuple[Int64s, Int64s]:
        """Numbers that entries mean, sorted, and these entries."""
        heads, first = np.unique(self.numbers // _TAIL, return_index=True)
        _meant, odd = _read_otherwise(self.numbers[first])
        among = self.numbers[members(self.numbers // _TAIL, heads[odd])]
        meant, here = _read_otherwise(among)
        order = np.argsort(meant, kind="stable")
        return meant[order], among[here][order]

    def names(self, bits: int) -> str:
        """The lists of these bits in a word: `stop`, `npai`, `stop+npai`."""
        return "+".join(one.kind.value for place, one in enumerate(self.lists) if bits >> place & 1)

    def since(self, numbers: Int64s) -> Days:
        """The first day on which a list held each number, `UNKNOWN_DAY` where no list knows it."""
        first = np.full(len(numbers), UNKNOWN_DAY)
        for one in self.lists:
            on_it = np.flatnonzero(members(numbers, one.numbers))
            first[on_it] = np.minimum(first[on_it], one.days[np.searchsorted(one.numbers, numbers[on_it])])
        return first


def _read_otherwise(entries: Int64s) -> tuple[Int64s, Int64s]:
    """The numbers that entries mean which are none themselves, and the positions of these entries."""
    texts = pd.Series([f"+{entry}" for entry in entries.tolist()], dtype="str")
    read = normalise(texts, None, accept=Accept.ANY)
    meant = parse_e164(read["suggestion"].reset_index(drop=True))
    here = np.flatnonzero((read["code"] == Code.REGION_AMBIGUOUS.value).to_numpy() & (meant > 0))
    return meant[here], read["cell"].to_numpy()[here]


def known_from(snapshot: Snapshot) -> KnownList:
    """A list as it was read from the account."""
    malformed = int((snapshot.entries["number"] == 0).sum())
    # The days are told now: the entries take several times their memory, and need not be kept for them.
    return KnownList(snapshot.kind, snapshot.numbers, malformed, _days(snapshot))


def _days(snapshot: Snapshot) -> Days:
    """By the API's own history where it gives one, else by the time that the entry's id begins with."""
    entries, number = snapshot.entries, snapshot.entries["number"].to_numpy()
    at = np.flatnonzero(number > 0)
    first, told = first_entries(entries, at, number[at])
    stopped, ids = entries["stopped_at"].to_numpy()[told], entries["remote_id"]
    days = np.full(len(first), UNKNOWN_DAY)
    for start in range(0, len(first), _STEP):
        part = slice(start, start + _STEP)
        seconds = seconds_added(ids.iloc[first[part]])
        added = np.where(seconds < 0, UNKNOWN_DAY, seconds // _DAY)
        days[part] = np.where(stopped[part] > 0, stopped[part] // (1000 * _DAY), added)
    return days


def days_of(moments: pd.Series[str]) -> Days:
    """The days of ISO texts since 1970, `UNKNOWN_DAY` where a text is none."""
    found = pd.to_datetime(moments.str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
    days = found.to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.where(found.isna().to_numpy(), UNKNOWN_DAY, days)


def day_texts(days: Days) -> list[str]:
    """The days in ISO, '' for `UNKNOWN_DAY`."""
    return ["" if day == UNKNOWN_DAY else str(np.datetime64(day, "D")) for day in days.tolist()]
