"""Words of a country column to ISO codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd
import phonenumbers
from babel import Locale
from babel.core import get_global

from ptx_bulk.numbers.regions.home import UNKNOWN_COUNTRY
from ptx_bulk.numbers.verdict import EMPTY_WORDS

_ARTICLES = frozenset(("la", "le", "les", "l", "the", "die", "los", "el", "il", "de", "o", "a"))
_CODE_LENGTHS = (2, 3)
# What people write and CLDR does not list; folded as `_folded` does.
_USUAL = {
    "FR": "dom|drom|dom tom|drom com|departements d outre mer|outre mer|"
    "metropole|france metropolitaine|france metro|metropolitan france|hexagone|france continentale|"
    "france hexagonale",
    "RE": "ile de la reunion|reunion island",
    "GF": "guyane|french guyana",
    "BL": "saint barth|saint barthelemy",
    "PF": "polynesie|tahiti",
    "WF": "wallis",
    "GB": "great britain|grande bretagne|angleterre|england|ecosse|scotland|pays de galles|wales|"
    "northern ireland|irlande du nord|u k|inglaterra|inghilterra|engeland|"
    "united kingdom of great britain and northern ireland",
    "US": "u s a|u s|usa|eeuu|ee uu|eua|etats unis d amerique|united states of america|america|amerique",
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


# Overseas departments by the number that follows their name: `Réunion (974)`.
_DEPARTMENTS = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT", "977": "BL", "978": "MF",
    "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
_LANGUAGES = ("fr", "en", "es", "de", "it", "nl", "pt")
# Countries share these names.
_SHARED = ("congo",)
# NA may be Namibia or "not available".
_UNCERTAIN = frozenset(("na",))
_FLAG = re.compile("([\U0001f1e6-\U0001f1ff]{2})|\U0001f3f4([\U000e0061-\U000e007a]+)\U000e007f?")
_DIAL = re.compile(r"(?:\+|(?<!\d)00)\s?(\d{1,3})(?:[ -]?\d{3})?(?!\d)")
_BETWEEN = re.compile(r"[()\[\]/|,;:\n=]|(?:^|\s)[-–—]+(?:\s|$)")
_BESIDE = re.compile(r"(.+)\(([^()]+)\)")
_NUMERIC = re.compile(r"(?:00)?\s?(\d{1,3})(?:[.,]0)?")


def country_codes(words: pd.Series[Any]) -> pd.Series[str]:
    """The ISO 3166 alpha-2 code of each word of a country column.

    Codes of two or three letters, names in French, English, Spanish, German, Italian, Dutch and Portuguese, flags,
    dial codes (`+41`, `0041`, `41`), and these together as long as they agree (`Suisse (+41)`). Case and accents do
    not matter. A dial code of several countries gives the one in which the numbers of all are read.

    Returns:
        '' where the cell is blank, `UNKNOWN_COUNTRY` where the word names no country, or several.
    """
    places, distinct = pd.factorize(words)
    codes = ["" if pd.isna(word) else _code(str(word)) for word in distinct]
    found = [codes[place] if place >= 0 else "" for place in places.tolist()]
    return pd.Series(found, index=words.index, dtype="str")


def country_named(phrase: str) -> str:
    """The code of the country that this is a name of, '' for none; codes are no names."""
    return _looked_up(_folded(phrase), _names())


def country_coded(word: str) -> str:
    """The code that this is, of two or three letters, '' when it is none."""
    return _all_names().get(_folded(word), "") if word.isalpha() and len(word) in _CODE_LENGTHS else ""


def named_together(words: str) -> str:
    """The country that names, codes and flags say together (`CH - Suisse`), '' when they say none or several."""
    code = _code(words)
    return "" if code == UNKNOWN_COUNTRY else code


def flags(text: str) -> tuple[list[str], str]:
    """The countries whose flags stand in the text, and the text without the flags."""
    found = []
    for flag in _FLAG.finditer(text):
        letters = flag[1] or flag[2][:2]
        found.append("".join(chr((ord(char) - (0x1F1E6 if flag[1] else 0xE0061)) + ord("A")) for char in letters))
    return [code if code in _territories("en") else UNKNOWN_COUNTRY for code in found], _FLAG.sub(" ", text)


def _code(word: str) -> str:
    text = unicodedata.normalize("NFKC", word).strip()
    if text.casefold() in EMPTY_WORDS - _UNCERTAIN or not text.strip("-–— ._\n"):
        return ""
    folded = _folded(text)
    if folded in _UNCERTAIN:
        return UNKNOWN_COUNTRY
    return _looked_up(folded, _all_names()) or _agreed(text)


def _agreed(text: str) -> str:
    """The country that all parts of the text say."""
    if beside := _BESIDE.fullmatch(text):
        name, same = (_looked_up(_folded(half), _all_names()) for half in beside.groups())
        if name and name == same:
            return name
    found, text = flags(text)
    dials = [_main_region(int(dial[1])) for dial in _DIAL.finditer(text)]
    parts = [part.strip() for part in _BETWEEN.split(_DIAL.sub(" | ", text)) if part.strip(" .-")]
    numeric = [number[1] for part in parts if (number := _NUMERIC.fullmatch(part))]
    found += [_looked_up(_folded(part), _all_names()) for part in parts if not _NUMERIC.fullmatch(part)]
    names = set(found)
    dials += [_main_region(int(dial)) for dial in numeric if not (names and _DEPARTMENTS.get(dial) in names)]
    if len(names) > 1 or "" in names or UNKNOWN_COUNTRY in names:
        return UNKNOWN_COUNTRY
    if names and all(dial and _dial(dial) == _dial(next(iter(names))) for dial in dials):
        return names.pop()
    return dials[0] or UNKNOWN_COUNTRY if not names and len(set(dials)) == 1 else UNKNOWN_COUNTRY


def _main_region(dial: int) -> str:
    """The region that reads all numbers of a country code, '' for a code of no country."""
    main = str(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(dial, ("",))[0])
    return main if main.isalpha() else ""


def _dial(region: str) -> int:
    return int(phonenumbers.country_code_for_region(region))


def _looked_up(folded: str, names: dict[str, str]) -> str:
    first, _, rest = folded.partition(" ")
    return names.get(folded) or (names.get(rest, "") if first in _ARTICLES else "")


@cache
def _names() -> dict[str, str]:
    """Folded names; a full name comes before a part of another's name."""
    names: dict[str, str] = {}
    for code, usual in _USUAL.items():
        names.update(dict.fromkeys(usual.split("|"), code))
    for spelling in (_full_names, _parts):
        for name, code in spelling():
            names.setdefault(_folded(name), code)
    return {name: code for name, code in names.items() if name not in _SHARED}


