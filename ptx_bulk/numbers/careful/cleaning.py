r"""What a cell's text says once typography, transport and quoting are taken off. Nothing here changes a digit.

Blanks of every kind become one space, line ends "\n"; all Unicode decimal digits become ASCII.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

_ASCII_TWINS = {
    "＋": "+", "﹢": "+", "（": "(", "）": ")", "．": ".", "，": ",", "／": "/", "：": ":", "；": ";",
    "⁄": "/", "∕": "/", "−": "-", "﹣": "-", "＃": "#", "·": ".", "•": ".", "‧": ".", "∙": ".", "⋅": ".", "・": ".",
    "_": "-", "\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n", "\x0c": "\n", "\r": "\n", "\t": " ",
    # A byte that no decoder understood was no ASCII digit: in practice a cp1252 no-break space.
    "\ufffd": " ", "\u3164": " ", "\u2800": " ",
    # The variation selector and the frame of keycap digits (0️⃣).
    "\ufe0f": "", "\u20e3": "",
}  # fmt: skip
# Blanks, dashes; control, format, surrogate, private and unassigned characters.
_BY_CATEGORY = {"Zs": " ", "Pd": "-", "Cc": "", "Cf": "", "Cs": "", "Co": "", "Cn": ""}
# A no-break space written in UTF-8 and read as cp1252.
_MOJIBAKE = re.compile("Â[\xa0 ]|â€¯|â€‰")
_QUOTES = "\"'`´‘’‚‛“”„«»‹›＇ʼ"
_ENDS = " \n.,;:/|" + _QUOTES
_FORMULA_TEXT = re.compile(r"=\s*[\"“”]([^\"“”]*)[\"“”]\s*|=\s*(\+?\s*[\d .]+)")


def cleaned(raw: str) -> str:
    """The text without typography; '' when nothing is left."""
    if raw.isascii() and raw.isprintable() and not _needs_unwrapping(raw):
        return _stripped(raw)
    # A text that was encoded for a link is ASCII without blanks: in any other, `%20` is a sign and two digits.
    text = untransported(raw, blanks=raw.isascii() and not any(map(str.isspace, raw.strip())))
    text = "".join(map(_plain, text))
    wrapped = _FORMULA_TEXT.fullmatch(text.strip(" \n"))
    if wrapped:
        text = wrapped[1] if wrapped[1] is not None else wrapped[2]
    return _stripped(text)


def untransported(raw: str, *, blanks: bool = True) -> str:
    """The text without what a link, a page, a workbook or a wrong encoding made of it.

    Args:
        raw: the text.
        blanks: whether `%20` is the blank of a link.
    """
    text = raw.replace("_x000D_", "\n").replace("%2B", "+")
    if blanks:
        text = text.replace("%20", " ")
    if "&" in text and ";" in text:
        text = html.unescape(text)
    return _MOJIBAKE.sub(" ", text)


def _needs_unwrapping(raw: str) -> bool:
    return "=" in raw or "&" in raw or "_" in raw or "%2" in raw


def _stripped(text: str) -> str:
    """Without surrounding blanks and quotes, a separator at an end, doubled blanks."""
    text = text.lstrip(_ENDS).rstrip(_ENDS + "-") if any(map(str.isalnum, text)) else text.strip(" \n" + _QUOTES)
    return re.sub(r" *\n[ \n]*", "\n", re.sub(r" {2,}", " ", text))


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    if char in _ASCII_TWINS or char == "\n":
        return _ASCII_TWINS.get(char, char)
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    return _BY_CATEGORY.get(category, char)
