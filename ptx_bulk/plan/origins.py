"""Who put the numbers on STOP that a plan removes: an earlier run of ours, or the people themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.model import Action, ListKind
from ptx_bulk.plan.lines import categorical
from ptx_bulk.plan.planning import Plan
from ptx_bulk.snapshot import Snapshot, first_told, utc_texts


class Origin(StrEnum):
    """Who put an entry on a list."""

    OURS = "ours"  # an addition of an earlier run in this journal, and nothing speaks against it
    THEIRS = "theirs"  # a person's own STOP, or not known, which counts as one


# So much later a list may show what was done, and so far its clock may be from ours.
LATE_S = 300.0
_MOST_NAMED = 20  # in a question: more than that nobody reads
_ORIGINS = ["", *(origin.value for origin in Origin)]


def with_origins(plan: Plan, snapshot: Snapshot, last: pd.DataFrame) -> Plan:
    """The plan with the origin of every removal from STOP, told in the details of its lines.

    Args:
        plan: as it was decided; nothing of its changes is touched.
        snapshot: STOP as the plan was made for.
        last: the last change that runs of ours made of each number on STOP (`Journal.last_changes`).
    """
    changes = stop_removals(plan)
    if not len(changes):
        return plan
    removals = _removals(changes, snapshot, last)
    return replace(plan, removals=removals, lines=_told(plan.lines, removals))


def stop_removals(plan: Plan) -> pd.DataFrame:
    """The changes that take a number off STOP."""
    removing = plan.changes["action"] == Action.REMOVE.value
    return plan.changes[(removing & (plan.changes["list"] == ListKind.STOP.value)).to_numpy()]


def _removals(changes: pd.DataFrame, snapshot: Snapshot, last: pd.DataFrame) -> pd.DataFrame:
    numbers = changes["number"].to_numpy()
    entries = snapshot.rows_of(numbers)
    history = first_told(entries).set_index("number").loc[numbers]
    campaign = history["campaign_id"].astype("str").to_numpy(dtype=object)
    known = last.drop(columns="at").set_index("number").reindex(numbers, fill_value="")
    added_at = last.set_index("number")["at"].reindex(numbers).to_numpy()
    # A campaign is a person's own reply, whoever else had put the number there; so is what came after we had.
    replied = entries["number"][(entries["campaign_id"] != "").to_numpy()]
    ours = _ours(changes["entry_ids"], known) & ~np.isin(numbers, replied)
    ours &= ~(history["stopped_at"].to_numpy() > (added_at + LATE_S) * 1000)
    return pd.DataFrame(
        {
            "seq": changes["seq"].to_numpy(),
            "number": numbers,
            "ours": ours,
            "since": utc_texts(history["stopped_at"].to_numpy()),
            "campaign": campaign,
            "run_id": np.where(ours, known["run_id"].to_numpy(dtype=object), ""),
        }
    )


def _ours(entry_ids: pd.Series, known: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """For each removal whether its entries are what a run of ours added.

    The last thing that we did with the number must be an addition, since then not taken back, and no entry may have
    another id than it; where an id is not known, the number alone tells.
    """
    pairs = zip(entry_ids.tolist(), known["remote_id"].tolist(), strict=True)
    same = [not mine or all(one in ("", mine) for one in entries) for entries, mine in pairs]
    return np.array(same, dtype=bool) & (known["action"] == Action.ADD.value).to_numpy()


def _told(lines: pd.DataFrame, removals: pd.DataFrame) -> pd.DataFrame:
    """The lines with the origin of those that stand for these removals, and a sentence on it in `detail`."""
    at = pd.Index(removals["seq"]).get_indexer(pd.Index(lines["seq"]))
    there = np.flatnonzero(at >= 0)
    codes = np.zeros(len(lines), dtype="int8")
    places = [_ORIGINS.index(Origin.THEIRS), _ORIGINS.index(Origin.OURS)]
    codes[there] = np.array(places, dtype="int8")[removals["ours"].to_numpy().astype(int)][at[there]]
    detail = lines["detail"].astype("str").to_numpy(dtype=object)
    detail[there] = np.array(list(_sentences(removals)), dtype=object)[at[there]]
    return lines.assign(detail=pd.Series(detail, dtype="str", index=lines.index), origin=categorical(codes, _ORIGINS))


def _sentences(removals: pd.DataFrame) -> Iterator[str]:
    """How each number came on the list, in a sentence."""
    by_us = _("Run {run_id} put it on the list.")
    both = _("It came on the list by itself on {date}, by campaign {campaign}.")
    dated = _("It came on the list by itself on {date}.")
    named = _("It came on the list by itself, by campaign {campaign}.")
    silent = _("No earlier run put it on the list: it may be a person's own STOP.")
    for date, campaign, run_id in _facts(removals):
        if run_id:
            yield by_us.format(run_id=run_id)
        elif date:
            yield (both if campaign else dated).format(date=date, campaign=campaign)
        else:
            yield named.format(campaign=campaign) if campaign else silent


def _facts(removals: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    return zip(*(removals[name].tolist() for name in ("since", "campaign", "run_id")), strict=True)


def origin_counts(lines: pd.DataFrame) -> dict[str, int]:
    """How many of the lines' removals from STOP are of each origin."""
    if "origin" not in lines:
        return {origin.value: 0 for origin in Origin}
    return {origin.value: int((lines["origin"] == origin.value).sum()) for origin in Origin}


def without_origins(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of a run as another one begins with them: what was told of how numbers came there is not told again."""
    return lines.drop(columns="origin").assign(detail="") if "origin" in lines else lines


def origin_sentence(removals: pd.DataFrame | None) -> str:
    """How many of the removals from STOP are ours and how many are not, '' where there are none."""
    if removals is None:
        return ""
    ours = int(removals["ours"].sum())
    return ngettext(
        "{count:,} number is to be removed from STOP; earlier runs put {ours:,} there, {theirs:,} came by itself or "
        "from elsewhere, as when a person replies STOP.",
        "Of the {count:,} numbers to be removed from STOP, earlier runs put {ours:,} there; {theirs:,} came by "
        "themselves or from elsewhere, as when a person replies STOP.",
        len(removals),
    ).format(count=Quantity(len(removals)), ours=Quantity(ours), theirs=Quantity(len(removals) - ours))


def named_removals(removals: pd.DataFrame | None) -> tuple[str, ...]:
    """The numbers that no run of ours put on STOP, a line each, the first of very many; none for none."""
    if removals is None or removals["ours"].all():
        return ()
    theirs = removals[~removals["ours"].to_numpy()]
    shown = theirs.head(_MOST_NAMED)
    lines = [_("To be removed from STOP, though no earlier run put them there:")]
    facts = zip(shown["number"].tolist(), _facts(shown), strict=True)
    lines += [f"  {_named(f'+{number}', date, campaign)}" for number, (date, campaign, _run_id) in facts]
    if (more := len(theirs) - len(shown)) > 0:
        told = _("and {count:,} more; the report of --dry-run lists them all.").format(count=Quantity(more))
        lines.append(f"  {told}")
    return tuple(lines)


def _named(number: str, date: str, campaign: str) -> str:
    if date and campaign:
        return _("{number}  since {date}, campaign {campaign}").format(number=number, date=date, campaign=campaign)
    if date:
        return _("{number}  since {date}").format(number=number, date=date)
    return _("{number}  campaign {campaign}").format(number=number, campaign=campaign) if campaign else number
