"""Lines: cells joined with what was found in them, codes joined and counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ptx_bulk.model import WARNING_CODES, Code, ListKind
from ptx_bulk.plan import (
    LINE_COLUMNS,
    code_counts,
    constant,
    describe_codes,
    join_code,
    refused,
    set_where,
    status_counts,
    validate,
)
from ptx_bulk.plan.lines import unasked
from ptx_bulk.sentences import CODE_SENTENCES
from tests.plan.frames import FIRST, assembled, texts


def codes_of(*values: str) -> pd.Series:
    return pd.Series(values, dtype="category")


def test_each_cell_gives_a_line():
    """A line has the cell's place and text, its number, list, status and code, and stands for no change yet."""
    lines = assembled([(FIRST, "stop"), (0, "npai", None, False, "+33611111111"), (FIRST + 1, "npai", "ZERO_RESTORED")])
    assert tuple(lines.columns) == LINE_COLUMNS
    assert texts(lines, "file") == ["a.csv"] * 3
    assert texts(lines, "sheet") == [""] * 3
    assert texts(lines, "column") == ["Mobile"] * 3
    assert lines["row"].tolist() == [2, 3, 4]
    assert texts(lines, "raw") == ["raw 0", "raw 1", "raw 2"]
    assert texts(lines, "list") == ["stop", "npai", "npai"]
    assert lines["number"].tolist() == [FIRST, 0, FIRST + 1]
    assert texts(lines, "action") == ["none"] * 3
    assert texts(lines, "status") == ["valid", "rejected", "valid"]
    assert texts(lines, "code") == ["", "TOO_SHORT", "ZERO_RESTORED"]
    assert texts(lines, "suggestion") == ["", "+33611111111", ""]
    assert texts(lines, "detail") == ["detail 0", "detail 1", "detail 2"]
    assert lines["duplicate_of_row"].tolist() == [0] * 3
    assert lines["seq"].tolist() == [-1] * 3


@pytest.mark.parametrize("name", [name for name in LINE_COLUMNS if assembled([]).dtypes[name] != "category"])
def test_lines_are_of_one_type_whoever_asks(name):
    """Lines of rows and lines that no row asked for keep a column in the same few bytes."""
    of_rows, of_none = assembled([(FIRST, "stop")]), unasked(np.array([FIRST]), ListKind.STOP, 0)
    assert of_rows.dtypes[name] == of_none.dtypes[name]
    if name in ("row", "duplicate_of_row", "seq"):
        assert of_rows.dtypes[name] == "int32"


def test_a_cell_with_several_numbers_gives_a_line_for_each():
    """Lines of one cell share its place, text, list and hiddenness."""
    found = [(FIRST, "stop"), (FIRST + 1, "stop"), (0, "npai"), (FIRST + 2, "npai", None, True)]
    lines = assembled(found, cells=[0, 0, 1, 2])
    assert lines["row"].tolist() == [2, 2, 3, 4]
    assert texts(lines, "raw") == ["raw 0", "raw 0", "raw 1", "raw 2"]
    assert texts(lines, "list") == ["stop", "stop", "npai", "npai"]
    assert texts(lines, "detail") == ["detail 0", "detail 0", "detail 1", "detail 2"]
    assert texts(lines, "code") == ["", "", "TOO_SHORT", "HIDDEN_ROW"]
    assert lines["number"].tolist() == [FIRST, FIRST + 1, 0, FIRST + 2]
    assert lines.index.tolist() == [0, 1, 2, 3]


def test_lines_stand_in_the_order_of_the_numbers():
    """Each number is joined with the cell that it names, in whatever order the cells are answered."""
    lines = assembled([(FIRST, "stop"), (FIRST + 1, "npai")], cells=[1, 0])
    assert texts(lines, "raw") == ["raw 1", "raw 0"]
    assert texts(lines, "list") == ["stop", "npai"]
    assert lines["row"].tolist() == [3, 2]


