"""Rejects files: what a person mends and imports again."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from openpyxl.utils.escape import unescape

from ptx_bulk import i18n
from ptx_bulk.errors import ReportError
from ptx_bulk.model import CellKind
from ptx_bulk.rejected_rows import PTX_COLUMNS, mark_in, row_mark
from ptx_bulk.reports import write_rejects

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@dataclass
class Table:
    """A sheet whose first data row is row 2 (row 1 without header)."""

    file: str
    sheet: str
    headings: list[str]
    rows: list[list[object]]
    header_row: int = 1
    encoding: str = "utf-8"
    bom: bool = False
    delimiter: str = ""
    first: int = field(init=False)

    def __post_init__(self) -> None:
        """Number the rows as a spreadsheet program does."""
        self.first = self.header_row + 1

    def layout(self) -> list[str]:
        """As the reader has it."""
        return self.headings

    def original(self, rows: npt.NDArray[np.int32]) -> list[tuple[pa.Array, pd.Categorical]]:
        """As the reader has it."""
        wanted = [self.rows[row - self.first] for row in rows]
        columns = [[stored(value) for value in column] for column in zip(*wanted, strict=True)]
        return [
            (pa.array([text for text, _kind in column]), pd.Categorical([kind.value for _text, kind in column]))
            for column in columns
        ]


def stored(value: object) -> tuple[str, CellKind]:
    """Text and kind of a value as a reader stores it."""
    if value is None:
        return "", CellKind.EMPTY
    if isinstance(value, bool):
        return str(value).upper(), CellKind.BOOLEAN
    if isinstance(value, int | float):
        return str(value).removesuffix(".0"), CellKind.NUMBER
    if isinstance(value, dt.date | dt.time):
        return value.isoformat(), CellKind.DATE
    return str(value), CellKind.TEXT


def reject(row: int, column: str = "Mobile", code: str = "TOO_SHORT", **more: str) -> dict[str, object]:
    """One wrong value of the file `in` and its only sheet."""
    return {
        "file": "in",
        "sheet": "",
        "row": row,
        "column": column,
        "code": code,
        "message": "m",
        "suggestion": "",
        "list": "stop",
    } | more


def frame(*rejects: dict[str, object]) -> pd.DataFrame:
    """Wrong values as the pipeline has them."""
    made = pd.DataFrame(list(rejects)).astype({"row": "Int64"})
    return made.astype(dict.fromkeys(["file", "sheet", "column", "code", "list"], "category"))


def text_rows(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> list[list[str]]:
    """A text file as a reader sees it, without the marks of its rows."""
    with path.open(newline="", encoding=encoding) as stream:
        return [unmarked(row) for row in csv.reader(stream, delimiter=delimiter, strict=True)]


def unmarked(row: list[str]) -> list[str]:
    """The row without its mark, which is that of the other cells."""
    at = -len(PTX_COLUMNS) + 1
    if row[at:] != list(PTX_COLUMNS[1:]):
        assert mark_in(row[at]) == row_mark([*row[: at - 1], row[-1]])
        row[at] = row[at].rpartition(" (ref ")[0]
    return row


def test_a_text_file_keeps_columns_and_dialect(tmp_path: Path) -> None:
    """A French Excel CSV gives a rejects file with its columns, delimiter and encoding, and ours at the end."""
    table = Table("in", "", ["Prénom", "Mobile"], [["Zoé", "06 12"], ["Léa", "0612345678"], ["a;b", "x"]])
    table.encoding, table.delimiter = "cp1252", ";"
    path = tmp_path / "r.csv"
    assert write_rejects(path, [table], frame(reject(2), reject(4, code="NOT_A_NUMBER", suggestion="?"))) == (path,)
    assert text_rows(path, "cp1252", ";") == [
        ["Prénom", "Mobile", *PTX_COLUMNS],
        ["Zoé", "06 12", "TOO_SHORT", "m", "", "stop"],
        ["a;b", "x", "NOT_A_NUMBER", "m", "?", "stop"],
    ]
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n") == 3


@pytest.mark.parametrize(
    ("encoding", "bom", "message", "begins"),
    [
        ("utf-8", False, "é", b"Mob"),
        ("utf-8", True, "é", b"\xef\xbb\xbfMob"),
        ("utf-16-le", True, "é", b"\xff\xfeM\x00"),
        ("utf-32", True, "é", b"\xef\xbb\xbfMob"),
        ("cp1252", False, "\u0142", b"\xef\xbb\xbfMob"),
        ("ascii", False, "é", b"\xef\xbb\xbfMob"),
        ("no such encoding", False, "é", b"\xef\xbb\xbfMob"),
    ],
)
def test_the_encoding_is_kept_where_it_can_be(
    tmp_path: Path, encoding: str, bom: bool, message: str, begins: bytes
) -> None:
    """The input's encoding and BOM are kept; UTF-8 with BOM takes their place where a character has none."""
    table = Table("in", "", ["Mobile"], [["06"]], encoding=encoding, bom=bom)
    write_rejects(tmp_path / "r.csv", [table], frame(reject(2, message=message)))
    assert (tmp_path / "r.csv").read_bytes().startswith(begins)
    read = {b"\xef": "utf-8-sig", b"\xff": "utf-16"}.get(begins[:1], encoding)
    assert text_rows(tmp_path / "r.csv", read)[1] == ["06", "TOO_SHORT", message, "", "stop"]


