"""How far the sending came, and how long it will still take."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ptx_bulk.i18n import _, grouped
from ptx_bulk.model import Outcome
from ptx_bulk.pipeline.steps.sending.pacing import duration

_RECENT_S = 20.0  # the rate is that of the last seconds: a run that slows down says so


@dataclass
class Progress:
    """Counts outcomes as they come; written by the thread of the run, read by any.

    Attributes:
        total: changes to send.
        done: those that have an outcome.
    """

    total: int
    done: int = 0
    _marks: list[tuple[float, int]] = field(default_factory=lambda: [(time.monotonic(), 0)])

    def advance(self, outcome: Outcome) -> None:  # noqa: ARG002 - what became of it stands in the report
        """One more change has an outcome."""
        self.done += 1
        now = time.monotonic()
        if now - self._marks[-1][0] >= 0.5:
            self._marks.append((now, self.done))
            while len(self._marks) > 2 and now - self._marks[0][0] > _RECENT_S:
                self._marks.pop(0)

    @property
    def rate(self) -> float:
        """Changes a second, 0 while nothing is known."""
        since, before = self._marks[0]
        seconds = time.monotonic() - since
        return (self.done - before) / seconds if seconds > 0.2 else 0.0

    @property
    def sentence(self) -> str:
        """How far it is, in words."""
        if self.done >= self.total:
            return _("{done} of {total}").format(done=grouped(self.done), total=grouped(self.total))
        if not (rate := self.rate):
            return _("{done} of {total}; the time left is not known yet").format(
                done=grouped(self.done), total=grouped(self.total)
            )
        return _("{done} of {total}, {rate} a second, about {left} left").format(
            done=grouped(self.done),
            total=grouped(self.total),
            rate=grouped(round(rate)) if rate >= 10 else f"{rate:.2g}",
            left=duration((self.total - self.done) / rate),
        )
