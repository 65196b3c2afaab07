"""`changes`: what came to the lists and left them, reading by reading, as a feed for another program."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk import numbers
from ptx_bulk.arguments import of_type, several_of, text_or_none, word
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.journal import SnapshotRecord, new_run_id
from ptx_bulk.model import FEED_COLUMNS, ListEvent, ListKind
from ptx_bulk.numbers.sets import distinct
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.reading_lists.list_events import Reading, chained, credited, in_order, last_word
from ptx_bulk.pipeline.requests import Sending, asked
from ptx_bulk.pipeline.result import counts_html
from ptx_bulk.pipeline.steps.account import Account, opened
from ptx_bulk.pipeline.steps.looking_back import snapshot_at
from ptx_bulk.pipeline.steps.styles import written
from ptx_bulk.settings import Settings

_DAY_S = 86_400.0
_Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What happened to the lists since then.

    Attributes:
        frame: the columns of `FEED_COLUMNS`, one row an event: by time, then list, then number. Played back on the
            lists of then, it gives those of now.
        counts: for each list how many events `added` and `removed`, and how many of the added were `listed_anew`.
        sizes: entries on each list now.
        malformed: entries that are no numbers and therefore left out.
        spelled_out: numbers in E.164 although another style was asked for: in it they would read as other numbers.
        run_id: the reading that the events end with; `since` this run goes on exactly there.
        elapsed_s: seconds that it took.
        events: what the frame is made of, as `in_order` gives it.
        listed: the numbers on any list now, sorted, each once.
        style: how numbers are written.
    """

    frame: pd.DataFrame
    counts: Mapping[ListKind, Mapping[str, int]]
    sizes: Mapping[ListKind, int]
    malformed: int
    spelled_out: int
    run_id: str
    elapsed_s: float
    events: pd.DataFrame = field(repr=False)
    listed: _Int64s = field(repr=False)
    style: str

    @cached_property
    def final(self) -> pd.DataFrame:
        """The columns of the frame, one row a number: what a program must know that keeps one list of its own.

        `added` is who is on any list now, `removed` who left the last one; who came and left in between is not there.
        """
        return _rows(last_word(self.events, self.listed), self.style)

    def _repr_html_(self) -> str:
        counts = {f"{kind.name} {event}": n for kind, events in self.counts.items() for event, n in events.items()}
        return counts_html(_("What came to the lists and left them"), counts)


def changes(
    lists: tuple[ListKind, ...],
    settings: Settings,
    *,
    style: str = "e164",
    since: str | None = None,
    offline: bool = False,
    sending: Sending | None = None,
    interface: Interface | None = None,
) -> Changes:
    """What came to the lists and left them, by the snapshots since then and a reading of now.

    Args:
        lists: which lists.
        settings: which account.
        style: `e164`, `national`, `international` or `msisdn`.
        since: a run (its name, or 8 characters or more of its beginning) or an ISO date, which comes first; None: all,
            from an empty list on.
        offline: read nothing; the events end with the latest run that has a snapshot of every list.
        sending: timeout, repeating and trust.
        interface: told of the work.

    Raises:
        RemoteError: a list cannot be read.
        SuspectList: a list shrank too much to be trusted.
        ConfigurationError: an argument is wrong (the text names it), or there is no snapshot to begin or end with.
    """
    interface, sending = asked(settings, interface, sending=sending), sending or Sending()
    lists = tuple(sorted(set(several_of("lists", lists, ListKind))))
    word("style", style, numbers.STYLES)
    text_or_none("since", since, blank=True)
    of_type("offline", offline, bool)
    started = time.time()
    with opened(settings, interface) as account:
        # Chosen before the lists are read: that reading is a snapshot, too.
        first = {kind: snapshot_at(account, kind, since) for kind in lists} if since is not None else {}
        run_id = _latest_run(account) if offline else new_run_id(started)
        if not offline:
            with interface.stage(_("Reading the remote lists")):
                account.read_lists(run_id, "changes", sending)
        with interface.stage(_("Comparing the readings")):
            return _compared(account, lists, first, run_id, style, started)


