"""From lines and outcomes to the result: what every line tells, the exit code, and which files are written."""

from __future__ import annotations

import csv
import json
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ptx_bulk.errors import ConfigurationError, Interrupted, PlaceRefused, SafetyRefusal, TimeLimitReached
from ptx_bulk.model import RESULT_COLUMNS, Code, ListKind, Mode
from ptx_bulk.pipeline import Quiet, Reporting, Source
from ptx_bulk.pipeline.steps.finishing import Ending, check_report_paths, finish
from ptx_bulk.pipeline.steps.from_files.intake import read_input
from ptx_bulk.pipeline.steps.result_lines import result_frame
from ptx_bulk.plan import plan_changes
from ptx_bulk.snapshot import Snapshot
from ptx_bulk.workbooks import ReadOptions

RUN = "20260101-120000-abcd"
# Rows 2 to 9: three changes, a duplicate, an empty cell, one listed before, one that is no number, one more change.
ROWS = ["0600000000", "0600000001", "0600000002", "0600000000", "", "0600000009", "06 12", "+41791234567"]
OUTCOMES = ("seq", "status", "code", "attempts", "http_status", "api_code", "message", "remote_id", "finished_at",
            "verified", "doubt")  # fmt: skip
SENTENCES = {
    "ADDED": "Added to the list.",
    "REJECTED_BY_API": "The API refused this number.",
    "INTERRUPTED": "Not sent: the run was interrupted; run `ptx-bulk resume`.",
}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A state folder of its own for what is kept of rejects."""
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def written(folder: Path, rows: list[str], name: str = "in.csv") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["Mobile;Nom", *(f"{row};X" for row in rows), ""]), encoding="utf-8")
    return path


@contextmanager
def planned(*paths: Path, listed: tuple[str, ...] = ("+33600000009",), **facts):
    """The ending of an import of these files into STOP, as planned, and its intake."""
    snapshots = {kind: Snapshot.of(kind, 0.0, listed if kind is ListKind.STOP else []) for kind in ListKind}
    source = Source(files=tuple(map(str, paths)), reading=ReadOptions(list=ListKind.STOP))
    with read_input(source, Quiet()) as intake:
        plan = plan_changes(intake.lines, snapshots, Mode.IMPORT, lists=(ListKind.STOP,))
        given = {"files": intake.files, "rows": intake.rows, "blank": intake.blank, "started": 1767268800.0, **facts}
        yield (
            Ending(run_id=RUN, command="import", lists=plan.lists, lines=plan.lines, **given),
            intake,
        )


def outcomes(*rows: tuple) -> pd.DataFrame:
    """A frame as the journal gives it, of rows that may end early."""
    usual = (0, "applied", "ADDED", 1, 200, 0, "", "", 0.0, "", "")
    return pd.DataFrame([(*row, *usual[len(row) :]) for row in rows], columns=list(OUTCOMES))


def said(result, *columns: str) -> list[tuple]:
    return list(result.frame[list(columns)].astype(str).itertuples(index=False, name=None))


def test_every_line_tells_what_became_of_its_change(tmp_path):
    """Each line of a change has its outcome, one without an outcome the reason why, and all others stay as planned."""
    path = written(tmp_path, ROWS)
    became = outcomes(
        (2, "failed", "REJECTED_BY_API", 3, 400, 11, "no such thing", "", 1767268805.9, "", ""),
        (0, "applied", "ADDED", 1, 200, 0, "", "id0", 1767268801.0, "yes", ""),
    )
    with planned(path, outcomes=became, unsent=Code.INTERRUPTED, before=7, after=8, account="salted",
                 reason="why", notices=("hear",)) as (ending, intake):  # fmt: skip
        began = time.time()
        result = finish(ending, Reporting(folder=tmp_path), intake)
    assert list(result.frame.columns) == list(RESULT_COLUMNS)
    assert said(result, "row", "e164", "action", "status", "code") == [
        ("2", "+33600000000", "add", "applied", "ADDED"),
        ("3", "+33600000001", "add", "not_attempted", "INTERRUPTED"),
        ("4", "+33600000002", "add", "failed", "REJECTED_BY_API"),
        ("5", "+33600000000", "none", "unchanged", "DUPLICATE_IN_FILE"),
        ("6", "", "none", "rejected", "EMPTY"),
        ("7", "+33600000009", "keep", "unchanged", "ALREADY_LISTED"),
        ("8", "", "none", "rejected", "TOO_SHORT"),
        ("9", "+41791234567", "add", "not_attempted", "INTERRUPTED"),
    ]
    nothing = ("0", "0", "0", "", "", "")
    assert said(result, "attempts", "http_status", "api_code", "remote_id", "verified", "finished_at") == [
        ("1", "200", "0", "id0", "yes", "2026-01-01T12:00:01Z"),
        nothing,
        ("3", "400", "11", "", "", "2026-01-01T12:00:05Z"),
        *5 * [nothing],
    ]
    assert said(result, "message")[:3] == [
        (SENTENCES["ADDED"],),
        (SENTENCES["INTERRUPTED"],),
        (f"{SENTENCES['REJECTED_BY_API']} no such thing",),
    ]
    assert set(result.frame["run_id"]) == {RUN}
    summary = result.summary
    assert summary.counts == {"applied": 1, "not_attempted": 2, "failed": 1, "unchanged": 2, "rejected": 2}
    assert summary.codes == {
        "EMPTY": 1, "TOO_SHORT": 1, "DUPLICATE_IN_FILE": 1, "ALREADY_LISTED": 1, "ADDED": 1, "REJECTED_BY_API": 1,
        "INTERRUPTED": 2,
    }  # fmt: skip
    assert summary.verified == {"yes": 1, "no": 0}
    assert (summary.run_id, summary.command, summary.list, summary.exit_code) == (RUN, "import", "stop", 4)
    assert (summary.files, summary.rows, summary.blank) == ((str(path),), 8, 0)
    assert (summary.before, summary.after, summary.account, summary.reason) == (7, 8, "salted", "why")
    assert summary.started_at == "2026-01-01T12:00:00Z"
    assert 0 <= summary.elapsed_s - (began - 1767268800.0) < 60
    assert summary.by_country == {"FR": 4, "CH": 1}
    assert summary.by_line_type == {"mobile": 5}
    assert (result.error, result.notices, summary.notices, summary.dry_run) == (None, ("hear",), ("hear",), False)


def test_a_plan_that_was_not_to_be_sent_stays_a_plan(tmp_path):
    """Without a reason why nothing was sent, changes stay planned, whatever frame of outcomes there is."""
    path = written(tmp_path, ROWS[:2])
    for none in (None, outcomes().astype({"seq": "int64"})):
        with planned(path, outcomes=none, dry_run=True) as (ending, intake):
            result = finish(ending, Reporting(folder=tmp_path), intake)
        assert said(result, "status", "code", "attempts", "finished_at") == 2 * [("planned", "", "0", "")]
        assert (result.exit_code, result.summary.dry_run, result.rejects) == (0, True, ())


def test_a_plan_that_was_refused_says_why_on_each_line(tmp_path):
    """Where nothing was sent at all, every planned line carries the reason, and all others stay as planned."""
    for none in (None, outcomes().astype({"seq": "int64"})):
        with planned(written(tmp_path, ROWS[:4]), outcomes=none, unsent=Code.NOT_CONFIRMED) as (ending, intake):
            result = finish(replace(ending, error=SafetyRefusal("no")), Reporting(folder=tmp_path), intake)
        assert said(result, "status", "code", "attempts") == [
            *3 * [("not_attempted", "NOT_CONFIRMED", "0")],
            ("unchanged", "DUPLICATE_IN_FILE", "0"),
        ]
        assert (result.exit_code, result.rejects) == (7, ())


def test_lines_without_any_change_stay_as_they_are(tmp_path):
    """Where a run planned no change, the reason why nothing was sent is no line's."""
    path = written(tmp_path, ["0600000009"])
    with planned(path, unsent=Code.INTERRUPTED) as (ending, intake):
        result = finish(ending, Reporting(folder=tmp_path), intake)
    assert said(result, "status", "code") == [("unchanged", "ALREADY_LISTED")]
    assert result.exit_code == 0


