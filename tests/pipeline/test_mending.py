"""Rejects mended by a program: their wrong cells, and copies of the rows with new values."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptx_bulk import pipeline
from ptx_bulk.errors import StopRemovalRefused, TooManyRemovals
from ptx_bulk.model import ListKind, Mode
from ptx_bulk.pipeline import Reporting, Result, Sending, Source
from ptx_bulk.plan import Safeguards
from ptx_bulk.settings import Settings, load
from ptx_bulk.workbooks import ReadOptions

YES = Sending(yes=True)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))
    return load(sandbox=True)


def imported(source: Source, folder: Path, settings: Settings) -> Result:
    folder.mkdir(exist_ok=True)
    return pipeline.write(Mode.IMPORT, source, YES, Reporting(folder=folder), settings)


def listed(kind: ListKind, settings: Settings) -> list[str]:
    return list(pipeline.export((kind,), settings).frame["phone"])


TWO = "nom;mobile;fixe ou autre;pays\nA;06 00 x;0700000001 ?;FR\nB;nobody;;FR\nC;0470 x;0612;BE\n"


@pytest.mark.slow
def test_only_rows_with_a_new_value_come_along(tmp_path: Path, settings: Settings):
    """Of a row with two wrong cells the typed one is sent and the other emptied; rows without any stay out."""
    path = tmp_path / "two.csv"
    path.write_text(TWO, encoding="utf-8")
    source = Source(files=(str(path),), reading=ReadOptions(columns=("mobile", "fixe ou autre")))
    first = imported(source, tmp_path / "first", settings)
    cells = pipeline.wrong_cells(first)
    assert [(cell.raw, cell.column) for cell in cells] == [
        ("06 00 x", "mobile"),
        ("0700000001 ?", "fixe ou autre"),
        ("nobody", "mobile"),
        ("0470 x", "mobile"),
        ("0612", "fixe ou autre"),
    ]
    assert [cell.input_row for cell in cells] == [2, 2, 3, 4, 4]
    folder = tmp_path / "second"
    folder.mkdir()
    values = {cells[0].place: "06 00 00 00 01", cells[1].place: "", cells[2].place: "  "}
    values |= {cells[3].place: "0470 00 00 02", cells[4].place: ""}
    again = imported(pipeline.mend(first.rejects, values, folder), folder, settings)
    assert again.rejects == ()
    assert sorted(listed(ListKind.STOP, settings)) == ["+32470000002", "+33600000001"]


def test_a_good_number_beside_a_wrong_one_is_not_asked_for(tmp_path: Path, settings: Settings):
    """Only what was wrong is to be mended, each with its suggestion; what was right stays as it is."""
    path = tmp_path / "two.csv"
    path.write_text("mobile;autre\nO6 00 00 01 16;0600000117\n", encoding="utf-8")
    source = Source(files=(str(path),), reading=ReadOptions(columns=("mobile", "autre")))
    first = imported(source, tmp_path / "first", settings)
    [cell] = pipeline.wrong_cells(first)
    assert (cell.column, cell.suggestions) == ("mobile", ("+33600000116",))


@pytest.mark.slow
def test_a_typed_value_may_be_wrong_again(tmp_path: Path, settings: Settings):
    """What was typed is judged like any cell, and given back with its own rejects, by the input's name."""
    path = tmp_path / "one.csv"
    path.write_text("mobile\n06 00 x\n", encoding="utf-8")
    first = imported(Source(files=(str(path),)), tmp_path / "first", settings)
    [cell] = pipeline.wrong_cells(first)
    folder = tmp_path / "second"
    folder.mkdir()
    again = imported(pipeline.mend(first.rejects, {cell.place: "=cmd"}, folder), folder, settings)
    [rejects] = again.rejects
    assert Path(rejects).name == f"one.{again.summary.run_id}.rejects.csv"
    assert [one.raw for one in pipeline.wrong_cells(again)] != []
    assert listed(ListKind.STOP, settings) == []


@pytest.mark.slow
def test_a_dry_run_says_what_the_real_one_would_meet(tmp_path: Path, settings: Settings):
    """The refusal is a value of the result: of the class that the real run would end with, or None."""
    path = tmp_path / "many.csv"
    path.write_text("mobile\n" + "".join(f"06000000{n:02d}\n" for n in range(20)), encoding="utf-8")
    source = Source(files=(str(path),), reading=ReadOptions(list=ListKind.NPAI))
    assert pipeline.diff(Mode.IMPORT, source, YES, Reporting(folder=None), settings).refusal is None
    imported(source, tmp_path / "out", settings)
    over = pipeline.diff(Mode.REMOVE, source, YES, Reporting(folder=None), settings)
    assert isinstance(over.refusal, TooManyRemovals)
    stop = Source(files=(str(path),), reading=ReadOptions(list=ListKind.STOP))
    imported(stop, tmp_path / "out", settings)
    refused = pipeline.diff(Mode.REMOVE, stop, YES, Reporting(folder=None), settings)
    assert isinstance(refused.refusal, StopRemovalRefused)
    allowed = Sending(yes=True, dry_run=True, safeguards=Safeguards(allow_stop_removal=True, reason="x"))
    one = tmp_path / "one.csv"
    one.write_text("mobile\n0600000001\n", encoding="utf-8")
    fine = Source(files=(str(one),), reading=ReadOptions(list=ListKind.STOP))
    assert pipeline.write(Mode.REMOVE, fine, allowed, Reporting(folder=None), settings).refusal is None
