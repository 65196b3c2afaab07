"""Plan → Outcomes: workers, pace, retries, stopping, settling what is in doubt, verification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_bulk import lazy

if TYPE_CHECKING:
    from ptx_bulk.applying.engine import Pacing, Progress, apply_changes, unforeseen
    from ptx_bulk.applying.loops import run
    from ptx_bulk.applying.pace import Pace
    from ptx_bulk.applying.policy import RetryPolicy
    from ptx_bulk.applying.reading import Look, Patience, fetch, holds, looks
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

__getattr__ = lazy.attach(
    __name__,
    {
        "Attempts": "sending",
        "Look": "reading",
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
        "looks": "reading",
        "run": "loops",
        "unforeseen": "engine",
    },
)
