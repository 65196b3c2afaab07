r"""Foreign text on its way to people: what a terminal would obey, or nobody could see, is shown as an escape.

File names, headings, cells, profile names and whatever a server sends may hold escape sequences, line breaks that
forge a line of ours, or marks that turn the order of the letters around. `\x1b` in their place harms nobody and tells
what stood there. One rule for all: a character is shown as an escape when Unicode calls it a control, a format mark,
half of a surrogate pair, or a separator of lines or paragraphs.
"""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": "\t"}
_SURROGATE = re.compile("[\ud800-\udfff]")
# An escape of JSON's own, in UTF-16 as JSON has it.
_JSON_STRING_PART = re.compile(r"[^\x20-\x7e]")


def is_hidden(character: str) -> bool:
    """Whether a terminal would obey the character, or nobody see it."""
    return unicodedata.category(character) in _HIDDEN


def visible(text: object) -> str:
    r"""The text in one line, hidden characters as escapes: `\x1b`, `\u202e`, `\n`; a tab stays as it is.

    A byte of a file name that is not UTF-8 (a lone surrogate to Python) is shown as that byte: `\xe9`.
    """
    said = storable(text)
    if said.isprintable():
        return said
    return "".join(_shown(character) if is_hidden(character) else character for character in said)


def storable(text: object) -> str:
    r"""The text as UTF-8 can hold it: a byte of a file name that is none becomes `\xe9`, all else stays.

    Python carries bytes that its locale does not know as lone surrogates; those that are UTF-8 all the same are read.
    """
    said = str(text)
    if _SURROGATE.search(said) is None:
        return said
    try:
        return said.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # halves of pairs that were no bytes
        return _SURROGATE.sub(lambda match: _shown(match[0]), said)


def visible_json(text: str) -> str:
    """JSON that means the same, its hidden characters spelled as JSON's own escapes."""
    return _JSON_STRING_PART.sub(_spelled, text)


def _shown(character: str) -> str:
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte that it cannot decode
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    if not is_hidden(character) or character in "\n\t":
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
