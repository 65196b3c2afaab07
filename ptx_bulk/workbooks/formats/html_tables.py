"""HTML tables under a spreadsheet's name, as many CRMs export them."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser
from pathlib import Path

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.guard.archives import too_big
from ptx_bulk.workbooks.sheets.cells import TEXT, SheetBuilder
from ptx_bulk.workbooks.sheets.limits import MIB, Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter

_LARGEST = 256 * MIB
_DEEPEST = 100  # tables in each other
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\n\f]+")


def read_html(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand every table to `writer`; `writer` gets a name for each when there are several.

    Raises:
        UnreadableFile: there is no table, or the page is far too large.
    """
    size = path.stat().st_size
    if size > _LARGEST:
        raise too_big(size)
    parser = _Tables(limits)
    parser.feed(_decoded(path.read_bytes()))
    parser.close()
    parser.end_tables()
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


class _Table:
    """One table while it is read: where we are in it, and the text of its open cell."""

    def __init__(self, limits: Limits) -> None:
        self.builder = SheetBuilder(limits)
        self.rows: set[int] = set()  # those that hold anything, two at most
        self.columns: set[int] = set()  # likewise
        self.texts: list[str] = []
        self.merged = False  # its text belongs to the cell around it
        self._limits = limits
        self._row = 0
        self._column = 0
        self._text: list[str] | None = None
        self._span = 1
        self._taken: dict[int, int] = {}  # column → rows for which a cell above still covers it

    @property
    def several(self) -> bool:
        """Whether it has rows and columns, so that it is a list and not the layout of one text."""
        return len(self.rows) > 1 and len(self.columns) > 1

    def text(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def next_row(self) -> None:
        self.end_cell()
        self._row += 1
        self._column = 0
        self._taken = {column: rows - 1 for column, rows in self._taken.items() if rows > 1}

    def start_cell(self, attributes: dict[str, str | None]) -> None:
        self.end_cell()
        if self._row == 0:
            self.next_row()
        while self._column in self._taken:
            self._column += 1
        self._text = []
        self._span = _count(attributes.get("colspan"), self._limits.columns)
        rows = _count(attributes.get("rowspan"), 1 << 20)
        if rows > 1:
            self._taken |= dict.fromkeys(range(self._column, self._column + self._span), rows)

    def end_cell(self) -> None:
        if self._text is None:
            return
        text = "\n".join(line.strip(" ") for line in "".join(self._text).split("\n")).strip("\n")
        if text:
            self.builder.cell(self._row, self._column, text, TEXT)
            self._remember(text)
        self._column += self._span
        self._text = None

    def _remember(self, text: str) -> None:
        for seen, place in ((self.rows, self._row), (self.columns, self._column)):
            if len(seen) < 2:
                seen.add(place)
        if not self.several:
            self.texts.append(text)
        else:
            self.texts.clear()


class _Tables(HTMLParser):
    """Collects the cells of all tables.

    A table in a cell is a table of its own where it has rows and columns; else its text belongs to the cell around it.
    """

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self._limits = limits
        self._found: list[_Table] = []
        self._open: list[_Table] = []
        self._too_deep = 0

    @property
    def tables(self) -> list[SheetBuilder]:
        """Those that hold anything, as they begin in the page; all where none does."""
        filled = [table for table in self._found if table.rows and not table.merged]
        return [table.builder for table in filled or self._found]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._start_table()
        elif not self._open or self._too_deep:
            return
        elif tag == "tr":
            self._open[-1].next_row()
        elif tag in {"td", "th"}:
            self._open[-1].start_cell(dict(attrs))
        elif tag == "br":
            self._open[-1].text("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._too_deep:
            self._too_deep -= 1
        elif tag == "table" and self._open:
            self._end_table()
        elif self._open and not self._too_deep and tag in {"td", "th", "tr"}:
            self._open[-1].end_cell()

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text(_BLANKS.sub(" ", data))

    def end_tables(self) -> None:
        """Keep the last cells of a page that was cut off."""
        while self._open:
            self._end_table()

    def _start_table(self) -> None:
        if len(self._open) >= _DEEPEST:
            self._too_deep += 1
            return
        self._open.append(_Table(self._limits))
        self._found.append(self._open[-1])

    def _end_table(self) -> None:
        table = self._open.pop()
        table.end_cell()
        if self._open and not table.several:
            table.merged = True
            self._open[-1].text(" ".join(table.texts))


def _count(text: str | None, most: int) -> int:
    return min(max(int(text), 1), most) if text and text.isascii() and text.isdecimal() and len(text) < 9 else 1