def _compared(
    account: Account,
    lists: tuple[ListKind, ...],
    first: Mapping[ListKind, SnapshotRecord],
    run_id: str,
    style: str,
    started: float,
) -> Changes:
    last = {kind: _last_of(account, kind, run_id) for kind in ListKind}
    frames = [chained(kind, _readings(account, first.get(kind), last[kind]), from_empty=not first) for kind in lists]
    events = in_order(pd.concat(frames, ignore_index=True))
    events["run_id"] = _credited(account, events)
    now = {kind: account.journal.load_snapshot(record) for kind, record in last.items()}
    frame = _rows(events, style)
    return Changes(
        frame=frame,
        counts={kind: _counts(events[(events["list"] == kind.value).to_numpy()]) for kind in lists},
        sizes={kind: len(now[kind]) for kind in lists},
        malformed=sum(int((now[kind].entries["number"] == 0).sum()) for kind in lists),
        spelled_out=int(frame["phone"].str.startswith("+").sum()) if style in ("national", "msisdn") else 0,
        run_id=run_id,
        elapsed_s=time.time() - started,
        events=events,
        listed=distinct(np.concatenate([snapshot.numbers for snapshot in now.values()])),
        style=style,
    )


def _readings(account: Account, first: SnapshotRecord | None, last: SnapshotRecord) -> Iterator[Reading]:
    """A list's readings in the order in which they were kept, loaded one at a time."""
    begin = 0 if first is None else first.snapshot_id
    reading, identity = None, ""
    for record in reversed(account.journal.snapshots(account.name, last.kind)):
        if begin <= record.snapshot_id <= last.snapshot_id:
            if reading is not None and record.identity == identity:
                reading = replace(reading, taken_at=record.taken_at)
            else:
                reading, identity = Reading.of(account.journal.load_snapshot(record)), record.identity
            yield reading


def _last_of(account: Account, kind: ListKind, run_id: str) -> SnapshotRecord:
    return next(record for record in account.journal.snapshots(account.name, kind) if record.run_id == run_id)


def _latest_run(account: Account) -> str:
    """The latest run that left a snapshot of every list.

    Raises:
        ConfigurationError: none has.
    """
    runs = [[record.run_id for record in account.journal.snapshots(account.name, kind)] for kind in ListKind]
    for run_id in runs[0]:
        if all(run_id in others for others in runs[1:]):
            return run_id
    raise ConfigurationError(_("There is no snapshot of the lists yet; run ptx-bulk changes without --offline first."))


def _credited(account: Account, events: pd.DataFrame) -> pd.Series:
    """Our run behind each event, where the journal knows it."""
    if not len(events):
        return pd.Series("", index=events.index, dtype="str")
    # A day more on both ends than what can be meant, which `credited` decides.
    begin, end = float(events["after"].min()) - _DAY_S, float(events["by"].max()) + _DAY_S
    made = account.journal.applied_between(account.name, distinct(events["number"].to_numpy()), begin, end)
    return credited(events, made)


def _counts(events: pd.DataFrame) -> dict[str, int]:
    counts = {event.value: int((events["event"] == event.value).sum()) for event in ListEvent}
    return {**counts, "listed_anew": int((events["replaces"] != "").sum())}


def _rows(events: pd.DataFrame, style: str) -> pd.DataFrame:
    number = events["number"].to_numpy()
    facts = numbers.describe(number)
    columns = {
        "phone": written(number, style),
        "seen_after": _utc(events["after"]),
        "seen_by": _utc(events["by"]),
        "country": facts["country"],
        "line_type": facts["line_type"],
    }
    made = {name: values.reset_index(drop=True).astype("str") for name, values in columns.items()}
    kept = {name: events[name].astype("str") for name in FEED_COLUMNS if name not in made}
    return pd.DataFrame({**made, **kept}, columns=list(FEED_COLUMNS))


def _utc(moments: pd.Series) -> pd.Series:
    texts = pd.to_datetime(np.floor(moments), unit="s", utc=True).dt.strftime("%Y-%m-%dT%H:%M:%SZ").astype("str")
    told: pd.Series = texts.where(moments.to_numpy() > 0, "")
    return told
