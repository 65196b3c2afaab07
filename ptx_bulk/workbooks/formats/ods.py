"""ODS (LibreOffice, Google Sheets): cells, errors, booleans and hidden rows from the content's XML events.

Rows and cells may be written once and repeated a billion times; what holds a value counts against the limits each time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.formats.number_formats import shown_text
from ptx_bulk.workbooks.guard.archives import Archive, damaged, locked
from ptx_bulk.workbooks.guard.safexml import Attributes, local, parse
from ptx_bulk.workbooks.sheets.cells import (
    BOOLEAN,
    DATE,
    EMPTY,
    ERROR,
    FORMULA,
    NUMBER,
    TEXT,
    SheetBuilder,
    number_text,
)
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter

_MANIFEST = "META-INF/manifest.xml"
_LAST_ROW = 1 << 24
_TIME = re.compile(r"P(?:(\d+)D)?T(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
_TRUTH = {"0": "FALSE", "1": "TRUE"}
_ERROR = re.compile(r"#[A-Z][A-Z0-9/]+[!?]?$|Err:\d+$")
# value type → the attribute that holds the value
_VALUES = {
    "float": "value",
    "percentage": "value",
    "currency": "value",
    "date": "date-value",
    "time": "time-value",
    "boolean": "boolean-value",
}
_CELLS = frozenset(["table-cell", "covered-table-cell"])
_SKIPPED = frozenset(["annotation", "tracked-changes", "shapes"])  # comments, old versions, drawings


def read_ods(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand every sheet to `writer`.

    Raises:
        UnreadableFile: damaged, protected or hostile.
    """
    with Archive(path, limits) as archive:
        if _MANIFEST in archive and b"encryption-data" in archive.read(_MANIFEST).getvalue():
            raise locked()
        if "content.xml" not in archive:
            raise damaged()
        events = _Events(limits, writer)
        with archive.open("content.xml") as stream:
            parse(stream, events.start, events.end, events.text)


