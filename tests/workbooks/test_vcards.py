"""vCards of every version, and what phones write into them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.numbers import normalise
from ptx_bulk.workbooks import Reading
from ptx_bulk.workbooks.choosing.vocabulary.meaning import HeadingMeaning, meaning

Opened = Callable[..., Reading]
Make = Callable[..., Path]

CARDS = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Hélène\r\nTEL;TYPE=CELL,VOICE:+33612345678\r\nTEL;TYPE=WORK:0145678901\r\n"
    "TEL;TYPE=WORK,FAX:0145678902\r\nORG:A;B\r\nEMAIL:a@b.fr\r\nPHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\n BBBB\r\n"
    "END:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Lo=C3=AFc\r\n"
    "TEL;CELL;PREF:06 87 65 43 21\r\nTEL;CELL:0600000000\r\nTEL:0700000000\r\nEND:VCARD\r\n"
    'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Zoé\r\nitem1.TEL;VALUE=uri;TYPE="cell,text":tel:+33698765432\r\nEND:VCARD\r\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_each_card_is_a_row(encoding: str, text: Make, opened: Opened) -> None:
    """One row a card; each kind of number has a column, a second number of that kind one more."""
    reading = opened(text(CARDS.encode(encoding), "contacts.vcf"), columns=("TEL CELL",))
    assert reading.inputs[0].format == "vcf"
    table = reading.tables[0]
    assert table.headings == ["FN", "ORG", "TEL CELL", "TEL WORK", "TEL FAX", "EMAIL", "TEL CELL 2", "TEL"]
    assert table.table.column(0).to_pylist() == ["FN", "Hélène", "Loïc", "Zoé"]
    assert reading.cells["raw"].tolist() == ["+33612345678", "06 87 65 43 21", "+33698765432"]
    assert table.table.column(6).to_pylist()[2] == "0600000000"


def test_the_headings_say_what_the_columns_hold() -> None:
    """The columns of mobiles, landlines and faxes are known as such by their headings."""
    assert meaning("TEL CELL") == meaning("TEL CELL 2") == HeadingMeaning.MOBILE
    assert meaning("TEL HOME") == meaning("TEL WORK") == HeadingMeaning.LANDLINE
    assert meaning("TEL FAX") == HeadingMeaning.NEVER


@pytest.mark.parametrize("cut", ["END:VCARD", "TEL:06123"])
def test_a_card_that_is_cut_off_is_said(cut: str, text: Make, opened: Opened) -> None:
    """A file that ends within a card is refused: numbers would be missing."""
    content = (
        "BEGIN:VCARD\nVERSION:3.0\nFN:A\nTEL:0612345678\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:B\nTEL:0612345679\n"
    )
    with pytest.raises(UnreadableFile, match="cut off"):
        opened(text(content if cut.startswith("END") else content[:-5], "a.vcf"))


def test_pictures_after_the_end_of_lines_cost_nothing(text: Make, opened: Opened) -> None:
    """A picture written without indentation, as old phones do, is left out."""
    picture = "PHOTO;ENCODING=BASE64;JPEG:\n" + "A" * 70 + "\n" + "B" * 70 + "\n\n"
    card = f"BEGIN:VCARD\nVERSION:2.1\nN:D;J\nFN:J D\n{picture}TEL;CELL:0612345678\nEND:VCARD\n"
    assert opened(text(card * 3, "a.vcf")).cells["raw"].tolist() == ["0612345678"] * 3


@pytest.mark.parametrize(
    "damaged",
    [
        "BEGIN:VCARD\nVERSION:3.0\nFN:B\nno colon in this line\nTEL;TYPE=CELL:0612345679\nEND:VCARD\n",
        "BEGIN:VCARD\nTEL;TYPE=CELL:+33612345679\nVERSION:3.0\n",
    ],
    ids=["a line that is none", "without its end"],
)
def test_a_damaged_card_costs_no_other(damaged: str, text: Make, opened: Opened) -> None:
    """A damaged card among whole ones is a row that says what stands in it and gives no number; the others are read."""
    cards = [f"BEGIN:VCARD\nVERSION:3.0\nFN:A\nTEL;TYPE=CELL:061234567{n}\nEND:VCARD\n" for n in (1, 2)]
    cells = opened(text(f"{cards[0]}{damaged}{cards[1]}", "a.vcf")).cells
    assert cells["raw"].tolist() == ["0612345671", " | ".join(damaged.split("\n")), "0612345672"]
    frame = normalise(cells["raw"])
    assert frame["number"].tolist() == [33612345671, 0, 33612345672]
