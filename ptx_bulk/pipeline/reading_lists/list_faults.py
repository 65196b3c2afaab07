"""The faults of two lists as they were read: pure, a column at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute

from ptx_bulk import numbers
from ptx_bulk.i18n import N_
from ptx_bulk.model import Accept, Code, ListKind
from ptx_bulk.numbers.sets import members, repeated
from ptx_bulk.snapshot import Snapshot, first_told, utc_texts

pc: Any = pyarrow.compute  # the stubs know few of the kinds of arrays that its functions take
_Int64s = npt.NDArray[np.int64]
_BETWEEN = " / "
_HOME_REGION = "FR"  # what a list's national spellings are


class Fault(StrEnum):
    """What is wrong with an entry of a list; stable words, never translated."""

    ON_BOTH_LISTS = "ON_BOTH_LISTS"
    TWO_SPELLINGS = "TWO_SPELLINGS"  # a number on one list twice
    MALFORMED = "MALFORMED"  # no phone number, or none that exists
    NOT_MOBILE = "NOT_MOBILE"
    WRONG_COUNTRY_CODE = "WRONG_COUNTRY_CODE"  # an overseas number under +33, say
    MISPLACED = "MISPLACED"  # on the other list than a reference has it


# What each means for people, and what to do.
FAULT_SENTENCES: dict[Fault, str] = {
    Fault.ON_BOTH_LISTS: N_(
        "These numbers are on STOP and on NPAI. That is harmless: either list alone keeps SMS away from them. "
        "Leave them as they are, or keep them on STOP alone; never take them off STOP for this."
    ),
    Fault.TWO_SPELLINGS: N_(
        "These numbers are on one list twice, written in two ways. That is harmless: both spellings keep SMS away. "
        "On STOP leave them, since mending would take them off STOP for a moment."
    ),
    Fault.MALFORMED: N_(
        "These entries are not phone numbers that exist, so they protect nobody. Where one stands for a real number, "
        "look at the suggestion and add it; the entry itself can stay."
    ),
    Fault.NOT_MOBILE: N_(
        "These are fixed lines or special numbers, which no SMS reaches. They are harmless; on STOP leave them, "
        "since somebody may have said no."
    ),
    Fault.WRONG_COUNTRY_CODE: N_(
        "These overseas numbers were written with the country code of another part of France, and nobody has them "
        "that way: the person meant still gets SMS. Look at the suggestions and add them; the entries can stay. "
        "Where no suggestion stands, the right number is on the list already."
    ),
    Fault.MISPLACED: N_(
        "The reference has these numbers on the other list. They get no SMS either way, but a STOP that stands on NPAI "
        "alone is lost when NPAI is cleaned. Add them to the list of the reference; the entries can stay."
    ),
}

_STEP = 500_000
_TEXTS = ("identifier", "remote_id", "suggestion", "code")
# One row for each number at fault (each entry, where it is no number).
AUDIT_COLUMNS = (
    "fault", "list", "phone", "identifiers", "remote_id", "other_list", "suggestion", "code", "stopped_at",
    "campaign_id",
)  # fmt: skip


def find_faults(snapshots: Mapping[ListKind, Snapshot], wanted: Mapping[ListKind, _Int64s]) -> pd.DataFrame:
    """Every fault, sorted by fault, list (STOP first) and number.

    `list` is where the entry is, `other_list` the list where it also is (ON_BOTH_LISTS) or where the reference has
    it (MISPLACED); `identifiers` and `remote_id` are the server's own, joined by ` / `; `suggestion` holds the E.164
    numbers, joined by `;`, that the entry may mean and its list does not hold; `code` says why it is no number;
    `stopped_at` (ISO 8601 in UTC) and `campaign_id` are what the server's history tells of the entry.

    Args:
        snapshots: both lists.
        wanted: sorted numbers that a reference has on each list.

    Returns:
        Text columns `AUDIT_COLUMNS`.
    """
    entries = {kind: _each_once(snapshot.entries) for kind, snapshot in snapshots.items()}
    parts = [*_doubled(snapshots, entries), *_wrong(snapshots, entries), *_misplaced(snapshots, entries, wanted)]
    lines = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    rank = {f"{fault}{kind}": at for at, (fault, kind) in enumerate(itertools.product(Fault, ListKind))}
    lines["rank"] = (lines["fault"] + lines["list"]).map(rank)
    lines = lines.sort_values(["rank", "phone", "identifiers"], ignore_index=True)
    return lines[list(AUDIT_COLUMNS)]


def _each_once(entries: pd.DataFrame) -> pd.DataFrame:
    """The entries, of those with one number and one spelling the first alone; looked for where a number repeats."""
    number = entries["number"].to_numpy()
    at = np.flatnonzero((number == 0) | members(number, repeated(number)))
    gone = at[entries[["number", "identifier"]].iloc[at].duplicated().to_numpy()]
    return entries.drop(index=gone).reset_index(drop=True) if len(gone) else entries


def _doubled(
    snapshots: Mapping[ListKind, Snapshot], entries: Mapping[ListKind, pd.DataFrame]
) -> Iterator[pd.DataFrame]:
    """Numbers that stand somewhere twice: on both lists, or on one list under two spellings."""
    both = np.intersect1d(snapshots[ListKind.STOP].numbers, snapshots[ListKind.NPAI].numbers, assume_unique=True)
    # Told as entries of NPAI: whoever acts on these lines must not act on STOP.
    yield _lines(Fault.ON_BOTH_LISTS, ListKind.NPAI, _of(entries[ListKind.NPAI], both), other=ListKind.STOP)
    for kind, mine in entries.items():
        yield _lines(Fault.TWO_SPELLINGS, kind, _of(mine, repeated(mine["number"].to_numpy())))


def _misplaced(
    snapshots: Mapping[ListKind, Snapshot],
    entries: Mapping[ListKind, pd.DataFrame],
    wanted: Mapping[ListKind, _Int64s],
) -> Iterator[pd.DataFrame]:
    """Numbers that the reference has on one list and the account on the other only."""
    for right, reference in wanted.items():
        wrong = ListKind.NPAI if right is ListKind.STOP else ListKind.STOP
        there = reference[snapshots[wrong].contains(reference) & ~snapshots[right].contains(reference)]
        yield _lines(Fault.MISPLACED, wrong, _of(entries[wrong], there), other=right)


def _wrong(snapshots: Mapping[ListKind, Snapshot], entries: Mapping[ListKind, pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Entries whose identifier by itself is at fault."""
    for kind, mine in entries.items():
        judged = _judged(mine)
        number, code = judged["number"].to_numpy(), judged["code"]
        # Only a country code that is written down can be the wrong one.
        coded = judged["identifier"].str.match(r"\s*(\+|00)").to_numpy(dtype=bool)
        guessed = (judged["suggestion"] != "").to_numpy()
        miscoded = (code == Code.REGION_AMBIGUOUS.value).to_numpy() & coded & guessed
        fixed = (code == Code.NOT_MOBILE.value).to_numpy()
        malformed = ~miscoded & ~fixed
        if kind is ListKind.NPAI:  # the very place of numbers that no operator has
            malformed &= ~((code == Code.INVALID_FOR_REGION.value).to_numpy() & (number > 0) & ~guessed)
        judged["suggestion"] = _not_yet_on(snapshots[kind], judged["suggestion"])
        yield _lines(Fault.MALFORMED, kind, judged[malformed])
        yield _lines(Fault.NOT_MOBILE, kind, judged[fixed].drop(columns=["suggestion", "code"]))
        yield _lines(Fault.WRONG_COUNTRY_CODE, kind, judged[miscoded])


