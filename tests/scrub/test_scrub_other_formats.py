"""Scrubbing formats that nothing writes, and files that cost too much to cut."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from ptx_bulk import workbooks
from ptx_bulk.errors import InputError, UnreadableFile
from ptx_bulk.workbooks import EVERYWHERE, KEPT, REMOVED, Limits, ReadOptions, SheetParts, Splitter
from tests.scrub.books import book, changed, values
from tests.scrub.people import lists_file, scrubbed
from tests.workbooks.test_formats import BINARY_RELATIONS, xlsb

STOPPED, FREE = "06 12 34 56 78", "06 11 11 11 11"


def old_workbook(path: Path, rows: list[list[object]]) -> None:
    """A workbook of the second version of Excel, which is records one after the other."""
    out = struct.pack("<HHHH", 0x0009, 4, 2, 0x0010)
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            where = struct.pack("<HH3x", at, column)
            if isinstance(value, str):
                text = value.encode("latin-1")
                record = (0x0004, where + bytes([len(text)]) + text)
            else:
                record = (0x0003, where + struct.pack("<d", value))
            out += struct.pack("<HH", record[0], len(record[1])) + record[1]
    path.write_bytes(out + struct.pack("<HH", 0x000A, 0))


def flat(path: Path, rows: list[list[object]]) -> None:
    """A flat document of LibreOffice."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    cells = [
        "".join(
            f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
            if isinstance(value, str)
            else f'<table:table-cell office:value-type="float" office:value="{value}"/>'
            for value in row
        )
        for row in rows
    ]
    lines = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document xmlns:office="{names}:office:1.0"'
        f' xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0"'
        ' office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>'
        f'<table:table table:name="F">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document>",
        encoding="utf-8",
    )


@pytest.mark.parametrize(("name", "write"), [("c.xls", old_workbook), ("c.fods", flat)])
def test_other_formats_become_workbooks(tmp_path: Path, name: str, write: object) -> None:
    """What nothing writes in its own format becomes .xlsx, cell for cell with its types, which is said."""
    path = tmp_path / name
    write(path, [["Nom", "Portable", "Solde"], ["A", STOPPED, 1.5], ["B", FREE, 2], ["C", 611111112, 3.25]])
    found, written = scrubbed(path, lists_file(tmp_path))
    assert values(written["kept"]) == [["Nom", "Portable", "Solde"], ["B", FREE, 2], ["C", 611111112, 3.25]]
    assert values(written["removed"])[1] == ["A", STOPPED, 1.5, "stop", "2026-01-31"]
    assert written["kept"].suffix == ".xlsx"
    assert any("new .xlsx workbook" in notice for notice in found.notices)


def test_binary_workbooks_become_workbooks(tmp_path: Path) -> None:
    """A binary workbook becomes .xlsx; its hidden sheet is judged and stays hidden."""
    names = ((0, "rId1", "Clients"), (1, "rId1", "Caché"))
    path = xlsb(tmp_path / "c.xlsb", BINARY_RELATIONS.format("", "", ""), names)
    found, written = scrubbed(path, lists_file(tmp_path))
    kept = openpyxl.load_workbook(written["kept"])
    assert [(page.title, page.sheet_state) for page in kept] == [("Clients", "visible"), ("Caché", "hidden")]
    assert all(page["A4"].value is None for page in kept)
    assert values(written["removed"])[-1][0] == 612345678
    assert found.counts.removed == 2


