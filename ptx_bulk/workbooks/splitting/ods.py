"""ODS in parts, for the guarded process: rows leave the content's markup, all else of it stays."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from ptx_bulk.workbooks.guard.archives import Archive
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter, private_file
from ptx_bulk.workbooks.splitting.checking import gather
from ptx_bulk.workbooks.splitting.handing import SAID, Job, read_job
from ptx_bulk.workbooks.splitting.parts import ADDED, EVERYWHERE, KEPT, PART_NAMES, SheetParts
from ptx_bulk.workbooks.splitting.spans import Span, Unusual, spans, without

_CONTENT, _MANIFEST, _KIND = "content.xml", "META-INF/manifest.xml", "mimetype"
_COPIED = ("styles.xml", "meta.xml", "settings.xml")
_TABLE_DEPTH = 3  # document, body, spreadsheet, table
# what points at rows or keeps copies of them
_LEFT_OUT = frozenset(
    {
        *("named-expressions", "database-ranges", "data-pilot-tables", "tracked-changes", "shapes", "frame"),
        *("annotation", "annotation-end", "content-validations"),
        *("conditional-formats", "dde-links", "detective", "consolidation", "label-ranges", "scenario"),
    }
)
_TOLD = {"named-expressions": "names", "data-pilot-tables": "pivot", "conditional-formats": "rules"}
_TOLD |= {"annotation": "comments", "content-validations": "rules"}
_TOLD |= {"shapes": "drawings", "frame": "drawings"}
_FORMULA = re.compile(rb" table:formula=(?:\"[^\"]*\"|'[^']*')")
_LINK = re.compile(rb" xlink:href=(?:\"(?!mailto:)[^\"]*[0-9][^\"]*\"|'(?!mailto:)[^']*[0-9][^']*')")
_BOUND = re.compile(rb" table:number-(?:rows|matrix-rows|matrix-columns)-spanned=(?:\"[^\"]*\"|'[^']*')")
_REPEATED = re.compile(rb" table:number-(?:rows|columns)-repeated=(?:\"[^\"]*\"|'[^']*')")
_ROW_TAG = re.compile(rb"<table:table-row\b")
_CELL_TAG = re.compile(rb"<table:(?:covered-)?table-cell\b")


def split_ods(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Cut the workbook as the job in the writer's folder says, into files beside it.

    Raises:
        UnreadableFile: damaged or hostile.
    """
    job = read_job(writer.folder)
    try:
        with Archive(path, limits) as archive:
            with archive.open(_CONTENT) as stream:
                content = _Content(stream.read(), job)
            for part in job.wanted:
                _write(archive, content, part, writer.folder / PART_NAMES[part])
            gather(writer.folder / PART_NAMES[KEPT], limits, writer.folder, cells=False)
            said: dict[str, object] = {"left_out": sorted(content.told)}
    except Unusual:
        said = {"unusual": True}
    (writer.folder / SAID).write_text(json.dumps(said), encoding="utf-8")


def _write(archive: Archive, content: _Content, part: int, path: Path) -> None:
    copied = [name for name in _COPIED if name in archive]
    there = {"/", _CONTENT, *copied}
    manifest = archive.read(_MANIFEST).getvalue()
    entries = spans(manifest, lambda depth, name: depth == 1 and name == "file-entry")
    gone = [one for one in entries if one.attributes.get("full-path", "") not in there]
    with private_file(path) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(zipfile.ZipInfo(_KIND), archive.read(_KIND).getvalue(), zipfile.ZIP_STORED)
        for name in copied:
            package.writestr(zipfile.ZipInfo(name), archive.read(name).getvalue(), zipfile.ZIP_DEFLATED)
        package.writestr(zipfile.ZipInfo(_CONTENT), content.part(part), zipfile.ZIP_DEFLATED)
        package.writestr(zipfile.ZipInfo(_MANIFEST), without(manifest, gone), zipfile.ZIP_DEFLATED)


