"""Delimited text: the fast reader, for files in which every line is one record and all have the same number of cells.

It answers only when its rows are surely those of the careful reader, and says so otherwise.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from ptx_bulk.workbooks.sheets.cells import SheetBuilder
from ptx_bulk.workbooks.text.dialects import Dialect
from ptx_bulk.workbooks.text.encodings import CHUNK, TextFile

_BLOCK = 4 << 20
_QUOTE, _LF, _CR = b'"\n\r'


def read_fast(text: TextFile, dialect: Dialect, builder: SheetBuilder) -> bool:
    """Add the file's rows to `builder`; False when the file needs the careful reader (`builder` is then spoilt)."""
    delimiter = dialect.delimiter.encode()
    if not text.regular or len(delimiter) != 1 or not dialect.plain:
        return False
    if text.quotes and not _quotes_pair(text, delimiter):
        return False
    wanted = _lines(text) - dialect.declared
    if wanted < 1:
        return False
    rows = 0
    try:
        with _reader(text, dialect) as reader:
            for batch in reader:
                row = np.arange(rows + 1, rows + 1 + batch.num_rows, dtype=np.int32)
                names = [f"v{column}" for column in range(batch.num_columns)]
                rows += batch.num_rows
                builder.table(pa.table([pa.array(row), *batch.columns], names=["row", *names]))
    except pa.ArrowInvalid:  # ragged lines, line breaks in cells, lines longer than a block
        return False
    return rows == wanted


def _reader(text: TextFile, dialect: Dialect) -> arrow_csv.CSVStreamingReader:
    with text.path.open(encoding="utf-8-sig", newline="") as file:
        for _line in range(1 + dialect.declared):
            first = file.readline(_BLOCK)
    width = first.count(dialect.delimiter) + 1  # delimiters in quotes make this too much, never too little
    return arrow_csv.open_csv(
        str(text.path),
        read_options=arrow_csv.ReadOptions(
            autogenerate_column_names=True, skip_rows=int(dialect.declared), block_size=_BLOCK, use_threads=False
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char='"' if text.quotes else False,
            double_quote=True,
            newlines_in_values=False,
            ignore_empty_lines=False,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={f"f{column}": pa.string() for column in range(width)},
            null_values=[],
            strings_can_be_null=False,
        ),
    )


def _lines(text: TextFile) -> int:
    """How many lines the file has, a last one without line end included."""
    size = text.path.stat().st_size
    with text.path.open("rb") as file:
        file.seek(max(0, size - 1))
        return text.newlines + (file.read(1) != b"\n")


def _quotes_pair(text: TextFile, delimiter: bytes) -> bool:
    """Whether all quotes are those of RFC 4180: around whole cells, doubled within, closed on their line.

    Of any others readers think differently. Counted from the file's start, quotes at even places open a cell or are the
    second of two, those at odd places close it or are the first of two.
    """
    seen, before = 0, b"\n"
    with text.path.open("rb") as file:
        while data := file.read(CHUNK):
            block = before + data
            quotes = _paired(block, delimiter, seen)
            if quotes < 0 or b'\\"' in block:
                return False
            seen, before = seen + quotes, block[-2:]
    last = _paired(before + b"\n", delimiter, seen)
    return last >= 0 and (seen + last) % 2 == 0


def _paired(block: bytes, delimiter: bytes, seen: int) -> int:
    """How many quotes the block holds between its first and last byte, -1 where one does not pair.

    Args:
        block: some of the file's bytes.
        delimiter: of cells.
        seen: quotes before.
    """
    codes = np.frombuffer(block, np.uint8)
    at = np.flatnonzero(codes[1:-1] == _QUOTE) + 1
    border = np.isin(np.arange(256), [*delimiter, *b'\r\n"'])
    opening = (np.arange(len(at)) + seen) % 2 == 0
    neighbour = codes[np.where(opening, at - 1, at + 1)]
    line_ends = np.flatnonzero((codes[1:-1] == _LF) | (codes[1:-1] == _CR)) + 1
    within = (np.searchsorted(at, line_ends) + seen) % 2
    return len(at) if border[neighbour].all() and not within.any() else -1
