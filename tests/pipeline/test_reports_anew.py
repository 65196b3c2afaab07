"""A report that show writes anew says what the run's own report said, or what it cannot say any more."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from ptx_bulk import pipeline
from ptx_bulk.errors import DamagedRun, PlaceRefused, RunInProgress
from ptx_bulk.journal import Lock
from ptx_bulk.model import Mode
from ptx_bulk.pipeline import Reporting
from tests.pipeline.conftest import ALLOWED, STOP, Desk, Told, numbers

GIVEN = ["06 00 00 00 00", "0600000001", "0600000001", "3,36E+10", "0600000002"]


def again(desk: Desk, run_id: str, *names: str, told: Told | None = None) -> pipeline.Shown:
    paths = tuple(desk.folder / name for name in names)
    return pipeline.show(run_id, desk.settings, reporting=Reporting(paths=paths), interface=told)


def same(first: Path, second: Path) -> bool:
    """Whether two reports hold the same lines, and but for their places the same summary."""
    if first.suffix == ".json":
        one, two = (json.loads(path.read_text(encoding="utf-8")) for path in (first, second))
        for report in (one, two):
            report["summary"].pop("reports")
        return bool(one == two)
    if first.suffix == ".csv":
        return first.read_bytes() == second.read_bytes()
    if first.suffix == ".parquet":
        return bool(pd.read_parquet(first).equals(pd.read_parquet(second)))
    return bool(pd.read_excel(first, engine="openpyxl").equals(pd.read_excel(second, engine="openpyxl")))


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "json", "xlsx", "parquet"])
def test_a_finished_run_is_reported_as_it_was(desk, ending):
    """The report made anew, without key and server, equals the first, rejects included."""
    first, second = desk.folder / f"first.{ending}", desk.folder / f"second.{ending}"
    result = desk.write(Mode.IMPORT, desk.file(GIVEN), STOP, report=[first])
    shown = again(desk, result.summary.run_id, second.name)
    assert same(first, second)
    assert shown.result is not None
    assert shown.result.exit_code == result.exit_code == 4
    [rejects], [mended] = result.rejects, shown.result.rejects
    assert rejects != mended
    assert Path(rejects).read_bytes() == Path(mended).read_bytes()


def test_the_page_is_made_anew(desk):
    """The HTML report tells the run's comment, person and place of the first report alike."""
    first, second = desk.folder / "first.html", desk.folder / "second.html"
    result = desk.write(Mode.IMPORT, desk.file(numbers(2)), STOP, report=[first], comment="asked for by Anna")
    again(desk, result.summary.run_id, "second.html")
    assert first.read_bytes() == second.read_bytes()
    assert b"asked for by Anna" in second.read_bytes()


def test_a_refused_run_is_reported_as_it_was(desk):
    """Its lines say which safeguard stopped them."""
    desk.server.preload(STOP, numbers(3))
    first = desk.folder / "first.csv"
    result = desk.write(Mode.REMOVE, desk.file(numbers(2)), STOP, yes=True, report=[first])
    assert result.exit_code == 7
    again(desk, result.summary.run_id, "second.csv")
    assert same(first, desk.folder / "second.csv")


def test_a_stopped_run_is_reported_as_far_as_it_came(desk):
    """What is said of a run that was stopped is what its own report said, and that it can be resumed."""
    first = desk.folder / "first.csv"
    result = desk.write(Mode.IMPORT, desk.file(numbers(30)), STOP, report=[first], time_limit=0.0001, max_rate=1)
    assert result.exit_code == 5
    told = Told()
    again(desk, result.summary.run_id, "second.csv", told=told)
    assert same(first, desk.folder / "second.csv")
    assert any("resume" in notice for notice in told.notices)


