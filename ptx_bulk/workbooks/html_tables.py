"""HTML tables under a spreadsheet's name, as many CRMs export them."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser
from pathlib import Path

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.archives import too_big
from ptx_bulk.workbooks.cells import TEXT, SheetBuilder
from ptx_bulk.workbooks.options import MIB, Limits
from ptx_bulk.workbooks.stored import SheetWriter

_LARGEST = 256 * MIB
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\n\f]+")


def read_html(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand every outer table to `writer`; `writer` gets a name for each when there are several.

    Raises:
        UnreadableFile: there is no table, or the page is far too large.
    """
    size = path.stat().st_size
    if size > _LARGEST:
        raise too_big(size)
    parser = _Tables(limits)
    parser.feed(_decoded(path.read_bytes()))
    parser.close()
    parser.end_table()
    if not parser.tables:
        raise UnreadableFile(
            _("this is a web page without a table, not a spreadsheet; save the list as an Excel workbook or as CSV")
        )
    for number, table in enumerate(parser.tables, 1):
        writer.add(str(number) if len(parser.tables) > 1 else "", table)


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode("ascii") if declared else "cp1252"
    if name.lower() in {"iso-8859-1", "latin1", "utf-8"}:
        name = "cp1252"  # as every browser does
    try:
        return data.decode(name, errors="replace")
    except LookupError:
        return data.decode("cp1252", errors="replace")


class _Tables(HTMLParser):
    """Collects the cells of outer tables; the text of an inner table belongs to the cell around it."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[SheetBuilder] = []
        self._limits = limits
        self._depth = 0
        self._row = 0
        self._column = 0
        self._text: list[str] | None = None
        self._span = 1
        self._taken: dict[int, int] = {}  # column → rows for which a cell above still covers it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append(SheetBuilder(self._limits))
                self._row, self._taken = 0, {}
        elif self._depth == 1 and tag == "tr":
            self._next_row()
        elif self._depth == 1 and tag in {"td", "th"}:
            self._start_cell(dict(attrs))
        elif tag == "br" and self._text is not None:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._depth:
            if self._depth == 1:
                self._end_cell()
            self._depth -= 1
        elif self._depth == 1 and tag in {"td", "th", "tr"}:
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(_BLANKS.sub(" ", data))

    def end_table(self) -> None:
        """Keep the last cell of a page that was cut off."""
        self._end_cell()

    def _next_row(self) -> None:
        self._end_cell()
        self._row += 1
        self._column = 0
        self._taken = {column: rows - 1 for column, rows in self._taken.items() if rows > 1}

    def _start_cell(self, attributes: dict[str, str | None]) -> None:
        self._end_cell()
        if self._row == 0:
            self._next_row()
        while self._column in self._taken:
            self._column += 1
        self._text = []
        self._span = _count(attributes.get("colspan"), self._limits.columns)
        rows = _count(attributes.get("rowspan"), 1 << 20)
        if rows > 1:
            self._taken |= dict.fromkeys(range(self._column, self._column + self._span), rows)

    def _end_cell(self) -> None:
        if self._text is None:
            return
        text = "\n".join(line.strip(" ") for line in "".join(self._text).split("\n")).strip("\n")
        if text:
            self.tables[-1].cell(self._row, self._column, text, TEXT)
        self._column += self._span
        self._text = None


def _count(text: str | None, most: int) -> int:
    return min(max(int(text), 1), most) if text and text.isascii() and text.isdecimal() and len(text) < 9 else 1
