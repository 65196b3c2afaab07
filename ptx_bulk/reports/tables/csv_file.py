"""CSV, a column at a time."""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ptx_bulk.reports import cell_text
from ptx_bulk.reports.dialects import USUAL, Dialect, in_dialect
from ptx_bulk.reports.summary import Summary

_ROWS = 50_000
_OUR_NUMBERS = frozenset({"e164"})  # `+` and digits: nothing to quote, nothing to disarm
# What may need a quote or an apostrophe, by the first and the last byte of a field, and by what stands in it. The bytes
# over 127 begin the full-width signs, the blanks and the marks that `_cells` passes over.
_FIRST = np.isin(np.arange(256), [*range(33), *b'"=+-@\x7f\xc2\xd8\xe1\xe2\xe3\xef'])
_LAST = np.isin(np.arange(256), list(b" \t\r\n\f"))
_SPLITS = (",", ";", "\t", "\r", "\n", '"')


def write_results(stream: BinaryIO, lines: pd.DataFrame, _summary: Summary, dialect: Dialect = USUAL) -> None:
    """Results with CRLF; formulas are neutralised."""
    in_dialect(stream, dialect, lambda fitting: _write_results(stream, lines, fitting))


def _write_results(stream: BinaryIO, lines: pd.DataFrame, dialect: Dialect) -> None:
    delimiter, encode = dialect.delimiter, _encoder(dialect)
    stream.write(encode(memoryview((delimiter.join(lines.columns) + "\r\n").encode())))
    # Most columns hold few distinct values: those are made ready once, and the rows only point at them.
    ready = {name: _ready(lines[name], delimiter) for name in lines.columns if _is_categorical(lines[name])}

    def part(start: int) -> memoryview:
        frame = lines.iloc[start : start + _ROWS]
        return _joined([_result(frame[name], name, ready.get(name), delimiter) for name in frame.columns], delimiter)

    for piece in ahead(part, range(0, len(lines), _ROWS)):
        stream.write(encode(piece))


def _encoder(dialect: Dialect) -> Callable[[memoryview], bytes | memoryview]:
    """What makes a piece of UTF-8 one of the dialect's encoding: bytes that are so already go through untouched."""
    if dialect.encoding == "utf-8":
        return lambda piece: piece
    encode = codecs.getincrementalencoder(dialect.encoding)().encode
    return lambda piece: encode(str(piece, "utf-8"))


def _result(column: pd.Series, name: str, ready: cell_text.Column | None, delimiter: str) -> cell_text.Column:
    """A column of results as fields, a scalar where all are the same."""
    if ready is not None:
        return _picked(ready, column)
    if name in cell_text.NUMBER_COLUMNS and not column.any():
        return cell_text.EMPTY
    fields = cell_text.column(column, name)
    return fields if name in _OUR_NUMBERS else _field(fields, delimiter)


def _is_categorical(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype)


def _ready(column: pd.Series, delimiter: str) -> cell_text.Column:
    """The column's distinct values as fields, the empty one (of missing values) last."""
    words = pa.array([*column.cat.categories.astype("str"), ""], pa.large_string())
    return _field(words, delimiter)


def _picked(words: cell_text.Column, column: pd.Series) -> cell_text.Column:
    codes = column.cat.codes.to_numpy()
    first = codes[0]
    if (codes == first).all():
        return words[int(first)]  # a scalar: joining it costs no column
    return cell_text.pc.take(words, pa.array(np.where(codes < 0, len(words) - 1, codes)))


def write_tables(stream: BinaryIO, header: list[str], tables: Iterable[pa.Table], *, dialect: Dialect = USUAL) -> None:
    """Header (none when empty) and tables as CSV with CRLF; fields are quoted where they must be.

    Raises:
        UnicodeEncodeError: a character does not exist in the encoding.
    """
    encode = _encoder(dialect)
    if header:
        names = [pa.array([name], pa.large_string()) for name in header]
        heads = pa.table(names, names=[str(place) for place in range(len(names))])
        stream.write(encode(_rows(heads, dialect.delimiter)))
    for piece in ahead(lambda table: _rows(table, dialect.delimiter), tables):
        stream.write(encode(piece))


def _rows(table: pa.Table, delimiter: str) -> memoryview:
    return _joined([_field(column.combine_chunks(), delimiter) for column in table.columns], delimiter)


def _joined(fields: list[cell_text.Column], delimiter: str) -> memoryview:
    ends = cell_text.join(fields[-1], "\r\n")
    return cell_text.joined(cell_text.join(*fields[:-1], ends, between=delimiter))


def _field(column: cell_text.Column, delimiter: str) -> cell_text.Column:
    if pa.types.is_integer(column.type):
        return cell_text.text(column)
    doubtful = _doubtful(column, delimiter)
    if not doubtful.any():
        return column
    chosen = pa.array(doubtful)
    mended = _quoted(cell_text.neutral(column.filter(chosen)), delimiter)
    return cell_text.pc.replace_with_mask(column, chosen, mended)


def _doubtful(column: cell_text.Column, delimiter: str) -> npt.NDArray[np.bool_]:
    """Which fields to look at closely: all that may need quotes or an apostrophe, found in one look at the bytes."""
    offsets = np.frombuffer(column.buffers()[1], np.int64)[column.offset : column.offset + len(column) + 1]
    data = bytes(cell_text.joined(column))
    codes = np.frombuffer(data + b"\0", np.uint8)
    start, end = offsets[:-1] - offsets[0], offsets[1:] - offsets[0]
    doubtful: npt.NDArray[np.bool_] = (end > start) & (_FIRST[codes[start]] | _LAST[codes[end - 1]])
    for inner in {delimiter, *_SPLITS}:
        if inner.encode() in data:
            doubtful |= cell_text.pc.match_substring(column, inner).to_numpy(zero_copy_only=False)
    return doubtful


def _quoted(column: cell_text.Column, delimiter: str) -> cell_text.Column:
    needy = cell_text.pc.match_substring_regex(column, f'[{re.escape(delimiter)}"\r\n]|^\\s|\\s$')
    if not cell_text.pc.any(needy).as_py():
        return column
    doubled = cell_text.join('"', cell_text.pc.replace_substring(column, '"', '""'), '"')
    return cell_text.pc.if_else(needy, doubled, column)


_From = TypeVar("_From")
_To = TypeVar("_To")
_AHEAD = 2  # Arrow leaves the interpreter to others meanwhile; more would cost memory


def ahead(make: Callable[[_From], _To], items: Iterable[_From]) -> Iterator[_To]:
    """What `make` answers for each item, in their order; never more than a few answers are waiting."""
    waiting: deque[Future[_To]] = deque()
    with ThreadPoolExecutor(_AHEAD) as threads:
        for item in items:
            waiting.append(threads.submit(make, item))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
