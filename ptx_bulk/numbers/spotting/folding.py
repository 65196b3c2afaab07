"""Texts folded to ASCII for the search of digits: digits of any script, no typography, letters as `x`."""

from __future__ import annotations

import re
import unicodedata

from ptx_bulk.numbers.careful.cleaning import untransported

# What the search sees in an ASCII text that is not what it shows: entities, escapes of links and of workbooks.
ESCAPED = r"&#|&[a-zA-Z]+;|%2[0B]|_x000D_"
# Digits of any script (RE2); one may stand for two: ⑩.
DIGIT_OF_ANY_SCRIPT, MOST_IN_ONE = r"\pN", 2
# What is no letter and stands behind a digit, or is a digit of another script, or a plus; blanks of a wrong encoding.
TYPOGRAPHY = r"[0-9][^\pL\pN]{0,6}[^\x00-\x7F\pL]|[^\x00-\x7F\pL\pM\pP\pS\pZ\pC]|[\x{ff0b}\x{fe62}]|Â|â€"
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"})


class _Folding(dict[int, str]):
    """For `str.translate`, made as characters come."""

    def __missing__(self, point: int) -> str:
        self[point] = found = _folded(chr(point))
        return found


def _folded(character: str) -> str:
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if character in "\n\r\t\x0b\x0c\x85\u2028\u2029":
        return " "
    category = unicodedata.category(character)
    if category in _INVISIBLE:
        return ""
    if character.isascii():
        return character
    if category[0] == "L":
        return "" if character in "\u3164\u115f\u1160\uffa0" else "x"
    # full-width plus, circled and bracketed digits
    plain = "".join(one for one in unicodedata.normalize("NFKC", character) if one.isascii() and not one.isalpha())
    return plain if plain.strip() else " "


_FOLDING = _Folding()


def folded(text: str) -> str:
    """The text in ASCII."""
    return untransported(text).translate(_FOLDING)


_LOOKS = str.maketrans({"O": "0", "o": "0", "I": "1", "l": "1", "|": "1"})
LOOKALIKE = r"[0-9][ .,/-]?[OoIl|]|[OoIl|][ .,/-]?[0-9]"
_BESIDE_DIGITS = re.compile(r"(?:(?<=[0-9])[ .,/-]?[OoIl|]{1,3})|(?:(?<![A-Za-z])[OoIl|]{1,2}(?=[ .,/-]?[0-9]))")


def looked_alike(text: str) -> str:
    """A folded text with the letters beside digits as the digits that they look like."""
    return _BESIDE_DIGITS.sub(lambda found: found[0].translate(_LOOKS), text)