def test_several_wrong_values_of_a_row_share_it(tmp_path: Path) -> None:
    """A row stands in the file once, however many of its cells are wrong, and says which is which."""
    table = Table("in", "", ["Mobile", "Fixe"], [["06", "01"], ["07", "0112345678"]])
    wrong = frame(
        reject(3),
        reject(2, "Mobile", message="short", suggestion="a"),
        reject(2, "Fixe", "NOT_MOBILE", message="fixed", suggestion="b"),
    )
    write_rejects(tmp_path / "r.csv", [table], wrong)
    assert text_rows(tmp_path / "r.csv")[1:] == [
        ["06", "01", "TOO_SHORT+NOT_MOBILE", "Mobile: short Fixe: fixed", "a; b", "stop"],
        ["07", "0112345678", "TOO_SHORT", "m", "", "stop"],
    ]


def test_rejects_of_rejects_have_our_columns_once(tmp_path: Path) -> None:
    """Importing a rejects file again replaces its `ptx_` columns and keeps all others."""
    table = Table("in", "", ["Mobile", *PTX_COLUMNS, "Ville"], [["06", "OLD", "old", "old", "npai", "Lyon"]])
    write_rejects(tmp_path / "r.csv", [table], frame(reject(2)))
    assert text_rows(tmp_path / "r.csv") == [
        ["Mobile", "Ville", *PTX_COLUMNS],
        ["06", "Lyon", "TOO_SHORT", "m", "", "stop"],
    ]


def test_a_table_without_header_gets_its_letters(tmp_path: Path) -> None:
    """Our columns are known by their headings, so the columns of a table without any are headed by their letters."""
    table = Table("in", "", [], [["06", "x"]], header_row=0)
    write_rejects(tmp_path / "r.csv", [table], frame(reject(1, "A", suggestion="+33612345678")))
    assert text_rows(tmp_path / "r.csv") == [
        ["A", "B", *PTX_COLUMNS],
        ["06", "x", "TOO_SHORT", "m", "+33612345678", "stop"],
    ]


def test_text_files_with_other_columns_go_to_files_of_their_own(tmp_path: Path) -> None:
    """Tables with the same columns share a file; others are numbered."""
    tables = [Table(name, "", heads, [["06"]]) for name, heads in (("a", ["M"]), ("b", ["N"]), ("c", ["M"]))]
    wrong = frame(*(reject(2) | {"file": name} for name in "abc"))
    first, second = write_rejects(tmp_path / "r.csv", tables, wrong)
    assert [path.name for path in (first, second)] == ["r.csv", "r.2.csv"]
    assert [len(text_rows(path)) for path in (first, second)] == [3, 2]


def test_formulas_are_disarmed_in_text(tmp_path: Path) -> None:
    """A cell of the input that a spreadsheet would run is neutralised; numbers are as they were."""
    table = Table("in", "", ["=A", "Mobile"], [["@SUM(1)", "+33 6 12"], ["-1+A1", "0612"], ["-1", "06"]])
    write_rejects(tmp_path / "r.csv", [table], frame(reject(2), reject(3), reject(4)))
    assert text_rows(tmp_path / "r.csv") == [
        ["'=A", "Mobile", *PTX_COLUMNS],
        ["'@SUM(1)", "+33 6 12", "TOO_SHORT", "m", "", "stop"],
        ["'-1+A1", "0612", "TOO_SHORT", "m", "", "stop"],
        ["-1", "06", "TOO_SHORT", "m", "", "stop"],
    ]


TYPED = [
    ["0612", 612345678, dt.date(2024, 5, 17), True, None, "=1+1", 12.5],
    [
        "x",
        33612345678.0,
        dt.datetime.fromisoformat("2024-05-17T10:30:00"),
        False,
        dt.time(6, 12),
        "http://a.example",
        "_x0041_\x01",
    ],
]
HEADS = ["Mobile", "n", "d", "b", "Ville", "f", "t"]


