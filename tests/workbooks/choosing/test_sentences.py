"""What is said of a reading before anything is counted: one line for people, one object for machines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.workbooks import Reading

Opened = Callable[..., Reading]
Make = Callable[..., Path]
LINES = "0612345678;{0};Suisse\n0687654321;{1};France\n"


def content(heading: str, *cells: str) -> str:
    return f"Portable;{heading};Pays\n" + LINES.format(*cells)


@pytest.mark.parametrize(
    ("table", "options", "parts"),
    [
        (
            content("Nom", "A", "B"),
            {},
            (
                "headings in row 1; numbers in A (Portable) (by its heading); "
                "all rows for STOP (nothing says otherwise); country by C (Pays), else FR; 2 rows"
            ),
        ),
        (
            content("Nom", "A", "B"),
            {"list": "npai", "columns": ("A",), "country_column": "none", "region": None, "region_given": True},
            (
                "headings in row 1; numbers in A (Portable) (as asked for); all rows for NPAI (as asked for); "
                "country none; 2 rows"
            ),
        ),
        (
            content("Liste", "STOP", "NPAI"),
            {"where": ("Pays=Suisse",), "region": "CH", "region_given": True},
            (
                "headings in row 1; numbers in A (Portable) (by its heading); "
                "list by B (Liste) (by its heading, and every cell is a known word); country CH; 1 row; "
                "1 left out by --where Pays=Suisse"
            ),
        ),
        (
            content("Liste", "STOP", ""),
            {"list_column": "Liste", "list": "npai"},
            (
                "headings in row 1; numbers in A (Portable) (by its heading); "
                "list by B (Liste), NPAI where it is empty (as asked for); country by C (Pays), else FR; 2 rows"
            ),
        ),
        (
            content("Optin SMS", "oui", "non"),
            {"list_column": "B"},
            (
                "headings in row 1; numbers in A (Portable) (by its heading); "
                "list by B (Optin SMS), where no means STOP (as asked for); country by C (Pays), else FR; 2 rows"
            ),
        ),
        (
            content("Désinscrit", "oui", "non"),
            {"list_column": "B"},
            (
                "headings in row 1; numbers in A (Portable) (by its heading); "
                "list by B (Désinscrit), where yes means STOP (as asked for); country by C (Pays), else FR; 2 rows"
            ),
        ),
        (
            "0612345678;A\n0687654321;B\n",
            {"list": "stop"},
            (
                "no headings; numbers in A (it is full of numbers, and there are no headings); "
                "all rows for STOP (as asked for); country FR; 2 rows"
            ),
        ),
    ],
)
def test_the_sentence_says_what_was_chosen_and_why(
    table: str, options: dict[str, object], parts: str, text: Make, opened: Opened
) -> None:
    """Headings, columns, list, country, rows and filters, each with what decided."""
    path = text(table)
    (sheet,) = opened(path, **options).sheets
    assert sheet.sentence() == f"Reading {path}: {parts}."


def test_a_sheet_is_named_beside_its_file(workbook: Make, opened: Opened) -> None:
    """Of a workbook the sentence says which sheet was read."""
    path = workbook({"Juin": [("Mobile",), ("0612345678",)]})
    assert opened(path).sheets[0].sentence().startswith(f"Reading {path}, sheet 'Juin': headings in row 1; ")


def test_machines_get_every_choice(text: Make, opened: Opened) -> None:
    """The object has the columns' names, the list, the filters, the text's form, the counts and what decided."""
    path = text("Portable;Fixe;Liste;Pays\n0612345678;0145678901;STOP;Suisse\n0687654321;;NPAI;France\n")
    (sheet,) = opened(path, where=("Pays=Suisse",)).sheets
    assert sheet.as_json() == {
        "file": str(path),
        "sheet": "",
        "header_row": 1,
        "phone_columns": ["Portable"],
        "list": None,
        "list_column": "Liste",
        "polarity": "words",
        "country_column": "Pays",
        "region": "FR",
        "international": False,
        "where": ["Pays=Suisse"],
        "encoding": sheet.encoding,
        "delimiter": ";",
        "rows": 1,
        "excluded": 1,
        "evidence": {
            "header_row": sheet.evidence["header_row"].value,
            "phones": "heading",
            "list": "known_words",
            "country": "heading",
        },
        "unused": [{"about": "phone_column", "name": "Fixe", "why": "second"}],
    }
