"""What a program gives as input is read like a file of it, and what could be two things is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ptx_bulk
from ptx_bulk.errors import ConfigurationError, InputError, QuestionOpen
from ptx_bulk.library.inputs import taken

MOBILE = "06 12 34 56 78"
TEXTS = st.text(st.sampled_from("0123456789 +.-/()Oo#,;'éx\t"), max_size=16)


def judged(result):
    """Each line's row, E.164 number, code and suggestion."""
    return result.frame[["row", "e164", "code", "suggestion"]].astype("str").to_numpy().tolist()


@pytest.fixture
def workbook(tmp_path):
    """Writes a DataFrame as a workbook and tells its path."""

    def write(frame):
        frame.to_excel(tmp_path / "table.xlsx", index=False)
        return tmp_path / "table.xlsx"

    return write


CELLS = [MOBILE, 612345678, 33612345678.0, 6.5, True, None, "", "3,36E+10", dt.date(2026, 1, 31), "  ", np.nan]


def test_a_table_of_objects_is_read_like_a_workbook_of_it(workbook):
    """Texts, whole and broken numbers, booleans, dates and gaps get the lines that the same cells get in a workbook."""
    frame = pd.DataFrame({"Nom": [f"n{at}" for at in range(len(CELLS))], "Portable": CELLS})
    assert judged(ptx_bulk.check(frame)) == judged(ptx_bulk.check(workbook(frame)))


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([612345678, 712], dtype="int64"),
        pd.Series([612345678, None], dtype="Int64"),
        pd.Series([33612345678, None], dtype="float64"),
        pd.Series([MOBILE, None], dtype="str"),
        pd.Series([MOBILE, MOBILE], dtype="category"),
        pd.Series([MOBILE, pd.NA], dtype="string[python]"),
        pd.Series([Decimal(612345678), None], dtype=object),
        pd.Series([np.int64(612345678), np.float64(612345679)], dtype=object),
        pd.Series([True, False]),
        pd.Series(pd.to_datetime(["2026-01-31", None])),
        pd.Series([612345678, 2**63], dtype="uint64"),
    ],
    ids=lambda column: str(column.dtype),
)
def test_every_type_of_pandas_is_read_like_objects(column):
    """What a column's type makes of a value changes nothing: the values as objects get the same lines."""
    with_name = pd.DataFrame({"Nom": ["a", "b"], "Portable": column})
    as_objects = with_name.assign(
        Portable=pd.Series([None if pd.isna(v) else v for v in column.astype(object)], dtype=object)
    )
    one = ptx_bulk.check(with_name, column="Portable")
    assert judged(one) == judged(ptx_bulk.check(as_objects, column="Portable"))
    assert one.frame["row"].tolist() == [2, 3]


@pytest.mark.slow
@given(st.lists(TEXTS, min_size=1, max_size=12))
def test_numbers_alone_are_judged_as_normalise_does(texts):
    """A Series gets, cell by cell, the numbers and reasons that `normalise` gives it; blank cells are no lines."""
    said = ptx_bulk.normalise(pd.Series(texts, dtype="str"))
    expected = [
        (cell + 2, f"+{number}" if number else "", "" if number else code)
        for cell, number, code in said[["cell", "number", "code"]].itertuples(index=False)
        if texts[cell]
    ]
    found = ptx_bulk.check(pd.Series(texts, dtype="str")).frame
    told = found[["row", "e164", "code"]].itertuples(index=False)
    assert [(row, e164, "" if e164 else code) for row, e164, code in told] == expected


