"""One cell at a time: the truth that every shortcut has to equal."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ptx_bulk.model import Code
from ptx_bulk.numbers.clean import cleaned
from ptx_bulk.numbers.labels import has_extension, unlabelled, without_address
from ptx_bulk.numbers.metadata import MAX_DIGITS
from ptx_bulk.numbers.notation import Plain, indivisible, joined_code, plain, scientific
from ptx_bulk.numbers.reading import Digits, Place, Reader
from ptx_bulk.numbers.screen import is_date, screened
from ptx_bulk.numbers.split import complete, grouped, listed, spaced
from ptx_bulk.numbers.verdict import Verdict, rejected

# Rejected, though whole numbers may stand in the cell.
_SEVERAL = frozenset((Code.MULTIPLE_NUMBERS, Code.CONTAINS_LETTERS, Code.NOT_A_NUMBER))
# Rejected, but a number of its own: nothing of it is missing.
_WHOLE = frozenset((Code.NOT_MOBILE, Code.HAS_EXTENSION, Code.REGION_AMBIGUOUS))


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the text of cells.

    Attributes:
        reader: turns digits into verdicts.
    """

    reader: Reader

    def judge(self, raw: str, place: Place) -> list[Verdict]:
        """The verdicts of a cell's numbers, in their order; one rejection when it holds none."""
        text = joined_code(cleaned(raw))
        code = screened(text)
        if code is not None:
            return [rejected(code)]
        bare = without_address(text)
        verdicts = self._numbers(bare, place)
        if bare != text:
            verdicts = [verdict.warned(Code.LABEL_REMOVED) for verdict in verdicts]
        return [self._with_mobiles(verdicts[0], text, place)] if len(verdicts) == 1 else verdicts

    def _with_mobiles(self, verdict: Verdict, text: str, place: Place) -> Verdict:
        """A cell that is refused as a whole suggests every complete mobile in it."""
        if verdict.number or verdict.reason not in _SEVERAL:
            return verdict
        readings = (self._read(plain(part), place) for part in complete(text))
        found = (*verdict.suggestions, *(reading.number for reading in readings if reading.number))
        return replace(verdict, suggestions=tuple(dict.fromkeys(found)))

    def _numbers(self, text: str, place: Place) -> list[Verdict]:
        if indivisible(text) or has_extension(text):
            return [self._number(text, place)]
        if len(parts := listed(text)) > 1:
            return self._listed(text, parts, place)
        if len(parts := grouped(text)) > 1:
            verdicts = [self._number(part, place) for part in parts]
            if any(map(_whole, verdicts)):
                return self._listed(text, parts, place)
        if sum("0" <= char <= "9" for char in text) > MAX_DIGITS and len(parts := spaced(text)) > 1:
            return self._spaced(text, parts, place)
        return [self._number(text, place)]

    def _listed(self, text: str, parts: list[str], place: Place) -> list[Verdict]:
        """Every part a number of its own line, or all refused when one is incomplete."""
        verdicts = [verdict for part in parts for verdict in self._numbers(part, place)]
        if all(_whole(verdict) or verdict.reason is Code.INVALID_FOR_REGION for verdict in verdicts):
            return [verdict.warned(Code.SPLIT_CELL) for verdict in verdicts]
        if not any(map(_whole, verdicts)) and any(map(str.isalpha, text)):
            return [rejected(Code.CONTAINS_LETTERS)]
        return [_refused(verdicts)]

    def _spaced(self, text: str, parts: list[str], place: Place) -> list[Verdict]:
        """Numbers with nothing but blanks between them: certain only if each is written in one piece."""
        verdicts = [self._number(part, place) for part in parts]
        if all(map(_whole, verdicts)):
            return [verdict.warned(Code.SPLIT_CELL) for verdict in verdicts]
        joined: list[Verdict] = []
        pending = ""
        for part in parts:
            pending += part
            verdict = self._number(pending, place)
            if verdict.number:
                joined.append(verdict)
                pending = ""
        return [self._number(text, place)] if pending else [_refused(joined)]

    def _number(self, text: str, place: Place) -> Verdict:
        """The verdict of a text that holds one number at most."""
        power = scientific(text)
        if power is not None:
            return self._read(power, place)
        bare = unlabelled(text)
        if bare.text != text and is_date(bare.text.strip()):
            return rejected(Code.DATE_OR_TIME)
        place = place._replace(country=bare.country or place.country)
        found = plain(bare.text)
        if bare.code is not None:
            return rejected(bare.code, *self._guess(found.digits, place))
        verdict = self._read(found, place)
        return verdict.warned(Code.LABEL_REMOVED) if bare.labelled else verdict

    def _read(self, found: Plain, place: Place) -> Verdict:
        if found.digits is None:
            return rejected(found.code, *self._guess(found.guess, place))
        return self.reader.read(found.digits, place).warned(*found.repairs)

    def _guess(self, digits: Digits | None, place: Place) -> tuple[int, ...]:
        verdict = self.reader.read(digits, place) if digits is not None else None
        return (verdict.number,) if verdict is not None and verdict.number else ()


def _whole(verdict: Verdict) -> bool:
    return bool(verdict.number) or verdict.reason in _WHOLE


def _refused(verdicts: list[Verdict]) -> Verdict:
    numbers = dict.fromkeys(verdict.number for verdict in verdicts if verdict.number)
    return rejected(Code.MULTIPLE_NUMBERS, *numbers)
