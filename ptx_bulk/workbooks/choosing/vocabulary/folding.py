"""Headings and cell words as they are compared: without case, accents, punctuation and mojibake."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPLIT = re.compile(r"[^\w]+|_+")
# é, è, ê and the like of Mac Roman and of DOS, between letters, as cp1252 shows them.
_MAC = re.compile("(?<=[A-Za-z])[\u017d\x8f\x90](?=[a-z]|\\b)")
_DOS = re.compile("(?<=[A-Za-z])[\u201a\u0160\u02c6](?=[a-z]|\\b)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LETTER_DIGIT = re.compile(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """The words of a text, separated by one blank: `SMSOptOut` and `sms_opt-out` are both `sms opt out`."""
    split = _LETTER_DIGIT.sub(" ", _CAMEL.sub(" ", _unmangle(text.strip())))
    decomposed = unicodedata.normalize("NFKD", split.casefold())
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(word for word in _SPLIT.split(letters) if word)


def is_mangled(text: str) -> bool:
    """Whether the text is UTF-8 that was once read as cp1252."""
    return _unmangle(text) != text


def _unmangle(text: str) -> str:
    """`TÃ©lÃ©phone`, `TŽlŽphone` and `T‚l‚phone` as `Téléphone`: another encoding that was once read as cp1252."""
    if text.isascii():
        return text
    for encoding, sign in (("utf-8", None), ("mac_roman", _MAC), ("cp850", _DOS)):
        if sign is None or sign.search(text):
            try:
                return text.encode("cp1252").decode(encoding)
            except UnicodeError:
                continue
    return text
