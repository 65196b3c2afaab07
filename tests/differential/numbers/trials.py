"""Tries writings: both ways of the product against each other, and against the library and the named rules.

python -m tests.differential.numbers.trials FAMILY-OR-ZONE COUNT [--first N]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pandas as pd
import phonenumbers

from ptx_bulk.model import Accept
from ptx_bulk.numbers import normalise
from tests.differential.numbers.families import Family, families, zones
from tests.differential.numbers.rules import Line, expected, expected_of_parts, library_says
from tests.differential.numbers.writings import Writing, writings

BATCH = 500
_CHUNK = 50_000
_SHOWN = 40
_WAYS = {"fast": "1", "careful": "0"}

Lines = list[list[Line]]
Told = list[list[tuple[int, str, str]]]


@dataclass
class Tally:
    """What came of the trials.

    Attributes:
        tried: writings.
        same: those where the product says what the library says.
        excused: how many differ from the library by each rule.
        finds: what no rule excuses, a line each.
        seconds: of the processor, for each of `fast`, `careful` and `library`.
    """

    tried: int = 0
    same: int = 0
    excused: Counter[str] = field(default_factory=Counter)
    finds: list[str] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count another tally in."""
        self.tried, self.same = self.tried + other.tried, self.same + other.same
        self.excused += other.excused
        self.finds += other.finds
        self.seconds += other.seconds

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Count the processor's time for this."""
        start = time.process_time()
        yield
        self.seconds[name] += time.process_time() - start  # type: ignore[assignment]


def try_family(family: Family, count: int, first: int = 0) -> Tally:
    """Try so many writings of a family, in batches that count from `first`."""
    tally = Tally()
    for batch in range(-(-count // BATCH)):
        tally.add(try_batch(family, first + batch, min(BATCH, count - batch * BATCH)))
    return tally


def try_batch(family: Family, seed: int, count: int = BATCH) -> Tally:
    """Try the writings of one batch; every fifth accepts landlines, too."""
    tally = Tally(tried=count)
    batch, accept = writings(family, count, seed), Accept.ANY if seed % 5 == 4 else Accept.MOBILE
    lines = read_both_ways(batch, accept, tally)
    with tally.timed("library"):
        compare(batch, lines, accept, tally)
    return tally


def read_both_ways(batch: list[Writing], accept: Accept, tally: Tally) -> Lines:
    """The lines of each writing, and after them of each part of those that hold several; both ways must agree."""
    texts = [writing.text for writing in batch] + [part for writing in batch for part in writing.parts]
    frames = {}
    for way in _WAYS:
        with tally.timed(way):
            frames[way] = _frame(texts, batch[0].region, accept, way)
    fast, careful = (_told(frame, len(texts)) for frame in frames.values())
    tally.finds += [f"{find} in {batch[0].region!r} ({accept})" for find in unlike(texts, fast, careful)]
    return [[(number, code) for number, code, _suggestion in lines] for lines in careful]


def unlike(texts: list[str], fast: Told, careful: Told) -> list[str]:
    """The texts of which the two ways do not say the very same: numbers, codes and suggestions."""
    both = zip(texts, fast, careful, strict=True)
    return [f"{text!r}: fast {one}, careful {other}" for text, one, other in both if one != other]


def _frame(texts: list[str], region: str, accept: Accept, way: str) -> pd.DataFrame:
    before = os.environ.get("PTX_FAST_NUMBERS", "")
    os.environ["PTX_FAST_NUMBERS"] = _WAYS[way]
    try:
        return normalise(texts, region=region or None, accept=accept)
    finally:
        os.environ["PTX_FAST_NUMBERS"] = before


def _told(frame: pd.DataFrame, count: int) -> Told:
    told: Told = [[] for _ in range(count)]
    for cell, *line in frame.astype({"code": "str"}).itertuples(index=False, name=None):
        told[cell].append(tuple(line))
    return told


def compare(batch: list[Writing], lines: Lines, accept: Accept, tally: Tally) -> None:
    """Count which answers are the library's, which differ by a rule, and which by none."""
    landlines, place = accept is Accept.ANY, len(batch)
    for writing, found in zip(batch, lines, strict=False):
        if writing.parts:
            parts = lines[place : place + len(writing.parts)]
            place += len(parts)
            right, rule = expected_of_parts(writing, parts, landlines=landlines)
        else:
            answer = expected(writing, landlines=landlines)
            right, rule = (answer.number,) * bool(answer.number), answer.rule
        numbers = tuple(number for number, _code in found if number)
        library = library_says(writing, landlines=landlines)
        if numbers != right or not found:
            tally.finds.append(f"{writing}: {found}, not {right} ({rule or 'library'}); library {library} ({accept})")
        elif numbers == (library,) * bool(library):
            tally.same += 1
        elif rule:
            tally.excused[rule] += 1
        else:
            tally.finds.append(f"{writing}: {found}, the library {library}, and no rule ({accept})")


def asked_families(name: str, count: int) -> list[tuple[Family, int]]:
    """The families of a name, and how many of so many writings are for each: for a zone's families they are shared."""
    if name in families():
        return [(families()[name], count)]
    members = zones()[name]
    return [(family, -(-count // len(members))) for family in members]


def main() -> int:
    """The command line; 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential.numbers.trials", description=__doc__)
    parser.add_argument(
        "name", choices=[*families(), *zones()], help="a family, or all of a world zone of country codes"
    )
    parser.add_argument("count", type=int, help="writings in all")
    parser.add_argument("--first", type=int, default=0, help="the number of the first batch")
    asked = parser.parse_args()
    whole = Tally()
    for family, count in asked_families(asked.name, asked.count):
        for done in range(0, count, _CHUNK):
            tally = try_family(family, min(_CHUNK, count - done), asked.first + done // BATCH)
            whole.add(tally)
            print(
                f"{family.name}: {whole.tried} writings, {len(whole.finds)} finds",
                *tally.finds[:_SHOWN],
                sep="\n  ! ",
                flush=True,
            )
    _tell(asked.name, whole)
    return 1 if whole.finds else 0


def _tell(name: str, tally: Tally) -> None:
    spent = ", ".join(f"{way} {seconds:.0f} s" for way, seconds in tally.seconds.items())
    print(
        f"{name}, phonenumbers {phonenumbers.__version__}: {tally.tried} writings, {tally.same} as the library, "
        f"{sum(tally.excused.values())} by a rule, {len(tally.finds)} finds; of the processor {spent}"
    )
    for rule, count in tally.excused.most_common():
        print(f"   {count:8} {rule}")


if __name__ == "__main__":
    sys.exit(main())
