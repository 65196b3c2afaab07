"""Headings and cell words as they are compared: without case, accents, punctuation and mojibake."""

from __future__ import annotations

import re
import unicodedata

_SPLIT = re.compile(r"[^\w]+|_+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LETTER_DIGIT = re.compile(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])")


def plain(text: str) -> str:
    """The words of a text, separated by one blank: `SMSOptOut` and `sms_opt-out` are both `sms opt out`."""
    split = _LETTER_DIGIT.sub(" ", _CAMEL.sub(" ", _unmangle(text.strip())))
    decomposed = unicodedata.normalize("NFKD", split.casefold())
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(word for word in _SPLIT.split(letters) if word)


def is_mangled(text: str) -> bool:
    """Whether the text is UTF-8 that was once read as cp1252."""
    return _unmangle(text) != text


def _unmangle(text: str) -> str:
    """`TÃ©lÃ©phone` as `Téléphone`: UTF-8 that was once read as cp1252."""
    try:
        return text.encode("cp1252").decode("utf-8") if not text.isascii() else text
    except UnicodeError:
        return text
