"""Plan → Outcomes: workers, pace, retries, stopping, settling what is in doubt, verification."""

from __future__ import annotations

from ptx_bulk.applying.engine import Pacing, Progress, apply_changes, unforeseen
from ptx_bulk.applying.list_reading import Look, Patience, fetch, holds, looks
from ptx_bulk.applying.loops import run
from ptx_bulk.applying.pace import Pace
from ptx_bulk.applying.policy import RetryPolicy
from ptx_bulk.applying.sending import Attempts, Sender
from ptx_bulk.applying.stopping import Stop

__all__ = [
    "Attempts",
    "Look",
    "Pace",
    "Pacing",
    "Patience",
    "Progress",
    "RetryPolicy",
    "Sender",
    "Stop",
    "apply_changes",
    "fetch",
    "holds",
    "looks",
    "run",
    "unforeseen",
]
