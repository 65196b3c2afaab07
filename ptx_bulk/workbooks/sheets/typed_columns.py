"""Arrow columns that know their type as cells: what Parquet files and DataFrames hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, time
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk.workbooks.sheets.arrow import lengths, strings
from ptx_bulk.workbooks.sheets.cells import BOOLEAN, DATE, EMPTY, NUMBER, TEXT, SheetBuilder, moment_text, number_text


class Cells(NamedTuple):
    """The cells of one column: their texts, '' when empty, and their kinds, positions in `cells.KINDS`."""

    texts: pa.Array[Any]
    kinds: pa.Array[Any]


def typed_cells(column: pa.Array[Any]) -> Cells:
    """A column of one type; null and NaN are empty cells."""
    return _cells(*_texts(column))


def mixed_cells(values: list[Any]) -> Cells:
    """A column of Python values of any types; None is an empty cell."""
    cells = [_as_cell(value) for value in values]
    return _cells(strings([text for text, _kind in cells]), np.array([kind for _text, kind in cells], np.uint8))


def write_headings(names: Iterable[str], builder: SheetBuilder) -> None:
    """Names of columns as row 1, where they would stand in a spreadsheet; an empty one is a blank."""
    for place, name in enumerate(names):
        builder.cell(1, place, name or " ", TEXT)
    builder.flush()


def as_rows(columns: list[Cells], first_row: int) -> pa.Table:
    """Columns, which are equally long, as rows for `SheetBuilder.table` from that row on."""
    count = len(columns[0].texts) if columns else 0
    data: dict[str, pa.Array[Any]] = {"row": pa.array(np.arange(first_row, first_row + count, dtype=np.int32))}
    for number, column in enumerate(columns):
        data[f"v{number}"], data[f"k{number}"] = column
    return pa.table(data)


def _cells(texts: pa.Array[Any], kind: int | npt.NDArray[np.uint8]) -> Cells:
    texts = texts.fill_null("")
    return Cells(texts, pa.array(np.where(lengths(texts) == 0, EMPTY, kind).astype(np.uint8)))


def _as_cell(value: Any) -> tuple[str | None, int]:  # noqa: ANN401 - whatever a caller's table holds
    """One value's text and the kind of its cell."""
    if value is None:
        return None, EMPTY
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode(), TEXT  # a lone half of a character is no text
    if isinstance(value, bool | np.bool_):
        return ("TRUE" if value else "FALSE"), BOOLEAN
    if isinstance(value, int | np.integer | float | Decimal | np.floating):
        return (str(int(value)) if isinstance(value, int | np.integer) else _number(value)), NUMBER
    if isinstance(value, date | time):
        return moment_text(value), DATE
    return str(value), TEXT


def _texts(column: pa.Array[Any]) -> tuple[pa.Array[Any], int | npt.NDArray[np.uint8]]:
    """The column's texts (null where there is no value) and the kind of its cells."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.cast(kind.value_type))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _sound(column), TEXT
    if pa.types.is_integer(kind):
        return column.cast(pa.string()), NUMBER
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "TRUE", "FALSE"), BOOLEAN
    write, code = _writing(kind)
    return strings([None if value is None else write(value) for value in column.to_pylist()]), code


def _sound(column: pa.Array[Any]) -> pa.Array[Any]:
    """Texts as UTF-8: writers that put the bytes of an old code page there did so for Western Europe's, as in CSV."""
    texts = column.cast(pa.large_string() if pa.types.is_large_string(column.type) else pa.string())
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raw: list[bytes | None] = texts.cast(pa.large_binary(), safe=False).to_pylist()
        return strings([None if value is None else _decoded(value) for value in raw])
    return texts.cast(pa.string())


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _writing(kind: pa.DataType) -> tuple[Callable[[Any], str], int]:
    """How to write a value of the type as text, and the kind of its cells."""
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _number, NUMBER
    if pa.types.is_temporal(kind) and not pa.types.is_duration(kind):
        return moment_text, DATE
    return str, TEXT


def _number(value: float | Decimal | np.floating[Any]) -> str:
    number = float(value)
    return "" if math.isnan(number) else number_text(number)
