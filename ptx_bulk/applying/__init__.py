"""Plan → Outcomes: workers, pace, retries, stopping, settling what is in doubt, verification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_bulk import lazy

if TYPE_CHECKING:
    from ptx_bulk.applying.engine import Pacing, Progress, apply_changes, unforeseen
    from ptx_bulk.applying.pace import Pace
    from ptx_bulk.applying.policy import RetryPolicy
    from ptx_bulk.applying.reading import Patience, fetch, holds, settle
    from ptx_bulk.applying.sending import Attempts, Sender
    from ptx_bulk.applying.stopping import Stop

__all__ = [
    "Attempts",
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
    "settle",
    "unforeseen",
]

__getattr__ = lazy.attach(
    __name__,
    {
        "Attempts": "sending",
        "Pace": "pace",
        "Pacing": "engine",
        "Patience": "reading",
        "Progress": "engine",
        "RetryPolicy": "policy",
        "Sender": "sending",
        "Stop": "stopping",
        "apply_changes": "engine",
        "fetch": "reading",
        "holds": "reading",
        "settle": "reading",
        "unforeseen": "engine",
    },
)
