"""Which lines name a number: pages of sorted numbers, so that one number is found among millions in one look a run."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ptx_bulk.journal.rows.frames import DamagedBlobError, columns_of, unsealed
from ptx_bulk.numbers import parse_e164

_PAGE = 2048  # numbers; a look reads one page, some 24 KB
_Int64s = npt.NDArray[np.int64]
# Every number from the first up to `until` stands on it: numbers (int64), places of their lines (int32), a seal.
Page = tuple[int, int, bytes, bytes, bytes]
_BEYOND = 10**15  # no number has more than 15 digits
# What a line means, and what it may mean where it is no certain number.
_NAMING = ("number", "suggestion")


def mention_pages(lines: pd.DataFrame) -> list[Page]:
    """The pages of a run's lines; the first begins with 0, so that a run without any number has one, too.

    Args:
        lines: lines of `plan`; those of a caller of the library with other columns have no pages.
    """
    if "number" not in lines:
        return []
    numbers, places = _named({name: lines[name] for name in _NAMING if name in lines})
    order = np.argsort(numbers, kind="stable")
    numbers, places = numbers[order].astype("<i8"), places[order].astype("<i4")
    # A number stands on one page only, however often it comes.
    starts = np.unique(np.searchsorted(numbers, numbers[::_PAGE])).tolist() or [0]
    ends = [*starts[1:], len(numbers)]
    firsts = [0, *(int(numbers[start]) for start in starts[1:])]
    untils = [*firsts[1:], _BEYOND]
    return [
        _sealed(first, until, numbers[start:end].tobytes(), places[start:end].tobytes())
        for first, until, start, end in zip(firsts, untils, starts, ends, strict=True)
    ]


def store_pages(db: sqlite3.Connection, run_id: str, pages: list[Page]) -> None:
    """Put a run's pages into the journal, in place of those that it has."""
    db.execute("DELETE FROM mentions WHERE run_id = ?", (run_id,))
    db.executemany("INSERT INTO mentions VALUES (?, ?, ?, ?, ?, ?)", ((run_id, *page) for page in pages))


def _sealed(first: int, until: int, numbers: bytes, places: bytes) -> Page:
    """A page, so that one that was altered, or whose neighbour is missing, is known and not believed."""
    seal = hashlib.sha256(b"%d %d %d " % (first, until, len(numbers)) + numbers + places).digest()
    return first, until, numbers, places, seal


def places_of(db: sqlite3.Connection, run_id: str, sought: _Int64s) -> pd.DataFrame:
    """Where a run's lines name these numbers: columns `sought` and `place` (of the line), both int64, sorted.

    A run from before there were pages, or whose pages are damaged, is looked through.

    Raises:
        DamagedBlobError: its lines cannot be read.
        sqlite3.Error: nor can the journal.
    """
    found = [_on_page(db, run_id, number) for number in sought.tolist()]
    if any(part is None for part in found):
        numbers, places = _looked_through(db, run_id)
        found = [places[numbers == number] for number in sought.tolist()]
    counts = [len(part) for part in found if part is not None]
    place = np.concatenate([part for part in found if part is not None]) if counts else np.zeros(0)
    return pd.DataFrame({"sought": np.repeat(sought, counts), "place": place.astype("int64")})


def lines_at(db: sqlite3.Connection, run_id: str, places: _Int64s) -> pd.DataFrame:
    """The lines at these places, in that order.

    Raises:
        DamagedBlobError: they cannot be read.
    """
    table = _columns(db, run_id)
    if len(places) and int(places.max()) >= table.num_rows:
        raise DamagedBlobError
    return table.take(places).to_pandas()


def _on_page(db: sqlite3.Connection, run_id: str, number: int) -> _Int64s | None:
    row = db.execute(
        "SELECT first, until, numbers, places, seal FROM mentions WHERE run_id = ? AND first <= ? "
        "ORDER BY first DESC LIMIT 1",
        (run_id, number),
    ).fetchone()
    if row is None or list(map(type, row)) != [int, int, bytes, bytes, bytes] or number >= row[1]:
        return None
    if _sealed(*row[:4]) != row:
        return None
    numbers, places = np.frombuffer(row[2], "<i8"), np.frombuffer(row[3], "<i4")
    return np.sort(places[numbers == number]).astype("int64")


def _looked_through(db: sqlite3.Connection, run_id: str) -> tuple[_Int64s, _Int64s]:
    table = _columns(db, run_id, _NAMING)
    if "number" not in table.column_names:
        raise DamagedBlobError
    return _named({name: table[name].to_pandas() for name in table.column_names})


def _named(columns: dict[str, pd.Series]) -> tuple[_Int64s, _Int64s]:
    """The numbers that lines name, with the places of the lines."""
    numbers, places = [np.zeros(0, "int64")], [np.zeros(0, "int64")]
    if "number" in columns:
        number = columns["number"].to_numpy()
        places.append(np.flatnonzero(number > 0))
        numbers.append(number[places[-1]])
    if "suggestion" in columns:
        told = np.flatnonzero((columns["suggestion"] != "").to_numpy())
        each = columns["suggestion"].iloc[told].astype("str").str.split(";").set_axis(told).explode()
        read = parse_e164(each.astype("str"))
        numbers.append(read[read > 0])
        places.append(each.index.to_numpy()[read > 0].astype("int64"))
    return np.concatenate(numbers), np.concatenate(places)


def _columns(db: sqlite3.Connection, run_id: str, names: Collection[str] | None = None) -> pa.Table:
    """The run's lines as a table, or these columns of them."""
    row = db.execute("SELECT arrow FROM lines WHERE run_id = ?", (run_id,)).fetchone()
    if row is None:
        raise DamagedBlobError
    try:
        return columns_of(unsealed(row[0]), names)
    except Exception as error:  # Arrow raises many kinds for what it cannot read
        raise DamagedBlobError(str(error)) from error
