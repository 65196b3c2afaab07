"""The country that a cell names beside its number: `(CH)`, a flag, `(Maroc)`, `Tél. Belgique`.

A name counts anywhere among words for phones; a code of two or three letters, which may be another word as well,
only in brackets or as the whole word beside the number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from ptx_bulk.numbers.regions.country_words import country_coded, country_named, flags, named_together
from ptx_bulk.numbers.regions.home import UNKNOWN_COUNTRY

_BRACKETED = re.compile(r"\(([^()\d]*)\)|\[([^\[\]\d]*)\]|<([^<>\d]*)>")
_WORD = re.compile(r"[^\W\d_]+\.?")
# Titles, labels and given names that are codes or names of countries, too.
_OTHER = frozenset(("mr", "me", "mme", "dom", "per", "bur", "jordan", "chad", "georgia", "israel", "india", "kenya"))
# Words that are codes when they stand in capitals.
_SMALL = frozenset(re.findall(r"\w+", "ma la le de du no nr et so in is it si ne se pa as at to do my mon am pm"))


@lru_cache(maxsize=4096)  # a column says the same words over and over
def country_beside(before: str, after: str, known: Callable[[str], bool]) -> tuple[str, str, str]:
    """The country named before or after a number, and what stands there without it.

    Args:
        before: the text before the number.
        after: the text after it.
        known: whether a word is a label of phones.

    Returns:
        The code ('' for none, `UNKNOWN_COUNTRY` for several), the rest before and after.
    """
    found: list[str] = []

    def bracket(match: re.Match[str]) -> str:
        words = next(group for group in match.groups() if group is not None).strip()
        country = "" if _meant_otherwise(words) else named_together(words)
        found.extend([country] if country else [])
        return " " if country else match[0]

    sides = []
    for side in (before, after):
        shown, rest = flags(side)
        found += shown
        sides.append(_BRACKETED.sub(bracket, rest))
    for place, side in enumerate(sides):
        other = _WORD.findall(_BRACKETED.sub(" ", sides[1 - place]))
        country, sides[place] = _among_words(side, known, alone=not other)
        found += [country] if country else []
    distinct = set(found)
    country = "" if not distinct else distinct.pop() if len(distinct) == 1 else UNKNOWN_COUNTRY
    return country, sides[0], sides[1]


def _among_words(text: str, known: Callable[[str], bool], *, alone: bool) -> tuple[str, str]:
    """The country among the words of one side, and the text without it."""
    open_text = _BRACKETED.sub(lambda found: " " * len(found[0]), text)
    words = list(_WORD.finditer(open_text))
    for length in range(len(words), 0, -1):
        for first in range(len(words) - length + 1):
            span = words[first : first + length]
            others = words[:first] + words[first + length :]
            phrase = " ".join(word[0] for word in span)
            if not all(known(word[0]) for word in others) or phrase.casefold() in _OTHER:
                continue
            country = "" if length == 1 and known(phrase) else country_named(phrase)
            if not country and length == 1 and phrase.isupper() and ((alone and not others) or not known(phrase)):
                country = country_coded(phrase)
            if country:
                return country, text[: span[0].start()] + " " + text[span[-1].end() :]
    return "", text


def _meant_otherwise(words: str) -> bool:
    return words.casefold() in _OTHER or (words in _SMALL and words.islower())
