"""Whether anybody still has a page open."""

from __future__ import annotations

import time
from collections.abc import Callable

_GONE_S = 20.0  # after the last page said good-bye: the next one of the way, or a reload, comes sooner
_SILENT_S = 300.0  # browsers let pages in the background speak once a minute
_NAP_S = 15.0
_MOST = 1000


class Presence:
    """The pages that are open: each says so now and then, and when it is left."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, grace: float = _GONE_S) -> None:
        self._clock, self._grace = clock, grace
        self._seen: dict[str, float] = {}
        self._last = 0.0
        self._looked = clock()
        self._met = False

    def here(self, page: str) -> None:
        """A page is open."""
        self._met = True
        if len(self._seen) < _MOST:
            self._seen[page] = self._last = self._clock()

    def gone(self, page: str) -> None:
        """A page was left."""
        self._seen.pop(page, None)
        self._last = self._clock()

    @property
    def over(self) -> bool:
        """Whether there was a page, and none is open any more; to be asked every second or so.

        A browser without scripts never says that it is gone. Who was not asked for long has slept, with all pages.
        """
        now = self._clock()
        slept, self._looked = now - self._looked, now
        if slept > _NAP_S:
            self._seen = {page: at + slept for page, at in self._seen.items()}
            self._last += slept
        self._seen = {page: at for page, at in self._seen.items() if now - at < _SILENT_S}
        return self._met and not self._seen and now - self._last > self._grace
