"""Proof that digits which begin alike are read alike.

`Proof` answers as phonenumbers does for one number, as long as every other number of the same length and the
same leading digits would get the same answer, but for the digits that differ. It follows the library's own steps
(international prefix, country code, national prefix, patterns) and looks at every pattern that they can look at;
where it is not sure it raises `Unsettled`, and the number is read by itself.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from phonenumbers.phonemetadata import PhoneMetadata

from ptx_bulk.numbers.patterns.automaton import Automaton, UnknownSyntax, automaton
from ptx_bulk.numbers.regions.metadata import DigitsReading, Library, country_of, plan_of, plans_of

_KINDS = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)


class Unsettled(Exception):
    """The answer may depend on the free digits."""


class Proof:
    """The library's answers, given only where they hold whatever the last digits are.

    Args:
        rest: how many digits at the end are free. All questions must carry them unchanged at their end.
    """

    def __init__(self, rest: int) -> None:
        self._rest = rest
        self._library = Library()

    def national(self, digits: str, region: str) -> DigitsReading:
        """The library's answer.

        Raises:
            Unsettled: It may depend on the free digits.
        """
        self._sure(_national_settled(digits, region, self._rest))
        return self._library.national(digits, region)

    def international(self, digits: str) -> DigitsReading:
        """The library's answer.

        Raises:
            Unsettled: It may depend on the free digits.
        """
        self._sure(_international_settled(digits, self._rest))
        return self._library.international(digits)

    def starts(self, digits: str, *heads: str) -> bool:
        """The library's answer.

        Raises:
            Unsettled: It may depend on the free digits.
        """
        self._sure(max(map(len, heads)) <= len(digits) - self._rest)
        return self._library.starts(digits, *heads)

    def _sure(self, settled: bool) -> None:
        if not settled:
            raise Unsettled


def _national_settled(digits: str, region: str, rest: int) -> bool:
    plan = plan_of(region)
    known = len(digits) - rest
    if plan is None or plan.country_code is None:
        return False
    own = str(plan.country_code)
    if known < len(own):
        return False
    try:
        prefix = _match_end(plan.international_prefix, digits, rest)
    except UnknownSyntax:
        return False
    if prefix is None or prefix >= known:
        return False
    if prefix and digits[prefix] != "0":
        return _international_settled(digits[prefix:], rest)
    plans = plans_of(plan.country_code)
    stripping = (plan, plans[0])
    texts = (digits, digits[len(own) :]) if digits.startswith(own) else (digits,)
    return all(_plans_settled(stripping, plans, text, rest) for text in texts)


def _international_settled(digits: str, rest: int) -> bool:
    known = digits[: len(digits) - rest]
    country = country_of(known)
    if not country:
        return len(known) >= 3 or known[:1] == "0"
    plans = plans_of(country)
    return _plans_settled(plans[:1], plans, digits[len(str(country)) :], rest)


def _plans_settled(
    stripping: tuple[PhoneMetadata, ...], plans: tuple[PhoneMetadata, ...], digits: str, rest: int
) -> bool:
    """Whether the free digits decide nothing, with or without what the `stripping` plans may take off."""
    try:
        starts = _starts(stripping, digits, rest)
        if starts is None:
            return False
        known = len(digits) - rest
        return all(_plan_settled(plan, digits[start:known], rest) for start in starts for plan in plans)
    except UnknownSyntax:
        return False


def _plan_settled(plan: PhoneMetadata, head: str, rest: int) -> bool:
    """Whether the free digits decide neither the kind of a national number nor its region."""
    general, lengths, kinds = _patterns(plan.id, plan.country_code)
    length = len(head) + rest
    if not general.settles(head, rest):
        return False
    # The library looks at the kinds only then.
    kinds_matter = (not lengths or length in lengths) and general.could_reach(head, length)
    if kinds_matter and not all(pattern.settles(head, rest) for pattern, fit in kinds if not fit or length in fit):
        return False
    return plan.leading_digits is None or automaton(plan.leading_digits).settles_start(head, rest)


@cache
def _patterns(
    region: str, country: int
) -> tuple[Automaton, tuple[int, ...], tuple[tuple[Automaton, tuple[int, ...]], ...]]:
    """What a whole number of a plan is matched against: all of them, their lengths; the same of each kind."""
    plan = next(plan for plan in plans_of(country) if plan.id == region)
    descriptions = [desc for desc in (getattr(plan, kind) for kind in _KINDS) if desc is not None]
    kinds = ((desc.national_number_pattern, desc.possible_length) for desc in descriptions)
    distinct = tuple((automaton(pattern), fit) for pattern, fit in dict.fromkeys(kinds) if pattern)
    general: Any = plan.general_desc
    return automaton(general.national_number_pattern), general.possible_length, distinct


def _starts(stripping: tuple[PhoneMetadata, ...], digits: str, rest: int) -> set[int] | None:
    """Where the national number may start once prefixes are off, None when the free digits may matter."""
    starts, unseen = {0}, [0]
    while unseen:
        start = unseen.pop()
        for plan in stripping:
            taken = _match_end(plan.national_prefix_for_parsing, digits[start:], rest)
            if taken is None or (taken and _moves_digits(plan, digits[start:])):
                return None
            if start + taken not in starts:
                starts.add(start + taken)
                unseen.append(start + taken)
    return starts


def _moves_digits(plan: PhoneMetadata, digits: str) -> bool:
    """Whether the plan replaces the prefix by something instead of taking it off."""
    found = re.match(plan.national_prefix_for_parsing or "", digits)
    return bool(plan.national_prefix_transform_rule and found and found.groups() and found.groups()[-1])


def _match_end(pattern: str | None, digits: str, rest: int) -> int | None:
    """How many digits the pattern takes at the start, None when the free digits may matter."""
    if not pattern:
        return 0
    known = len(digits) - rest
    if known < 0 or not automaton(pattern).ends_within(digits[:known], rest):
        return None
    found = re.match(pattern, digits)
    return found.end() if found else 0


def settled_formats(digits: str, rest: int) -> bool:
    """Whether all numbers with these leading digits are written in the same groups."""
    known = digits[: len(digits) - rest]
    country = country_of(known)
    if not country:
        return False
    head, plan = known[len(str(country)) :], plans_of(country)[0]
    try:
        return all(
            automaton(form.pattern).settles(head, rest)
            and all(automaton(start).settles_start(head, rest) for start in form.leading_digits_pattern[-1:])
            for form in (*plan.number_format, *plan.intl_number_format)
        )
    except UnknownSyntax:
        return False
