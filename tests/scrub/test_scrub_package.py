"""Scrubbing workbooks: what stands beside the rows holds nobody who left, and all that can stay stays."""

from __future__ import annotations

import html
import itertools
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

import ptx_bulk
from ptx_bulk.errors import InputError
from tests.scrub.books import book, changed, parts, values
from tests.scrub.people import lists_file, scrubbed, writings
from tests.scrub.planting import BOOK, SHEET, inject, planted

STOPPED, FREE = 33612345678, "06 11 11 11 11"
ROWS = [
    ("Nom", "Portable", "Note", "Solde"),
    ("A", "0612345678", "x", 1),
    ("B", FREE, "y", 2),
    ("C", "0612345678", "z", 3),
    ("D", "06 22 22 22 22", "w", 4),
]


def standing(path: Path, digits: str) -> list[str]:
    """The parts of a package in which these digits stand, whatever is between them and however they are encoded."""
    found = []
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            data = package.read(name)
            texts = [name, html.unescape(data.decode("utf-8", "replace")), data.decode("utf-16-le", "replace")]
            if any(digits in re.sub("[^0-9]", "", text) for text in texts):
                found.append(name)
    return found


@pytest.mark.slow
def test_no_number_of_the_removed_stands_beside_the_rows(tmp_path: Path) -> None:
    """A number of somebody who is taken out stands nowhere in the kept package, wherever it stood in the input."""
    path = tmp_path / "c.xlsx"
    turn = itertools.cycle(writings(STOPPED))
    planted(path, ROWS, lambda: next(turn))
    assert len(standing(path, "612345678")) > 20
    found, written = scrubbed(path, lists_file(tmp_path, [STOPPED]))
    assert standing(written["kept"], "612345678") == []
    assert [row[1] for row in values(written["kept"])] == ["Portable", FREE, "06 22 22 22 22"]
    assert any("beside rows" in notice for notice in found.notices)
    with zipfile.ZipFile(written["kept"]) as package:
        assert not re.search("<formula[^<]*…", package.read(SHEET).decode())  # no half of a formula is left


@pytest.mark.slow  # two processes for each example
@settings(max_examples=12, deadline=None)
@given(
    texts=st.lists(st.sampled_from(writings(STOPPED)), min_size=3, max_size=3),
    before=st.sampled_from(["", "Tel ", "1/"]),
)
def test_no_writing_stands_beside_the_rows(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], before: str
) -> None:
    """The same holds for every writing of a number, and with other signs before it."""
    folder = tmp_path_factory.mktemp("planted")
    turn = itertools.cycle(texts)
    planted(folder / "c.xlsx", ROWS, lambda: before.replace("/", "") + next(turn))
    _found, written = scrubbed(folder / "c.xlsx", lists_file(folder, [STOPPED]))
    assert standing(written["kept"], "612345678") == []
    openpyxl.load_workbook(written["kept"])


@pytest.mark.slow
def test_numbers_of_nobody_who_left_stay_beside_the_rows(tmp_path: Path) -> None:
    """What is no number of somebody who left stays where it is."""
    path = tmp_path / "c.xlsx"
    made = book(path, [*ROWS, ("154140", "0612345678", "20261129", 5)])
    made.active.oddFooter.left.text = "Service : 01 40 20 50 50"
    made.properties.title = "Lot 154140"
    made.save(path)
    _found, written = scrubbed(path, lists_file(tmp_path, [STOPPED]))
    kept = openpyxl.load_workbook(written["kept"])
    assert kept.active.oddFooter.left.text == "Service : 01 40 20 50 50"
    assert kept.properties.title == "Lot 154140"  # the number of a row that left, and nobody's phone


@pytest.mark.slow
@pytest.mark.parametrize("place", ["macros", "name of a part"])
def test_a_number_that_cannot_be_taken_out_is_refused_by_name(tmp_path: Path, place: str) -> None:
    """A number of somebody who left in a place that cannot be changed ends the command, which names the place."""
    path = tmp_path / "c.xlsm"
    book(path, ROWS)
    if place == "macros":
        inject(path, BOOK, "xl/vbaProject.bin", "vbaProject", b"\0\1Call(0612345678)\0")
    else:
        inject(path, BOOK, "xl/theme/0612345678.xml", "theme", b"<a/>")
    with pytest.raises(InputError, match="vbaProject" if place == "macros" else "theme"):
        scrubbed(path, lists_file(tmp_path, [STOPPED]))
    assert not list(tmp_path.glob("out*"))


