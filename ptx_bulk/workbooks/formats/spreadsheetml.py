"""SpreadsheetML 2003: Excel's first XML format, which old CRMs still export, often named .xls."""

from __future__ import annotations

from pathlib import Path

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


def read_spreadsheetml(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand every sheet to `writer`.

    Raises:
        UnreadableFile: damaged or hostile.
    """
    events = _Events(limits, writer)
    with path.open("rb") as stream:
        parse(stream, events.start, events.end, events.text)


class _Events:
    def __init__(self, limits: Limits, writer: SheetWriter) -> None:
        self._limits = limits
        self._writer = writer
        self._builder = SheetBuilder(limits)
        self._name = ""
        self._visible = True
        self._row = 0
        self._column = 0
        self._across = 0
        self._formula: str | None = None
        self._type = ""
        self._pieces: list[str] | None = None
        self._found = False

    def start(self, name: str, attributes: Attributes) -> None:
        tag = local(name)
        plain = {local(key): value for key, value in attributes.items()}
        if tag == "Worksheet":
            self._builder, self._visible, self._row = SheetBuilder(self._limits), True, 0
            self._name = plain.get("Name", "")
        elif tag == "Row":
            self._row = _index(plain.get("Index"), self._row + 1)
            self._column = 0
            if plain.get("Hidden") == "1":
                self._builder.hide(self._row)
        elif tag == "Cell":
            self._column = _index(plain.get("Index"), self._column + 1)
            self._across = _index(plain.get("MergeAcross"), 0)
            self._formula = plain.get("Formula")
            self._found = False
        elif tag == "Data":
            self._type = plain.get("Type", "String")
            self._pieces = []
        elif tag == "Visible":
            self._pieces = []

    def text(self, data: str) -> None:
        if self._pieces is not None:
            self._pieces.append(data)

    def end(self, name: str) -> None:
        tag = local(name)
        if tag == "Data" and self._pieces is not None:
            raw, kind = _resolve(self._type, "".join(self._pieces))
            self._pieces = None
            self._add(raw, kind)
        elif tag == "Cell":
            if not self._found and self._formula:
                self._add("=" + self._formula.removeprefix("="), FORMULA)
            self._column += self._across
        elif tag == "Visible" and self._pieces is not None:
            self._visible = "Hidden" not in "".join(self._pieces)
            self._pieces = None
        elif tag == "Worksheet":
            self._writer.add(self._name, self._builder, visible=self._visible)

    def _add(self, raw: str, kind: int) -> None:
        self._found = True
        if kind != EMPTY:
            self._builder.cell(self._row, self._column - 1, raw, kind)


def _index(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else otherwise


def _resolve(kind: str, text: str) -> tuple[str, int]:
    if kind == "Number":
        try:
            return number_text(float(text)), NUMBER
        except ValueError:
            return text, TEXT
    if kind == "DateTime":
        return text.removesuffix(".000").removesuffix("T00:00:00"), DATE
    if kind == "Boolean":
        return ("FALSE" if text.strip() == "0" else "TRUE"), BOOLEAN
    if kind == "Error":
        return text, ERROR
    return text, TEXT if text else EMPTY
