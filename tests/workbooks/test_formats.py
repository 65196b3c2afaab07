# ruff: noqa: E501 - markup reads better unbroken
"""The other formats, and content over name."""

from __future__ import annotations

import gzip
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.workbooks import Reading

Opened = Callable[..., Reading]
Make = Callable[..., Path]

OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
ODS_HEAD = (
    f'<office:document-content xmlns:office="{OFFICE}:office:1.0" xmlns:table="{OFFICE}:table:1.0"'
    f' xmlns:text="{OFFICE}:text:1.0" xmlns:style="{OFFICE}:style:1.0" xmlns:calcext="urn:org:documentfoundation">'
    '<office:automatic-styles><style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    "</office:automatic-styles><office:body><office:spreadsheet>"
)


@pytest.fixture
def ods(tmp_path: Path) -> Make:
    """An ODS whose spreadsheet element holds this XML."""

    def make(tables: str, manifest: str = "", name: str = "liste.ods") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
            archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
            archive.writestr(
                "content.xml",
                f"{ODS_HEAD}{tables}</office:spreadsheet></office:body></office:document-content>",
            )
        return path

    return make


def _ods_row(cell: str, attributes: str = "") -> str:
    return f"<table:table-row{attributes}>{cell}</table:table-row>"


ODS_TITLE = _ods_row('<table:table-cell office:value-type="string"><text:p>telephone</text:p></table:table-cell>')
ODS_CELLS = {
    '<table:table-cell office:value-type="string"><text:p>06<text:s text:c="2"/>12</text:p><text:p>34<text:span>56</text:span></text:p></table:table-cell>': (
        "06  12\n3456",
        "text",
    ),
    '<table:table-cell office:value-type="float" office:value="612345678"><text:p>06 12</text:p></table:table-cell>': (
        "612345678",
        "number",
    ),
    '<table:table-cell office:value-type="float" office:value="1"><text:p>VRAI</text:p></table:table-cell>': (
        "TRUE",
        "boolean",
    ),
    '<table:table-cell office:value-type="boolean" office:boolean-value="false"><text:p>FAUX</text:p></table:table-cell>': (
        "FALSE",
        "boolean",
    ),
    '<table:table-cell office:value-type="date" office:date-value="2006-06-09"><text:p>x</text:p></table:table-cell>': (
        "2006-06-09",
        "date",
    ),
    '<table:table-cell office:value-type="time" office:time-value="PT06H12M34S"><text:p>x</text:p></table:table-cell>': (
        "06:12:34",
        "date",
    ),
    '<table:table-cell table:formula="of:=#N/A" office:value-type="string" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>': (
        "#N/A",
        "error",
    ),
    '<table:table-cell table:formula="of:=1/0" office:value-type="string"><text:p>#DIV/0!</text:p></table:table-cell>': (
        "#DIV/0!",
        "error",
    ),
    '<table:table-cell table:formula="of:=[.B1]"/>': ("=[.B1]", "formula"),
    '<table:table-cell table:formula="of:=&quot;&quot;"><text:p/></table:table-cell>': ("", "empty"),
    '<table:table-cell office:value-type="string"><office:annotation><text:p>06</text:p></office:annotation><text:p>07</text:p></table:table-cell>': (
        "07",
        "text",
    ),
}


def test_ods_cells_keep_their_kind(ods: Make, opened: Opened) -> None:
    """Each way of writing a cell comes back with its text and kind; comments are no values."""
    other = '<table:table-cell office:value-type="float" office:value="7"/>'
    rows = "".join(_ods_row(cell + other) for cell in ODS_CELLS)
    cells = opened(ods(f'<table:table table:name="F">{ODS_TITLE}{rows}</table:table>')).cells
    assert list(zip(cells["raw"], cells["kind"], strict=True)) == list(ODS_CELLS.values())


