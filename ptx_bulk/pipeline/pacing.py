"""How long a plan will take, in words, before it starts."""

from __future__ import annotations

from ptx_bulk.i18n import _, ngettext
from ptx_bulk.pipeline.requests import Sending
from ptx_bulk.plan import Plan

_USUAL_ANSWER_S = 0.1  # what one call over the Internet usually takes; only the estimate depends on it


def estimate(plan: Plan, sending: Sending, answer_s: float = _USUAL_ANSWER_S) -> str:
    """A sentence such as "12,400 calls, about 41 min at 5/s"."""
    calls = int(plan.changes["identifiers"].map(len).sum())
    rate = sending.concurrency / answer_s
    if sending.max_rate:
        rate = min(rate, sending.max_rate)
    return _("{calls:,} calls, about {duration} at {rate:,.0f}/s").format(
        calls=calls, duration=duration(calls / rate), rate=max(rate, 1)
    )


def duration(seconds: float) -> str:
    """Seconds as a person says them: "40 s", "41 min", "3 h 20 min"."""
    if seconds < 60:
        return _("{n} s").format(n=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return ngettext("{n} min", "{n} min", minutes).format(n=minutes)
    return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