@pytest.mark.slow
def test_a_workbook_written_anew_keeps_errors_and_formulas(tmp_path: Path) -> None:
    """Where rows stand in no order the cells are written anew: errors stay errors, a row's formula stays a formula."""
    path = tmp_path / "c.xlsx"
    rows = [("Nom", "Portable", "Solde"), ("A", STOPPED, 1), ("B", FREE, 2), ("C", "06 22 22 22 22", 3)]
    made = book(path, rows)
    made.active["D3"], made.active["E3"], made.active["F3"] = "#N/A", "=C3*2", "=C4*2"
    made.save(path)

    def swapped(data: bytes) -> bytes:
        first, second = data.index(b'<row r="3"'), data.index(b'<row r="4"')
        end = data.index(b"</sheetData>")
        return data[:first] + data[second:end] + data[first:second] + data[end:]

    changed(path, "xl/worksheets/sheet1.xml", swapped)
    found, written = scrubbed(path, lists_file(tmp_path))
    kept = openpyxl.load_workbook(written["kept"]).active
    row = next(row for row in kept.iter_rows() if row[1].value == FREE)
    assert [(one.data_type, one.value) for one in row[3:5]] == [("e", "#N/A"), ("f", f"=C{row[0].row}*2")]
    assert (row[5].data_type, row[5].value) == ("s", "=C4*2")
    assert any("1 formula that was never calculated" in notice for notice in found.notices)
    assert any("new .xlsx workbook" in notice for notice in found.notices)


@pytest.mark.slow
def test_a_cell_that_names_another_row_counts_there(tmp_path: Path) -> None:
    """A cell whose reference is not that of its row belongs to the row that it names, and leaves or stays with that."""
    path = tmp_path / "c.xlsx"
    book(path, [("Nom", "Portable"), ("A", FREE), ("B", FREE)])
    cell = b'<c r="B9" t="inlineStr"><is><t>0612345678</t></is></c></row>'
    changed(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b"</row></sheetData>", cell + b"</sheetData>"))
    _found, written = scrubbed(path, lists_file(tmp_path))
    assert values(written["kept"]) == [["Nom", "Portable"], ["A", FREE], ["B", FREE]]
    assert values(written["removed"])[-1][1] == "0612345678"


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(seconds=0.01), "more than 0.01 seconds"),
        (Limits(memory=20 << 20), "memory"),
        (Limits(unpacked=100), "MB"),
    ],
)
def test_cutting_keeps_to_the_limits(tmp_path: Path, limits: Limits, says: str) -> None:
    """A workbook that takes too long to cut, or too much memory, is refused in one sentence, and nothing is left."""
    path = tmp_path / "c.xlsx"
    book(path, [("Nom", "Portable"), *[("A", STOPPED), ("B", FREE)] * 500])
    with workbooks.read([str(path)], ReadOptions(whole_rows=True)) as reading:
        [table] = reading.tables
        part = np.array([EVERYWHERE, *[REMOVED, KEPT] * 500], np.uint8)
        parts = SheetParts(table.sheet, 1, table.rows, part, {REMOVED: [("stop", "")] * 500})
        folder = tmp_path / "parts"
        folder.mkdir()
        splitter = Splitter(reading.inputs[0], [table], {table.sheet: parts}, (KEPT, REMOVED), folder, limits)
        with pytest.raises(UnreadableFile, match=says):
            splitter.split()


@pytest.mark.parametrize("content", ["[" * 100_000, "[1]", '{"phone": 1}', '[{"phone": "0612345678"}]', "\ufeff[]", ""])
def test_a_json_that_is_no_list_is_refused(tmp_path: Path, content: str) -> None:
    """A JSON file that `export` did not write ends in one sentence, and nobody is let through."""
    path, lists = tmp_path / "c.csv", tmp_path / "lists.json"
    path.write_text(f"Portable\n{STOPPED}\n", encoding="utf-8")
    lists.write_text(content, encoding="utf-8")
    with pytest.raises(InputError):
        scrubbed(path, lists)
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize("end", ["+336123", "+33612345679,st"])
def test_a_list_that_is_cut_off_is_refused(tmp_path: Path, end: str) -> None:
    """A list whose file ends in the midst of a row is not taken for the whole one."""
    path, lists = tmp_path / "c.csv", lists_file(tmp_path)
    path.write_text(f"Portable\n{STOPPED}\n", encoding="utf-8")
    lists.write_bytes(lists.read_bytes() + end.encode())
    with pytest.raises(InputError):
        scrubbed(path, lists)
    assert not list(tmp_path.glob("out*"))
