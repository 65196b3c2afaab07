"""A reading that was settled: shown, written to a file, read again, refused where the headings are others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.errors import InputError, QuestionOpen, ReadingMismatch
from ptx_bulk.workbooks import Question, Reading, ReadOptions, SettledSheet, as_toml, load_reading, read, settled_from

Opened = Callable[..., Reading]
Make = Callable[..., Path]
TABLE = "Export;;;\nPortable;Fixe;Statut;Pays\n0612345678;0145678901;Actif;Suisse\n0687654321;;STOP;\n"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
sheets = st.builds(
    SettledSheet,
    file=texts,
    sheet=texts,
    header_row=st.integers(0, 1 << 20),
    headings=st.dictionaries(st.text("ABC", min_size=1, max_size=3), texts, max_size=4),
    phones=st.lists(st.text("ABC", min_size=1, max_size=3), min_size=1, max_size=3).map(tuple),
    list_column=st.none() | st.text("ABC", min_size=1, max_size=3),
    polarity=st.sampled_from(["words", "opt_in", "opt_out", "reply"]),
    list=st.none() | st.sampled_from(["stop", "npai"]),
    country_column=st.none() | st.text("ABC", min_size=1, max_size=3),
    region=st.none() | st.sampled_from(["FR", "CH"]),
    where=st.lists(texts, max_size=2).map(tuple),
    encoding=texts,
    delimiter=st.sampled_from([";", "\t", ""]),
)


@given(st.lists(sheets, min_size=1, max_size=3))
def test_a_reading_file_says_exactly_what_was_settled(tmp_path_factory, settled):
    """Whatever stands in headings, names and filters, the file reads back to the same values."""
    path = tmp_path_factory.mktemp("reading") / "reading.toml"
    path.write_text(as_toml(settled), encoding="utf-8")
    assert load_reading(str(path)) == tuple(settled)
    assert tuple(settled_from(one.as_json()) for one in settled) == tuple(settled)


def saved(reading: Reading, tmp_path: Path) -> tuple[SettledSheet, ...]:
    path = tmp_path / "reading.toml"
    path.write_text(as_toml(sheet.settled() for sheet in reading.sheets), encoding="utf-8")
    return load_reading(str(path))


def test_a_saved_reading_reads_the_same_again(text: Make, opened: Opened, tmp_path: Path) -> None:
    """Columns, list, country and filters are as they were settled, without any question, for next month's file, too."""
    first = opened(text(TABLE), list_column="Statut", columns=("A", "Fixe"), where=("Pays!=Belgique",))
    again = opened(text(TABLE.replace("Actif", "NPAI"), "next.csv"), settled=saved(first, tmp_path))
    assert again.cells["list"].tolist() == ["npai", "npai", "stop", "stop"]
    assert again.cells["country"].tolist() == ["CH", "CH", "", ""]
    assert [sheet.settled() for sheet in again.sheets] == [
        SettledSheet(**{**first.sheets[0].settled().as_json(), "file": str(tmp_path / "next.csv"),
                        "phones": ("A", "B"), "where": ("Pays!=Belgique",)})
    ]  # fmt: skip


def test_a_saved_reading_knows_the_list_of_empty_cells(text: Make, opened: Opened, tmp_path: Path) -> None:
    """The list of rows whose cell says nothing is saved with the column."""
    content = TABLE.replace("Actif", "")
    settled = saved(opened(text(content), list_column="Statut", list="npai"), tmp_path)
    assert opened(text(content), settled=settled).cells["list"].tolist() == ["npai", "stop"]


def test_options_win_over_a_saved_reading(text: Make, opened: Opened, tmp_path: Path) -> None:
    """What is said on the command line is not overruled by the reading file."""
    settled = saved(opened(text(TABLE), list_column="Statut"), tmp_path)
    reading = opened(text(TABLE), settled=settled, list="npai", columns=("Fixe",), region="BE", region_given=True)
    assert reading.cells["list"].tolist() == ["npai", "npai"]
    assert reading.cells["raw"].tolist() == ["0145678901", ""]
    assert reading.cells["region"].tolist() == ["BE", "BE"]
    assert reading.sheets[0].region == "BE"


