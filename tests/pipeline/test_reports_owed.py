"""Reports and journals that cannot be written: nothing is lost, and resume makes up for it."""

from __future__ import annotations

import _thread
import json
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from ptx_bulk import pipeline
from ptx_bulk.errors import Interrupted, PtxError, ReportError
from ptx_bulk.journal import RunState
from ptx_bulk.model import Mode
from tests.pipeline.conftest import Told, nth_write, numbers
from tests.pipeline.stops import finished, interrupt

N = 300
WRONG = ["06 12", "n/a"]


@pytest.mark.parametrize("how", ["folder gone", "name taken"])
def test_a_report_that_cannot_be_written_is_written_by_resume(desk, how):
    """When the report fails, the changes are done and said to be; resume sends nothing and writes the report."""
    place = desk.folder / "reports"
    place.mkdir()
    path = place / "out.csv"

    def hinder() -> None:
        if how == "folder gone":
            place.rmdir()
        else:
            path.write_text("somebody's")

    told = Told(after_sending=hinder)
    with pytest.raises(ReportError, match="resume") as caught:
        desk.write(Mode.IMPORT, desk.file(numbers(20)), report=[path], told=told)
    assert desk.latest().run_id in str(caught.value)
    assert len(desk.listed()) == 20
    assert desk.latest().state is RunState.STOPPED
    assert pipeline.show(desk.latest().run_id, desk.settings).resumable
    sent = len([call for call in desk.server.calls if call.request.method == "POST"])
    finished(desk, {"applied": 20})
    assert len([call for call in desk.server.calls if call.request.method == "POST"]) == sent


def test_a_report_that_could_never_be_written_is_refused_before_anything_is_sent(desk):
    """An ending that is no format, a name given twice, a file that is there, a folder that is not: nothing is sent."""
    path = desk.file(numbers(3))
    for names in (["out.txt"], ["a.csv", "a.csv"], ["in.csv"], ["nowhere/a.csv"]):
        with pytest.raises(PtxError, match=names[0]):
            desk.write(Mode.IMPORT, path, report=[desk.folder / name for name in names])
    assert not desk.server.effects


@pytest.mark.parametrize("often", [1, pytest.param(50, marks=pytest.mark.slow)])
def test_ctrl_c_while_the_report_is_written_loses_nothing(desk, often):
    """Interrupts during the report leave it whole; it says exit code 130, as the run does, and resume ends it."""
    reads = 0

    def behave(request):
        nonlocal reads
        reads += request.method == "GET" and "contacts" in request.target
        if reads == 3:
            reads += 1
            _thread.start_new_thread(late_interrupt, ())

    def late_interrupt() -> None:
        while desk_state() != "stopped":
            time.sleep(0.001)
        for _n in range(often):
            interrupt()

    def desk_state() -> str:
        with closing(sqlite3.connect(desk.home / "journal.sqlite3")) as db:
            return db.execute("SELECT state FROM runs").fetchone()[0]

    desk.server.behaviour = behave
    path = desk.file(numbers(2000))
    names = [desk.folder / f"out.{ending}" for ending in ("xlsx", "json", "html", "csv")]
    result = desk.write(Mode.IMPORT, path, concurrency=32, report=names)
    assert isinstance(result.error, Interrupted)
    assert (result.exit_code, result.summary.counts) == (130, {"applied": 2000})
    assert json.loads(names[1].read_text(encoding="utf-8"))["summary"]["exit_code"] == 130
    assert len(pd.read_excel(names[0], engine="openpyxl")) == len(pd.read_csv(names[3])) == 2000
    assert desk.latest().state is RunState.STOPPED
    assert {path.name for path in desk.folder.iterdir()} == {"in.csv", *(name.name for name in names)}
    finished(desk, {"applied": 2000})


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_stops_the_run_and_resume_ends_it(desk):
    """When the journal cannot grow any more nothing more is sent; with room again, resume brings the run to its end."""
    import resource

    def fill() -> None:
        size = sum(path.stat().st_size for path in desk.home.glob("journal*")) // 2
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    desk.server.behaviour = nth_write(100, fill)
    try:
        with pytest.raises(ReportError, match=r"journal.*resume.*cannot be written"):
            desk.write(Mode.IMPORT, desk.file(numbers(1500)), max_rate=2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    sent = len(desk.server.effects)
    assert 100 <= sent < 1500
    assert desk.latest().state is RunState.STOPPED
    finished(desk, {"applied": 1500})


@pytest.mark.slow
def test_the_input_may_be_gone(desk, tmp_path):
    """Resume needs the journal alone; only the rejects file needs the input, and its lack is said."""
    path = desk.file([*numbers(N), *WRONG])
    desk.server.behaviour = nth_write(60, interrupt)
    stopped = desk.write(Mode.IMPORT, path)
    assert any("rejects" in name for name in stopped.summary.reports)
    path.unlink()
    finished(desk, {"applied": N, "rejected": len(WRONG)})
    assert any("rejects" in notice for notice in desk.told.notices)


@pytest.mark.slow
def test_resume_works_from_another_folder(desk, tmp_path, monkeypatch):
    """A run on a file named relative to one folder is resumed from another one, rejects included."""
    desk.file([*numbers(N), *WRONG], "there.csv")
    monkeypatch.chdir(desk.folder)
    desk.server.behaviour = nth_write(60, interrupt)
    desk.write(Mode.IMPORT, Path("there.csv"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    desk.server.behaviour = lambda _request: None
    desk.folder = Path()
    result = desk.resume()
    assert result.summary.counts == {"applied": N, "rejected": len(WRONG)}
    assert sorted(path.name.split(".")[-2] for path in Path().iterdir()) == ["rejects", "results"]
