"""vCards, of all versions, by vobject: one row a card, with a column for each kind of telephone number."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import vobject
from vobject.base import ParseError

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.guard.archives import too_big
from ptx_bulk.workbooks.sheets.cells import TEXT, SheetBuilder
from ptx_bulk.workbooks.sheets.limits import MIB, Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter

_LARGEST = 256 * MIB
_BEGIN = re.compile(r"^[ \t]*BEGIN:VCARD\b", re.I | re.M)
_CARD = re.compile(r"[ \t]*BEGIN:VCARD\b.*?^[ \t]*END:VCARD[ \t]*$", re.I | re.S | re.M)
_DAMAGED_LENGTH = 500  # characters of a damaged card that are shown
_PHOTO = re.compile(
    r"^(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:][^\n]*(?:\n[ \t][^\n]*)*(?:\n(?:[A-Za-z0-9+/=]{20,}))*\n?", re.I | re.M
)
# the kinds that tell where a number rings; the others (voice, pref, internet) say nothing about that
_KINDS = ("FAX", "PAGER", "CELL", "IPHONE", "MOBILE", "HOME", "WORK", "MAIN", "CAR", "VIDEO", "MODEM", "BBS", "ISDN")
_SAME = {"IPHONE": "CELL", "MOBILE": "CELL"}


def read_vcards(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand the cards to `writer` as one sheet; its first row names the columns.

    Raises:
        UnreadableFile: damaged, or far too large.
    """
    size = path.stat().st_size
    if size > _LARGEST:
        raise too_big(size)
    text = _decoded(path.read_bytes()).replace("\r\n", "\n").replace("\r", "\n")
    columns: dict[str, int] = {}
    cards = list(_cards(text))
    rows = [{} if isinstance(card, str) else _placed(_fields(card), columns) for card in cards]
    if not any(rows):
        raise UnreadableFile(_("no card in it is whole (BEGIN:VCARD to END:VCARD); export the contacts again"))
    # A damaged card is no reason to refuse the others; whichever columns are used, it is rejected with what it says.
    numbers = [column for heading, column in columns.items() if heading.startswith("TEL")]
    for card, row in zip(cards, rows, strict=True):
        if isinstance(card, str):
            row.update(dict.fromkeys(numbers, " | ".join(card.split("\n"))[:_DAMAGED_LENGTH]))
    builder = SheetBuilder(limits)
    for heading, column in columns.items():
        builder.cell(1, column, heading, TEXT)
    for number, row in enumerate(rows, 2):
        for column, value in row.items():
            builder.cell(number, column, value, TEXT)
    writer.add("", builder)


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _cards(text: str) -> Iterator[Any]:
    """The cards, pictures in them left out; the text of a damaged one as it stands, from its beginning to the next."""
    begins = [found.start() for found in _BEGIN.finditer(text)]
    for begin, end in pairwise([*begins, len(text)]):
        part = text[begin:end]
        whole = _CARD.match(part)
        if whole is None and end == len(text):  # whatever followed is missing, too
            raise UnreadableFile(_("the last card is cut off; export the contacts again"))
        if whole is None:
            yield part
            continue
        try:
            yield vobject.readOne(_PHOTO.sub("", whole[0]), ignoreUnreadable=False, allowQP=True)
        except (ParseError, ValueError, LookupError, AttributeError, StopIteration):
            yield part


def _fields(card: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - the library has no types
    """Heading and value of each field that is wanted; headings may come more than once."""
    contents = card.contents
    for name in ("fn", "n", "org"):
        for field in contents.get(name, [])[:1]:
            yield ("N" if name == "n" else name.upper()), _plain(field.value)
    for field in contents.get("tel", []):
        yield _heading(field), _plain(field.value).removeprefix("tel:")
    for field in contents.get("email", []):
        yield "EMAIL", _plain(field.value)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)).strip()
    return " ".join(str(value).split())


def _heading(field: Any) -> str:  # noqa: ANN401
    """`TEL` and the kinds of the number, in one order whatever that in the file."""
    words = {word.upper() for values in field.params.values() for one in values for word in re.split("[, ]", one)}
    words |= {word.upper() for one in field.singletonparams for word in re.split("[, ]", one)}
    kinds = {_SAME.get(word, word) for word in words & set(_KINDS)}
    if "FAX" in kinds:
        kinds = {"FAX"}
    elif "CELL" in kinds:
        kinds = {"CELL"}
    return " ".join(["TEL", *(kind for kind in _KINDS if kind in kinds)])


def _placed(fields: Iterator[tuple[str, str]], columns: dict[str, int]) -> dict[int, str]:
    """The card's values by column; a second number of the same kind has a column of its own."""
    row: dict[int, str] = {}
    for heading, value in fields:
        name, count = heading, 1
        while columns.setdefault(name, len(columns)) in row:
            count += 1
            name = f"{heading} {count}"
        if value:
            row[columns[name]] = value
    return row
