"""Which column holds the numbers where headings say little, several are as likely, or all are asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.errors import ColumnNotFound, QuestionOpen
from ptx_bulk.workbooks import Reading

Opened = Callable[..., Reading]
Make = Callable[..., Path]
TEN = 10


def table(headings: str, *columns: list[str]) -> str:
    """A table of ten rows."""
    return "\n".join([headings, *(";".join(cells) for cells in zip(*columns, strict=True))]) + "\n"


def mobiles(count: int, digit: int = 1) -> list[str]:
    """So many mobiles, and words in the rest of ten rows."""
    return [f"061234{digit}{n:03}" if n < count else "absent" for n in range(TEN)]


NAMES = [f"n{n}" for n in range(TEN)]
LANDLINES = [f"014567{n:04}" for n in range(TEN)]


@pytest.mark.parametrize(
    ("content", "label", "why"),
    [
        (table("Contact;Nom", mobiles(3), NAMES), "Contact", "heading_and_content"),
        (table("Contact;Numéro", mobiles(3), NAMES), "Contact", "heading_and_content"),
        (table("valeur", mobiles(5)), "valeur", "only_column"),
        (table("0612345678;x", mobiles(5), NAMES), "A", "content"),
        (table("Mobile;Nom", ["absent"] * TEN, NAMES), "Mobile", "heading"),
        (table("Mobile;valeur", ["absent"] * TEN, mobiles(4)), "Mobile", "heading"),
        (table("Mobile;valeur", [""] * TEN, mobiles(10)), "Mobile", "heading"),
        (table("Mobile;Nom", ["oui"] * TEN, NAMES).replace("Nom", "Téléphone"), "Téléphone", "heading"),
    ],
)
def test_how_much_of_a_column_must_be_numbers(content: str, label: str, why: str, text: Make, opened: Opened) -> None:
    """Three of ten under a heading that may mean it, half where no heading speaks, none where the heading is plain."""
    (sheet,) = opened(text(content), list="stop").sheets
    assert [one.label for one in sheet.phones] == [label]
    assert sheet.evidence["phones"].value == why


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (table("Contact;Numéro", mobiles(3), mobiles(3, 2)), ["--column Contact", '--column "Numéro"']),
        (table("Mobile;valeur", ["absent"] * TEN, mobiles(5)), ["--column valeur", "--column Mobile"]),
        (table("valeur;Nom", mobiles(3), NAMES), ["--column valeur"]),
        (table("0612345678;0612345679", mobiles(5), mobiles(5, 2)), ["--column A", "--column B"]),
        (table("0145678901;x", LANDLINES, NAMES), ["--column A"]),
        (table("Contact;Nom", mobiles(1), NAMES), ["--column Contact"]),
        (table("Rappel;Nom", ["absent"] * TEN, NAMES), ["--column Rappel"]),  # perhaps somebody else's phone
    ],
)
def test_as_likely_columns_are_asked_for(content: str, options: list[str], text: Make, opened: Opened) -> None:
    """Nothing is guessed: the question names the columns that may be it."""
    with pytest.raises(QuestionOpen) as raised:
        opened(text(content), list="stop")
    assert [one.replace('"', "") for one in raised.value.question["options"]] == [
        one.replace('"', "") for one in options
    ]


@pytest.mark.parametrize("content", [table("valeur;Nom", mobiles(2), NAMES), table("0612345678;x", ["x"] * TEN, NAMES)])
def test_too_few_numbers_are_no_column_of_numbers(content: str, text: Make, opened: Opened) -> None:
    """Where no column may be it, the columns there are are named."""
    with pytest.raises(ColumnNotFound, match="no column with phone numbers was found"):
        opened(text(content), list="stop")


@pytest.mark.parametrize(
    ("content", "labels"),
    [
        (table("Mobile;Téléphone;Nom", mobiles(9), LANDLINES, NAMES), ["Mobile", "Téléphone"]),
        (table("Mobile 1;Mobile 2", mobiles(9), mobiles(9, 2)), ["Mobile 1", "Mobile 2"]),
        (table("Contact;Numéro", mobiles(3), mobiles(3, 2)), ["Contact", "Numéro"]),
        (table("0612345678;0612345679", mobiles(5), mobiles(5, 2)), ["A", "B"]),
        (table("Mobile;Téléphone", mobiles(9), ["absent"] * TEN), ["Mobile"]),  # full of other things
        (table("Mobile;Téléphone", mobiles(9), [""] * TEN), ["Mobile", "Téléphone"]),
        (table("Mobile;Téléphone", ["absent"] * TEN, ["absent"] * TEN), ["Mobile", "Téléphone"]),
        (table("From;Mobile", mobiles(9, 2), mobiles(9)), ["Mobile"]),  # who sends is nobody to write to
    ],
)
def test_every_phone_is_every_column_that_somebody_may_write_to(
    content: str, labels: list[str], text: Make, opened: Opened
) -> None:
    """Asked for all, nothing is asked back: columns full of other things and senders are left out."""
    (sheet,) = opened(text(content), list="stop", every_phone=True).sheets
    assert [one.label for one in sheet.phones] == labels


def test_of_every_phone_the_one_that_is_named_is_read(text: Make, opened: Opened) -> None:
    """Where one heading alone names a phone, asked for all, another column full of mobiles is told."""
    content = table("Mobile;valeur;Nom", mobiles(9), mobiles(9, 2), NAMES)
    (sheet,) = opened(text(content), list="stop", every_phone=True).sheets
    assert [one.label for one in sheet.phones] == ["Mobile"]
    assert sheet.as_json()["unused"] == [{"about": "phone_column", "name": "valeur", "why": "second"}]


def test_rows_as_a_whole_have_other_columns_that_may_hold_numbers(text: Make, opened: Opened) -> None:
    """What else holds any number, or is named so, is looked through, and people are told."""
    content = table("Mobile;Nom;Remarque;Tél. bureau ?", mobiles(9), NAMES, [*NAMES[:9], "0698765432"], [""] * TEN)
    (sheet,) = opened(text(content), whole_rows=True).sheets
    assert [one.label for one in sheet.phones][:1] == ["Mobile"]
    assert "Remarque" in [one.label for one in sheet.others]
    assert "Nom" not in [one.label for one in sheet.others]
    assert "; also looked through: C (Remarque); " in sheet.sentence()
    assert sheet.as_json()["list"] is None
    assert sheet.as_json()["unused"] == []
