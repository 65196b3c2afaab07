"""A soak as a picture: rate, calls that came to nothing, memory and open files over time, on the weather."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

import pandas as pd

_WIDTH, _LEFT, _RIGHT, _TOP, _HEIGHT, _GAP = 1200, 70, 60, 140, 150, 42
_GROUPED_S = 5  # seconds in a point
_NAME_WIDTH = 50
_FAIR, _FOUL = "#f4f8f1", "#f3d9d4"
_CALM = ("fair", "fair, whole seconds")


@dataclass(frozen=True)
class Line:
    """A column of the timeline: how it is called and drawn."""

    column: str
    label: str
    colour: str
    dashed: bool = False


@dataclass(frozen=True)
class Panel:
    """Lines over one axis."""

    title: str
    lines: tuple[Line, ...]


PANELS = (
    Panel(
        "calls a second",
        (Line("allowed", "allowed", "#777777", dashed=True), Line("answered", "answered", "#1f6f43")),
    ),
    Panel(
        "calls a second that came to nothing",
        (
            Line("refused", "refused (429)", "#c8501e"),
            Line("failed", "503", "#8a2be2"),
            Line("lost", "no answer", "#1c5d99"),
        ),
    ),
    Panel("memory of the process, MB", (Line("memory", "resident", "#1c5d99"),)),
    Panel("open files and sockets", (Line("handles", "handles", "#6b4e16"),)),
)


def drawn(rows: pd.DataFrame) -> str:
    """The picture (SVG) of a timeline as `figures.timeline` makes it."""
    height = _TOP + len(PANELS) * (_HEIGHT + _GAP)
    body = [*_weather(rows), *_starts(rows)]
    for at, panel in enumerate(PANELS):
        body += _panel(rows, panel, _TOP + at * (_HEIGHT + _GAP))
    body += _minutes(rows, height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" '
        f'font-size="13">\n<rect width="{_WIDTH}" height="{height}" fill="white"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _x(rows: pd.DataFrame, second: float) -> float:
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * second / max(1, rows["second"].max()), 1)


def _bottom() -> int:
    return _TOP + len(PANELS) * (_HEIGHT + _GAP) - _GAP


def _weather(rows: pd.DataFrame) -> Iterator[str]:
    """A band for each kind of weather; what is not fair has its name above."""
    changes = (rows["weather"] != rows["weather"].shift()).cumsum()
    for _n, phase in rows.groupby(changes):
        name = str(phase["weather"].iloc[0])
        left, right = _x(rows, phase["second"].iloc[0]), _x(rows, phase["second"].iloc[-1] + 1)
        colour = _FAIR if name in _CALM else _FOUL
        yield f'<rect x="{left}" y="{_TOP}" width="{right - left:.1f}" height="{_bottom() - _TOP}" fill="{colour}"/>'
        middle = (left + right) / 2
        yield (
            f'<text x="{middle:.1f}" y="{_TOP - 26}" transform="rotate(-30 {middle:.1f} {_TOP - 26})" '
            f'font-size="11" fill="#555">{escape(name)}</text>'
        )


def _starts(rows: pd.DataFrame) -> Iterator[str]:
    """A line where each command begins."""
    begun = rows[rows["process"].notna()].groupby("process")["second"].min()
    free = 0.0  # to the left of it stands the name of the command before
    for number, second in begun.items():
        x = _x(rows, second)
        yield f'<line x1="{x}" x2="{x}" y1="{_TOP}" y2="{_bottom()}" stroke="#999" stroke-dasharray="2 3"/>'
        name = "import" if number == 1 else "resume"
        if x >= free:
            yield f'<text x="{x + 3}" y="{_bottom() + 14}" font-size="11" fill="#555">{name}</text>'
            free = x + _NAME_WIDTH


def _panel(rows: pd.DataFrame, panel: Panel, top: int) -> Iterator[str]:
    most = max(1.0, *(float(rows[line.column].max()) for line in panel.lines)) * 1.08
    yield f'<text x="{_LEFT}" y="{top - 6}" font-weight="bold">{escape(panel.title)}</text>'
    for share in (0.0, 0.5, 1.0):
        y = top + _HEIGHT * (1 - share / 1.08)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ccc"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{most / 1.08 * share:,.0f}</text>'
    for at, line in enumerate(panel.lines):
        yield from _line(rows, line, top, most)
        yield (
            f'<text x="{_WIDTH - _RIGHT - 8 - 120 * at}" y="{top - 6}" text-anchor="end" fill="{line.colour}">'
            f"{escape(line.label)}</text>"
        )


def _line(rows: pd.DataFrame, line: Line, top: int, most: float) -> Iterator[str]:
    """The line in pieces: where nothing is known, it is broken."""
    points = rows.groupby(rows["second"] // _GROUPED_S)[["second", line.column]].mean()
    piece: list[str] = []
    for second, value in [*points.itertuples(index=False), (0.0, float("nan"))]:
        if pd.notna(value):
            piece.append(f"{_x(rows, second)},{top + _HEIGHT * (1 - value / most):.1f}")
        elif piece:
            dash = ' stroke-dasharray="6 4"' if line.dashed else ""
            yield f'<polyline fill="none" stroke="{line.colour}" stroke-width="1.4"{dash} points="{" ".join(piece)}"/>'
            piece = []


def _minutes(rows: pd.DataFrame, height: int) -> Iterator[str]:
    last = int(rows["second"].max())
    step = max(1, round(last / 60 / 10)) * 60
    for second in range(0, last + 1, step):
        yield f'<text x="{_x(rows, second)}" y="{height - 6}" text-anchor="middle">{second // 60} min</text>'
