"""Both ways of the product and `phonenumbers` agree on random writings, but for rules that have a name."""

from __future__ import annotations

import os

import phonenumbers
import pytest

from ptx_bulk.model import Accept
from tests.differential.numbers.families import families, zones
from tests.differential.numbers.library import said
from tests.differential.numbers.rules import expected, library_says
from tests.differential.numbers.trials import (
    Tally,
    asked_families,
    compare,
    read_both_ways,
    try_batch,
    try_family,
    unlike,
)
from tests.differential.numbers.writings import Writing

A, B = 33612345678, 33798765432
WRITINGS = int(os.environ.get("DIFFERENTIAL_WRITINGS", "1000000"))


def cell(
    text: str, region: str, digits: str, way: str = "plain", country: str = "", parts: tuple[str, ...] = ()
) -> Writing:
    """A writing of the digits, with a + where they begin with one."""
    return Writing(text, region, digits.lstrip("+"), digits.startswith("+"), way, country, parts)


def plain(text: str, region: str = "FR") -> Writing:
    """A writing that is nothing but digits and signs."""
    return cell(text, region, "+" * text.startswith("+") + "".join(char for char in text if char in "0123456789"))


# rule: a writing to which it applies, the numbers that come out, whether landlines count; a near one without it
RULES: dict[str, tuple[Writing, tuple[int, ...], bool, Writing]] = {
    "France is several regions": (plain("0692123456"), (262692123456,), False, plain("0612345678")),
    "00 is dialled everywhere": (plain("0033612345678", "US"), (A,), False, plain("0033612345678")),
    "plus restored": (plain("447911123456"), (447911123456,), False, plain("+447911123456")),
    "zero restored": (plain("712345678", "CI"), (2250712345678,), False, plain("0712345678", "CI")),
    "two readings": (plain("376312345"), (), True, plain("0376312345")),
    "two ways to dial": (plain("008201020001908", "KR"), (), False, plain("00821020001908", "FR")),
    "digits left out": (plain("+789123456789"), (), False, plain("+79123456789")),
    "bracketed trunk zero": (
        cell("+57 (0)53 215 922 788", "NZ", "+5753215922788"), (), False, plain("+57 53 215 922 788", "NZ"),
    ),
    "typography": (plain("06\x1f12345678"), (A,), False, plain("06 12345678")),
    "label": (cell("tel 2 : 0612345678", "FR", "0612345678", "labelled"), (A,), False, plain("0612345678")),
    "country in the cell": (
        cell("(CH) 079 123 45 67", "FR", "0791234567", "named", "CH"), (41791234567,), False, plain("079 123 45 67"),
    ),
    "whole float": (cell("612345678.0", "FR", "612345678", "floated"), (A,), False, plain("612345678")),
    "power of ten": (cell("6,12345678E+08", "FR", "612345678", "power"), (A,), False, plain("612345678")),
    "digits lost to a power of ten": (cell("6.1234567E8", "FR", "612345670", "lost"), (), False, plain("612345670")),
    "fraction": (plain("61234567.5"), (), False, plain("0.612345675")),
    "letters in a number": (cell("06 12 34 XX XX", "FR", "0612345678", "lettered"), (), False, plain("06 12 34 56 78")),
    "signs of no number": (cell("06*12345678", "FR", "0612345678", "starred"), (), False, plain("06-12345678")),
    "negative number": (cell("-612345678", "FR", "612345678", "negative"), (), False, plain("612345678")),
    "extension": (cell("0612345678 x4", "FR", "0612345678", "extended"), (), False, plain("0612345678 4")),
    "date or time": (cell("06.12.1978 10h", "FR", "0612197810", "dated"), (), False, plain("06.12.19.78.10")),
    "several numbers": (
        cell("0612345678;0798765432", "FR", "0612345678", "paired", "", ("0612345678", "0798765432")), (A, B), False,
        plain("0612345678"),
    ),
}  # fmt: skip
NAMED = pytest.mark.parametrize("rule", RULES)


