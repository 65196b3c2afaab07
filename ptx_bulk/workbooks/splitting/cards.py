"""vCards in parts: whole cards as they stand in the file; what is added is a property of ours."""

from __future__ import annotations

import codecs
import quopri
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from ptx_bulk.workbooks.sheets.stored import private_file
from ptx_bulk.workbooks.splitting.parts import ADDED, KEPT, PART_NAMES, SheetParts
from ptx_bulk.workbooks.splitting.spans import Unusual

_BEGIN = re.compile(r"^[ \t]*BEGIN:VCARD\b", re.I | re.M)
_END = re.compile(r"^[ \t]*END:VCARD\b", re.I | re.M)
_OURS = re.compile(
    r"^X-PTX-(?:LIST|SINCE|CODE|MESSAGE|SUGGESTION):[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n)?", re.I | re.M
)
_MARKS = {
    codecs.BOM_UTF8: "latin-1",  # each byte a character, so that what is not ours is written as it was
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_FOLD = re.compile(r"\r?\n[ \t]")
_QUOTED_PRINTABLE = re.compile(r"^[^:\n]*ENCODING=QUOTED-PRINTABLE[^:\n]*:(?:[^\n]*=\r?\n)*[^\n]*", re.I | re.M)
_PICTURE = re.compile(r"^(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY|UID|REV)[;:][^\n]*(?:\n[ \t][^\n]*)*", re.I | re.M)


def card_texts(data: bytes) -> list[str]:
    """What the cards say, in their order: lines unfolded, without pictures and what is ours."""
    mark, encoding = _encoding(data)
    text = data.removeprefix(mark).decode("utf-8" if encoding == "latin-1" else encoding, "replace")
    begins = [found.start() for found in _BEGIN.finditer(text)]
    return [_plain(text[begin:end]) for begin, end in pairwise([*begins, len(text)])]


def _plain(card: str) -> str:
    card = _QUOTED_PRINTABLE.sub(lambda found: quopri.decodestring(found[0].encode()).decode("utf-8", "replace"), card)
    return _FOLD.sub("", _PICTURE.sub("", _OURS.sub("", card)))


def _encoding(data: bytes) -> tuple[bytes, str]:
    """The byte order mark, and in what the characters are taken."""
    return next(((mark, name) for mark, name in _MARKS.items() if data.startswith(mark)), (b"", "latin-1"))


def split_cards(data: bytes, parts: SheetParts, wanted: tuple[int, ...], folder: Path) -> None:
    """Write each part to a file in the folder.

    Raises:
        Unusual: the cards are not on lines of their own, or not all of their bytes are characters.
    """
    mark, encoding = _encoding(data)
    try:
        text = data.removeprefix(mark).decode(encoding, "surrogatepass" if encoding != "latin-1" else "strict")
    except UnicodeDecodeError as error:
        raise Unusual from error
    begins = [found.start() for found in _BEGIN.finditer(text)]
    if not begins or len(begins) < int(parts.rows.max(initial=1)) - 1:
        raise Unusual
    goes = dict(zip(parts.rows.tolist(), parts.part.tolist(), strict=True))
    newline = "\r\n" if "\r\n" in text else "\n"
    for part in wanted:
        added = iter(parts.added.get(part, ()))
        pieces = [text[: begins[0]]]
        for row, (begin, end) in enumerate(pairwise([*begins, len(text)]), 2):
            if goes.get(row, KEPT) == part:
                card = _OURS.sub("", text[begin:end])  # of an earlier time
                pieces.append(
                    card
                    if part == KEPT
                    else _with(card, dict(zip(ADDED[part], next(added), strict=True)), newline, encoding)
                )
        with private_file(folder / PART_NAMES[part]) as out:
            out.write(mark + "".join(pieces).encode(encoding, "surrogatepass" if encoding != "latin-1" else "replace"))


def _with(card: str, ours: Mapping[str, str], newline: str, encoding: str) -> str:
    """The card with our properties before its end."""
    lines = "".join(
        f"X-{name.upper().replace('_', '-')}:{' '.join(text.split())}{newline}" for name, text in ours.items() if text
    )
    found = _END.search(card)
    at = found.start() if found else len(card)
    return card[:at] + (lines.encode().decode("latin-1") if encoding == "latin-1" else lines) + card[at:]
