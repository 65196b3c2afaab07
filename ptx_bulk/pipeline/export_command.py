"""`export`: the numbers on the lists as a table."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk import numbers
from ptx_bulk.arguments import several_of, text_or_none, word
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.journal import LEAST_OF_A_NAME, SnapshotRecord, new_run_id
from ptx_bulk.model import EXPORT_COLUMNS, Accept, ListKind
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Sending, asked
from ptx_bulk.pipeline.result import counts_html
from ptx_bulk.pipeline.steps.account import Account, opened
from ptx_bulk.settings import Settings
from ptx_bulk.snapshot import Snapshot

_LIKE_A_RUN = re.compile("[0-9]{8}-")  # which Python would take for a day and, after any separator, a time


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
        old = {} if since is None else {kind: _snapshot_at(account, kind, since) for kind in lists}
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
    entries = entries[(entries["number"] > 0).to_numpy()].drop_duplicates("number")
    # By the text of the number, as every other tool sorts an E.164 column.
    entries = entries.assign(e164=numbers.e164_text(entries["number"]).to_numpy()).sort_values("e164")
    number = entries["number"].to_numpy()
    facts = numbers.describe(number)
    return pd.DataFrame(
        {
            "phone": _written(number, style),
            "list": np.repeat(snapshot.kind.value, len(number)),
            "remote_id": entries["remote_id"].to_numpy(),
            "added_approx": _added(entries["remote_id"]).to_numpy(),
            "country": facts["country"].to_numpy(),
            "line_type": facts["line_type"].to_numpy(),
        },
        columns=list(EXPORT_COLUMNS),
    )


def _written(number: npt.NDArray[np.int64], style: str) -> pd.Series:
    """The numbers in that style, and in E.164 those which that style would make somebody else's when read again.

    A Swiss `079 123 45 67` is another person's number in France; so is New Caledonia's `687751234` without its `+`.
    """
    text = numbers.format_numbers(number, style)
    if style == "e164":
        return text
    read = numbers.normalise(text.reset_index(drop=True), None, accept=Accept.ANY)
    again = np.zeros(len(number), dtype="int64")
    again[read["cell"].to_numpy()] = read["number"].to_numpy()
    return text.where(again == number, numbers.e164_text(number).set_axis(text.index))


def _added(ids: pd.Series) -> pd.Series:
    """The time that a MongoDB ObjectId begins with, ISO 8601; '' for ids of another shape (an inference)."""
    alike = ids.str.fullmatch(r"[0-9a-fA-F]{24}").fillna(False).to_numpy(dtype=bool)
    seconds = np.array([int(text[:8], 16) for text in ids[alike]], dtype="int64")
    texts = np.full(len(ids), "", dtype=object)
    texts[alike] = pd.to_datetime(pd.Series(seconds), unit="s", utc=True).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return pd.Series(texts, dtype="str")


def _snapshot_at(account: Account, kind: ListKind, since: str) -> SnapshotRecord:
    shots = account.journal.snapshots(account.name, kind)
    of_run = [shot for shot in shots if shot.run_id == since]
    if of_run:
        return of_run[0]  # the latest of that run: what came after it is new
    if _LIKE_A_RUN.match(since):
        return _snapshot_of(shots, since)
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        return _snapshot_of(shots, since)
    limit = (moment if moment.tzinfo else moment.astimezone()).astimezone(UTC).timestamp()
    for shot in shots:
        if shot.taken_at <= limit:
            return shot
    raise ConfigurationError(
        _("No snapshot of the {list} list is as old as {since}; snapshots are kept from the first run on.").format(
            list=kind.name, since=since
        )
    )


def _snapshot_of(shots: list[SnapshotRecord], name: str) -> SnapshotRecord:
    """The latest snapshot of the only run that begins with this name."""
    alike = [shot for shot in shots if len(name) >= LEAST_OF_A_NAME and shot.run_id.startswith(name)]
    if len({shot.run_id for shot in alike}) > 1:
        raise ConfigurationError(_('Several runs begin with "{run_id}"; give more of it.').format(run_id=name))
    if not alike:
        raise ConfigurationError(
            _('--since "{since}" is neither a run with a snapshot nor a date such as 2026-01-31.').format(since=name)
        )
    return alike[0]
