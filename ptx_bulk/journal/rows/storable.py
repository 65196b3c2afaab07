"""Outcomes as values that SQLite can hold: whatever a server answers is stored, clipped where it has to be."""

from __future__ import annotations

import math
import time

from ptx_bulk.model import Outcome

COLUMNS = (
    "seq", "status", "code", "attempts", "http_status", "api_code", "message", "remote_id", "finished_at", "doubt",
)  # fmt: skip
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_LONGEST = 2000  # characters of a message or an id; what the API documents has some hundred
LATEST = 2.0**33  # Unix time in the year 2242: later than any clock, and within what every date library reads


def outcome_row(outcome: Outcome) -> tuple[object, ...]:
    """The outcome in the order of `COLUMNS`."""
    return (
        outcome.seq,
        outcome.status.value,
        outcome.code.value,
        _integer(outcome.attempts) or 0,
        _integer(outcome.http_status),
        _integer(outcome.api_code),
        _text(outcome.message),
        _text(outcome.remote_id),
        _moment(outcome.finished_at),
        outcome.doubt.value,
    )


def _integer(value: object) -> int | None:
    """A whole number of 64 bits, the nearest where it has more; None for what is no number."""
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    return min(max(int(value), _LOWEST), _HIGHEST) if isinstance(value, int) else None


def _text(value: object) -> str:
    """Text without NUL and lone surrogates, which files and terminals choke on, and of bounded length."""
    if value is None:
        return ""
    whole = str(value)
    if not whole.isascii():
        whole = whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    whole = whole.replace("\0", "\ufffd")
    return whole if len(whole) <= _LONGEST else whole[: _LONGEST - 1] + "…"


def _moment(value: object) -> float:
    """Unix time in seconds; now for what is no time."""
    return float(value) if isinstance(value, int | float) and 0 <= value <= LATEST else time.time()