def test_codes_of_the_plan_stand_beside_those_of_the_outcome(tmp_path):
    """A warning of the reading is kept behind the reason of the outcome."""
    path = written(tmp_path, ["600000000", "0600000001"])
    with planned(path, outcomes=outcomes((0,), (1,)), unsent=Code.INTERRUPTED) as (ending, intake):
        result = finish(ending, Reporting(folder=tmp_path), intake)
    assert said(result, "status", "code") == [("applied", "ADDED+ZERO_RESTORED"), ("applied", "ADDED")]


@pytest.mark.parametrize(
    ("rows", "became", "facts", "code"),
    [
        (["0600000000"], "applied", {}, 0),
        (["0600000000"], "unchanged", {}, 0),
        (["0600000000"], "failed", {}, 4),
        (["0600000000"], "unknown", {}, 4),
        (["0600000000"], "not_attempted", {}, 4),
        (["0600000000", ""], "applied", {}, 0),
        (["0600000000", "06 12"], "applied", {}, 4),
        (["0600000000", "06 12"], "applied", {"error": SafetyRefusal("no")}, 7),
        (["0600000000"], "applied", {"error": Interrupted("no")}, 130),
        (["0600000000", "06 12"], "failed", {"exit_code": 1, "error": Interrupted("no")}, 1),
        (["0600000000", "06 12"], "failed", {"exit_code": 0}, 0),
    ],
)
def test_the_exit_code(tmp_path, rows, became, facts, code):
    """Exit 4 for lines that were rejected (no empty cell), failed, unknown or not sent; an error's code goes before."""
    with planned(written(tmp_path, rows), outcomes=outcomes((0, became)), unsent=Code.NOT_CONFIRMED, **facts) as (
        ending,
        intake,
    ):
        result = finish(ending, Reporting(folder=tmp_path), intake)
    assert (result.exit_code, result.summary.exit_code, result.error) == (code, code, facts.get("error"))


