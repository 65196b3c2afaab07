"""XLSX results: what a person sees when the file opens."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptx_bulk.model import RESULT_COLUMNS
from ptx_bulk.reports import Summary, write_report
from ptx_bulk.reports.tables import xlsx_file


def test_the_first_sheet_holds_the_lines(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """Whoever reads the first sheet gets the contract's columns; text is text and numbers are numbers."""
    write_report(tmp_path / "r.xlsx", lines, summary)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == ["Results", "Summary"]
    rows = list(book["Results"].iter_rows(values_only=True))
    assert rows[0] == RESULT_COLUMNS
    assert rows[1][:7] == (
        *("20261123-101500-abcd", "stops.xlsx", "Feuil1", 2, "Téléphone"),
        "06 12 34 56 78",
        "+33612345678",
    )
    assert rows[4][5] == '=HYPERLINK("http://example.invalid","</script><b>")'
    assert rows[5][1:6] == (None,) * 5
    assert len(rows) == 6


def test_the_sheet_opens_ready_to_use(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """The header is frozen, filters are set, text columns have the text format, status has colours, formulas none."""
    write_report(tmp_path / "r.xlsx", lines, summary)
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["Results"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == sheet.dimensions == "A1:T6"
    assert sheet["G2"].number_format == "@"
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n"}
    assert [str(each.sqref) for each in sheet.conditional_formatting] == ["J2:J6"]
    assert sheet.column_dimensions["L"].width > 40


def test_the_summary_sheet_counts_and_draws(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """The last sheet says the run in words and counts and has one chart."""
    write_report(tmp_path / "r.xlsx", lines, summary)
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["Summary"]
    cells = {row[0]: row[1] for row in sheet.iter_rows(values_only=True) if row[0]}
    assert cells["rejected"] == 2
    assert cells["ZERO_RESTORED"] == 1
    assert cells["Account"] == "boutique <b>"
    assert "Sheet 'Archive' is hidden and was skipped." in cells
    assert str(sheet["A1"].value).startswith("STOP list: 1 number was added; 1 line needs no change; 2 lines cannot")
    assert len(sheet._charts) == 1


def test_pandas_reads_the_lines_back(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """calamine, which sees cells without references as well, finds every value in its place."""
    write_report(tmp_path / "r.xlsx", lines, summary)
    frame = pd.read_excel(tmp_path / "r.xlsx", engine="calamine", dtype=object).astype(object).fillna("")
    assert frame["code"].tolist() == lines["code"].tolist()
    assert frame["api_code"].tolist() == ["", "", "", "", 11]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.text(), min_size=1))
def test_any_text_survives(tmp_path: Path, values: list[str]) -> None:
    """Every text can be written and read back, but for characters that XML does not have."""
    path = tmp_path / "any.xlsx"
    with path.open("wb") as stream:
        xlsx_file.write_frame(stream, pd.DataFrame({"raw": pd.array(values, dtype="str")}), "Any")
    sheet = openpyxl.load_workbook(path).active
    read = [sheet.cell(row + 2, 1).value or "" for row in range(len(values))]
    assert read == [_as_xml(value) for value in values]


def _as_xml(value: str) -> str:
    legal = "".join(c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in value)
    return legal.replace("\r\n", "\n").replace("\r", "\n")  # what XML itself makes of line ends


def test_a_text_too_long_for_excel_is_cut_and_says_so(tmp_path: Path) -> None:
    """A cell holds at most 32,767 characters; a longer text ends with an ellipsis."""
    with (tmp_path / "r.xlsx").open("wb") as stream:
        xlsx_file.write_frame(stream, pd.DataFrame({"raw": pd.array(["é" * 40_000, "x"], dtype="str")}), "Long")
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").active
    assert sheet["A2"].value == "é" * 16_000 + "…"


@pytest.mark.slow
def test_rows_past_the_limit_go_to_a_second_sheet(tmp_path: Path) -> None:
    """Excel has 1,048,576 rows a sheet: the rows beyond follow on a sheet of their own, with the header."""
    n = 1_048_580
    with (tmp_path / "r.xlsx").open("wb") as stream:
        xlsx_file.write_frame(stream, pd.DataFrame({"phone": pd.Series(range(n)).astype("str")}), "Numbers")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx", read_only=True)
    assert book.sheetnames == ["Numbers", "Numbers 2"]
    assert book["Numbers"].max_row == 1_048_576
    assert list(book["Numbers 2"].iter_rows(values_only=True)) == [("phone",)] + [(str(i),) for i in range(n - 5, n)]


def test_times_stay_text(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """`finished_at` is ISO 8601 text in every report that is not typed."""
    write_report(tmp_path / "r.xlsx", lines, summary)
    value = openpyxl.load_workbook(tmp_path / "r.xlsx")["Results"]["T2"].value
    assert dt.datetime.fromisoformat(str(value)) == dt.datetime(2026, 11, 23, 10, 15, 1, 250_000, dt.UTC)
