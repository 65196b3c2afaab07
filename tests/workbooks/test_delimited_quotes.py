"""Text files that quote in ways of their own: apostrophes, whole lines, backslashes; and titles of any length."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.workbooks import Reading

Opened = Callable[..., Reading]
Make = Callable[..., Path]

SINGLE = {
    "'Nom','Portable'\n'Dupont, Jean','0612345678'\n'L''Hote','0687654321'\n": "all quoted",
    "Nom;Portable\n'Dupont; Jean';'0612345678'\n'B';'0687654321'\n": "headings bare",
    "'Portable'\n'0612345678'\n'0687654321'\n": "one column",
    "'Nom';'Portable'\n'Dupont \\'x\\'; y';'0612345678'\n'B';'0687654321'\n": "escaped",
    "'Nom'\t'Portable'\n'two\nlines'\t'0612345678'\n'B'\t'0687654321'\n": "line break",
}


@pytest.mark.parametrize("content", SINGLE, ids=SINGLE.values())
def test_apostrophes_around_nearly_all_cells_are_quotes(content: str, text: Make, opened: Opened) -> None:
    """Where nearly every cell stands in apostrophes they are no letters, and a delimiter within splits nothing."""
    reading = opened(text(content + f"{content.splitlines()[-1]}\n" * 9))
    assert reading.cells["raw"].tolist() == ["0612345678", *["0687654321"] * 10]
    assert set(reading.cells["kind"]) == {"text"}
    assert reading.tables[0].headings[-1] == "Portable"


def test_other_apostrophes_are_letters(text: Make, opened: Opened) -> None:
    """A name with an apostrophe, or Excel's mark of a text before a cell, quotes nothing."""
    reading = opened(text("nom;portable\n'06;'0612345678\nO'Neil;'0687654321\n'T Hooft;0600000000'\n"))
    assert reading.cells["raw"].tolist() == ["'0612345678", "'0687654321", "0600000000'"]


WRAPPED = {
    '"Nom,Portable"\n"Jean,0612345678"\n"Paul,0687654321"\n': "commas",
    '"Nom;Portable"\r\n"A ""x"";0612345678"\r\n"""B;C"";0687654321"\r\n': "quotes in quotes",
    '"Nom\tPortable"\n"A\t0612345678"\n"B\t0687654321"': "tabs",
}


@pytest.mark.parametrize("content", WRAPPED, ids=WRAPPED.values())
def test_lines_quoted_as_a_whole_are_split(content: str, text: Make, opened: Opened) -> None:
    """Quotes around every whole line are taken off, and the cells in it are read."""
    reading = opened(text(content))
    assert reading.tables[0].headings == ["Nom", "Portable"]
    assert reading.cells["raw"].tolist() == ["0612345678", "0687654321"]
    assert reading.cells["row"].tolist() == [2, 3]


def test_a_quoted_column_with_commas_is_one_column(text: Make, opened: Opened) -> None:
    """Cells that hold commas make no columns where the heading holds none."""
    reading = opened(text('"Portable"\n"0612345678, 0687654321"\n"0600000000, 0600000001"\n'))
    assert reading.inputs[0].delimiter == ""
    assert reading.cells["raw"].tolist() == ["0612345678, 0687654321", "0600000000, 0600000001"]


BACKSLASHES = {
    'id,phone,note\n1,0612345678,"a \\"b\\" c, d"\n2,0687654321,ok\n': "in some rows",
    'id,phone,note\n1,0612345678,"a \\"b\\" c, d"\n2,0687654321,"\\"x\\", \\"y\\""\n': "in all rows",
    'note,phone\n"a \\"b\\"\nsecond, line",0612345678\n"C:\\",0687654321\n': "line break, and no escape",
    'note,phone\n"ends \\\\","0612345678"\n"say \\"x\\\\\\"","0687654321"\n': "escaped backslash",
}


@pytest.mark.parametrize("content", BACKSLASHES, ids=BACKSLASHES.values())
def test_escaped_quotes_end_no_cell(content: str, text: Make, opened: Opened) -> None:
    """A backslash before a quote escapes it where that makes the row one of the usual width, else it is a letter."""
    reading = opened(text(content))
    assert reading.cells["raw"].tolist() == ["0612345678", "0687654321"]
    assert reading.cells["kind"].tolist() == ["text", "text"]


def test_rows_that_end_with_one_delimiter_too_many_are_read(text: Make, opened: Opened) -> None:
    """An empty cell after the last heading on every row leaves the columns certain; a filled one does not."""
    rows = "nom;portable;ville\nA;0612345678;Paris;{0}\nB;0687654321;Lyon;{0}\n"
    assert opened(text(rows.format(""))).cells["kind"].tolist() == ["text", "text"]
    assert all(opened(text(rows.format("x"), "b.csv")).cells["detail"] != "")


@pytest.mark.parametrize("title", ["# export\n# par admin\n# fin\n", "Export;du jour;par;admin;x;y\n\n", "Liste\n" * 9])
def test_titles_may_be_longer_or_shorter_than_the_table(title: str, text: Make, opened: Opened) -> None:
    """Lines above the headings decide neither about the delimiter nor about the width of the rows."""
    reading = opened(text(f"{title}Nom;Portable\nJean;0612345678\n"))
    assert reading.inputs[0].delimiter == ";"
    assert reading.cells["raw"].tolist()[-1] == "0612345678"
    assert reading.cells["kind"].tolist()[-1] == "text"
