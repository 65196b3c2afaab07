"""CSV, a column at a time."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa

from ptx_bulk.reports import _cells
from ptx_bulk.reports.summary import Summary

_ROWS = 50_000


def write_results(stream: BinaryIO, lines: pd.DataFrame, _summary: Summary) -> None:
    """Results as RFC 4180 has them: UTF-8 without BOM, commas, CRLF; formulas are neutralised."""
    stream.write(str(",".join(lines.columns) + "\r\n").encode())
    # Most columns hold few distinct values: those are made ready once, and the rows only point at them.
    ready = {name: _ready(lines[name]) for name in lines.columns if _is_categorical(lines[name])}
    for start in range(0, len(lines), _ROWS):
        part = lines.iloc[start : start + _ROWS]
        fields = [
            _picked(ready[name], part[name]) if name in ready else _field(_cells.column(part[name], name), ",")
            for name in lines.columns
        ]
        stream.write(_joined(fields, ","))


def _is_categorical(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype)


def _ready(column: pd.Series) -> _cells.Column:
    """The column's distinct values as fields, the empty one (of missing values) last."""
    words = pa.array([*column.cat.categories.astype("str"), ""], pa.large_string())
    return _field(words, ",")


def _picked(words: _cells.Column, column: pd.Series) -> _cells.Column:
    codes = column.cat.codes.to_numpy()
    first = codes[0]
    if (codes == first).all():
        return words[int(first)]  # a scalar: joining it costs no column
    return _cells.pc.take(words, pa.array(np.where(codes < 0, len(words) - 1, codes)))


def write_tables(
    stream: BinaryIO,
    header: list[str],
    tables: Iterable[pa.Table],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> None:
    """Header (none when empty) and tables as CSV with CRLF; fields are quoted where they must be.

    Raises:
        UnicodeEncodeError: a character does not exist in `encoding`.
    """
    encode = codecs.getincrementalencoder(encoding)().encode
    if header:
        stream.write(encode(_rows([pa.array([name], pa.large_string()) for name in header], delimiter)))
    for table in tables:
        stream.write(encode(_rows([column.combine_chunks() for column in table.columns], delimiter)))


def _rows(columns: list[_cells.Column], delimiter: str) -> str:
    return str(_joined([_field(column, delimiter) for column in columns], delimiter), "utf-8")


def _joined(fields: list[_cells.Column], delimiter: str) -> memoryview:
    ends = _cells.join(fields[-1], "\r\n")
    return _cells.joined(_cells.join(*fields[:-1], ends, between=delimiter))


def _field(column: _cells.Column, delimiter: str) -> _cells.Column:
    return _quoted(_cells.neutral(_cells.text(column)), delimiter)


def _quoted(column: _cells.Column, delimiter: str) -> _cells.Column:
    needy = _cells.pc.match_substring_regex(column, f'[{delimiter}"\r\n]|^\\s|\\s$')
    if not _cells.pc.any(needy).as_py():
        return column
    doubled = _cells.join('"', _cells.pc.replace_substring(column, '"', '""'), '"')
    return _cells.pc.if_else(needy, doubled, column)
