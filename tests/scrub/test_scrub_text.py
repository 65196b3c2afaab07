"""Scrubbing text files."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ptx_bulk
from ptx_bulk.errors import InputError
from ptx_bulk.workbooks import Repeated
from tests.scrub.people import FREE, LISTED, lists_file, scrubbed, writings

HEAD = b"Nom;Portable;Note\r\n"
STOPPED, WRITTEN = f"0{LISTED[0] - 33_000_000_000}".encode(), f"0{FREE[0] - 33_000_000_000}".encode()


def split(tmp_path: Path, content: bytes, name: str = "c.csv", **options: object) -> dict[str, bytes]:
    path = tmp_path / name
    path.write_bytes(content)
    _found, paths = scrubbed(path, lists_file(tmp_path), **options)
    return {part: one.read_bytes() for part, one in paths.items()}


def test_records_stay_byte_for_byte(tmp_path: Path) -> None:
    """What is kept has the bytes that it had: quotes, blanks, line ends and all."""
    kept = b'"Dupont ; Jean";' + WRITTEN + b'; "odd"  \r\n'
    made = split(tmp_path, HEAD + kept + b"X;" + STOPPED + b";\r\n" + b"\r\nLast;" + WRITTEN + b";end")
    assert made["kept"] == HEAD + kept + b"\r\nLast;" + WRITTEN + b";end"


def test_what_is_removed_says_why(tmp_path: Path) -> None:
    """A removed row carries the list and the day, behind its own cells."""
    made = split(tmp_path, HEAD + b"X;" + STOPPED + b";\r\n")
    assert made["removed"] == b"Nom;Portable;Note;ptx_list;ptx_since\r\nX;" + STOPPED + b";;stop;2026-01-31\r\n"


def test_what_cannot_be_read_is_unsure(tmp_path: Path) -> None:
    """A value that is no number sets its row aside, with code, sentence and suggestion."""
    made = split(tmp_path, HEAD + b"X;06 12 34;\r\nY;" + WRITTEN + b";\r\n")
    assert made["unsure"].splitlines()[0] == b"Nom;Portable;Note;ptx_code;ptx_message;ptx_suggestion"
    assert made["unsure"].splitlines()[1].startswith(b"X;06 12 34;;TOO_SHORT;")
    assert made["kept"] == HEAD + b"Y;" + WRITTEN + b";\r\n"


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [("utf-8", b"\xef\xbb\xbf"), ("cp1252", b""), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")],
)
def test_encoding_stays(tmp_path: Path, encoding: str, bom: bytes) -> None:
    """Every part is in the encoding of the file, with its byte order mark."""
    text = f"Nom;Téléphone\r\nÉlodie;{WRITTEN.decode()}\r\nZoé;{STOPPED.decode()}\r\n"
    made = split(tmp_path, bom + text.encode(encoding))
    assert made["kept"] == bom + text.rpartition("Zoé")[0].encode(encoding)
    assert made["removed"].startswith(bom)
    assert "Zoé;" + STOPPED.decode() + ";stop" in made["removed"].removeprefix(bom).decode(encoding)


def test_records_over_several_lines_stay_whole(tmp_path: Path) -> None:
    """A cell with line breaks goes where its row goes."""
    kept, gone = b"A;" + WRITTEN + b';"one\r\ntwo"\r\n', b"B;" + STOPPED + b';"three\r\nfour"\r\n'
    made = split(tmp_path, HEAD + gone + kept + gone)
    assert made["kept"] == HEAD + kept
    assert made["removed"].count(b'"three\r\nfour";stop') == 2


def test_a_stray_quote_costs_no_row(tmp_path: Path) -> None:
    """A quote that is never closed moves no other row to another part."""
    made = split(tmp_path, HEAD + b'A;"' + WRITTEN + b";x\r\nB;" + STOPPED + b";\r\nC;" + WRITTEN + b";\r\n")
    assert STOPPED not in made["kept"] + made.get("unsure", b"")
    assert b"C;" + WRITTEN in made["kept"]


def test_sep_line_stays_in_every_part(tmp_path: Path) -> None:
    """The line `sep=` that tells Excel the delimiter stands first in every part."""
    made = split(tmp_path, b"sep=|\r\nNom|Portable\r\nA|" + STOPPED + b"\r\nB|" + WRITTEN + b"\r\n")
    assert made["kept"] == b"sep=|\r\nNom|Portable\r\nB|" + WRITTEN + b"\r\n"
    assert made["removed"].startswith(b"sep=|\r\nNom|Portable|ptx_list|ptx_since\r\nA|")


def test_short_rows_are_filled_up(tmp_path: Path) -> None:
    """Our cells stand below our headings in a row that ends early."""
    made = split(tmp_path, HEAD + b"A;" + WRITTEN + b";\r\nX;" + STOPPED + b"\r\n")
    assert made["removed"].splitlines()[1] == b"X;" + STOPPED + b";;stop;2026-01-31"


def test_a_list_of_one_column_gets_a_delimiter(tmp_path: Path) -> None:
    """A file without any delimiter keeps its numbers apart from what is added."""
    made = split(tmp_path, b"Portable\n" + STOPPED + b"\n" + WRITTEN + b"\n", name="c.txt")
    assert made["kept"] == b"Portable\n" + WRITTEN + b"\n"
    assert made["removed"] == b"Portable;ptx_list;ptx_since\n" + STOPPED + b";stop;2026-01-31\n"


def test_titles_and_blank_lines_stay_where_they_are(tmp_path: Path) -> None:
    """Titles stand in every part, blank lines in the kept one."""
    content = b"Campagne de mai;;\n;;\nNom;Portable;Note\nA;" + WRITTEN + b";\n;;\nB;" + STOPPED + b";\n"
    made = split(tmp_path, content)
    assert made["kept"] == content.rpartition(b"B;")[0]
    assert made["removed"].startswith(b"Campagne de mai;;\n")


def test_a_listed_number_above_the_headings_is_not_kept(tmp_path: Path) -> None:
    """A title line with a listed number leaves the kept file."""
    made = split(tmp_path, b"Contact : " + STOPPED + b";;\nNom;Portable;Note\nA;" + WRITTEN + b";\n")
    assert STOPPED not in made["kept"]


@pytest.mark.parametrize("heading", ["Tél. domicile", "Contact d'urgence", "Divers", "Identifiant", "Fax"])
def test_any_number_of_a_row_counts(tmp_path: Path, heading: str) -> None:
    """A listed number removes its row from whatever column it stands in."""
    content = f"Nom;Portable;{heading}\nA;{WRITTEN.decode()};{STOPPED.decode()}\nB;{WRITTEN.decode()};\n"
    made = split(tmp_path, content.encode())
    assert STOPPED not in made["kept"]
    assert b"B;" in made["kept"]


def test_a_listed_number_in_a_sentence_counts(tmp_path: Path) -> None:
    """A listed number within a note removes its row."""
    note = b"rappeler au 06 12 34 56 78 demain"
    made = split(tmp_path, HEAD + b"A;" + WRITTEN + b";" + note + b"\nB;" + WRITTEN + b";rien\n")
    assert note not in made["kept"]
    assert b"B;" in made["kept"]


@pytest.mark.parametrize("text", ["06_12_34_56_78", "tel0612345678", "\uff10\uff16 12 34 56 78", "06\u200b12345678"])
def test_no_writing_hides_a_listed_number_in_a_note(tmp_path: Path, text: str) -> None:
    """A listed number in a column that is no phone column removes its row, in whatever writing."""
    made = split(tmp_path, HEAD + b"A;" + WRITTEN + b";" + text.encode() + b"\nB;" + WRITTEN + b";rien\n")
    assert text.encode() in made["removed"]
    assert made["kept"] == HEAD + b"B;" + WRITTEN + b";rien\n"


@pytest.mark.parametrize("text", ["612345678", "6.12345678E+08"])
def test_an_identifier_that_may_be_a_listed_number_is_unsure(tmp_path: Path, text: str) -> None:
    """Digits that may be somebody listed or an identifier set the row aside, with the number that it may be."""
    content = f"Portable;SIREN\n{WRITTEN.decode()};{text}\n{WRITTEN.decode()};612345679\n"
    made = split(tmp_path, content.encode())
    assert made["unsure"].splitlines()[1].startswith(WRITTEN + b";" + text.encode() + b";REGION_AMBIGUOUS;")
    assert made["unsure"].splitlines()[1].endswith(b";+33612345678")
    assert made["kept"].splitlines()[1:] == [WRITTEN + b";612345679"]


def test_headings_are_never_in_doubt(tmp_path: Path) -> None:
    """Digits in a heading that may be a listed number leave the headings in every part."""
    made = split(tmp_path, b"Portable;ref 612345678\n" + WRITTEN + b";x\n")
    assert made == {"kept": b"Portable;ref 612345678\n" + WRITTEN + b";x\n"}


def test_a_second_phone_column_is_looked_through_when_it_cannot_be_read(tmp_path: Path) -> None:
    """What reads as no number in a further phone column is searched for listed ones all the same."""
    content = f"Portable;Tél. fixe\n{WRITTEN.decode()};voir 0612345678x ou 01\n"
    assert STOPPED not in split(tmp_path, content.encode())["kept"]


def test_two_mobile_columns_are_both_read(tmp_path: Path) -> None:
    """Where several columns are likely, all of them are judged instead of asked for."""
    content = b"Portable 1;Portable 2\n" + WRITTEN + b";" + STOPPED + b"\n" + WRITTEN + b";" + WRITTEN + b"\n"
    made = split(tmp_path, content)
    assert made["kept"] == b"Portable 1;Portable 2\n" + WRITTEN + b";" + WRITTEN + b"\n"


def test_every_column_named_as_a_phone_is_judged(tmp_path: Path) -> None:
    """A number that cannot be read makes its row unsure in whatever phone column, and no such row counts as without."""
    path = tmp_path / "c.csv"
    path.write_text(
        "id,Portable,Téléphone\nA,,06 12 34 5X 78\nB,0611000001,6.12E+08\nC,,06123456\nD,,0611000002\nE,,\n"
    )
    found, written = scrubbed(path, lists_file(tmp_path), no_number="drop")
    assert [row.split(",")[0] for row in written["unsure"].read_text().splitlines()[1:]] == ["A", "B", "C"]
    assert [row.split(",")[0] for row in written["kept"].read_text().splitlines()[1:]] == ["D"]
    assert found.counts.dropped == 1


def test_a_column_named_by_hand_does_not_hide_others(tmp_path: Path) -> None:
    """A listed number in a phone column that --column leaves aside still removes its row."""
    content = b"Portable;Mobile pro\n" + WRITTEN + b";" + STOPPED + b"\n"
    made = split(tmp_path, content, column="Portable")
    assert STOPPED not in made["kept"]


def test_a_suggestion_that_is_listed_makes_a_row_unsure(tmp_path: Path) -> None:
    """A value whose likely meaning is listed is not kept, but not called listed either."""
    path = tmp_path / "c.csv"
    path.write_text("Nom;Portable\nA;+33692123456\nB;0611111111\n", encoding="utf-8")
    found, paths = scrubbed(path, lists_file(tmp_path))
    assert (found.counts.kept, found.counts.removed, found.counts.unsure) == (1, 0, 1)
    assert "+262692123456" in paths["unsure"].read_text(encoding="utf-8")


def test_a_suggestion_of_another_column_counts(tmp_path: Path) -> None:
    """A value beside the phone column that may mean somebody listed makes its row unsure, too."""
    content = f"Nom;Portable;Tél. fixe\nA;{WRITTEN.decode()};+33692123456\nB;{WRITTEN.decode()};\n"
    made = split(tmp_path, content.encode())
    assert b"A;" not in made["kept"]
    assert b"+262692123456" in made["unsure"]


def test_landlines_are_kept_unless_listed(tmp_path: Path) -> None:
    """A number that no SMS reaches is a number like others: listed or not."""
    made = split(tmp_path, HEAD + b"A;01 43 45 67 89;\nB;01 42 34 56 78;\n")
    assert made["kept"] == HEAD + b"A;01 43 45 67 89;\n"


def test_landlines_are_unsure_where_only_mobiles_are_accepted(tmp_path: Path) -> None:
    """`accept` decides whether a number that no SMS reaches can stay."""
    made = split(tmp_path, HEAD + b"A;01 43 45 67 89;\nB;" + WRITTEN + b";\n", accept="mobile")
    assert b"NOT_MOBILE" in made["unsure"]


def test_rows_left_out_by_a_filter_are_in_no_part(tmp_path: Path) -> None:
    """A row that --where leaves out was not judged, so nobody may write to it by mistake."""
    content = b"Portable;Ville\n" + WRITTEN + b";Lyon\n0633333333;Metz\n" + STOPPED + b";Metz\n"
    made = split(tmp_path, content, where="Ville=Lyon")
    assert made == {"kept": b"Portable;Ville\n" + WRITTEN + b";Lyon\n"}


@pytest.mark.parametrize(("choice", "kept"), [("keep", 2), ("drop", 1)])
def test_rows_without_a_number(tmp_path: Path, choice: str, kept: int) -> None:
    """Rows without any number are kept unless they are not wanted, and are counted either way."""
    path = tmp_path / "c.csv"
    path.write_bytes(HEAD + b"A;;x\nB;" + WRITTEN + b";\n")
    found, _paths = scrubbed(path, lists_file(tmp_path), no_number=choice)
    counts = found.counts
    assert (counts.kept, counts.dropped, counts.without_number, counts.rows) == (kept, 2 - kept, 1, 2)


def test_rows_say_nothing_of_lists(tmp_path: Path) -> None:
    """A column of STOP words in a contact file raises no question and changes nothing."""
    made = split(tmp_path, b"Portable;Statut\n" + WRITTEN + b";STOP\n" + STOPPED + b";actif\n")
    assert made["kept"] == b"Portable;Statut\n" + WRITTEN + b";STOP\n"


def test_a_file_that_changes_while_it_is_scrubbed_is_refused(tmp_path: Path) -> None:
    """What is written comes from the very bytes that were judged."""
    path = tmp_path / "c.csv"
    path.write_bytes(HEAD + b"A;" + WRITTEN + b";\n")

    class Meddler(ptx_bulk.Quiet):
        def notice(self, text: str) -> None:
            path.write_bytes(HEAD + b"A;" + STOPPED + b";\n")

    from ptx_bulk.pipeline import Scrubbing, Source, scrub

    scrubbing = Scrubbing(exports=(str(lists_file(tmp_path)),), output=tmp_path / "out")
    with pytest.raises(InputError, match="changed while it was read"):
        scrub(Source(files=(str(path),)), scrubbing, interface=Meddler())
    assert not list(tmp_path.glob("out*"))


CELLS = st.one_of(
    st.sampled_from([text for number in (*LISTED[:2], *FREE) for text in writings(number)]),
    st.sampled_from(["", "06 12", "n/a", "3,36E+10", "06 12 34 56 78 / 79", "0612345678;0611111111", "+33692123456"]),
)
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\x1a", exclude_categories=("Cs", "Cc", "Co")), max_size=6
)


@pytest.mark.slow
@settings(max_examples=8)
@given(
    rows=st.lists(st.tuples(TEXTS, CELLS, CELLS, TEXTS), min_size=1, max_size=12),
    delimiter=st.sampled_from(";,\t"),
    newline=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_nobody_listed_is_kept_and_nobody_is_lost(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], delimiter: str, newline: str, quoting: int
) -> None:
    """No listed number in any writing is kept, and the three parts together are the rows, cell for cell."""
    folder = tmp_path_factory.mktemp("scrub")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerows([("Nom", "Portable", "Téléphone fixe", "Note"), *rows])
    path = folder / "c.csv"
    path.write_bytes(text.getvalue().encode())
    found, paths = scrubbed(path, lists_file(folder), delimiter=delimiter)
    parts = {
        part: list(csv.reader(io.StringIO(one.read_text(encoding="utf-8"), newline=""), delimiter=delimiter))[1:]
        for part, one in paths.items()
    }
    cells = [tuple(row[:4]) for part in parts.values() for row in part]
    assert sorted(cells) == sorted(map(tuple, rows))
    assert found.counts.rows == len(rows) - found.summary.blank
    for row in parts["kept"]:
        read = ptx_bulk.normalise(row[1:3], accept="any")
        assert not set(read["number"]) & set(LISTED)
    order = [row for row in rows if list(row) in parts["kept"]]
    assert [tuple(row) for row in parts["kept"]] == order


def test_ours_stand_below_their_headings_however_wide_a_row_is(tmp_path: Path) -> None:
    """A row with fewer or more cells than the headings loses none, and ours stand in their own columns."""
    rows = [b"A;" + STOPPED + b";x;more", b"B;" + STOPPED, b"C;" + STOPPED + b";n"]
    made = split(tmp_path, HEAD + b"\r\n".join([*rows, b"D;" + WRITTEN + b";"]) + b"\r\n")
    table = [line.split(b";") for line in made["removed"].splitlines()]
    assert {len(row) for row in table} == {6}
    assert table[0] == [b"Nom", b"Portable", b"Note", b"", b"ptx_list", b"ptx_since"]
    assert [row[4] for row in table[1:]] == [b"stop"] * 3
    assert table[1][:4] == [b"A", STOPPED, b"x", b"more"]


def test_our_columns_of_an_earlier_time_are_replaced(tmp_path: Path) -> None:
    """A mended `unsure` file is scrubbed as the input that it came from: nothing of ours is kept, nor judged."""
    odd = 'Zoé;06 12 34;"a;""b"""\r\nYves;06 13;\r\n'
    made = split(tmp_path, b"\xef\xbb\xbf" + HEAD + odd.encode())
    mended = made["unsure"].replace(b";06 12 34;", b";" + WRITTEN + b";").replace(b";06 13;", b";06 14;")
    mended = mended.replace(b"TOO_SHORT", b"+33612345678", 1)
    (tmp_path / "again").mkdir()
    again = split(tmp_path / "again", mended)
    assert again["kept"] == b"\xef\xbb\xbf" + HEAD + b"Zo\xc3\xa9;" + WRITTEN + b';"a;""b"""\r\n'
    assert set(again) == {"kept", "unsure"}
    assert again["unsure"].splitlines()[0] == made["unsure"].splitlines()[0]
    assert again["unsure"].count(b"TOO_SHORT") == 1


