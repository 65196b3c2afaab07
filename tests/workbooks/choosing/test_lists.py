"""On which list a row belongs: by an option, a column that is certain, the sheet's name, or an answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.errors import QuestionOpen
from ptx_bulk.model import ListKind
from ptx_bulk.workbooks import Reading
from ptx_bulk.workbooks.choosing.evidence import Why
from ptx_bulk.workbooks.choosing.lists import ListChoice
from ptx_bulk.workbooks.choosing.vocabulary.listwords import Said, is_stop_reply, word_says
from ptx_bulk.workbooks.settled import Polarity

Opened = Callable[..., Reading]
Make = Callable[..., Path]
NUMBERS = ("0612345678", "0687654321", "0698765432")


def table(heading: str, *words: str) -> str:
    rows = [f"{number};{word}" for number, word in zip(NUMBERS, words, strict=False)]
    return "\n".join([f"Portable;{heading}", *rows, ""])


CERTAIN = {
    table("Liste", "STOP", "NPAI", "Désabonné"): ["stop", "npai", "stop"],
    table("Motif de désabonnement", "STOP SMS", "opt-out"): ["stop", "stop"],
    table("Type de rejet", "NPAI", "Non attribué"): ["npai", "npai"],
    table("motif", "Désabonné", "NPAI", ""): ["stop", "npai", ""],
    table("Remarque", "rappeler", "STOP demain"): ["stop", "stop"],  # speaks of no list
    table("SMS", "0", "1"): ["stop", "stop"],  # a flag under a heading that says nothing about consent
    table("Désabonné", "oui", "oui"): ["stop", "stop"],  # however it is read, all are STOP
    table("Accepte les SMS", "non", "non"): ["stop", "stop"],
}


@pytest.mark.parametrize("content", CERTAIN)
def test_what_is_certain_is_used(content: str, text: Make, opened: Opened) -> None:
    """A list column is used by itself where its heading speaks of a list and every filled cell is a known word."""
    assert opened(text(content)).cells["list"].tolist() == CERTAIN[content]


DOUBTFUL = {
    "an unknown word": table("Liste", "STOP", "autre"),
    "a word for those who may be written to": table("Liste", "STOP", "Actif"),
    "a failure that may pass": table("Motif", "NPAI", "injoignable"),
    "a heading that says nothing": table("Colonne 2", "STOP", "NPAI"),
    "a heading about newsletters": table("Newsletter", "STOP", "STOP"),
    "the post's NPAI": table("Adresse", "NPAI", ""),
    "a status of people": table("Statut", "Actif", "Désabonné"),
    "consent": table("Accepte les SMS", "oui", "non"),
    "refusal": table("Désabonné SMS", "oui", "non"),
    "one word in a column of blanks": table("Commentaire", "", "NPAI", ""),
}


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_what_could_be_another_list_is_asked(kind: str, text: Make, opened: Opened) -> None:
    """Where reading by the column would give a row another list than STOP for all, the user is asked."""
    with pytest.raises(QuestionOpen) as raised:
        opened(text(DOUBTFUL[kind]))
    question = raised.value.question
    assert question["about"] == "list"
    assert question["options"][0].startswith("--list-column ")
    assert question["options"][-2:] == ["--list stop", "--list npai"]


@pytest.mark.parametrize("kind", DOUBTFUL)
def test_an_option_always_wins(kind: str, text: Make, opened: Opened) -> None:
    """--list is the list of every row, whatever the columns say, and what was not used is said."""
    reading = opened(text(DOUBTFUL[kind]), list="npai")
    assert set(reading.cells["list"]) == {"npai"}
    (unused,) = reading.sheets[0].as_json()["unused"]
    assert (unused["about"], unused["why"]) == ("list_column", "option")
    assert "--list-column" in reading.notices[0]


NAMED = {
    table("Liste", "STOP", "autre", ""): ["stop", "", ""],
    table("Statut", "Actif", "Désabonné", "NPAI"): ["none", "stop", "npai"],
    table("Accepts SMS Marketing", "yes", "no", ""): ["none", "stop", ""],
    table("Désabonné SMS", "oui", "non", ""): ["stop", "none", ""],
    table("Colonne 2", "STOP", "ne sais pas", "NPAI"): ["stop", "", "npai"],
}


@pytest.mark.parametrize("content", NAMED)
def test_a_named_column_is_read_row_by_row(content: str, text: Make, opened: Opened) -> None:
    """--list-column reads each cell: a list, somebody who may be written to, or nothing known for that row alone."""
    assert opened(text(content), list_column="B").cells["list"].tolist() == NAMED[content]
    filled = ["stop" if kind == "" else kind for kind in NAMED[content][2:]]
    assert opened(text(content), list_column="B", list="stop").cells["list"].tolist()[2:] == filled


def test_yes_and_no_of_nothing_in_particular_is_asked(text: Make, opened: Opened) -> None:
    """Under a heading that is no consent and no refusal, the user says which answer means STOP."""
    with pytest.raises(QuestionOpen) as raised:
        opened(text(table("Colonne 2", "oui", "non")), list_column="B")
    assert raised.value.question["options"] == ['--where "Colonne 2=oui"', '--where "Colonne 2=non"']
    answered = opened(text(table("Colonne 2", "oui", "non")), where=("Colonne 2=non",), list="stop")
    assert answered.cells["raw"].tolist() == ["0687654321"]


@pytest.mark.parametrize(("name", "kind"), [("NPAI", "npai"), ("Liste STOP 2026", "stop"), ("Feuil1", "stop")])
def test_sheets_are_named_after_lists(name: str, kind: str, workbook: Make, opened: Opened) -> None:
    """A sheet whose name is a list's word is for that list; any other is for STOP."""
    reading = opened(workbook({name: [("Portable",), ("0612345678",)]}))
    assert reading.cells["list"].tolist() == [kind]