@cache
def _all_names() -> dict[str, str]:
    """Folded names and codes."""
    usual = {name: code for code, names in _USUAL.items() for name in names.split("|")}
    codes = {_folded(name): code for name, code in reversed(list(_codes()))}
    return _names() | codes | usual


def _codes() -> Iterator[tuple[str, str]]:
    known = _territories("en")
    yield from ((code, code) for code in known)
    for alias, codes in get_global("territory_aliases").items():
        if alias.isalpha() and len(codes) == 1 and codes[0] in known:
            yield alias, codes[0]


def _full_names() -> Iterator[tuple[str, str]]:
    for language in _LANGUAGES:
        yield from ((name, code) for code, name in _territories(language).items())


def _parts() -> Iterator[tuple[str, str]]:
    for name, code in _full_names():
        if found := re.fullmatch(r"(.+) \((.+)\)", name):
            yield found[1], code
            yield found[2], code


def country_names(language: str) -> dict[str, str]:
    """The names of the countries that have numbers, by their codes, sorted by name without accents."""
    named = {code: name for code, name in _territories(language).items() if code in phonenumbers.SUPPORTED_REGIONS}
    return dict(sorted(named.items(), key=lambda one: _folded(one[1])))


def _territories(language: str) -> dict[str, str]:
    names = Locale(language).territories
    return {code: name for code, name in names.items() if len(code) == 2 and code.isalpha() and code != "ZZ"}


def _folded(word: str) -> str:
    split = unicodedata.normalize("NFD", word.casefold())
    letters = "".join(char for char in split if not unicodedata.combining(char))
    folded = " ".join(re.findall(r"\w+", letters.replace("&", " and ")))
    return re.sub(r"\b(st|ste)\b", lambda found: "saint" + found[1][2:], folded)
