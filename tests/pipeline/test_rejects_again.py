"""Rejects that come back: untouched they accept nothing, mended they are read as their input was."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ptx_bulk import pipeline
from ptx_bulk.errors import QuestionOpen
from ptx_bulk.model import Accept
from ptx_bulk.pipeline import Reporting, Result, Source
from ptx_bulk.workbooks import ReadOptions
from tests.conftest import SAMPLES, tried
from tests.pipeline.conftest import NPAI, STOP

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")

PIECES = ["06", "12", "34", "56", "78", "0612345678", "+33687654321", "0041791234567", "687751234", "6589123456",
          "079 123 45 67", "33612345678", "1E5", "=1+1", "STOP", "autre", "Suisse", "Suise", "x",
          ";", '"', " ", "/", "'", ","]  # fmt: skip
cells = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
lines = st.lists(st.lists(cells, min_size=1, max_size=5).map(";".join), min_size=1, max_size=8)
options = st.fixed_dictionaries(
    {
        "list": st.sampled_from([None, STOP, NPAI]),
        "list_column": st.sampled_from([None, "Liste"]),
        "country_column": st.sampled_from([None, "Pays", "none"]),
        "columns": st.sampled_from([("Tel 1",), ("Tel 2",), ("Tel 1", "Tel 2")]),
        "region": st.sampled_from(["FR", "CH", None]),
        "header_row": st.sampled_from([None, 1]),
    }
)


OTHER_REGION = {"list": STOP, "list_column": None, "country_column": None, "columns": ("Tel 1", "Tel 2"),
                "region": None, "header_row": None}  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))


def check(here: Path, name: str, accept: Accept = Accept.MOBILE, folder: Path | None = None, **said) -> Result:
    source = Source(files=(str(here / name),), reading=ReadOptions(**said), accept=accept)
    return pipeline.check(source, Reporting(folder=folder or here))


def accepted(result: Result) -> set[str]:
    return set(result.frame.loc[(result.frame["status"] == "valid").to_numpy(), "e164"])


@pytest.mark.slow
@settings(tried(15), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@example(rows=["06;33612345678"], said=OTHER_REGION, accept=Accept.MOBILE, again=True)
@given(rows=lines, said=options, accept=st.sampled_from(Accept), again=st.booleans())
def test_untouched_rejects_accept_nothing(tmp_path_factory, rows, said, accept, again):
    """Whatever is wrong in a file and however it was read, its rejects as they are give no number that it did not."""
    folder = tmp_path_factory.mktemp("rejects")
    content = "\n".join(["Tel 1;Tel 2;Liste;Pays", "0611111111;0622222222;STOP;FR", *rows, ""])
    (folder / "in.csv").write_text(content, encoding="utf-8")
    said = {**said, "region_given": said["region"] != "FR", "delimiter": ";"}
    try:
        first = check(folder, "in.csv", accept, **said)
    except QuestionOpen:
        return
    for name in first.rejects:
        # As they are, or with the options that were given the first time.
        try:
            back = check(folder, Path(name).name, accept, **(said if again else {"delimiter": ";"}))
        except QuestionOpen:  # accepts nothing either
            continue
        # An option that may make a row right has it read again: what was right beside the wrong cell still is.
        known = accepted(first) if again else set()
        assert accepted(back) <= known, Path(name).read_text(encoding="utf-8-sig")
        assert back.exit_code == 4


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file, delimiter=";"))


def mend(path: Path, changes: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def test_mended_rows_go_to_their_list_and_are_read_as_before(tmp_path):
    """List, phone column, country and region of the first reading hold for the mended file, without any option."""
    content = (
        "Nom;Tel A;Tel B;Pays\nA;0600000000;079 123 45;\nB;0600000001;0612345;France\nC;0600000002;079 123 45 99;\n"
    )
    (tmp_path / "in.csv").write_text(content, encoding="utf-8")
    first = check(tmp_path, "in.csv", list=NPAI, columns=("Tel B",), region="CH", country_column="Pays")
    assert accepted(first) == {"+41791234599"}
    (rejects,) = map(Path, first.rejects)
    assert [row["ptx_list"] for row in rows_of(rejects)] == ["npai", "npai"]
    mend(rejects, {"079 123 45": "079 123 45 01", ";0612345;": ";0612345678;"})
    back = check(tmp_path, rejects.name)
    assert accepted(back) == {"+41791234501", "+33612345678"}
    assert set(back.frame["list"]) == {"npai"}
    assert (back.exit_code, back.rejects) == (0, ())


def test_a_list_is_mended_in_either_column(tmp_path):
    """A row whose list was not known goes to the list that is written into ptx_list or into its own column."""
    content = "Tel;Liste\n0612345671;peut-être\n0612345672;autre\n0612345673;\n0612345674;STOP\n"
    (tmp_path / "in.csv").write_text(content, encoding="utf-8")
    (rejects,) = map(Path, check(tmp_path, "in.csv", list_column="Liste").rejects)
    mend(rejects, {";autre;": ";NPAI;", "peut-être": "NPAI"})
    text = rejects.read_text(encoding="utf-8").splitlines()
    rejects.write_text("\n".join([*text[:3], text[3] + "stop", ""]), encoding="utf-8")
    back = check(tmp_path, rejects.name)
    assert dict(zip(back.frame["e164"], back.frame["list"], strict=True)) == {
        "+33612345671": "npai",
        "+33612345672": "npai",
        "+33612345673": "stop",
    }


def test_suggestions_alone_are_taken_on_demand(tmp_path):
    """--column ptx_suggestion takes each single suggestion; a row without one, or with several, stays rejected."""
    content = "Tel\n0612345678 pro\n06 12\n06 12 34 56 70 ou 06 12 34 56 7\nbonjour\n"
    (tmp_path / "in.csv").write_text(content, encoding="utf-8")
    (rejects,) = map(Path, check(tmp_path, "in.csv").rejects)
    suggested = [row["ptx_suggestion"] for row in rows_of_one(rejects)]
    back = check(tmp_path, rejects.name, columns=("ptx_suggestion",))
    assert accepted(back) == {one for one in suggested if one}
    assert back.exit_code == 4
    assert back.summary.counts["rejected"] == sum(not one for one in suggested)


def rows_of_one(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_workbooks_travel_the_same_way(tmp_path):
    """An xlsx input with several sheets gives rejects whose sheets go to their lists again, numbers and all."""
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        for name, number in (("STOP", 612345), ("NPAI", 698765)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Portable", "Nom"])
            sheet.write_row(1, 0, [number, "A"])
    first = check(tmp_path, "in.xlsx")
    (rejects,) = map(Path, first.rejects)
    back = check(tmp_path, rejects.name)
    assert (accepted(back), back.exit_code) == (set(), 4)
    assert back.frame["list"].tolist() == ["stop", "npai"]


@pytest.mark.slow
def test_rejects_too_many_for_a_workbook_are_text_and_say_so(tmp_path):
    """More than 50,000 wrong rows of a workbook come as CSV, with a notice; untouched they accept nothing."""
    with xlsxwriter.Workbook(tmp_path / "in.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Portable", "Nom"])
        for row in range(1, 50_002):
            sheet.write_row(row, 0, [612345, "A"])
    first = check(tmp_path, "in.xlsx")
    (rejects,) = map(Path, first.rejects)
    assert rejects.name.endswith(".rejects.csv")
    assert [notice for notice in first.notices if "50,001 rows" in notice] == list(first.notices[-1:])
    assert len(rows_of_one(rejects)) == 50_001
    back = check(tmp_path, rejects.name)
    assert (accepted(back), back.exit_code) == (set(), 4)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice found (soffice)")
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_libreoffice_in_between_changes_nothing(tmp_path, kind):
    """Rejects that LibreOffice opened and saved accept nothing untouched; a row mended there is accepted."""
    (rejects,) = map(Path, check(SAMPLES, "stops.xlsx", folder=tmp_path).rejects)
    saved = tmp_path / "saved" / f"{rejects.stem}.{kind}"
    _save_as(kind, rejects, saved.parent)
    assert accepted(check(saved.parent, saved.name)) == set()
    book = openpyxl.load_workbook(rejects)
    assert book.active is not None
    book.active["C4"] = "06 12 34 56 78"
    book.save(tmp_path / rejects.name)
    _save_as(kind, tmp_path / rejects.name, tmp_path / "mended")
    mended = check(tmp_path / "mended", saved.name)
    assert (accepted(mended), mended.exit_code) == ({"+33612345678"}, 4)


def _save_as(kind: str, path: Path, folder: Path) -> None:
    """What opening and saving under a format does to a workbook."""
    office = f"-env:UserInstallation={(folder / 'office').absolute().as_uri()}"
    command = [str(SOFFICE), "--headless", office, "--convert-to", kind, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, timeout=100, capture_output=True)
