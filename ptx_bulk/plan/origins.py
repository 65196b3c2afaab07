"""Who put the numbers on STOP that a plan removes: an earlier run of ours, or the people themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.i18n import Quantity, _
from ptx_bulk.model import Action, ListKind
from ptx_bulk.plan.lines import categorical
from ptx_bulk.plan.planning import Plan
from ptx_bulk.snapshot import Snapshot


class Origin(StrEnum):
    """Who put an entry on a list."""

    OURS = "ours"  # an addition of an earlier run in this journal, and nothing speaks against it
    THEIRS = "theirs"  # a person's own STOP, or not known, which counts as one


_MOST_NAMED = 20  # in a question: more than that nobody reads
_ORIGINS = ["", *(origin.value for origin in Origin)]
_Since: TypeAlias = tuple[str, str]  # ISO 8601 in UTC and a campaign, each '' where not known


@dataclass(frozen=True, slots=True)
class Removal:
    """A number that a plan takes off STOP, and what is known of how it came there.

    Attributes:
        number: E.164 digits.
        origin: who put it there.
        since: since when it is there by the server's own history, ISO 8601 in UTC; '' where that tells nothing.
        campaign: id of the campaign by which it came there; '' likewise.
        run_id: the run that put it there, '' for none of ours.
    """

    number: int
    origin: Origin
    since: str
    campaign: str
    run_id: str

    @property
    def sentence(self) -> str:
        """How the number came on the list, in a sentence."""
        facts = {"date": self.since, "campaign": self.campaign, "run_id": self.run_id}
        if self.origin is Origin.OURS:
            return _("Run {run_id} put it on the list.").format(**facts)
        if self.since and self.campaign:
            return _("It came on the list by itself on {date}, by campaign {campaign}.").format(**facts)
        if self.since:
            return _("It came on the list by itself on {date}.").format(**facts)
        if self.campaign:
            return _("It came on the list by itself, by campaign {campaign}.").format(**facts)
        return _("No earlier run put it on the list: it may be a person's own STOP.")

    @property
    def line(self) -> str:
        """The number and what is known of it, in a line of a list."""
        facts = {"number": f"+{self.number}", "date": self.since, "campaign": self.campaign}
        if self.since and self.campaign:
            return _("{number}  since {date}, campaign {campaign}").format(**facts)
        if self.since:
            return _("{number}  since {date}").format(**facts)
        return _("{number}  campaign {campaign}").format(**facts) if self.campaign else facts["number"]


def with_origins(plan: Plan, snapshot: Snapshot, last: pd.DataFrame) -> Plan:
    """The plan with the origin of every removal from STOP, told in the details of its lines.

    Args:
        plan: as it was decided; nothing of its changes is touched.
        snapshot: STOP as the plan was made for.
        last: the last change that runs of ours made of each number on STOP (`Journal.last_changes`).
    """
    mine = ((plan.changes["action"] == Action.REMOVE.value) & (plan.changes["list"] == ListKind.STOP.value)).to_numpy()
    if not mine.any():
        return plan
    changes = plan.changes[mine]
    removals = _removals(changes, snapshot, last)
    return replace(plan, removals=removals, lines=_told(plan.lines, changes["seq"].to_numpy(), removals))


def _removals(changes: pd.DataFrame, snapshot: Snapshot, last: pd.DataFrame) -> tuple[Removal, ...]:
    numbers = changes["number"].to_numpy()
    since = snapshot.since_of(numbers)
    known = {number: rest for number, *rest in last.itertuples(index=False)}
    found = []
    for number, entries in zip(numbers.tolist(), changes["entry_ids"].tolist(), strict=True):
        date, campaign = since.get(number, ("", ""))
        # A campaign is a person's own reply, whoever else had put the number there.
        run_id = "" if campaign else _ours(entries, *known.get(number, ("", "", "")))
        found.append(Removal(number, Origin.OURS if run_id else Origin.THEIRS, date, campaign, run_id))
    return tuple(found)


def _ours(entries: Collection[str], action: str, remote_id: str, run_id: str) -> str:
    """The run whose addition these entries are, '' for none.

    The last thing that we did with the number must be an addition, since then not taken back, and no entry may have
    another id than it; where an id is not known, the number alone tells.
    """
    if action != Action.ADD.value or not (not remote_id or {*entries} <= {"", remote_id}):
        return ""
    return run_id


def _told(lines: pd.DataFrame, seqs: npt.NDArray[np.int32], removals: Sequence[Removal]) -> pd.DataFrame:
    """The lines with the origin of those that stand for these removals, and a sentence on it in `detail`."""
    at = pd.Index(seqs).get_indexer(pd.Index(lines["seq"]))
    there = np.flatnonzero(at >= 0)
    codes = np.zeros(len(lines), dtype="int8")
    codes[there] = np.array([_ORIGINS.index(removal.origin) for removal in removals], dtype="int8")[at[there]]
    detail = lines["detail"].astype("str").to_numpy(dtype=object)
    detail[there] = np.array([removal.sentence for removal in removals], dtype=object)[at[there]]
    return lines.assign(detail=pd.Series(detail, dtype="str", index=lines.index), origin=categorical(codes, _ORIGINS))


def origin_counts(lines: pd.DataFrame) -> dict[str, int]:
    """How many of the lines' removals from STOP are of each origin."""
    if "origin" not in lines:
        return {origin.value: 0 for origin in Origin}
    return {origin.value: int((lines["origin"] == origin.value).sum()) for origin in Origin}


def without_origins(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of a run as another one begins with them: what was told of how numbers came there is not told again."""
    return lines.drop(columns="origin").assign(detail="") if "origin" in lines else lines


def origin_sentence(removals: Sequence[Removal]) -> str:
    """How many of the removals from STOP are ours and how many are not, '' where there are none."""
    if not removals:
        return ""
    theirs = len(_theirs(removals))
    return _(
        "Of the {count:,} numbers to be removed from STOP, earlier runs put {ours:,} there; "
        "{theirs:,} came by themselves or from elsewhere, as when a person replies STOP."
    ).format(count=Quantity(len(removals)), ours=Quantity(len(removals) - theirs), theirs=Quantity(theirs))


def named_removals(removals: Sequence[Removal]) -> tuple[str, ...]:
    """The numbers that no run of ours put on STOP, a line each, the first of very many; none for none."""
    theirs = _theirs(removals)
    if not theirs:
        return ()
    lines = [_("To be removed from STOP, though no earlier run put them there:")]
    lines += [f"  {removal.line}" for removal in theirs[:_MOST_NAMED]]
    if (more := len(theirs) - _MOST_NAMED) > 0:
        lines.append(
            "  " + _("and {count:,} more; the report of --dry-run lists them all.").format(count=Quantity(more))
        )
    return tuple(lines)


def _theirs(removals: Sequence[Removal]) -> list[Removal]:
    return [removal for removal in removals if removal.origin is Origin.THEIRS]
