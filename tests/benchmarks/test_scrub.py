"""`scrub` of a large file against lists of as many numbers, beside `check` of the same file; prints a table.

Run with `pytest -m benchmark -s tests/benchmarks/test_scrub.py`; PTX_BENCHMARK_ROWS sets the rows (default 1,000,000).
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

from tests.benchmarks.test_check import ROWS, folder, measured

__all__ = ["folder"]  # the fixture: the same rows as CSV and as XLSX

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("name", ["contacts.csv", "contacts.xlsx"])
def test_scrub_beside_check(folder: Path, name: str) -> None:
    """`scrub` keeps, removes and sets aside as many rows as there are, and is timed beside `check`."""
    work = folder / f"scrub-{name}"
    work.mkdir()
    rng = random.Random(2)
    listed = rng.sample(range(600_000_000, 800_000_000), ROWS)
    lines = "".join(f"+33{number},stop,,2026-01-31T10:20:30Z,FR,mobile\r\n" for number in listed)
    lists = work / "lists.csv"
    lists.write_text("phone,list,remote_id,added_approx,country,line_type\r\n" + lines, encoding="utf-8", newline="")
    program = [sys.executable, "-m", "ptx_bulk"]
    _out, check_seconds, check_peak = measured([*program, "check", str(folder / name), "--json"], work)
    command = [*program, "scrub", str(folder / name), "--lists", str(lists), "--json"]
    out, seconds, peak = measured(command, work)
    told = json.loads(out)
    print(f"\n{name}, {ROWS:,} rows       seconds   peak MB")
    print(f"  ptx-bulk check             {check_seconds:8.1f}  {check_peak:8.0f}")
    print(f"  ptx-bulk scrub             {seconds:8.1f}  {peak:8.0f}   {told['removed']:,} removed")
    print(f"  times check                {seconds / check_seconds:8.2f}")
    assert told["kept"] + told["removed"] + told["unsure"] == ROWS
