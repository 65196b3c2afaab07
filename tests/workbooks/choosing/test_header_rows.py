"""Where the headings are: known words make a row one; what stands above and beside them does not matter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.workbooks import Reading

Opened = Callable[..., Reading]
Make = Callable[..., Path]

ROWS = {
    "Portable;Liste;2024\n0612345678;NPAI;x\n": 1,  # a year
    "SIREN;Mobile;2023;2024\n732829320;0612345678;1;2\n": 1,
    "Nom;Portable;%;12/05/2024\nA;0612345678;5;x\n": 1,
    "Nom;Portable;contact@x.fr\nA;0612345678;5\n": 1,
    "Export du 12/10/2026\n\nAgence de Lyon\nNom;Portable\nA;0612345678\n": 4,
    "Contacts\nNom;Portable\nA;0612345678\n": 2,
    "Adresse;Ville\nNom;Portable\nA;0612345678\n": 2,  # the lower one names a phone
    ";Téléphone;\nNom;Fixe;Mobile\nA;0145678901;0612345678\n": 2,  # of two rows the lower one
    "Nom;Exemple 0612345678;Portable\nA;b;0612345679\n": 1,  # an example number in a heading
    "0612345678\n0687654321\n": 0,
    "0612345678;Mobile\n0687654321;Mobile\n": 0,  # the type of a number is no heading
    "a;b;c\nUne fois;5;6\nDate;7;8\n": 1,  # a known word among data is chance
    "Nom;Portable\nA;0612345678\nNom;Portable\nB;0687654321\n": 1,  # headings that every page repeats
    "0612345678;Mobile éteint;Désabonné\n0687654321;Invalid MSISDN;Bounced\n": 0,  # words of lists are no headings
    "+50051234;Portable\n+50051235;Portable\n": 0,  # a number of the Falkland Islands
    "0612345678;5;;\nAnna;b;c;d\n0687654321;5;x;y\n": 0,  # data half as wide as the table
    "a@b.fr;Anna\nc@d.fr;Boris\n": 0,  # an address is data
    "a;b\nNom;Ville\nA;0612345678\n": 2,  # two known words are headings below others
    "12;;;\n" * 40 + "0612345678;a;b;c\n" * 30: 0,  # no row of the first ones is as wide as the table
}


@pytest.mark.parametrize("content", ROWS)
def test_the_row_of_headings_is_found(content: str, text: Make, opened: Opened) -> None:
    """Known words make a row the heading, whatever else stands in it and however many titles stand above it."""
    columns = ("A",) if ROWS[content] == 0 or content.startswith("a;") else ()
    assert opened(text(content), columns=columns, list="stop").sheets[0].header_row == ROWS[content]


def test_what_is_typed_is_data(workbook: Make, opened: Opened) -> None:
    """A row with a truth value is none of headings."""
    path = workbook({"Feuil1": [("Anna", True), ("Boris", False)]})
    assert opened(path, columns=("A",), list="stop").sheets[0].header_row == 0


def test_headings_of_two_rows_are_read_together(text: Make, opened: Opened) -> None:
    """A heading over several columns holds for each of them whose own heading says nothing."""
    content = (
        "Client;;Téléphone;;\nNom;Ville;Premier;Second;Email\nA;Lyon;;0612345678;a@b.fr\nB;Nice;;0687654321;c@d.fr\n"
    )
    (sheet,) = opened(text(content), list="stop").sheets
    assert sheet.header_row == 2
    assert [one.label for one in sheet.phones] == ["Second"]
    assert sheet.evidence["phones"].value == "heading"


@pytest.mark.parametrize(("row", "raws"), [(2, ["0612345671", "0612345672"]), (3, ["0612345672"]), (0, 4)])
def test_the_row_can_be_named(row: int, raws: list[str] | int, text: Make, opened: Opened) -> None:
    """--header-row takes that row, 0 takes none, and nothing above the headings is read."""
    path = text("Portable\nMobile\n0612345671\n0612345672\n")
    found = opened(path, header_row=row, columns=("A",)).cells["raw"].tolist()
    assert found == raws if isinstance(raws, list) else len(found) == raws


def test_a_row_that_is_not_there_is_said(text: Make, opened: Opened) -> None:
    """A heading row without anything in it is refused with the option to correct."""
    with pytest.raises(UnreadableFile, match=r"row 9 holds no headings; correct --header-row, or leave it out$"):
        opened(text("Portable\n0612345678\n"), header_row=9)


@pytest.mark.slow
@given(st.lists(st.sampled_from(["", "Export", "12/05/2026", "Agence;Lyon", "100 %", "a@b.fr"]), max_size=8))
def test_titles_never_hide_the_headings(tmp_path_factory, titles):
    """Whatever titles stand above, the row that names the phone column is found, and all numbers are read."""
    path = tmp_path_factory.mktemp("titles") / "in.csv"
    path.write_text("\n".join([*titles, "Nom;Portable;Ville", "A;0612345678;Lyon", "B;0687654321;Nice", ""]))
    from ptx_bulk.workbooks import ReadOptions, read

    with read([path], ReadOptions()) as reading:
        assert reading.sheets[0].header_row == len(titles) + 1
        assert reading.cells["raw"].tolist() == ["0612345678", "0687654321"]
