from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of jobs and samples, as a customer would make one."""
    for folder in ("jobs", "samples"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def run(folder: Path, job: str) -> dict[str, Any]:
    """Run a job against the sandbox from a folder that is not the job's, and give its summary."""
    main = "import sys; from ptx_bulk.cli import main; sys.exit(main())"
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", main, "run", str(folder / "jobs" / job), "--sandbox", "--json"],
        capture_output=True,
        cwd=elsewhere,
        env=os.environ | {"PTX_HOME": str(folder / "home"), "PTX_LANG": "en"},
        check=False,
    )
    assert done.stdout, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    assert summary["exit_code"] == done.returncode, done.stderr
    return summary


@pytest.mark.slow
def test_the_example_jobs_run(copied):
    """A customer's copy of the example jobs imports, exports and compares the samples in the sandbox."""
    imported = run(copied, "nightly-stop-import.toml")
    assert imported["exit_code"] == 4  # the sample holds damaged numbers
    assert imported["counts"]["applied"] == 19

    assert run(copied, "crm-export.toml")["exit_code"] == 0
    (exported,) = (copied / "jobs").glob("suppressed-*.csv")
    with exported.open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.DictReader(lines, delimiter=";"))) == 19

    for told in (19, 0):
        fed = run(copied, "crm-feed.toml")
        assert (fed["exit_code"], fed["changes"]["stop"]["added"]) == (0, told)
        time.sleep(1.1)  # a feed is named after the second
    assert (copied / "jobs" / "crm-feed.bookmark").read_text().split() == [fed["run_id"], "both"]

    compared = run(copied, "migration-diff.toml")
    assert compared["counts"]["planned"] == 8
    for pattern in ("migration-*.html", "migration-*.plan.json"):
        assert len(list((copied / "jobs").glob(pattern))) == 1