@pytest.mark.parametrize("ending", ["ods", "parquet", "vcf"])
def test_our_columns_are_replaced_in_every_format(tmp_path: Path, ending: str) -> None:
    """What an earlier part of ours has beside its input leaves every format when it is scrubbed again."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from tests.scrub import test_scrub_ods as ods

    path = tmp_path / f"c.{ending}"
    heads, row = ["Nom", "Portable", "ptx_list", "ptx_since"], ["A", WRITTEN.decode(), "stop", "+33612345678"]
    if ending == "ods":
        ods.write(path, ods.row(*map(ods.cell, heads)) + ods.row(*map(ods.cell, row)))
    elif ending == "parquet":
        pq.write_table(pa.table({head: [value] for head, value in zip(heads, row, strict=True)}), path)
    else:
        card = "BEGIN:VCARD\nVERSION:3.0\nFN:A\nTEL:{}\nX-PTX-LIST:stop\nX-PTX-SINCE:{}\nEND:VCARD\n"
        path.write_text(card.format(*row[1::2]))
    found, paths = scrubbed(path, lists_file(tmp_path))
    assert found.counts.kept == 1
    whole = path.read_bytes() if ending != "ods" else b""
    left = ods.content(paths["kept"]).encode() if ending == "ods" else paths["kept"].read_bytes()
    assert b"+33612345678" not in left
    assert not re.search(rb"(?i)ptx[-_](?:list|since)", left)
    assert left != whole


CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:{}\nTEL:{}\n{}END:VCARD\n"


@pytest.mark.parametrize(
    ("more", "encoding"),
    [
        ("NOTE:avant 06 12 34 56 78\n", "utf-8"),
        ("NOTE:avant 06 12\n  34 56 78\n", "utf-8-sig"),
        ("NOTE;ENCODING=QUOTED-PRINTABLE:=30=36 12 34=\n56 78\n", "utf-16"),
        ("TEL;TYPE=FAX:06 12 34 56 78\n", "utf-8"),
        ("X-AUTRE:tel:+33612345678\n", "utf-16-be"),
    ],
)
def test_whatever_a_card_says_counts(tmp_path: Path, more: str, encoding: str) -> None:
    """A listed number in any line of a card removes it, and the others stay byte for byte."""
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    kept, gone = CARD.format("Zoé", "0611111111", ""), CARD.format("Éva", "0622222222", more)
    made = split(tmp_path, (mark + gone + kept).encode(encoding), name="c.vcf")
    assert made["kept"] == (mark + kept).encode(encoding)
    assert "X-PTX-LIST:stop" in made["removed"].decode(encoding)


def test_cards_that_end_within_a_character_are_written_anew(tmp_path: Path) -> None:
    """Cards whose last byte is half of a character are told apart all the same, and nobody listed stays."""
    cards = CARD.format("Éva", "0612345678", "") + CARD.format("Zoé", "0611111111", "")
    made = split(tmp_path, cards.encode("utf-16") + b"\n", name="c.vcf")
    kept = openpyxl.load_workbook(io.BytesIO(made["kept"])).active
    assert [cell.value for cell in kept["B"]][1:] == ["0611111111"]


@pytest.mark.parametrize("written", ["0639652406", "639652406.0", "+262 639 65 24 06"])
def test_an_entry_under_the_wrong_code_of_the_family_is_a_doubt(tmp_path: Path, written: str) -> None:
    """A mobile of Mayotte is unsure where the list holds its digits behind +33, under which nobody has them."""
    path = tmp_path / "c.csv"
    path.write_text(f"Nom;Portable\nA;{written}\nB;0611111111\n", encoding="utf-8")
    found, written_to = scrubbed(path, lists_file(tmp_path, [33639652406]))
    assert (found.counts.kept, found.counts.unsure) == (1, 1)
    assert "+33639652406" in written_to["unsure"].read_text()


def test_what_is_added_to_rows_stands_once_each() -> None:
    """Texts that repeat are kept once, and read like the list of them."""
    texts = [("stop", "2026-01-31"), ("npai", ""), ("stop", "2026-01-31")]
    added = Repeated.of(texts)
    assert (list(added), len(added), added[1], list(added[1:])) == (texts, 3, texts[1], texts[1:])
    assert added.words == texts[:2]
    assert Repeated.of(added) is added
    assert list(Repeated.of([])) == []
