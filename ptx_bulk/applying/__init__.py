"""Plan → Outcomes: workers, pace, retries, stopping, settling what is in doubt, verification."""

from __future__ import annotations

from ptx_bulk import lazy

# Their types stand in __init__.pyi.
_HOMES = {
    "engine": (
        "Pacing",
        "Progress",
        "apply_changes",
        "unforeseen",
    ),
    "list_reading": (
        "Look",
        "Patience",
        "fetch",
        "holds",
        "looks",
    ),
    "loops": ("run",),
    "pace": ("Pace",),
    "policy": ("RetryPolicy",),
    "sending": (
        "Attempts",
        "Sender",
    ),
    "stopping": ("Stop",),
}

__getattr__, __all__ = lazy.attach(__name__, _HOMES)