@pytest.mark.parametrize(
    ("facts", "late", "code"),
    [
        ({}, None, 0),
        ({}, Interrupted("late"), 130),
        ({"error": TimeLimitReached("first")}, TimeLimitReached("second"), 5),
        ({"exit_code": 1}, Interrupted("late"), 1),
    ],
)
def test_what_stops_a_run_while_its_reports_are_written_is_told_by_them(tmp_path, facts, late, code):
    """An interrupt during the reports is in all of them; the same code again, or one decided before, changes none."""
    names = [tmp_path / "a.json", tmp_path / "b.json"]
    stamps = []

    def stopped():
        stamps.extend(name.stat().st_mtime_ns for name in names)
        return late

    with planned(written(tmp_path, ["0600000000"]), outcomes=outcomes((0,)), unsent=Code.INTERRUPTED, **facts) as (
        ending,
        intake,
    ):
        result = finish(ending, Reporting(paths=tuple(names)), intake, stopped)
    told = [json.loads(name.read_text())["summary"]["exit_code"] for name in names]
    assert (result.exit_code, told) == (code, [code, code])
    assert result.error is (late if code == 130 else facts.get("error"))
    if stamps and code != 130:
        assert [name.stat().st_mtime_ns for name in names] == stamps


def test_a_report_that_cannot_be_written_anew_stays_as_it_was(tmp_path):
    """When the reports' folder is gone by the time of a late interrupt, the result tells it all the same."""
    place = tmp_path / "place"
    place.mkdir()

    def stopped():
        (place / "a.json").unlink()
        place.rmdir()
        return Interrupted("late")

    with planned(written(tmp_path, ["0600000000"]), outcomes=outcomes((0,)), unsent=Code.INTERRUPTED) as (
        ending,
        intake,
    ):
        result = finish(ending, Reporting(paths=(place / "a.json",)), intake, stopped)
    assert (result.exit_code, str(result.error)) == (130, "late")


def rejected_rows(path: str) -> list[str]:
    with Path(path).open(encoding="utf-8-sig", newline="") as stream:
        return [row[0] for row in csv.reader(stream, delimiter=";")][1:]


