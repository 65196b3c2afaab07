"""The words that headings and cells are known by: data files in `words/`, one a subject, read when first asked for.

A table of such a file holds lists of folded texts (see `folding.plain`). `exact` must be the whole text, `phrases`
stand in it as whole words, every other list holds single words. Keys with a meaning of their own are asked for by name.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
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
        return frozenset().union(*(self.lists.get(key, frozenset()) for key in keys))

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
