"""Delimited text in parts: the records as they stand in the file, byte for byte; ours are added behind them."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from ptx_bulk.workbooks.splitting.parts import ADDED, EVERYWHERE, KEPT, Repeated, SheetParts
from ptx_bulk.workbooks.splitting.records import Records, find_records
from ptx_bulk.workbooks.storing import Content
from ptx_bulk.workbooks.text.dialects import Dialect

_BLOCK = 50_000  # records at once
_MARKS = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
_MARKS |= {"utf-32-le": codecs.BOM_UTF32_LE, "utf-32-be": codecs.BOM_UTF32_BE}
_ENDS = b"\r\n\x1a"


def split_text(
    content: Content,
    original: bytes,
    parts: SheetParts,
    widths: npt.NDArray[np.int32] | None,
    streams: Mapping[int, BinaryIO],
) -> bool:
    """Write each part to its stream; whether every character could be written in the file's own encoding.

    Args:
        content: how the file was read.
        original: its bytes.
        parts: where its records go.
        widths: how many cells each of the rows has, parallel to `parts.rows`; None where all have as many.
        streams: one for each part that is wanted.
    """
    records = find_records(content, original)
    whole = True
    for part, stream in streams.items():
        out = _Recoded(stream, records, bom=content.text.bom) if records.copied and content.text else stream
        if isinstance(out, _Recoded):
            out.begin()
        else:
            out.write(records.data[: records.head])
        pieces = (
            _untouched(records, parts)
            if part == KEPT and not parts.dropped
            else _extended(records, parts, part, widths, _Writer(records, content))
        )
        for piece in pieces:
            out.write(piece)
        whole &= not isinstance(out, _Recoded) or out.whole
    return whole


class _Recoded:
    """A stream that takes UTF-8 and writes it in the file's encoding."""

    def __init__(self, stream: BinaryIO, records: Records, *, bom: bool) -> None:
        self._stream = stream
        self._head = records.data[: records.head].removeprefix(codecs.BOM_UTF8)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._encoding = records.encoding
        self._bom = bom
        self.whole = True

    def begin(self) -> None:
        """Write what stands before the first record."""
        if self._bom:
            self._stream.write(_MARKS.get(self._encoding, b""))
        self.write(self._head)

    def write(self, data: bytes) -> None:
        """Write these bytes of UTF-8."""
        text = self._decoder.decode(data)
        try:
            self._stream.write(text.encode(self._encoding))
        except UnicodeEncodeError:
            self.whole = False
            self._stream.write(text.encode(self._encoding, "replace"))


def _untouched(records: Records, parts: SheetParts) -> Iterator[bytes]:
    """The records that stay, and blank ones."""
    count = len(records.starts) - 1
    stays = np.ones(count, bool)
    stays[parts.rows - 1] = parts.of(KEPT)
    codes = np.frombuffer(records.data, np.uint8)
    for start in range(0, count, _BLOCK):
        edges = records.starts[start : start + _BLOCK + 1]
        chosen = np.repeat(stays[start : start + _BLOCK], np.diff(edges))
        yield codes[edges[0] : edges[-1]][chosen].tobytes()
    yield records.data[int(records.starts[-1]) :]  # the end mark of DOS