@pytest.mark.parametrize(
    "change", [("Portable", "Mobile"), (";Pays", ";Pays;Ville"), ("Export;;;\n", ""), ("Fixe;", "")]
)
def test_other_headings_are_refused(change: tuple[str, str], text: Make, opened: Opened, tmp_path: Path) -> None:
    """A heading renamed, added, moved or in another row is exit 3 with what to do."""
    settled = saved(opened(text(TABLE), list_column="Statut"), tmp_path)
    with pytest.raises(ReadingMismatch, match="--save-reading") as raised:
        opened(text(TABLE.replace(*change)), settled=settled)
    assert raised.value.exit_code == 3


@pytest.mark.parametrize(
    "content",
    ["", "x = 1\n", "[[sheet]]\nfile = 3\n", "[[sheet]]\nnobody = 1\n", "[[sheet\n", "sheet = 3\n", "sheet = [3]\n",
     "[[sheet]]\nfile = ''\nsheet = ''\nheader_row = 'a'\nheadings = {}\nphones = []\n", "\x00", "a" * 100_000,
     "[[sheet]]\nfile = ''\nsheet = ''\nheader_row = 1\nheadings = {}\nphones = ['A']\nlist = 'stopp'\n",
     "[[sheet]]\nfile = ''\nsheet = ''\nheader_row = 1\nheadings = {}\nphones = ['A']\npolarity = 'maybe'\n"],
)  # fmt: skip
def test_what_is_no_reading_file_is_said(content: str, tmp_path: Path) -> None:
    """A file that --save-reading did not write is one sentence with its name, exit 3."""
    path = tmp_path / "other.toml"
    path.write_text(content, encoding="utf-8")
    for name in (path, tmp_path, tmp_path / "missing.toml"):
        with pytest.raises(InputError, match=r"--reading .*: it ") as raised:
            load_reading(str(name))
        assert raised.value.exit_code == 3


@pytest.mark.slow
def test_sheets_that_the_reading_does_not_name_are_left_out(workbook: Make, opened: Opened, tmp_path: Path) -> None:
    """A saved reading of one sheet reads that sheet alone, and the other is said to be left out."""
    sheets = {"A": [("Portable",), ("0612345678",)], "B": [("Portable",), ("0687654321",)]}
    settled = saved(opened(workbook(sheets), sheets=("B",)), tmp_path)
    again = opened(workbook(sheets), settled=settled)
    assert again.cells["raw"].tolist() == ["0687654321"]
    assert {"about": "sheet", "name": "A", "why": "not_asked_for"} in again.sheets[0].as_json()["unused"]


def test_answers_settle_a_reading(text: Make) -> None:
    """Each question is asked with its candidates and their first values, and the answers are the reading."""
    asked: list[Question] = []

    def first(question: Question) -> int:
        asked.append(question)
        return 0

    with read(
        [text("Mobile 1;Mobile 2;Statut\n0612345678;0687654321;Actif\n0612345679;;STOP\n")], ReadOptions(), first
    ) as done:
        assert done.cells["raw"].tolist() == ["0612345678", "0612345679"]
        assert done.cells["list"].tolist() == ["none", "stop"]
    assert [question.about for question in asked] == ["phone_column", "list"]
    assert asked[0].candidates[1].values == ("0687654321",)
    assert asked[1].candidates[0].values == ("Actif", "STOP")


def test_an_answer_keeps_the_filters_that_were_given(text: Make) -> None:
    """Rows that an answer chooses are chosen among those that --where left."""
    path = text("Mobile;Colonne;Ville\n0612345678;oui;Lyon\n0687654321;oui;Nice\n0698765432;non;Lyon\n")
    with read([path], ReadOptions(where=("Ville=Lyon",), list_column="Colonne"), lambda _question: 0) as done:
        assert done.cells["raw"].tolist() == ["0612345678"]
        assert done.sheets[0].filters == ("Ville=Lyon", "B=oui")


@pytest.mark.slow
@given(st.lists(st.integers(0, 3), min_size=30, max_size=30))
def test_answers_always_come_to_an_end(tmp_path_factory, answers):
    """Whatever is answered, the reading is settled or refused; nothing is asked for ever."""
    path = tmp_path_factory.mktemp("answers") / "in.csv"
    path.write_text("Mobile 1;Mobile 2;Pays 1;Pays 2;Statut\n0612345678;0687654321;FR;CH;oui\n0612345679;;CH;FR;STOP\n")
    given_answers = iter(answers)

    def answer(question: Question) -> int | None:
        place = next(given_answers)
        return place if place < len(question.candidates) else None

    try:
        with read([path], ReadOptions(), answer) as done:
            assert set(done.cells["list"]) <= {"stop", "npai", "none", ""}
    except QuestionOpen as error:
        assert error.question["options"]
