"""`check` of a large file, whole and as a user runs it, beside the naive way; prints a table, asserts answers only.

Run with `pytest -m benchmark -s tests/benchmarks/test_check.py`; PTX_BENCHMARK_ROWS sets the rows (default 1,000,000).
"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import xlsxwriter

from tests.conftest import ROOT

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]

ROWS = int(os.environ.get("PTX_BENCHMARK_ROWS", "1000000"))
JUNK = ("", "N/A", "06 12 34", "pas de portable", "0612345 pro", "#N/A", "3,36E+10", "06.12.1978")

# What a script without this tool does: pandas with its usual engine, phonenumbers cell by cell.
NAIVE = """
import sys
import pandas as pd, phonenumbers
path = sys.argv[1]
if path.endswith(".csv"):
    frame = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)
else:
    frame = pd.read_excel(path, dtype=str, keep_default_na=False, engine="openpyxl")
MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
valid = []
for raw in frame["Portable"]:
    try:
        number = phonenumbers.parse(raw, "FR")
        if phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in MOBILE:
            valid.append(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    except phonenumbers.NumberParseException:
        pass
print(len(valid))
"""


def mobile(rng: random.Random) -> str:
    national = (
        f"6{rng.randrange(10**8):08d}" if rng.random() < 0.8 else f"7{rng.choice('3456789')}{rng.randrange(10**7):07d}"
    )
    pairs = [f"0{national}"[at : at + 2] for at in range(0, 10, 2)]
    writings = (
        f"0{national}", " ".join(pairs), ".".join(pairs), f"+33{national}", f"0033{national}", national,
        f"33{national}", f"+33 (0){national[0]} " + " ".join(pairs[1:]),
    )  # fmt: skip
    return rng.choices(writings, (30, 15, 10, 20, 7, 8, 5, 5))[0]


def cell(rng: random.Random) -> str:
    at = rng.random()
    if at < 0.87:
        return mobile(rng)
    if at < 0.92:
        return f"01{rng.randrange(10**8):08d}"
    return f"+44 7911 {rng.randrange(10**6):06d}" if at < 0.95 else rng.choice(JUNK)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same rows as CSV and as XLSX, in which nine bare digits are a number cell as Excel would have it."""
    path = tmp_path_factory.mktemp("benchmark")
    rng = random.Random(1)
    rows = [(f"Nom{n}", cell(rng), f"Ville {n % 100}") for n in range(ROWS)]
    with (path / "contacts.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows([("Nom", "Portable", "Ville"), *rows])
    book = xlsxwriter.Workbook(str(path / "contacts.xlsx"), {"constant_memory": True})
    sheet = book.add_worksheet("Contacts")
    sheet.write_row(0, 0, ("Nom", "Portable", "Ville"))
    for at, (name, phone, town) in enumerate(rows, 1):
        sheet.write_string(at, 0, name)
        if phone.isdecimal() and len(phone) == 9:
            sheet.write_number(at, 1, int(phone))
        else:
            sheet.write_string(at, 1, phone)
        sheet.write_string(at, 2, town)
    book.close()
    return path


def measured(command: list[str], cwd: Path) -> tuple[str, float, float]:
    """Output, seconds and peak memory in MB of a command, its child processes included."""
    start = time.perf_counter()
    process = psutil.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    peak = 0
    while process.poll() is None:
        try:
            family = [process, *process.children(recursive=True)]
            peak = max(peak, sum(member.memory_info().rss for member in family))
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.02)
    return process.communicate()[0], time.perf_counter() - start, peak / 1e6


@pytest.mark.parametrize("name", ["contacts.csv", "contacts.xlsx"])
def test_check_beside_the_naive_way(folder: Path, name: str) -> None:
    """`check` accepts no fewer numbers than the naive way finds among clean cells, and both are timed in one run."""
    work = folder / f"work-{name}"
    work.mkdir()
    out, seconds, peak = measured([sys.executable, "-m", "ptx_bulk", "check", str(folder / name), "--json"], work)
    summary = json.loads(out)
    naive_out, naive_seconds, naive_peak = measured([sys.executable, "-c", NAIVE, str(folder / name)], work)
    print(f"\n{name}, {ROWS:,} rows            seconds   peak MB   numbers")
    print(f"  ptx-bulk check, with reports  {seconds:8.1f}  {peak:8.0f}  {summary['counts']['valid']:>9,}")
    print(f"  pandas + phonenumbers         {naive_seconds:8.1f}  {naive_peak:8.0f}  {int(naive_out):>9,}")
    print(f"  times faster                  {naive_seconds / seconds:8.1f}")
    assert sum(summary["counts"].values()) == ROWS
    assert summary["counts"]["valid"] > 0.8 * ROWS
