"""Scrubbing workbooks: cells, formats and widths stay, and nothing of whom was taken out."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.table import Table

import ptx_bulk
from ptx_bulk.errors import InputError
from tests.scrub.books import book, cells, changed, parts, values, whole
from tests.scrub.people import FREE, LISTED, lists_file, scrubbed, writings

HEAD = ("Nom", "Portable", "Né le", "Solde")
DAY = dt.datetime(1980, 5, 17)  # noqa: DTZ001 - cells have no zone
STOPPED, WRITTEN = "06 12 34 56 78", "06 11 11 11 11"
NAME = "Gontrand"  # of somebody who is taken out


def people(count: int = 12) -> list[tuple[object, ...]]:
    """Rows of which every third is listed."""
    return [
        (f"{NAME if at % 3 == 1 else 'Nadine'} {at}", STOPPED if at % 3 == 1 else WRITTEN, DAY, at / 4)
        for at in range(count)
    ]


def styled(path: Path) -> list[tuple[object, ...]]:
    rows = people()
    made = book(path, [HEAD, *rows])
    page = made.active
    for row in page.iter_rows(min_row=2):
        row[2].number_format, row[3].number_format = "dd/mm/yyyy", '#,##0.00 "€"'
        row[0].font = Font(bold=True)
    page.column_dimensions["B"].width = 31.5
    page.row_dimensions[3].height = 44
    page.freeze_panes = "A2"
    made.save(path)
    return rows


@pytest.mark.slow
def test_cells_keep_value_type_and_format(tmp_path: Path) -> None:
    """The three parts together hold every cell as it was: value, type, number format; the kept ones in order."""
    path = tmp_path / "c.xlsx"
    styled(path)
    _found, made = scrubbed(path, lists_file(tmp_path))
    before, kept, removed = cells(path), cells(made["kept"]), cells(made["removed"])
    assert kept == [before[0], *(row for row in before[1:] if row[1][0] == WRITTEN)]
    assert [row[:4] for row in removed] == [before[0], *(row for row in before[1:] if row[1][0] == STOPPED)]
    assert [[look[0] for look in row[4:]] for row in removed[:2]] == [["ptx_list", "ptx_since"], ["stop", "2026-01-31"]]


@pytest.mark.slow
def test_widths_heights_and_panes_stay(tmp_path: Path) -> None:
    """Columns keep their widths, rows their heights, and the headings stay in sight."""
    path = tmp_path / "c.xlsx"
    styled(path)
    _found, made = scrubbed(path, lists_file(tmp_path))
    page = openpyxl.load_workbook(made["kept"]).active
    assert page.column_dimensions["B"].width == 31.5
    assert page.freeze_panes == "A2"
    removed = openpyxl.load_workbook(made["removed"]).active
    assert removed.row_dimensions[2].height == 44


@pytest.mark.slow
def test_nothing_of_the_removed_stays_in_the_package(tmp_path: Path) -> None:
    """No part of the kept package holds name or number of somebody who was taken out."""
    path = tmp_path / "c.xlsx"
    styled(path)
    page = (made := openpyxl.load_workbook(path)).active
    page["A3"].comment = Comment(f"{NAME} prefers mail {STOPPED}", "us")
    page["D3"] = f'=IF(B3="{STOPPED}",1,"{NAME}")'
    page["F2"] = "=A3"
    page.auto_filter.ref = "A1:D13"
    page.auto_filter.add_filter_column(0, [f"{NAME} 1"])
    made.create_sheet("Bilan")["A1"] = "=COUNTA(Contacts!A:A)"
    made.defined_names["Chef"] = openpyxl.workbook.defined_name.DefinedName("Chef", attr_text="Contacts!$A$3")
    made.save(path)
    _found, written = scrubbed(path, lists_file(tmp_path))
    content = whole(written["kept"])
    assert NAME.encode() not in content
    assert STOPPED.encode() not in content
    assert NAME.encode() in whole(written["removed"])
    assert not [name for name in parts(written["kept"]) if "comment" in name or "calcChain" in name]


def test_shared_texts_of_the_removed_are_blanked(tmp_path: Path) -> None:
    """A text that only removed rows name is gone from the shared strings; all others are read as before."""
    path = tmp_path / "c.xlsx"
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet()
    for at, values_of_row in enumerate([HEAD[:2], *((row[0], row[1]) for row in people(6)), ("Fin", WRITTEN)]):
        page.write_row(at, 0, values_of_row)
    made.close()
    _found, written = scrubbed(path, lists_file(tmp_path))
    assert "xl/sharedStrings.xml" in parts(written["kept"])
    content = whole(written["kept"])
    assert NAME.encode() not in content
    assert STOPPED.encode() not in content
    assert values(written["kept"]) == [
        [*HEAD[:2]],
        *([row[0], row[1]] for row in people(6) if row[1] == WRITTEN),
        ["Fin", WRITTEN],
    ]


def test_an_untouched_workbook_is_copied(tmp_path: Path) -> None:
    """Where nobody leaves, the kept file is the file, formulas and all."""
    path = tmp_path / "c.xlsx"
    made = book(path, [HEAD, ("A", WRITTEN, DAY, 1)])
    made.active["E2"] = "=D2*2"
    made.save(path)
    _found, written = scrubbed(path, lists_file(tmp_path))
    assert written["kept"].read_bytes() == path.read_bytes()


@pytest.mark.slow
def test_formulas_become_their_values(tmp_path: Path) -> None:
    """Where rows move, a formula's last value stands in its cell."""
    path = tmp_path / "c.xlsx"
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet()
    page.write_row(0, 0, ("Nom", "Portable", "Double"))
    for at, phone in enumerate((STOPPED, WRITTEN, "06 22 22 22 22"), 1):
        page.write_row(at, 0, ("N", phone))
        page.write_formula(at, 2, f"=A{at + 1}&A{at + 1}", None, f"value {at}")
    made.close()
    found, written = scrubbed(path, lists_file(tmp_path))
    assert values(written["kept"])[1:] == [["N", WRITTEN, "value 2"], ["N", "06 22 22 22 22", "value 3"]]
    assert any("formulas" in notice for notice in found.notices)


