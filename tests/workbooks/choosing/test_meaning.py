"""What headings say: a table of headings of exports, import templates and forms in seven languages."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ptx_bulk.workbooks.choosing.vocabulary.meaning import NEVER_PHONES, HeadingMeaning, meaning
from ptx_bulk.workbooks.choosing.vocabulary.words import fold, is_mangled

TABLE = Path(__file__).with_name("headings.csv")
# What a careful reader would not decide by the heading alone, and what no rule of ours names.
LOOSE = {
    "unsure": {HeadingMeaning.LIST_UNSURE, HeadingMeaning.PHONE_UNSURE, HeadingMeaning.COUNTRY_UNSURE},
    "never": {HeadingMeaning.NEVER, HeadingMeaning.OTHER},
}
MEANINGS = ("mobile", "phone", "landline", "weak", "sender", "recipient_ours", "id", "flag", "count", "date", "never",
            "list", "opt_out", "opt_in", "not_sms", "country", "dial_code", "unsure")  # fmt: skip


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("wanted", MEANINGS)
def test_headings_mean_what_a_careful_reader_says(wanted):
    """Every heading of the table that is there for this meaning has it."""
    mine = [row["heading"] for row in rows() if row["meaning"] == wanted]
    assert mine
    allowed = LOOSE.get(wanted) or {HeadingMeaning(wanted)}
    assert [(heading, meaning(heading)) for heading in mine if meaning(heading) not in allowed] == []


def test_the_table_holds_no_other_meaning():
    """No row of the table is left out by the test above."""
    assert {row["meaning"] for row in rows()} == set(MEANINGS)


@pytest.mark.parametrize(
    "heading",
    ["Souhaitez-vous recevoir nos SMS ?", "Nb SMS envoyés", "Mobile (O/N)", "SIREN", "N° adhérent", "SMSOptOut", "Fax",
     "ptx_suggestion", "Date", "Phone Country Code"],
)  # fmt: skip
def test_what_is_no_phone_is_never_taken_for_one(heading):
    """Identifiers, flags, counters, questions about consent and our own columns are never phones by their content."""
    assert meaning(heading) in NEVER_PHONES


def test_a_cell_of_a_spreadsheet_is_no_cell_phone():
    """`cell` names a mobile only among other words for phones and numbers."""
    assert meaning("Cell") is meaning("Cell phone number") is HeadingMeaning.MOBILE
    assert meaning("This cell goes missing") is not HeadingMeaning.MOBILE


def test_a_question_for_the_number_is_a_phone_column():
    """A form's question after the number names a phone as a heading does."""
    assert meaning("Quel est votre numéro de téléphone ?") is HeadingMeaning.PHONE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SMSOptOut", "sms opt out"),
        ("phone_number2", "phone number 2"),
        ("  Tél. (Portable) ", "tel portable"),
        ("TÃ©lÃ©phone", "telephone"),
        ("TŽlŽphone", "telephone"),
        ("T‚l‚phone", "telephone"),
        ("Žena", "zena"),
        ("N°", "n"),
        ("", ""),
    ],
)
def test_texts_are_folded_to_their_words(text, words):
    """Case, accents, punctuation, mojibake and the ways of joining words do not matter."""
    assert fold(text) == words
    assert is_mangled(text) == any(sign in text for sign in ("Ã", "lŽ", "l‚"))
