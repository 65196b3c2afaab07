"""Small right files of each format, to be changed."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import xlsxwriter

from tests.conftest import SAMPLES
from tests.workbooks.test_formats import BINARY_RELATIONS, XML2003
from tests.workbooks.test_formats import xlsb as write_xlsb

_FILES = Path(__file__).with_name("files")  # contacts as LibreOffice saves them

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
_ROWS = (("Nom", "Mobile"), ("Martin", "0612345678"), ("Petit", "+33 6 98 76 54 32"), ("Roux", 612345679))
_JOB = 'command = "check"\nfiles = ["stops.csv"]\n\n[options]\n'
JOBS = (
    _JOB + 'report = "fuzzed.{date}.csv"\ncolumn = "Telephone"\nregion = "FR"',
    _JOB + 'list = "stop"\nsheet = ["a", "b"]\nhidden-rows = "skip"\nno-header = false\nheader-row = 1',
    _JOB
    + 'where = ["Nom=Martin|Petit"]\nencoding = "cp1252"\ndelimiter = ";"\naccept = "any"\nreport = "fuzzed-${REPORTS:-reports}.json"',
)
WORDS = (
    *(
        "0",
        "-1",
        "1",
        "30%",
        "1e9",
        "nan",
        "",
        " ",
        "stop",
        "npai",
        "both",
        "all",
        "FR",
        "ZZ",
        "A",
        "XFE",
        "latest",
        "20260101-000000-aaaa",
    ),
    *(
        "2026-13-45",
        "400d",
        "-",
        "--",
        "--yes",
        "--dry-run",
        "--json",
        "missing.csv",
        ".",
        "é\u202e",
        "Nom=Martin",
        "=",
        "x=",
        "+33612345678",
    ),
    *(
        "o.csv",
        "o.xlsx",
        "o.json",
        "o.html",
        "o.parquet",
        "o.txt",
        "0612345678",
        "utf-16",
        "excel-fr",
        "e164",
        "99999999999999999999",
    ),
)


def xlsx() -> tuple[bytes, ...]:
    """A sample, a workbook of openpyxl with odd cells, one with inline strings, and one of LibreOffice."""
    office = (_FILES / "contacts.xlsx").read_bytes()
    return ((SAMPLES / "both-lists.xlsx").read_bytes(), _openpyxl(), _xlsxwriter(), office)


def _openpyxl() -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    for row in (*_ROWS, ("=A2", "=1/0"), (True, 1.5)):
        sheet.append(row)
    sheet.merge_cells("A8:B9")
    sheet.row_dimensions[3].hidden = True
    book.create_sheet("Empty").sheet_state = "hidden"
    book.save(target)
    return target.getvalue()


def _xlsxwriter() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(_ROWS):
            sheet.write_row(at, 0, row)
    return target.getvalue()


def ods() -> tuple[bytes, ...]:
    """A spreadsheet of a table with repeats, a hidden row and a value of each kind, and one of LibreOffice."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    row = "<table:table-row>{}</table:table-row>"
    cells = "".join(row.format("".join(map(cell.format, values))) for values in _ROWS)
    odd = (
        '<table:table-row table:number-rows-repeated="3" table:visibility="collapse"><table:table-cell office:value-type="float" '
        'office:value="612345678"/><table:table-cell table:number-columns-repeated="2" office:value-type="date" office:date-value="2026-01-01"/></table:table-row>'
    )
    content = (
        f'<office:document-content xmlns:office="{_OFFICE}office:1.0" xmlns:table="{_OFFICE}table:1.0" xmlns:text="{_OFFICE}text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="A">{cells}{odd}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return (target.getvalue(), (_FILES / "contacts.ods").read_bytes())


def xls() -> tuple[bytes, ...]:
    """A sheet of Excel 3, which needs no container: texts, numbers, a formula and an error; and a whole workbook."""
    parts = [
        _record(0x0209, struct.pack("<HHH", 0x0300, 0x10, 0)),
        _record(0x0200, struct.pack("<HHHHH", 0, 6, 0, 2, 0)),
    ]
    for at, row in enumerate(_ROWS):
        for column, cell in enumerate(row):
            place = struct.pack("<HHH", at, column, 0)
            if isinstance(cell, str):
                parts.append(_record(0x0204, place + struct.pack("<H", len(cell)) + cell.encode("ascii")))
            else:
                parts.append(_record(0x0203, place + struct.pack("<d", cell)))
    parts.append(
        _record(0x0206, struct.pack("<HHH", 4, 1, 0) + struct.pack("<dH", 612345678.0, 0) + struct.pack("<H", 0))
    )
    parts.append(_record(0x0205, struct.pack("<HHHBB", 5, 1, 0, 0x2A, 1)))
    return (b"".join([*parts, _record(0x000A, b"")]), (_FILES / "contacts.xls").read_bytes())


def xlsb() -> tuple[bytes, ...]:
    """A binary workbook of the newer kind."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_xlsb(Path(folder) / "a.xlsb", BINARY_RELATIONS.format("", "", ""), ((0, "rId1", "Clients"),))
        return (path.read_bytes(),)


def flat() -> tuple[bytes, ...]:
    """The content of the spreadsheets as a document without a package."""
    found = []
    for seed in ods():
        with zipfile.ZipFile(io.BytesIO(seed)) as archive:
            content = archive.read("content.xml").replace(b"office:document-content", b"office:document")
        about = b' office:mimetype="application/vnd.oasis.opendocument.spreadsheet"'
        found.append(content.replace(b"<office:document", b"<office:document" + about, 1))
    return tuple(found)


def xml2003() -> tuple[bytes, ...]:
    """Excel's first XML format."""
    return (XML2003.format(encoding="utf-8").encode(),)


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def html() -> tuple[bytes, ...]:
    """A page with a table with spans, an inner table and entities."""
    rows = "".join(f"<tr><td>{name}<td colspan=2>{phone}</tr>" for name, phone in _ROWS)
    page = f"<html><meta charset=utf-8><body><p>x<table border=1>{rows}<tr><td rowspan=3>&nbsp;<td><table><tr><td>1</table></table>"
    return (page.encode(),)


def vcards() -> tuple[bytes, ...]:
    """Two cards, as a phone and as a desk write them."""
    first = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Martin;L\u00e9a;;;\r\nTEL;TYPE=CELL:06 12 34 56 78\r\nTEL;TYPE=WORK,VOICE:0142345678\r\nEND:VCARD\r\n"
    second = (
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:No=C3=ABl\r\nTEL;CELL:+33698765432\r\n"
        "PHOTO;ENCODING=BASE64;JPEG:AAAA\r\n\r\nEND:VCARD\r\n"
    )
    return ((first + second).encode(),)
