"""Rejects as a workbook: typed cells, the wrong ones marked."""

from __future__ import annotations

import datetime as dt
import functools
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from ptx_bulk.i18n import _
from ptx_bulk.model import CellKind
from ptx_bulk.reports import cell_text, new_files
from ptx_bulk.reports.rejecting.rejected import RejectsSheet
from ptx_bulk.reports.tables.xlsx_rows import (
    STEP,
    TEXT_HEAD,
    TEXT_TAIL,
    VALUE_HEAD,
    VALUE_TAIL,
    Poured,
    opening,
    pour,
    row_numbers,
    rows,
)

_MOST_CHARACTERS = 32_767
_OUR_WIDTHS = (24, 60, 20, 8)
_OUR_COLOUR = {"font_color": "#7F6000"}
_WRONG_COLOURS = {"bg_color": "#FFC7CE", "font_color": "#9C0006"}
_PLAIN_NUMBER = "^-?[0-9][0-9.]{0,14}$"  # a spreadsheet has 15 exact digits, whatever is written
_EPOCH = dt.datetime(1899, 12, 31)  # noqa: DTZ001 - cells have no zone
_NO_LEAP_DAY = 60  # Excel's calendar has a 29 February 1900
_LIKE_ESCAPE = "(_x[0-9a-fA-F]{4}_)"
_NONCHARACTERS = "[\ufffe\uffff]"
_CONTROLS = "[\x00-\x08\x0b-\x1f]"

Places: TypeAlias = npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class _Look:
    """How cells of one sort are written and shown: around their value, and in which number format."""

    head: str
    tail: str
    shown: str
    shown_wrong: str


# A wrong number shown as text lets Excel keep the zero that the person types in its place.
_LOOKS = (
    _Look("/>", "", "@", "@"),
    _Look(TEXT_HEAD, TEXT_TAIL, "@", "@"),
    _Look(VALUE_HEAD, VALUE_TAIL, "General", "@"),
    _Look(f' t="b"{VALUE_HEAD}', VALUE_TAIL, "General", "General"),
    *(_Look(VALUE_HEAD, VALUE_TAIL, shown, shown) for shown in ("yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd", "hh:mm:ss")),
)
_BLANK, _TEXT, _NUMBER, _BOOLEAN, _MOMENT, _DAY, _TIME = range(len(_LOOKS))
_OURS = 2 * len(_LOOKS)  # the style of our own columns, after those of right and of wrong cells
_LOOK_OF = {
    CellKind.EMPTY: _BLANK,
    CellKind.NUMBER: _NUMBER,
    CellKind.BOOLEAN: _BOOLEAN,
}


def write(path: Path, sheets: list[RejectsSheet]) -> None:
    """One sheet for each sheet, with its name; text stays text, numbers stay numbers."""
    with new_files.new_file(path) as stream:
        poured = [Poured(sheet.count, len(sheet.texts), functools.partial(_rows, sheet)) for sheet in sheets]
        pour(stream, _skeleton(sheets), poured)


def _skeleton(sheets: list[RejectsSheet]) -> io.BytesIO:
    """The workbook with the headers, and one sample row on each sheet: `_LOOKS` right and wrong, and ours."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
        styles = [
            book.add_format(look)
            for shown in _LOOKS
            for look in ({"num_format": shown.shown}, {"num_format": shown.shown_wrong, **_WRONG_COLOURS})
        ]
        styles.append(book.add_format({"num_format": "@", **_OUR_COLOUR}))
        names: list[str] = []
        for sheet in sheets:
            names.append(_name(sheet, names))
            worksheet = book.add_worksheet(names[-1])
            width = len(sheet.texts)
            for column in sheet.wrong:
                worksheet.set_column(column, column, 20, styles[2 * _TEXT])
            for column, chars in enumerate(_OUR_WIDTHS, start=width - len(_OUR_WIDTHS)):
                worksheet.set_column(column, column, chars, styles[_OURS])
            _write_header(worksheet, sheet, head)
            for column, style in enumerate(styles):
                worksheet.write_blank(1, column, None, style)
    return target


def _write_header(worksheet: Worksheet, sheet: RejectsSheet, style: xlsxwriter.format.Format) -> None:
    for column, heading in enumerate(_fitting(pa.array(sheet.headings, pa.large_string())).to_pylist()):
        worksheet.write_string(0, column, heading, style)
    worksheet.freeze_panes(1, 0)


def _name(sheet: RejectsSheet, taken: list[str]) -> str:
    """The sheet's own name where Excel allows it, told apart where two inputs share it."""
    wished = re.sub(r"[\[\]:*?/\\]", "_", sheet.name or PurePath(sheet.file).stem).strip("'")[:31] or _("Rejects")
    name, number = wished, 1
    used = {other.lower() for other in taken}
    while name.lower() in used:
        number += 1
        name = f"{wished[:26]} ({number})"
    return name


def _rows(sheet: RejectsSheet, styles: list[int]) -> Iterator[memoryview]:
    right = np.zeros(sheet.count, dtype=bool)
    for start in range(0, sheet.count, STEP):
        part = slice(start, start + STEP)
        texts = [column[part] for column in sheet.texts]
        numbers = row_numbers(2 + start, len(texts[0]))
        cells = []
        for place, text in enumerate(texts):
            if place < len(sheet.kinds):
                look, value = _typed(text, sheet.kinds[place][part])
                style = 2 * look + sheet.wrong.get(place, right)[part]
            else:
                look = np.where(cell_text.pc.equal(text, cell_text.EMPTY), _BLANK, _TEXT)
                value, style = text, np.where(look == _BLANK, 2 * _BLANK, _OURS)
            cells.append(
                _elements(cell_text.join(opening(place), numbers, '" s="'), look, style, _escaped(value), styles)
            )
        yield rows(numbers, cells)


