"""France is several regions: one national numbering plan over six country codes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from phonenumbers import PhoneNumberType

from ptx_bulk.numbers.patterns.automaton import automaton
from ptx_bulk.numbers.regions.metadata import DigitsReading, Metadata, Via, plan_of, plans_of, writes_trunk_zero

# The regions that dial each other nationally (0 and nine digits); their ranges come from the metadata.
FAMILY = ("FR", "RE", "YT", "GP", "BL", "MF", "GF", "MQ", "PM")
# Regions whose people often write a neighbour's mobile as if it were of the region.
NEIGHBOURS = {"MC": "FR"}
# Mayotte was +269 until 2007; that code is now the Comoros' alone.
_FORMER_CODES = (269,)
# Country codes whose numbers grew at the front: the digits that a former number lacks.
RENUMBERED = {229: "01"}

_FAMILY_DIGITS = 9
METROPOLE = 33  # metropolitan France


@cache
def family_codes() -> tuple[int, ...]:
    """The country codes of the French family, metropolitan France first."""
    codes = (plan.country_code for plan in map(plan_of, FAMILY) if plan is not None)
    return tuple(dict.fromkeys(code for code in codes if code is not None))


@cache
def often_mistaken_codes() -> tuple[int, ...]:
    """Country codes under which family mobiles are found by mistake."""
    return (*family_codes(), *_FORMER_CODES)


@cache
def overseas_heads() -> tuple[str, ...]:
    """The three digits after the 0 that belong to landlines overseas: 262, 590 ...

    Heads that metropolitan France uses for non-geographic numbers (80x, 9xx) are left out.
    """
    overseas = [plan for code in family_codes()[1:] for plan in plans_of(code)]
    home = plans_of(METROPOLE)[0]
    lines = [automaton(plan.fixed_line.national_number_pattern) for plan in overseas if plan.fixed_line]
    others = [
        automaton(desc.national_number_pattern)
        for desc in (home.toll_free, home.premium_rate, home.shared_cost, home.voip, home.uan)
        if desc and desc.national_number_pattern
    ]
    heads = [f"{head}" for head in range(100, 1000)]
    geographic = [h for h in heads if any(line.could_reach(h, 9) for line in lines)]
    return tuple(h for h in geographic if not any(other.could_reach(h, 9) for other in others))


@cache
def mobile_heads(region: str) -> tuple[str, ...]:
    """The two digits that mobiles of the region begin with behind the 0 that they are written with: 60, 61 ... 79.

    Empty where no 0 is written. The French family shares its mobiles, all of nine digits.
    """
    family = region in FAMILY
    plans = [plan_of(one) for one in (FAMILY if family else (region,)) if family or writes_trunk_zero(one)]
    ranges = [
        (automaton(plan.mobile.national_number_pattern), length)
        for plan in plans
        if plan is not None and plan.mobile and plan.mobile.national_number_pattern
        for length in plan.mobile.possible_length or (plan.general_desc.possible_length if plan.general_desc else ())
        if not family or length == _FAMILY_DIGITS
    ]
    heads = [f"{head:02d}" for head in range(100)]
    return tuple(h for h in heads if any(mobile.could_reach(h, length) for mobile, length in ranges))


def in_family(metadata: Metadata, subscriber: str, region: str) -> DigitsReading | None:
    """The reading of nine national digits (without the 0) over the whole French family.

    A mobile is unique there. A landline with an overseas head is never metropolitan. None when no region has it.
    """
    own = plan_of(region)
    first = own.country_code if own is not None else METROPOLE
    codes = sorted(family_codes(), key=lambda code: code != first)
    readings = []
    for code in codes:
        reading = metadata.international(f"{code}{subscriber}")
        if reading.mobile:
            return replace(reading, via=Via.HOME)
        readings.append(reading)
    # Saint-Pierre-et-Miquelon's national writing repeats its country code: 0508 and six digits.
    if metadata.starts(subscriber, "508"):
        readings = [metadata.international(subscriber)]
    elif metadata.starts(subscriber, *overseas_heads()):
        readings = [r for r in readings if r.country != METROPOLE and r.kind == PhoneNumberType.FIXED_LINE]
    found = next((reading for reading in readings if reading.valid), None)
    return found and replace(found, via=Via.HOME)