def test_a_workbook_keeps_types_and_sheets(tmp_path: Path) -> None:
    """In a workbook text stays text, numbers numbers, dates dates, under the sheets' own names."""
    tables = [Table("in", "Feuil1", HEADS, TYPED), Table("in", "STOP 2026", ["Mobile"], [["06"]])]
    wrong = frame(*(reject(row, sheet="Feuil1") for row in (2, 3)), reject(2, sheet="STOP 2026"))
    write_rejects(tmp_path / "r.xlsx", tables, wrong)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == ["Feuil1", "STOP 2026"]
    sheet = book["Feuil1"]
    assert [cell.value for cell in sheet[1]] == [*HEADS, *PTX_COLUMNS]
    assert [cell.value for cell in sheet[2]][:7] == [
        "0612",
        612345678,
        dt.datetime.fromisoformat("2024-05-17T00:00:00"),
        True,
        None,
        "=1+1",
        12.5,
    ]
    assert [cell.data_type for cell in sheet[2]][:7] == ["s", "n", "d", "b", "n", "s", "n"]
    assert [cell.value for cell in sheet[3]][1:6] == [*TYPED[1][1:5], "http://a.example"]
    assert sheet["A2"].number_format == "@"
    assert sheet["B2"].number_format == "General"
    assert sheet.freeze_panes == "A2"


def test_the_wrong_cells_are_marked(tmp_path: Path) -> None:
    """Exactly the wrong cells have a fill; a wrong number has the text format, so that a typed zero stays."""
    table = Table("in", "", ["Nom", " Mobile ", ""], [["a", 612, "06"], ["b", "06", None]])
    wrong = frame(reject(2), reject(3, "C", "EMPTY"), reject(3))
    write_rejects(tmp_path / "r.xlsx", [table], wrong)
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").active
    filled = {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fill_type == "solid"}
    assert filled == {"B2", "B3", "C3"}
    assert (sheet["B2"].value, sheet["B2"].number_format) == (612, "@")


def test_what_the_calendar_of_a_workbook_lacks_is_text(tmp_path: Path) -> None:
    """Days from 1 January 1900 on are dates, around its false leap day too; older, zoned and long ones stay text."""
    zone = dt.datetime(2024, 5, 17, tzinfo=dt.UTC)
    days = [dt.date(1900, 1, 1), dt.date(1900, 2, 28), dt.date(1900, 3, 1), dt.date(1899, 12, 31), zone]
    days += [dt.datetime.fromisoformat("1900-01-01T10:30:00"), dt.time(10, 30, tzinfo=dt.UTC)]
    table = Table("in", "", ["Mobile", "d"], [["06", day] for day in days])
    write_rejects(tmp_path / "r.xlsx", [table], frame(*(reject(row + 2) for row in range(len(days)))))
    values = [row[1] for row in openpyxl.load_workbook(tmp_path / "r.xlsx").active.iter_rows(2, values_only=True)]
    assert values[:3] == [dt.datetime.combine(day, dt.time()) for day in days[:3]]
    assert values[3:5] == ["1899-12-31", "2024-05-17T00:00:00+00:00"]
    assert values[5:] == [days[5], "10:30:00+00:00"]


def test_numbers_that_a_workbook_cannot_hold(tmp_path: Path) -> None:
    """A long number is written with the digits that a spreadsheet keeps, one that is not finite is left out."""
    values = [10**300, 0.1 + 0.2, -1.5, 1e-7, float("inf"), float("nan")]
    table = Table("in", "", ["Mobile", "n"], [["06", value] for value in values])
    write_rejects(tmp_path / "r.xlsx", [table], frame(*(reject(row + 2) for row in range(len(values)))))
    found = [row[1] for row in openpyxl.load_workbook(tmp_path / "r.xlsx").active.iter_rows(2, values_only=True)]
    assert found == [1e300, 0.3, -1.5, 1e-7, None, None]


def test_texts_in_a_workbook_read_back_as_they_were(tmp_path: Path) -> None:
    """Markup, formulas, line ends, escapes, controls and noncharacters survive; what is too long for a cell is cut."""
    values = ['<a> & "b"', "1\r\n2", "_x0041_", "\x02", "  x ", "\ufffe\uffff", "{=1+1}", "<r>&</r>", "<r><t>y</t></r>"]
    long, wide = "é" * 40_000, "📞" * 20_000  # which counts as two for Excel
    table = Table("in", "", ["<r>Mobile</r>", "t"], [["06", value] for value in (*values, long, wide)])
    write_rejects(tmp_path / "r.xlsx", [table], frame(*(reject(row + 2) for row in range(len(values) + 2))))
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").active
    assert sheet["A1"].value == "<r>Mobile</r>"
    found = [row[1] for row in sheet.iter_rows(2)]
    assert {cell.data_type for cell in found} == {"s"}
    assert [unescape(cell.value) for cell in found] == [*values, "é" * 32_766 + "…", "📞" * 16_383 + "…"]


