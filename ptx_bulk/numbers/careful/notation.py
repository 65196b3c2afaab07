"""Number punctuation: from a wordless text to digits, with the repairs that lose nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ptx_bulk.model import Code
from ptx_bulk.numbers.regions.metadata import country_of, plans_of
from ptx_bulk.numbers.rules import Digits

_SCIENTIFIC = re.compile(r"([+-]?)\s?(\d+)(?:[.,](\d*))?\s?[eE]\s?([+-]?\d{1,4})")
_WHOLE_FLOAT = re.compile(r"(\+?\d+)[.,]0+")
_GROUPED_FLOAT = re.compile(r"(\+?\d{1,3}(?:(?P<group>[ .,'])\d{3})(?:(?P=group)\d{3})*)(?!(?P=group))[.,]0{1,2}")
_DECIMAL = re.compile(r"[1-9]\d*[.,]\d+")
_THOUSANDS = re.compile(r"\+?\d{1,3}(?:([,'])\d{3})(?:\1\d{3})*")
_PAIRS = re.compile(r"(?:\+\d{1,3},\d|\d\d)(?:,\d\d){4}")
_TRUNK = re.compile(r"(\(?\s*(?:\+|00)?[ .(-]*)(\d{1,3})([ .)-]*)\(\s*0\s*\)")
_LATE_BRACKET = re.compile(r"(?:[^\d(]*\d){6,}[^\d(]*\(.*\d", re.DOTALL)
_NUMBER = re.compile(r"\(?[ ]?(\+*)([0-9 ().\n/-]*)")
# A code in brackets of its own, or with a sign behind it that elsewhere stands between numbers.
_SET_APART = re.compile(
    r"""
    (?: [\[(]\s* (?P<bracketed>(?:\+|00)) \s?(?P<inner>[1-9]\d{0,2}) \s*[\])] [\s/-]*
      | (?P<signed>\+|(?<!\d)(?<!\d\W)(?<!\d\W\W)00)\s?(?P<outer>[1-9]\d{0,2}) (?:\s-+\s?|-+\s|\s?/+\s?)
    ) (?=[\d(])
    """,
    re.VERBOSE,
)
_NEGATIVE = re.compile(r"[ (]*-")
_NOT_DIGIT = re.compile(r"[^0-9]")


@dataclass(frozen=True, slots=True)
class Plain:
    """A number without punctuation, or why there is none.

    Attributes:
        digits: the number, None when there is none.
        repairs: warnings for what was mended.
        code: why there is no number.
        guess: digits that a person would read although the text is refused.
    """

    digits: Digits | None = None
    repairs: frozenset[Code] = frozenset()
    code: Code = Code.NOT_A_NUMBER
    guess: Digits | None = None


def with_code_joined(text: str) -> str:
    """The text with its country codes apart by nothing but a blank: `+33 - 6 ...`, `0033/6...`, `[+33] 6...`."""
    return _SET_APART.sub(_joined, text) if "+" in text or "00" in text else text


def _joined(found: re.Match[str]) -> str:
    code, sign = found["inner"] or found["outer"], found["bracketed"] or found["signed"]
    return f"{sign}{code} " if country_of(code) == int(code) else found[0]


def scientific(text: str) -> Plain | None:
    """A power of ten (`3,3612345678E+10`), None when the text is none.

    Only a mantissa that holds every digit, zeros included, is a number.
    """
    found = _SCIENTIFIC.fullmatch(text)
    if found is None:
        return None
    sign, whole, fraction, exponent = found[1], found[2], found[3] or "", int(found[4])
    if sign == "-" or exponent < 0:
        return Plain()
    if len(fraction) < exponent:
        return Plain(code=Code.PRECISION_LOST)
    if fraction[exponent:].strip("0"):
        return Plain()
    return Plain(Digits(whole + fraction[:exponent], sign == "+"), frozenset((Code.FLOAT_REPAIRED,)))


def indivisible(text: str) -> bool:
    """Whether the text is one number whose commas do not separate several."""
    return any(
        form.fullmatch(text) for form in (_SCIENTIFIC, _WHOLE_FLOAT, _GROUPED_FLOAT, _DECIMAL, _THOUSANDS, _PAIRS)
    )


def plain(text: str) -> Plain:
    """The digits of one number's text."""
    if whole := (_WHOLE_FLOAT.fullmatch(text) or _GROUPED_FLOAT.fullmatch(text)):
        return Plain(_digits(whole[1]), frozenset((Code.FLOAT_REPAIRED,)))
    if _DECIMAL.fullmatch(text):
        return Plain(guess=_digits(_rounded(text)))
    if _THOUSANDS.fullmatch(text) or _PAIRS.fullmatch(text):
        return Plain(_digits(text))
    if trunk := _TRUNK.match(text):
        text = _without_trunk(trunk) + text[trunk.end() :]
    found = _NUMBER.fullmatch(text)
    if found is None or _NEGATIVE.match(text) or _LATE_BRACKET.match(text):
        return Plain()
    digits = _NOT_DIGIT.sub("", found[2])
    return Plain(Digits(digits, bool(found[1]))) if digits else Plain()


def _digits(text: str) -> Digits:
    return Digits(_NOT_DIGIT.sub("", text), text[0] == "+")


def _rounded(text: str) -> str:
    """The whole number beside float noise (`33612345678.000004`); else all digits, the sign being a separator."""
    whole, _, fraction = text.replace(",", ".").partition(".")
    return whole if fraction.startswith("000") else whole + fraction


def _without_trunk(found: re.Match[str]) -> str:
    """Country code and `(0)`: the zero is not dialled from abroad, except where it is part of the number."""
    plans = plans_of(int(found[2])) if country_of(found[2]) == int(found[2]) else ()
    if plans and plans[0].national_prefix == "0":
        return found[1] + found[2] + found[3]
    return found[0]