def test_ods_repeated_rows_and_cells(ods: Make, opened: Opened) -> None:
    """Repeated blank rows keep the row numbers right, repeated values are as many cells; hidden rows are marked."""
    number = '<table:table-cell office:value-type="float" office:value="612345678"/>'
    sheet = (
        ODS_TITLE
        + _ods_row("<table:table-cell/>", ' table:number-rows-repeated="3"')
        + _ods_row(number, ' table:number-rows-repeated="2" table:visibility="filter"')
        + _ods_row('<table:table-cell table:number-columns-repeated="16384"/>', ' table:number-rows-repeated="1048570"')
    )
    reading = opened(ods(f'<table:table table:name="F">{sheet}</table:table>'))
    assert reading.cells["row"].tolist() == [5, 6]
    assert reading.cells["hidden"].all()
    assert reading.inputs[0].blank == 3


def test_ods_hidden_sheets_are_skipped(ods: Make, opened: Opened) -> None:
    """A sheet whose style hides it is not read unasked."""
    row = _ods_row('<table:table-cell office:value-type="float" office:value="612345678"/>')
    sheets = f'<table:table table:name="A">{ODS_TITLE}{row}</table:table>'
    sheets += f'<table:table table:name="B" table:style-name="ta2">{ODS_TITLE}{row}</table:table>'
    reading = opened(ods(sheets))
    assert [sheet.skipped for sheet in reading.inputs[0].sheets] == [None, "hidden_sheet"]


@pytest.mark.parametrize("repeated", ["rows", "columns"])
def test_ods_bombs_are_refused(repeated: str, ods: Make, opened: Opened) -> None:
    """A value repeated a billion times is refused before it is written out."""
    cell = '<table:table-cell office:value-type="float" office:value="1"{}/>'
    many = f' table:number-{repeated}-repeated="1000000000"'
    row = _ods_row(cell.format(""), many) if repeated == "rows" else _ods_row(cell.format(many))
    with pytest.raises(UnreadableFile, match="millions of cells"):
        opened(ods(f'<table:table table:name="F">{row}</table:table>'))


def test_ods_passwords_are_said(ods: Make, opened: Opened) -> None:
    """An encrypted ODS is named as protected."""
    with pytest.raises(UnreadableFile, match="password"):
        opened(ods("", manifest="<file-entry><encryption-data/></file-entry>"))


HTML = (
    "<html><head><meta charset='iso-8859-1'></head><body><table><tr><th>Nom</th><th colspan=2>x</th><th>Téléphone</th></tr>"
    "<tr><td rowspan=2>A &amp; B</td><td>1</td><td>2</td><td>06&nbsp;12<br>345678<table><tr><td>!</td></tr></table></td></tr>"
    "<tr><td>1<td>2<td> 0698765432 </table></body></html>"
)


@pytest.mark.parametrize(("name", "encoding"), [("a.xls", "cp1252"), ("a.html", "utf-8"), ("a.csv", "utf-16")])
def test_html_tables_are_read(name: str, encoding: str, text: Make, opened: Opened) -> None:
    """A web page under a spreadsheet's name is read as the table it is: spans, inner tables, line breaks."""
    reading = opened(text(HTML.encode(encoding), name))
    assert reading.inputs[0].format == "html"
    assert reading.tables[0].headings == ["Nom", "x", "", "Téléphone"]
    assert reading.cells["raw"].tolist() == ["06\xa012\n345678!", "0698765432"]
    assert reading.cells["row"].tolist() == [2, 3]


def test_a_page_without_a_table_is_said(text: Make, opened: Opened) -> None:
    """A login page saved as a spreadsheet is named as a web page."""
    with pytest.raises(UnreadableFile, match="web page"):
        opened(text("<!DOCTYPE html><html><body>Connexion</body></html>", "export.xls"))


