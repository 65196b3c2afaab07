"""Text files: encodings, delimiters, damage, and a fast reader that never differs from the careful one."""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ptx_bulk.errors import ConfigurationError, UnreadableFile
from ptx_bulk.workbooks import Limits, Reading
from ptx_bulk.workbooks.sheets.cells import SheetBuilder
from ptx_bulk.workbooks.text.careful import split_records
from ptx_bulk.workbooks.text.dialects import NONE, find_dialect
from ptx_bulk.workbooks.text.encodings import CHUNK, TextFile, to_utf8
from ptx_bulk.workbooks.text.fast import read_fast
from tests.conftest import tried

Opened = Callable[..., Reading]
Make = Callable[..., Path]

SAMPLE = "Nom;Téléphone\r\nHélène;0612345678\r\nLoïc;06 98 76 54 32\r\n"


@pytest.mark.parametrize(
    ("encoding", "mark", "named"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8"),
        ("cp1252", b"", "cp1252"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16-le"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16-be"),
        ("utf-32-le", codecs.BOM_UTF32_LE, "utf-32-le"),
        ("utf-32-be", codecs.BOM_UTF32_BE, "utf-32-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("utf-32-le", b"", "utf-32-le"),
        ("utf-32-be", b"", "utf-32-be"),
    ],
)
def test_encodings_are_found(encoding: str, mark: bytes, named: str, text: Make, opened: Opened) -> None:
    """Every encoding that Excel writes is read, with or without a mark, and carried for the rejects file."""
    reading = opened(text(mark + SAMPLE.encode(encoding)))
    assert reading.inputs[0].encoding == named
    assert reading.tables[0].bom == bool(mark)
    assert reading.tables[0].headings == ["Nom", "Téléphone"]
    assert reading.cells["raw"].tolist() == ["0612345678", "06 98 76 54 32"]


def test_glued_encodings_are_read_line_by_line(text: Make, opened: Opened) -> None:
    """UTF-8 and cp1252 lines in one file are each read as what they are."""
    path = text("nom;téléphone\nHélène;0612345678\n".encode() + "Loïc;0698765432\n".encode("cp1252"))
    table = opened(path).tables[0].table
    assert table.column(0).to_pylist() == ["nom", "Hélène", "Loïc"]


def test_a_named_encoding_wins(text: Make, opened: Opened) -> None:
    """`--encoding` is obeyed, Mac Roman with CR line ends included; an unknown name is a usage error."""
    path = text(SAMPLE.replace("\r\n", "\r").encode("mac-roman"))
    reading = opened(path, encoding="mac-roman")
    assert reading.tables[0].headings == ["Nom", "Téléphone"]
    assert reading.tables[0].newline == "\r"
    with pytest.raises(ConfigurationError, match="klingon"):
        opened(path, encoding="klingon")


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiters_are_found(delimiter: str, text: Make, opened: Opened) -> None:
    """The four delimiters are told from each other and from decimal commas."""
    lines = ["nom", "montant", "téléphone"], ["Dupont", '"1,5"', "06 12 34 56 78"], ["Martin", '"2;5"', "0698765432"]
    reading = opened(text("\n".join(delimiter.join(line) for line in lines)))
    assert reading.inputs[0].delimiter == delimiter
    assert reading.cells["raw"].tolist() == ["06 12 34 56 78", "0698765432"]


def test_one_column_has_no_delimiter(text: Make, opened: Opened) -> None:
    """A list of numbers is one column, also when commas stand between the digit pairs."""
    assert opened(text("telephone\n0612345678\n0698765432\n")).inputs[0].delimiter == ""
    reading = opened(text("06,12,34,56,78\n06,98,76,54,32\n"))
    assert reading.cells["raw"].tolist() == ["06,12,34,56,78", "06,98,76,54,32"]


def test_the_sep_line_is_no_row(text: Make, opened: Opened) -> None:
    """Excel's first line `sep=` names the delimiter and is not counted."""
    for ending in ("\n", "\n\n"):
        reading = opened(text(f"sep=|\nnom|telephone\nA|0612345678{ending}"))
        assert reading.inputs[0].delimiter == "|"
        assert reading.cells["row"].tolist() == [2]


def test_a_named_delimiter(text: Make, opened: Opened) -> None:
    """`--delimiter` takes any character, and words for the usual ones."""
    path = text("nom`telephone\nA`0612345678\n")
    assert opened(path, delimiter="`").cells["raw"].tolist() == ["0612345678"]
    assert opened(text("nom\ttelephone\nA\t0612345678\n"), delimiter="tab").inputs[0].delimiter == "\t"
    with pytest.raises(ConfigurationError, match="ab"):
        opened(path, delimiter="ab")


def test_rows_are_numbered_as_a_spreadsheet_does(text: Make, opened: Opened) -> None:
    """Blank lines count, a cell with line breaks is in one row, and blank rows are counted but no cells."""
    reading = opened(text('\n\nnom;telephone\n"A\nB";0612345678\n\n;\nC;0698765432\n'))
    assert reading.cells["row"].tolist() == [4, 7]
    assert (reading.inputs[0].rows, reading.inputs[0].blank) == (2, 2)
    assert reading.sheets[0].header_row == 3


def test_every_line_end(text: Make, opened: Opened) -> None:
    """LF, CR LF and CR mixed in one file each end a row."""
    reading = opened(text("nom;telephone\r\nA;0612345678\nB;0612345679\rC;0612345670\r\n"))
    assert reading.cells["row"].tolist() == [2, 3, 4]


def test_zero_bytes_are_left_out_and_said(text: Make, opened: Opened) -> None:
    """A NUL inside a number neither splits nor stays."""
    reading = opened(text(b"nom;telephone\nA;06\x0012345678\n"))
    assert reading.cells["raw"].tolist() == ["0612345678"]
    assert "1 zero byte" in reading.notices[0]


def test_an_unclosed_quote_costs_its_own_line(text: Make, opened: Opened) -> None:
    """The row with the stray quote is reported with its text and can be no number; the others are read."""
    reading = opened(text('nom;telephone\n"A;0612345678\nB;0698765432\n"C";0612345670\n'))
    cells = reading.cells
    assert cells["raw"].tolist() == ['"A;0612345678', "0698765432", "0612345670"]
    assert cells["detail"].tolist() == ["Its quotation marks do not match.", "", ""]
    assert cells["row"].tolist() == [2, 3, 4]
    assert "rejected: 2" in reading.notices[0]


RAGGED = {
    "A;0612345678;Paris;75": (
        "A;0612345678;Paris;75",
        "Cells found: 4, expected: 3.",
    ),  # a stray delimiter: no cell is sure
    "A;0612345678;Paris;;": ("0612345678", ""),  # trailing delimiters
    "A;0612345678": ("0612345678", ""),  # ends early, the number is there
    "A": ("A", "Cells found: 1, expected: 3."),  # ends before the number
    "0698765432;0612345678": ("0698765432;0612345678", "Cells found: 2, expected: 3."),  # shifted by a missing cell
    '"A" b;0612345678;Paris': ("0612345678", ""),  # text after a quote, as every reader takes it
}


@pytest.mark.parametrize("line", RAGGED)
def test_ragged_rows_are_never_shifted(line: str, text: Make, opened: Opened) -> None:
    """A row that is not split like the others gives its number where that is sure, else it is a reported row."""
    reading = opened(text(f"nom;telephone;ville\nX;0600000000;Lyon\n{line}\n"))
    cells = reading.cells
    assert (cells["raw"][1], cells["detail"][1]) == RAGGED[line]
    assert cells["row"].tolist() == [2, 3]


def test_titles_before_the_headings(text: Make, opened: Opened) -> None:
    """Title lines and a blank line before the headings are skipped, and the heading row is said."""
    reading = opened(
        text("Export du 12/10/2026 14:30\nContacts\n\nnom,telephone,ville\nA,0612345678,Paris\nB,0698765432,Lyon\n")
    )
    assert reading.cells["row"].tolist() == [5, 6]
    assert "headings in row 4" in reading.sheets[0].sentence()


@pytest.mark.parametrize("lines", [["0612345678;a", "0698765432;b"], ["+33612345678", "0698765432"]])
def test_no_headings(lines: list[str], text: Make, opened: Opened) -> None:
    """Without headings the column is found by its content and named by its letter, the first row is data."""
    reading = opened(text("\n".join(lines)))
    assert reading.cells["column"].tolist() == ["A", "A"]
    assert reading.cells["row"].tolist() == [1, 2]


def test_no_header_is_obeyed(text: Make, opened: Opened) -> None:
    """`--no-header` makes the first row data, whatever it looks like."""
    reading = opened(text("telephone\n0612345678\n"), header_row=0, columns=("1",))
    assert reading.cells["raw"].tolist() == ["telephone", "0612345678"]


@pytest.mark.parametrize("content", ["", "\n\n", ";;\n;;\n", "\ufeff"])
def test_nothing_in_it_is_an_error(content: str, text: Make, opened: Opened) -> None:
    """An empty file is refused, so that it can never mean an empty list."""
    with pytest.raises(UnreadableFile, match=r"empty|nothing in it"):
        opened(text(content))


def test_headings_alone_are_no_error(text: Make, opened: Opened) -> None:
    """A file with headings and no rows holds no cells; that is a result."""
    assert len(opened(text("nom;telephone\n")).cells) == 0


def test_no_word_is_taken_for_null_or_number(text: Make, opened: Opened) -> None:
    """Texts come back as they stand: leading zeros, NA, NULL, exponents."""
    words = ["0612345678", "NA", "NULL", "nan", "1E5", "", "-", "TRUE"]
    reading = opened(text("id;telephone\n" + "".join(f"{n};{word}\n" for n, word in enumerate(words))))
    assert reading.cells["raw"].tolist() == words


def test_long_cells_and_many_unclosed_quotes_end(text: Make, opened: Opened) -> None:
    """A cell of 300,000 characters is read; a thousand unclosed quotes are a thousand reported rows."""
    for ending in ("\n", "\n\n"):  # the fast reader, the careful one
        reading = opened(text(f'note;telephone\n"{"x" * 300_000}";0612345678{ending}'))
        assert reading.cells["raw"].tolist() == ["0612345678"]
    reading = opened(text("nom;telephone\nX;0612345678\n" + '"A;0612345678\n' * 1000))
    assert reading.cells["detail"].tolist() == ["", *["Its quotation marks do not match."] * 1000]


_cells = st.text(st.sampled_from(list("ab0é ;,'\"\t|#")), max_size=5)
_lines = st.lists(st.lists(_cells, min_size=2, max_size=3), min_size=1, max_size=6)


def _plain(rows: list[list[str]]) -> str:
    return "\n".join(";".join(row) for row in rows) + "\n"


def _quoted(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue()


@given(st.one_of(_lines.map(_plain), _lines.map(_quoted), st.text(st.sampled_from(list('a0;"\n\r\0é,')), max_size=60)))
@example('0";\n;"')  # two quotes, each alone on its line: one ends a cell without quotes, one opens a cell for good
@example('a;"b\n";c')
@example('"a" ";b\nc;d"')
@example('"";"a""b"\n"";"c"')
@tried(120)
def test_the_fast_reader_answers_as_the_careful_one(content: str) -> None:
    """Where the fast reader answers at all, its rows are those of the careful reader."""
    with tempfile.TemporaryDirectory() as name:
        fast = read_fast_alone(content, Path(name))
        assert fast is None or fast == read_carefully(content, Path(name))


def read_fast_alone(content: str, folder: Path, delimiter: str | None = None) -> list[tuple[int, list[str]]] | None:
    """The rows that the fast reader gives, each with its number; None where it leaves the file to the careful one."""
    file, clean = utf8(content, folder)
    builder = SheetBuilder(Limits(), typed=False)
    if not read_fast(file, find_dialect(clean[:100_000], delimiter), builder):
        return None
    builder.write(folder / "x.arrow")
    with pa.OSFile(str(folder / "x.arrow")) as stored:
        table = pa.ipc.open_file(stored).read_all()
    columns = [table.column(f"v{n}").to_pylist() for n in range(table.num_columns - 2)]
    return list(zip(table.column("row").to_pylist(), map(list, zip(*columns, strict=True)), strict=True))


def read_carefully(content: str, folder: Path) -> list[tuple[int, list[str]]]:
    """The same of the careful reader, without rows whose quotes do not add up."""
    _file, clean = utf8(content, folder)
    dialect = find_dialect(clean, None)
    lines = io.StringIO(clean, newline="")
    if dialect.declared:
        lines.readline()
    return [(row, fields) for row, fields, broken, _lines in split_records(lines, dialect) if not broken]


def utf8(content: str, folder: Path) -> tuple[TextFile, str]:
    """The file as the readers get it, and its text."""
    path = folder / "x.csv"
    path.write_bytes(content.encode())
    file = to_utf8(path, folder, None)
    return file, file.path.read_bytes().decode("utf-8-sig")


ORDINARY = {
    "a;b\nc;d\n": "line feeds",
    "a;b\r\nc;d\r\n": "carriage returns, too",
    "a;b\nc;d": "no last line end",
    "\ufeffa;b\nc;d\n": "a mark",
    "sep=;\na;b\nc;d\n": "sep line",
    "sep=|\r\na|b\r\n": "sep line and one row",
    "a\nb\n": "one column",
    "a;b\n": "one row",
    "é\tb\nc\t06 12\n": "tabs",
    '"a";"b"\n"c";"d"\n': "all quoted",
    'a;"b;c"\n"d ""e""";f\n': "delimiters and quotes in quotes",
    '"a";b\r\n"";""\r\nc;"""x"""\r\n': "empty cells in quotes",
    'a;b\nc;"d"': "a quote at the end",
    '"a";"b"\nc;d\ne;"f"\ng;"h;i"\n': "quotes on some lines",
}


@pytest.mark.parametrize("content", ORDINARY, ids=ORDINARY.values())
def test_ordinary_files_are_read_fast(content: str, tmp_path: Path) -> None:
    """What every program writes needs no careful reader."""
    assert read_fast_alone(content, tmp_path) == read_carefully(content, tmp_path) != []


@pytest.mark.parametrize(
    "line", ["Dupont;0612345678;Paris\n", '"Dupont ""x""";"06;12";Paris\r\n'], ids=["bare", "quoted"]
)
@pytest.mark.parametrize("shift", [0, *(pytest.param(shift, marks=pytest.mark.slow) for shift in (1, 2))])
def test_long_files_are_read_fast_whole(line: str, shift: int, tmp_path: Path) -> None:
    """Rows are counted on, and quotes pair on, over the blocks in which a long file is read, wherever these end."""
    count = (CHUNK + 100_000) // len(line)
    content = f'"{"x" * shift}";b;c{line[len(line.rstrip()) :]}' + line * count
    rows = read_fast_alone(content, tmp_path)
    assert rows is not None
    assert [row for row, _fields in rows] == list(range(1, count + 2))
    assert {tuple(fields) for _row, fields in rows[1:]} == {tuple(next(csv.reader([line], delimiter=";")))}


CAREFUL = {
    "a;b\rc;d\r": "carriage returns alone",
    "a;b\r\nc;d\n": "line ends of two kinds",
    "a;b\n\nc;d\n": "a blank line",
    "a;b\nc\n": "a short line",
    "a;b\nc;d;e\n": "a long line",
    'a;"b\nc"\nd;e\n': "a line break in quotes",
    '"a;b\nc;d\n': "a quote that stays open",
    'a;b"\n"c;d\n': "quotes that pair with nothing",
    'a;b "x" c\nd;e\n': "quotes within a cell",
    '"a" b;c\nd;e\n': "a text behind a quote",
    '"a \\"b";c\nd;e\n': "an escaped quote",
    "'a';'b'\n'c;x';'d'\n'e';'f'\n": "apostrophes",
    '"a;b"\n"c;d"\n"e;f"\n': "lines in quotes",
    "sep=;\n": "a sep line alone",
    "": "nothing",
}


@pytest.mark.parametrize("content", CAREFUL, ids=CAREFUL.values())
def test_what_is_not_ordinary_is_left_to_the_careful_reader(content: str, tmp_path: Path) -> None:
    """Of what readers think differently about, the fast reader says nothing."""
    assert read_fast_alone(content, tmp_path) is None


def test_a_delimiter_of_several_bytes_is_left_to_the_careful_reader(tmp_path: Path) -> None:
    """A letter beyond ASCII that the user names as delimiter is split at all the same."""
    assert read_fast_alone("a§b\nc§d\n", tmp_path, "§") is None


def test_the_unit_separator_splits_nothing() -> None:
    """A file without a delimiter is one column whatever punctuation it holds."""
    assert find_dialect("telephone\n06 12 34 56 78\n0612345678\n", None).delimiter == NONE


def test_split_titles_before_sparse_rows(text: Make, opened: Opened) -> None:
    """A title that the delimiter splits, and rows with few cells, do not hide the heading row."""
    titles = 'List,,,,\n"As of",,,,\nAs of October 1, 2026\n\n'
    reading = opened(
        text(titles + "Customer,Phone,Email,City,Balance\nA,0612345678,a@b.fr,Paris,0\nB,,,,0\nC,,,,0\nTotal,,,,\n")
    )
    assert reading.sheets[0].header_row == 5
    assert reading.cells["row"].tolist() == [6, 7, 8, 9]