class _Writer:
    """Cells behind a record, in the record's dialect."""

    def __init__(self, records: Records, content: Content) -> None:
        self._encoding = "utf-8" if records.copied else records.encoding
        self._dialect = content.dialect or Dialect(",", 1, declared=False)
        self.newline = content.text.newline.encode() if content.text else b"\n"
        self.wrapped = self._dialect.wrapped
        self.delimiter = self._encoded(self._dialect.shown or _new_delimiter(records.data))

    def cells(self, texts: tuple[str, ...]) -> bytes:
        """The cells, with a delimiter before each."""
        line = io.StringIO()
        csv.writer(line, delimiter=self.delimiter.decode(), quotechar=self._dialect.quote, lineterminator="").writerow(
            ("", *texts)
        )
        return self._encoded(line.getvalue().removeprefix('""'))

    def record(self, body: bytes, missing: int, cells: bytes) -> bytes:
        """A record with cells behind it, and so many empty ones between."""
        if not cells:
            return body + self.newline
        added = self.delimiter * missing + cells if missing else cells
        if self.wrapped and body[-1:] == b'"' == body[:1]:
            return body[:-1] + added.replace(b'"', b'""') + b'"' + self.newline
        return body + added + self.newline

    def without(self, body: bytes, dropped: tuple[int, ...], width: int) -> bytes:
        """A record without these cells; as it is where it has not the width that was read, 0 for the usual one."""
        if not dropped or self.wrapped:
            return body
        cells = [found[1] for found in self._cell.finditer(self.delimiter + body)]
        if len(cells) != (width or self._dialect.width):
            return body
        return self.delimiter.join(cell for place, cell in enumerate(cells) if place not in dropped)

    @cached_property
    def _cell(self) -> re.Pattern[bytes]:
        sign, quote = re.escape(self.delimiter), re.escape(self._encoded(self._dialect.quote))
        quoted = rb"[ \t]*%(q)s(?:[^%(q)s]|%(q)s%(q)s)*%(q)s[ \t]*(?=%(s)s|\Z)" % {b"q": quote, b"s": sign}
        return re.compile(rb"%(s)s(%(c)s|[^%(s)s]*)" % {b"s": sign, b"c": quoted})

    def _encoded(self, text: str) -> bytes:
        return text.encode(self._encoding, "replace")


def _new_delimiter(data: bytes) -> str:
    """What separates our columns from the only one of the file: what does not stand in it."""
    return next((one for one in ";\t|" if one.encode() not in data), ";")


def _extended(
    records: Records,
    parts: SheetParts,
    part: int,
    widths: npt.NDArray[np.int32] | None,
    writer: _Writer,
) -> Iterator[bytes]:
    """The records of a part, with our columns behind the last cell that any of them has."""
    at = np.flatnonzero(parts.of(part))
    places = parts.rows[at] - 1
    which, cells = _cells_of(parts, part, at, writer)
    missing = np.zeros(len(at), np.int64)
    if widths is not None:
        beside = np.array([bool(ours) for ours in cells], bool)[which]
        missing = np.where(beside, widths[at][beside].max(initial=0) - widths[at], 0)
    count = np.zeros(len(at), np.int64) if widths is None else widths[at]
    for start in range(0, len(at), _BLOCK):
        block = slice(start, start + _BLOCK)
        begins, ends = records.starts[places[block]].tolist(), records.starts[places[block] + 1].tolist()
        added = map(cells.__getitem__, which[block].tolist())
        spans = zip(begins, ends, missing[block].tolist(), count[block].tolist(), added, strict=True)
        data = records.data
        yield b"".join(
            writer.record(writer.without(data[begin:end].rstrip(_ENDS), parts.dropped, width), lacks, ours)
            for begin, end, lacks, width, ours in spans
        )


def _cells_of(
    parts: SheetParts, part: int, at: npt.NDArray[np.int64], writer: _Writer
) -> tuple[npt.NDArray[np.int32], list[bytes]]:
    """What stands behind each of these rows: our cells, our headings, nothing behind titles.

    Returns:
        For each row the place of its bytes, and the bytes, of which each stands there once.
    """
    ours = Repeated.of(parts.added.get(part, ()))
    head = parts.header_row if part in ADDED else 0
    texts = [(), ADDED.get(part, ()), *ours.words]
    everywhere = parts.part[at] == EVERYWHERE
    which = np.zeros(len(at), np.int32)
    which[everywhere & (parts.rows[at] == head)] = 1
    mine = np.flatnonzero(~everywhere)[: len(ours)]
    which[mine] = ours.codes + 2
    return which, [writer.cells(one) if one else b"" for one in texts]