@pytest.mark.slow
def test_a_formula_without_a_value_moves_with_its_row(tmp_path: Path) -> None:
    """A formula that was never calculated stays where it is about its own row, since it has no value to leave."""
    path = tmp_path / "c.xlsx"
    made = book(path, [HEAD, ("A", STOPPED, DAY, 1), ("B", WRITTEN, DAY, 2), ("C", "06 22 22 22 22", DAY, 3)])
    for row in (2, 3, 4):
        made.active[f"E{row}"] = f'=D{row}*$D$1&"<{row}>"'
    made.active["F4"] = "=D3"
    made.active["G4"] = "=Tarifs!B4"
    made.save(path)
    _found, written = scrubbed(path, lists_file(tmp_path))
    kept = openpyxl.load_workbook(written["kept"]).active
    assert [kept[f"E{row}"].value for row in (2, 3)] == ['=D2*$D$1&"<3>"', '=D3*$D$1&"<4>"']
    assert [kept["F3"].value, kept["G3"].value] == [None, None]


@pytest.mark.slow
def test_every_sheet_is_judged_and_stays(tmp_path: Path) -> None:
    """Sheets keep their order and names; a hidden one that was not read keeps nobody listed either."""
    path = tmp_path / "c.xlsx"
    made = book(path, [HEAD, *people(4)])
    other = made.create_sheet("Anciens")
    other.append(("Mobile",))
    other.append((STOPPED,))
    other.append((WRITTEN,))
    hidden = made.create_sheet("Caché")
    hidden.sheet_state = "hidden"
    hidden.append(("x", 612345678, "+33698765432"))
    hidden.append(("y", 5, "z"))
    made.create_sheet("Vide")
    made.save(path)
    found, written = scrubbed(path, lists_file(tmp_path))
    kept = openpyxl.load_workbook(written["kept"])
    assert kept.sheetnames == ["Contacts", "Anciens", "Caché", "Vide"]
    assert kept["Caché"].sheet_state == "hidden"
    assert values(written["kept"], "Anciens") == [["Mobile"], [WRITTEN]]
    assert values(written["kept"], "Caché") == [["y", 5, "z"]]
    assert values(written["removed"], "Caché")[-1][:3] == ["x", 612345678, "+33698765432"]
    assert found.counts.removed == 3


def test_hidden_rows_are_judged(tmp_path: Path) -> None:
    """A hidden row would be written to, so it is judged; it stays hidden where it is kept."""
    path = tmp_path / "c.xlsx"
    made = book(path, [HEAD, ("A", STOPPED), ("B", WRITTEN)])
    made.active.row_dimensions[2].hidden = made.active.row_dimensions[3].hidden = True
    made.save(path)
    _found, written = scrubbed(path, lists_file(tmp_path))
    page = openpyxl.load_workbook(written["kept"]).active
    assert [row[0].value for row in page.iter_rows()] == ["Nom", "B"]
    assert page.row_dimensions[2].hidden


