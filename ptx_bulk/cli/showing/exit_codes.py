"""The exit codes, and which of several is the worst."""

from __future__ import annotations

from collections.abc import Iterable

from ptx_bulk.i18n import _

EXIT_CODES: tuple[tuple[str, str], ...] = (
    ("0", _("done; nothing to do is done too")),
    ("1", _("unexpected error")),
    ("2", _("usage or configuration")),
    ("3", _("input unreadable, or no phone column found")),
    ("4", _("finished, but some rows were rejected, failed or unknown")),
    ("5", _("stopped early and resumable: outage, rate limit, time limit")),
    ("6", _("access refused")),
    ("7", _("safety refusal or not confirmed; nothing was sent")),
    ("8", _("plan stale")),
    ("9", _("diff --exit-code found nothing to change; 10: it found something")),
    ("130", _("interrupted; journal and report are complete up to that moment")),
)

# What needs a person, or another attempt, first; rows to be mended (4) hide no account for which nothing was done.
_WORST_FIRST = (130, 6, 5, 1, 8, 7, 3, 2, 4, 10, 9, 0)


def worst(codes: Iterable[int]) -> int:
    """The code that a command for several accounts ends with; 0 where there is none."""
    return min(codes, key=_place, default=0)


def meaning(code: int) -> str:
    """What a code means, in a few words of the language in use."""
    return dict(EXIT_CODES).get(str(code), "").partition(";")[0].strip()


def _place(code: int) -> int:
    return _WORST_FIRST.index(code if code in _WORST_FIRST else 1)
