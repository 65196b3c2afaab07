"""`export`: the numbers on the lists as a table."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk import numbers
from ptx_bulk.arguments import several_of, text_or_none, word
from ptx_bulk.i18n import _
from ptx_bulk.journal import new_run_id
from ptx_bulk.model import EXPORT_COLUMNS, ListKind
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Sending, asked
from ptx_bulk.pipeline.result import counts_html
from ptx_bulk.pipeline.steps.account import opened
from ptx_bulk.pipeline.steps.listed_since import approx_added, first_entries
from ptx_bulk.pipeline.steps.looking_back import snapshot_at
from ptx_bulk.pipeline.steps.styles import written
from ptx_bulk.settings import Settings
from ptx_bulk.snapshot import Snapshot, utc_texts

_STEP = 200_000
_MOST_DIGITS = 15
_Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Rows:
    """Which entries of a list are exported, as places in it.

    Attributes:
        snapshot: the list.
        first: the first entry of each number, numbers in the order of their texts.
        told: of each number the first entry that tells since when or by which campaign, else the first.
        style: how numbers are written.
    """

    snapshot: Snapshot
    first: _Int64s
    told: _Int64s
    style: str

    def parts(self) -> Iterator[pd.DataFrame]:
        """The rows, some at a time; one without rows where there are none."""
        yield from map(self._part, self.steps())

    def steps(self) -> Iterator[slice]:
        """The rows of each part."""
        return (slice(at, at + _STEP) for at in range(0, max(len(self.first), 1), _STEP))

    def phones(self, rows: slice) -> pd.Series[str]:
        """How the numbers of these rows are written."""
        return written(self.snapshot.entries["number"].to_numpy()[self.first[rows]], self.style)

    def _part(self, rows: slice) -> pd.DataFrame:
        entries = self.snapshot.entries.iloc[self.first[rows]]
        told = self.snapshot.entries[["stopped_at", "campaign_id"]].iloc[self.told[rows]]
        number = entries["number"].to_numpy()
        facts = numbers.describe(number)
        return pd.DataFrame(
            {
                "phone": self.phones(rows),
                "list": np.repeat(self.snapshot.kind.value, len(number)),
                "remote_id": entries["remote_id"].to_numpy(),
                "added_approx": approx_added(entries["remote_id"]).to_numpy(),
                "country": facts["country"].to_numpy(),
                "line_type": facts["line_type"].to_numpy(),
                "stopped_at": pd.Series(utc_texts(told["stopped_at"].to_numpy()), dtype="str"),
                "campaign_id": told["campaign_id"].astype("str").to_numpy(),
            },
            columns=list(EXPORT_COLUMNS),
        )


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What an export holds.

    Attributes:
        counts: numbers of each list that are exported.
        sizes: entries on each list that was read.
        malformed: entries that are no numbers and therefore left out.
        spelled_out: numbers in E.164 although another style was asked for: in it they would read as other numbers.
        run_id: names the snapshots that this export left.
        elapsed_s: seconds that it took.
    """

    counts: dict[ListKind, int]
    sizes: dict[ListKind, int]
    malformed: int
    spelled_out: int
    run_id: str
    elapsed_s: float
    _rows: tuple[_Rows, ...] = field(repr=False)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The columns of `EXPORT_COLUMNS`, one row per number on a list, sorted by list then number."""
        return pd.concat(list(self.parts()), ignore_index=True)

    def parts(self) -> Iterator[pd.DataFrame]:
        """The rows of `frame`, some at a time: millions are written without being held at once."""
        for rows in self._rows:
            yield from rows.parts()

    def _repr_html_(self) -> str:
        return counts_html(_("Entries of each list"), {kind.name: size for kind, size in self.sizes.items()})


def export(
    lists: tuple[ListKind, ...],
    settings: Settings,
    *,
    style: str = "e164",
    since: str | None = None,
    sending: Sending | None = None,
    interface: Interface | None = None,
) -> Exported:
    """One row per number on a list, sorted by list then number.

    Args:
        lists: which lists.
        settings: which account.
        style: `e164`, `national`, `international` or `msisdn`.
        since: a run (its name, or 8 characters or more of its beginning) or an ISO date, which comes first; only
            numbers that the local snapshot from then does not hold.
        sending: timeout, repeating and trust.
        interface: told of the work.

    Raises:
        RemoteError: a list cannot be read.
        SuspectList: a list shrank too much to be trusted.
        ConfigurationError: an argument is wrong (the text names it), or no snapshot is as old as `since`.
    """
    interface, sending = asked(settings, interface, sending=sending), sending or Sending()
    lists = several_of("lists", lists, ListKind)
    word("style", style, numbers.STYLES)
    text_or_none("since", since, blank=True)
    started = time.time()
    run_id = new_run_id(started)
    with opened(settings, interface, keeping=True) as account:
        # Chosen before the lists are read: that reading is a snapshot, too.
        old = {} if since is None else {kind: snapshot_at(account, kind, since) for kind in lists}
        with interface.stage(_("Reading the remote lists")):
            snapshots = account.read_lists(run_id, "export", sending)
        rows = []
        for kind in sorted(lists):
            wanted = (snapshots[kind].entries["number"] > 0).to_numpy()
            if kind in old:
                known = account.journal.load_snapshot(old[kind])
                wanted = wanted & ~known.knew(snapshots[kind].entries)
            rows.append(_rows(snapshots[kind], wanted, style))
        return Exported(
            counts={kind: len(one.first) for kind, one in zip(sorted(lists), rows, strict=True)},
            sizes={kind: len(snapshots[kind]) for kind in lists},
            malformed=sum(int((snapshots[kind].entries["number"] == 0).sum()) for kind in lists),
            spelled_out=_spelled_out(rows, style),
            _rows=tuple(rows),
            run_id=run_id,
            elapsed_s=time.time() - started,
        )


def _rows(snapshot: Snapshot, wanted: npt.NDArray[np.bool_], style: str) -> _Rows:
    """The rows of the entries that are wanted, each of which has a number."""
    at = np.flatnonzero(wanted)
    key = _text_order(snapshot.entries["number"].to_numpy()[at])
    return _Rows(snapshot, *first_entries(snapshot.entries, at, key), style)


def _text_order(number: _Int64s) -> _Int64s:
    """Keys that sort numbers by their texts, as every other tool sorts an E.164 column: +336 comes before +3360."""
    digits = np.searchsorted(10 ** np.arange(1, _MOST_DIGITS + 1, dtype=np.int64), number, side="right") + 1
    return number * 10 ** (_MOST_DIGITS - digits) * (_MOST_DIGITS + 1) + digits


def _spelled_out(rows: list[_Rows], style: str) -> int:
    """How many numbers are written with + although another style was asked for."""
    if style in ("e164", "international"):
        return 0
    return sum(int(phones.str.startswith("+").sum()) for one in rows for phones in map(one.phones, one.steps()))