@pytest.mark.slow
def test_hidden_rows_that_are_skipped_are_in_no_part(tmp_path: Path) -> None:
    """A row that was not judged is in none of the files."""
    path = tmp_path / "c.xlsx"
    made = book(path, [HEAD, ("A", STOPPED), ("B", WRITTEN), ("C", WRITTEN)])
    made.active.row_dimensions[2].hidden = made.active.row_dimensions[3].hidden = True
    made.save(path)
    found, written = scrubbed(path, lists_file(tmp_path), hidden_rows="skip")
    assert set(written) == {"kept"}
    assert [row[0] for row in values(written["kept"])] == ["Nom", "C"]
    assert found.counts.left_out == 2


@pytest.mark.slow
def test_tables_shrink_with_their_rows(tmp_path: Path) -> None:
    """A table of the sheet ends with the last of its rows that is kept."""
    path = tmp_path / "c.xlsx"
    made = book(path, [HEAD, *people(6)])
    made.active.add_table(Table(displayName="Contacts1", ref="A1:D7"))
    made.save(path)
    _found, written = scrubbed(path, lists_file(tmp_path))
    page = openpyxl.load_workbook(written["kept"]).active
    assert [table.ref for table in page.tables.values()] == ["A1:D5"]


@pytest.mark.slow
def test_merged_cells_above_the_headings_stay(tmp_path: Path) -> None:
    """A merged title stays merged; cells merged among the rows do not."""
    path = tmp_path / "c.xlsx"
    made = book(path, [("Campagne",), HEAD, *people(6)])
    made.active.merge_cells("A1:D1")
    made.active.merge_cells("C4:C5")
    made.save(path)
    _found, written = scrubbed(path, lists_file(tmp_path))
    page = openpyxl.load_workbook(written["kept"]).active
    assert [str(area) for area in page.merged_cells.ranges] == ["A1:D1"]


@pytest.mark.slow
def test_gaps_between_rows_stay(tmp_path: Path) -> None:
    """Blank rows stay blank rows in the kept part, between the same people."""
    path = tmp_path / "c.xlsx"
    made = book(path, [HEAD])
    page = made.active
    for row, phone in ((3, STOPPED), (6, WRITTEN), (1200, STOPPED), (1300, WRITTEN)):
        page.cell(row, 1, f"N{row}")
        page.cell(row, 2, phone)
    made.save(path)
    _found, written = scrubbed(path, lists_file(tmp_path))
    kept = openpyxl.load_workbook(written["kept"]).active
    assert {row: kept.cell(row, 1).value for row in (5, 1298)} == {5: "N6", 1298: "N1300"}


@pytest.mark.slow
def test_inline_texts_and_empty_cells_behind_ours(tmp_path: Path) -> None:
    """Texts in place are kept, and styled empty cells make room for what is added."""
    path = tmp_path / "c.xlsx"
    made = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    page, bold = made.add_worksheet(), made.add_format({"bold": True})
    page.write_row(0, 0, ("Nom", "Portable"))
    for at, phone in enumerate((STOPPED, WRITTEN), 1):
        page.write_row(at, 0, (f"N {at}", phone))
        page.write_blank(at, 2, None, bold)
        page.write_blank(at, 9, None, bold)
    made.close()
    _found, written = scrubbed(path, lists_file(tmp_path))
    assert [row[:4] for row in values(written["removed"])] == [
        ["Nom", "Portable", "ptx_list", "ptx_since"],
        ["N 1", STOPPED, "stop", "2026-01-31"],
    ]


