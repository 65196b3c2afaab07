"""One cell at a time: the truth that every shortcut has to equal."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ptx_bulk.model import Code
from ptx_bulk.numbers.careful.cleaning import cleaned
from ptx_bulk.numbers.careful.labels import has_extension, unlabelled, without_addresses
from ptx_bulk.numbers.careful.notation import Plain, indivisible, plain, scientific, with_code_joined
from ptx_bulk.numbers.careful.screen import screened
from ptx_bulk.numbers.regions.home import UNKNOWN_COUNTRY, Home
from ptx_bulk.numbers.regions.metadata import MAX_DIGITS
from ptx_bulk.numbers.rules import Digits, Reader
from ptx_bulk.numbers.verdict import Verdict, rejected

# Rejected, but a number of its own: nothing of it is missing.
_WHOLE = frozenset((Code.NOT_MOBILE, Code.HAS_EXTENSION, Code.REGION_AMBIGUOUS))

# Rejections of cells that may hold complete numbers all the same.
_SEVERAL = frozenset((Code.MULTIPLE_NUMBERS, Code.CONTAINS_LETTERS, Code.HAS_EXTENSION))


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the text of cells.

    Attributes:
        reader: turns digits into verdicts.
    """

    reader: Reader

    def judge(self, raw: str, home: Home) -> list[Verdict]:
        """The verdicts of a cell's numbers, in their order; one rejection when it holds none."""
        text = cleaned(raw)
        code = screened(text)
        if code is not None:
            return [rejected(code)]
        shown = without_addresses(text)
        verdicts = self._numbers(with_code_joined(shown), home)
        if shown != text:
            verdicts = [verdict.warned(Code.LABEL_REMOVED) for verdict in verdicts]
        if len(verdicts) == 1 and verdicts[0].reason in _SEVERAL:
            return [self._with_all(verdicts[0], text, home)]
        return verdicts

    def _with_all(self, verdict: Verdict, text: str, home: Home) -> Verdict:
        """The rejection with every complete mobile of the cell as a suggestion."""
        if country := unlabelled(text).country:
            home = home.naming(country)
        found = [one for run in digit_runs(text) for one in self._numbers(run, home)]
        numbers = [number for one in found for number in ((one.number,) if one.number else one.suggestions)]
        return replace(verdict, suggestions=tuple(dict.fromkeys([*verdict.suggestions, *numbers])))

    def _numbers(self, text: str, home: Home) -> list[Verdict]:
        if indivisible(text) or has_extension(text):
            return [self._number(text, home)]
        if len(parts := listed(text)) > 1:
            return self._listed(text, parts, home)
        if len(parts := grouped(text)) > 1:
            verdicts = [self._number(part, home) for part in parts]
            if any(map(_whole, verdicts)):
                return self._listed(text, parts, home)
        if sum("0" <= char <= "9" for char in text) > MAX_DIGITS and len(parts := spaced(text)) > 1:
            return self._spaced(text, parts, home)
        return [self._number(text, home)]

    def _listed(self, text: str, parts: list[str], home: Home) -> list[Verdict]:
        """Every part a number of its own line, or all refused when one is incomplete."""
        named = {country for part in parts if (country := unlabelled(part).country)}
        verdicts = [verdict for part in parts for verdict in self._part(part, home, named)]
        if all(_whole(verdict) or verdict.reason is Code.INVALID_FOR_REGION for verdict in verdicts):
            return [verdict.warned(Code.SPLIT_CELL) for verdict in verdicts]
        if not any(map(_whole, verdicts)) and any(map(str.isalpha, text)):
            return [rejected(Code.CONTAINS_LETTERS)]
        return [_refused(verdicts)]

    def _part(self, part: str, home: Home, named: set[str]) -> list[Verdict]:
        """The verdicts of a part; a country that stands at another part may hold for this one as well."""
        verdicts = self._numbers(part, home)
        if not named or unlabelled(part).country:
            return verdicts
        there = self._numbers(part, home.naming(next(iter(named)) if len(named) == 1 else UNKNOWN_COUNTRY))
        guesses = [verdict.number for verdict in verdicts if verdict.number]
        taken = any(verdict.number for verdict in there)
        return there if taken or not guesses else [rejected(Code.REGION_AMBIGUOUS, *guesses)]

    def _spaced(self, text: str, parts: list[str], home: Home) -> list[Verdict]:
        """Numbers with nothing but blanks between them: certain only if each is written in one piece."""
        verdicts = [self._number(part, home) for part in parts]
        if all(map(_whole, verdicts)):
            return [verdict.warned(Code.SPLIT_CELL) for verdict in verdicts]
        # Two zeros, a country code and a trunk zero make a single number longer than E.164 has digits.
        whole = self._number(text, home)
        if whole.number or whole.reason is Code.NOT_MOBILE:
            return [whole]
        joined: list[Verdict] = []
        pending = ""
        for part in parts:
            pending += part
            verdict = self._number(pending, home)
            if verdict.number:
                joined.append(verdict)
                pending = ""
        return [whole] if pending else [_refused(joined)]

    def _number(self, text: str, home: Home) -> Verdict:
        """The verdict of a text that holds one number at most."""
        power = scientific(text)
        if power is not None:
            return self._read(power, home)
        bare = unlabelled(text)
        if bare.country:
            home = home.naming(bare.country)
        found = plain(bare.text.strip())
        if bare.code is not None:
            return rejected(bare.code, *self._guess(found.digits, home))
        # A date is none the less one beside a number, behind a label or an address.
        if screened(bare.text.strip()) is Code.DATE_OR_TIME:
            return rejected(Code.DATE_OR_TIME)
        verdict = self._read(found, home)
        return verdict.warned(Code.LABEL_REMOVED) if bare.labelled else verdict

    def _read(self, found: Plain, home: Home) -> Verdict:
        if found.digits is None:
            return rejected(found.code, *self._guess(found.guess, home))
        return self.reader.read(found.digits, home).warned(*found.repairs)

    def _guess(self, digits: Digits | None, home: Home) -> tuple[int, ...]:
        verdict = self.reader.read(digits, home) if digits is not None else None
        return (verdict.number,) if verdict is not None and verdict.number else ()