XML2003 = (
    '<?xml version="1.0" encoding="{encoding}"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    '<Worksheet ss:Name="Clients"><Table><Row><Cell><Data ss:Type="String">Téléphone</Data></Cell></Row>'
    '<Row ss:Index="4"><Cell><Data ss:Type="Number">612345678</Data></Cell></Row>'
    '<Row ss:Hidden="1"><Cell><Data ss:Type="String">0698765432</Data></Cell></Row>'
    '<Row><Cell ss:Formula="=R1C1"/></Row><Row><Cell><Data ss:Type="Error">#N/A</Data></Cell></Row>'
    '<Row><Cell><Data ss:Type="Boolean">1</Data></Cell></Row>'
    '<Row><Cell><Data ss:Type="DateTime">2006-06-09T00:00:00.000</Data></Cell></Row>'
    "</Table></Worksheet>"
    '<Worksheet ss:Name="B"><Table><Row><Cell><Data ss:Type="String">x</Data></Cell></Row></Table>'
    '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible></WorksheetOptions>'
    "</Worksheet></Workbook>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_spreadsheetml_2003_is_read(encoding: str, text: Make, opened: Opened) -> None:
    """Excel's first XML format keeps rows, kinds, hidden rows and sheets, whatever its encoding."""
    reading = opened(text(XML2003.format(encoding=encoding).encode(encoding), "vieux.xls"))
    cells = reading.cells
    assert cells["row"].tolist() == [4, 5, 6, 7, 8, 9]
    assert cells["raw"].tolist() == ["612345678", "0698765432", "=R1C1", "#N/A", "TRUE", "2006-06-09"]
    assert cells["kind"].tolist() == ["number", "text", "formula", "error", "boolean", "date"]
    assert cells["hidden"].tolist() == [False, True, False, False, False, False]
    assert reading.inputs[0].sheets[1].skipped == "hidden_sheet"


def _biff12(*records: tuple[int, bytes]) -> bytes:
    """Records of Excel's binary format: number, length, content."""
    out = b""
    for number, content in records:
        head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
        out += head + bytes([len(content)]) + content
    return out


def _wide(word: str) -> bytes:
    return struct.pack("<I", len(word)) + word.encode("utf-16-le")


def xlsb(path: Path, relations: str, names: tuple[tuple[int, str, str], ...]) -> Path:
    """A binary workbook with one sheet for every relation; names are (hidden, relation, sheet name)."""
    sheet = _biff12(
        (129, b""),
        (148, struct.pack("<4I", 1, 3, 0, 0)),
        (145, b""),
        (0, struct.pack("<I", 1) + bytes(13)),
        (6, struct.pack("<II", 0, 0) + _wide("telephone")),
        (0, struct.pack("<I", 3) + bytes(13)),
        (5, struct.pack("<IId", 0, 0, 612345678.0)),
        (146, b""),
        (130, b""),
    )
    named = (
        (156, struct.pack("<II", hidden, at) + _wide(relation) + _wide(name))
        for at, (hidden, relation, name) in enumerate(names, 1)
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", _biff12((131, b""), (143, b""), *named, (144, b""), (132, b"")))
        archive.writestr("xl/_rels/workbook.bin.rels", relations)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
        archive.writestr("xl/macrosheets/sheet1.bin", sheet)
    return path


SHEET = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
MACROS = "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"
BINARY_RELATIONS = (
    '<{0}Relationships xmlns{1}="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<{{0}}Relationship Id="rId1" Type="{SHEET}" Target="worksheets/sheet1.bin"/>{{2}}</{{0}}Relationships>'
)


def test_xlsb_is_read(tmp_path: Path, opened: Opened) -> None:
    """A binary workbook gives texts and numbers with their rows; hidden sheets are skipped."""
    relations = BINARY_RELATIONS.format("", "", "")
    reading = opened(xlsb(tmp_path / "a.xlsb", relations, ((0, "rId1", "Clients"), (1, "rId1", "Caché"))))
    assert reading.inputs[0].format == "xlsb"
    assert [sheet.skipped for sheet in reading.inputs[0].sheets] == [None, "hidden_sheet"]
    assert reading.cells["row"].tolist() == [4]
    assert reading.cells["raw"].tolist() == ["612345678"]


@pytest.mark.parametrize("prefix", ["", "p:"])
def test_xlsb_with_macro_sheets_and_prefixes_is_read(prefix: str, tmp_path: Path, opened: Opened) -> None:
    """Relations with a prefix name the same sheets, and a macro sheet, which is no table, disturbs no other."""
    macro = f'<{prefix}Relationship Id="rId2" Type="{MACROS}" Target="macrosheets/sheet1.bin"/>'
    relations = BINARY_RELATIONS.format(prefix, f":{prefix[:-1]}" if prefix else "", macro)
    reading = opened(xlsb(tmp_path / "a.xlsb", relations, ((0, "rId1", "Clients"), (0, "rId2", "Macro1"))))
    assert [sheet.name for sheet in reading.inputs[0].sheets] == ["Clients"]
    assert reading.cells["raw"].tolist() == ["612345678"]


PARQUET = {
    "texts": (pa.array(["0612345678", None]), ["0612345678", ""], ["text", "empty"]),
    "words": (pa.array(["0612345678", "a"]).dictionary_encode(), ["0612345678", "a"], ["text", "text"]),
    "integers": (pa.array([33612345678, None]), ["33612345678", ""], ["number", "empty"]),
    "floats": (pa.array([612345678.0, float("nan")]), ["612345678", ""], ["number", "empty"]),
    "decimals": (pa.array([Decimal("612345678.50"), None]), ["612345678.5", ""], ["number", "empty"]),
    "dates": (pa.array([date(2006, 6, 9), None]), ["2006-06-09", ""], ["date", "empty"]),
    "moments": (
        pa.array([datetime(2006, 6, 9, 6, 12, tzinfo=UTC), None]),
        ["2006-06-09T06:12:00+00:00", ""],
        ["date", "empty"],
    ),
    "booleans": (pa.array([True, False]), ["TRUE", "FALSE"], ["boolean", "boolean"]),
    "lists": (pa.array([["06"], None]), ["['06']", ""], ["text", "empty"]),
}


def test_parquet_is_read(tmp_path: Path, opened: Opened) -> None:
    """Column names count as row 1, each type has its text and kind."""
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"n": [1, 2]} | {name: case[0] for name, case in PARQUET.items()}), path)
    cells = opened(path, columns=tuple(PARQUET)).cells
    assert cells["row"].tolist() == [2] * len(PARQUET) + [3] * len(PARQUET)
    for name, (_column, raws, kinds) in PARQUET.items():
        mine = cells[cells["column"] == name]
        assert mine["raw"].tolist() == raws
        assert mine["kind"].tolist() == kinds


def test_compressed_text_is_read(tmp_path: Path, opened: Opened) -> None:
    """A .gz and a zip with one file are read as the text in them; a zip with several is a question."""
    data = b"telephone\n0612345678\n"
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(data))
    single, several = tmp_path / "a.zip", tmp_path / "b.csv"
    with zipfile.ZipFile(single, "w") as archive:
        archive.writestr("__MACOSX/._liste.csv", "x")
        archive.writestr("liste.csv", data)
    with zipfile.ZipFile(several, "w") as archive:
        archive.writestr("a.csv", data)
        archive.writestr("b.csv", data)
    for path in (packed, single):
        reading = opened(path)
        assert reading.cells["raw"].tolist() == ["0612345678"]
        assert reading.inputs[0].format == "csv"
    with pytest.raises(UnreadableFile, match="2 files"):
        opened(several)


def test_text_under_a_workbook_name(text: Make, opened: Opened) -> None:
    """A CSV named .xls or .xlsx is read as CSV."""
    for name in ("a.xls", "a.xlsx", "a.ods"):
        assert opened(text("nom;telephone\nA;0612345678\n", name)).inputs[0].format == "csv"
