"""What becomes of one number of a cell, and how its codes travel through int columns."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ptx_bulk.model import REJECTED_CODES, WARNING_CODES, Code

# texts of cells that hold nothing
EMPTY_WORDS = frozenset(("", "n/a", "na", "null", "none", "nan", "nat", "<na>", "(null)", "n.a", r"\n"))
# REGION_AMBIGUOUS also stands beside an accepted number whose users often mean a neighbour's
# (see `regions.NEIGHBOURS`), always as the last of the joined codes.
_WARNINGS = (*WARNING_CODES, Code.REGION_AMBIGUOUS)
_BIT = {code: 1 << place for place, code in enumerate(_WARNINGS)}
_REJECTED = 1 << len(_WARNINGS)
_REJECT = {code: _REJECTED + place for place, code in enumerate(REJECTED_CODES)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One number of a cell, accepted or rejected.

    Attributes:
        number: E.164 digits, 0 when rejected.
        codes: the warnings of an accepted number; exactly one code of a rejected one.
        suggestions: E.164 digits of the numbers that a person would guess.
    """

    number: int
    codes: frozenset[Code] = frozenset()
    suggestions: tuple[int, ...] = ()

    @property
    def reason(self) -> Code | None:
        """Why it was rejected, None when it was accepted."""
        return None if self.number else next(iter(self.codes))

    def warned(self, *codes: Code) -> Verdict:
        """The same verdict with these warnings, if it accepts a number; else unchanged."""
        return replace(self, codes=self.codes.union(codes)) if self.number and codes else self


def rejected(code: Code, *suggestions: int) -> Verdict:
    """A rejection for this reason."""
    return Verdict(0, frozenset((code,)), suggestions)


def packed(codes: frozenset[Code], *, accepted: bool) -> int:
    """The codes as one integer: a bit for each warning, or the place of the reason for a rejection."""
    if accepted:
        return sum(_BIT[code] for code in codes)
    return _REJECT[next(iter(codes))]


def packed_warning(code: Code) -> int:
    """The bit of one warning, to be or-ed to the packed codes of an accepted number."""
    return _BIT[code]


def unpacked(value: int) -> tuple[Code, ...]:
    """The codes of a packed integer, in the order in which they are joined."""
    if value >= _REJECTED:
        return (REJECTED_CODES[value - _REJECTED],)
    return tuple(code for code in _WARNINGS if value & _BIT[code])
