"""How a rejects workbook comes about: in a private folder that goes, in little memory, within Excel's limits."""

from __future__ import annotations

import gc
import itertools
import os
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from ptx_bulk.errors import ReportError
from ptx_bulk.model import CellKind
from ptx_bulk.rejected_rows import PTX_COLUMNS
from ptx_bulk.reports import USUAL
from ptx_bulk.reports.rejecting import rejects_xlsx
from ptx_bulk.reports.rejecting.rejected import RejectsSheet
from ptx_bulk.system.scratch import leftovers, sweep

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and limits")
# A process that writes a workbook of so many rows to the path.
WRITER = """
import sys
from pathlib import Path
from tests.reports.test_report_rejects_workbook import rejected
from ptx_bulk.errors import ReportError
from ptx_bulk.reports.rejecting import rejects_xlsx
try:
    rejects_xlsx.write(Path(sys.argv[1]), [rejected(int(sys.argv[2]))])
except ReportError as error:
    sys.exit(str(error))
"""


def rejected(count: int, columns: int = 1, name: str = "Feuil1") -> RejectsSheet:
    """So many rows, whose first cell is wrong and the others empty."""
    numbers = pa.array([f"06{row}" for row in range(count)], pa.large_string())
    empty = pa.array([""] * count, pa.large_string())
    text = pd.Categorical.from_codes(np.zeros(count, np.int8), [CellKind.TEXT.value])
    nothing = pd.Categorical.from_codes(np.zeros(count, np.int8), [CellKind.EMPTY.value])
    return RejectsSheet(
        file="in.ods",
        name=name,
        headings=(*(f"c{place}" for place in range(columns)), *PTX_COLUMNS),
        texts=(numbers, *[empty] * (columns - 1), *[empty] * 4),
        kinds=(text, *[nothing] * (columns - 1)),
        wrong={0: np.ones(count, bool)},
        dialect=USUAL,
    )


def writer(path: Path, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(count)], stderr=subprocess.PIPE, text=True, cwd=path.parent
    )


@pytest.mark.slow
def test_what_waits_to_be_packed_is_private_and_gone_after_a_crash(place: Path, tmp_path: Path) -> None:
    """Rows on their way are the user's alone; after a kill they are counted, and the next writing deletes them."""
    with writer(tmp_path / "r.xlsx", 200_000) as process:
        limit = time.monotonic() + 100
        while not any(path.stat().st_size for path in place.glob("*/tmp*")) and process.poll() is None:
            assert time.monotonic() < limit
            time.sleep(0.01)
        (folder,) = place.iterdir()
        if os.name != "nt":
            assert folder.stat().st_mode & 0o777 == 0o700
            assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
        assert (leftovers(), sweep()) == ([], 0)
        process.kill()
    assert leftovers() == [folder]
    rejects_xlsx.write(tmp_path / "r2.xlsx", [rejected(1)])
    assert list(place.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["r2.xlsx"]


@pytest.mark.slow
@posix
def test_a_full_temporary_folder_is_one_sentence(place: Path, tmp_path: Path) -> None:
    """Where the rows find no room on their way, the folder and the remedy are named, and no file is left anywhere."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
    done = subprocess.run(
        [sys.executable, "-c", limit + WRITER, str(tmp_path / "r.xlsx"), "20000"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{tmp_path / 'r.xlsx'} cannot be written: there is no room for a temporary copy in {place}")
    assert "TMPDIR" in line
    assert list(place.iterdir()) == []
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.slow
def test_more_columns_than_a_workbook_holds(place: Path, tmp_path: Path) -> None:
    """Where ours find no place beside 16,381 columns, that is said, and nothing is left; beside one less they do."""
    with pytest.raises(ReportError, match=r"in\.ods would have 16,385 columns with the four of ours"):
        rejects_xlsx.write(tmp_path / "r.xlsx", [rejected(1), rejected(1, 16_381)])
    assert list(tmp_path.iterdir()) == [place]
    assert list(place.iterdir()) == []
    rejects_xlsx.write(tmp_path / "r.xlsx", [rejected(1, 16_380)])
    assert openpyxl.load_workbook(tmp_path / "r.xlsx").active["XFD1"].value == "ptx_list"


def test_memory_does_not_grow_with_the_rows(place: Path, tmp_path: Path) -> None:
    """Writing 6,000 rows takes hardly more memory than writing 1,500."""

    def peak(count: int) -> int:
        sheet = rejected(count)
        gc.collect()
        tracemalloc.start()
        rejects_xlsx.write(tmp_path / f"{count}.xlsx", [sheet])
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)  # what is imported and cached at the first time
    assert peak(6_000) < 1.2 * peak(1_500)


@pytest.mark.slow
@posix
def test_many_sheets_need_few_open_files(place: Path, tmp_path: Path) -> None:
    """A workbook has more sheets than a process may have files open."""
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from tests.reports.test_report_rejects_workbook import rejected\n"
        "from ptx_bulk.reports.rejecting import rejects_xlsx\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))\n"
        "rejects_xlsx.write(Path(sys.argv[1]), [rejected(1, name=str(sheet)) for sheet in range(100)])\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "r.xlsx")], check=True, timeout=100)
    assert len(openpyxl.load_workbook(tmp_path / "r.xlsx").sheetnames) == 100


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_more_rows_than_a_sheet_holds_go_on_in_the_next(place: Path, tmp_path: Path) -> None:
    """No row is lost beyond Excel's 1,048,576: a further sheet with the headings holds the rest."""
    rejects_xlsx.write(tmp_path / "r.xlsx", [rejected(1_048_577)])
    book = CalamineWorkbook.from_path(tmp_path / "r.xlsx")
    assert book.sheet_names == ["Feuil1", "Feuil1 (2)"]
    first, rest = (book.get_sheet_by_name(name) for name in book.sheet_names)
    assert first.height == 1_048_576
    assert [row[0] for row in rest.to_python()] == ["c0", "061048575", "061048576"]
    assert next(itertools.islice(first.iter_rows(), 1_048_575, None))[0] == "061048574"
