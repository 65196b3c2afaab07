"""What happens in a run, for a log that machines read: named events with facts, never a key or a number.

Events go to the logger `ptx_bulk.events`: the message is the event's name, `record.facts` what is known of it. All
facts are masked here, whoever notes them and whoever listens.
"""

from __future__ import annotations

import logging
import time
from contextvars import ContextVar
from typing import Any

from ptx_bulk.masking import masked_value

LOGGER = logging.getLogger("ptx_bulk.events")
LOGGER.addHandler(logging.NullHandler())
_BOUND: ContextVar[dict[str, Any]] = ContextVar("facts of all events", default={})  # noqa: B039 - never changed in place
_EVERY_S = 1.0
_last: dict[tuple[object, ...], tuple[float, int]] = {}


def bind(**facts: object) -> None:
    """From now on these facts belong to every event of this thread or task."""
    _BOUND.set({**_BOUND.get(), **facts})


def note(event: str, *, level: int = logging.INFO, **facts: object) -> None:
    """Something happened."""
    if LOGGER.isEnabledFor(level):
        LOGGER.log(level, "%s", event, extra={"facts": masked_value({**_BOUND.get(), **facts})})


def note_often(event: str, *, level: int = logging.INFO, **facts: object) -> None:
    """Something happened that may happen thousands of times: one event a second, with the number of `times`."""
    key, now = (event, *facts.items()), time.monotonic()
    since, times = _last.get(key, (-_EVERY_S, 0))
    if now - since < _EVERY_S:
        _last[key] = (since, times + 1)
        return
    _last[key] = (now, 0)
    note(event, level=level, times=times + 1, **facts)
