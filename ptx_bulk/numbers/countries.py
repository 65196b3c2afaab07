"""Words of a country column to ISO codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import pandas as pd
import phonenumbers
from babel import Locale
from babel.core import get_global

from ptx_bulk.model import Code
from ptx_bulk.numbers.clean import cleaned
from ptx_bulk.numbers.reading import UNKNOWN_COUNTRY
from ptx_bulk.numbers.screen import screened

_BETWEEN = re.compile(r"\s*[()\[\]|/,;:+]+\s*|\s+-\s+")
_DIALLED = re.compile(r"\(?\s*(\+|00)?\s*([0-9]{1,4})\s*\)?")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_FIRST_INDICATOR = 0x1F1E6
_DEPARTMENTS = frozenset(["971", "972", "973", "974", "975", "976", "977", "978", "984", "986", "987", "988"])
_ARTICLES = frozenset(("la", "le", "les", "l", "the"))
# What people write and CLDR does not list; folded as `_folded` does.
_USUAL = {
    "FR": "dom|dom tom|drom|drom com|outre mer|france outre mer|"
    "metropole|france metropolitaine|france metro|metropolitan france|hexagone|france continentale|"
    "france hexagonale",
    "RE": "ile de la reunion|reunion island",
    "GF": "guyane|french guyana",
    "BL": "saint barth|saint barthelemy",
    "PF": "polynesie|tahiti",
    "WF": "wallis",
    "GB": "great britain|grande bretagne|angleterre|england|ecosse|scotland|pays de galles|wales|"
    "northern ireland|irlande du nord|u k|united kingdom of great britain and northern ireland",
    "US": "u s a|u s|etats unis d amerique|united states of america|america|amerique",
    "NL": "hollande|holland|pays bas|the netherlands",
    "CZ": "republique tcheque|czech republic",
    "CI": "ivory coast",
    "CD": "rdc|rd congo|drc|congo rdc|republique democratique du congo|democratic republic of the congo|zaire",
    "CG": "congo brazzaville|republique du congo|republic of the congo",
    "CV": "cape verde|cap vert",
    "TR": "turkey",
    "AE": "emirats|uae|eau|emirats arabes",
    "VA": "vatican",
    "MK": "macedoine|macedonia",
    "SZ": "swaziland",
    "HK": "hong kong",
    "MO": "macao|macau",
    "KR": "south korea|republic of korea|coree du sud",
    "RU": "russian federation|federation de russie",
    "VN": "viet nam",
    "IE": "republic of ireland|eire|republique d irlande",
    "LU": "grand duche de luxembourg",
    "CH": "confederation helvetique|swiss",
    "DE": "deutschland",
    "ES": "espana",
    "IT": "italia",
    "BE": "belgie",
}


def country_codes(words: pd.Series[Any]) -> pd.Series[str]:
    """The ISO 3166 alpha-2 code of each word, '' for a blank one, `UNKNOWN_COUNTRY` for one that names no country.

    A word is a code of two or three letters, a name in one of seven languages, a calling code (`+41`, `0041`, `41`), a
    flag, or several of these that agree (`CH - Suisse (+41)`). Case and accents do not matter.
    """
    places, distinct = pd.factorize(words)
    codes = ["" if pd.isna(word) else country_code(str(word)) for word in distinct]
    found = [codes[place] if place >= 0 else "" for place in places.tolist()]
    return pd.Series(found, index=words.index, dtype="str")


@lru_cache(maxsize=4096)
def country_code(word: str) -> str:
    """The code of one word; see `country_codes`."""
    text = cleaned(word)
    if screened(text) is Code.EMPTY:
        return ""
    if whole := _code(text):
        return whole
    pieces = [piece for piece in _BETWEEN.split(_FLAG.sub(r" | \g<0> | ", text)) if piece.strip()]
    known = {code for piece in pieces if (code := _code(piece))}
    others = [piece for piece in pieces if not _code(piece) and any(map(str.isalpha, piece))]
    return known.pop() if len(known) == 1 and not others else UNKNOWN_COUNTRY


def _code(word: str) -> str:
    """The code of a name, a code, a calling code or a flag; '' where it is none of them."""
    text = word.strip(" .:;'\"")
    if flag := _FLAG.fullmatch(text):
        letters = "".join(chr(ord(char) - _FIRST_INDICATOR + ord("A")) for char in flag[0])
        return letters if letters in _territories("en") else ""
    if dialled := _DIALLED.fullmatch(text):
        return _of_calling_code(dialled[2], certain=bool(dialled[1]))
    folded = _folded(text)
    first, _, rest = folded.partition(" ")
    return _names().get(folded) or (_names().get(rest, "") if first in _ARTICLES else "")


def _of_calling_code(digits: str, *, certain: bool) -> str:
    """The main region of a calling code; without `+` or `00` a French department is none (974 is no Qatar there)."""
    digits = digits.lstrip("0")
    if not certain and (digits in _DEPARTMENTS or len(digits) > 3):
        return ""
    region: str = phonenumbers.region_code_for_country_code(int(digits or 0))
    if region in ("ZZ", "001") and len(digits) == 4 and digits[0] == "1":  # +1 with an area code of its own
        return "US"
    return "" if region in ("ZZ", "001") else region


# Names of several countries, whatever a language takes them for.
_AMBIGUOUS = frozenset(["congo", "kongo", "coree", "korea", "corea", "guinees", "antilles", "samoas"])


@cache
def _names() -> dict[str, str]:
    """Folded names and codes; a full name comes before a part of another's name."""
    names: dict[str, str] = {}
    for code, usual in _USUAL.items():
        names.update(dict.fromkeys(usual.split("|"), code))
    for spelling in (_codes, _full_names, _parts):
        for name, code in spelling():
            names.setdefault(_folded(name), code)
    return {name: code for name, code in names.items() if name not in _AMBIGUOUS}


def _codes() -> Iterator[tuple[str, str]]:
    known = _territories("en")
    yield from ((code, code) for code in known)
    for alias, codes in get_global("territory_aliases").items():
        if alias.isalpha() and len(codes) == 1 and codes[0] in known:
            yield alias, codes[0]


def _full_names() -> Iterator[tuple[str, str]]:
    for language in ("fr", "en", "es", "de", "it", "nl", "pt"):
        yield from ((name, code) for code, name in _territories(language).items())


def _parts() -> Iterator[tuple[str, str]]:
    for name, code in _full_names():
        if found := re.fullmatch(r"(.+) \((.+)\)", name):
            yield found[1], code
            yield found[2], code


def _territories(language: str) -> dict[str, str]:
    names = Locale(language).territories
    return {code: name for code, name in names.items() if len(code) == 2 and code.isalpha() and code != "ZZ"}


def _folded(word: str) -> str:
    split = unicodedata.normalize("NFD", word.casefold())
    letters = "".join(char for char in split if not unicodedata.combining(char))
    folded = " ".join(re.findall(r"\w+", letters.replace("&", " and ")))
    return re.sub(r"\b(st|ste)\b", lambda found: "saint" + found[1][2:], folded)
