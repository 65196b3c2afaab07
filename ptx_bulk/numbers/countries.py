"""Words of a country column to ISO codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd
from babel import Locale
from babel.core import get_global

_ARTICLES = frozenset(("la", "le", "les", "l", "the"))
# What people write and CLDR does not list; folded as `_folded` does.
_USUAL = {
    "FR": "metropole|france metropolitaine|france metro|metropolitan france|hexagone|france continentale|"
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
    """The ISO 3166 alpha-2 code of each word: a code of two or three letters, or a name in French or English.

    Case and accents do not matter. '' where the word names no country, or several.
    """
    places, distinct = pd.factorize(words)
    codes = ["" if pd.isna(word) else _code(str(word)) for word in distinct]
    found = [codes[place] if place >= 0 else "" for place in places.tolist()]
    return pd.Series(found, index=words.index, dtype="str")


def _code(word: str) -> str:
    folded = _folded(word)
    first, _, rest = folded.partition(" ")
    return _names().get(folded) or (_names().get(rest, "") if first in _ARTICLES else "")


@cache
def _names() -> dict[str, str]:
    """Folded names and codes; a full name comes before a part of another's name."""
    names: dict[str, str] = {}
    for code, usual in _USUAL.items():
        names.update(dict.fromkeys(usual.split("|"), code))
    for spelling in (_codes, _full_names, _parts):
        for name, code in spelling():
            names.setdefault(_folded(name), code)
    return names


def _codes() -> Iterator[tuple[str, str]]:
    known = _territories("en")
    yield from ((code, code) for code in known)
    for alias, codes in get_global("territory_aliases").items():
        if alias.isalpha() and len(codes) == 1 and codes[0] in known:
            yield alias, codes[0]


def _full_names() -> Iterator[tuple[str, str]]:
    for language in ("fr", "en"):
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
