"""Where the headings are: known words make a row one, whatever else stands in it; titles may stand above."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

import pandas as pd

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.model import Accept
from ptx_bulk.numbers import normalise
from ptx_bulk.workbooks.choosing.evidence import Why
from ptx_bulk.workbooks.choosing.vocabulary.listwords import cell_words
from ptx_bulk.workbooks.choosing.vocabulary.meaning import PHONES, HeadingMeaning, meaning
from ptx_bulk.workbooks.choosing.vocabulary.words import fold
from ptx_bulk.workbooks.sheets.cells import EMPTY, FORMULA, TEXT
from ptx_bulk.workbooks.sheets.sheet import Row, Sheet

_LOOKED_AT = 30
_DIGIT = re.compile(r"\d")
_PHONE_DIGITS = 8


@dataclass(frozen=True)
class HeaderRow:
    """The headings of a sheet.

    Attributes:
        row: the row they stand in, 0 when there is none.
        headings: text of each column that has one.
        meant: the same joined with the row above where the headings take two rows.
        why: what made it the row of headings.
    """

    row: int
    headings: dict[int, str] = field(default_factory=dict)
    meant: dict[int, str] = field(default_factory=dict)
    why: Why = Why.NO_HEADINGS


def given_row(sheet: Sheet, row: int) -> HeaderRow:
    """The row that the user names; 0 is none.

    Raises:
        UnreadableFile: nothing stands in it.
    """
    if not row:
        return HeaderRow(0, why=Why.OPTION)
    cells = next((cells for number, cells in sheet.head(10_000) if number == row), None)
    if cells is None:
        raise UnreadableFile(_("row {row} holds no headings; correct --header-row, or leave it out").format(row=row))
    texts = _texts(cells)
    return HeaderRow(row, texts, texts, why=Why.OPTION)


def find_header_row(sheet: Sheet) -> HeaderRow:
    """The row with the headings; row 0 when there is none."""
    rows = sheet.head(200)
    first = _judged([cells for _row, cells in rows[:_LOOKED_AT]])
    headed = [at for at, judged in enumerate(first) if judged.is_heading and not _is_below_others(first, at)]
    if headed:
        best = headed[0]
        # A title is narrower than the table and names one thing; the headings below it name more.
        for at in headed[1:]:
            if _decides(first[best], first[at], below=at == best + 1):
                best = at
        return _header(rows, best, bool(best) and not first[best - 1].data, Why.HEADING)
    return _unknown_headings(rows)


@dataclass(frozen=True)
class _Judged:
    """What a row's cells say of it: filled cells, known headings, phone headings, data, phone numbers."""

    filled: int
    known: int
    phones: int
    data: int
    numbers: int
    words: int  # cells that are values of a list or type column, which look like headings

    @property
    def is_heading(self) -> bool:
        """Whether it is a row of headings; among data one known word is chance, unless it names a phone."""
        known = self.known - self.words
        if self.numbers:
            return known >= 2 and self.phones > 0
        if self.data:
            return known >= 2 or (known > 0 and self.phones > 0)
        return self.known > 0


def _judged(rows: list[Row]) -> list[_Judged]:
    """What the cells of each row say of it."""
    known = [[meaning(text) for text, kind in cells.values() if kind in {TEXT, FORMULA}] for cells in rows]
    known = [[one for one in meanings if one is not HeadingMeaning.OTHER] for meanings in known]
    texts = [[(text, kind) for text, kind in cells.values() if kind != EMPTY] for cells in rows]
    data = [[text for text, kind in of_row if _is_data(text, kind)] for of_row in texts]
    # Only where headings stand among the data does it matter whether these are phone numbers.
    numbers = _numbers([found if meanings else [] for found, meanings in zip(data, known, strict=True)])
    return [
        _Judged(
            filled=len(texts[at]),
            known=len(known[at]),
            phones=sum(one in PHONES for one in known[at]),
            data=len(data[at]),
            numbers=numbers[at],
            words=sum(fold(text) in cell_words() for text, kind in texts[at] if kind == TEXT),
        )
        for at in range(len(rows))
    ]


def _is_below_others(rows: list[_Judged], at: int) -> bool:
    """Whether a row as wide stands above it, without data and without a known word: then it may be data itself."""
    row = rows[at]
    if row.phones or row.known >= 2:
        return False
    return any(not above.data and not above.known and above.filled >= row.filled > 1 for above in rows[:at])


def _decides(upper: _Judged, lower: _Judged, *, below: bool) -> bool:
    """Whether a later row is the row of headings rather than an earlier one."""
    if lower.data or lower.known <= lower.words:
        return False
    wider = lower.filled > upper.filled and lower.known >= upper.known
    named = below and lower.phones >= max(1, upper.phones) and lower.filled >= upper.filled
    return wider or named or (below and lower.known > upper.known) or (upper.filled == 1 and lower.known > 1)


def _numbers(rows: list[list[str]]) -> list[int]:
    """How many of each row's texts are phone numbers, labels and all."""
    likely = [
        (at, text) for at, texts in enumerate(rows) for text in texts if len(_DIGIT.findall(text)) >= _PHONE_DIGITS
    ]
    counts = [0] * len(rows)
    if likely:
        answer = normalise(pd.Series([text for _at, text in likely], dtype="str"), None, accept=Accept.ANY)
        for cell in answer.loc[(answer["number"] > 0).to_numpy(), "cell"].tolist():
            counts[likely[cell][0]] += 1
    return counts


def _header(rows: list[tuple[int, Row]], at: int, joined: bool, why: Why) -> HeaderRow:
    row, cells = rows[at]
    headings = _texts(cells)
    meant = headings
    if joined:
        above = _spread(_texts(rows[at - 1][1]), max(headings, default=0))
        meant = {
            column: text if meaning(text) is not HeadingMeaning.OTHER else f"{above.get(column, '')} {text}".strip()
            for column, text in headings.items()
        }
    return HeaderRow(row, headings, meant, why)


def _spread(headings: dict[int, str], last: int) -> dict[int, str]:
    """Headings of merged cells, which stand in the first of them, over all of them."""
    found: dict[int, str] = {}
    text = ""
    for column in range(last + 1):
        text = headings.get(column, text)
        found[column] = text
    return found


def _unknown_headings(rows: list[tuple[int, Row]]) -> HeaderRow:
    """The first wide row without data, where none of its words is known; none when data begin at once."""
    if not rows:
        return HeaderRow(0)
    usual = sorted(len(cells) for _row, cells in rows)[len(rows) * 9 // 10]
    for at, (_row, cells) in enumerate(islice(rows, _LOOKED_AT)):
        if any(_is_data(text, kind) for text, kind in cells.values()):
            if 2 * len(cells) >= usual:
                return HeaderRow(0)
            continue
        if 2 * len(cells) >= usual:
            return _header(rows, at, joined=False, why=Why.FIRST_WITHOUT_NUMBERS)
    return HeaderRow(0)


def _texts(cells: Row) -> dict[int, str]:
    return {column: text for column, (text, _kind) in cells.items()}


def _is_data(text: str, kind: int) -> bool:
    """Whether a cell by itself is rather a value: without letters, a date, an address, six digits or more."""
    if kind not in {EMPTY, TEXT, FORMULA}:
        return True
    return "@" in text or len(_DIGIT.findall(text)) >= 6 or not any(map(str.isalpha, text))
