"""What 1, 3 and 10 million rows, and lists of as many entries, cost each command; prints the table of `docs/deploy.md`.

Run with `pytest -m benchmark -s tests/benchmarks/test_scale.py`; `PTX_SCALE_ROWS=1000000,2000000` measures other sizes.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.benchmarks.large_files import write_contacts, write_list
from tests.conftest import ROOT

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(7200)]

SIZES = [int(size) for size in os.environ.get("PTX_SCALE_ROWS", "1000000,3000000,10000000").split(",")]
LEFT = 20_000  # contacts that are on neither list when `import` begins: the others were imported before
SENT = 200_000  # numbers by which the sending alone is measured
COMMANDS = {
    "check": ["check", "contacts.csv"],
    "diff": ["diff", "contacts.csv"],
    "export": ["export", "-o", "lists.csv"],
    "scrub --lists": ["scrub", "contacts.csv", "--lists", "lists.csv"],
    "scrub": ["scrub", "contacts.csv"],
    "import": ["import", "contacts.csv"],
    "audit": ["audit"],
}


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds by the clock, of the processors, and the most MB of memory, children included."""

    wall: float
    cpu: float
    peak: float
    told: dict[str, object]


def measured(command: list[str], folder: Path, address: str) -> Cost:
    """The cost of a command with a state folder of its own."""
    extra = {"PTX_API_KEY": "sandbox", "PTX_BASE_URL": address, "PYTHONPATH": str(ROOT)}
    home = folder / f"home-{time.monotonic_ns()}"
    start, peak = time.perf_counter(), 0
    with (folder / "told.json").open("w+") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "ptx_bulk", *command, "--json", "--quiet"],
            cwd=folder,
            stdout=told,
            env={**os.environ, **extra, "PTX_HOME": str(home)},
        )
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            peak = max(peak, _held(process.pid))
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(ended[1])
        wall, used = time.perf_counter() - start, ended[2]
        told.seek(0)
        assert process.returncode in (0, 4), f"{command}: exit code {process.returncode}"
        return Cost(wall, used.ru_utime + used.ru_stime, peak / 1e6, json.load(told))


def _held(pid: int) -> int:
    """The memory of a process and its children, files that are mapped into it included."""
    held = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for member in (process, *process.children(recursive=True)):
            held += member.memory_info().rss
    return held


@contextlib.contextmanager
def served(stop: Path, npai: Path, milliseconds: int = 0) -> Iterator[str]:
    """The address of a server that holds these lists."""
    program = [sys.executable, "-m", "tests.benchmarks.long_lists", str(milliseconds), str(stop), str(npai)]
    server = subprocess.Popen(program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.communicate(timeout=20)


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Path]]:
    """For each size a folder with the contacts, with lists of as many entries, and with a list of nearly all contacts.

    Of the lists of as many half are contacts, and a thousandth stands on both.
    """
    folders: dict[int, Path] = {}
    for size in SIZES:
        folder = folders[size] = tmp_path_factory.mktemp(f"rows-{size}")
        stops, both = size * 9 // 10, size // 1000
        write_contacts(folder / "contacts.csv", size)
        write_list(folder / "stop", size // 2, stops)
        write_list(folder / "npai", size // 2 + stops - both, size - stops, stops)
        write_list(folder / "nearly", LEFT, size - LEFT)
        write_list(folder / "none", 0, 0)
    yield folders
    for folder in folders.values():
        subprocess.run(["rm", "-rf", str(folder)], check=True)  # gigabytes, which pytest would keep


@pytest.mark.parametrize("name", COMMANDS)
def test_cost_of_rows(name: str, folder_of: dict[int, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Prints what each size takes, and how many times what the size before it took, for each time as many rows."""
    before: tuple[int, Cost] | None = None
    for size, folder in folder_of.items():
        stop, npai = ("nearly", "none") if name == "import" else ("stop", "npai")
        with served(folder / stop, folder / npai) as address:
            cost = measured(COMMANDS[name], folder, address)
        with capsys.disabled():
            print("\n" + _row(name, size, cost, before), end="")
        before = (size, cost)
        _check(name, size, cost.told)


def _row(name: str, size: int, cost: Cost, before: tuple[int, Cost] | None) -> str:
    row = f"{name:<14}{size:>12,} rows {cost.wall:8.1f} s wall {cost.cpu:8.1f} s CPU {cost.peak:8,.0f} MB"
    if before is None:
        return row
    times = size / before[0]
    time_a_row, memory_a_row = cost.cpu / before[1].cpu / times, cost.peak / before[1].peak / times
    return f"{row}   {time_a_row:5.2f} x time and {memory_a_row:.2f} x memory a row"


def _check(name: str, size: int, told: dict[str, object]) -> None:
    counts = told.get("counts")
    if name in ("check", "diff", "import"):
        assert isinstance(counts, dict)
        assert sum(counts.values()) == size
    if name == "import":
        assert isinstance(counts, dict)
        assert 0.9 * LEFT < counts["applied"] <= LEFT
    if name.startswith("scrub"):
        assert sum(int(str(told[part])) for part in ("kept", "removed", "unsure")) == size


@pytest.mark.parametrize("milliseconds", [0, 50])
def test_rate_of_sending(milliseconds: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints how many numbers a second a whole `import` sends, from its start to its report."""
    write_contacts(tmp_path / "contacts.csv", SENT)
    write_list(tmp_path / "none", 0, 0)
    with served(tmp_path / "none", tmp_path / "none", milliseconds) as address:
        cost = measured(COMMANDS["import"], tmp_path, address)
    counts = cost.told["counts"]
    assert isinstance(counts, dict)
    rate = counts["applied"] / cost.wall
    with capsys.disabled():
        print(
            f"\nimport, {milliseconds} ms answers: {counts['applied']:,} sent in {cost.wall:.1f} s, "
            f"{rate:,.0f} a second, {cost.cpu:.1f} s CPU, {cost.peak:,.0f} MB"
        )
    assert counts["applied"] > 0.9 * SENT