def test_sheet_names_that_excel_refuses(tmp_path: Path) -> None:
    """Names of text files, equal names of two inputs and forbidden characters become names that Excel takes."""
    names = [("data/stops.csv", ""), ("a.xlsx", "Feuil1"), ("b.xlsx", "FEUIL1"), ("c.ods", "'a/b:" + "c" * 40)]
    names += [("d.ods", "d" * 30 + "'s"), ("e.ods", "'''''"), ("f.ods", "\x01\ufffe"), ("g.ods", "📞" * 20)]
    names += [(f"{number}.ods", "h" * 31) for number in range(101)]
    tables = [Table(file, sheet, ["Mobile"], [["06"]]) for file, sheet in names]
    wrong = frame(*(reject(2) | {"file": file, "sheet": sheet} for file, sheet in names))
    write_rejects(tmp_path / "r.xlsx", tables, wrong)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames[:4] == ["stops", "Feuil1", "FEUIL1 (2)", "a_b_" + "c" * 27]
    assert book.sheetnames[4:10] == ["d" * 30, "Rejects", "__", "📞" * 15, "h" * 31, "h" * 27 + " (2)"]
    assert book.sheetnames[-1] == "h" * 25 + " (101)"


def test_rejects_never_overwrite(tmp_path: Path) -> None:
    """Where a file stands, no rejects are written."""
    (tmp_path / "r.xlsx").write_text("mine")
    with pytest.raises(ReportError, match="exists already"):
        write_rejects(tmp_path / "r.xlsx", [Table("in", "", ["Mobile"], [["06"]])], frame(reject(2)))
    assert (tmp_path / "r.xlsx").read_text() == "mine"


def test_headings_of_ours_are_never_translated(tmp_path: Path) -> None:
    """In French, too, our columns are `ptx_code`, `ptx_message` and `ptx_suggestion`."""
    i18n.use("fr")
    write_rejects(tmp_path / "r.csv", [Table("in", "", ["Mobile"], [["06"]])], frame(reject(2)))
    headings = text_rows(tmp_path / "r.csv", "utf-8-sig", ";")[0]
    assert headings == ["Mobile", "ptx_code", "ptx_message", "ptx_suggestion", "ptx_list"]


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice found (soffice)")
@pytest.mark.parametrize(("ending", "kind"), [("xlsx", "xlsx"), ("csv", "csv"), ("xlsx", "ods")])
def test_libreoffice_keeps_the_numbers(tmp_path: Path, ending: str, kind: str) -> None:
    """Opened and saved by LibreOffice, a rejects workbook and a rejects CSV have the same numbers as before."""
    raws = ["0612345678", "+33612345678", "06 12 34 56 78", "+33 (0)6.12", "'0612", "=1+1", "33612345678", "0033612"]
    table = Table("in", "", ["Mobile", "n"], [[raw, 33612345678] for raw in raws], encoding="utf-8")
    source = tmp_path / f"r.{ending}"
    write_rejects(source, [table], frame(*(reject(row + 2) for row in range(len(raws)))))
    assert SOFFICE is not None
    # Columns as text, as the import dialog offers it: what a person does who knows their telephone numbers.
    as_text = "csv:Text - txt - csv (StarCalc):44,34,76,1"
    options = ["--infilter=Text - txt - csv (StarCalc):44,34,76,1,1/2/2/2"] if ending == "csv" else []
    command = [SOFFICE, "--headless", f"-env:UserInstallation={(tmp_path / 'office').as_uri()}", *options]
    command += ["--convert-to", as_text if kind == "csv" else kind, "--outdir", str(tmp_path / "out"), str(source)]
    subprocess.run(command, check=True, timeout=100, capture_output=True)
    if kind == "csv":
        mobiles = [row[0] for row in text_rows(tmp_path / "out" / "r.csv")[1:]]
        assert mobiles == ["'=1+1" if raw == "=1+1" else raw for raw in raws]
        return
    engine = "calamine"
    saved = pd.read_excel(tmp_path / "out" / f"r.{kind}", engine=engine, dtype=object)
    assert saved["Mobile"].tolist() == raws
    assert [int(n) for n in saved["n"]] == [33612345678] * len(raws)
