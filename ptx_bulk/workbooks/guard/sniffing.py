"""What a file is, by its content; its name only helps to word the answer."""

from __future__ import annotations

import re
import zipfile
from enum import StrEnum
from pathlib import Path

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.guard.archives import damaged, locked, locked_workbook
from ptx_bulk.workbooks.guard.foreign_formats import refuse_binary, refuse_text, stranger

HEAD = 4096


class Format(StrEnum):
    """A format that can be read."""

    CSV = "csv"
    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    HTML = "html"
    XML2003 = "xml2003"
    FODS = "fods"
    VCARD = "vcf"
    PARQUET = "parquet"
    DATAFRAME = "dataframe"  # a table in a caller's memory; no file is sniffed as one
    GZIP = "gzip"  # a compressed text file
    ZIP = "zip"  # one text file in a zip


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_OLE_NAMES = {"encryptedpackage", "encryptioninfo", "workbook", "book", "worddocument", "powerpoint document"}
_OLE_ENTRY = 128  # bytes
_OLE_PART = 16 << 20  # bytes, in whole entries

_HTML = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype\s+html|<html|<head|<body|<meta|<table|<style|<div|<script)",
    re.I | re.S,
)
_TAG = re.compile(rb"<[!/a-z][^>]*>", re.I)
_TABLE = re.compile(rb"<table\b[^>]*>.{0,65536}?<t[dh]\b", re.I | re.S)
_MOST_BEFORE_TABLE = 1 << 20
_FLAT_ODS = re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<office:document\b[^>]*opendocument\.spreadsheet", re.S)
_VCARD = re.compile(rb"\s*BEGIN:VCARD\b", re.I)
_XML2003 = re.compile(rb"\s*(<\?xml[^>]*>)?\s*(<\?mso-application[^>]*>\s*)?(<!--.*?-->\s*)*<(\w+:)?Workbook\b", re.S)
_XML = re.compile(rb"\s*<\?xml\b")
_NUMBERS_APP = "index/document.iwa"


def sniff(path: Path) -> Format:  # noqa: PLR0911 - one line a kind
    """The file's format.

    Raises:
        UnreadableFile: empty, protected, damaged, or no spreadsheet; the text does not name the file.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise UnreadableFile(_("the file is empty; export the list again"))
    if head.startswith(OLE):
        return _sniff_ole(path)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK00PK")):
        return _sniff_zip(path)
    if head.startswith(b"\x1f\x8b"):
        return Format.GZIP
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    if re.match(rb"\x09[\x00\x02\x04\x08]", head) and head[2:3] in {b"\x04", b"\x06", b"\x08", b"\x10"}:
        return Format.XLS  # a bare BIFF stream of old programs
    refuse_binary(head)
    if b"PK\x03\x04" in head and zipfile.is_zipfile(path):
        return _sniff_zip(path)  # something was put before it: its parts are found from its end
    return _sniff_text(path, head)


def _utf8(head: bytes) -> bytes:
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return head.decode("utf-16", errors="ignore").encode()
    return head.removeprefix(b"\xef\xbb\xbf")


def _sniff_text(path: Path, head: bytes) -> Format:
    plain = _utf8(head)
    if _XML2003.match(plain) and b"urn:schemas-microsoft-com:office:spreadsheet" in plain:
        return Format.XML2003
    if _FLAT_ODS.match(plain):
        return Format.FODS
    if _HTML.match(plain) or _is_page(path, plain):
        return Format.HTML
    if _XML.match(plain):
        raise stranger(_("an XML document"))
    if _VCARD.match(plain):
        return Format.VCARD
    refuse_text(plain)
    return Format.CSV


def _is_page(path: Path, head: bytes) -> bool:
    """Whether it is a page with a table, whatever it begins with; HTML in the cells of a text file makes none."""
    if b"<" not in head:
        return False
    with path.open("rb") as file:
        start = _utf8(file.read(_MOST_BEFORE_TABLE))
    table = _TABLE.search(start)
    if table is None:
        return False
    before = start[: table.start()]
    return start.lstrip().startswith(b"<") or not re.search(rb"[;\t|\"]", _TAG.sub(b"", before))


def _sniff_zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename.replace("\\", "/").lstrip("/").lower() for entry in entries}
            if "mimetype" in names:
                kind = archive.read("mimetype")[:100] if "mimetype" in archive.namelist() else b""
                return _sniff_opendocument(kind)
            locked_entry = any(entry.flag_bits & 1 for entry in entries)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise damaged() from error
    if "content.xml" in names:
        return Format.ODS
    if any(name.endswith("workbook.bin") for name in names):
        return Format.XLSB
    if any(name.startswith("word/") for name in names):
        raise stranger(_("a Word document"))
    if any(name.startswith("ppt/") for name in names):
        raise stranger(_("a presentation"))
    if _NUMBERS_APP in names or any(name.endswith(".numbers/index.zip") for name in names):
        raise stranger(_("an Apple Numbers document"))
    if "[content_types].xml" in names or any(name.startswith("xl/") for name in names):
        return Format.XLSX
    if locked_entry:
        raise locked()
    return Format.ZIP


def _sniff_opendocument(kind: bytes) -> Format:
    if b"spreadsheet" in kind:
        return Format.ODS
    if b"opendocument" in kind:
        raise stranger(_("a text document, drawing or presentation"))
    return Format.ODS


def _sniff_ole(path: Path) -> Format:
    """An OLE container: an old Excel workbook, a protected new one, or a document of another program."""
    names = _ole_names(path)
    if names & {"encryptedpackage", "encryptioninfo"}:
        raise locked_workbook()
    if names & {"workbook", "book"}:
        return Format.XLS
    if "worddocument" in names:
        raise stranger(_("a Word document"))
    if "powerpoint document" in names:
        raise stranger(_("a presentation"))
    raise stranger(_("a document of another program"))


def _ole_names(path: Path) -> set[str]:
    """Which of the streams that tell the kind of document a container holds, in small letters.

    The directory may be anywhere, last of all in a long file, and a damaged file may not say where. Its entries are
    known by their place and form ([MS-CFB] 2.6.1): 128 bytes each, in sectors of 512 or 4,096, with the name in
    UTF-16 ended by a zero, in any case.
    """
    found: set[str] = set()
    with path.open("rb") as file:
        while part := file.read(_OLE_PART).lower():
            for name in _OLE_NAMES - found:
                sought = f"{name}\0".encode("utf-16-le")
                place = part.find(sought)
                while place >= 0 and place % _OLE_ENTRY:
                    place = part.find(sought, place + 1)
                if place >= 0:
                    found.add(name)
    return found
