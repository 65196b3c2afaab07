"""Reading against pandas, in the same run: `pytest -m benchmark -s`; PTX_BENCHMARK_ROWS for other sizes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter

ROOT = Path(__file__).resolve().parents[2]
ROWS = int(os.environ.get("PTX_BENCHMARK_ROWS", "200000"))

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1800)]

# Seconds, and the peak in MB of what the process and its children hold together, looked at every 5 ms. The system's own
# record (ru_maxrss) will not do: a process inherits it from the one that started it.
MEASURE = """
import sys, threading, time
import psutil
{setup}
peak, done = 0, threading.Event()
def look():
    global peak
    me = psutil.Process()
    while not done.wait(0.005):
        held = me.memory_info().rss
        for child in me.children():
            try:
                held += child.memory_info().rss
            except psutil.Error:
                pass
        peak = max(peak, held)
watcher = threading.Thread(target=look)
watcher.start()
start = time.perf_counter()
count = len({run})
seconds = time.perf_counter() - start
done.set()
watcher.join()
print(count, seconds, peak / 2**20)
"""
OURS = (
    "from ptx_bulk.workbooks import ReadOptions, read\nimport ptx_bulk.numbers",
    "read([sys.argv[1]], ReadOptions()).cells",
)
PANDAS_XLSX = ("import pandas", "pandas.read_excel(sys.argv[1], dtype=str, keep_default_na=False)")
PANDAS_CSV = (
    "import pandas",
    "pandas.read_csv(sys.argv[1], sep=';', dtype=str, keep_default_na=False, index_col=False)",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same list as XLSX and CSV: name, number (a third as number cells), town."""
    folder = tmp_path_factory.mktemp("reading")
    book, text = folder / "list.xlsx", folder / "list.csv"
    with xlsxwriter.Workbook(book) as workbook, text.open("w", encoding="utf-8") as lines:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["nom", "telephone", "ville"])
        lines.write("nom;telephone;ville\n")
        for row in range(1, ROWS + 1):
            number = f"06{row:08}"
            sheet.write_string(row, 0, f"client {row}")
            sheet.write_string(row, 1, number) if row % 3 else sheet.write_number(row, 1, int(number))
            sheet.write_string(row, 2, "Paris")
            lines.write(f"client {row};{number};Paris\n")
    return {"xlsx": book, "csv": text}


def _measured(program: tuple[str, str], path: Path) -> tuple[int, float, float]:
    code = MEASURE.format(setup=program[0], run=program[1])
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=ROOT, check=True)
    count, seconds, peak = done.stdout.split()
    return int(count), float(seconds), float(peak)


@pytest.mark.parametrize(("form", "naive"), [("xlsx", PANDAS_XLSX), ("csv", PANDAS_CSV)])
def test_reading_against_pandas(form: str, naive: tuple[str, str], files: dict[str, Path]) -> None:
    """Prints the time and the peak memory of both ways; both find every row."""
    ours, theirs = _measured(OURS, files[form]), _measured(naive, files[form])
    naive_name = "pandas + openpyxl" if form == "xlsx" else "pandas"
    table = [
        f"{form}, {ROWS:,} rows x 3 columns",
        f"{'':22}{'seconds':>10}{'peak MB':>10}",
        f"  {naive_name:20}{theirs[1]:10.2f}{theirs[2]:10.0f}",
        f"  {'ptx_bulk.workbooks':20}{ours[1]:10.2f}{ours[2]:10.0f}   {theirs[1] / ours[1]:.1f} x faster",
    ]
    print("\n" + "\n".join(table))
    assert ours[0] == theirs[0] == ROWS
