"""Which columns are read: headings, content, names on the command line, list and country."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from ptx_bulk.errors import ColumnNotFound, ConfigurationError
from ptx_bulk.model import ListKind
from ptx_bulk.workbooks import LIST_WORDS, Reading, list_kinds, preset_names
from ptx_bulk.workbooks.presets import load_preset

Opened = Callable[..., Reading]
Make = Callable[..., Path]

CHOICES = {
    "nom;téléphone;fax\nA;0612345678;0145678901": "téléphone",
    "SIREN;code postal;tel\n612345678;69001;0612345678": "tel",
    "Téléphone fixe;Portable\n0145678901;0612345678": "Portable",
    "SMS;LANDLINE_NUMBER;WHATSAPP\n33612345678;33145678901;33612345678": "SMS",
    "mobile;SMS\n0612345678;opt-out": "mobile",  # a column full of other things is no rival
    "valeur;ptx_suggestion\n0612345678;+33612345678": "valeur",  # the columns of a rejects file
    "téléphone;mobile\n0612345678;": "téléphone",  # the column for mobiles is empty
    "mobile;téléphone\n;": "mobile",  # nothing anywhere is a result, too
    "nom;valeur\nA;0612345678\nB;+33698765432": "valeur",  # by content
    "Numéro;nom\n0612345678;A": "Numéro",
    "id;contact\n612345678;06 12 34 56 78": "contact",
    "fixe;nom\n0145678901;A": "fixe",
    "type;nom;numero\nMobile;A;0612345678\nMobile;B;0698765432": "numero",
    "nom;type;numero\nA;Mobile;\nB;Mobile;0698765432": "numero",  # the first data row is not taken for headings
}


@pytest.mark.parametrize("content", CHOICES)
def test_the_phone_column_is_found(content: str, text: Make, opened: Opened) -> None:
    """The likeliest column is read without any option."""
    reading = opened(text(content))
    assert reading.inputs[0].sheets[0].columns == (CHOICES[content],)
    assert reading.inputs[0].sheets[0].header_row == 1


QUESTIONS = {
    "mobile 1;mobile 2\n0612345678;0698765432": ("mobile 1", "mobile 2"),
    "phone;Phone\n0612345678;": ("phone", "Phone"),
    "id;name;age\n1101;John;30": ("id", "name", "age"),
    "Email / Phone;nom\na@b.fr / 0612345678;A": ("Email / Phone",),
    "valeur;nom\n0145678901;A\n0145678902;B": ("valeur",),  # landlines under no clear heading
    "SIREN;nom\n612345678;A": ("SIREN", "nom"),
}


@pytest.mark.parametrize("content", QUESTIONS)
def test_doubt_ends_in_a_question(content: str, text: Make, opened: Opened) -> None:
    """No column, or several equal ones: the error names the candidates and `--column`."""
    with pytest.raises(ColumnNotFound, match="--column") as raised:
        opened(text(content))
    assert raised.value.candidates == QUESTIONS[content]
    assert raised.value.exit_code == 3


def test_columns_passed_over_are_said(text: Make, opened: Opened) -> None:
    """When other columns hold numbers, too, a notice says which one is read."""
    reading = opened(text("Téléphone;Portable\n0145678901;0612345678"))
    assert "Portable, not from Téléphone" in reading.notices[0]


@pytest.mark.parametrize("name", ["Tél Client", "tel client", "TÉL. CLIENT", "C", "c", "3"])
def test_a_column_is_named_by_heading_letter_or_number(name: str, text: Make, opened: Opened) -> None:
    """`--column` is a heading (exact, then whatever its case and accents), a letter, or a number from 1."""
    reading = opened(text("nom;mobile;Tél Client\nA;0600000000;0612345678"), columns=(name,))
    assert reading.cells["raw"].tolist() == ["0612345678"]
    assert reading.cells["column"].tolist() == ["Tél Client"]


def test_an_exact_heading_wins(text: Make, opened: Opened) -> None:
    """Of headings that differ in case alone, the exact one is meant; without one, the error gives the letters."""
    path = text("phone;Phone\n0612345678;0698765432")
    assert opened(path, columns=("Phone",)).cells["raw"].tolist() == ["0698765432"]
    with pytest.raises(ColumnNotFound, match=r"A \(phone\), B \(Phone\)"):
        opened(path, columns=("PHONE",))
    with pytest.raises(ColumnNotFound, match="no column 'mobile'"):
        opened(path, columns=("mobile",))


def test_several_columns_stand_beside_each_other(text: Make, opened: Opened) -> None:
    """Each row gives a cell for each named column, in the order of the names."""
    reading = opened(text("a;b\n0612345678;\n0698765432;0600000000"), columns=("b", "A"))
    cells = reading.cells
    assert cells["row"].tolist() == [2, 2, 3, 3]
    assert cells["column"].tolist() == ["b", "a", "b", "a"]
    assert cells["raw"].tolist() == ["", "0612345678", "0600000000", "0698765432"]
    assert cells["kind"].tolist() == ["empty", "text", "text", "text"]


def test_the_list_column_is_detected(text: Make, opened: Opened) -> None:
    """A column of nothing but STOP and NPAI words says the list; one other word and it does not."""
    reading = opened(text("tel;motif\n0612345678;Désabonné\n0698765432;NPAI\n0600000000;\n"))
    assert reading.inputs[0].sheets[0].list_column == "motif"
    assert reading.cells["list_word"].tolist() == ["Désabonné", "NPAI", ""]
    reading = opened(text("tel;motif\n0612345678;stop\n0698765432;client\n"))
    assert reading.inputs[0].sheets[0].list_column is None
    assert reading.cells["list_word"].tolist() == ["", ""]


def test_the_state_of_an_address_is_no_list(text: Make, opened: Opened) -> None:
    """Words about e-mail say nothing about the phone number."""
    reading = opened(text("tel;email status\n0612345678;unsubscribed\n"))
    assert reading.inputs[0].sheets[0].list_column is None


def test_list_and_country_columns_by_name(text: Make, opened: Opened) -> None:
    """`--list-column` and `--country-column` are carried as they stand, blank where the row is."""
    reading = opened(
        text("tel;l;pays\n0612345678;x;FR\n0612345679;;Belgique\n"), list_column="l", country_column="pays"
    )
    assert reading.cells["list_word"].tolist() == ["x", ""]
    assert reading.cells["country"].tolist() == ["FR", "Belgique"]
    assert reading.inputs[0].sheets[0].country_column == "pays"


def test_list_words() -> None:
    """Case, accents and punctuation do not matter; unknown words are neither list; presets add their own."""
    words = pd.Series(
        ["STOP", "Désinscrite", "unsubscribers", "opt-out", "N.P.A.I", "hard_bounce", "Non attribué", "client", ""]
    )
    assert list_kinds(words).tolist() == ["stop", "stop", "stop", "stop", "npai", "npai", "npai", "", ""]
    assert list_kinds(pd.Series(["21610", "30005", "30007"]), preset="twilio").tolist() == ["stop", "npai", ""]
    assert set(LIST_WORDS.values()) == set(ListKind)


def test_presets_name_the_columns(text: Make, opened: Opened) -> None:
    """`--from` knows a provider's headings and reasons, where detection would have to ask."""
    reading = opened(text("From,To,Status,ErrorCode\n+33700000000,+33612345678,failed,21610\n"), preset="twilio")
    assert reading.cells["raw"].tolist() == ["+33612345678"]
    assert reading.cells["list_word"].tolist() == ["21610"]
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