def rich(data: bytes) -> bytes:
    """The cell of a name as runs of formatted text in place, with a phonetic guide."""
    runs = b'<is><r><rPr><b/><color rgb="FFFF0000"/></rPr><t>B</t></r><r><t xml:space="preserve"> b</t></r></is>'
    return re.sub(
        rb'<c r="A3"([^>]*?) t="(?:inlineStr|s)">.*?</c>', rb'<c r="A3"\1 t="inlineStr">' + runs + b"</c>", data
    )


def prefixed(data: bytes) -> bytes:
    """A part as some programs write it: every element with a prefix."""
    head, mark, rest = data.rpartition(b"?>")
    rest = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", rest)
    return head + mark + rest.replace(b"xmlns=", b"xmlns:x=", 1)


def unnumbered(data: bytes) -> bytes:
    return re.sub(rb'(<(?:row|c)) r="[^"]*"', rb"\1", data)


def wide(data: bytes) -> bytes:
    text = data.decode().replace("UTF-8", "UTF-16").replace("utf-8", "utf-16")
    return (text if text.startswith("<?xml") else '<?xml version="1.0" encoding="utf-16"?>' + text).encode("utf-16")


HANDS: dict[str, Callable[[bytes], bytes]] = {
    "rich text in place": rich,
    "prefixes": prefixed,
    "no references": unnumbered,
    "two bytes a character": wide,
    "comments": lambda data: data.replace(b"<sheetData>", b"<sheetData><!-- x -->"),
    "single quotes": lambda data: re.sub(rb'(<row) r="([0-9]+)"', rb"\1 r='\2'", data),
    "order of attributes": lambda data: re.sub(rb'<c (r="[^"]*")( s="[^"]*")', rb"<c\2 \1", data),
    "blanks between tags": lambda data: data.replace(b"><", b">\r\n  <"),
}


@pytest.mark.slow
@pytest.mark.parametrize("hand", HANDS)
def test_any_hand_keeps_its_formats(tmp_path: Path, hand: str) -> None:
    """Widths, formats, panes, error cells and formulas stay, whatever way the markup is written."""
    path = tmp_path / "c.xlsx"
    made = book(path, ROWS)
    page = made.active
    page["D3"].number_format, page["C3"] = '#,##0.00 "€"', "#N/A"
    page["E3"] = "=D3*2"
    page.column_dimensions["B"].width = 31.5
    page.freeze_panes = "A2"
    made.save(path)
    changed(path, SHEET, HANDS[hand])
    found, written = scrubbed(path, lists_file(tmp_path, [STOPPED]))
    kept = openpyxl.load_workbook(written["kept"], rich_text=True).active
    assert [kept["B2"].value, kept["B3"].value] == [FREE, "06 22 22 22 22"]
    assert [kept["D2"].number_format, kept["C2"].data_type, kept["E2"].value] == ['#,##0.00 "€"', "e", "=D2*2"]
    assert [kept.column_dimensions["B"].width, kept.freeze_panes] == [31.5, "A2"]
    assert str(kept["A2"].value) == ("B b" if hand == "rich text in place" else "B")
    assert not any("new .xlsx" in notice for notice in found.notices)
    assert [row[1] for row in values(written["removed"])] == ["Portable", "0612345678", "0612345678"]


def test_prefixes_in_every_part(tmp_path: Path) -> None:
    """A package whose workbook, texts and sheets all have prefixes is cut like any other."""
    path = tmp_path / "c.xlsx"
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet("Contacts")
    for at, row in enumerate(ROWS):
        page.write_row(at, 0, row)
    page.set_column(1, 1, 40)
    made.close()
    for part in (SHEET, BOOK, "xl/sharedStrings.xml"):
        changed(path, part, prefixed)
    found, written = scrubbed(path, lists_file(tmp_path, [STOPPED]))
    assert [row[:2] for row in values(written["kept"])] == [["Nom", "Portable"], ["B", FREE], ["D", "06 22 22 22 22"]]
    assert not any("new .xlsx" in notice for notice in found.notices)
    assert openpyxl.load_workbook(written["kept"]).active.column_dimensions["B"].width > 39


@pytest.mark.slow
def test_a_sheet_of_charts_leaves_and_the_others_keep_their_names(tmp_path: Path) -> None:
    """A sheet of charts leaves; titles that are printed on each page stay with the sheets behind it."""
    path = tmp_path / "c.xlsx"
    made = xlsxwriter.Workbook(str(path))
    sheets = [made.add_worksheet("Un"), made.add_chartsheet("Courbe"), made.add_worksheet("Deux")]
    chart = made.add_chart({"type": "line"})
    chart.add_series({"values": "=Un!$D$2:$D$4"})
    sheets[1].set_chart(chart)
    for page in (sheets[0], sheets[2]):
        for at, row in enumerate(ROWS):
            page.write_row(at, 0, row)
        page.repeat_rows(0)
    sheets[2].activate()
    made.close()
    _found, written = scrubbed(path, lists_file(tmp_path, [STOPPED]))
    kept = openpyxl.load_workbook(written["kept"])
    assert [(page.title, page.print_title_rows) for page in kept] == [("Un", "$1:$1"), ("Deux", "$1:$1")]


