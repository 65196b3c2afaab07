"""Lists that show a change only some time after it was made."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ptx_bulk.model import ListKind


@dataclass(frozen=True, slots=True)
class _Change:
    made_at: float
    place: tuple[ListKind, str]
    before: str | None  # the entry as JSON before the change, None where there was none


class Lateness:
    """Remembers the changes of the last seconds, to show the lists as they were before them.

    Only changes made through this process are late; they are not kept when it ends.

    Args:
        seconds: after which a change shows.
        clock: seconds that only ever grow.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._changes: deque[_Change] = deque()

    def note(self, kind: ListKind, identifier: str, before: str | None) -> None:
        """Remember a change that was made just now."""
        if self.seconds:
            self._changes.append(_Change(self._clock(), (kind, identifier), before))

    def as_shown(self, kind: ListKind, entries: Iterable[tuple[str, str]]) -> Iterator[str]:
        """The entries of a list, given as JSON and identifier, without what was changed too late."""
        hidden = self._hidden()
        for entry, identifier in entries:
            shown = hidden.get((kind, identifier), entry)
            if shown is not None:
                yield shown

    def _hidden(self) -> dict[tuple[ListKind, str], str | None]:
        """What stands in the place of each entry whose change does not show yet."""
        since = self._clock() - self.seconds
        while self._changes and self._changes[0].made_at <= since:
            self._changes.popleft()
        hidden: dict[tuple[ListKind, str], str | None] = {}
        for change in self._changes:
            hidden.setdefault(change.place, change.before)
        return hidden
