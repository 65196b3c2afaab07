"""Exports for other programs: formats, dialects, column sets."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from ptx_bulk.errors import ConfigurationError, ReportError
from ptx_bulk.model import EXPORT_COLUMNS
from ptx_bulk.reports import DIALECTS, EXPORT_FORMATS, apply_crm, crm_columns, crm_names, export


@pytest.fixture
def numbers() -> pd.DataFrame:
    """Two numbers, one of them without country."""
    rows = [
        ("+33612345678", "stop", "543ceb14e4b0ef900801cbe3", "2014-10-14T09:02:28Z", "FR", "mobile", "", "c"),
        ("+33600000000", "npai", "", "", "", "", "2026-01-31T10:20:30Z", ""),
    ]
    return pd.DataFrame(rows, columns=list(EXPORT_COLUMNS), dtype="str")


def test_rfc4180(numbers: pd.DataFrame) -> None:
    """The default CSV is UTF-8 without BOM, commas, CRLF."""
    stream = io.BytesIO()
    export(stream, numbers, format="csv")
    assert stream.getvalue() == (
        b"phone,list,remote_id,added_approx,country,line_type,stopped_at,campaign_id\r\n"
        b"+33612345678,stop,543ceb14e4b0ef900801cbe3,2014-10-14T09:02:28Z,FR,mobile,,c\r\n"
        b"+33600000000,npai,,,,,2026-01-31T10:20:30Z,\r\n"
    )


def test_excel_fr(numbers: pd.DataFrame) -> None:
    """The French dialect has a BOM, semicolons and CRLF."""
    stream = io.BytesIO()
    export(stream, numbers, format="csv", dialect="excel-fr")
    assert stream.getvalue().startswith(b"\xef\xbb\xbfphone;list;remote_id;")
    assert stream.getvalue().endswith(b"\r\n+33600000000;npai;;;;;2026-01-31T10:20:30Z;\r\n")


@pytest.mark.parametrize("format_", EXPORT_FORMATS)
@pytest.mark.parametrize("empty", [False, True])
def test_every_format_gives_the_numbers_back(tmp_path: Path, numbers: pd.DataFrame, format_: str, empty: bool) -> None:
    """In each format all numbers are there as text with their plus, with all columns even when there are none."""
    frame = numbers.head(0) if empty else numbers
    path = tmp_path / f"e.{format_}"
    export(path, frame, format=format_)
    expected = frame["phone"].tolist()
    if format_ == "csv":
        assert pd.read_csv(path, dtype=str)["phone"].tolist() == expected
    elif format_ == "json":
        assert [record["phone"] for record in json.loads(path.read_bytes())] == expected
    elif format_ == "parquet":
        table = pq.read_table(path)
        assert table["phone"].to_pylist() == expected
        assert table.schema.names == list(EXPORT_COLUMNS)
    else:
        rows = list(openpyxl.load_workbook(path).worksheets[0].iter_rows())
        assert [cell.value for cell in rows[0]] == list(EXPORT_COLUMNS)
        assert [(row[0].value, row[0].data_type, row[0].number_format) for row in rows[1:]] == [
            (n, "s", "@") for n in expected
        ]


def test_an_older_export_is_replaced_whole(tmp_path: Path, numbers: pd.DataFrame) -> None:
    """Exporting to the same file again puts the new one in its place, and a failure leaves the old one."""
    path = tmp_path / "e.csv"
    path.write_text("old")
    with pytest.raises(ValueError, match="stop"):
        export(path, numbers.rename(columns={"list": "row"}), format="csv")
    assert path.read_text() == "old"
    export(path, numbers, format="csv")
    assert path.read_text().startswith("phone,")
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_the_way_is_said(tmp_path: Path, numbers: pd.DataFrame) -> None:
    """A destination that is a folder is refused in one sentence."""
    (tmp_path / "e.csv").mkdir()
    with pytest.raises(ReportError, match=r"e\.csv cannot be written"):
        export(tmp_path / "e.csv", numbers, format="csv")


def test_wrong_names_are_refused_with_the_right_ones(numbers: pd.DataFrame) -> None:
    """An unknown format, dialect or column set is refused by name, with those that exist."""
    with pytest.raises(ConfigurationError, match="csv, xlsx, json, parquet"):
        export(io.BytesIO(), numbers, format="pdf")
    with pytest.raises(ConfigurationError, match=", ".join(DIALECTS)):
        export(io.BytesIO(), numbers, format="csv", dialect="excel")
    with pytest.raises(ConfigurationError, match="brevo, hubspot, klaviyo, salesforce"):
        crm_columns("../brevo")


@pytest.mark.parametrize("name", crm_names())
def test_each_column_set_is_documented_and_fits(numbers: pd.DataFrame, name: str) -> None:
    """Every column set names its maker's page and takes its values from the export's columns."""
    layout = crm_columns(name)
    assert layout.source.startswith("https://")
    assert layout.title
    assert layout.number_format in {"e164", "national", "international", "msisdn"}
    assert set(layout.formats) <= set(EXPORT_FORMATS)
    applied = apply_crm(numbers, layout)
    assert list(applied.columns) == [heading for heading, _source in layout.columns]
    assert len(applied) == len(numbers)
    assert "phone" in [source for _heading, source in layout.columns]


def test_a_column_set_may_hold_constants(numbers: pd.DataFrame) -> None:
    """Marketing Cloud wants a status in every row: the set supplies it."""
    applied = apply_crm(numbers, crm_columns("salesforce"))
    assert applied["_Status"].tolist() == ["Unsubscribe", "Unsubscribe"]
    assert applied["_ContactKey"].tolist() == applied["_MobileNumber"].tolist() == numbers["phone"].tolist()
