"""How long `changes` takes over two readings of a million with a hundred thousand differences, and in which memory."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ptx_bulk import pipeline, reports
from ptx_bulk.model import ListKind
from ptx_bulk.settings import load
from ptx_bulk.snapshot import Snapshot

MILLION = 1_000_000
DIFFERENT = 50_000  # left, and as many came


def _reading(first: int, moment: float) -> Snapshot:
    numbers = np.arange(33_600_000_000 + first, 33_600_000_000 + first + MILLION)
    text = pa.chunked_array([pa.array([f"+{number}" for number in numbers.tolist()], pa.large_string())])
    ids = pa.chunked_array([pa.array([f"{number:024x}" for number in numbers.tolist()], pa.large_string())])
    return Snapshot.of(ListKind.STOP, moment, text, ids)


@pytest.mark.benchmark
def test_changes_of_a_million(tmp_path: Path) -> None:
    """Prints seconds and peak memory, offline and from the empty list."""
    settings = load(sandbox=True, env={"PTX_HOME": str(tmp_path)})
    with pipeline.opened(settings) as account:
        for turn, first in enumerate((0, DIFFERENT)):
            for snapshot in (_reading(first, 1e9 + turn), Snapshot.of(ListKind.NPAI, 1e9 + turn, [])):
                account.journal.add_snapshot(account.name, f"20260101-00000{turn}-aaaa", "export", snapshot)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    for since in ("20260101-000000-aaaa", None):
        began = time.perf_counter()
        found = pipeline.changes(tuple(ListKind), settings, since=since, offline=True)
        made = time.perf_counter()
        reports.export(tmp_path / f"{since}.csv", found.frame, format="csv")
        written = time.perf_counter()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(
            f"changes since {since}: {len(found.frame):,} events in {made - began:.2f} s, written in "
            f"{written - made:.2f} s; peak {peak} MB ({before} MB after making the readings)"
        )
        assert len(found.frame) == (2 * DIFFERENT if since else MILLION + 2 * DIFFERENT)
