"""Facts about valid numbers: country, line type, and the ways to write them. Columns at once, as in `fast`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import phonenumbers
import pyarrow as pa
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from ptx_bulk.arguments import word
from ptx_bulk.numbers.e164 import Numbers, as_text, e164_text
from ptx_bulk.numbers.fast.column import shortcut_wanted
from ptx_bulk.numbers.fast.proof import Proof, Unsettled, settled_formats
from ptx_bulk.numbers.fast.tree import Tree
from ptx_bulk.numbers.regions.metadata import MAX_DIGITS, Library, Metadata

Ints = npt.NDArray[np.int64]
_STEP = 200_000
_LINE_TYPES = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.UAN: "uan",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.VOICEMAIL: "voicemail",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.UNKNOWN: "unknown",
}
STYLES = ("e164", "national", "international", "msisdn")  # how numbers can be written
_STYLES = {"national": PhoneNumberFormat.NATIONAL, "international": PhoneNumberFormat.INTERNATIONAL}
# In a layout, the place of the next digit of the national number.
_SLOT = "#"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a number.

    Attributes:
        country: ISO code, '' when it belongs to none.
        line_type: one of the words of `describe`.
        national: how it is written in its country, `#` for each digit of the national number.
        international: how it is written with its country code, likewise.
    """

    country: str
    line_type: str
    national: str
    international: str


_UNKNOWN = Facts("", _LINE_TYPES[PhoneNumberType.UNKNOWN], "", "")


def describe(numbers: Numbers) -> pd.DataFrame:
    """Country and line type of numbers.

    Args:
        numbers: E.164 digits, 0 for none.

    Returns:
        Categorical columns `country` (ISO code, '' unknown) and `line_type` (`mobile fixed_line
        fixed_line_or_mobile voip toll_free premium_rate shared_cost uan pager voicemail personal unknown`).
    """
    facts, place = _facts(numbers)
    return pd.DataFrame(
        {
            "country": _categories((fact.country for fact in facts), place),
            "line_type": _categories((fact.line_type for fact in facts), place),
        }
    )


def format_numbers(numbers: Numbers, style: str) -> pd.Series[str]:
    """The numbers as text, '' for 0.

    Args:
        numbers: E.164 digits.
        style: `e164` (+33612345678), `national` (06 12 34 56 78), `international` (+33 6 12 34 56 78) or `msisdn`
            (33612345678). Numbers that are in no numbering plan are written as `e164`.

    Raises:
        ConfigurationError: there is no such style.
    """
    word("style", style, STYLES)
    if style in ("e164", "msisdn"):
        texts = e164_text(numbers)
        return texts if style == "e164" else texts.str.slice(1)
    layout_of: Callable[[Facts], str] = {"national": _national, "international": _international}[style]
    facts, place = _facts(numbers)
    layouts, layout = np.unique([layout_of(fact) for fact in facts], return_inverse=True)
    chosen = layout[place]
    pieces, rows = [], []
    for index, text in enumerate(layouts.tolist()):
        these = np.flatnonzero(chosen == index)
        pieces.append(_filled(text, numbers[these]) if text else pa.array(e164_text(numbers[these]), pa.large_string()))
        rows.append(these)
    order = np.argsort(np.concatenate(rows), kind="stable") if rows else np.zeros(0, dtype=np.int64)
    whole = pa.chunked_array(pieces, type=pa.large_string()).combine_chunks()
    return as_text(whole.take(order))


def _national(facts: Facts) -> str:
    return facts.national


def _international(facts: Facts) -> str:
    return facts.international


def _filled(layout: str, numbers: Numbers) -> pa.LargeStringArray:
    """The numbers in one layout, all of the same length."""
    template = np.frombuffer(layout.encode(), dtype=np.uint8)
    slots = np.flatnonzero(template == ord(_SLOT))
    rows = np.repeat(template[None, :], len(numbers), axis=0)
    rows[:, slots] = _digits(numbers)[:, MAX_DIGITS - len(slots) :] + ord("0")
    edges = np.arange(len(numbers) + 1, dtype=np.int64) * len(template)
    buffers = [None, pa.py_buffer(edges.tobytes()), pa.py_buffer(rows.tobytes())]
    return cast("pa.LargeStringArray", pa.Array.from_buffers(pa.large_string(), len(numbers), buffers))