class _Content:
    """The content of a workbook, and where its rows stand."""

    def __init__(self, data: bytes, job: Job) -> None:
        self._data = data
        self._job = job
        self.told: set[str] = set()
        found = spans(data, lambda _depth, name: name in {"table", "table-row"} or name in _LEFT_OUT)
        if not _ROW_TAG.search(data):
            raise Unusual  # other prefixes than every program writes
        self._tables = [one for one in found if one.name == "table" and one.depth == _TABLE_DEPTH]
        self._rows = sorted((one for one in found if one.name == "table-row"), key=lambda one: one.start)
        self._left_out = [one for one in found if one.name in _LEFT_OUT]
        self.told |= {_TOLD[one.name] for one in self._left_out if one.name in _TOLD}
        if _FORMULA.search(data):
            self.told.add("formulas")
        if _LINK.search(data):
            self.told.add("links")

    def part(self, part: int) -> bytes:
        """The content as it is in a part."""
        pieces: list[bytes] = []
        at = 0
        for start, stop, text in sorted(
            [*self._changes(part), *((one.start, one.stop, b"") for one in self._left_out)]
        ):
            if start < at:
                continue  # within a row, or within something else that is left out
            pieces += [self._data[at:start], text]
            at = stop
        return b"".join([*pieces, self._data[at:]])

    def _changes(self, part: int) -> Iterator[tuple[int, int, bytes]]:
        """Each row, and what takes its place."""
        starts = np.array([one.start for one in self._rows], np.int64)
        nothing = SheetParts("", 0, np.zeros(0, np.int32), np.zeros(0, np.uint8))
        for table in self._tables:
            name = table.attributes.get("name", "")
            parts, column = self._job.sheets.get(name, nothing), self._job.columns.get(name, 0)
            first, last = np.searchsorted(starts, (table.start, table.stop))
            added = iter(parts.added.get(part, ()))
            row = 1
            for one in self._rows[first:last]:
                times = _times(one.attributes.get("number-rows-repeated", "1"))
                begin, end = np.searchsorted(parts.rows, (row, row + times))
                goes = parts.part[begin:end]
                chosen = goes[parts.of(part)[begin:end]]
                text = _dropped(self._cleaned(self._data[one.start : one.stop]), parts.dropped)
                if part == KEPT:
                    stay = times - (len(goes) - len(chosen))
                    yield one.start, one.stop, _repeated(text, stay) if stay else b""
                else:
                    is_head = begin < end and int(parts.rows[begin]) == parts.header_row
                    made = [
                        _extended(text, column, next(added) if where != EVERYWHERE else ADDED[part] if is_head else ())
                        for where in chosen.tolist()
                    ]
                    yield one.start, one.stop, b"".join(made)
                row += times

    def _cleaned(self, row: bytes) -> bytes:
        """The row without formulas, comments, what links may call, and what binds it to others."""
        row = _LINK.sub(b' xlink:href=""', _BOUND.sub(b"", _FORMULA.sub(b"", row)))
        if b":frame" in row or b":shapes" in row or b":annotation" in row:
            row = without(row, spans(row, lambda _depth, name: name in _LEFT_OUT))
        return row


def _times(text: str) -> int:
    return int(text) if text.isdecimal() and 0 < len(text) < 12 else 1


def _repeated(element: bytes, times: int, tag: re.Pattern[bytes] = _ROW_TAG) -> bytes:
    """A row or cell that stands for so many."""
    head, rest = element[: element.index(b">")], element[element.index(b">") :]
    head = _REPEATED.sub(b"", head)
    if times > 1:
        what = b"rows" if tag is _ROW_TAG else b"columns"
        head = tag.sub(lambda found: found[0] + b' table:number-%s-repeated="%d"' % (what, times), head, count=1)
    return head + rest


def _dropped(row: bytes, places: tuple[int, ...]) -> bytes:
    """The row without the cells of these columns."""
    if not places:
        return row
    cells = spans(row, lambda depth, _name: depth == 1)
    pieces, at, column = [], 0, 0
    for one in cells:
        times = _times(one.attributes.get("number-columns-repeated", "1"))
        left = times - sum(column <= place < column + times for place in places)
        cell = row[one.start : one.stop]
        pieces += [row[at : one.start], _repeated(cell, left, _CELL_TAG) if left else b""]
        at, column = one.stop, column + times
    return b"".join([*pieces, row[at:]])


def _extended(row: bytes, column: int, texts: tuple[str, ...]) -> bytes:
    """One row with our cells from that column on."""
    row = _repeated(row, 1)
    if not texts:
        return row
    cells = spans(row, lambda depth, _name: depth == 1)
    begin = cells[0].start if cells else row.index(b">") + 1
    before = b"".join(_until(row, cells, column))
    ours = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{escape(text)}</text:p></table:table-cell>'
        if text
        else "<table:table-cell/>"
        for text in texts
    )
    return row[:begin] + before + ours.encode() + b"</table:table-row>"


def _until(row: bytes, cells: list[Span], column: int) -> Iterator[bytes]:
    """The cells before a column, filled up to it."""
    at = 0
    for one in cells:
        times = _times(one.attributes.get("number-columns-repeated", "1"))
        if at >= column:
            return
        yield _repeated(row[one.start : one.stop], min(times, column - at), _CELL_TAG)
        at += times
    if at < column:
        yield b'<table:table-cell table:number-columns-repeated="%d"/>' % (column - at)