def _whole(verdict: Verdict) -> bool:
    return bool(verdict.number) or verdict.reason in _WHOLE


def _refused(verdicts: list[Verdict]) -> Verdict:
    numbers = dict.fromkeys(verdict.number for verdict in verdicts if verdict.number)
    return rejected(Code.MULTIPLE_NUMBERS, *numbers)


_WORDS = "ou|et|or|and|und|oder|puis|sinon"
# Never within a number.
_BETWEEN_NUMBERS = re.compile(
    rf"""
    \s* (?: [;|]+ | :{{2,}} | & | ,+ ) \s*
    | (?<=\S) \s (?:{_WORDS}) \s (?=\S)
    | (?<=\d) \s* (?= \(?\s?\+ )
    | (?<=[\d)]) \s+ (?= [^\W\d_]+\.?\s?\d?\s?: )     # `... Port : ...`
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Between numbers, or between the digit groups of one.
_BETWEEN_GROUPS = re.compile(r"\s*(?:\n|[/\\]+|(?<=\s)-+(?=\s))\s*")
_RUN = re.compile(r"\+?\(?[0-9][0-9 \n().,/-]*")
_BETWEEN_WORDS = re.compile(r"[\s-]+")


def listed(text: str) -> list[str]:
    """The parts between signs that only stand between numbers; one part when any is without a digit."""
    return _parts(_BETWEEN_NUMBERS, text)


def grouped(text: str) -> list[str]:
    """The parts between signs that may also stand within a number."""
    return _parts(_BETWEEN_GROUPS, text)


def spaced(text: str) -> list[str]:
    """The parts between blanks or dashes."""
    return _parts(_BETWEEN_WORDS, text)


def digit_runs(text: str) -> list[str]:
    """The stretches of digits and number punctuation."""
    return [run for found in _RUN.finditer(text) if (run := found[0].strip(" \n.,-/"))]


def _parts(separator: re.Pattern[str], text: str) -> list[str]:
    parts = [part for part in separator.split(text) if part]
    return parts if all(any("0" <= char <= "9" for char in part) for part in parts) else [text]
