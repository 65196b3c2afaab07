"""Ranges and formulas about rows, as they are when some of the rows left: what Excel does when rows are deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from ptx_bulk.workbooks.splitting.xlsx.moving import Route
from ptx_bulk.workbooks.splitting.xlsx.rows import LAST_ROW

_AREA = re.compile(r"(\$?[A-Z]{1,3})(\$?)([0-9]{1,7})(?::(\$?[A-Z]{1,3})(\$?)([0-9]{1,7}))?")
_WHOLE_ROWS = re.compile(r"\$([0-9]{1,7}):\$([0-9]{1,7})")
_ANCHORED = re.compile(r"[0-9]")


def moved_rows(first: int, last: int, route: Route) -> tuple[int, int] | None:
    """The rows of a part that were these ones; None where none of them is in it."""
    if not 0 < first <= last <= LAST_ROW:
        return None
    start = route.number(first - 1) + 1
    stop = LAST_ROW if last == LAST_ROW else route.number(last)
    return (start, stop) if start <= stop else None


def moved_area(area: str, route: Route) -> str:
    """The range without dollar signs as it is in the part; '' where no row of it is there."""
    found = _AREA.fullmatch(area)
    if found is None:
        return ""
    moved = moved_rows(int(found[3]), int(found[6] or found[3]), route)
    if moved is None:
        return ""
    return f"{found[1]}{moved[0]}" + (f":{found[4]}{moved[1]}" if found[4] else "")


def headed_area(area: str, route: Route) -> str:
    """The range of headings and the rows below them as it is in the part; '' where its first row is no heading."""
    found = _AREA.fullmatch(area)
    if found is None or not found[4] or int(found[3]) > route.parts.header_row:
        return ""
    first, last = int(found[3]), min(int(found[6]), LAST_ROW)
    start = route.number(first)
    return f"{found[1]}{start}:{found[4]}{max(route.number(last), start + 1)}"


def merged_area(area: str, route: Route) -> str:
    """Merged cells as they are in the part; '' where the row with their value is not there, or no neighbour of it."""
    found = _AREA.fullmatch(area)
    moved = moved_area(area, route)
    if found is None or not moved or not route.goes(np.array([int(found[3])]))[0]:
        return ""
    first, _colon, last = moved.partition(":")
    return moved if last and first != last else ""


def first_row(area: str) -> int:
    """The first row of a range, 0 for no range."""
    found = _AREA.fullmatch(area)
    return int(found[3]) if found else 0


def reaches(area: str) -> tuple[int, str]:
    """The last row of a range, and the letters of its last column."""
    found = _AREA.fullmatch(area)
    return (int(found[6] or found[3]), (found[4] or found[1]).lstrip("$")) if found else (0, "A")


def moved_formula(formula: str, shift: int, route: Route | None, others: Mapping[str, Route]) -> str | None:
    """A formula of a rule or a name, as it is in the part; None where it points at what is not there.

    Args:
        formula: without `=`.
        shift: how many rows the cell went down that its relative references are about.
        route: of the sheet that it belongs to; None for the workbook.
        others: the routes of all sheets, by name.
    """
    from openpyxl.formula import Tokenizer  # noqa: PLC0415 - few workbooks need it
    from openpyxl.formula.tokenizer import Token  # noqa: PLC0415

    try:
        tokens = Tokenizer(f"={formula}").items
    except Exception:  # what openpyxl makes nothing of
        return None
    moved = [_operand(one.value, shift, route, others) if one.subtype == Token.RANGE else one.value for one in tokens]
    return None if None in moved else "".join(text for text in moved if text is not None)


def _operand(text: str, shift: int, route: Route | None, others: Mapping[str, Route]) -> str | None:
    sheet, mark, area = text.rpartition("!")
    if mark:
        name = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
        if name not in others:
            return None  # another workbook, or several sheets
        route = others[name]
    moved = _reference(area, 0 if mark else shift, route, fixed=bool(mark))
    return None if moved is None else f"{sheet}{mark}{moved}"


def _reference(area: str, shift: int, route: Route | None, *, fixed: bool) -> str | None:
    rows = _WHOLE_ROWS.fullmatch(area)
    found = _AREA.fullmatch(area)
    if rows is not None and route is not None:
        moved = moved_rows(int(rows[1]), int(rows[2]), route)
        return f"${moved[0]}:${moved[1]}" if moved else None
    if found is None:  # whole columns, or a name
        return None if ":" in area and _ANCHORED.search(area) else area
    if route is None or (fixed and not (found[2] and (found[5] or not found[4]))):
        return None
    return _cells(found, shift, route)


def _cells(found: re.Match[str], shift: int, route: Route) -> str | None:
    first, last = int(found[3]), int(found[6] or found[3])
    start, stop = first + shift, last + shift
    if found[2]:
        moved = moved_rows(first, last if found[5] else first if not found[4] else LAST_ROW, route)
        if moved is None:
            return None
        start, stop = moved[0], moved[1] if found[5] or not found[4] else stop
    elif found[5]:
        stop = route.number(min(last, LAST_ROW))
    if not 0 < start <= stop <= LAST_ROW:
        return None
    return f"{found[1]}{found[2]}{start}" + (f":{found[4]}{found[5]}{stop}" if found[4] else "")