@pytest.mark.slow
def test_formulas_of_several_cells_move_where_they_can(tmp_path: Path) -> None:
    """A shared formula and an array of one cell stay where they are about their row; the rest is counted."""
    path = tmp_path / "c.xlsx"
    book(path, ROWS)
    cells = {
        2: b'<c r="E2"><f t="shared" ref="E2:E5" si="0">D2*2</f></c><c r="F2"><f t="array" ref="F2">D2*3</f></c>',
        3: b'<c r="E3"><f t="shared" si="0"/><v/></c><c r="F3"><f t="array" ref="F3">D3*3</f></c>',
        4: b'<c r="E4"><f t="shared" si="0"/></c>',
        5: b'<c r="E5"><f t="shared" si="0"/></c><c r="F5"><f>SUM(D2:D4)</f></c><c r="G5"><f>D4</f><v></v></c>',
    }

    def add(data: bytes) -> bytes:
        for row, text in cells.items():
            data = re.sub(rb'(<row r="%d".*?)</row>' % row, lambda found, text=text: found[1] + text + b"</row>", data)
        return data

    changed(path, SHEET, add)
    found, written = scrubbed(path, lists_file(tmp_path, [STOPPED]))
    kept = openpyxl.load_workbook(written["kept"]).active
    assert [kept["E2"].value, kept["E3"].value, kept["F2"].value.text] == ["=D2*2", "=D3*2", "=D2*3"]
    assert kept["F2"].value.ref == "F2"
    assert [kept["F3"].value, kept["G3"].value] == [None, None]
    assert [notice for notice in found.notices if "2 cells are left empty" in notice and "F5" in notice]


def test_a_formula_that_gave_an_empty_text_is_not_called_uncalculated(tmp_path: Path) -> None:
    """An empty text is a value like any other: nothing is said of a lost one."""
    path = tmp_path / "c.xlsx"
    book(path, ROWS)
    cell = rb'\1<c r="E3" t="str"><f>IF(D9,1,"")</f><v></v></c></row>'
    changed(path, SHEET, lambda data: re.sub(rb'(<row r="3".*?)</row>', cell, data))
    found, _written = scrubbed(path, lists_file(tmp_path, [STOPPED]))
    assert not any("left empty" in notice for notice in found.notices)


def ranged(path: Path) -> None:
    """A workbook with ranges of every kind around its rows."""
    made = book(path, [("Campagne",), *ROWS, ("E", FREE, "v", 5), ("F", "0612345678", "u", 6), ("G", FREE, "t", 7)])
    page = made.active  # headings in row 2; rows 3, 5 and 8 leave
    page.merge_cells("A1:D1")
    page.merge_cells("C4:D4")  # one row, kept
    page.merge_cells("C5:C6")  # its first row leaves
    page.merge_cells("D7:D8")  # its last row leaves
    page.merge_cells("A7:A9")  # a row in its midst leaves
    page.merge_cells("F5:F7")  # the row with its value leaves
    page.auto_filter.ref = "A2:D9"
    page.freeze_panes = "A3"
    page.print_area = "A1:D9"
    page.conditional_formatting.add("D4:D7", openpyxl.formatting.rule.FormulaRule(["$D4>$D$4"]))
    page.conditional_formatting.add("A3", openpyxl.formatting.rule.FormulaRule(["$D3>1"]))
    page.conditional_formatting.add("C3:C9", openpyxl.formatting.rule.FormulaRule(["$D$3>1"]))
    allowed = openpyxl.worksheet.datavalidation.DataValidation("list", formula1="Choix!$A$1:$A$2", sqref="C3:C9")
    page.add_data_validation(allowed)
    choices = made.create_sheet("Choix")
    choices.append(("oui",))
    choices.append(("non",))
    name = openpyxl.workbook.defined_name.DefinedName
    made.defined_names["Soldes"] = name("Soldes", attr_text="Contacts!$D$3:$D$9")
    made.defined_names["Taux"] = name("Taux", attr_text="0.2")
    made.defined_names["Parti"] = name("Parti", attr_text="Contacts!$D$5")
    made.save(path)


