"""Which numbers a snapshot holds: sealed pages, so that one number is looked for without reading the list."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib

import numpy as np
import numpy.typing as npt

from ptx_bulk.numbers.sets import members

_PAGE = 2048  # numbers, of which a page takes some 3 KB
_BEYOND = 10**15  # no number has more than 15 digits
_Int64s = npt.NDArray[np.int64]
# Every number of the list from the first up to `until` stands on it: the steps from one to the next, and a seal.
Page = tuple[int, int, bytes, bytes]


def holding_pages(identity: str, ordered: _Int64s) -> list[Page]:
    """The pages of a list; the first begins with 0, so that an empty list has one, too.

    Args:
        identity: the snapshot's, which the seals hold.
        ordered: the numbers that the list holds: sorted, each once.
    """
    starts = list(range(0, len(ordered), _PAGE)) or [0]
    firsts = [0, *ordered[starts[1:]].tolist()]
    bounds = zip(firsts, [*firsts[1:], _BEYOND], strict=True)
    packed = [_packed(ordered[start : start + _PAGE]) for start in starts]
    return [
        (first, until, steps, _seal(identity, first, until, steps))
        for (first, until), steps in zip(bounds, packed, strict=True)
    ]


def store_holding(db: sqlite3.Connection, identity: str, pages: list[Page]) -> None:
    """Put a snapshot's pages into the journal, in place of those that it has; its entries must be there."""
    db.execute("DELETE FROM holdings WHERE fingerprint = ?", (identity,))
    db.executemany("INSERT INTO holdings VALUES (?, ?, ?, ?, ?)", ((identity, *page) for page in pages))


def held_by_pages(db: sqlite3.Connection, identity: str, sought: _Int64s) -> npt.NDArray[np.bool_] | None:
    """Whether a snapshot holds each of these numbers; None where its pages cannot tell, as of earlier versions."""
    held = np.zeros(len(sought), dtype=bool)
    left = np.argsort(sought, kind="stable")
    while len(left):
        page = _page_for(db, identity, int(sought[left[0]]))
        if page is None:
            return None
        until, numbers = page
        here = left[: np.searchsorted(sought[left], until)]
        held[here] = members(sought[here], numbers)
        left = left[len(here) :]
    return held


def _page_for(db: sqlite3.Connection, identity: str, number: int) -> tuple[int, _Int64s] | None:
    """The page that the number stands on, if the list holds it: where it ends, and its numbers."""
    row = db.execute(
        "SELECT first, until, steps, seal FROM holdings WHERE fingerprint = ? AND first <= ? "
        "ORDER BY first DESC LIMIT 1",
        (identity, number),
    ).fetchone()
    if row is None or list(map(type, row)) != [int, int, bytes, bytes] or number >= row[1]:
        return None
    if _seal(identity, *row[:3]) != row[3]:
        return None
    return row[1], np.cumsum(np.frombuffer(zlib.decompress(row[2]), "<i8"))


def _packed(numbers: _Int64s) -> bytes:
    return zlib.compress(np.diff(numbers, prepend=0).astype("<i8").tobytes(), 1)


def _seal(identity: str, first: int, until: int, steps: bytes) -> bytes:
    """What tells a page that was altered, or whose neighbour is missing, or that is another list's."""
    return hashlib.sha256(b"%s %d %d " % (identity.encode(), first, until) + steps).digest()
