"""A journal that breaks while a run works, and faults that nobody foresaw: the run ends, with its report."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest

from ptx_bulk.errors import JournalError, PtxError
from ptx_bulk.model import Mode
from tests.conftest import ROOT
from tests.faults import misbehaviour as bad
from tests.pipeline.conftest import Told, check_truth, nth_write, numbers, report
from tests.pipeline.stops import finished

N = 300


def told_truth(desk, result) -> dict[str, int]:
    """The counts of a run that broke, whose every line holds by the server's own record."""
    assert result.exit_code == 1
    check_truth(result, desk.server)
    return result.summary.counts


@pytest.mark.parametrize("code", [2**63, -(2**63) - 1, 10**30])
def test_an_api_code_of_any_size_ends_as_a_refusal(desk, code):
    """An answer with a code beyond 64 bits is a refusal of that number like any other; the run comes to its end."""
    fault = bad.answering(400, json.dumps({"code": code, "message": "no\0"}))
    desk.server.behaviour = lambda request: fault if b"33600000007" in request.body else None
    result = desk.write(Mode.IMPORT, desk.file(numbers(20)))
    assert (result.exit_code, result.summary.counts) == (4, {"applied": 19, "failed": 1})
    check_truth(result, desk.server)


@pytest.mark.slow
def test_a_journal_that_breaks_ends_the_run_with_its_report(desk):
    """When an outcome cannot be stored the run ends with 1 and a report: what is known, and `unknown` for the rest."""

    def break_it() -> None:
        with closing(sqlite3.connect(desk.home / "journal.sqlite3", timeout=20)) as db:
            db.execute("ALTER TABLE outcomes RENAME TO elsewhere")

    desk.server.behaviour = nth_write(50, break_it)
    result = desk.write(Mode.IMPORT, desk.file(numbers(N)), max_rate=500)
    assert isinstance(result.error, JournalError)
    counts = told_truth(desk, result)
    assert sum(counts.values()) == N
    assert counts["unknown"]
    with closing(sqlite3.connect(desk.home / "journal.sqlite3")) as db:
        db.execute("ALTER TABLE elsewhere RENAME TO outcomes")
    finished(desk, {"applied": N})


@pytest.mark.slow
def test_a_deleted_journal_ends_the_run_with_its_report(desk):
    """A journal that is deleted in mid-run stops the sending: what comes later would be remembered nowhere."""

    def delete() -> None:
        try:
            (desk.home / "journal.sqlite3").unlink()
        except PermissionError:
            pytest.skip("this system deletes no file that is in use")

    desk.server.behaviour = nth_write(50, delete)
    result = desk.write(Mode.IMPORT, desk.file(numbers(5 * N)), max_rate=500)
    assert "deleted" in str(result.error)
    assert 0 < told_truth(desk, result)["not_attempted"] < 5 * N
    assert desk.write(Mode.IMPORT, desk.file(numbers(N), "again.csv")).exit_code == 0


@pytest.mark.slow
def test_a_journal_made_read_only_while_it_is_open_still_serves_the_run(desk):
    """Rights that change in mid-run do not reach a file that is open: the run ends well, or with its report."""
    desk.server.behaviour = nth_write(50, lambda: (desk.home / "journal.sqlite3").chmod(0o400))
    result = desk.write(Mode.IMPORT, desk.file(numbers(N)))
    check_truth(result, desk.server)
    assert result.exit_code == 0 or isinstance(result.error, JournalError)
    (desk.home / "journal.sqlite3").chmod(0o600)
    assert desk.resume(desk.latest().run_id).summary.counts == {"applied": N}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux" or not hasattr(os, "geteuid"), reason="needs a file system of its own")
def test_a_full_disk_under_the_journal_ends_the_command_with_report_and_object(desk, tmp_path):
    """With no room left under the state folder the command ends with 1, one sentence, its report and its object."""
    home = tmp_path / "small"
    home.mkdir()
    with mounted(home, "size=600k"):
        desk.home = home
        path = desk.file(numbers(6000))
        env = {**os.environ, "PTX_HOME": str(home), "PTX_API_KEY": desk.key, "PYTHONPATH": str(ROOT), "PTX_LANG": "en"}
        words = [sys.executable, "-m", "ptx_bulk", "import", str(path), "--base-url", desk.server.url, "--json"]
        done = subprocess.run(
            [*words, "--report", "out.csv"],
            check=False,
            cwd=desk.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=100,
        )
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("Error: ") == 1
    assert "Traceback" not in done.stderr
    shown = json.loads(done.stdout)
    assert shown["exit_code"] == 1
    if desk.server.effects:  # the plan itself found room
        assert sum(shown["counts"].values()) == 6000
        assert shown["counts"].get("applied", 0) <= len(desk.server.effects)
        assert (desk.folder / "out.csv").exists()


@contextmanager
def mounted(folder, options):
    """A small file system in memory at this folder."""
    words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small file system, and not everywhere")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class Fragile(Told):
    """An interface whose progress breaks at the n-th outcome."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self._left = n

    @contextmanager
    def sending(self, total):
        yield self

    def advance(self, _outcome) -> None:
        self._left -= 1
        if self._left == 0:
            raise LookupError("somebody's own fault")


@pytest.mark.slow
def test_a_fault_that_nobody_foresaw_stops_the_run_with_its_report(desk):
    """An exception among the senders stops the run softly: what was in the air lands, is verified and reported."""
    result = desk.write(Mode.IMPORT, desk.file(numbers(N)), told=Fragile(50), max_rate=400)
    assert isinstance(result.error, PtxError)
    assert isinstance(result.error.__cause__, LookupError)
    counts = told_truth(desk, result)
    assert set(counts) == {"applied", "not_attempted"}
    assert set(report(result).query("status == 'applied'")["verified"]) == {"yes"}
    finished(desk, {"applied": N})


@pytest.mark.slow
def test_a_fault_before_the_first_call_is_the_end_of_the_run_too(desk):
    """An interface that breaks before anything is sent ends the run with its report, and resume goes on."""

    class Broken(Told):
        def sending(self, total):
            raise LookupError("somebody's own fault")

    result = desk.write(Mode.IMPORT, desk.file(numbers(20)), told=Broken())
    assert told_truth(desk, result) == {"not_attempted": 20}
    finished(desk, {"applied": 20})


def test_a_journal_that_breaks_while_nothing_answers_hangs_nobody(desk):
    """With a server that never answers, a broken journal ends the run at once."""
    calls = 0

    def silence(request):
        nonlocal calls
        if request.method == "GET":
            return None
        calls += 1
        if calls == 8:
            with closing(sqlite3.connect(desk.home / "journal.sqlite3", timeout=20)) as db:
                db.execute("ALTER TABLE outcomes RENAME TO elsewhere")
                db.execute("ALTER TABLE intents RENAME TO intended")
        # Some are still answered, so that something has to be written once it is broken.
        return bad.HANG if calls >= 16 else None

    desk.server.behaviour = silence
    began = time.monotonic()
    result = desk.write(Mode.IMPORT, desk.file(numbers(600)), timeout=90.0)
    assert time.monotonic() - began < 60
    assert result.exit_code == 1
    assert sum(result.summary.counts.values()) == 600
