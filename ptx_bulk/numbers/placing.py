"""Digits in their home: when the row's country, or the writing of the column, overrules the default region."""

from __future__ import annotations

from dataclasses import dataclass

from ptx_bulk.model import Accept, Code
from ptx_bulk.numbers.regions.home import Home
from ptx_bulk.numbers.regions.metadata import Metadata
from ptx_bulk.numbers.rules import Digits, Rules, code_of
from ptx_bulk.numbers.verdict import Verdict, rejected

MOST_SUGGESTIONS = 2  # for one string of digits


@dataclass(frozen=True, slots=True)
class Placing:
    """The whole policy for digits.

    Attributes:
        accept: which valid numbers count.
        metadata: what is known of numbering plans.
    """

    accept: Accept
    metadata: Metadata

    def read(self, digits: Digits, home: Home) -> Verdict:
        """The verdict for these digits at this home."""
        rules = Rules(self.accept, self.metadata)
        starts = self.metadata.starts
        dialled = not digits.plus and starts(digits.text, "00") and not starts(digits.text, "000")
        coded = digits.plus or dialled
        if home.international and not coded and not starts(digits.text, "0"):
            verdict = _with_code(rules, digits.text, home)
            if verdict is not None:
                return verdict
        if home.unknown:
            # A region could take 00 for a part of its own numbers.
            return rules.read(digits, "" if dialled else home.default) if coded else _unknown(rules, digits, home)
        verdict = rules.read(digits, home.region)
        return verdict if coded or not home.foreign else _named(rules, verdict, digits, home)


def _with_code(rules: Rules, text: str, home: Home) -> Verdict | None:
    """The international reading, None when it is no number that counts."""
    verdict = rules.abroad(text, home.region)
    if not verdict.number:
        return None
    national, _ = rules.home(text, home.region)
    if national.mobile and int(national.e164) != verdict.number:
        return rejected(Code.REGION_AMBIGUOUS, verdict.number, int(national.e164))
    return verdict.warned(Code.PLUS_RESTORED)


def _unknown(rules: Rules, digits: Digits, home: Home) -> Verdict:
    """The rejection of a number of no known country."""
    return rejected(Code.COUNTRY_UNKNOWN, *_guesses(rules.read(digits, home.default), rules.read(digits, "")))


def _named(rules: Rules, verdict: Verdict, digits: Digits, home: Home) -> Verdict:
    """The verdict in the named country, which no other country's reading may replace."""
    here, _ = rules.home(digits.text, home.region)
    if here.valid or (verdict.number and str(verdict.number).startswith(str(code_of(home.region)))):
        return verdict
    default = rules.read(digits, home.default)
    if verdict.number or default.number:
        return rejected(Code.REGION_AMBIGUOUS, *_guesses(default, verdict))
    return verdict


def _guesses(*verdicts: Verdict) -> tuple[int, ...]:
    numbers = [verdict.number for verdict in verdicts if verdict.number]
    others = [suggestion for verdict in verdicts for suggestion in verdict.suggestions]
    return tuple(dict.fromkeys([*numbers, *others]))[:MOST_SUGGESTIONS]
