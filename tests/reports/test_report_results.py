"""Results files: formats, contents, and how they come into being."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from ptx_bulk.errors import ConfigurationError, ReportError
from ptx_bulk.model import RESULT_COLUMNS
from ptx_bulk.reports import Summary, new_files, rejects_path, results_path, write_report

ALL = ("csv", "xlsx", "json", "html", "parquet")


def test_the_csv_is_the_golden_one(tmp_path: Path, lines: pd.DataFrame, summary: Summary, golden: Path) -> None:
    """A CSV report is UTF-8 without BOM, commas and CRLF, with fields quoted only where they must be."""
    write_report(tmp_path / "r.csv", lines, summary)
    assert (tmp_path / "r.csv").read_bytes() == (golden / "results.csv").read_bytes()


def test_the_json_is_the_golden_one(tmp_path: Path, lines: pd.DataFrame, summary: Summary, golden: Path) -> None:
    """A JSON report is one object with the summary of `--json` and a line for each phone value."""
    write_report(tmp_path / "r.json", lines, summary)
    assert (tmp_path / "r.json").read_bytes() == (golden / "results.json").read_bytes()
    parsed = json.loads((tmp_path / "r.json").read_bytes())
    assert parsed["summary"] == summary.as_json()
    assert [list(line) for line in parsed["lines"]] == [list(RESULT_COLUMNS)] * 5
    assert parsed["lines"][4]["row"] is None


def test_the_csv_reads_back_as_it_was(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """Python's csv finds the contract's columns and one record per line, empty where a number is missing."""
    write_report(tmp_path / "r.csv", lines, summary)
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as stream:
        records = list(csv.DictReader(stream))
    assert list(records[0]) == list(RESULT_COLUMNS)
    assert [record["row"] for record in records] == ["2", "3", "4", "5", ""]
    assert [record["e164"] for record in records] == lines["e164"].tolist()


def test_parquet_is_typed_and_carries_the_summary(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """A Parquet report has integers, UTC times, nulls for what is missing, and the summary in its schema."""
    write_report(tmp_path / "r.parquet", lines, summary)
    table = pq.read_table(tmp_path / "r.parquet")
    assert table.schema.names == list(RESULT_COLUMNS)
    assert table["row"].to_pylist() == [2, 3, 4, 5, None]
    assert str(table.schema.field("finished_at").type) == "timestamp[ms, tz=UTC]"
    assert table["finished_at"].null_count == 3
    assert table["raw"].to_pylist()[0] == "06 12 34 56 78"
    assert json.loads(table.schema.metadata[b"ptx_bulk.summary"]) == summary.as_json()


@pytest.mark.parametrize("ending", ALL)
def test_no_line_at_all_is_a_report_too(tmp_path: Path, lines: pd.DataFrame, ending: str) -> None:
    """Every format can be written without any line."""
    write_report(tmp_path / f"r.{ending}", lines.head(0), Summary(run_id="r", command="check"))
    assert (tmp_path / f"r.{ending}").stat().st_size > 0


@pytest.mark.parametrize("ending", ALL)
def test_an_existing_file_is_never_overwritten(
    tmp_path: Path, lines: pd.DataFrame, summary: Summary, ending: str
) -> None:
    """Where a file stands, nothing is written and the error names it."""
    path = tmp_path / f"r.{ending}"
    path.write_text("mine")
    with pytest.raises(ReportError, match=r"r\.\w+ exists already"):
        write_report(path, lines, summary)
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """A name that is taken while the report is being written stays with its owner."""
    path = tmp_path / "r.csv"
    with pytest.raises(ReportError, match="exists already"), new_files.new_file(path) as stream:
        stream.write(b"report")
        path.write_text("mine")
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_broken_write_leaves_nothing_behind(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """When writing fails, neither the report nor its draft remains."""
    with pytest.raises(KeyError):
        write_report(tmp_path / "r.html", lines.drop(columns="status"), summary)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_ending_is_refused_with_the_known_ones(
    tmp_path: Path, lines: pd.DataFrame, summary: Summary
) -> None:
    """The error for a wrong ending names the right ones."""
    with pytest.raises(ConfigurationError, match=r"\.csv \.xlsx \.json \.html \.parquet"):
        write_report(tmp_path / "r.docx", lines, summary)


def test_a_missing_folder_is_said(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """A report for a folder that does not exist is refused in one sentence."""
    with pytest.raises(ReportError, match="its folder does not exist"):
        write_report(tmp_path / "nowhere" / "r.csv", lines, summary)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full to have a full disk")
def test_a_full_disk_is_said() -> None:
    """A disk without room is an error of one sentence that says so."""
    with (
        pytest.raises(ReportError, match="the disk is full"),
        new_files.new_file(Path("/tmp/never-made.csv")),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"report")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no POSIX file modes")
def test_reports_are_for_their_owner_alone(tmp_path: Path, lines: pd.DataFrame, summary: Summary) -> None:
    """A report holds phone numbers: nobody but its owner may read it."""
    for ending in ALL:
        write_report(tmp_path / f"r.{ending}", lines, summary)
        assert (tmp_path / f"r.{ending}").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("first", "count", "results", "rejects"),
    [
        ("data/stops.xlsx", 10, "stops.R.results.xlsx", "stops.R.rejects.xlsx"),
        ("stops.XLS", 10, "stops.R.results.xlsx", "stops.R.rejects.xlsx"),
        ("stops.ods", 10, "stops.R.results.xlsx", "stops.R.rejects.xlsx"),
        ("stops.xlsx", 50_000, "stops.R.results.xlsx", "stops.R.rejects.xlsx"),
        ("stops.xlsx", 200_000, "stops.R.results.xlsx", "stops.R.rejects.csv"),
        ("stops.xlsx", 200_001, "stops.R.results.csv", "stops.R.rejects.csv"),
        ("stops.2026.csv", 10, "stops.2026.R.results.csv", "stops.2026.R.rejects.csv"),
        ("stops.tsv", 10, "stops.R.results.csv", "stops.R.rejects.csv"),
        ("stops.parquet", 10, "stops.R.results.csv", "stops.R.rejects.csv"),
        ("-", 10, "stdin.R.results.csv", "stdin.R.rejects.csv"),
    ],
)
def test_default_names(tmp_path: Path, first: str, count: int, results: str, rejects: str) -> None:
    """Reports are named after the first input and the run, in its kind of format; many lines make CSV."""
    assert results_path(first, "R", count, tmp_path) == tmp_path / results
    assert rejects_path(first, "R", count, tmp_path) == tmp_path / rejects


def test_the_summary_has_exactly_the_keys_of_the_contract(summary: Summary) -> None:
    """`--json` has the documented keys in the documented order, both answers of `verified` included."""
    printed = summary.as_json()
    assert list(printed) == [
        *("run_id", "command", "list", "exit_code", "counts", "codes", "verified"),
        *("input", "remote", "origin", "reports", "elapsed_s"),
    ]
    assert printed["verified"] == {"yes": 1, "no": 0}
    assert printed["input"] == {
        "files": ["stops.xlsx"],
        "rows": 5,
        "blank": 1,
        "excluded": 2,
        "reading": [{"file": "stops.xlsx", "sheet": "Feuil1", "header_row": 1}],
    }
    assert printed["remote"] == {"before": 10, "after": 11}
    assert printed["elapsed_s"] == 1.235
