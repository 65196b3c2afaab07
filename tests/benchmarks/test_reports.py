"""How long reports take: 200,000 lines of 20 columns in each format, and beside them what the usual ways take."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from ptx_bulk.model import RESULT_COLUMNS
from ptx_bulk.reports import Summary, write_report

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]
N = 200_000


def results(n: int) -> pd.DataFrame:
    """Lines as after a run: most were added, some were there, some are wrong."""
    chance = np.random.default_rng(1).random(n)
    status = pd.Series(np.select([chance < 0.7, chance < 0.9], ["applied", "unchanged"], "rejected"), dtype="str")
    applied = status == "applied"
    digits = pd.Series(612_000_000 + np.arange(n)).astype("str")
    columns: dict[str, object] = {name: pd.Categorical([""] * n) for name in RESULT_COLUMNS}
    columns |= {
        "run_id": pd.Categorical(["20261123-101500-abcd"] * n),
        "file": pd.Categorical(["stops.xlsx"] * n),
        "sheet": pd.Categorical(["Feuil1"] * n),
        "row": np.arange(2, n + 2, dtype=np.int32),
        "column": pd.Categorical(["Téléphone"] * n),
        "raw": "0" + digits,
        "e164": ("+33" + digits).where(status != "rejected", ""),
        "list": pd.Categorical(["stop"] * n),
        "action": pd.Categorical(applied.map({True: "add", False: "none"})),
        "status": pd.Categorical(status),
        "code": pd.Categorical(
            status.map({"applied": "ADDED", "unchanged": "ALREADY_LISTED", "rejected": "TOO_SHORT"})
        ),
        "message": pd.Categorical(
            status.map({"applied": "Added to the list."}).fillna("The number has too few digits.")
        ),
        "attempts": applied.astype("int64"),
        "http_status": applied.astype("int64") * 200,
        "api_code": np.zeros(n, dtype=np.int64),
        "remote_id": ("543ceb14e4b0ef9" + digits).where(applied, ""),
        "verified": pd.Categorical(applied.map({True: "yes", False: ""})),
        "duplicate_of_row": np.zeros(n, dtype=np.int64),
        "finished_at": ("2026-11-23T10:15:00." + (digits.str[-3:]) + "Z").where(applied, ""),
    }
    return pd.DataFrame(columns)[list(RESULT_COLUMNS)]


def pandas_csv(path: Path, lines: pd.DataFrame) -> None:
    """The usual way to CSV."""
    lines.to_csv(path, index=False)


def openpyxl_xlsx(path: Path, lines: pd.DataFrame) -> None:
    """openpyxl, write-only."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in lines.itertuples(index=False, name=None):
        sheet.append(row)
    book.save(path)


def xlsxwriter_xlsx(path: Path, lines: pd.DataFrame) -> None:
    """xlsxwriter, constant memory."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(lines.itertuples(index=False, name=None)):
            sheet.write_row(number, 0, row)


def seconds(work: Callable[[], None]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_writing_results(tmp_path: Path) -> None:
    """Prints seconds and size for each format, and the seconds of the usual ways."""
    lines = results(N)
    summary = Summary(run_id="20261123-101500-abcd", command="import", counts=lines["status"].value_counts().to_dict())
    table = [f"\n{N:,} lines of {len(RESULT_COLUMNS)} columns"]
    for ending in ("csv", "xlsx", "json", "html", "parquet"):
        path = tmp_path / f"ours.{ending}"
        taken = seconds(lambda path=path: write_report(path, lines, summary))
        table.append(f"  {ending:10} {taken:7.2f} s {path.stat().st_size / 1e6:8.1f} MB")
    for name, usual in (("pandas csv", pandas_csv), ("openpyxl", openpyxl_xlsx), ("xlsxwriter", xlsxwriter_xlsx)):
        taken = seconds(lambda usual=usual, name=name: usual(tmp_path / name, lines.astype(object)))
        table.append(f"  {name:10} {taken:7.2f} s")
    million = results(1_000_000)
    table.append(f"1,000,000 lines csv {seconds(lambda: write_report(tmp_path / 'm.csv', million, summary)):7.2f} s")
    print("\n".join(table))
