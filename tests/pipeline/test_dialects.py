"""How the CSVs of a run are written: as the input is, or as is asked for."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ptx_bulk import pipeline
from ptx_bulk.model import Mode
from ptx_bulk.pipeline import Reporting, Result, Source
from tests.pipeline.conftest import ALLOWED, Desk

BOM = b"\xef\xbb\xbf"
EXCEL = "Nom;Téléphone\r\nHélène;06 12 34 56 78\r\nZoé;é12\r\n"
LIKE_EXCEL = {"results": ("cp1252", ";"), "rejects": ("cp1252", ";")}


def seen(path: Path) -> tuple[str, str]:
    """The encoding and the delimiter of a CSV of ours, whose rows are whole."""
    content = path.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    encoding = "utf-8-sig" if content.startswith(BOM) else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252"
        text = content.decode(encoding)
    delimiter = max(",;\t", key=text.splitlines()[0].count)
    rows = list(csv.reader(text.splitlines(), delimiter=delimiter, strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    return encoding, delimiter


def kinds(result: Result) -> dict[str, tuple[str, str]]:
    """What each report of a run is like, by the kind that its name says."""
    paths = [Path(path) for path in result.summary.reports]
    return {path.name.split(".")[-2].partition("-")[0]: seen(path) for path in paths}


def checked(desk: Desk, content: bytes, name: str = "in.csv", **reporting: object) -> Result:
    path = desk.folder / name
    path.write_bytes(content)
    return pipeline.check(Source(files=(str(path),)), Reporting(folder=desk.folder, **reporting))


@pytest.mark.slow
@pytest.mark.parametrize("mode", [Mode.IMPORT, Mode.REMOVE, Mode.SYNC])
def test_default_names_take_the_input_s_dialect(desk: Desk, mode: Mode) -> None:
    """Results and rejects beside an input of a French Excel have its semicolons and its encoding."""
    path = desk.folder / "in.csv"
    path.write_bytes(EXCEL.encode("cp1252"))
    assert kinds(desk.write(mode, path, safeguards=ALLOWED, yes=True)) == LIKE_EXCEL
    assert kinds(desk.diff(mode, path)) == LIKE_EXCEL


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (EXCEL.encode("utf-8"), ("utf-8-sig", ";")),
        (EXCEL.encode("utf-8-sig"), ("utf-8-sig", ";")),
        (EXCEL.replace(";", ",").encode("utf-8"), ("utf-8", ",")),
        (EXCEL.replace(";", ",").encode("utf-8-sig"), ("utf-8-sig", ",")),
        (EXCEL.replace(";", "\t").encode("utf-8"), ("utf-8", "\t")),
        (b"Portable\r\n06 12 34 56 78\r\n12\r\n", ("utf-8", ",")),
    ],
)
def test_results_open_as_their_input_does(desk: Desk, content: bytes, wanted: tuple[str, str]) -> None:
    """Delimiter and BOM are the input's; UTF-8 with semicolons gets the BOM without which Excel spoils accents."""
    assert kinds(checked(desk, content)) == {"results": wanted, "rejects": wanted}


def test_what_the_encoding_lacks_makes_it_utf_8(desk: Desk) -> None:
    """A file name that Windows-1252 cannot hold makes the results UTF-8 with BOM, and no character is lost."""
    result = checked(desk, EXCEL.encode("cp1252"), "Żółć.csv")
    assert kinds(result) == {"results": ("utf-8-sig", ";"), "rejects": ("cp1252", ";")}
    assert "Żółć.csv" in Path(result.summary.reports[0]).read_text(encoding="utf-8-sig")


def test_utf_16_stays_utf_16(desk: Desk) -> None:
    """Results of a Unicode text of Excel are one, too, and read back whole."""
    result = checked(desk, EXCEL.replace(";", "\t").encode("utf-16"))
    content = Path(result.summary.reports[0]).read_bytes()
    rows = content.decode("utf-16").split("\r\n")
    assert (content[:2] in (b"\xff\xfe", b"\xfe\xff"), len(rows), rows[0].split("\t")[0]) == (True, 4, "run_id")


def test_a_name_of_one_s_own_is_for_programs(desk: Desk) -> None:
    """Without a dialect a named report is RFC 4180; the rejects, to be mended, open as the input does."""
    result = checked(desk, EXCEL.encode("cp1252"), paths=(desk.folder / "x.csv",))
    assert [seen(Path(path)) for path in result.summary.reports] == [("utf-8", ","), ("cp1252", ";")]


@pytest.mark.parametrize(("dialect", "wanted"), [("rfc4180", ("utf-8", ",")), ("excel-fr", ("utf-8-sig", ";"))])
def test_a_dialect_that_is_asked_for_is_for_every_csv(desk: Desk, dialect: str, wanted: tuple[str, str]) -> None:
    """It holds for results of default and other names, and for rejects."""
    for paths in ((), (desk.folder / "x.csv",)):
        result = checked(desk, EXCEL.encode("cp1252"), paths=paths, dialect=dialect)
        assert [seen(Path(path)) for path in result.summary.reports] == [wanted, wanted]


@pytest.mark.slow
def test_apply_resume_and_undo_write_as_the_input_of_their_run(desk: Desk) -> None:
    """A saved plan, a resumed run and its undoing have the dialect of the run's input, which may be gone by then."""
    path, plan = desk.folder / "in.csv", desk.folder / "plan.json"
    path.write_bytes(EXCEL.encode("cp1252"))
    desk.diff(Mode.IMPORT, path, plan_path=str(plan))
    applied = desk.apply(plan, time_limit=0.0)
    assert (applied.exit_code, kinds(applied)) == (5, LIKE_EXCEL)
    path.unlink()
    assert kinds(desk.resume(applied.summary.run_id, yes=True)) == {"results": ("cp1252", ";")}
    undone = desk.undo(applied.summary.run_id, safeguards=ALLOWED, yes=True)
    assert kinds(undone) == {"results": ("cp1252", ";")}


@pytest.mark.slow
def test_a_run_that_kept_no_dialect_is_reported_for_programs(desk: Desk) -> None:
    """Runs from before dialects were kept, or with nonsense in their place, are resumed and reported as ever."""
    path = desk.folder / "in.csv"
    path.write_bytes(EXCEL.encode("cp1252"))
    for stored in ("null", '[";", "klingon"]'):
        stopped = desk.write(Mode.IMPORT, path, time_limit=0.0)
        with pipeline.opened(desk.settings) as account, account.journal.transaction() as db:
            db.execute("UPDATE runs SET options = json_set(options, '$.dialect', json(?))", (stored,))
        resumed = desk.resume(stopped.summary.run_id, yes=True)
        assert kinds(resumed)["results"] == ("utf-8", ",")
        desk.server.lists["stop"].clear()