def _digits(numbers: Numbers) -> npt.NDArray[np.uint8]:
    """The decimal digits, right-aligned in `MAX_DIGITS` columns."""
    digits = np.empty((len(numbers), MAX_DIGITS), dtype=np.uint8)
    rest = numbers.astype(np.int64)
    for column in range(MAX_DIGITS - 1, -1, -1):
        rest, digits[:, column] = np.divmod(rest, 10)
    return digits


def _facts(numbers: Numbers) -> tuple[list[Facts], npt.NDArray[np.int32]]:
    """Distinct facts, and for each number the place of its own among them; the first one says nothing."""
    known = {_UNKNOWN: 0}
    place = np.zeros(len(numbers), dtype=np.int32)
    for at in range(0, len(numbers), _STEP):
        part = np.asarray(numbers[at : at + _STEP], dtype=np.int64)
        rows = np.flatnonzero((part > 0) & (part < 10**MAX_DIGITS))
        place[at + rows] = _places(part[rows], known)
    return list(known), place


def _places(numbers: Ints, known: dict[Facts, int]) -> Ints:
    digits = _digits(numbers)
    zeros = (digits > 0).argmax(axis=1)
    count, first = MAX_DIGITS - zeros, np.arange(len(numbers)) * MAX_DIGITS + zeros
    lengths, root = np.unique(count, return_inverse=True)
    tree, leaf = _tree(), np.full(len(numbers), -1, dtype=np.int64)
    if shortcut_wanted():
        leaf = tree.find(lengths.tolist(), root, digits.ravel(), first, count)
    met, leaf_met = np.unique(leaf, return_inverse=True)
    facts = [tree.leaves[one] if one >= 0 else _UNKNOWN for one in met.tolist()]
    places = np.array([known.setdefault(fact, len(known)) for fact in facts], dtype=np.int64)[leaf_met]
    for row in np.flatnonzero(leaf < 0).tolist():
        fact = _fact(str(numbers[row]), Library())
        places[row] = known.setdefault(fact, len(known))
    return places


@cache
def _tree() -> Tree[int, Facts]:
    def decide(_count: int, digits: str, free: int) -> Facts | None:
        try:
            facts = _fact(digits, Proof(free))
        except Unsettled:
            return None
        return facts if facts is _UNKNOWN or settled_formats(digits, free) else None

    return Tree(decide)


def _fact(digits: str, metadata: Metadata) -> Facts:
    """The facts of one number."""
    reading = metadata.international(digits)
    if not reading.valid or reading.e164 != digits:
        return _UNKNOWN
    number = phonenumbers.parse("+" + digits)
    region = phonenumbers.region_code_for_number(number) or ""
    subscriber = phonenumbers.national_significant_number(number)
    national, international = (
        _layout(phonenumbers.format_number(number, style), subscriber) for style in _STYLES.values()
    )
    return Facts(region if region.isalpha() else "", _LINE_TYPES[reading.kind], national, international)


def _layout(text: str, subscriber: str) -> str:
    """The text with slots for the digits of the national number, '' when it does not hold them in order."""
    places = [place for place, char in enumerate(text) if "0" <= char <= "9"][-len(subscriber) :]
    if "".join(text[place] for place in places) != subscriber:
        return ""
    return "".join(_SLOT if place in places else char for place, char in enumerate(text))


def _categories(words: Iterable[str], place: npt.NDArray[np.int32]) -> pd.Categorical:
    codes, categories = pd.factorize(np.array(list(words), dtype=object))
    least = codes.astype(np.min_scalar_type(-len(categories) - 1))
    return pd.Categorical.from_codes(least[place], categories=pd.Index(categories))
