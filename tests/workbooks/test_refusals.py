"""Files that are refused: one sentence that says what, where and what to do; hostile ones cost nothing."""

from __future__ import annotations

import gzip
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.workbooks import Limits, Reading

FILES = Path(__file__).parent.parent / "fuzz" / "inputs" / "files"  # as LibreOffice saves them
Opened = Callable[..., Reading]
Make = Callable[..., Path]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def entry(name: str) -> bytes:
    """A line of an OLE container's directory: the name of a stream in UTF-16, ended and padded."""
    return f"{name}\0".encode("utf-16-le").ljust(128, b"\0")


ENTITY = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b SYSTEM "file:///etc/hostname">]>'

STRANGERS = {
    b"%PDF-1.7\n%\xe2\xe3": "PDF",
    b"\x89PNG\r\n\x1a\n": "image",
    b"{\\rtf1 x}": "RTF",
    b"Rar!\x1a\x07": "RAR",
    OLE + entry("Root Entry") + entry("WordDocument"): "Word",
    OLE + entry("PowerPoint Document"): "presentation",
    OLE + entry("EncryptedPackage"): "password",
    OLE + entry("Workbook"): "damaged",
    OLE + entry("WORKBOOK"): "damaged",
    OLE + entry("book"): "damaged",
    OLE + entry("Workbook") + b"\1" + entry("EncryptionInfo"): "damaged",  # a cell's text
    OLE + entry("Workbooks of mine"): "another program",
    OLE: "another program",
    b"PK\x03\x04 cut off": "damaged",
    b"\x1f\x8b cut off": "damaged",
    b"PAR1 cut off": "damaged",
    b"<?xml version='1.0'?><rss/>": "XML document",
    b"": "empty",
}


@pytest.mark.parametrize("content", STRANGERS)
def test_strangers_are_named(content: bytes, text: Make, opened: Opened) -> None:
    """What is no spreadsheet, or a damaged or protected one, is named in one sentence with the file's name."""
    path = text(content, "liste.xlsx")
    with pytest.raises(UnreadableFile, match=STRANGERS[content]) as raised:
        opened(path)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == 3


def test_a_container_is_known_by_a_directory_at_its_very_end(tmp_path: Path, opened: Opened) -> None:
    """However long a container is and wherever its directory stands, it is known as what it is."""
    path = tmp_path / "liste.xls"
    with path.open("wb") as file:
        file.write(OLE)
        file.seek((65 << 20) - 128)  # the last entry of a part
        file.write(entry("Root Entry") + entry("Workbook"))
    with pytest.raises(UnreadableFile, match="damaged"):
        opened(path)


def test_a_missing_file_and_a_folder(tmp_path: Path, opened: Opened) -> None:
    """A path that names no file says so."""
    with pytest.raises(UnreadableFile, match="no such file"):
        opened(tmp_path / "rien.csv")
    with pytest.raises(UnreadableFile, match="folder"):
        opened(tmp_path)


@pytest.mark.parametrize(
    "part",
    [
        pytest.param("[Content_Types].xml", marks=pytest.mark.slow),
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        pytest.param("xl/sharedStrings.xml", marks=pytest.mark.slow),
    ],
)
def test_entities_are_refused(part: str, xlsx: Make, opened: Opened) -> None:
    """A part that declares entities is refused by name, and nothing of the machine leaks into the answer."""
    path = xlsx("", strings="<si><t>x</t></si>", parts={part: f"{ENTITY}<x>&a;&b;</x>"})
    with pytest.raises(UnreadableFile, match="entities"):
        opened(path)


def test_a_zip_that_is_no_workbook(tmp_path: Path, opened: Opened) -> None:
    """Word documents, presentations and packages without a workbook are named."""
    for parts, said in (
        (["word/document.xml"], "Word"),
        (["ppt/presentation.xml"], "presentation"),
        (["Index/Document.iwa"], "Numbers"),
        (["[Content_Types].xml"], "without a workbook|damaged"),
    ):
        path = tmp_path / "a.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            for part in parts:
                archive.writestr(part, "<x/>")
        with pytest.raises(UnreadableFile, match=said):
            opened(path)


@pytest.mark.slow
def test_bombs_are_refused_unopened(tmp_path: Path, xlsx: Make, opened: Opened) -> None:
    """Declared sizes and ratios are checked before a workbook is unpacked, and while a text is."""
    bomb = xlsx("", parts={"xl/worksheets/sheet1.xml": "0" * (60 << 20)})
    with pytest.raises(UnreadableFile, match=r"60 MB"):
        opened(bomb)
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(b"0" * (60 << 20)))
    with pytest.raises(UnreadableFile, match=r"5\d MB"):
        opened(packed)
    with pytest.raises(UnreadableFile, match="MB"):
        opened(xlsx("<row/>"), limits=Limits(unpacked=100))


def test_damage_inside_a_zip(xlsx: Make, opened: Opened) -> None:
    """A part that does not match its checksum is damage, not data."""
    path = xlsx('<row r="1"><c r="A1" t="str"><v>telephone</v></c></row>')
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    data[place + 80] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match="damaged"):
        opened(path)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(seconds=0.01), "0.01 seconds"),
        (Limits(memory=40 << 20), "memory|crash"),
        (Limits(cells=1000), "1,000 cells"),
    ],
)
def test_limits_end_the_reading(limits: Limits, said: str, xlsx: Make, opened: Opened) -> None:
    """Time, memory and cells are bounded; what goes beyond is one sentence, and the caller lives on."""
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 20_000))
    with pytest.raises(UnreadableFile, match=said):
        opened(xlsx(rows), limits=limits)


def test_a_stream_without_end_is_damage(tmp_path: Path, opened: Opened) -> None:
    """A stream of a binary workbook that leads back into itself is refused before it takes any memory."""
    data = bytearray((FILES / "contacts.xls").read_bytes())
    entry = data.index("Workbook\0".encode("utf-16-le"))
    data[entry + 116 : entry + 124] = struct.pack("<iI", 0, 100)  # it begins at short sector 0 and has 100 bytes
    table = 512 + 512 * struct.unpack_from("<i", data, 60)[0]
    data[table : table + 4] = struct.pack("<i", 0)  # which is followed by itself
    path = tmp_path / "c.xls"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match="damaged"):
        opened(path, limits=Limits(memory=400 << 20))


def test_a_wide_sheet_costs_its_cells_only(xlsx: Make, opened: Opened) -> None:
    """A diagonal of cells over all columns is refused by its number of cells, not by running out of memory."""
    from ptx_bulk.workbooks.sheets.sheet import letters

    rows = "".join(f'<row r="{n + 1}"><c r="{letters(n)}{n + 1}"><v>1</v></c></row>' for n in range(16_384))
    with pytest.raises(UnreadableFile, match="cells"):
        opened(xlsx(rows))