def test_what_a_person_may_mend_is_in_the_rejects(tmp_path, home):
    """Rejected, failed and unknown rows are in the rejects, each once; empty cells, unsent and done rows are not."""
    home.mkdir()
    path = written(tmp_path, ROWS)
    became = outcomes((0, "failed", "REJECTED_BY_API"), (1, "unknown", "OUTCOME_UNKNOWN"), (2, "applied", "ADDED"))
    (tmp_path / "place").mkdir()
    report = tmp_path / "place" / "r.json"
    (tmp_path / "place" / f"in.{RUN}.rejects.csv").write_text("somebody's")
    with planned(path, outcomes=became, unsent=Code.INTERRUPTED) as (ending, intake):
        result = finish(ending, Reporting(paths=(report, tmp_path / "s.csv")), intake)
    mend = str(tmp_path / "place" / f"in.{RUN}.rejects-2.csv")
    assert result.rejects == (mend,)
    assert result.summary.reports == (str(report), str(tmp_path / "s.csv"), mend)
    assert json.loads(report.read_text())["summary"]["reports"] == list(result.summary.reports)
    assert rejected_rows(mend) == ["0600000000", "0600000001", "06 12"]
    assert (home / "rejects" / f"{RUN}.toml").is_file()


def test_each_input_has_its_own_rejects(tmp_path, home):
    """Of several inputs, those with wrong rows have a rejects file each, of their own rows; two of a name get two."""
    home.mkdir()
    paths = [
        written(tmp_path, ["0600000000", "06 1"]),
        written(tmp_path, ["06 2", "06 3"], "more/in.csv"),
        written(tmp_path, ["0600000003"], "good.csv"),
    ]
    with planned(*paths, outcomes=outcomes((0,), (1,)), unsent=Code.INTERRUPTED) as (ending, intake):
        result = finish(ending, Reporting(folder=tmp_path), intake)
    assert [Path(name).name for name in result.rejects] == [f"in.{RUN}.rejects.csv", f"in.{RUN}.rejects-2.csv"]
    assert [rejected_rows(name) for name in result.rejects] == [["06 1"], ["06 2", "06 3"]]
    assert sorted(one.name for one in tmp_path.glob("*.csv")) == [
        "good.csv", "in.20260101-120000-abcd.rejects-2.csv", "in.20260101-120000-abcd.rejects.csv",
        "in.20260101-120000-abcd.results.csv", "in.csv",
    ]  # fmt: skip


@pytest.mark.parametrize(("rows", "has_intake"), [(ROWS, False), (["0600000000", ""], True)])
def test_no_rejects_without_a_wrong_row_or_without_the_input(tmp_path, home, rows, has_intake):
    """Where nothing is to be mended, or the input is not there to be copied from, the report stands alone."""
    home.mkdir()
    with planned(written(tmp_path, rows), outcomes=outcomes((0,)), unsent=Code.INTERRUPTED) as (ending, intake):
        result = finish(ending, Reporting(folder=tmp_path), intake if has_intake else None)
    assert result.rejects == ()
    assert result.summary.reports == (str(tmp_path / f"in.{RUN}.results.csv"),)
    assert not (home / "rejects").exists()


def test_lines_that_no_row_asked_for_are_no_rejects(tmp_path):
    """A removal of a sync that failed has no row to be mended, and a report all the same."""
    with planned(written(tmp_path, ["0600000000"])) as (ending, intake):
        lists = {kind: Snapshot.of(kind, 0.0, ["+33600000005"]) for kind in ListKind}
        plan = plan_changes(intake.lines, lists, Mode.SYNC, lists=(ListKind.STOP,))
        became = outcomes((0, "failed", "NETWORK"), (1, "failed", "NETWORK"))
        synced = replace(ending, lines=plan.lines, outcomes=became, unsent=Code.INTERRUPTED)
        result = finish(synced, Reporting(folder=tmp_path), intake)
    assert said(result, "row", "e164", "status") == [
        ("2", "+33600000000", "failed"),
        ("0", "+33600000005", "failed"),
    ]
    assert [rejected_rows(name) for name in result.rejects] == [["0600000000"]]