def told(writing: Writing, lines: list[tuple[int, str]], *, landlines: bool) -> Tally:
    """What is counted when the product says this."""
    tally = Tally(tried=1)
    accept = Accept.ANY if landlines else Accept.MOBILE
    parts = read_both_ways([writing], accept, Tally())[1:]
    compare([writing], [lines, *parts], accept, tally)
    return tally


@NAMED
def test_a_rule_excuses_its_answer(rule: str) -> None:
    """What the product says, and the library does not, is excused by the rule's own name."""
    writing, numbers, landlines, _near = RULES[rule]
    library = library_says(writing, landlines=landlines)
    assert numbers != (library,) * bool(library)
    found = read_both_ways([writing], Accept.ANY if landlines else Accept.MOBILE, Tally())[0]
    assert tuple(number for number, _code in found if number) == numbers
    tally = told(writing, found, landlines=landlines)
    assert (dict(tally.excused), tally.finds) == ({rule: 1}, [])


@NAMED
def test_a_rule_excuses_no_other_answer(rule: str) -> None:
    """Another number, one more, none, or the library's own, is a find though the rule applies."""
    writing, numbers, landlines, _near = RULES[rule]
    library = library_says(writing, landlines=landlines)
    wrong = {(), (*(numbers or (A,))[:1], 33612345679), (33612345679,), (library,) * bool(library)} - {numbers}
    for answer in wrong:
        lines = [(number, "") for number in answer] or [(0, "INVALID_FOR_REGION")]
        tally = told(writing, lines, landlines=landlines)
        assert (tally.same, dict(tally.excused), len(tally.finds)) == (0, {}, 1), answer


@NAMED
def test_a_rule_is_silent_where_it_does_not_apply(rule: str) -> None:
    """A near writing is the library's own to read: what it does not say is a find."""
    _writing, _numbers, landlines, near = RULES[rule]
    assert expected(near, landlines=landlines).rule == ""
    library = library_says(near, landlines=landlines)
    right = told(near, [(library, "")], landlines=landlines)
    wrong = told(near, [(33612345679, "")], landlines=landlines)
    assert (right.same, right.finds, wrong.same, len(wrong.finds)) == (1, [], 0, 1)


def test_the_two_ways_are_compared_to_the_letter() -> None:
    """A suggestion that one way alone makes is told."""
    lines = [[(0, "TOO_SHORT", "")], [(A, "", "")]]
    assert unlike(["06", "0612345678"], lines, [[(0, "TOO_SHORT", "+33612345678")], lines[1]]) == [
        "'06': fast [(0, 'TOO_SHORT', '')], careful [(0, 'TOO_SHORT', '+33612345678')]"
    ]


def test_a_sample_of_the_french_family() -> None:
    """A hundred writings of the French family: fast, careful and library agree, but for rules with a test above."""
    tally = try_family(families()["french"], 100)
    assert tally.finds == []
    assert set(tally.excused) <= set(RULES)
    assert tally.same > 50


@pytest.mark.slow
def test_a_sample_of_every_family() -> None:
    """Some writings of every family: fast, careful and library agree, but for rules with a test above."""
    tally = Tally()
    for place, family in enumerate(families().values()):
        tally.add(try_batch(family, place, 8))
    assert tally.finds == []
    assert set(tally.excused) <= set(RULES)


@pytest.mark.slow
def test_every_country_code_is_in_a_family() -> None:
    """No country code that has numbers is left out."""
    codes = {said(f"+{one.code}{one.national}").code for family in families().values() for one in family.examples}
    assert codes == set(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def test_a_zone_shares_its_writings() -> None:
    """Every family but the French is in one zone, and each gets its part of the zone's writings."""
    shares = [asked_families(zone, 1000) for zone in zones()]
    assert sorted(family.name for share in shares for family, _count in share) == sorted({*families()} - {"french"})
    for share in shares:
        assert {count for _family, count in share} == {-(-1000 // len(share))}


@pytest.mark.endurance
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", ["french", *zones()])
def test_a_million_writings(name: str) -> None:
    """Fast, careful and library agree on a million writings of the French family, and of each world zone."""
    for family, count in asked_families(name, WRITINGS):
        tally = try_family(family, count, first=1000)
        assert tally.finds == [], family.name
        assert set(tally.excused) <= set(RULES)
