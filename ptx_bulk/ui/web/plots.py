"""A small drawing of how a list grew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ptx_bulk.journal import SnapshotRecord

WIDTH, HEIGHT = 600, 120
_EDGE = 6
_MOST = 300  # points


@dataclass(frozen=True)
class Plot:
    """The points of a line, and what it goes between.

    Attributes:
        points: of an SVG polyline in a box of `WIDTH` by `HEIGHT`.
        first, last: Unix times.
        least, most: sizes.
        now: the latest size.
    """

    points: str
    first: float
    last: float
    least: int
    most: int
    now: int


def growth(shots: Sequence[SnapshotRecord]) -> Plot | None:
    """The sizes of a list over time, of its snapshots with the latest first; None where there are none.

    A list keeps its size until it is read again, so the line goes in steps.
    """
    if not shots:
        return None
    step = -(-len(shots) // _MOST)
    found = sorted({(one.taken_at, one.entries) for one in (*shots[::step], shots[0], shots[-1])})
    (first, _size), (last, now) = found[0], found[-1]
    sizes = [size for _at, size in found]
    least, most = min(sizes), max(sizes)

    def x(at: float) -> float:
        return _EDGE + (WIDTH - 2 * _EDGE) * ((at - first) / (last - first) if last > first else 1.0)

    def y(size: int) -> float:
        return HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * ((size - least) / (most - least) if most > least else 0.5)

    corners = [(x(first), y(sizes[0]))]
    for at, size in found[1:]:
        corners += [(x(at), corners[-1][1]), (x(at), y(size))]
    if len(found) == 1:
        corners = [(_EDGE, y(now)), (WIDTH - _EDGE, y(now))]
    return Plot(" ".join(f"{a:.1f},{b:.1f}" for a, b in corners), first, last, least, most, now)
