"""What a file is, by its content: kinds that are named, and kinds that are read though they begin oddly."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.workbooks import Reading
from ptx_bulk.workbooks.guard.arrival import without_lock_files
from ptx_bulk.workbooks.sheets.cells import TEXT, SheetBuilder
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.sheet import Sheet
from ptx_bulk.workbooks.sheets.stored import SheetWriter

Opened = Callable[..., Reading]
Make = Callable[..., Path]

_FIELD = b"TEL".ljust(11, b"\0") + b"C" + bytes(4) + b"\x0a" + bytes(15)
NAMED = {
    b'ID;PWXL;N;E\r\nC;Y1;X1;K"Portable"\r\nC;Y2;X1;K"0612345678"\r\nE\r\n': "SYLK",
    b'ID;PSCALC3\nF;P0;DG0G8;M256\nB;Y2;X1\nC;X1;Y1;K"Portable"\nE\n': "SYLK",
    b'TABLE\r\n0,1\r\n"EXCEL"\r\nVECTORS\r\n0,2\r\n': "DIF",
    b"\x03\x7c\x01\x1f" + struct.pack("<IHH", 1, 65, 11) + bytes(20) + _FIELD + b"\r 0612345678\x1a": "dBase",
    b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related; boundary=x\r\n\r\n": "MHT",
    b"From: <Saved by Blink>\r\nSubject: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n": "MHT",
    json.dumps([{"tel": "0612345678"}], indent=2).encode(): "JSON",
    json.dumps({"contacts": ["0612345678"]}).encode("utf-8-sig"): "JSON",
    b'["0612345678", "0687654321"]': "JSON",
    b"\0\x01\0\0Standard Jet DB\0" + bytes(99): "Access",
    b"\0\x01\0\0Standard ACE DB\0" + bytes(99): "Access",
    b"\0\0\x1a\0\x02\x10" + bytes(99): "Lotus",
    b"II*\0" + bytes(99): "image",
    b"\0\0\0\x18ftypheic" + bytes(99): "media",
    b"BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n": "calendar",
}


@pytest.mark.parametrize("content", NAMED, ids=range(len(NAMED)))
def test_files_of_other_kinds_are_named(content: bytes, text: Make, opened: Opened) -> None:
    """Each is refused in one sentence that says what it is and what to do, and shows none of its bytes."""
    with pytest.raises(UnreadableFile, match=NAMED[content]) as raised:
        opened(text(content, "liste.csv"))
    assert str(raised.value).isprintable()
    assert "save the list as" in str(raised.value)
    assert raised.value.exit_code == 3


def test_numbers_documents_are_named(tmp_path: Path, opened: Opened) -> None:
    """A document of Apple Numbers is a zip of its own kind."""
    path = tmp_path / "a.numbers"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Index/Document.iwa", "x")
    with pytest.raises(UnreadableFile, match="Apple Numbers"):
        opened(path)


LISTS = [
    "ID;Portable\nC;0612345678\n",
    "ID;Portable;K\nC;0612345678;K\n",
    "TABLE;Portable\n0,1;0612345678\n",
    "{nom};Portable\n[A];0612345678\n",
    "[nom];Portable\n[A];0612345678\n",
    "MIME;Portable\na:b;0612345678\n",
]


@pytest.mark.parametrize("content", LISTS)
def test_lists_that_begin_like_another_kind_are_read(content: str, text: Make, opened: Opened) -> None:
    """Headings that happen to be the first letters of another format make no such file."""
    assert opened(text(content)).cells["raw"].tolist() == ["0612345678"]


def test_flat_ods_is_read(text: Make, opened: Opened) -> None:
    """One XML document of LibreOffice is read as its zipped twin; entities in it are refused."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    body = (
        f'<office:document xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0"'
        f' xmlns:text="{names}:text:1.0" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
        '<office:body><office:spreadsheet><table:table table:name="F">'
        '<table:table-row><table:table-cell office:value-type="string"><text:p>Portable</text:p></table:table-cell>'
        "</table:table-row>"
        '<table:table-row><table:table-cell office:value-type="float" office:value="791234567">'
        "<text:p>+41 79 123 45 67</text:p></table:table-cell></table:table-row>"
        "</table:table></office:spreadsheet></office:body></office:document>"
    )
    reading = opened(text(head + body, "a.fods"))
    assert reading.inputs[0].format == "fods"
    assert reading.cells["raw"].tolist() == ["+41 791234567"]
    with pytest.raises(UnreadableFile, match=r"entities|XML document"):
        opened(text(f'{head}<!DOCTYPE x [<!ENTITY a "b">]>{body}', "b.fods"))


@pytest.mark.parametrize("junk", [b"\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"\xef\xbb\xbf", b"\0" * 99])
def test_bytes_before_a_workbook_do_not_matter(junk: bytes, tmp_path: Path, opened: Opened) -> None:
    """A workbook that a web server put something before is read."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_column(0, 0, ["Portable", "0612345678"])
    path.write_bytes(junk + path.read_bytes())
    assert opened(path).cells["raw"].tolist() == ["0612345678"]


@pytest.mark.parametrize("name", ["~$liste.xlsx", ".~lock.liste.ods#"])
def test_lock_files_are_no_lists(name: str, text: Make, opened: Opened) -> None:
    """A lock file is refused when it is named; among others it is left out, and that is said."""
    lock = text(b"\x05Marie" + b" " * 49 + bytes(110), name)
    with pytest.raises(UnreadableFile, match="open in another program"):
        opened(lock)
    kept, notices = without_lock_files([lock, "liste.xlsx"])
    assert kept == ["liste.xlsx"]
    assert len(notices) == 1
    assert name in notices[0]
    assert without_lock_files([lock]) == ([str(lock)], [])


@pytest.mark.timeout(200)  # it was many minutes
@pytest.mark.parametrize("width", [2_000, pytest.param(16_000, marks=pytest.mark.slow)])
def test_wide_sheets_take_time_linear_in_their_columns(width: int, tmp_path: Path) -> None:
    """A sheet of thousands of columns in several blocks is stored and looked through within a generous bound."""
    builder = SheetBuilder(Limits())
    for row in range(1, 4):
        for column in range(0 if row > 1 else width // 2, width):
            builder.cell(row, column, "1", TEXT)
        builder.flush()
    writer = SheetWriter(tmp_path)
    writer.add("", builder)
    sheet = Sheet(writer.sheets[0])
    assert len(sheet.columns) == width
    assert len(sheet.head(3)[1][1]) == width