@pytest.mark.parametrize(
    ("files", "n", "name", "told"),
    [
        (("some/book.xlsx", "b.csv"), 1, "book.{}.results.xlsx", False),
        (("in.csv",), 1, "in.{}.results.csv", False),
        ((), 1, "import.{}.results.csv", False),
        (("book.xlsx",), 200_001, "book.{}.results.csv", True),
        (("in.csv",), 200_001, "in.{}.results.csv", False),
    ],
)
def test_the_report_has_the_inputs_name_and_kind(tmp_path, files, n, name, told):
    """Without --report the results are named by the first input; one too long for a workbook is CSV, and says so."""
    with planned(written(tmp_path, ["0600000009"])) as (ending, _intake):
        lines = ending.lines.take(np.zeros(n, dtype="int64")).reset_index(drop=True)
        result = finish(replace(ending, lines=lines, files=files, notices=("hear",)), Reporting(folder=tmp_path), None)
    assert result.summary.reports == (str(tmp_path / name.format(RUN)),)
    assert Path(result.summary.reports[0]).is_file()
    assert result.notices[0] == "hear"
    assert [("200,001 lines" in notice, "--report NAME.xlsx" in notice) for notice in result.notices[1:]] == (
        [(True, True)] if told else []
    )
    assert result.summary.notices == result.notices


def test_a_command_without_any_input_read_nothing(tmp_path):
    """What is taken back has no file of its own: no rows, no sizes and no proofs are told of it."""
    with planned(written(tmp_path, ["0600000009"])) as (made, _intake):
        ending = Ending(
            run_id=RUN, command="undo", lists=tuple(ListKind), lines=made.lines, started=time.time(), files=()
        )
    summary = finish(ending, Reporting(folder=tmp_path), None).summary
    assert (summary.list, summary.files, summary.rows, summary.blank, summary.excluded) == ("both", (), 0, 0, 0)
    assert (summary.before, summary.after, summary.verified) == (None, None, {"yes": 0, "no": 0})
    assert (summary.exit_code, summary.dry_run, summary.notices) == (0, False, ())


def test_what_is_wrong_with_a_damaged_row_is_told(tmp_path):
    """A damaged row's message ends with what is wrong with it; lines of a journal of before have no such word."""
    with planned(written(tmp_path, ["0600000009", "06 12"])) as (ending, _intake):
        lines = ending.lines.assign(detail=pd.Categorical(["", "3 cells instead of 2."]))
        frame = result_frame(lines, RUN, None)
        before = result_frame(lines.drop(columns="detail"), RUN, None)
    sentences = ["The number is already on the list.", "The number has too few digits."]
    assert before["message"].tolist() == sentences
    assert frame["message"].tolist() == [sentences[0], f"{sentences[1]} 3 cells instead of 2."]


def places(folder: Path):
    """What a command is asked to write and read, what is wrong with it and which name is told."""
    source = Source(files=(str(folder / "in.csv"),), save_reading=str(folder / "reading.toml"))
    out = folder / "out.csv"
    yield ConfigurationError, "out.txt", {"reporting": Reporting(paths=(out, folder / "out.txt"))}
    yield PlaceRefused, "in.csv", {"reporting": Reporting(paths=(folder / "in.csv",)), "source": source}
    yield PlaceRefused, "out.csv", {"reporting": Reporting(paths=(out,)), "inputs": [str(out)]}
    yield PlaceRefused, "out.csv", {"reporting": Reporting(paths=(out,)), "others": [out]}
    yield PlaceRefused, "taken.json", {"reporting": Reporting(folder=folder), "others": [folder / "taken.json"]}
    saved = replace(source, save_reading=str(out))
    yield PlaceRefused, "out.csv", {"reporting": Reporting(paths=(out,)), "source": saved}
    taken = replace(source, save_reading=str(folder / "taken.json"))
    yield PlaceRefused, "taken.json", {"reporting": Reporting(folder=folder), "source": taken}
    yield PlaceRefused, "nowhere", {"reporting": Reporting(folder=folder / "nowhere")}