def test_whatever_is_above_0_is_a_number():
    """0 alone stands for no number: 1 is valid, needs a list, is told when hidden, and can stand twice."""
    lines = validate(assembled([(1, "stop"), (1, "stop"), (1, ""), (1, "npai", None, True)]))
    assert texts(lines, "status") == ["valid", "unchanged", "rejected", "valid"]
    assert texts(lines, "code") == ["", "DUPLICATE_IN_FILE", "LIST_UNKNOWN", "HIDDEN_ROW"]
    assert lines["number"].tolist() == [1, 1, 0, 1]


def test_a_number_needs_a_list():
    """A number whose list is not known is rejected with LIST_UNKNOWN; what is no number keeps its own reason."""
    lines = assembled([(FIRST, ""), (0, ""), (0, "", "EMPTY"), (FIRST, "stop")])
    assert texts(lines, "code") == ["LIST_UNKNOWN", "TOO_SHORT", "EMPTY", ""]
    assert texts(lines, "status") == ["rejected"] * 3 + ["valid"]
    assert lines["number"].tolist() == [0, 0, 0, FIRST]


def test_people_who_may_be_written_to_are_on_no_list():
    """Their rows are unchanged, whatever the number, hidden or not, with nothing suggested; an empty cell is empty."""
    found = [
        (FIRST, "none", "ZERO_RESTORED", True),
        (0, "none", None, False, "+33611111111"),
        (0, "none", "EMPTY"),
        (0, "stop", None, False, "+33622222222"),
    ]
    lines = assembled(found)
    assert texts(lines, "code") == ["NOT_OPTED_OUT", "NOT_OPTED_OUT", "EMPTY", "TOO_SHORT"]
    assert texts(lines, "status") == ["unchanged", "unchanged", "rejected", "rejected"]
    assert texts(lines, "list") == ["", "", "", "stop"]
    assert lines["number"].tolist() == [0] * 4
    assert texts(lines, "suggestion") == ["", "", "", "+33622222222"]


def test_a_hidden_row_is_told_where_it_holds_a_number():
    """HIDDEN_ROW joins the warnings of an accepted number, and no rejection."""
    found = [(FIRST, "stop", "ZERO_RESTORED", True), (0, "stop", None, True), (FIRST, "", None, True), (FIRST, "stop")]
    assert texts(assembled(found), "code") == ["ZERO_RESTORED+HIDDEN_ROW", "TOO_SHORT", "LIST_UNKNOWN", ""]


def test_an_input_without_cells_has_no_lines():
    """No cells, no lines, and all columns."""
    lines = assembled([])
    assert tuple(lines.columns) == LINE_COLUMNS
    assert not len(lines)


@pytest.mark.parametrize("reason", [Code.DUPLICATE_IN_FILE, Code.ALREADY_LISTED, Code.NOT_LISTED, Code.NOT_OPTED_OUT])
@pytest.mark.parametrize("first", [*WARNING_CODES[:3], WARNING_CODES[-1]])
def test_the_reason_stands_before_the_warnings(reason, first):
    """Whichever came first, the joined code begins with the reason."""
    both = f"{reason.value}+{first.value}"
    assert join_code(codes_of(first.value), reason, pd.Series([True]).to_numpy()).tolist() == [both]
    assert join_code(codes_of(reason.value), first, pd.Series([True]).to_numpy()).tolist() == [both]


def test_warnings_stand_in_their_order_each_once():
    """However they were joined, warnings stand in the order of their table, and none stands twice."""
    everywhere = pd.Series([True]).to_numpy()
    codes = codes_of("")
    for warning in (*reversed(WARNING_CODES), *WARNING_CODES):
        codes = join_code(codes, warning, everywhere)
    assert codes.tolist() == ["+".join(code.value for code in WARNING_CODES)]


def test_a_code_is_joined_where_the_mask_is_true():
    """Other rows keep their codes, though they had the same one."""
    mask = pd.Series([True, False, False, True]).to_numpy()
    codes = codes_of("", "", "ZERO_RESTORED", "ZERO_RESTORED").set_axis([7, 8, 9, 10])
    joined = join_code(codes, Code.HIDDEN_ROW, mask)
    assert joined.tolist() == ["HIDDEN_ROW", "", "ZERO_RESTORED", "ZERO_RESTORED+HIDDEN_ROW"]
    assert joined.index.tolist() == [7, 8, 9, 10]
    assert codes.tolist() == ["", "", "ZERO_RESTORED", "ZERO_RESTORED"]