@pytest.mark.parametrize(
    "given_input",
    [
        [MOBILE, "0612345679"],
        (MOBILE, 612345679),
        {MOBILE: 1, "0612345679": 2}.keys(),
        iter([MOBILE, "0612345679"]),
        pd.Series([MOBILE, "0612345679"]),
        pd.Series([MOBILE, "0612345679"], name=0, index=[7, 7]),
        np.array([MOBILE, "0612345679"]),
        pd.Index([MOBILE, "0612345679"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_iterable_of_numbers_will_do(given_input):
    """Lists, tuples, iterators, Series and arrays of numbers are numbers."""
    assert ptx_bulk.check(given_input).frame["e164"].tolist() == ["+33612345678", "+33612345679"]


def test_names_of_files_are_files(tmp_path):
    """A text alone is a file; several are files where each ends like one or is a path."""
    path = tmp_path / "stops.csv"
    path.write_text(f"Mobile\n{MOBILE}\n")
    for value in (str(path), path, [path], [str(path), path], (str(path),)):
        assert set(ptx_bulk.check(value).frame["e164"]) == {"+33612345678"}
    with pytest.raises(InputError, match="0612345678"):
        ptx_bulk.check("0612345678")


@pytest.mark.parametrize("value", [["stops.csv", MOBILE], [Path("stops"), MOBILE], ["-", "06"]])
def test_files_beside_numbers_are_refused(value):
    """A list that holds both is refused: which is meant is not guessed."""
    with pytest.raises(ConfigurationError, match="side by side"):
        ptx_bulk.check(value)


@pytest.mark.parametrize("value", [None, 3, b"stops.csv", {"Mobile": [MOBILE]}, object()])
def test_what_cannot_be_read_is_refused_by_name(value):
    """A value that is neither files nor numbers is refused by the argument's name."""
    with pytest.raises(ConfigurationError, match="numbers"):
        ptx_bulk.check(value)


def test_a_table_in_doubt_is_refused_with_its_question():
    """What a column may mean is asked, not guessed, as in a file."""
    frame = pd.DataFrame({"Portable": ["0612345678", "0612345679"], "Portable 2": ["0698765432", "0698765433"]})
    with pytest.raises(QuestionOpen) as raised:
        ptx_bulk.check(frame)
    assert len(raised.value.question["candidates"]) >= 2
    assert ptx_bulk.check(frame, column="Portable 2").frame["e164"].tolist() == ["+33698765432", "+33698765433"]


def test_a_row_of_the_table_is_found_again():
    """`row` is the position in the table + 2, gaps and repeated column names included."""
    frame = pd.DataFrame([["a", MOBILE], ["b", None], [None, None], ["d", "06 12"]], columns=["x", "Portable"])
    found = ptx_bulk.check(frame).frame
    assert found["row"].tolist() == [2, 3, 5]
    assert frame["x"].to_numpy()[found["row"] - 2].tolist() == ["a", "b", "d"]


def test_odd_tables_end_in_a_sentence():
    """A table without columns or rows, and texts that are none, raise our errors or give lines, never anything else."""
    with pytest.raises(InputError):
        ptx_bulk.check(pd.DataFrame())
    assert ptx_bulk.check(pd.Series([], dtype="str")).frame.empty
    assert ptx_bulk.check([]).frame.empty
    odd = ptx_bulk.check(pd.DataFrame({("a", "Portable"): ["\ud800", [1, 2], MOBILE]}, dtype=object), column="1")
    assert odd.frame["e164"].tolist() == ["", "", "+33612345678"]


def test_keywords_that_a_table_cannot_have_are_refused():
    """A table names its own columns, and numbers alone have no other column."""
    with pytest.raises(ConfigurationError, match="header_row"):
        ptx_bulk.check(pd.DataFrame({"Mobile": [MOBILE]}), header_row=0)
    with pytest.raises(ConfigurationError, match="column"):
        ptx_bulk.check([MOBILE], column="phone")


def test_a_text_with_a_dot_is_a_number_unless_it_ends_like_a_file():
    """French dotted numbers are numbers."""
    assert taken(["06.12.34.56.78"]).columns == ("1",)
    assert taken(["liste.xlsx"]).columns == ()


@pytest.mark.parametrize(("name", "column"), [("Portable", "Portable"), (None, "phone"), (0, "0")])
def test_a_series_is_called_by_its_name(name, column):
    """The lines of a Series tell where they come from: `Series`, and its own name as the column's heading."""
    lines = ptx_bulk.check(pd.Series([MOBILE, "06 12"], name=name)).frame
    assert (set(lines["file"]), set(lines["column"])) == ({"Series"}, {column})
    assert set(ptx_bulk.check([MOBILE]).frame["file"]) == {"numbers"}
    assert set(ptx_bulk.check(pd.DataFrame({"Portable": [MOBILE]})).frame["file"]) == {"DataFrame"}
