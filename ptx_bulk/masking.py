"""Text that may be kept where numbers and keys must not be: what looks like either is masked.

A number is any run of seven digits or more, single blanks and number punctuation between them included. Names of runs
and dates are known by their shape and stay. Rather too much is masked than too little.
"""

from __future__ import annotations

import re
from typing import Any

from ptx_bulk.access import SANDBOX_KEY

_MASK = "***"
_SHORTEST_SECRET = 6  # a shorter one would mask syllables of every text, and protects nothing
_LARGEST = 10**8  # a whole number from here on may be a phone number; none that is counted comes so far
_KNOWN = (
    r"(?<![0-9A-Za-z])[0-9]{8}-[0-9]{6}-[a-z0-9]{4}(?![0-9A-Za-z])"  # a run
    r"|(?<![0-9])(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-[0-3][0-9](?:[T ][0-2][0-9]:[0-5][0-9](?::[0-5][0-9])?)?(?![0-9])"
)
_NUMBER = r"\+?\d(?:[\s./()\-_\u2010-\u2015]{0,3}\d){6,}"
_PATTERN = re.compile(f"(?P<known>{_KNOWN})|(?P<number>{_NUMBER})")
_secrets: set[str] = set()


def hide(secret: str) -> None:
    """From now on this text is masked wherever `masked` sees it."""
    if len(secret) >= _SHORTEST_SECRET and secret != SANDBOX_KEY:
        _secrets.add(secret)


def masked(text: str) -> str:
    """The text with every secret as `***` and every number as `+33…56`."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return _PATTERN.sub(_masked, text)


def masked_value(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """The same for what JSON can hold, keys of objects included."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return value if abs(value) < _LARGEST else masked(str(int(value)))
    if isinstance(value, dict):
        return {masked(str(name)): masked_value(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(one) for one in value]
    return masked(str(value))


def _masked(match: re.Match[str]) -> str:
    if match["known"]:
        return match[0]
    digits = "".join(character for character in match[0] if character.isdigit())
    plus = "+" if match[0].startswith("+") else ""
    return f"{plus}{digits[:2]}…{digits[-2:]}"
