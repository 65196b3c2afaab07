"""Checks of arguments, each of which names the argument, and one table of bounds for all who give them.

Options of the command line, profiles, job files and the library have the same bounds. An argument is checked where the
object that holds it is made, so that no road passes by.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import N_, _

_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_Kind = TypeVar("_Kind", bound=StrEnum)
_Type = TypeVar("_Type")


def age(text: str) -> float | None:
    """Seconds of an age such as `90d`, `12w`, `18m` or `2y`; None for what is none."""
    match = re.fullmatch(r"([0-9]{1,6})\s*([dwmy])", text.strip().lower())
    return None if match is None else int(match[1]) * _DAYS[match[2]] * 86_400.0


@dataclass(frozen=True)
class Bounds:
    """The numbers that an argument may be.

    Attributes:
        lowest, highest: both belong to them.
        wanted: what they are, in words; a text for the catalogue.
        whole: whether only whole numbers do.
    """

    lowest: float
    highest: float
    wanted: str
    whole: bool = False

    def hold(self, value: object) -> bool:
        """Whether it is such a number."""
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        return self.lowest <= value <= self.highest  # NaN is not

    def check(self, name: str, value: object) -> None:
        """Refuse what is no such number.

        Raises:
            ConfigurationError: it names the argument.
        """
        if not self.hold(value):
            raise wrong(name, value, _(self.wanted))


_YEAR_S = 366 * 86_400.0

CONCURRENCY = Bounds(1, 512, N_("a whole number of calls from 1 to 512"), whole=True)
MAX_RATE = Bounds(0.01, 100_000.0, N_("a number of calls a second from 0.01 to 100,000"))
TIMEOUT = Bounds(0.1, 86_400.0, N_("a number of seconds from 0.1 to 86,400"))
TIME_LIMIT = Bounds(0.0, _YEAR_S, N_("a number of seconds from 0 to a year"))
CANARY = Bounds(0, 1_000_000_000, N_("a whole number of changes, 0 for none"), whole=True)
READ_MEMORY = Bounds(64, 1 << 24, N_("a whole number of megabytes, 64 or more"), whole=True)
READ_TIMEOUT = Bounds(1.0, 86_400.0, N_("a number of seconds from 1 to 86,400"))
PERCENT = Bounds(0.0, 100.0, N_("a number of percent from 0 to 100"))
COUNT = Bounds(0, 10**15, N_("a whole number, 0 or more"), whole=True)
TIMES = Bounds(1, 1_000_000, N_("a whole number, 1 or more"), whole=True)
HEADER_ROW = Bounds(0, 1 << 20, N_("the number of a row, 0 for none"), whole=True)
SECONDS = Bounds(0.0, _YEAR_S, N_("a number of seconds, 0 or more"))

DIALECT_NAMES = ("rfc4180", "excel-fr")  # of CSV; `reports.DIALECTS` says what they are


def wrong(name: str, value: object, wanted: str) -> ConfigurationError:
    """The refusal of an argument."""
    return ConfigurationError(
        _("The argument {name} needs {wanted}, not {value}; correct it.").format(
            name=name, wanted=wanted, value=_shown(value)
        )
    )


def one_of(name: str, value: object, kind: type[_Kind], among: Iterable[_Kind] | None = None) -> _Kind:
    """The value as a member of an enumeration, from its text, too.

    Raises:
        ConfigurationError: it is none, or not one of those that count here.
    """
    allowed = tuple(kind if among is None else among)
    for member in allowed:
        if isinstance(value, str) and value == member.value:
            return member
    raise wrong(name, value, _("one of {words}").format(words=", ".join(allowed)))


def several_of(name: str, values: object, kind: type[_Kind]) -> tuple[_Kind, ...]:
    """The values as members of an enumeration, at least one.

    Raises:
        ConfigurationError: they are no tuple or list, none, or one of them is no member.
    """
    if isinstance(values, str) or not isinstance(values, tuple | list | set | frozenset) or not values:
        raise wrong(name, values, _("a tuple of {words}").format(words=", ".join(kind)))
    return tuple(one_of(name, value, kind) for value in values)


def word(name: str, value: object, words: Iterable[str]) -> None:
    """Refuse a value that is none of the words.

    Raises:
        ConfigurationError: it names the argument and the words.
    """
    allowed = tuple(words)
    if not isinstance(value, str) or value not in allowed:
        raise wrong(name, value, _("one of {words}").format(words=", ".join(allowed)))


def of_type(name: str, value: object, kind: type[_Type]) -> _Type:
    """The value, if it is of that type.

    Raises:
        ConfigurationError: it names the argument and the type.
    """
    if isinstance(value, kind):
        return value
    raise wrong(name, value, _("a value of the type {type}").format(type=kind.__name__))


def text_or_none(name: str, value: object, *, blank: bool = False) -> None:
    """Refuse what is neither text nor None; an empty text passes with `blank`.

    Raises:
        ConfigurationError: it names the argument.
    """
    if value is not None and (not isinstance(value, str) or not (value or blank)):
        raise wrong(name, value, _("a text, or None"))


def texts(name: str, values: object) -> tuple[str, ...]:
    """The values as a tuple of texts; paths become texts.

    Raises:
        ConfigurationError: they are no tuple or list (one text alone is none), or one of them is no text.
    """
    return _every(name, values, str, _("a tuple of texts, such as ({example!r},)"), str)


def paths(name: str, values: object) -> tuple[Path, ...]:
    """The values as a tuple of paths.

    Raises:
        ConfigurationError: they are no tuple or list (one path alone is none), or one of them is no path.
    """
    return _every(name, values, Path, _("a tuple of paths, such as ({example!r},)"), str)


def _every(
    name: str, values: object, make: Callable[[Any], _Type], wanted: str, shown: Callable[[Any], str]
) -> tuple[_Type, ...]:
    if isinstance(values, tuple | list) and all(isinstance(value, str | Path) and str(value) for value in values):
        return tuple(make(value) for value in values)
    first = values if isinstance(values, str | Path) and str(values) else "stops.csv"
    raise wrong(name, values, wanted.format(example=shown(first)))


def set_checked(holder: object, **values: object) -> None:
    """Give a frozen object, while it is made, the values that its checks returned."""
    for name, value in values.items():
        object.__setattr__(holder, name, value)


def _shown(value: object) -> str:
    """The value for a sentence: one line, not too long; objects by their type."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, str | int | float | tuple | list):
        text = repr(value)
        return text if len(text) <= 80 else text[:79] + "…"
    return type(value).__name__