def _judged(entries: pd.DataFrame) -> pd.DataFrame:
    """The entries that are not one mobile number, with `code` and `suggestion`."""
    # those of most lists are few, and all that is known of the others much
    steps = range(0, max(len(entries), 1), _STEP)
    return pd.concat([_judged_step(entries.iloc[at : at + _STEP]) for at in steps])


def _judged_step(entries: pd.DataFrame) -> pd.DataFrame:
    found = numbers.normalise(entries["identifier"], None, region=_HOME_REGION, accept=Accept.MOBILE)
    cell = found["cell"].to_numpy()
    several = np.bincount(cell, minlength=len(entries)) > 1
    found = found[(found["number"] == 0).to_numpy() | several[cell]]
    first = found.drop_duplicates("cell")
    at = first["cell"].to_numpy()
    code, suggestion = first["code"].astype("str"), first["suggestion"]
    if several.any():  # an identifier that names several numbers names none of them
        code = code.mask(several[at], Code.MULTIPLE_NUMBERS.value)
        read = found[several[found["cell"]] & (found["number"] > 0).to_numpy()]
        joined = numbers.e164_text(read["number"]).groupby(read["cell"]).agg(";".join).reindex(at, fill_value="")
        suggestion = suggestion.mask(several[at], joined.set_axis(suggestion.index))
    judged: pd.DataFrame = entries.iloc[at]
    return judged.assign(code=code.to_numpy(), suggestion=suggestion.to_numpy())


