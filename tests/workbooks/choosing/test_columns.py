"""Which columns are read: headings, content, names on the command line, list and country."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.errors import ColumnNotFound, ConfigurationError, QuestionOpen
from ptx_bulk.workbooks import Reading, preset_names
from ptx_bulk.workbooks.choosing.vocabulary.presets import load_preset

Opened = Callable[..., Reading]
Make = Callable[..., Path]

CHOICES = {
    "nom;téléphone;fax\nA;0612345678;0145678901": "téléphone",
    "SIREN;code postal;tel\n612345678;69001;0612345678": "tel",
    "Téléphone fixe;Portable\n0145678901;0612345678": "Portable",
    "SMS;LANDLINE_NUMBER;WHATSAPP\n33612345678;33145678901;33612345678": "SMS",
    "mobile;SMS\n0612345678;opt-out": "mobile",  # a column full of other things is no rival
    "téléphone;mobile\n0612345678;": "téléphone",  # the column for mobiles is empty
    "mobile;téléphone\n;": "mobile",  # nothing anywhere is a result, too
    "valeur\n0612345678": "valeur",  # the only column
    "Souhaitez-vous recevoir nos SMS ?;Votre numéro de téléphone ?\noui;0612345678": "Votre numéro de téléphone ?",
    "SMS;Tel\n1;0612345678\n0;0687654321": "Tel",
    "Mobile (O/N);Numéro\nO;0612345678": "Numéro",
    "Nb SMS envoyés;Contact\n3;0612345678": "Contact",
    "N° adhérent;Portable\n612345001;\n698765003;": "Portable",  # a heading that names a phone is final
    "phone;Phone\n0612345678;": "phone",
    "Numéro;nom\n0612345678;A": "Numéro",
    "id;contact\n612345678;06 12 34 56 78": "contact",
    "fixe;nom\n0145678901;A": "fixe",
    "type;nom;numero\nMobile;A;0612345678\nMobile;B;0698765432": "numero",
    "nom;type;numero\nA;Mobile;\nB;Mobile;0698765432": "numero",  # the first data row is not taken for headings
}


@pytest.mark.parametrize("content", CHOICES)
def test_the_phone_column_is_found(content: str, text: Make, opened: Opened) -> None:
    """The likeliest column is read without any option."""
    reading = opened(text(content), list="stop")
    (sheet,) = reading.sheets
    assert [column.label for column in sheet.phones] == [CHOICES[content]]
    assert sheet.header_row == 1


QUESTIONS = {
    "mobile 1;mobile 2\n0612345678;0698765432": ('--column "mobile 1"', '--column "mobile 2"'),
    "valeur;nom\n0145678901;A\n0145678902;B": ("--column valeur",),  # landlines under no clear heading
    "v;nom\n0145678901;A\n0145678902;B": ("--column v",),
    "nom;valeur\nA;0612345678\nB;+33698765432": ("--column valeur",),  # headings that say nothing
    "valeur;ptx_suggestion\n0612345678;+33612345678": ("--column valeur",),  # the columns of a rejects file
    "Mobile;valeur\nrappeler;0612345678\nabsent;0687654321": ("--column valeur", "--column Mobile"),
    "Email / Phone;nom\na@b.in / 9876501234;A": ('--column "Email / Phone"',),  # of a country that nobody named
    "0612345678;0145678901;0687654321": ("--column A", "--column C"),  # no headings
}
NOTHING = ["id;name;age\n1101;John;30", "SIREN;nom\n612345678;A", "N° client;Nom\n612345001;A"]


@pytest.mark.parametrize("content", QUESTIONS)
def test_doubt_ends_in_a_question(content: str, text: Make, opened: Opened) -> None:
    """Several equal columns, or none that is sure: the error carries the candidates and the options to paste."""
    with pytest.raises(QuestionOpen, match="--column") as raised:
        opened(text(content))
    asked = raised.value.question
    assert asked["about"] == "phone_column"
    assert tuple(asked["options"]) == QUESTIONS[content]
    assert [one["option"] for one in asked["candidates"]] == asked["options"]
    assert all(one["values"] for one in asked["candidates"])
    assert all(option in str(raised.value) for option in asked["options"])
    assert raised.value.exit_code == 3


def test_machines_get_the_whole_question(text: Make, opened: Opened) -> None:
    """The question says what it is about, where, and for each answer its column, first values and option."""
    path = text("mobile 1;Nom;mobile 2\n0612345678;A;0698765432\n0612345679;B;\n")
    with pytest.raises(QuestionOpen) as raised:
        opened(path)
    options = ['--column "mobile 1"', '--column "mobile 2"']
    assert raised.value.question == {
        "about": "phone_column",
        "file": str(path),
        "sheet": "",
        "text": (
            "2 columns look like the one with the phone numbers: A (mobile 1), C (mobile 2); --column may be repeated "
            "to read several"
        ),
        "candidates": [
            {"label": "mobile 1", "column": "A", "values": ["0612345678", "0612345679"], "option": options[0]},
            {"label": "mobile 2", "column": "C", "values": ["0698765432"], "option": options[1]},
        ],
        "options": options,
    }


def test_a_column_of_other_things_is_told_beside_the_one_of_numbers(text: Make, opened: Opened) -> None:
    """Where the named column holds no numbers and another does, the question names both."""
    with pytest.raises(QuestionOpen, match=r"column A \(Mobile\) holds no phone numbers, and column B \(valeur\) does"):
        opened(text("Mobile;valeur\nrappeler;0612345678\nabsent;0687654321"))


@pytest.mark.parametrize("content", NOTHING)
def test_what_is_no_phone_is_never_read(content: str, text: Make, opened: Opened) -> None:
    """Where no column can hold phones, the error names the columns there are."""
    with pytest.raises(ColumnNotFound, match="--column") as raised:
        opened(text(content))
    assert raised.value.candidates == tuple(content.split("\n", maxsplit=1)[0].split(";"))
    assert raised.value.exit_code == 3


def test_columns_passed_over_are_said(text: Make, opened: Opened) -> None:
    """When other columns hold numbers, too, that is said to people and to machines."""
    reading = opened(text("Téléphone;Portable\n0145678901;0612345678"))
    assert "column Téléphone may hold numbers, too" in reading.notices[0]
    assert reading.sheets[0].as_json()["unused"] == [{"about": "phone_column", "name": "Téléphone", "why": "second"}]


@pytest.mark.parametrize("name", ["Tél Client", "tel client", "TÉL. CLIENT", "C", "c", "3"])
def test_a_column_is_named_by_heading_letter_or_number(name: str, text: Make, opened: Opened) -> None:
    """`--column` is a heading (exact, then whatever its case and accents), a letter, or a number from 1."""
    reading = opened(text("nom;mobile;Tél Client\nA;0600000000;0612345678"), columns=(name,))
    assert reading.cells["raw"].tolist() == ["0612345678"]
    assert reading.cells["column"].tolist() == ["Tél Client"]


@pytest.mark.parametrize("heading", ["Contact", "Téléphone"])
def test_another_column_full_of_mobiles_is_told(heading: str, text: Make, opened: Opened) -> None:
    """A column of mobiles under a heading that says nothing is not read in silence; a column of identifiers is none."""
    rows = "".join(f"A;061234567{n};069876543{n};0712345{n}78\n" for n in range(4))
    reading = opened(text(f"Nom;{heading};Autre numéro;N° client\n{rows}"))
    assert reading.cells["raw"].tolist() == [f"061234567{n}" for n in range(4)]
    assert reading.sheets[0].as_json()["unused"] == [{"about": "phone_column", "name": "Autre numéro", "why": "second"}]


def test_an_exact_heading_wins(text: Make, opened: Opened) -> None:
    """Of headings that differ in case alone, the exact one is meant; without one, the error gives the letters."""
    path = text("phone;Phone\n0612345678;0698765432")
    assert opened(path, columns=("Phone",)).cells["raw"].tolist() == ["0698765432"]
    with pytest.raises(ColumnNotFound, match=r"A \(phone\), B \(Phone\)"):
        opened(path, columns=("PHONE",))
    with pytest.raises(ColumnNotFound, match=r"no column 'mobile'; the columns are: A \(phone\), B \(Phone\)"):
        opened(path, columns=("mobile",))


def test_several_columns_stand_beside_each_other(text: Make, opened: Opened) -> None:
    """Each row gives a cell for each named column, in the order of the names."""
    reading = opened(text("a;b\n0612345678;\n0698765432;0600000000"), columns=("b", "A"))
    cells = reading.cells
    assert cells["row"].tolist() == [2, 2, 3, 3]
    assert cells["column"].tolist() == ["b", "a", "b", "a"]
    assert cells["raw"].tolist() == ["", "0612345678", "0600000000", "0698765432"]
    assert cells["kind"].tolist() == ["empty", "text", "text", "text"]


def test_presets_name_the_columns(text: Make, opened: Opened) -> None:
    """`--from` knows a provider's headings and reasons, where detection would have to ask."""
    reading = opened(text("From,To,Status,ErrorCode\n+33700000000,+33612345678,failed,21610\n"), preset="twilio")
    assert reading.cells["raw"].tolist() == ["+33612345678"]
    assert reading.cells["list"].tolist() == ["stop"]
    with pytest.raises(ConfigurationError, match="brevo"):
        opened(text("a\n"), preset="nobody")


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_sound(name: str) -> None:
    """Each data file names its provider, a phone heading, and reasons that are words of ours."""
    preset = load_preset(name)
    assert preset.name
    assert preset.phone


def test_a_question_is_one_line(text: Make, opened: Opened) -> None:
    """Headings with line breaks or of great length do not break the error's one sentence."""
    with pytest.raises(ColumnNotFound, match=r"A \(a b\), B \(x{60}\.\.\.\)") as raised:
        opened(text(f'"a\n\tb";{"x" * 500}\n1;2\n'))
    assert "\n" not in str(raised.value)
