"""Where the headings are: after titles and blank lines, or nowhere."""

from __future__ import annotations

import re
from itertools import islice, takewhile

from ptx_bulk.workbooks.cells import EMPTY, FORMULA, TEXT
from ptx_bulk.workbooks.choosing.meaning import Meaning, meaning
from ptx_bulk.workbooks.sheets import Row, Sheet

_LOOKED_AT = 30
_DIGIT = re.compile(r"\d")
_NUMERIC = re.compile(r"[\s\d.,;:+()/%€$-]+")


def find_header(sheet: Sheet) -> tuple[int, dict[int, str]]:
    """The row with the headings and the heading of each column; row 0 and no headings when there is none."""
    rows = sheet.head(200)
    if not rows:
        return 0, {}
    usual = sorted(len(cells) for _row, cells in rows)[len(rows) * 9 // 10]
    above = takewhile(lambda line: 2 * len(line[1]) < usual or not _holds_data(line[1]), rows)
    # titles are narrower than the table; headings may be, too, but then one of them names phones
    likely = [
        (row, cells)
        for row, cells in islice(above, _LOOKED_AT)
        if not _holds_data(cells) and (2 * len(cells) >= usual or _known(cells)[1])
    ]
    if not likely:
        return 0, {}
    row, cells = max(likely, key=lambda line: (*_known(line[1]), len(line[1])))  # the first of the best
    return row, {column: text for column, (text, _kind) in cells.items()}


def _known(cells: Row) -> tuple[int, bool]:
    """How many cells are headings that we know, and whether one means a phone number."""
    meanings = [meaning(text) for text, _kind in cells.values()]
    return sum(known != Meaning.OTHER for known in meanings), any(
        known in (Meaning.MOBILE, Meaning.PHONE) for known in meanings
    )


def _holds_data(cells: Row) -> bool:
    return any(_is_data(text, kind) for text, kind in cells.values())


def _is_data(text: str, kind: int) -> bool:
    """Whether a cell is surely no heading: a number, a date, an address, six digits or more."""
    if kind not in {EMPTY, TEXT, FORMULA}:
        return True
    return "@" in text or len(_DIGIT.findall(text)) >= 6 or bool(_NUMERIC.fullmatch(text.strip() or "-"))