@pytest.mark.parametrize("which", range(8))
def test_a_place_that_is_no_good_is_refused(tmp_path, which):
    """Wrong endings, taken names, names given twice, inputs and missing folders are refused by name."""
    written(tmp_path, ROWS)
    (tmp_path / "taken.json").write_text("x")
    kind, name, asked = list(places(tmp_path))[which]
    if asked.get("inputs"):
        (tmp_path / "out.csv").write_text("read")
    with pytest.raises(kind, match=name):
        check_report_paths(**asked)


def test_an_input_that_is_to_be_written_over_is_named_as_one(tmp_path):
    """Whoever names an input as the report is told that it is an input, not just that the name is taken."""
    path = written(tmp_path, ROWS)
    with pytest.raises(PlaceRefused) as refused:
        check_report_paths(Reporting(paths=(path,)), Source(files=(str(path),)))
    with pytest.raises(PlaceRefused) as taken:
        check_report_paths(Reporting(paths=(path,)))
    assert str(refused.value) != str(taken.value)
    assert "input" in str(refused.value)


def test_where_no_report_is_asked_for_there_are_no_rejects(tmp_path):
    """Rejects go beside the report; without one, wrong rows are told by the result alone."""
    with planned(written(tmp_path, ROWS), outcomes=outcomes((0,)), unsent=Code.INTERRUPTED) as (ending, intake):
        result = finish(ending, Reporting(folder=None), intake)
    assert (result.exit_code, result.rejects, result.summary.reports) == (4, (), ())
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".csv"] == ["in.csv"]


@pytest.mark.slow
def test_rejects_that_are_too_long_for_a_workbook_say_how_many_they_are(tmp_path, home):
    """More than 50,000 rows of a workbook are given back as CSV, and the notice counts them."""
    home.mkdir()
    path = tmp_path / "book.xlsx"
    pd.DataFrame({"Mobile": ["06 12"]}).to_excel(path, index=False)
    with planned(path) as (ending, intake):
        lines = ending.lines.take(np.zeros(50_001, dtype="int64")).reset_index(drop=True)
        result = finish(replace(ending, lines=lines), Reporting(folder=tmp_path), intake)
    assert [Path(name).suffix for name in result.rejects] == [".csv"]
    (told,) = [notice for notice in result.notices if "are to be mended" in notice]
    assert told.startswith(f"50,001 rows of {path} ")


def test_the_summary_says_what_the_run_was_planned_with(tmp_path):
    """A run that goes on later keeps the versions, the account and the words of who gave the command."""
    facts = {
        "version": "0.0.7", "metadata_version": "8.13.1", "account": "salted", "profile": "shop", "actor": "Anna",
        "comment": "ticket", "reason": "why", "elapsed_s": 7.5, "dry_run": True,
    }  # fmt: skip
    with planned(written(tmp_path, ["0600000000"]), **facts) as (ending, intake):
        summary = finish(ending, Reporting(folder=tmp_path), intake).summary
    assert {name: getattr(summary, name) for name in facts} == facts


def test_a_place_that_is_good_is_left_as_it_was(tmp_path):
    """Good places pass, nothing is left in them, and with a report's name the usual folder need not be there."""
    path = written(tmp_path, ROWS)
    source = Source(files=(str(path), "-"), save_reading=str(tmp_path / "reading.toml"))
    check_report_paths(Reporting(folder=tmp_path), source, [tmp_path / "plan.json"], [str(path)])
    check_report_paths(Reporting(paths=(tmp_path / "a.csv",), folder=tmp_path / "nowhere"))
    check_report_paths(Reporting(folder=tmp_path), replace(source, save_reading=None))
    assert [one.name for one in tmp_path.iterdir()] == ["in.csv"]


def test_cells_are_let_go_once_there_are_lines(tmp_path):
    """The cells of a file do not stand in memory beside its lines."""
    source = Source(files=(str(written(tmp_path, ROWS)),), reading=ReadOptions(list=ListKind.STOP))
    with read_input(source, Quiet()) as intake:
        row = intake.reading.cells["row"].to_numpy()
        while row.base is not None:
            row = row.base
        assert row.nbytes == 0
