"""Which number a string of digits is: what the library says, but for the rules by which the policy differs from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.differential.numbers.library import Said, code_of, keeps_zero, lacks_digits, mobile_begins, said, writes_zero

# Regions that dial each other nationally, and their codes; behind +33 these heads of landlines belong overseas.
ONE_PLAN = {"FR": 33, "RE": 262, "YT": 262, "GP": 590, "BL": 590, "MF": 590, "GF": 594, "MQ": 596, "PM": 508}
OVERSEAS = ("262", "263", "268", "269", "590", "594", "596", "598")
_CODES = tuple(dict.fromkeys(ONE_PLAN.values()))
_NOTHING = Said()
_ABROAD = "33612345678"  # a number with its country code, which no prefix makes another
_BORDERS = {"MC": "FR"}  # regions whose people write a neighbour's numbers as their own


@dataclass(frozen=True, slots=True)
class Answer:
    """The number that must come out.

    Attributes:
        number: its E.164 digits, 0 for none.
        rule: why that may differ from what the library says of the text, '' for no reason.
    """

    number: int = 0
    rule: str = ""


def placed(digits: str, region: str, *, plus: bool, landlines: bool) -> Answer:
    """The number of these digits in this default region, '' for none."""
    zeros = dialled(digits)
    home, rule = national(digits, region)
    if plus:
        rule = "00 is dialled everywhere" if zeros else "digits left out" * digits.startswith("0")
        return abroad(digits[2:] if zeros else digits, landlines=landlines, rule=rule)
    if zeros and not (home.valid and home.coded == "home"):
        return _behind_zeros(digits, region, home, landlines=landlines)
    if home.valid and home.coded == "dialled":
        return _behind_prefix(digits, region, home, landlines=landlines)
    if home.mobile or digits.startswith("0"):
        return _counted(home, landlines, rule)
    return _either(digits, region, home, rule, landlines=landlines)


def _behind_zeros(digits: str, region: str, home: Said, *, landlines: bool) -> Answer:
    """Two zeros mean a country code everywhere; where the region's own prefix says another number, nobody can tell."""
    there, bare = said("+" + digits[2:]), said(digits, region)
    whole = there.valid and digits[2:] in _forms(there)
    if home.valid and whole and home.e164 != there.e164:
        return Answer(0, "two ways to dial")
    if home.valid and not whole:
        return _behind_prefix(digits, region, home, landlines=landlines)
    rule = "00 is dialled everywhere" * ((bare.e164, bare.valid) != (there.e164, there.valid))
    return abroad(digits[2:], landlines=landlines, rule=rule)


def _behind_prefix(digits: str, region: str, home: Said, *, landlines: bool) -> Answer:
    """The whole number behind what is dialled before a country code, and behind nothing else."""
    for form in _forms(home):
        if digits.endswith(form) and said(digits.removesuffix(form) + _ABROAD, region).e164 == _ABROAD:
            return _counted(home, landlines, "")
    return Answer(0, "digits left out")


def dialled(digits: str) -> bool:
    """Whether the digits begin with the two zeros of a country code."""
    return digits.startswith("00") and not digits.startswith("000")


def _either(digits: str, region: str, home: Said, rule: str, *, landlines: bool) -> Answer:
    """Two readings: a mobile at home comes first, then the country code without its plus, unless nobody can tell."""
    there = abroad(digits, landlines=landlines, rule="plus restored")
    if not there.number:
        return there if not region else _counted(home, landlines, rule or there.rule)
    if home.valid and int(home.e164) != there.number:
        return Answer(0, "two readings") if said("+" + digits).mobile else _counted(home, landlines, rule)
    if region and (_too_short(digits, region) or _like_own_mobile(digits, region)):
        return Answer(0, "two readings")
    return there


def abroad(digits: str, *, landlines: bool, rule: str) -> Answer:
    """The number of a country code and all digits behind it, but for a trunk zero."""
    there = said("+" + digits)
    if not there.valid:
        return Answer(0, rule)
    if digits not in _forms(there):
        return Answer(0, "digits left out")
    if there.code == 33 and there.fixed and there.national.startswith(("508", *OVERSEAS)):
        return Answer(0, "France is several regions")
    return _counted(there, landlines, rule)


def _forms(found: Said) -> tuple[str, str]:
    """All digits of the number, without and with a trunk zero behind its country code."""
    return found.e164, f"{found.code}0{found.national}"


def national(digits: str, region: str) -> tuple[Said, str]:
    """The national reading, and the rule by which it differs from the library's."""
    if not region:
        return _NOTHING, ""
    trunk = digits.startswith("0")
    if region in ONE_PLAN and len(digits) == 9 + trunk:
        found, bare = _in_france(digits[trunk:], region), said(digits, region)
        return found, "France is several regions" * ((found.e164, found.valid) != (bare.e164, bare.valid))
    found = said(digits, region)
    if found.coded == "bare":
        return _NOTHING, ""
    if not found.valid and not trunk and keeps_zero(region) and said("0" + digits, region).mobile:
        return said("0" + digits, region), "zero restored"
    return found, ""


def _in_france(subscriber: str, region: str) -> Said:
    """Nine national digits over all of France: a mobile is unique, a landline overseas is never metropolitan."""
    codes = sorted(_CODES, key=lambda code: code != ONE_PLAN[region])
    readings = [said(f"+{code}{subscriber}") for code in codes]
    mobile = [one for one in readings if one.mobile]
    if mobile:
        return replace(mobile[0], coded="home")
    if subscriber.startswith("508"):
        readings = [said("+" + subscriber)]
    elif subscriber.startswith(OVERSEAS):
        readings = [one for one in readings if one.code != 33 and one.fixed]
    return replace(next((one for one in readings if one.valid), _NOTHING), coded="home")


def _too_short(digits: str, region: str) -> bool:
    """Whether the national reading lacks digits; in France nine are never too few, nor any behind the own code."""
    if region in ONE_PLAN and len(digits) == 9 + digits.startswith("0"):
        return False
    return said(digits, region).coded != "bare" and lacks_digits(digits, region)


def _like_own_mobile(digits: str, region: str) -> bool:
    """Whether the digits begin like a mobile of the region that lost its zero, and not with the region's own code."""
    if region in ONE_PLAN:
        own, heads = tuple(map(str, _CODES)), (mobile_begins(one, digits[:2], 9) for one in ONE_PLAN)
    else:
        own = tuple(str(code_of(one)) for one in (region, _BORDERS.get(region, region)))
        heads = (writes_zero(one) and mobile_begins(one, digits[:2]) for one in (region,))
    return not digits.startswith(own) and any(heads)


def _counted(found: Said, landlines: bool, rule: str) -> Answer:
    return Answer(int(found.e164) if found.mobile or (landlines and found.valid) else 0, rule)