@pytest.mark.slow
def test_what_may_have_been_sent_is_unknown(desk):
    """A run that was killed is reported from its journal, and what was in the air is not called unsent."""
    result = desk.write(Mode.IMPORT, desk.file(numbers(2)), STOP)
    with closing(sqlite3.connect(desk.home / "journal.sqlite3", isolation_level=None)) as db:
        db.execute("DELETE FROM outcomes")
        db.execute("DELETE FROM intents WHERE seq = 1")
        db.execute("UPDATE runs SET state = 'running', finished_at = NULL, exit_code = NULL, summary = '{}'")
    shown = again(desk, result.summary.run_id, "second.csv")
    lines = pd.read_csv(desk.folder / "second.csv")
    assert lines["status"].tolist() == ["unknown", "not_attempted"]
    assert shown.result is not None
    assert shown.result.exit_code == 4


def test_nothing_is_overwritten(desk):
    """A name that is taken is refused, and what stands there stays."""
    result = desk.write(Mode.IMPORT, desk.file(numbers(1)), STOP)
    (desk.folder / "mine.csv").write_text("mine")
    with pytest.raises(PlaceRefused):
        again(desk, result.summary.run_id, "mine.csv")
    assert (desk.folder / "mine.csv").read_text() == "mine"


@pytest.mark.slow
def test_without_its_input_a_run_is_reported_without_rejects(desk):
    """The input is not needed for the report, and that there are no rejects is said."""
    path = desk.file(GIVEN)
    first = desk.folder / "first.csv"
    result = desk.write(Mode.IMPORT, path, STOP, report=[first])
    path.unlink()
    told = Told()
    shown = again(desk, result.summary.run_id, "second.csv", told=told)
    assert same(first, desk.folder / "second.csv")
    assert shown.result is not None
    assert shown.result.rejects == ()
    assert any("rejects" in notice for notice in told.notices)


@pytest.mark.parametrize(
    ("damage", "statuses"),
    [
        ("UPDATE outcomes SET status = 'lost'", {"lost"}),
        ("UPDATE outcomes SET attempts = 'x'", {"unknown"}),
        ("DELETE FROM snapshot_entries", {"applied"}),
    ],
)
def test_of_a_damaged_run_what_is_left_is_reported(desk, damage, statuses):
    """A report is written of what can be read, and says that it is not whole."""
    result = desk.write(Mode.IMPORT, desk.file(numbers(2)), STOP)
    with closing(sqlite3.connect(desk.home / "journal.sqlite3", isolation_level=None)) as db:
        db.execute(damage)
    told = Told()
    again(desk, result.summary.run_id, "second.csv", told=told)
    assert set(pd.read_csv(desk.folder / "second.csv")["status"]) == statuses
    assert any("damaged" in notice for notice in told.notices)


def test_without_lines_there_is_no_report(desk):
    """A run whose lines are lost is refused by name, and nothing is left behind."""
    result = desk.write(Mode.IMPORT, desk.file(numbers(2)), STOP)
    with closing(sqlite3.connect(desk.home / "journal.sqlite3", isolation_level=None)) as db:
        db.execute("UPDATE lines SET arrow = substr(arrow, 1, 60)")
    with pytest.raises(DamagedRun, match=result.summary.run_id):
        again(desk, result.summary.run_id, "second.csv")
    assert not (desk.folder / "second.csv").exists()


@pytest.mark.slow
def test_a_run_at_work_is_not_disturbed(desk):
    """Its report is written so far, and its lock stays its own."""
    result = desk.write(Mode.IMPORT, desk.file(numbers(2)), STOP)
    run = desk.latest()
    with closing(sqlite3.connect(desk.home / "journal.sqlite3", isolation_level=None)) as db:
        db.execute("UPDATE runs SET state = 'running'")
    told = Told()
    with Lock(desk.home, run.account, (STOP,), run.run_id):
        again(desk, result.summary.run_id, "second.csv", told=told)
        with pytest.raises(RunInProgress):
            desk.undo(run.run_id, yes=True, safeguards=ALLOWED)
    assert any("at work" in notice for notice in told.notices)
