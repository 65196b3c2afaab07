"""Columns that know their type become the cells that a spreadsheet would hold: text, and what kind of cell it is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ptx_bulk.workbooks.dataframes import store_frame
from ptx_bulk.workbooks.sheets.cells import BOOLEAN, DATE, EMPTY, NUMBER, TEXT
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.typed_columns import Cells, as_rows, mixed_cells, typed_cells

MOMENT = dt.datetime.fromisoformat("2026-01-31T09:05:00")


def told(cells: Cells) -> list[tuple[str, int]]:
    return list(zip(cells.texts.to_pylist(), cells.kinds.to_pylist(), strict=True))


TYPED = [
    (pa.string(), ["06", "", None], [("06", TEXT), ("", EMPTY), ("", EMPTY)]),
    (pa.large_string(), ["06", None], [("06", TEXT), ("", EMPTY)]),
    (pa.string_view(), ["06", None], [("06", TEXT), ("", EMPTY)]),
    (pa.int64(), [612345678, -1, 0, None], [("612345678", NUMBER), ("-1", NUMBER), ("0", NUMBER), ("", EMPTY)]),
    (pa.uint64(), [2**63], [("9223372036854775808", NUMBER)]),
    (
        pa.float64(),
        [33612345678.0, 6.5, float("nan"), None],
        [("33612345678", NUMBER), ("6.5", NUMBER), *[("", EMPTY)] * 2],
    ),
    (pa.float32(), [6.5], [("6.5", NUMBER)]),
    (pa.decimal128(20, 2), [Decimal("612345678.00"), Decimal("6.50")], [("612345678", NUMBER), ("6.5", NUMBER)]),
    (pa.bool_(), [True, False, None], [("TRUE", BOOLEAN), ("FALSE", BOOLEAN), ("", EMPTY)]),
    (pa.date32(), [dt.date(2026, 1, 31), None], [("2026-01-31", DATE), ("", EMPTY)]),
    (
        pa.timestamp("ms"),
        [MOMENT, dt.datetime.fromisoformat("2026-01-31")],
        [("2026-01-31T09:05:00", DATE), ("2026-01-31", DATE)],
    ),
    (pa.time32("s"), [dt.time(9, 5)], [("09:05:00", DATE)]),
    (pa.duration("s"), [dt.timedelta(hours=2)], [("2:00:00", TEXT)]),
    (pa.binary(), [b"06"], [("b'06'", TEXT)]),
    (pa.list_(pa.int64()), [[1, 2]], [("[1, 2]", TEXT)]),
    (pa.null(), [None, None], [("", EMPTY), ("", EMPTY)]),
]


@pytest.mark.parametrize(("kind", "values", "expected"), TYPED, ids=[str(row[0]) for row in TYPED])
def test_each_type_has_its_kind_of_cell(kind: pa.DataType, values: list[Any], expected: list[tuple[str, int]]) -> None:
    """Texts, numbers, booleans, dates and gaps are cells of their kind, with the text that a cell of them shows."""
    assert told(typed_cells(pa.array(values, kind))) == expected


@pytest.mark.parametrize("kind", [pa.string(), pa.int64()])
def test_categories_are_their_values(kind: pa.DataType) -> None:
    """A column that keeps each value once is read like one that repeats them."""
    column = pa.array(["6", "7", "6", None], pa.string()).cast(kind)
    assert told(typed_cells(column.dictionary_encode())) == told(typed_cells(column))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_texts_in_an_old_code_page_are_read_as_such(kind: pa.DataType) -> None:
    """Bytes that are no UTF-8 are those of Western Europe's code page; all else of the column stays as it is."""
    raw = pa.array(["Hélène".encode(), "Loïc".encode("cp1252"), b"\x81", b"", None], pa.large_binary())
    broken = raw.cast(pa.binary() if kind == pa.string() else pa.large_binary())
    column = broken.view(kind)
    assert told(typed_cells(column)) == [("Hélène", TEXT), ("Loïc", TEXT), ("\ufffd", TEXT), ("", EMPTY), ("", EMPTY)]


def test_values_of_any_types_are_told_one_by_one() -> None:
    """Each Python value of a mixed column is the cell that a column of its type would have."""
    values = [
        *(None, "06", "", "\ud800x", True, np.False_, 612345678, np.int64(7), 33612345678.0, np.float64(6.5)),
        *(float("nan"), Decimal("6.50"), MOMENT, dt.date(2026, 1, 31), dt.time(9, 5), dt.timedelta(hours=2), [1]),
    ]
    assert told(mixed_cells(values)) == [
        *[("", EMPTY), ("06", TEXT), ("", EMPTY), ("?x", TEXT), ("TRUE", BOOLEAN), ("FALSE", BOOLEAN)],
        *[("612345678", NUMBER), ("7", NUMBER), ("33612345678", NUMBER), ("6.5", NUMBER), ("", EMPTY)],
        *[("6.5", NUMBER), ("2026-01-31T09:05:00", DATE), ("2026-01-31", DATE), ("09:05:00", DATE)],
        *[("2:00:00", TEXT), ("[1]", TEXT)],
    ]


def test_columns_side_by_side_are_rows_that_are_counted_on() -> None:
    """Rows are numbered from the first one that is told, and each column keeps its place; no column is no row."""
    table = as_rows([typed_cells(pa.array(["a", "b"])), typed_cells(pa.array([1, None]))], 7)
    assert table.to_pydict() == {
        "row": [7, 8],
        "v0": ["a", "b"],
        "k0": [TEXT, TEXT],
        "v1": ["1", ""],
        "k1": [NUMBER, EMPTY],
    }
    assert as_rows([typed_cells(pa.array(["a"]))], 2).to_pydict() == {"row": [2], "v0": ["a"], "k0": [TEXT]}
    assert as_rows([], 7).num_rows == 0


@pytest.mark.parametrize("rows", [0, 1, 50_000, 50_001, 100_003])
def test_a_long_table_is_stored_row_by_row(rows: int, tmp_path: Path) -> None:
    """However long a table is, each row stands once, behind the headings, at its place + 2."""
    frame = pd.DataFrame({"n": np.arange(rows), "Mobile": "06"}, index=np.arange(rows)[::-1])
    stored = store_frame(frame, tmp_path, Limits())
    with pa.OSFile(stored.sheets[0].path) as file:
        table = pa.ipc.open_file(file).read_all()
    assert table["row"].to_pylist() == list(range(1, rows + 2))
    assert table["v0"].to_pylist() == ["n", *map(str, range(rows))]
    assert table["v1"].to_pylist() == ["Mobile", *["06"] * rows]
    assert stored.size == Path(stored.sheets[0].path).stat().st_size
