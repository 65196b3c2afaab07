"""Files of other kinds, known by their first bytes, for the sentence that refuses them."""

from __future__ import annotations

import re
import struct

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import N_, _

# first bytes → what the file is
_FIRST: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", N_("a PDF document")),
    (b"%!PS", N_("a PostScript document")),
    (b"\x89PNG", N_("an image")),
    (b"\xff\xd8\xff", N_("an image")),
    (b"GIF8", N_("an image")),
    (b"II*\0", N_("an image")),
    (b"MM\0*", N_("an image")),
    (b"RIFF", N_("a media file")),
    (b"OggS", N_("a media file")),
    (b"ID3", N_("a media file")),
    (b"{\\rtf", N_("a text document (RTF)")),
    (b"Rar!", N_("a RAR archive")),
    (b"7z\xbc\xaf", N_("a 7-Zip archive")),
    (b"BZh", N_("a bzip2 archive")),
    (b"\xfd7zXZ", N_("an xz archive")),
    (b"\x28\xb5\x2f\xfd", N_("a zstd archive")),
    (b"SQLite format 3", N_("a database")),
    (b"\0\x01\0\0Standard Jet DB", N_("an Access database")),
    (b"\0\x01\0\0Standard ACE DB", N_("an Access database")),
    (b"!BDN", N_("an Outlook data file")),
    (b"\0\0\x1a\0", N_("a Lotus 1-2-3 workbook")),
    (b"\0\0\x02\0", N_("a Lotus 1-2-3 workbook")),
    (b"\xff\0\x02\0", N_("a Works spreadsheet")),
    (b"ARROW1", N_("an Arrow file")),
    (b"Obj\x01", N_("an Avro file")),
    (b"bplist00", N_("a property list")),
    (b"L\0\0\0\x01\x14\x02\0", N_("a shortcut")),
    (b"MZ", N_("a program")),
    (b"\x7fELF", N_("a program")),
)
# the start of texts that only programs read
_TEXTS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"ID;[^\r\n]*[\r\n].*?[\r\n]C;(?:[XY]\d+;){0,2}K", re.S), N_("a SYLK file (.slk)")),
    (re.compile(rb"TABLE[ \t]*\r?\n0,1[ \t]*\r?\n"), N_("a DIF file")),
    (
        re.compile(rb"(?:[\w-]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)*content-type:\s*multipart/related", re.I),
        N_("a web archive (MHT)"),
    ),
    (
        re.compile(rb"(?:[\w-]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)*mime-version:\s*1\.0", re.I),
        N_("an e-mail message"),
    ),
    (re.compile(rb'\s*(?:\[\s*)?\{\s*(?:"[^"]*"\s*:|\})'), N_("a JSON file")),
    (re.compile(rb'\s*\[\s*(?:\[|\]\s*$|"[^"]*"\s*[,\]]|-?[\d.]+\s*,)'), N_("a JSON file")),
    (re.compile(rb"BEGIN:VCALENDAR\b", re.I), N_("a calendar")),
)
_DBASE = frozenset(b"\x02\x03\x04\x05\x30\x31\x32\x43\x63\x83\x8b\x8c\xcb\xe5\xf5\xfb")


def stranger(what: str) -> UnreadableFile:
    """The refusal of a file that is `what`."""
    return UnreadableFile(
        _("this is {what}, not a spreadsheet; save the list as an Excel workbook (.xlsx) or as CSV").format(what=what)
    )


def refuse_binary(head: bytes) -> None:
    """Refuse a file that begins like one of another kind.

    Raises:
        UnreadableFile: it says which.
    """
    for magic, what in _FIRST:
        if head.startswith(magic):
            raise stranger(_(what))
    if head[4:8] == b"ftyp":
        raise stranger(_("a media file"))
    if head[257:262] == b"ustar":
        raise stranger(_("a tar archive"))
    if _is_dbase(head):
        raise stranger(_("a dBase table (DBF)"))


def refuse_text(head: bytes) -> None:
    """Refuse a text, in UTF-8 or a code page, that is no table of cells.

    Raises:
        UnreadableFile: it says what it is.
    """
    for pattern, what in _TEXTS:
        if pattern.match(head):
            raise stranger(_(what))


def _is_dbase(head: bytes) -> bool:
    """Whether the header has a day of the calendar, the length of its fields, and the mark at their end."""
    if len(head) < 66 or head[0] not in _DBASE or not (1 <= head[2] <= 12 and 1 <= head[3] <= 31):
        return False
    length, record = struct.unpack_from("<HH", head, 8)
    return length > 64 and record > 1 and b"\r" in head[64:] and head[32:43].rstrip(b"\0").isascii() and not head[12]
