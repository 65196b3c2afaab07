"""`export`: the numbers on the lists as a table."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
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
from ptx_bulk.pipeline.steps.listed_since import approx_added
from ptx_bulk.pipeline.steps.looking_back import snapshot_at
from ptx_bulk.pipeline.steps.styles import written
from ptx_bulk.settings import Settings
from ptx_bulk.snapshot import Snapshot, first_told, utc_texts


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What an export holds.

    Attributes:
        frame: the columns of `EXPORT_COLUMNS`, one row per number on a list.
        sizes: entries on each list that was read.
        malformed: entries that are no numbers and therefore left out.
        spelled_out: numbers in E.164 although another style was asked for: in it they would read as other numbers.
        run_id: names the snapshots that this export left.
        elapsed_s: seconds that it took.
    """

    frame: pd.DataFrame
    sizes: dict[ListKind, int]
    malformed: int
    spelled_out: int
    run_id: str
    elapsed_s: float

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
        frames = []
        for kind in sorted(lists):
            frame = snapshots[kind].entries
            if kind in old:
                known = account.journal.load_snapshot(old[kind])
                frame = frame[~known.knew(frame)]
            frames.append(_rows(snapshots[kind], frame, style))
        malformed = sum(int((snapshots[kind].entries["number"] == 0).sum()) for kind in lists)
        frame = pd.concat(frames, ignore_index=True)
        spelled_out = 0 if style == "e164" else int(frame["phone"].str.startswith("+").sum())
        return Exported(
            frame=frame,
            sizes={kind: len(snapshots[kind]) for kind in lists},
            malformed=malformed,
            spelled_out=0 if style == "international" else spelled_out,
            run_id=run_id,
            elapsed_s=time.time() - started,
        )


def _rows(snapshot: Snapshot, entries: pd.DataFrame, style: str) -> pd.DataFrame:
    entries = entries[(entries["number"] > 0).to_numpy()]
    told = first_told(entries).set_index("number")
    entries = entries.drop_duplicates("number")
    # By the text of the number, as every other tool sorts an E.164 column.
    entries = entries.assign(e164=numbers.e164_text(entries["number"]).to_numpy()).sort_values("e164")
    number = entries["number"].to_numpy()
    facts = numbers.describe(number)
    told = told.loc[number]
    return pd.DataFrame(
        {
            "phone": written(number, style),
            "list": np.repeat(snapshot.kind.value, len(number)),
            "remote_id": entries["remote_id"].to_numpy(),
            "added_approx": approx_added(entries["remote_id"]).to_numpy(),
            "country": facts["country"].to_numpy(),
            "line_type": facts["line_type"].to_numpy(),
            "stopped_at": pd.Series(utc_texts(told["stopped_at"].to_numpy()), dtype="str"),
            "campaign_id": told["campaign_id"].astype("str").to_numpy(),
        },
        columns=list(EXPORT_COLUMNS),
    )
