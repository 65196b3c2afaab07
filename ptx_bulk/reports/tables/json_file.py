"""JSON: one object with the summary and the lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec
import pandas as pd

from ptx_bulk.reports import cell_text
from ptx_bulk.reports.summary import Summary

_ROWS = 10_000


def write_results(stream: BinaryIO, lines: pd.DataFrame, summary: Summary) -> None:
    """`{"summary": {...}, "lines": [...]}` in UTF-8, a line of text per line; a missing number is null."""
    stream.write(b'{"summary": ' + msgspec.json.encode(summary.as_json()) + b',\n"lines": ')
    write_records(stream, lines)
    stream.write(b"}\n")


def write_records(stream: BinaryIO, frame: pd.DataFrame) -> None:
    """The frame as an array of objects, one a line."""
    stream.write(b"[")
    before = b"\n"
    for record in _records(frame):
        stream.write(before + record)
        before = b",\n"
    stream.write(b"\n]")


def _records(frame: pd.DataFrame) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    names = list(frame.columns)
    for table in cell_text.chunks(frame, _ROWS):
        for values in zip(*(column.to_pylist() for column in table.columns), strict=True):
            yield encode(dict(zip(names, values, strict=True)))
