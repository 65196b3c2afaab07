"""Dialects of CSV: what a file is written in, and that nothing of it is lost."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk import i18n
from ptx_bulk.arguments import DIALECT_NAMES
from ptx_bulk.reports import DIALECTS, USUAL, Dialect, Summary, dialect_stored, of_a_workbook, write_report
from ptx_bulk.reports.dialects import dialect_like
from ptx_bulk.reports.tables.csv_file import write_results
from tests.reports.conftest import MakeLines

KEPT_WIDE = Dialect("\t", "utf-16")
GOLDEN = Path(__file__).with_name("golden")


def test_both_tables_of_names_agree() -> None:
    """What options, profiles and keywords take is what can be written."""
    assert tuple(DIALECTS) == DIALECT_NAMES


def test_results_for_a_french_excel(tmp_path: Path, make_lines: MakeLines) -> None:
    """Results in the French dialect are, byte for byte, what the golden file holds."""
    lines = make_lines(
        {"raw": "06 12 34 56 78", "e164": "+33612345678", "file": "été.csv", "column": "Tél. mobile", "row": 2},
        {"raw": "=1+1;2", "status": "rejected", "code": "NOT_A_NUMBER", "message": "Ce n'est pas un numéro.", "row": 3},
        {"raw": 'dit "Zoé"', "file": "a;b.csv", "message": "deux\nlignes", "row": 4},
    )
    write_report(tmp_path / "r.csv", lines, Summary(run_id="r", command="check"), dialect=DIALECTS["excel-fr"])
    assert (tmp_path / "r.csv").read_bytes() == (GOLDEN / "results.excel-fr.csv").read_bytes()


@pytest.mark.parametrize(
    ("encoding", "delimiter", "bom", "wanted"),
    [
        ("utf-8", ",", False, Dialect(",", "utf-8")),
        ("utf-8", ",", True, Dialect(",", "utf-8-sig")),
        ("utf-8", ";", False, Dialect(";", "utf-8-sig")),
        ("cp1252", ";", False, Dialect(";", "cp1252")),
        ("utf-16-le", "\t", True, Dialect("\t", "utf-16")),
        ("utf-32-be", ",", False, Dialect(",", "utf-8-sig")),
        ("klingon", "|", False, Dialect("|", "utf-8-sig")),
        ("utf-8", "", False, Dialect(",", "utf-8")),
        ("", "", False, Dialect(",", "utf-8-sig")),
    ],
)
def test_a_csv_is_written_like_one_that_was_read(encoding: str, delimiter: str, bom: bool, wanted: Dialect) -> None:
    """Delimiter and encoding stay, with a BOM wherever a spreadsheet needs one to read the accents."""
    assert dialect_like(encoding, delimiter, bom=bom) == wanted


def test_in_french_what_says_nothing_is_for_a_french_excel() -> None:
    """A workbook, and a column without delimiter, give a CSV that the Excel of that language opens in columns."""
    try:
        i18n.use("fr")
        assert of_a_workbook() == DIALECTS["excel-fr"]
        assert dialect_like("utf-8", "", bom=False) == DIALECTS["excel-fr"]
        assert dialect_like("utf-8", ",", bom=False) == USUAL
    finally:
        i18n.use("en")


@pytest.mark.parametrize("value", [None, 3, [], [";"], ["", "cp1252"], [";;", "cp1252"], ['"', "utf-8"], [";", "hex"]])
def test_nonsense_in_place_of_a_dialect_is_the_usual_one(value: object) -> None:
    """What a journal may hold instead of a dialect is no reason to fail."""
    assert dialect_stored(value) == USUAL


@pytest.mark.parametrize("dialect", [*DIALECTS.values(), Dialect(";", "cp1252"), KEPT_WIDE])
def test_a_dialect_that_was_kept_comes_back(dialect: Dialect) -> None:
    """Kept as a list of texts, a dialect is itself again."""
    assert dialect_stored(list(dialect)) == dialect


@given(
    raw=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="=+-@＝＋－＠﹢﹣﹦﹫\t\r\n"), max_size=12),
    dialect=st.sampled_from(
        [*DIALECTS.values(), Dialect(";", "cp1252"), Dialect("|", "latin-1"), Dialect("\t", "utf-16")]
    ),
)
def test_results_hold_every_character_in_every_dialect(raw: str, dialect: Dialect) -> None:
    """Whatever the dialect, the rows read back whole; what its encoding lacks makes the file UTF-8 with BOM."""
    stream = io.BytesIO()
    lines = pd.DataFrame({"raw": [raw, "06"], "message": pd.Categorical(["é", raw])})
    write_results(stream, lines, Summary(run_id="r", command="check"), dialect)
    content = stream.getvalue()
    try:
        raw.encode(dialect.encoding)
        encoding = dialect.encoding
    except UnicodeEncodeError:
        encoding = "utf-8-sig"
    rows = list(csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=dialect.delimiter, strict=True))
    assert rows == [["raw", "message"], [raw, "é"], ["06", raw]]
