"""The words that headings and cells are known by: data files in `words/`, one a subject, read when first asked for.

A table of such a file holds lists of folded texts (see `folding.plain`). `exact` must be the whole text, `phrases`
stand in it as whole words, every other list holds single words. Keys with a meaning of their own are asked for by name.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

_NAMED = frozenset({"exact", "phrases"})


@dataclass(frozen=True)
class Words:
    """One table of words.

    Attributes:
        lists: every list of the table by its key.
    """

    lists: dict[str, frozenset[str]]

    def of(self, *keys: str) -> frozenset[str]:
        """The texts of these lists together."""
        return frozenset().union(*(self.lists[key] for key in keys))

    def single(self, *without: str) -> frozenset[str]:
        """All single words of the table, but those of the lists named."""
        return self.of(*(key for key in self.lists if key not in _NAMED and key not in without))

    def exactly(self, text: str, *keys: str) -> bool:
        """Whether the whole text is one of these lists' texts (`exact` and `phrases` where none is named)."""
        return any(text in self.lists.get(key, ()) for key in keys or ("exact", "phrases"))

    def phrase(self, text: str, *keys: str) -> bool:
        """Whether a phrase of these lists (`phrases` where none is named) stands in the text as whole words."""
        padded = f" {text} "
        return any(f" {phrase} " in padded for key in keys or ("phrases",) for phrase in self.lists.get(key, ()))


@cache
def words(subject: str, table: str) -> Words:
    """The table of a subject's file: `words("phone", "mobile")`."""
    lists = _file(subject)[table]
    return Words({key: frozenset(texts) for key, texts in lists.items() if isinstance(texts, list)})


@cache
def _file(subject: str) -> dict[str, Any]:
    path = resources.files(__package__) / "words" / f"{subject}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


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