def _not_yet_on(snapshot: Snapshot, suggestion: pd.Series[str]) -> pd.Series[str]:
    """The suggestions without numbers that are on the list already: those were followed."""
    left = suggestion.mask(snapshot.contains(numbers.parse_e164(suggestion)), "")
    several = left[left.str.contains(";").to_numpy(dtype=bool)]
    if len(several):
        each = several.str.split(";").explode()
        new = each[~snapshot.contains(numbers.parse_e164(each))]
        left[several.index] = new.groupby(level=0).agg(";".join).reindex(several.index, fill_value="")
    return left


def _of(entries: pd.DataFrame, wanted: _Int64s) -> pd.DataFrame:
    return entries[members(entries["number"].to_numpy(), wanted)]


def _lines(fault: Fault, kind: ListKind, entries: pd.DataFrame, *, other: ListKind | None = None) -> pd.DataFrame:
    """One line for each number of these entries, and for each entry that is no number."""
    number = entries["number"].to_numpy()
    # Entries without a number get keys of their own, so that no two of them are joined.
    key = np.where(number > 0, number, -1 - np.arange(len(number)))
    texts = {name: pa.array(entries[name], pa.large_string()) for name in _TEXTS if name in entries}
    told = first_told(entries.assign(number=key)).set_index("number")
    wanted: list[Any] = [(name, "list" if name in ("identifier", "remote_id") else "first") for name in texts]
    lines = pa.table({"key": pa.array(key), **texts}).group_by("key", use_threads=False).aggregate(wanted)
    told = told.loc[lines["key"].to_numpy()]
    between = pa.scalar(_BETWEEN, pa.large_string())
    blank = pd.Series([""] * lines.num_rows, dtype="str")
    return pd.DataFrame(
        {
            "fault": blank + fault.value,
            "list": blank + kind.value,
            "phone": numbers.e164_text(np.maximum(lines["key"].to_numpy(), 0)),
            "identifiers": _text(pc.binary_join(lines["identifier_list"], between)),
            "remote_id": _text(pc.binary_join(lines["remote_id_list"], between)),
            "other_list": blank + (other.value if other else ""),
            "suggestion": _text(lines["suggestion_first"]) if "suggestion" in texts else blank,
            "code": _text(lines["code_first"]) if "code" in texts else blank,
            "stopped_at": pd.Series(utc_texts(told["stopped_at"].to_numpy()), dtype="str"),
            "campaign_id": told["campaign_id"].astype("str").reset_index(drop=True),
        }
    )


def _text(column: pa.ChunkedArray[Any]) -> pd.Series[str]:
    return pd.Series(column.to_pandas(), dtype="str")
