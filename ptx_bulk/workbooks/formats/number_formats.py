"""Number formats that show a country code before a number: what a person sees in the cell is `+41 791234567`."""

from __future__ import annotations

import re

# quoted text, an escaped character, the text of a currency, a fill or blank of a width, other brackets, one character
_PIECE = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|[_*].|\[[^\]]*\]|(?P<bare>.)'
)
_PLACES = frozenset("0#?")
_AMOUNT = re.compile(r"[,.%E/]")
_MOST = 15  # digits of a number that a spreadsheet keeps, and of an E.164 number
_CODE = re.compile(r"[\s(\[]*(\+|00)\s*([1-9]\d{0,3})?[\s().-]*")


def shown_prefix(code: str) -> str | None:
    """The `+` or country code that the format writes before a number's digits, as `+41 `; None for other formats.

    A code without a literal plus or 00 before it is none: `0#" "##` shows the zero that the number lost.
    """
    if "+" not in code and "00" not in code:
        return None
    section = _section(code)
    found = _country(_literal(section))
    # +#,##0 and +0.00% show the sign of an amount
    return None if found == "+" and _AMOUNT.search(section) else found


def shown_text(digits: str, shown: str) -> str | None:
    """The number with its country code as `shown` in the cell; None where that surely shows none."""
    if not shown.lstrip("( ").startswith(("+", "00")):
        return None
    seen = re.sub(r"[^\d+]", "", shown)
    prefix = _country(seen.removesuffix(digits)) if digits and seen.endswith(digits) else None
    # two zeros alone may be places of the format (00000 shows 884 as 00884), which no country code begins
    return None if prefix is None or prefix == "00" else with_prefix(prefix, digits)


def with_prefix(prefix: str, digits: str) -> str:
    """What the cell shows, for a number cell's text; the text itself where it is no whole number, or none so long."""
    if not digits.isascii() or not digits.isdecimal() or digits == "0" or len(digits) > _MOST:
        return digits
    return f"{prefix}{digits}"


def _section(code: str) -> str:
    """The part for positive numbers: up to a semicolon that is not in quotes."""
    place = 0
    for piece in _PIECE.finditer(code):
        if piece["bare"] == ";":
            place = piece.start()
            return code[:place]
    return code


def _literal(section: str) -> str:
    """What stands before the first place of a digit."""
    found = ""
    for piece in _PIECE.finditer(section):
        bare = piece["bare"]
        if bare in _PLACES or bare == "@":
            # bare digits after a plus are written as they stand (+41 000): a zero among them is a place
            break
        found += bare or piece["quoted"] or piece["escaped"] or piece["currency"] or ""
    return found


def _country(literal: str) -> str | None:
    found = _CODE.fullmatch(literal)
    if not found:
        return None
    return f"+{found[2]} " if found[2] else found[1]