@pytest.mark.slow
def test_ranges_point_at_the_rows_that_are_left(tmp_path: Path) -> None:
    """Merged cells, filters, panes, print areas, rules and names are about the same rows as before."""
    path = tmp_path / "c.xlsx"
    ranged(path)
    _found, written = scrubbed(path, lists_file(tmp_path, [STOPPED]))
    kept = openpyxl.load_workbook(written["kept"])
    page = kept["Contacts"]
    assert [row[3].value for row in page.iter_rows()][1:] == ["Solde", None, 4, 5, 7]
    assert {str(area) for area in page.merged_cells.ranges} == {"A1:D1", "C3:D3", "A5:A6"}
    assert [page.auto_filter.ref, page.freeze_panes, page.print_area] == ["A2:D6", "A3", "'Contacts'!$A$1:$D$6"]
    rules = {str(one.sqref): [rule.formula for rule in one.rules] for one in page.conditional_formatting}
    assert rules == {"D3:D5": [["$D3>$D$3"]]}
    assert [(str(one.sqref), one.formula1) for one in page.data_validations.dataValidation] == [
        ("C3:C6", "Choix!$A$1:$A$2")
    ]
    assert {name: one.attr_text for name, one in kept.defined_names.items()} == {
        "Soldes": "Contacts!$D$3:$D$6",
        "Taux": "0.2",
    }


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_libreoffice_opens_ranges_and_planted_parts(tmp_path: Path) -> None:
    """LibreOffice opens a workbook with ranges, and one out of which numbers were taken."""
    home = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    turn = itertools.cycle(writings(STOPPED))
    for folder, rows in (("ranged", 6), ("planted", 3)):
        path = tmp_path / folder / "c.xlsx"
        path.parent.mkdir()
        if folder == "ranged":
            ranged(path)
        else:
            planted(path, ROWS, lambda: next(turn))
        _found, written = scrubbed(path, lists_file(path.parent, [STOPPED]))
        command = [
            "soffice",
            home,
            "--headless",
            "--convert-to",
            "csv",
            str(written["kept"]),
            "--outdir",
            str(path.parent),
        ]
        subprocess.run(command, check=True, timeout=200)
        [shown] = path.parent.glob("out*.csv")
        assert len(shown.read_text(encoding="latin-1").splitlines()) == rows


@pytest.mark.slow
def test_parts_that_are_written_are_those_that_are_listed(tmp_path: Path) -> None:
    """Every relation of a written package leads to a part, and no part is there twice."""
    path = tmp_path / "c.xlsx"
    turn = itertools.cycle(writings(STOPPED))
    planted(path, ROWS, lambda: next(turn))
    _found, written = scrubbed(path, lists_file(tmp_path, [STOPPED]))
    for one in written.values():
        names = parts(one)
        assert len(set(names)) == len(names)
        openpyxl.load_workbook(one)


RELATIONS = "xl/_rels/workbook.xml.rels"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (RELATIONS, rb"<Relationship [^>]*/sharedStrings\"[^>]*/>", b""),
        (RELATIONS, rb"<Relationship [^>]*/styles\"[^>]*/>", b""),
        (RELATIONS, rb"<Relationship [^>]*/worksheet\"[^>]*/>", b""),
        ("_rels/.rels", rb"<Relationship [^>]*/officeDocument\"[^>]*/>", b""),
        ("xl/sharedStrings.xml", rb'version="1.0"', b'version="06 12"'),
    ],
)
def test_a_part_that_is_read_all_the_same_is_kept_readable(tmp_path: Path, part: str, old: bytes, new: bytes) -> None:
    """A workbook that is read although a relation is missing, or a declaration is none, is never kept damaged."""
    path = tmp_path / "c.xlsx"
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet()
    for at, row in enumerate(ROWS):
        page.write_row(at, 0, row)
    page.write_datetime(2, 3, date(2026, 1, 31), made.add_format({"num_format": "dd/mm/yyyy"}))
    made.close()
    changed(path, part, lambda data: re.sub(old, new, data))
    try:
        _found, written = scrubbed(path, lists_file(tmp_path, [STOPPED]))
    except InputError:
        return
    assert [row[1] for row in values(written["kept"])] == ["Portable", FREE, "06 22 22 22 22"]
    assert ptx_bulk.check(written["kept"]).summary.rows == 2


@pytest.mark.slow
def test_many_sheets_take_no_more_memory_than_their_rows(tmp_path: Path) -> None:
    """A workbook of two hundred small sheets is cut in little memory."""
    path = tmp_path / "c.xlsx"
    made = xlsxwriter.Workbook(str(path))
    for number in range(200):
        page = made.add_worksheet(f"Compte {number}")
        for at, row in enumerate(ROWS):
            page.write_row(at, 0, row)
        page.print_area(0, 0, 4, 3)
    made.close()
    found, written = scrubbed(path, lists_file(tmp_path, [STOPPED]), read_memory=300, sheet="all")
    assert found.counts.removed == 400
    assert openpyxl.load_workbook(written["kept"])["Compte 199"].print_area == "'Compte 199'!$A$1:$D$3"
