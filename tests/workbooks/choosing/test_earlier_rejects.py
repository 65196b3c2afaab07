"""A rejects file that comes back: rows stay rejected for their reason until somebody mends them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.rejected_rows import with_mark
from ptx_bulk.workbooks import Reading

Opened = Callable[..., Reading]
Make = Callable[..., Path]
HEADINGS = "Mobile;Nom;ptx_code;ptx_message;ptx_suggestion;ptx_list"


def row(code: str, *, mobile: str = "06123", was: str = "06123", suggestion: str = "", kind: str = "") -> str:
    """A row of a rejects file that was written with the number `was`, and has `mobile` now."""
    return f"{mobile};A;{code};{with_mark('Why.', [was, 'A', ''])};{suggestion};{kind}"


def kept(opened: Opened, path: Path, **options: object) -> list[str]:
    return opened(path, **options).cells["kept_code"].tolist()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (row("TOO_SHORT"), "TOO_SHORT"),
        (row("TOO_SHORT+HIDDEN_ROW"), "TOO_SHORT"),
        (row(" TOO_SHORT "), "TOO_SHORT"),
        (row("TOO_SHORT", mobile="0612345678"), ""),
        (row("TOO_SHORT", kind="stop"), ""),  # the list was mended
        (row("EMPTY", mobile="", was=""), ""),  # what is empty is empty, whoever says so
        (row("REJECTED_BY_API"), ""),  # it was sent, and may be sent again
        (row("NO_CODE_OF_OURS"), ""),
        (row(""), ""),
        (row("TOO_SHORT").replace("(ref", "(ref of"), ""),  # the mark is gone: nobody knows what the row was
        (row("TOO_SHORT", mobile="6123.0"), "TOO_SHORT"),  # what a spreadsheet program makes of it is no mending
    ],
)
def test_a_row_keeps_its_code_until_it_is_mended(line: str, code: str, text: Make, opened: Opened) -> None:
    """Mended is what has another cell than it was rejected with; what was no fault of the row is read as ever."""
    path = text(f"{HEADINGS}\n{line}\n0698765432;B;;;;\n")
    assert kept(opened, path, columns=("Mobile",)) == [code, ""]


@pytest.mark.parametrize(
    ("code", "options", "stays"),
    [
        ("LIST_UNKNOWN", {}, True),
        ("LIST_UNKNOWN", {"list": "stop"}, False),
        ("LIST_UNKNOWN", {"list_column": "Nom", "list": "stop"}, False),
        ("LIST_UNKNOWN", {"region": "CH", "region_given": True}, True),
        ("TOO_SHORT", {"list": "stop"}, True),
        ("TOO_SHORT", {"region": "CH", "region_given": True}, False),
        ("TOO_SHORT", {"country_column": "Nom"}, False),
        ("INVALID_FOR_REGION", {"region": "CH", "region_given": True}, False),
        ("MANY_NUMBERS", {"region": "CH", "region_given": True}, False),
    ],
)
def test_an_option_may_make_a_row_right(
    code: str, options: dict[str, object], stays: bool, text: Make, opened: Opened
) -> None:
    """A list that is named now answers what list was not known, and a country what number it was."""
    path = text(f"{HEADINGS}\n{row(code)}\n0698765432;B;;;;\n")
    assert kept(opened, path, columns=("Mobile",), **options) == [code if stays else "", ""]


def test_suggestions_are_taken_where_there_is_one(text: Make, opened: Opened) -> None:
    """Whoever reads the column of suggestions takes each that is alone; none or several leave the row rejected."""
    lines = [row("TOO_SHORT", suggestion=one) for one in ("+33612345678", "", '"+33612345678;+33687654321"', " ")]
    path = text("\n".join([HEADINGS, *lines]) + "\n")
    assert kept(opened, path, columns=("ptx_suggestion",)) == ["", "TOO_SHORT", "TOO_SHORT", "TOO_SHORT"]
    assert kept(opened, path, columns=("Mobile", "ptx_suggestion"))[::2] == ["TOO_SHORT"] * 4


def test_files_of_older_versions_have_two_columns(text: Make, opened: Opened) -> None:
    """Code and message are enough to know a rejects file; without either of them it is any file."""
    message = with_mark("Why.", ["06123"])
    assert kept(opened, text(f"Mobile;ptx_code;ptx_message\n06123;TOO_SHORT;{message}\n")) == ["TOO_SHORT"]
    assert kept(opened, text(f"Mobile;code;ptx_message\n06123;TOO_SHORT;{message}\n"), columns=("Mobile",)) == [""]
    assert kept(opened, text("Mobile;ptx_code\n06123;TOO_SHORT\n"), columns=("Mobile",)) == [""]


def test_the_list_of_a_mended_row_is_its_own_columns(text: Make, opened: Opened) -> None:
    """Our column says the list, and where it is empty the input's own, which may have been mended instead."""
    lines = ["0612345678;npai;;;;stop", "0612345679;npai;;;;", "0612345670;;;;;"]
    reading = opened(text("\n".join([HEADINGS.replace("Nom", "Liste"), *lines]) + "\n"))
    assert reading.cells["list"].tolist()[:2] == ["stop", "npai"]
    assert reading.sheets[0].as_json()["list_column"] == "ptx_list"
    assert reading.sheets[0].as_json()["evidence"]["list"] == "rejects"