def test_a_value_is_set_where_the_mask_is_true():
    """The value may be new to the column or not; a mask that is true nowhere leaves the column as it was."""
    mask = pd.Series([False, True, False]).to_numpy()
    column = codes_of("a", "b", "c")
    assert set_where(column, mask, "c").tolist() == ["a", "c", "c"]
    assert set_where(column, mask, "new").tolist() == ["a", "new", "c"]
    assert set_where(column, ~mask, "new").tolist() == ["new", "b", "new"]
    untouched = set_where(column, mask & ~mask, "new")
    assert untouched.cat.categories.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize("n", [127, 128, 129, 300])
def test_a_column_may_have_many_values(n):
    """No value is lost where there are more than a byte can tell apart."""
    names = [f"v{at:03}" for at in range(n)]
    mask = pd.Series([at == n - 1 for at in range(n)]).to_numpy()
    assert set_where(codes_of(*names), mask, "new").tolist() == [*names[:-1], "new"]


def test_a_constant_column_has_one_value():
    """So many rows of one text, none among them."""
    assert list(constant(3, "x")) == ["x"] * 3
    assert list(constant(0, "x")) == []


def test_an_empty_cell_is_rejected_but_not_refused():
    """Rejected for more than an empty cell: neither an empty one, nor what is valid or unchanged."""
    lines = assembled([(0, "stop"), (0, "stop", "EMPTY"), (FIRST, "stop"), (FIRST, "none"), (FIRST, "")])
    assert refused(lines).tolist() == [True, False, False, False, True]


def test_statuses_are_counted_in_their_order():
    """Each status that occurs is counted, no other one, in the order of the table of statuses."""
    lines = assembled([(FIRST, "stop"), (FIRST + 1, "stop"), (0, "stop"), *[(FIRST, "none")] * 3])
    assert list(status_counts(lines).items()) == [("unchanged", 3), ("rejected", 1), ("valid", 2)]
    assert status_counts(assembled([])) == {}


def test_codes_are_counted_one_by_one():
    """A line with joined codes counts for each, in the order of the table; codes without a line are left out."""
    codes = codes_of("ALREADY_LISTED+ZERO_RESTORED", "ZERO_RESTORED", "", "TOO_SHORT", "ZERO_RESTORED", "NOT_LISTED")
    codes = codes[:5]
    assert list(code_counts(codes).items()) == [("TOO_SHORT", 1), ("ZERO_RESTORED", 3), ("ALREADY_LISTED", 1)]
    assert code_counts(codes[:0]) == {}


def test_a_code_of_a_later_version_is_counted_last():
    """A journal may hold codes that this version does not know: they are counted after all others."""
    assert list(code_counts(codes_of("A_NEW_CODE", "PROTECTED", "EMPTY")).items()) == [
        ("EMPTY", 1),
        ("PROTECTED", 1),
        ("A_NEW_CODE", 1),
    ]


@pytest.mark.parametrize("kind", ["category", "str", "object"])
def test_codes_are_described_by_their_sentences(kind):
    """Each line gets the sentences of its codes in their order, '' where it has none, whatever type the column has."""
    zero, hidden = CODE_SENTENCES[Code.ZERO_RESTORED], CODE_SENTENCES[Code.HIDDEN_ROW]
    codes = pd.Series(["ZERO_RESTORED+HIDDEN_ROW", "", "HIDDEN_ROW", "", "HIDDEN_ROW"], index=range(5, 10), dtype=kind)
    sentences = describe_codes(codes)
    assert sentences.tolist() == [f"{zero} {hidden}", "", hidden, "", hidden]
    assert sentences.index.tolist() == codes.index.tolist()


@pytest.mark.parametrize("kind", ["category", "str"])
def test_no_codes_have_no_sentences(kind):
    """A report without lines is described, too."""
    assert describe_codes(pd.Series([], dtype=kind)).tolist() == []
