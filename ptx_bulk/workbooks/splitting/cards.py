"""vCards in parts: whole cards as they stand in the file; what is added is a property of ours."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from ptx_bulk.workbooks.sheets.stored import private_file
from ptx_bulk.workbooks.splitting.parts import ADDED, KEPT, PART_NAMES, SheetParts
from ptx_bulk.workbooks.splitting.spans import Unusual

_BEGIN = re.compile(r"^[ \t]*BEGIN:VCARD\b", re.I | re.M)
_END = re.compile(r"^[ \t]*END:VCARD\b", re.I | re.M)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def split_cards(data: bytes, parts: SheetParts, wanted: tuple[int, ...], folder: Path) -> None:
    """Write each part to a file in the folder.

    Raises:
        Unusual: the cards are not on lines of their own.
    """
    # each byte a character, so that what is not ours is written as it was
    encoding = "utf-16" if data.startswith(_WIDE) else "latin-1"
    text = data.decode(encoding, "surrogatepass" if encoding == "utf-16" else "strict")
    begins = [found.start() for found in _BEGIN.finditer(text)]
    if len(begins) < int(parts.rows.max(initial=1)) - 1:
        raise Unusual
    goes = dict(zip(parts.rows.tolist(), parts.part.tolist(), strict=True))
    newline = "\r\n" if "\r\n" in text else "\n"
    for part in wanted:
        added = iter(parts.added.get(part, ()))
        pieces = [text[: begins[0]]]
        for row, (begin, end) in enumerate(pairwise([*begins, len(text)]), 2):
            if goes.get(row, KEPT) == part:
                card = text[begin:end]
                pieces.append(
                    card if part == KEPT else _with(card, dict(zip(ADDED[part], next(added), strict=True)), newline)
                )
        with private_file(folder / PART_NAMES[part]) as out:
            out.write("".join(pieces).encode(encoding, "replace"))


def _with(card: str, ours: Mapping[str, str], newline: str) -> str:
    """The card with our properties before its end."""
    lines = "".join(
        f"X-{name.upper().replace('_', '-')}:{' '.join(text.split())}{newline}" for name, text in ours.items() if text
    )
    found = _END.search(card)
    at = found.start() if found else len(card)
    return card[:at] + lines.encode().decode("latin-1") + card[at:]
