"""What a rejects file adds to the rows of its input, and how a row is known again that nobody has mended yet.

Both who writes rejects and who reads them again must agree on this. A row is known by its cells as far as spreadsheet
programs leave them alone: without case, punctuation and leading zeros.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

PTX_CODE, PTX_MESSAGE, PTX_SUGGESTION, PTX_LIST = "ptx_code", "ptx_message", "ptx_suggestion", "ptx_list"
PTX_COLUMNS = (PTX_CODE, PTX_MESSAGE, PTX_SUGGESTION, PTX_LIST)
PTX_SINCE = "ptx_since"

_MARK = re.compile(r"\(ref ([0-9a-f]{8})\)\s*$")
_FLOAT = re.compile(r"(?<=\d)\.0+$")


def added_columns(headings: Iterable[str]) -> tuple[int, ...]:
    """Which of these columns a rejects file of ours, or a part that `scrub` wrote, has beside those of its input."""
    names = [heading.strip() for heading in headings]
    if not {PTX_CODE, PTX_MESSAGE} <= {*names} and not {PTX_LIST, PTX_SINCE} <= {*names}:
        return ()
    return tuple(at for at, name in enumerate(names) if name in {*PTX_COLUMNS, PTX_SINCE})


def with_mark(message: str, cells: Iterable[str]) -> str:
    """The message of a rejected row, and behind it the mark of its cells."""
    return f"{message} (ref {row_mark(cells)})".lstrip()


def mark_in(message: str) -> str:
    """The mark in a message that `with_mark` wrote, '' for any other text."""
    found = _MARK.search(message)
    return found[1] if found else ""


def row_mark(cells: Iterable[str]) -> str:
    """Eight hexadecimal digits for the row with these cells; empty cells do not count."""
    kept = "\x1f".join(filter(None, map(_kept, cells)))
    return hashlib.blake2s(kept.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def _kept(cell: str) -> str:
    """What of a cell survives a spreadsheet program."""
    text = _FLOAT.sub("", cell.strip()).casefold()
    return "".join(character for character in text if character.isalnum()).lstrip("0")