def _elements(
    start: cell_text.Column, look: Places, style: Places, value: cell_text.Column, styles: list[int]
) -> cell_text.Column:
    """A column's values as `<c>` elements, a right empty one as nothing."""
    heads = [f'{styles[at]}"{_LOOKS[at // 2].head if at < _OURS else TEXT_HEAD}' for at in range(len(styles))]
    tails = pa.array([look.tail for look in _LOOKS], pa.large_string())
    head = cell_text.pc.take(pa.array(heads, pa.large_string()), pa.array(style))
    element = cell_text.join(start, head, value, cell_text.pc.take(tails, pa.array(look)))
    return cell_text.pc.if_else(pa.array(style == 2 * _BLANK), cell_text.EMPTY, element)


def _typed(texts: cell_text.Column, kinds: pd.Categorical[str]) -> tuple[Places, cell_text.Column]:
    """How each cell looks, and its value as XML Schema writes it."""
    look_of = [_LOOK_OF.get(CellKind(kind), _TEXT) for kind in kinds.categories]
    look = np.array(look_of, dtype=np.int64)[kinds.codes]
    plain = cell_text.pc.match_substring_regex(texts, _PLAIN_NUMBER).to_numpy(zero_copy_only=False)
    odd = (kinds == CellKind.DATE.value) | (look == _BOOLEAN) | ((look == _NUMBER) & ~plain)
    if not odd.any():
        return look, texts
    chosen = pa.array(odd)
    pairs = zip(texts.filter(chosen).to_pylist(), kinds[odd], strict=True)
    looks, values = zip(*(_converted(text, kind) for text, kind in pairs), strict=True)
    look[odd] = looks
    return look, cell_text.pc.replace_with_mask(texts, chosen, pa.array(values, pa.large_string()))


@functools.lru_cache(maxsize=10_000)
def _converted(text: str, kind: str) -> tuple[int, str]:
    """How a boolean, a number or a date looks, and its value; what a spreadsheet cannot count stays text."""
    if kind == CellKind.BOOLEAN:
        return _BOOLEAN, "1" if text == "TRUE" else "0"
    if kind == CellKind.NUMBER:
        number = float(text)
        return (_NUMBER, f"{number:.16G}") if math.isfinite(number) else (_BLANK, "")
    for parse, look in ((dt.date.fromisoformat, _DAY), (dt.datetime.fromisoformat, _MOMENT), (_time, _TIME)):
        try:
            days = _days(parse(text))
        except ValueError:
            continue
        return look, f"{days:.16G}"
    return _TEXT, text


def _days(moment: dt.date | dt.timedelta) -> float:
    """Days as Excel counts them; ValueError for what its calendar does not have."""
    if isinstance(moment, dt.timedelta):
        return moment / dt.timedelta(days=1)
    whole = moment if isinstance(moment, dt.datetime) else dt.datetime.combine(moment, dt.time())
    if whole.tzinfo is not None or whole.year < 1900:
        raise ValueError(moment)
    days = (whole - _EPOCH) / dt.timedelta(days=1)
    return days + 1 if days >= _NO_LEAP_DAY else days


def _time(text: str) -> dt.timedelta:
    """A time of day as what has passed since midnight."""
    time = dt.time.fromisoformat(text)
    if time.tzinfo is not None:
        raise ValueError(text)
    return dt.datetime.combine(_EPOCH, time) - _EPOCH


def _escaped(texts: cell_text.Column) -> cell_text.Column:
    """The texts as XML that reads back as it was: of limited length, with controls as `_xHHHH_`."""
    texts = _fitting(texts)
    if cell_text.pc.any(cell_text.pc.match_substring_regex(texts, _LIKE_ESCAPE)).as_py():
        texts = cell_text.pc.replace_substring_regex(texts, _LIKE_ESCAPE, "_x005F\\1")
    if cell_text.pc.any(cell_text.pc.match_substring_regex(texts, _CONTROLS)).as_py():
        for code in set(range(32)) - {ord("\t"), ord("\n")}:
            texts = cell_text.pc.replace_substring(texts, chr(code), f"_x{code:04X}_")
    return cell_text.xml(texts)


def _fitting(texts: cell_text.Column) -> cell_text.Column:
    """The texts no longer than Excel can hold them, without the two characters that XML forbids in any form."""
    if cell_text.pc.any(cell_text.pc.match_substring_regex(texts, _NONCHARACTERS)).as_py():
        texts = cell_text.pc.replace_substring_regex(texts, _NONCHARACTERS, "\ufffd")
    long = cell_text.pc.greater(cell_text.pc.utf8_length(texts), _MOST_CHARACTERS)
    if not cell_text.pc.any(long).as_py():
        return texts
    cut = cell_text.join(cell_text.pc.utf8_slice_codeunits(texts, 0, _MOST_CHARACTERS - 1), "…")
    return cell_text.pc.if_else(long, cut, texts)
