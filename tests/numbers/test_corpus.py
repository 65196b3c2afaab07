"""The shared table of raw French cells, as it stands."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from ptx_bulk.model import CellKind
from ptx_bulk.numbers import normalise

TABLE = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "expected_fr.csv"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not TABLE.exists(), reason="the shared corpus is not here"),
]

KINDS = {
    "text": CellKind.TEXT,
    "int": CellKind.NUMBER,
    "float": CellKind.NUMBER,
    "empty": CellKind.EMPTY,
    "error": CellKind.ERROR,
    "bool": CellKind.BOOLEAN,
    "date": CellKind.DATE,
    "time": CellKind.DATE,
    "formula_nocache": CellKind.FORMULA,
}


def cell(row: dict[str, str]) -> tuple[str, CellKind]:
    """The text and kind that a reader hands over for a row of the table."""
    described = row["cell_type"]
    if described.startswith("formula (cached "):
        value = described.removeprefix("formula (cached ").removesuffix(")")
        return value.strip('"'), CellKind.TEXT if value.startswith('"') else CellKind.NUMBER
    if "jj/mm" in described:
        return row["raw"], CellKind.DATE
    return row["raw"], KINDS[described.partition(",")[0]]


def test_every_expected_cell() -> None:
    """Each cell of the table gives the expected numbers and code; its `latitude` column tells what else is fine."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wrong = []
    for row in rows:
        text, kind = cell(row)
        frame = normalise(pd.Series([text]), pd.Series([kind]), region=row["default_region"] or None)
        numbers = {f"+{number}" for number in frame["number"] if number}
        codes = {code for joined in frame["code"] for code in joined.split("+")}
        expected = set(filter(None, row["accepted"].split(";")))
        right = numbers == expected and (not row["code"] or row["code"] in codes)
        if "suggest" in row["comment"] and not expected and "impossible" not in row["comment"]:
            right = right and any(frame["suggestion"])
        if not (right or (row["latitude"] and not numbers) or row["latitude"] == "either"):
            wrong.append((row["raw"], row["default_region"], numbers, codes, row["accepted"], row["code"]))
    assert len(rows) > 200
    assert wrong == []
