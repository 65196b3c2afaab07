"""How far the sending is: as a bar, as news for the process of all accounts, or for the log alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ptx_bulk import eventlog
from ptx_bulk.cli.showing.output import terminal
from ptx_bulk.i18n import Quantity, _

if TYPE_CHECKING:
    from ptx_bulk.cli.showing.channel import Channel
    from ptx_bulk.model import Outcome

_TELL_EVERY_S = 0.5
_NOTE_EVERY_S = 10.0


class Noted:
    """How far the sending is, told to the log now and then."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._next = time.monotonic() + _NOTE_EVERY_S

    def advance(self, _outcome: Outcome) -> None:
        """One change more has its outcome."""
        self._done += 1
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _NOTE_EVERY_S
            eventlog.note("progress", done=self._done, total=self._total)


class News(Noted):
    """How far the sending of one account of several is, told now and then."""

    def __init__(self, channel: Channel, total: int) -> None:
        super().__init__(total)
        self._channel, self._told_at = channel, time.monotonic()
        channel.tell(done=0, total=total)

    def advance(self, outcome: Outcome) -> None:
        """One outcome more."""
        super().advance(outcome)
        now = time.monotonic()
        if now - self._told_at >= _TELL_EVERY_S:
            self._told_at = now
            self._channel.tell(done=self._done, total=self._total)


@contextmanager
def bar(total: int) -> Iterator[Any]:
    """A progress bar with rate and time left."""
    from rich.console import Console as Rich
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Rich(file=terminal())) as progress:
        task = progress.add_task(_("Sending"), total=total, rate="")

        class Bar(Noted):
            def advance(self, outcome: Outcome) -> None:
                super().advance(outcome)
                speed = progress.tasks[0].finished_speed or progress.tasks[0].speed or 0
                progress.update(task, advance=1, rate=f"{Quantity(round(speed)):,}/s")

        yield Bar(total)
