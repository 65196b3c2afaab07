"""No cell that we write is run as a formula."""

from __future__ import annotations

import csv
import io
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.reports import export

HARMLESS = re.compile("\\+[0-9 \u00a0\u2000-\u200b\u202f().,/·\\-\u2010-\u2015]*|--?")


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
        ("-612345678", "'-612345678"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r=1"),
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
