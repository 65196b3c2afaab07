"""How far the sending is: as a bar, as news for the process of all accounts, or not at all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ptx_bulk.cli.showing.output import terminal
from ptx_bulk.i18n import Quantity, _

if TYPE_CHECKING:
    from ptx_bulk.cli.showing.channel import Channel
    from ptx_bulk.model import Outcome

_TELL_EVERY_S = 0.5


class Nothing:
    """Where nobody watches."""

    def advance(self, _outcome: Outcome) -> None:
        """Nobody watches."""


class News:
    """How far the sending of one account of several is, told now and then."""

    def __init__(self, channel: Channel, total: int) -> None:
        self._channel, self._total = channel, total
        self._done, self._told_at = 0, time.monotonic()
        channel.tell(done=0, total=total)

    def advance(self, _outcome: Outcome) -> None:
        """One outcome more."""
        self._done += 1
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

        class Bar:
            def advance(self, _outcome: Outcome) -> None:
                speed = progress.tasks[0].finished_speed or progress.tasks[0].speed or 0
                progress.update(task, advance=1, rate=f"{Quantity(round(speed)):,}/s")

        yield Bar()
