"""What `phonenumbers` says, asked by its public functions alone; nothing here knows the product."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from typing import Any

import phonenumbers
from phonenumbers import CountryCodeSource, NumberParseException, PhoneNumberType, ValidationResult
from phonenumbers.phonemetadata import PhoneMetadata

_MOBILES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_LONGEST = 15  # of an E.164 number
_ENOUGH = (ValidationResult.IS_POSSIBLE, ValidationResult.TOO_LONG, ValidationResult.INVALID_COUNTRY_CODE)
_TOO_SHORT = (NumberParseException.TOO_SHORT_NSN, NumberParseException.TOO_SHORT_AFTER_IDD)
_FOUND = {
    CountryCodeSource.FROM_DEFAULT_COUNTRY: "home",
    CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN: "bare",
}
# What may stand between digits for the library, as far as the policy takes it as well.
PLAIN = frozenset("0123456789+ .-()/")


@dataclass(frozen=True, slots=True)
class Said:
    """The library's reading of a text.

    Attributes:
        e164: country code and number, '' when it found none.
        code: the country code.
        national: the digits behind it.
        valid, mobile, fixed: what kind of number that is.
        coded: how the country was found: `home` (the default region), `bare` (its code without a +), `dialled`.
    """

    e164: str = ""
    code: int = 0
    national: str = ""
    valid: bool = False
    mobile: bool = False
    fixed: bool = False
    coded: str = "home"


@lru_cache(maxsize=1 << 14)
def said(text: str, region: str = "") -> Said:
    """What the library reads in the text as it stands."""
    try:
        number = phonenumbers.parse(text, region or None, keep_raw_input=True)
    except NumberParseException:
        return Said()
    national = phonenumbers.national_significant_number(number)
    e164 = f"{number.country_code}{national}"
    kind = phonenumbers.number_type(number) if len(e164) <= _LONGEST else PhoneNumberType.UNKNOWN
    return Said(
        e164=e164,
        code=number.country_code or 0,
        national=national,
        valid=kind != PhoneNumberType.UNKNOWN,
        mobile=kind in _MOBILES,
        fixed=kind == PhoneNumberType.FIXED_LINE,
        coded=_FOUND.get(number.country_code_source, "dialled"),
    )


def lacks_digits(text: str, region: str = "") -> bool:
    """Whether the library finds the number too short, or of a length between those that there are."""
    try:
        number = phonenumbers.parse(text, region or None)
    except NumberParseException as error:
        return error.error_type in _TOO_SHORT or len(text.lstrip("+")) < 2
    return phonenumbers.is_possible_number_with_reason(number) not in _ENOUGH


def code_of(region: str) -> int:
    """The country code of a region."""
    return phonenumbers.country_code_for_region(region)


@cache
def trunk_of(code: int, region: str) -> str:
    """What is dialled before the national digits of the country code, as its main plan has it, else the region's."""
    main = phonenumbers.region_code_for_country_code(code)
    named = main if main.isalpha() and main != "ZZ" else region
    return phonenumbers.ndd_prefix_for_region(named, True) or ""


@cache
def keeps_bracketed_zero(code: int) -> bool:
    """Whether a bracketed 0 behind the country code is a digit of the number, no trunk zero."""
    return trunk_of(code, "ZZ") != "0"


@cache
def idd_of(region: str) -> str:
    """What is dialled in the region before a country code."""
    plan = PhoneMetadata.metadata_for_region(region)
    prefix = (plan.preferred_international_prefix or plan.international_prefix) if plan is not None else None
    return prefix if prefix and prefix.isdecimal() else "00"


@cache
def writes_zero(region: str) -> bool:
    """Whether mobiles of the region are written with a 0 that E.164 leaves out."""
    example = _example(region)
    if example is None or phonenumbers.ndd_prefix_for_region(region, False) != "0":
        return False
    shown = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    return re.sub(r"\D", "", shown).startswith("0")


@cache
def keeps_zero(region: str) -> bool:
    """Whether mobiles of the region begin with a 0 behind the country code."""
    example = _example(region)
    return example is not None and phonenumbers.national_significant_number(example).startswith("0")


def _example(region: str) -> phonenumbers.PhoneNumber | None:
    return phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE) if region else None


@cache
def mobile_begins(region: str, head: str, length: int = 0) -> bool:
    """Whether a mobile of the region, of this length, may begin with these two digits."""
    plan = PhoneMetadata.metadata_for_region(region)
    if plan is None or plan.mobile is None or not plan.mobile.national_number_pattern:
        return False
    pattern = plan.mobile.national_number_pattern
    if length:  # numbers of other lengths begin otherwise: tried with all that may follow closely
        ends = product("0123456789", repeat=3)
        return any(
            re.fullmatch(pattern, f"{head}{''.join(more)}{tail * (length - 5)}") for more in ends for tail in "502"
        )
    return head in _heads(pattern)


@cache
def _heads(pattern: str) -> frozenset[str]:
    """The two digits that a match of the pattern may begin with."""
    return frozenset(_begun(frozenset(("",)), re._parser.parse(pattern)))  # type: ignore[attr-defined]


def _begun(heads: frozenset[str], items: Iterable[tuple[object, Any]]) -> frozenset[str]:
    """What the beginnings may be, behind these, once the items of a parsed pattern were matched."""
    for name, what in items:
        if all(len(head) >= 2 for head in heads):
            break
        heads = frozenset(one for head in heads for one in ({head} if len(head) >= 2 else _one(head, str(name), what)))
    return heads


def _one(head: str, name: str, what: Any) -> frozenset[str]:
    if name == "LITERAL":
        return frozenset((head + chr(what),))
    if name == "IN":
        return frozenset(
            head + digit for digit in "0123456789" if any(_holds(digit, str(kind), of) for kind, of in what)
        )
    if name == "BRANCH":
        return frozenset(one for branch in what[1] for one in _begun(frozenset((head,)), branch))
    if name == "SUBPATTERN":
        return _begun(frozenset((head,)), what[-1])
    assert name == "MAX_REPEAT", name
    least, most, items = what
    grown = [_begun(frozenset((head,)), [*items] * times) for times in range(least, min(int(most), least + 2) + 1)]
    return frozenset(one for some in grown for one in some)


def _holds(digit: str, kind: str, of: Any) -> bool:
    if kind == "RANGE":
        return bool(of[0] <= ord(digit) <= of[1])
    return ord(digit) == of if kind == "LITERAL" else kind == "CATEGORY"
