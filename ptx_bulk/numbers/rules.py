"""Digits to a verdict: the national and the international reading, and which of them is certain.

`Rules.read` is the truth for digits in one region, as `placing` asks it. It knows digits only through a `Metadata`,
so that the shortcut can replay a decision for all digits that the metadata cannot tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from phonenumbers import PhoneNumberType

from ptx_bulk.model import Accept, Code
from ptx_bulk.numbers.regions.families import (
    FAMILY,
    METROPOLE,
    NEIGHBOURS,
    RENUMBERED,
    family_codes,
    in_family,
    mobile_heads,
    often_mistaken_codes,
    overseas_heads,
)
from ptx_bulk.numbers.regions.home import Home
from ptx_bulk.numbers.regions.metadata import (
    MAX_DIGITS,
    DigitsReading,
    Metadata,
    Via,
    keeps_leading_zero,
    plan_of,
    writes_trunk_zero,
)
from ptx_bulk.numbers.verdict import Verdict, rejected

_MIN_E164 = 6
_NONE: frozenset[Code] = frozenset()


@dataclass(frozen=True, slots=True)
class Digits:
    """A number without its punctuation.

    Attributes:
        text: ASCII digits, at least one.
        plus: whether a + stood before them.
    """

    text: str
    plus: bool = False


class Reader(Protocol):
    """Whatever turns digits into a verdict: the policy, or a shortcut proven equal to it."""

    def read(self, digits: Digits, home: Home) -> Verdict:
        """The verdict for these digits at this home."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy for digits in one region.

    Attributes:
        accept: which valid numbers count.
        metadata: what is known of numbering plans.
    """

    accept: Accept
    metadata: Metadata

    def read(self, digits: Digits, region: str) -> Verdict:
        """The verdict for these digits in this default region, '' for none."""
        text, starts = digits.text, self.metadata.starts
        dialled = starts(text, "00") and not starts(text, "000")
        if digits.plus:
            verdict = self.abroad(text[2:] if dialled else text, region)
            return verdict if verdict.number or verdict.suggestions else self._plus_by_mistake(verdict, text, region)
        home, repairs = self.home(text, region)
        if dialled and not (home.valid and home.via is Via.HOME):
            return self._dialled(home, text, region)
        if home.valid and home.via is Via.ABROAD:
            return self._behind_prefix(home, text, region)
        if home.mobile or starts(text, "0"):
            return self._at_home(home, repairs, text, region)
        return self._two_readings(home, repairs, text, region)

    def home(self, text: str, region: str) -> tuple[DigitsReading, frozenset[Code]]:
        """The national reading, with the repairs that it takes."""
        if not region:
            return _none(_length_fault(text)), _NONE
        zero = self.metadata.starts(text, "0")
        lost = _NONE if zero or not writes_trunk_zero(region) else frozenset((Code.ZERO_RESTORED,))
        if region in FAMILY and len(text) == 9 + zero:
            found = in_family(self.metadata, text[zero:], region)
            # Metropolitan metadata alone would take landline ranges that belong overseas.
            return found or _none(Code.INVALID_FOR_REGION), lost
        reading = self.metadata.national(text, region)
        if reading.via is Via.OWN_CODE:
            return _none(self.metadata.international(text).fault or Code.TOO_LONG), _NONE
        if not reading.valid and not zero and keeps_leading_zero(region):
            longer = self.metadata.national("0" + text, region)
            if longer.mobile:
                return longer, frozenset((Code.ZERO_RESTORED,))
        if reading.fault is Code.INVALID_FOR_REGION and zero and writes_trunk_zero(region):
            # The library counts the trunk zero when the number is too short without it.
            return _none(self.metadata.international(f"{code_of(region)}{text[1:]}").fault or reading.fault), _NONE
        return reading, lost

    def _dialled(self, home: DigitsReading, text: str, region: str) -> Verdict:
        """The verdict for 00, which means a country code everywhere, but may begin a longer prefix of the region."""
        verdict = self.abroad(text[2:], region)
        if not home.valid or self.metadata.international(text[2:]).e164 == home.e164:
            return verdict
        own = self._behind_prefix(home, text, region)
        if not verdict.number and verdict.reason is not Code.NOT_MOBILE:
            return own
        return rejected(Code.REGION_AMBIGUOUS, *(one.number for one in (verdict, own) if one.number))

    def _behind_prefix(self, home: DigitsReading, text: str, region: str) -> Verdict:
        """The verdict for a country code behind the region's own international prefix."""
        return self._taken(home, text[-len(home.e164) - self._trunk(home, text) :], region)

    def _two_readings(self, home: DigitsReading, repairs: frozenset[Code], text: str, region: str) -> Verdict:
        """Digits without + that are no mobile at home: the international reading has a say."""
        there = self.metadata.international(text)
        verdict = self.abroad(text, region)
        if verdict.number:
            if home.valid and int(home.e164) != verdict.number:
                if there.mobile:
                    return rejected(Code.REGION_AMBIGUOUS, verdict.number)
                return self._at_home(home, repairs, text, region)
            if region and (home.fault is Code.TOO_SHORT or self._mobile_at_heart(text, region)):
                return rejected(Code.REGION_AMBIGUOUS, verdict.number)
            return verdict.warned(Code.PLUS_RESTORED)
        if not region or (
            home.fault not in (None, Code.TOO_SHORT) and verdict.reason in (Code.NOT_MOBILE, Code.REGION_AMBIGUOUS)
        ):
            return verdict
        return self._at_home(home, repairs, text, region)

    def _mobile_at_heart(self, text: str, region: str) -> bool:
        """Whether digits begin like a mobile of the region that lost its zero, with another length than it has."""
        # Monaco's people write French numbers as if they were their own.
        near = [*family_codes()] if region in FAMILY else [code_of(region), code_of(NEIGHBOURS.get(region, region))]
        heads, own = mobile_heads(region), tuple(map(str, near))
        return bool(heads) and self.metadata.starts(text, *heads) and not self.metadata.starts(text, *own)

    def _at_home(self, home: DigitsReading, repairs: frozenset[Code], text: str, region: str) -> Verdict:
        """The verdict of the national reading alone."""
        if home.fault is not None:
            return rejected(home.fault, *self._behind_zeros(text))
        if not self._counts(home):
            return rejected(Code.NOT_MOBILE)
        codes = set(repairs)
        suggestions: tuple[int, ...] = ()
        if region in FAMILY and home.country != code_of(region):
            codes.add(Code.OVERSEAS_RESOLVED)
        if region in NEIGHBOURS:
            other, _ = self.home(text, NEIGHBOURS[region])
            if other.mobile:
                codes.add(Code.REGION_AMBIGUOUS)
                suggestions = (int(other.e164),)
        return Verdict(int(home.e164), frozenset(codes), suggestions)

    def abroad(self, text: str, region: str) -> Verdict:
        """The verdict of a country code and what follows it."""
        reading = self.metadata.international(text)
        if reading.fault is None:
            return self._taken(reading, text, region)
        subscriber = text[len(str(reading.country)) :] if reading.country else ""
        relative = self._relative(reading.country, subscriber, region)
        if relative is not None:
            return rejected(Code.REGION_AMBIGUOUS, int(relative.e164))
        if reading.country in RENUMBERED:
            grown = self.metadata.international(f"{reading.country}{RENUMBERED[reading.country]}{subscriber}")
            return rejected(reading.fault, *_mobiles(grown))
        return rejected(reading.fault, *self._behind_zeros(text))

    def _plus_by_mistake(self, verdict: Verdict, text: str, region: str) -> Verdict:
        """The rejection of a number with +, and the national mobile that it may be."""
        if verdict.reason is Code.NOT_MOBILE:
            return verdict
        home, _ = self.home(text, region)
        return replace(verdict, suggestions=_mobiles(home))

    def _taken(self, reading: DigitsReading, text: str, region: str) -> Verdict:
        """The verdict for a valid reading of exactly this country code and number."""
        codes = _NONE
        if text != reading.e164:
            if not self._trunk(reading, text):
                # The library dropped or moved other digits (an old carrier or mobile prefix).
                return rejected(Code.INVALID_FOR_REGION, *_mobiles(reading))
            codes = frozenset((Code.TRUNK_ZERO_REMOVED,))
        if not self._counts(reading):
            return rejected(Code.NOT_MOBILE)
        subscriber = _subscriber(reading)
        if (
            reading.country == METROPOLE
            and reading.kind == PhoneNumberType.FIXED_LINE
            and self.metadata.starts(subscriber, "508", *overseas_heads())
        ):
            relative = in_family(self.metadata, subscriber, region)
            return rejected(Code.REGION_AMBIGUOUS, *([int(relative.e164)] if relative else []))
        return Verdict(int(reading.e164), codes)

    def _relative(self, country: int, subscriber: str, region: str) -> DigitsReading | None:
        """The mobile of the French family that stands behind another code of the family by mistake."""
        if country not in often_mistaken_codes():
            return None
        if self.metadata.starts(subscriber, "0"):
            subscriber = subscriber[1:]
        if len(subscriber) != 9:
            return None
        found = in_family(self.metadata, subscriber, region)
        return found if found is not None and found.mobile else None

    def _behind_zeros(self, text: str) -> tuple[int, ...]:
        """The mobile that stays when the zeros in front of a country code are left out."""
        zeros = 0
        while zeros < len(text) and self.metadata.starts(text, "0" * (zeros + 1)):
            zeros += 1
        return _mobiles(self.metadata.international(text[zeros:])) if 0 < zeros < len(text) else ()

    def _counts(self, reading: DigitsReading) -> bool:
        return reading.mobile or self.accept is Accept.ANY

    def _trunk(self, reading: DigitsReading, text: str) -> bool:
        """Whether the text has a 0 between country code and number."""
        return text.endswith(f"{reading.country}0{_subscriber(reading)}")


def _none(fault: Code) -> DigitsReading:
    return DigitsReading("", 0, PhoneNumberType.UNKNOWN, fault)


def _length_fault(text: str) -> Code:
    """Why national digits say nothing without a region."""
    if len(text) < _MIN_E164:
        return Code.TOO_SHORT
    return Code.TOO_LONG if len(text) > MAX_DIGITS else Code.REGION_AMBIGUOUS


def _mobiles(reading: DigitsReading) -> tuple[int, ...]:
    return (int(reading.e164),) if reading.mobile else ()


def _subscriber(reading: DigitsReading) -> str:
    return reading.e164[len(str(reading.country)) :]


def code_of(region: str) -> int | None:
    """The country code of a region."""
    plan = plan_of(region)
    return None if plan is None else plan.country_code
