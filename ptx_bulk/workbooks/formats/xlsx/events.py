"""The cells of an XLSX sheet, event by event: reads every writing of the format; the reference for `blocks`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any

import pyarrow as pa

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.formats.number_formats import with_prefix
from ptx_bulk.workbooks.formats.xlsx.strings import unescape
from ptx_bulk.workbooks.guard.safexml import Attributes, local, parse
from ptx_bulk.workbooks.sheets.arrow import to_texts
from ptx_bulk.workbooks.sheets.cells import (
    BOOLEAN,
    DATE,
    EMPTY,
    ERROR,
    FORMULA,
    NUMBER,
    TEXT,
    SheetBuilder,
    date_text,
    number_text,
)

_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_LAST_ROW = 1_048_576


@dataclass(frozen=True)
class Context:
    """What cells refer to: the shared strings, the styles that show dates or country codes, the calendar."""

    strings: pa.Array[Any]
    date_styles: frozenset[int]
    epoch_1904: bool
    prefixes: dict[int, str] = field(default_factory=dict)

    @cached_property
    def string_list(self) -> list[str]:
        """The shared strings as Python texts."""
        return to_texts(self.strings)


@dataclass
class RawCell:
    """A cell as the XML has it; `value` is None without `<v>`, `formula` None without `<f>`."""

    type: str = "n"
    style: str = ""
    value: str | None = None
    formula: str | None = None
    inline: str = ""
    pieces: list[str] = field(default_factory=list)


def column_index(letters: str) -> int:
    """0-based column of its letters: `A` is 0."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def resolve(cell: RawCell, context: Context) -> tuple[str, int]:
    """Text and kind of a cell.

    Raises:
        UnreadableFile: it names a shared string that does not exist.
    """
    if cell.type == "inlineStr" or (cell.inline and cell.value is None):
        return _texted(unescape(cell.inline))
    if cell.formula is not None and (cell.value is None or (not cell.value.strip() and cell.type != "str")):
        return "=" + cell.formula, FORMULA
    value = cell.value or ""
    if cell.type == "str":
        return _texted(unescape(value))
    return _untexted(cell.type, value.strip(), cell.style, context) if value.strip() else ("", EMPTY)


def _untexted(kind: str, value: str, style: str, context: Context) -> tuple[str, int]:
    if kind == "s":
        return _texted(_shared(value, context))
    if kind == "b":
        return ("FALSE" if value in {"0", "false"} else "TRUE"), BOOLEAN
    if kind == "e":
        return value, ERROR
    if kind == "d":
        return value.removesuffix("T00:00:00"), DATE
    return _number(value, style, context)


def _texted(text: str) -> tuple[str, int]:
    return text, TEXT if text else EMPTY


def _shared(value: str, context: Context) -> str:
    try:
        return context.string_list[int(value) if "-" not in value else len(context.string_list)]
    except (ValueError, IndexError) as error:
        raise UnreadableFile(
            _("the file is damaged: a cell points to a missing text; open it in a spreadsheet program and save it")
        ) from error


def _number(value: str, style: str, context: Context) -> tuple[str, int]:
    try:
        number = float(value)
    except ValueError:
        return value, TEXT
    if style.isdecimal() and int(style) in context.date_styles:
        shown = date_text(number, epoch_1904=context.epoch_1904)
        if shown is not None:
            return shown, DATE
    digits = number_text(number)
    prefix = context.prefixes.get(int(style)) if context.prefixes and style.isdecimal() else None
    shown = digits if prefix is None else with_prefix(prefix, digits)
    return shown, NUMBER if shown == digits else TEXT


class _Events:
    """Follows one sheet; positions go on by order where a row or cell has no reference."""

    def __init__(self, context: Context, builder: SheetBuilder) -> None:
        self._context = context
        self._builder = builder
        self._row = 0
        self._column = -1
        self._cell: RawCell | None = None
        self._inside = ""
        self._phonetic = False

    def start(self, name: str, attributes: Attributes) -> None:
        tag = local(name)
        if tag == "row":
            self._row = _row_number(attributes.get("r"), self._row + 1)
            self._column = -1
            if attributes.get("hidden") in {"1", "true"}:
                self._builder.hide(self._row)
        elif tag == "c":
            self._place(attributes.get("r", ""))
            self._cell = RawCell(type=attributes.get("t", "n"), style=attributes.get("s", ""))
        elif self._cell is not None:
            if tag == "rPh":
                self._phonetic = True
            elif tag in {"v", "f", "t"}:
                self._inside = tag
                self._cell.pieces = []

    def text(self, data: str) -> None:
        if self._inside and self._cell is not None:
            self._cell.pieces.append(data)

    def end(self, name: str) -> None:
        cell = self._cell
        if cell is None:
            return
        tag = local(name)
        if tag == "c":
            raw, kind = resolve(cell, self._context)
            if kind != EMPTY:
                self._builder.cell(self._row, self._column, raw, kind)
            self._cell = None
        elif tag == "rPh":
            self._phonetic = False
        elif tag == self._inside:
            self._keep(cell, tag, "".join(cell.pieces))
            self._inside = ""

    def _keep(self, cell: RawCell, tag: str, text: str) -> None:
        if tag == "v":
            cell.value = text
        elif tag == "f":
            cell.formula = text
        elif not self._phonetic:
            cell.inline += text

    def _place(self, reference: str) -> None:
        found = _REFERENCE.fullmatch(reference)
        if found:
            self._row = _row_number(found[2], self._row)
            self._column = column_index(found[1])
        else:
            self._column += 1
            self._row = max(self._row, 1)


def _row_number(reference: str | None, expected: int) -> int:
    if reference and reference.isdecimal() and 0 < int(reference) <= _LAST_ROW:
        return int(reference)
    return expected


def read_events(stream: IO[bytes], context: Context, builder: SheetBuilder) -> None:
    """Send the sheet's cells to `builder`.

    Raises:
        UnreadableFile: damaged XML, a declared document type, a missing shared string.
    """
    events = _Events(context, builder)
    parse(stream, events.start, events.end, events.text)
