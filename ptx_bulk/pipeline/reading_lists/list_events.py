"""What came to and left a list between its readings: pure functions of snapshots, and of what our runs did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.model import ListEvent, ListKind
from ptx_bulk.numbers.sets import members
from ptx_bulk.snapshot import Snapshot, utc_texts

_Int64s = npt.NDArray[np.int64]
_NONE = np.zeros(0, dtype="int64")
# A list may show a change of ours a little late, and shows what is done while it is being read.
_LATE_S = 300.0


@dataclass(frozen=True)
class Reading:
    """A snapshot made ready for comparing.

    Attributes:
        snapshot: the list as it was read.
        taken_at: Unix time in seconds; later than the snapshot's own where the list was then read again the same.
        numbers: its numbers: sorted, each once, without 0.
        first: the row of the first entry of each of them.
    """

    snapshot: Snapshot
    taken_at: float
    numbers: _Int64s
    first: npt.NDArray[np.intp]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Reading:
        """The snapshot, sorted once for the comparison with the one before and the one after."""
        number = snapshot.entries["number"].to_numpy()
        order = np.argsort(number, kind="stable")
        ordered = number[order]
        kept = ordered > 0
        kept[1:] &= ordered[1:] != ordered[:-1]
        return cls(snapshot, snapshot.taken_at, ordered[kept], order[kept])

    def entries(self, numbers: _Int64s) -> pd.DataFrame:
        """The first entry of each of these numbers of the list, in their order: `number`, `remote_id`, its history."""
        rows = self.snapshot.entries.iloc[self.first[np.searchsorted(self.numbers, numbers)]]
        told = rows[["number", "remote_id", "stopped_at", "campaign_id"]].reset_index(drop=True)
        return told.assign(stopped_at=pd.Series(utc_texts(told["stopped_at"].to_numpy()), dtype="str"))


def events_between(old: Reading | None, new: Reading) -> pd.DataFrame:
    """What happened to a list between two readings of it, sorted by number.

    A number that is there both times under other entries was taken off and listed anew: it is `added` again, with the
    id of the entry that it had in `replaces`. Adding what is there changes nothing, so the events replay to the list,
    and nobody who plays them back takes the number off in between.

    Args:
        old: the earlier reading, None for the empty list before the first.
        new: the later one.

    Returns:
        Columns `number` (int64), `event`, `remote_id`, `replaces`, `stopped_at`, `campaign_id` (texts).
    """
    before = _NONE if old is None else old.numbers
    came = new.numbers[~members(new.numbers, before)]
    if old is not None:
        came = came[~_erased_before(old, new, came)]
    parts = [_told(new.entries(came), ListEvent.ADDED)]
    if old is not None:
        left = before[~members(before, new.numbers)]
        anew = listed_anew(old, new)
        parts += [
            _told(old.entries(left), ListEvent.REMOVED),
            _told(new.entries(anew), ListEvent.ADDED, old.entries(anew)["remote_id"]),
        ]
    return pd.concat(parts, ignore_index=True).sort_values("number", kind="stable", ignore_index=True)


def _erased_before(old: Reading, new: Reading, came: _Int64s) -> npt.NDArray[np.bool_]:
    """Which of these numbers were on the earlier list, too, and have been erased from what is kept of it."""
    rows = new.snapshot.rows_of(came)
    return members(came, np.unique(rows["number"].to_numpy()[old.snapshot.knew(rows)]))


def _told(entries: pd.DataFrame, event: ListEvent, replaces: pd.Series | str = "") -> pd.DataFrame:
    entries.insert(1, "event", event.value)
    entries.insert(3, "replaces", replaces)
    return entries


def listed_anew(old: Reading, new: Reading) -> _Int64s:
    """The numbers on both lists that have none of their old entries any more; without ids that is not known."""
    both = old.numbers[members(old.numbers, new.numbers)]
    ids = [each.entries(both)["remote_id"] for each in (old, new)]
    doubtful = both[(ids[0] != ids[1]).to_numpy()]
    if not len(doubtful):
        return doubtful
    before, after = (each.snapshot.entry_ids_of(doubtful) for each in (old, new))
    anew = [number for number in doubtful.tolist() if _other(before[number], after[number])]
    return np.array(anew, dtype="int64")


def _other(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    return "" not in before and "" not in after and not set(before) & set(after)


def chained(kind: ListKind, readings: Iterable[Reading], *, from_empty: bool) -> pd.DataFrame:
    """All events of a list along its readings, in their order.

    Args:
        kind: the list.
        readings: in the order in which they were kept; one that shows the same as the one before shares its snapshot.
        from_empty: whether an empty list stands before the first, else that is where the events begin.

    Returns:
        The columns of `events_between`, and `list`, `after`, `by` (Unix seconds of both readings, `after` 0 for none),
        `step` (the place of the later reading).
    """
    frames = [_begun(kind)]
    old: Reading | None = None
    for step, new in enumerate(readings):
        begun = from_empty if old is None else new.snapshot is not old.snapshot
        if begun:
            moment = 0.0 if old is None else old.taken_at
            frames.append(events_between(old, new).assign(list=kind.value, after=moment, by=new.taken_at, step=step))
        old = new
    return pd.concat(frames, ignore_index=True)


def _begun(kind: ListKind) -> pd.DataFrame:
    """No events, with all columns."""
    nothing = Reading.of(Snapshot.of(kind, 0.0, []))
    return events_between(None, nothing).assign(list=kind.value, after=0.0, by=0.0, step=0)


def in_order(events: pd.DataFrame) -> pd.DataFrame:
    """Events of all lists by time, then list, then number, as text sorts it.

    A clock that was set back does not change the order in which a list was read: no reading counts as earlier than one
    before it.
    """
    latest = events.groupby("list")["by"].cummax()  # events of a list come in its readings' order
    text = events["number"].astype("str")
    keyed = events.assign(moment=np.floor(latest), text=text)
    keyed = keyed.sort_values(["moment", "list", "step", "text"], kind="stable", ignore_index=True)
    return keyed.drop(columns=["moment", "text"])


def credited(events: pd.DataFrame, made: pd.DataFrame) -> pd.Series:
    """The run of ours that made each event, '' where it came by itself or nothing is known of it.

    A change of ours explains one event: the first in its direction that was seen after it.

    Args:
        events: in the order of the readings.
        made: our applied changes by their time: `run_id`, `list`, `number`, `action`, `finished_at`, `verified`.
    """
    runs = pd.Series("", index=events.index, dtype=object)
    waiting: dict[tuple[str, int, str], list[_Seen]] = {}
    theirs = events[members(events["number"].to_numpy(), np.unique(made["number"].to_numpy()))]
    for at, kind, number, event, *seen in zip(theirs.index, *_values(theirs, *_WHAT_IS_SEEN), strict=True):
        waiting.setdefault((kind, number, event), []).append(_Seen(at, *seen))
    columns = _values(made, "list", "number", "action", "finished_at", "verified", "run_id")
    for kind, number, action, moment, verified, run_id in zip(*columns, strict=True):
        line = waiting.get((kind, number, _EVENT_OF[action]), [])
        fitting = next((seen for seen in line if seen.fits(moment, shown=verified == "yes")), None)
        if fitting is not None:
            line.remove(fitting)
            runs[fitting.at] = run_id
    return runs.astype("str")


class _Seen(NamedTuple):
    """An event that no run is known for yet: its place, and the readings that it lies between."""

    at: int
    replaces: str
    after: float
    by: float

    def fits(self, moment: float, *, shown: bool) -> bool:
        """Whether a change of that moment may be the event; `shown`: the list was seen with it before its run ended."""
        # What was shown before the first reading, or gave way to another entry, did not appear after it.
        late = 0.0 if shown or self.replaces else _LATE_S
        return self.after - late <= moment <= self.by + _LATE_S


_WHAT_IS_SEEN = ("list", "number", "event", "replaces", "after", "by")


def _values(frame: pd.DataFrame, *names: str) -> list[list[Any]]:
    return [frame[name].tolist() for name in names]


_EVENT_OF = {"add": ListEvent.ADDED.value, "remove": ListEvent.REMOVED.value}


def last_word(events: pd.DataFrame, listed: _Int64s) -> pd.DataFrame:
    """What another program has to know in the end: one row a number, its last event.

    Whoever is on any list at the end is `added`, whatever list they left. Who came and left in between is not told:
    what that program knows of them is not from us.

    Args:
        events: in order, of one or more lists.
        listed: the numbers on any list at the end, sorted, each once.
    """
    first = events.drop_duplicates(["list", "number"])
    was = (first["event"] == ListEvent.REMOVED.value) | (first["replaces"] != "")
    before = np.unique(first.loc[was, "number"].to_numpy())
    last = events.drop_duplicates("number", keep="last")
    number = last["number"].to_numpy()
    there = members(number, listed)
    event = np.where(there, ListEvent.ADDED.value, ListEvent.REMOVED.value)
    return last.assign(event=event)[there | members(number, before)].reset_index(drop=True)
