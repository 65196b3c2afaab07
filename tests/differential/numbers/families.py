"""Regions that share numbers: by country code, France with its overseas, and the world zones of country codes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import phonenumbers

# All that write French numbers, those with a numbering plan of their own included.
FRENCH = ("FR", "RE", "YT", "GP", "BL", "MF", "GF", "MQ", "PM", "NC", "PF", "WF")
_KINDS = range(11)
_MOBILES = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


@dataclass(frozen=True, slots=True)
class Example:
    """A number that the library gives as an example.

    Attributes:
        code: its country code.
        national: the digits behind it.
    """

    code: int
    national: str


@dataclass(frozen=True, slots=True)
class Family:
    """Regions whose numbers are tried together.

    Attributes:
        name: `french`, or the country code.
        regions: their codes of two letters, none for numbers of no region.
        examples: the library's own numbers of all kinds; mobiles stand there four times.
    """

    name: str
    regions: tuple[str, ...]
    examples: tuple[Example, ...]


@cache
def families() -> dict[str, Family]:
    """All families by their names, France first; every country code that the library knows belongs to one."""
    found = {"french": _family("french", FRENCH, ())}
    for code, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()):
        others = tuple(region for region in regions if region not in FRENCH and region != "001")
        if others or "001" in regions:
            found[str(code)] = _family(str(code), others, (code,) if "001" in regions else ())
    return found


@cache
def zones() -> dict[str, tuple[Family, ...]]:
    """All families but the French by world zone: the first digit of the country code (ITU-T E.164, annex A)."""
    found: dict[str, tuple[Family, ...]] = {}
    for name, family in families().items():
        if name != "french":
            found[f"zone{name[0]}"] = (*found.get(f"zone{name[0]}", ()), family)
    return found


def _family(name: str, regions: tuple[str, ...], codes: tuple[int, ...]) -> Family:
    examples = [example for region in regions for kind in _KINDS for example in _examples(region, kind)]
    numbers = (phonenumbers.example_number_for_non_geo_entity(code) for code in codes)
    return Family(name, regions, (*examples, *(_example(number) for number in numbers if number is not None)))


def _examples(region: str, kind: int) -> list[Example]:
    number = phonenumbers.example_number_for_type(region, kind)
    if number is None:
        return []
    return [_example(number)] * (4 if phonenumbers.number_type(number) in _MOBILES else 1)


def _example(number: phonenumbers.PhoneNumber) -> Example:
    return Example(number.country_code or 0, phonenumbers.national_significant_number(number))
