"""No cell that we write is run as a formula."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptx_bulk.reports import DIALECTS, Dialect, Summary, export, write_report
from ptx_bulk.reports.tables.csv_file import write_tables
from tests.conftest import ROOT
from tests.reports.conftest import MakeLines

CORPUS = ROOT.parent / "shared" / "corpus"
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")

NUMBERLIKE = "0-9 \u00a0\u2000-\u200b\u202f().,/·\\-\u2010-\u2015"
HARMLESS = re.compile(f"[+\\-＋－][{NUMBERLIKE}\t\r\n]*")
# What a program may pass over before it looks whether a cell is a formula.
PASSED = re.compile('[\x00-\x20"\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]*')
DELIMITERS = (",", ";", "\t")


def written(values: list[str], dialect: str = "rfc4180") -> list[str]:
    """The values as a CSV reader gets them back."""
    stream = io.BytesIO()
    frame = pd.DataFrame(
        {"phone": pd.array(values, dtype="str"), "list": pd.array(["stop"] * len(values), dtype="str")}
    )
    export(stream, frame, format="csv", dialect=dialect)
    delimiter, encoding = (",", "utf-8") if dialect == "rfc4180" else (";", "utf-8-sig")
    rows = csv.reader(io.StringIO(stream.getvalue().decode(encoding), newline=""), delimiter=delimiter, strict=True)
    return [row[0] for row in rows][1:]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("-612345678", "-612345678"),
        ("-1 234,50", "-1 234,50"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("x\n=1", "x\n'=1"),
        ("x\r\n +cmd", "x\r\n '+cmd"),
        ("x,=1", "x,'=1"),
        ("x,-5,+33 6 12", "x,-5,+33 6 12"),
        ("x,+33 6 12 (Paul)", "x,'+33 6 12 (Paul)"),
        ('"=1', "\"'=1"),
        ('a"=1', 'a"=1'),
        (" =1", " '=1"),
        ("\ufeff=1", "\ufeff'=1"),
        ("\x00@x", "\x00'@x"),
        ("\u061c=1", "\u061c'=1"),
        ("﹦1", "'﹦1"),
        ("＋33612345678", "＋33612345678"),
        ("＋33;A1", "'＋33;A1"),
        ("+33612345678\n0612345678", "+33612345678\n0612345678"),
        ("+33612345678\n+33798765432", "'+33612345678\n+33798765432"),
        ("+33612345678;+33798765432", "'+33612345678;+33798765432"),
        ("=;=,=\n@", "'=;'=,'=\n'@"),
        ("+1;+1;+x;+1", "'+1;+1;'+x;+1"),
        ('remove "my file.csv" --yes', 'remove "my file.csv" --yes'),
        ("＝1+1", "'＝1+1"),
        ("+A1", "'+A1"),
        ("+33 6 12=1", "'+33 6 12=1"),
        ('="0612345678"', '\'="0612345678"'),
        ("06;=1+1", "06;'=1+1"),
        ("06; @x", "06; '@x"),
        ("06;+cmd|' /C calc'!A0", "06;'+cmd|' /C calc'!A0"),
        ("+33612345678", "+33612345678"),
        ("+33 (0)6.12-34/56 78", "+33 (0)6.12-34/56 78"),
        ("+33\u00a06\u202f12", "+33\u00a06\u202f12"),
        ("0612345678;+33798765432", "0612345678;+33798765432"),
        ("06 12 / 07 98", "06 12 / 07 98"),
        ("-", "-"),
        ("--", "--"),
        ("'=1", "'=1"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_formulas_are_disarmed_and_numbers_left_alone(value: str, expected: str) -> None:
    """An apostrophe stands before whatever a spreadsheet would run, and before nothing else."""
    assert written([value]) == [expected]


@given(st.lists(st.text(alphabet=st.one_of(st.sampled_from("=+-@\t\r\n;,\"' 06"), st.characters(codec="utf-8")))))
@pytest.mark.parametrize("dialect", ["rfc4180", "excel-fr"])
def test_no_cell_begins_with_a_trigger(dialect: str, values: list[str]) -> None:
    """Whatever text goes in, each value comes back and none begins like a formula unless it is number-like."""
    cells = written(values, dialect)
    assert len(cells) == len(values)
    for value, cell in zip(values, cells, strict=True):
        assert not re.match("[=+\\-@\t\r\n＝＋－＠]", cell) or HARMLESS.fullmatch(cell)
        assert cell.replace("'", "") == value.replace("'", "")


def live(cell: str, own: str) -> bool:
    """Whether a spreadsheet would run the cell as a formula.

    A sign and digits up to the file's own delimiter (which another reader leaves in the cell) or to the end of what is
    quoted are a number with something behind it: no formula of any program.
    """
    begins = cell[PASSED.match(cell).end() :]
    if begins[:1] in tuple("=@＝＠﹦﹫"):
        return True
    if begins[:1] not in tuple("+-＋－﹢﹣"):
        return False
    return re.match(f'[{NUMBERLIKE}]*($|[\t\r\n;,"{own}])', begins[1:]) is None


def live_cells(content: str, own: str) -> list[str]:
    """Every cell that would be run, whichever of the three delimiters a program takes."""
    found = []
    for delimiter in DELIMITERS:
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            rows = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, quoting=quoting)
            found += [cell for row in rows for cell in row if live(cell, own)]
    return found


PIECES = st.sampled_from(
    ["=1+1", "+A1", "-2+3", "@SUM(A1)", "＝1", "+33612345678", "-5", "=cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "06"]
)
GLUE = st.text(alphabet=",;\t\r\n\"' \u00a0\ufeff|x", max_size=3)
HOSTILE = st.lists(st.tuples(GLUE, PIECES), max_size=4).map(
    lambda parts: "".join(glue + piece for glue, piece in parts)
)
VALUES = st.lists(
    st.tuples(*[st.one_of(HOSTILE, st.text(alphabet="=+-@\t\r\n;,\"' 06", max_size=8))] * 3), min_size=1, max_size=4
)
PAYLOADS = [
    "=10+20+cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "-10+cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.invalid","x")',
    "a\n=1+1",
    "a;=1+1",
    "a\t=1+1",
    'a,"=1+1',
    "+33612345678;+cmd|' /C calc'!A0",
]


def all_outputs(rows: list[tuple[str, str, str]], folder: Path, make_lines: MakeLines) -> dict[str, tuple[str, str]]:
    """Every kind of CSV that we write of these values, by name: its text and its own delimiter."""
    one, two, three = (list(column) for column in zip(*rows, strict=True))
    made: dict[str, tuple[str, str]] = {}
    lines = make_lines(
        *(
            {"file": c, "sheet": a, "row": 2, "column": b, "raw": a, "e164": "+33612345678", "remote_id": b}
            | {"message": c, "suggestion": b, "status": "rejected", "code": "TOO_SHORT", "attempts": 1}
            for a, b, c in rows
        )
    )
    for name, dialect in DIALECTS.items():
        write_report(folder / f"{name}.csv", lines, Summary(run_id="r", command="check"), dialect=dialect)
        made[f"results {name}"] = ((folder / f"{name}.csv").read_bytes().decode(dialect.encoding), dialect.delimiter)
    for delimiter in (",", ";", "\t", "|"):
        stream = io.BytesIO()
        columns = [pa.array(values, pa.large_string()) for values in (one, two, three)]
        tables = [pa.table(columns, names=["a", "b", "c"])]
        write_tables(stream, [one[0], "x", two[0]], tables, dialect=Dialect(delimiter, "utf-8"))
        made[f"rejects {delimiter!r}"] = (stream.getvalue().decode(), delimiter)
    frame = pd.DataFrame({"phone": ["+33612345678"] * len(rows), "a": one, "b": two, "c": three}, dtype="str")
    for dialect, (delimiter, encoding) in DIALECTS.items():
        stream = io.BytesIO()
        export(stream, frame, format="csv", dialect=dialect)
        made[f"export {dialect}"] = (stream.getvalue().decode(encoding), delimiter)
    return made


@pytest.mark.slow
@given(rows=VALUES)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_reading_of_any_output_finds_a_formula(rows: list[tuple[str, str, str]], make_lines: MakeLines) -> None:
    """Results, rejects and exports, opened with comma, semicolon or tab, with or without quotes, run nothing."""
    with tempfile.TemporaryDirectory() as folder:
        for name, (content, own) in all_outputs(rows, Path(folder), make_lines).items():
            assert live_cells(content, own) == [], name


@pytest.mark.parametrize("payload", PAYLOADS)
def test_known_payloads_are_harmless_in_every_output(payload: str, tmp_path: Path, make_lines: MakeLines) -> None:
    """What is passed around as CSV injection is run in no output, in whichever column it stands."""
    rows = [(payload, "x", "y"), ("x", payload, "y"), ("x", "y", payload), (payload,) * 3]
    for name, (content, own) in all_outputs(rows, tmp_path, make_lines).items():
        assert live_cells(content, own) == [], name


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside this repository")
def test_the_payloads_of_the_corpus_are_harmless(tmp_path: Path, make_lines: MakeLines) -> None:
    """The collected payloads are run in no output."""
    payloads = (CORPUS / "files" / "csv_injection_payloads.txt").read_text(encoding="utf-8").splitlines()
    rows = [(payload, f"x{payload}", f"x\n{payload}") for payload in payloads]
    for name, (content, own) in all_outputs(rows, tmp_path, make_lines).items():
        assert live_cells(content, own) == [], name


@given(
    st.lists(
        st.text(alphabet=st.characters(codec="utf-8", exclude_characters="=+-@＝＋－＠﹢﹣﹦﹫\t\r\n"), max_size=12)
    )
)
def test_harmless_text_comes_back_exactly(values: list[str]) -> None:
    """Where nothing could be run, what is read is what was written."""
    assert written(values) == values
    assert written(values, "excel-fr") == values


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.slow
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_libreoffice_finds_no_formula(delimiter: str, tmp_path: Path, make_lines: MakeLines) -> None:
    """LibreOffice, told each delimiter, finds no formula in any output."""
    rows = [(payload, f"x{payload}", f"x\n{payload}") for payload in PAYLOADS]
    names = []
    for number, (content, _own) in enumerate(all_outputs(rows, tmp_path, make_lines).values()):
        names.append(tmp_path / f"o{number}.csv")
        names[-1].write_text(content, encoding="utf-8", newline="")
    load = f"--infilter=CSV:{ord(delimiter)},34,76,1,,0,false,true,false"
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [SOFFICE, home, "--headless", load, "--convert-to", "xlsx", "--outdir", tmp_path / "out", *names]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    for path in (tmp_path / "out").iterdir():
        for row in openpyxl.load_workbook(path).active.iter_rows():
            assert not [cell.value for cell in row if cell.data_type == "f"], path
