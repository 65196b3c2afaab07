"""Delimited text: the careful reader, which survives every kind of damage and says which lines are damaged."""

from __future__ import annotations

import csv
import gc
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import IO, Any

import numpy as np
import pyarrow as pa

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.sheets.cells import SheetBuilder
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.text.dialects import Dialect, find_dialect, unwrapped
from ptx_bulk.workbooks.text.encodings import TextFile
from ptx_bulk.workbooks.text.fast import read_fast

SAMPLE = 1 << 16
_BATCH = 20_000
_LONGEST_CELL = 1_000  # lines that one quoted cell may span
_LONGEST_LINE = 8 << 20

# all but tabs, line ends, form feeds, the end mark of DOS, escapes, and the separators that some exports use; and the
# characters for private use, which bytes read as UTF-16 give
_CONTROLS = dict.fromkeys(set(range(32)) - {9, 10, 11, 12, 13, 26, 27, 28, 29, 30, 31} | set(range(0xE000, 0xF900)))
_FEW_CONTROLS = 3

Record = tuple[int, list[str], bool, int]


def read_delimited(text: TextFile, wanted: str | None, limits: Limits) -> tuple[SheetBuilder, Dialect]:
    """The lines of a text file, and how they were split.

    Rows count records from 1, blank lines included, as a spreadsheet program numbers them: a cell with line breaks is
    in one row, and a first line `sep=` is none.

    Raises:
        ConfigurationError: `wanted` is not one character.
        UnreadableFile: beyond a limit, or no text.
    """
    with _open(text) as file:
        sample = file.read(SAMPLE)
    _check_text(sample)
    dialect = find_dialect(sample, wanted)
    builder = SheetBuilder(limits, typed=False)
    if read_fast(text, dialect, builder):
        return builder, dialect
    builder = SheetBuilder(limits, typed=False)
    csv.field_size_limit(_LONGEST_LINE)
    with _open(text) as file:
        if dialect.declared:
            file.readline()
        records = split_records(map(unwrapped, file) if dialect.wrapped else file, dialect)
        with _no_collection():
            while batch := list(islice(records, _BATCH)):
                _add(builder, batch)
    return builder, dialect


def _check_text(sample: str) -> None:
    """Refuse what no text holds: many control characters. Its bytes would end on the screen as names of columns."""
    controls = len(sample) - len(sample.translate(_CONTROLS))
    if controls > _FEW_CONTROLS and controls > len(sample) // 100:
        raise UnreadableFile(
            _("this is neither a text nor a spreadsheet that can be read; save the list as .xlsx or as CSV")
        )


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for reference cycles meanwhile: rows make none, and the search takes two thirds of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _open(text: TextFile) -> IO[str]:
    return text.path.open(encoding="utf-8-sig", newline="")


def _add(builder: SheetBuilder, batch: list[Record]) -> None:
    builder.last_row = batch[-1][0]
    filled = [record for record in batch if record[1]]
    if not filled:
        return
    width = max(len(fields) for _row, fields, *_rest in filled)
    padded = [fields + [""] * (width - len(fields)) for _row, fields, *_rest in filled]
    data: dict[str, pa.Array[Any]] = {
        "row": pa.array(np.fromiter((row for row, *_rest in filled), np.int32, len(filled))),
        "fields": pa.array(np.fromiter((len(fields) for _row, fields, *_rest in filled), np.int32, len(filled))),
        "broken": pa.array([broken for _row, _fields, broken, _lines in filled]),
    }
    for column, values in enumerate(zip(*padded, strict=True)):
        data[f"v{column}"] = pa.array(values, pa.string())
    builder.table(pa.table(data))


def split_records(lines: Iterator[str], dialect: Dialect) -> Iterator[Record]:
    """Row number, cells, whether the quotes do not add up, how many lines, of each record; blank ones have no cells.

    A quote that is never closed, or closed in the middle of another cell, costs its own line alone: that line is split
    at its delimiters as if the quotes were letters, and the lines after it are read by themselves.
    """
    ahead: deque[str] = deque()
    row = 0
    while True:
        line = ahead.popleft() if ahead else next(lines, None)
        if line is None:
            return
        row += 1
        plain = line.rstrip("\r\n")
        if not plain:
            yield row, [], False, 1
        elif dialect.quote not in plain:
            yield row, plain.split(dialect.delimiter), False, 1
        else:
            yield row, *_quoted(line, lines, ahead, dialect)


def _quoted(line: str, lines: Iterator[str], ahead: deque[str], dialect: Dialect) -> tuple[list[str], bool, int]:
    fields, state = _parse([line], dialect)
    if state == "whole":
        return fields, False, 1
    if state == "open":
        whole = _across_lines(line, lines, ahead, dialect)
        if whole is not None:
            return whole
        return line.rstrip("\r\n").split(dialect.delimiter), True, 1
    literal = line.rstrip("\r\n").split(dialect.delimiter)
    try:
        lenient = next(csv.reader([line], delimiter=dialect.delimiter, quotechar=dialect.quote))
    except csv.Error:  # a cell of more than 8 MiB
        return literal, True, 1
    return (lenient, False, 1) if len(lenient) == dialect.width else (literal, True, 1)


def _across_lines(
    line: str, lines: Iterator[str], ahead: deque[str], dialect: Dialect
) -> tuple[list[str], bool, int] | None:
    """The record that starts with `line` and goes on over the next ones; None when its quotes never add up."""
    collected = [line]
    size = len(line)
    state = "open"
    fields: list[str] = []
    position = 0
    while state == "open" and len(collected) < _LONGEST_CELL and size < _LONGEST_LINE:
        if position < len(ahead):
            following: str | None = ahead[position]
        else:
            following = next(lines, None)
            if following is not None:
                ahead.append(following)
        if following is None:
            break
        position += 1
        collected.append(following)
        size += len(following)
        if dialect.quote in following:
            fields, state = _parse(collected, dialect)
    if state != "whole" or (len(fields) != dialect.width and _splits_alone(line, dialect)):
        return None
    for _used in range(position):
        ahead.popleft()
    return fields, False, position + 1


def _splits_alone(line: str, dialect: Dialect) -> bool:
    """Whether the line has the usual number of cells by itself, so that the quote in it is a stray one."""
    return line.count(dialect.delimiter) + 1 == dialect.width


def _parse(lines: list[str], dialect: Dialect) -> tuple[list[str], str]:
    """Cells and `whole`, or nothing and `open` (a quote is not closed yet) or `wrong` (text after a closing quote).

    A backslash before a quote is a letter like others, unless only its meaning as an escape makes a usual record.
    """
    fields, state = _parse_with(lines, dialect, None)
    if (state == "whole" and len(fields) == dialect.width) or not any(f"\\{dialect.quote}" in line for line in lines):
        return fields, state
    escaped, escaped_state = _parse_with(lines, dialect, "\\")
    if escaped_state == "whole" and len(escaped) == dialect.width:
        return escaped, escaped_state
    return ([], "open") if "open" in {state, escaped_state} and state != "whole" else (fields, state)


def _parse_with(lines: list[str], dialect: Dialect, escape: str | None) -> tuple[list[str], str]:
    reader = csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote, escapechar=escape, strict=True)
    try:
        fields = next(reader)
    except csv.Error as error:
        return [], "open" if "unexpected end of data" in str(error) else "wrong"
    return fields, "whole" if reader.line_num == len(lines) else "wrong"