@pytest.mark.slow
def test_macros_stay(tmp_path: Path) -> None:
    """A workbook with macros stays one, under its own ending."""
    plain, path = tmp_path / "p.xlsx", tmp_path / "c.xlsm"
    book(plain, [HEAD, *people(3)])
    made = openpyxl.load_workbook(plain)
    made.save(plain)
    with zipfile.ZipFile(plain) as package:
        every = {name: package.read(name) for name in package.namelist()}
    types = every["[Content_Types].xml"].replace(b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")
    types = types.replace(b"openxmlformats-officedocument.ms-excel", b"ms-excel")
    override = b'<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    every["[Content_Types].xml"] = types.replace(b"</Types>", override)
    kind = b"http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    relation = b'<Relationship Id="rVba" Type="%s" Target="vbaProject.bin"/></Relationships>' % kind
    rels = "xl/_rels/workbook.xml.rels"
    every[rels] = every[rels].replace(b"</Relationships>", relation)
    with zipfile.ZipFile(path, "w") as package:
        for name, data in {**every, "xl/vbaProject.bin": b"macros"}.items():
            package.writestr(name, data)
    found, written = scrubbed(path, lists_file(tmp_path))
    assert any("macros" in notice for notice in found.notices)
    assert written["kept"].suffix == ".xlsm"
    assert "xl/vbaProject.bin" in parts(written["kept"])


@pytest.mark.slow
def test_a_protected_workbook_stays_protected(tmp_path: Path) -> None:
    """What is written of a protected workbook opens with the same password only."""
    from msoffcrypto.format.ooxml import OOXMLFile

    plain, path, secret = tmp_path / "p.xlsx", tmp_path / "c.xlsx", tmp_path / "secret.txt"
    book(plain, [HEAD, *people(3)])
    with plain.open("rb") as source, path.open("wb") as target:
        OOXMLFile(source).encrypt("sesame", target)
    secret.write_text("sesame\n", encoding="utf-8")
    found, written = scrubbed(path, lists_file(tmp_path), password_file=secret)
    assert found.counts.removed == 1
    assert not zipfile.is_zipfile(written["kept"])
    checked = ptx_bulk.check(written["kept"], password_file=secret)
    assert checked.summary.rows == 2


@pytest.mark.slow
def test_a_hostile_package_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """An entity in a part that only scrub reads again leaves one sentence and no file."""
    path = tmp_path / "c.xlsx"
    made = book(path, [HEAD, *people(3)])
    made.active.add_table(Table(displayName="Contacts1", ref="A1:D4"))
    made.save(path)
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><table ref="&b;"/>'
    changed(path, "xl/tables/table1.xml", lambda _data: bomb)
    found, written = scrubbed(path, lists_file(tmp_path))
    assert [row[1] for row in values(written["kept"])] == ["Portable", WRITTEN, WRITTEN]
    assert b"ENTITY" not in whole(written["kept"])
    assert found.notices


@pytest.mark.slow
def test_a_damaged_part_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """A part that cannot be unpacked ends the command, and nothing is written."""
    path = tmp_path / "c.xlsx"
    book(path, [HEAD, *people(3)])
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as package:
        info = package.getinfo("xl/theme/theme1.xml")
    start = info.header_offset + 200
    data[start : start + 60] = b"\xff" * 60
    path.write_bytes(data)
    with pytest.raises(InputError):
        scrubbed(path, lists_file(tmp_path))
    assert not list(tmp_path.glob("out*"))


CELLS = st.one_of(
    st.sampled_from([text for number in (*LISTED[:2], *FREE) for text in writings(number)]),
    st.sampled_from([612345678, 33612345678, 611111111, 33611111111.0, True, DAY, None, "06 12", "", 12, "a & <b>"]),
)


@pytest.mark.slow  # a process for each example
@settings(max_examples=25)
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=15),
    inline=st.booleans(),
    title=st.booleans(),
)
def test_nobody_listed_is_kept_and_nobody_is_lost(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[object]], inline: bool, title: bool
) -> None:
    """No listed number in any writing is kept, and the three parts together are the rows, cell for cell."""
    folder = tmp_path_factory.mktemp("scrub")
    path = folder / "c.xlsx"
    made = xlsxwriter.Workbook(str(path), {"constant_memory": inline, "default_date_format": "dd/mm/yyyy"})
    page = made.add_worksheet("Feuille")
    head = [["Campagne"]] if title else []
    for at, row in enumerate([*head, ["Portable", "Note", "Tél. fixe"], *rows]):
        page.write_row(at, 0, row)
    made.close()
    found, written = scrubbed(path, lists_file(folder), column="Portable", header_row=len(head) + 1)
    before = cells(path)[len(head) + 1 :]
    after = [row for one in written.values() for row in cells(one)[len(head) + 1 :]]
    filled = [row for row in before if any(look[0] not in (None, "") for look in row)]
    trimmed = [row[:3] for row in after if any(look[0] not in (None, "") for look in row[:3])]
    assert sorted(map(repr, trimmed)) == sorted(map(repr, filled))
    assert found.counts.rows == len(filled)
    kept = cells(written["kept"])[len(head) + 1 :]
    for row in kept:
        read = ptx_bulk.normalise([str(row[0][0] or ""), str(row[2][0] or "")], accept="any")
        assert not set(read["number"]) & set(LISTED)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_libreoffice_opens_what_is_written(tmp_path: Path, ending: str) -> None:
    """LibreOffice opens the parts and shows the rows that should be there."""
    path = tmp_path / "c.xlsx"
    styled(path)
    home = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    office = ["soffice", home, "--headless", "--convert-to"]
    if ending == "ods":
        subprocess.run([*office, "ods", str(path), "--outdir", str(tmp_path)], check=True, timeout=200)
    _found, written = scrubbed(tmp_path / f"c.{ending}", lists_file(tmp_path))
    for part, rows in (("kept", 8), ("removed", 4)):
        assert written[part].suffix == f".{ending}"
        subprocess.run([*office, "csv", str(written[part]), "--outdir", str(tmp_path / part)], check=True, timeout=200)
        [shown] = (tmp_path / part).glob("*.csv")
        assert len(shown.read_text(encoding="latin-1").splitlines()) == rows + 1