def read_flat_ods(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand every sheet of a flat file, one XML document, to `writer`.

    Raises:
        UnreadableFile: damaged or hostile.
    """
    events = _Events(limits, writer)
    with path.open("rb") as stream:
        parse(stream, events.start, events.end, events.text)


@dataclass
class _Cell:
    attributes: Attributes
    paragraphs: list[str] = field(default_factory=list)


def _repeated(attributes: Attributes, name: str) -> int:
    text = attributes.get(name, "1")
    return int(text) if text.isdecimal() and 0 < len(text) < 12 else 1


class _Events:
    def __init__(self, limits: Limits, writer: SheetWriter) -> None:
        self._limits = limits
        self._writer = writer
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._builder: SheetBuilder | None = None
        self._name = ""
        self._visible = True
        self._row = 1
        self._row_attributes: Attributes = {}
        self._cells: list[tuple[int, str, int]] = []
        self._column = 0
        self._cell: _Cell | None = None
        self._in_paragraph = False
        self._skipping = 0
        self._written = 0

    def start(self, name: str, attributes: Attributes) -> None:
        tag = local(name)
        if self._skipping or tag in _SKIPPED:
            self._skipping += 1
            return
        if self._cell is not None:
            self._start_in_cell(tag, attributes)
            return
        plain = {local(key): value for key, value in attributes.items()}
        if tag == "style":
            self._style = plain.get("name", "")
        elif tag == "table-properties" and plain.get("display") == "false":
            self._hidden_styles.add(self._style)
        elif tag == "table":
            self._start_table(plain)
        elif tag == "table-row":
            self._row_attributes, self._cells, self._column = plain, [], 0
        elif tag in _CELLS:
            # both office:value-type and calcext:value-type: the latter alone says "error"
            self._cell = _Cell({"calcext": attributes.get("calcext:value-type", "")} | plain | _office(attributes))

    def _start_in_cell(self, tag: str, attributes: Attributes) -> None:
        cell = self._cell
        if cell is None:
            return
        if tag == "p":
            cell.paragraphs.append("")
            self._in_paragraph = True
        elif tag == "s":
            self.text(" " * min(_repeated({local(k): v for k, v in attributes.items()}, "c"), 1000))
        elif tag == "tab":
            self.text("\t")
        elif tag == "line-break":
            self.text("\n")

    def _start_table(self, attributes: Attributes) -> None:
        self._builder = SheetBuilder(self._limits)
        self._name = attributes.get("name", "")
        self._visible = attributes.get("style-name", "") not in self._hidden_styles
        self._row = 1

    def text(self, data: str) -> None:
        if self._in_paragraph and self._cell is not None and not self._skipping:
            self._cell.paragraphs[-1] += data

    def end(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
            return
        tag = local(name)
        if tag == "p":
            self._in_paragraph = False
        elif tag in _CELLS and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif tag == "table-row":
            self._end_row()
        elif tag == "table" and self._builder is not None:
            self._writer.add(self._name, self._builder, visible=self._visible)
            self._builder = None

    def _end_cell(self, cell: _Cell) -> None:
        times = _repeated(cell.attributes, "number-columns-repeated")
        raw, kind = _resolve(cell)
        if kind != EMPTY:
            if self._column + times > self._limits.columns:
                raise _claims_too_much()
            self._cells += [(self._column + offset, raw, kind) for offset in range(times)]
        self._column += times

    def _end_row(self) -> None:
        times = _repeated(self._row_attributes, "number-rows-repeated")
        builder = self._builder
        if self._cells and builder is not None:
            self._written += times * len(self._cells)
            if self._row + times > _LAST_ROW or self._written > self._limits.cells:
                raise _claims_too_much()
            hidden = self._row_attributes.get("visibility", "visible") != "visible"
            for row in range(self._row, self._row + times):
                if hidden:
                    builder.hide(row)
                for column, raw, kind in self._cells:
                    builder.cell(row, column, raw, kind)
        self._row += times


def _office(attributes: Attributes) -> Attributes:
    return {local(key): value for key, value in attributes.items() if key.startswith("office:")}


def _claims_too_much() -> UnreadableFile:
    return UnreadableFile(_("a few lines of the file claim to be millions of cells, as attacks do; it was not read"))


def _resolve(cell: _Cell) -> tuple[str, int]:
    attributes = cell.attributes
    text = "\n".join(cell.paragraphs)
    if attributes.get("calcext") == "error":
        return text or "#ERR!", ERROR
    return _typed(attributes, text) or _untyped(cell, text)


def _typed(attributes: Attributes, text: str) -> tuple[str, int] | None:
    """Text and kind of a cell with a number, date, time or logical value; None for other cells."""
    kind = attributes.get("value-type", "")
    value = attributes.get(_VALUES.get(kind, ""))
    if value is None:
        return None
    if kind == "date":
        return value.removesuffix("T00:00:00"), DATE
    if kind == "time":
        return _time_text(value), DATE
    if kind == "boolean":
        return value.upper(), BOOLEAN
    # LibreOffice writes a logical value as a number that it shows as TRUE or VRAI
    return (_TRUTH[value], BOOLEAN) if value in _TRUTH and text.isalpha() else _number(value, text)


def _untyped(cell: _Cell, text: str) -> tuple[str, int]:
    text = text or cell.attributes.get("string-value", "")
    formula = cell.attributes.get("formula")
    if formula is not None:
        if not cell.paragraphs and "value-type" not in cell.attributes:
            return "=" + formula.partition("=")[2], FORMULA
        if _ERROR.match(text):
            return text, ERROR
    return text, TEXT if text else EMPTY


def _number(value: str, shown: str) -> tuple[str, int]:
    try:
        digits = number_text(float(value))
    except ValueError:
        return value, TEXT
    text = shown_text(digits, shown)
    return (digits, NUMBER) if text is None or text == digits else (text, TEXT)


def _time_text(value: str) -> str:
    found = _TIME.fullmatch(value)
    if not found:
        return value
    hours = int(found[1] or 0) * 24 + int(found[2])
    return f"{hours:02}:{int(found[3]):02}:{int(found[4]):02}"
