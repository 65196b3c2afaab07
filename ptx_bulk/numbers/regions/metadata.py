"""The one door to phonenumbers: what its metadata says about a string of digits.

Rules ask through the `Metadata` protocol and look at nothing else, neither the library nor single digits.
So the shortcut can note what a rule asked and prove that other digits would get the same answers.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import Protocol

import phonenumbers
from phonenumbers import CountryCodeSource, NumberParseException, PhoneNumberType, ValidationResult
from phonenumbers.phonemetadata import PhoneMetadata

from ptx_bulk.model import Code

MAX_DIGITS = 15  # of an E.164 number
MOBILE_TYPES = frozenset((PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE))
_LENGTH_CODES = {
    ValidationResult.TOO_SHORT: Code.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: Code.TOO_SHORT,
    ValidationResult.INVALID_LENGTH: Code.TOO_SHORT,
    ValidationResult.TOO_LONG: Code.TOO_LONG,
}
_PARSE_CODES = {
    NumberParseException.TOO_SHORT_AFTER_IDD: Code.TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: Code.TOO_SHORT,
    NumberParseException.NOT_A_NUMBER: Code.TOO_SHORT,  # a single digit
    NumberParseException.TOO_LONG: Code.TOO_LONG,
}


class Via(Enum):
    """How the library came to the country of a reading."""

    HOME = "read in the default region"
    OWN_CODE = "the default region's own country code without +"
    ABROAD = "a country code after + or after the region's international prefix"


@dataclass(frozen=True, slots=True)
class DigitsReading:
    """Digits as phonenumbers reads them.

    Attributes:
        e164: country code and national number, '' when there is no such reading.
        country: the country code, 0 when there is no such reading.
        kind: the `PhoneNumberType`; `UNKNOWN` unless valid.
        fault: None when valid, else why not: `TOO_SHORT`, `TOO_LONG` or `INVALID_FOR_REGION`.
        via: how the country was found.
    """

    e164: str
    country: int
    kind: int
    fault: Code | None
    via: Via = Via.HOME

    @property
    def valid(self) -> bool:
        """An allocated range of any kind."""
        return self.fault is None

    @property
    def mobile(self) -> bool:
        """Valid and reachable by SMS."""
        return self.fault is None and self.kind in MOBILE_TYPES


class Metadata(Protocol):
    """What rules may ask about digits."""

    def national(self, digits: str, region: str) -> DigitsReading:
        """The digits as somebody in `region` would dial them."""

    def international(self, digits: str) -> DigitsReading:
        """The digits as country code and national number."""

    def starts(self, digits: str, *heads: str) -> bool:
        """Whether the digits start with one of these."""


class Library:
    """phonenumbers itself: the truth."""

    def national(self, digits: str, region: str) -> DigitsReading:
        """The digits as somebody in `region` would dial them."""
        return _parsed(digits, region)

    def international(self, digits: str) -> DigitsReading:
        """The digits as country code and national number."""
        return _parsed("+" + digits, None)

    def starts(self, digits: str, *heads: str) -> bool:
        """Whether the digits start with one of these."""
        return digits.startswith(heads)


@lru_cache(maxsize=1 << 12)  # rules ask the same more than once
def _parsed(text: str, region: str | None) -> DigitsReading:
    try:
        number = phonenumbers.parse(text, region, keep_raw_input=True)
    except NumberParseException as fault:
        return DigitsReading(
            "", 0, PhoneNumberType.UNKNOWN, _PARSE_CODES.get(fault.error_type, Code.INVALID_FOR_REGION)
        )
    kind = phonenumbers.number_type(number)
    fault_code = None
    if kind == PhoneNumberType.UNKNOWN:
        possible = phonenumbers.is_possible_number_with_reason(number)
        fault_code = _LENGTH_CODES.get(possible, Code.INVALID_FOR_REGION)
    e164 = f"{number.country_code}{phonenumbers.national_significant_number(number)}"
    if len(e164) > MAX_DIGITS:
        fault_code = fault_code or Code.TOO_LONG
    return DigitsReading(e164, number.country_code or 0, kind, fault_code, _via(number.country_code_source))


def _via(source: int) -> Via:
    if source == CountryCodeSource.FROM_DEFAULT_COUNTRY:
        return Via.HOME
    return Via.OWN_CODE if source == CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN else Via.ABROAD


def metadata_version() -> str:
    """The version of phonenumbers, whose metadata decides what is valid."""
    return str(phonenumbers.__version__)


def metadata_date(version: str, installed: dt.date | None = None) -> dt.date | None:
    """About when the numbering plans of a version are from; None where that is not known.

    The package does not tell its date. Its versions follow libphonenumber's, which come every two weeks or so: 9.0.10
    on 2025-07-17 and 9.0.23 on 2026-01-29 (times of the commits so tagged). That is right to within a month or two. Of
    other series it is only known that they are no younger than their installation.
    """
    match = re.fullmatch(r"9\.0\.([0-9]{1,3})", version)
    if match is None:
        return installed
    (first, begun), (last, ended) = _RELEASES
    return begun + (ended - begun) * (int(match[1]) - first) / (last - first)


_RELEASES = ((10, dt.date(2025, 7, 17)), (23, dt.date(2026, 1, 29)))


def split_number(number: int) -> tuple[str, str]:
    """Country code and national digits of an E.164 number; no code where it has none that is known."""
    digits = str(number)
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except NumberParseException:
        return "", digits
    code = str(parsed.country_code)
    return code, digits.removeprefix(code)


@cache
def plan_of(region: str) -> PhoneMetadata | None:
    """The numbering plan of a region, None for an unknown one."""
    return PhoneMetadata.metadata_for_region(region)


@cache
def plans_of(country: int) -> tuple[PhoneMetadata, ...]:
    """The plans that share a country code, the main one first; empty for an unknown code."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(country, ())
    plans = (PhoneMetadata.metadata_for_region_or_calling_code(country, region) for region in regions)
    return tuple(plan for plan in plans if plan is not None)


@cache
def country_of(digits: str) -> int:
    """The country code that the digits start with, 0 when they start with none."""
    for length in (1, 2, 3):
        if digits[:1] != "0" and int(digits[:length] or 0) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return int(digits[:length])
    return 0


@cache
def writes_trunk_zero(region: str) -> bool:
    """Whether mobile numbers of the region are written with a leading 0 that E.164 leaves out."""
    plan = plan_of(region)
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if plan is None or plan.national_prefix != "0" or example is None:
        return False
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL).lstrip("(")[0] == "0"


@cache
def keeps_leading_zero(region: str) -> bool:
    """Whether mobile numbers of the region start with a 0 that E.164 keeps."""
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    return example is not None and phonenumbers.national_significant_number(example)[0] == "0"