def test_a_sheet_of_people_who_may_be_written_to_is_asked_about(workbook: Make, opened: Opened) -> None:
    """A sheet named after people who may be written to is never put on a list without a question."""
    with pytest.raises(QuestionOpen) as raised:
        opened(workbook({"Abonnés": [("Portable",), ("0612345678",)]}))
    assert raised.value.question["options"] == ["--list stop", "--list npai"]


def test_replies_count_when_they_are_exactly_a_stop(text: Make, opened: Opened) -> None:
    """In a table of received messages the sender is the person, and a text that is more than STOP is no STOP."""
    content = (
        "Expéditeur;Message;Date\n33612345678;STOP;2026-11-01\n33687654321;STOP this terrible bill;2026-11-02\n"
        "33698765432;Stop au 36111;2026-11-03\n"
    )
    reading = opened(text(content))
    assert [column.label for column in reading.sheets[0].phones] == ["Expéditeur"]
    assert reading.cells["list"].tolist() == ["stop", "", "stop"]


@pytest.mark.parametrize(("message", "stop"), [("STOP", True), ("stop.", True), ("Arrêt", True), ("non", False),
                                               ("ne pas stopper", False), ("", False)])  # fmt: skip
def test_what_a_reply_says(message: str, stop: bool) -> None:
    """A reply is a STOP only as a whole."""
    assert is_stop_reply(message) is stop


@pytest.mark.parametrize(
    ("word", "meant"),
    [("STOP", Said.STOP), ("Désinscrite", Said.STOP), ("unsubscribers", Said.STOP), ("opt-out", Said.STOP),
     ("N.P.A.I", Said.NPAI), ("hard_bounce", Said.NPAI), ("Non attribué", Said.NPAI), ("client", Said.UNKNOWN),
     ("Actif", Said.FREE), ("✓", Said.YES), ("0", Said.NO), (" ", Said.EMPTY), ("injoignable", Said.DOUBTFUL)],
)  # fmt: skip
def test_words_of_lists(word: str, meant: Said) -> None:
    """Case, accents and punctuation do not matter; a failure that may pass is neither list."""
    assert word_says(word) is meant


@given(st.text(max_size=12), st.sampled_from(Polarity), st.sampled_from([None, *ListKind]))
def test_no_word_is_a_list_by_chance(word: str, polarity: Polarity, default: ListKind | None) -> None:
    """Whatever a cell holds, it gives a list only by a known word, or is empty and gives the list of empty cells."""
    kind = ListChoice(1, default, Why.OPTION, polarity).kind_of(word)
    known = word_says(word)
    if kind in set(ListKind) and known is not Said.EMPTY:
        assert known in {Said.STOP, Said.NPAI, Said.YES, Said.NO} or is_stop_reply(word)
    if known is Said.FREE and polarity is not Polarity.REPLY:
        assert kind == "none"
