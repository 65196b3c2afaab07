"""How long a plan will take, in words, before it starts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ptx_bulk.i18n import Quantity, _, grouped, ngettext
from ptx_bulk.pipeline.requests import Sending
from ptx_bulk.pipeline.steps.account import Account

_USUAL_ANSWER_S = 0.1  # what one call over the Internet usually takes; only the estimate depends on it
_FASTEST = 2_500.0  # calls a second that one process makes at most
_LONG = 500  # calls from which on it is worth saying how long they take


@dataclass(frozen=True)
class Forecast:
    """How long the changes will take: a sentence, and whether it is worth saying where nobody is asked."""

    sentence: str
    long: bool


def forecast(account: Account, changes: pd.DataFrame, sending: Sending) -> Forecast:
    """The forecast for a changes frame; where there are many, the API's answer time is measured first."""
    calls = int(changes["identifiers"].map(len).clip(lower=1).sum())
    long = calls >= _LONG
    return Forecast(estimate(calls, sending, account.answer_seconds() if long else None), long)


def estimate(calls: int, sending: Sending, answer_s: float | None = None) -> str:
    """A sentence such as "12,400 calls, about 41 min at 5/s".

    Args:
        calls: how many calls.
        sending: how many at once, and how many a second at most.
        answer_s: seconds that one answer takes; what is usual when None.
    """
    rate = min(sending.connections / max(answer_s or _USUAL_ANSWER_S, 0.001), _FASTEST)
    if sending.max_rate:
        rate = min(rate, sending.max_rate)
    return ngettext(
        "{calls:,} call, about {duration} at {rate}/s", "{calls:,} calls, about {duration} at {rate}/s", calls
    ).format(
        calls=Quantity(calls),
        duration=duration(calls / rate),
        rate=grouped(round(rate)) if rate >= 10 else f"{rate:.2g}",
    )


def duration(seconds: float) -> str:
    """Seconds as a person says them: "40 s", "41 min", "3 h 20 min"."""
    if seconds < 60:
        return _("{n} s").format(n=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return ngettext("{n} min", "{n} min", minutes).format(n=minutes)
    return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
