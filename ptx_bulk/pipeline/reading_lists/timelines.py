"""What happened to a number as rows of one table: from readings of the lists, and from what runs did and read."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import pandas as pd

from ptx_bulk.i18n import N_, _, local_time
from ptx_bulk.journal import RunRecord
from ptx_bulk.model import EVENT_COLUMNS, Action, Code, Event, ListKind, Status
from ptx_bulk.sentences import CODE_SENTENCES

Row = dict[str, Any]
_ORDER = {event: rank for rank, event in enumerate(Event)}


class Sighting(NamedTuple):
    """A list as it was read once: Unix time, and whether it held the number."""

    taken_at: float
    held: bool


@dataclass(frozen=True, kw_only=True)
class Told:
    """A run, and what is to be told of it beside its lines.

    Attributes:
        run: the run.
        sha256: of each input file, by the path that its lines name.
        undone_by: the run that took it back, '' for none.
        unsent: the code of changes without an outcome.
    """

    run: RunRecord
    sha256: Mapping[str, str]
    undone_by: str = ""
    unsent: Code | None = None


def moment(seconds: float) -> str:
    """Unix time as ISO 8601 in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def run_events(told: Told, lines: pd.DataFrame, outcomes: pd.DataFrame, intended: set[int]) -> Iterator[Row]:
    """What a run did with the numbers that it was asked for.

    Args:
        told: the run.
        lines: those of its lines that name one of the numbers, which is in `sought`.
        outcomes: a `Journal.outcomes` frame of their changes.
        intended: changes without an outcome that may have been sent.
    """
    became: dict[int, Row] = {row["seq"]: row for row in _rows(outcomes)}
    run = told.run
    common = {
        "run_id": run.run_id,
        "command": run.command,
        "reason": run.reason,
        "actor": run.actor,
        "host": run.host,
        "comment": run.comment,
        "version": run.version,
        "parent": run.parent,
        "undone_by": told.undone_by,
        "account": run.account,
    }
    for line in _rows(lines):
        place = {name: line.get(name, "") for name in ("file", "sheet", "row", "column", "raw", "list", "action")}
        row = {**common, **place, "number": line["sought"], "input_sha256": told.sha256.get(str(place["file"]), "")}
        if line["seq"] < 0:
            yield row | {"event": Event.NAMED, "at": run.started_at, "status": line["status"], "code": line["code"]}
        else:
            yield row | _change(line, became.get(line["seq"]), line["seq"] in intended, told)


def _rows(frame: pd.DataFrame) -> list[Row]:
    return cast("list[Row]", frame.to_dict("records"))


def _change(line: Row, outcome: Row | None, intended: bool, told: Told) -> Row:
    if outcome is None:
        status, code = Status.NOT_ATTEMPTED.value, told.unsent.value if told.unsent else ""
        if intended:
            status, code = Status.UNKNOWN.value, Code.OUTCOME_UNKNOWN.value
        return {"event": Event.ATTEMPTED, "at": told.run.started_at, "status": status, "code": _joined(code, line)}
    event = Event.ATTEMPTED
    if outcome["status"] == Status.APPLIED.value:
        event = Event.ADDED if line["action"] == Action.ADD.value else Event.REMOVED
    return {
        "event": event,
        "at": outcome["finished_at"],
        "status": outcome["status"],
        "code": _joined(outcome["code"], line),
        "remote_id": outcome["remote_id"],
        "said": outcome["message"],
        "verified": outcome["verified"],
    }


def _joined(code: str, line: Row) -> str:
    return "+".join(part for part in (code, line["code"]) if part)


def reading_events(number: int, kind: ListKind, account: str, readings: Sequence[Sighting]) -> Iterator[Row]:
    """When a number was seen to come to a list and to leave it, and how the list is now.

    Args:
        number: the number.
        kind: the list.
        account: whose list it is.
        readings: the list as it was read, in the order of time.
    """
    row = {"number": number, "list": kind.value, "account": account}
    for before, now in zip([None, *readings], readings, strict=False):
        if before is None:
            if now.held:
                yield row | {"event": Event.SEEN, "at": now.taken_at}
        elif now.held != before.held:
            event = Event.CAME if now.held else Event.LEFT
            bounds = {"at": now.taken_at, "after": before.taken_at, "earliest": moment(before.taken_at)}
            yield row | {"event": event} | bounds
    if readings:
        last = readings[-1]
        yield row | {"event": Event.LISTED if last.held else Event.NOT_LISTED, "at": last.taken_at, "now": True}


def frame_of(rows: Sequence[Row], order: Sequence[int]) -> pd.DataFrame:
    """The rows as a table with `EVENT_COLUMNS`: number by number as asked for, each in the order of time.

    What holds now comes last.
    """
    rank = {number: place for place, number in enumerate(order)}

    def key(row: Row) -> tuple[Any, ...]:
        at = (rank[row["number"]], row.get("now", False), row["at"])
        return (*at, _ORDER[row["event"]], row["list"], row.get("run_id", ""), row.get("row", 0))

    made = [_cells(row) for row in sorted(rows, key=key)]
    frame = pd.DataFrame(made, columns=list(EVENT_COLUMNS))
    return frame.fillna("").astype({name: "int64" if name == "row" else "str" for name in EVENT_COLUMNS})


def _cells(row: Row) -> Row:
    cells: Row = {name: row.get(name, "") for name in EVENT_COLUMNS}
    cells |= {"number": f"+{row['number']}", "time": moment(row["at"]), "row": int(row.get("row") or 0)}
    cells["event"] = row["event"].value
    said = [event_sentence(cells), row.get("said", "")]
    return {**cells, "message": " ".join(text for text in said if text)}


_SENTENCES = {
    Event.OPTED_OUT: N_("On {list} since then, by the API's own record."),
    Event.SEEN: N_("On {list} already when the list was first read."),
    Event.CAME: N_("Came to {list} between {earliest} and {time}."),
    Event.LEFT: N_("Left {list} between {earliest} and {time}."),
    Event.ADDED: N_("Added to {list}."),
    Event.REMOVED: N_("Removed from {list}."),
    Event.LISTED: N_("On {list} when the list was last read."),
    Event.NOT_LISTED: N_("Not on {list} when the list was last read."),
}
_ALONE = N_("No run of this state folder did that: the person or the vendor did, or another program.")
_SHEET = N_('File {file}, sheet {sheet}, row {row}, column {column}: "{raw}".')
_FILE = N_('File {file}, row {row}, column {column}: "{raw}".')


def event_sentence(row: Mapping[str, Any]) -> str:
    """An event in one sentence of the language in use; the time stands beside it."""
    text = _(_SENTENCES[Event(row["event"])]) if row["event"] in _SENTENCES else _planned(row)
    bounds = {name: local_time(row[name]) for name in ("earliest", "time")}
    parts = [text.format(list=str(row["list"]).upper() or _("no list"), **bounds)]
    if row["campaign_id"]:
        parts.append(_("Campaign {campaign}.").format(campaign=row["campaign_id"]))
    if row["event"] in (Event.CAME, Event.LEFT):
        parts.append(_("That was run {run_id} of ours.").format(run_id=row["run_id"]) if row["run_id"] else _(_ALONE))
    elif row["run_id"]:
        parts += _of_run(row)
    return " ".join(parts)


def _planned(row: Mapping[str, Any]) -> str:
    if row["action"] == Action.ADD.value:
        return _("Was to be added to {list}; this is not proven.")
    if row["action"] == Action.REMOVE.value:
        return _("Was to be removed from {list}; this is not proven.")
    return _("Named by a file for {list}; nothing was changed.")


def _of_run(row: Mapping[str, Any]) -> Iterator[str]:
    codes = [part for part in str(row["code"]).split("+") if part in Code.__members__]
    if row["event"] in (Event.ADDED, Event.REMOVED):
        codes = codes[1:]  # the first says the same
    yield from (_(CODE_SENTENCES[Code(code)]) for code in codes)
    who = "@".join(filter(None, (row["actor"], row["host"])))
    yield _("Run {run_id} ({command}).").format(run_id=row["run_id"], command=row["command"])
    if who:
        yield _("By {who}.").format(who=who)
    if row["row"]:
        where = {name: row[name] for name in ("file", "sheet", "row", "column", "raw")}
        pattern = _SHEET if row["sheet"] else _FILE
        yield _(pattern).format(**where)
    if row["reason"]:
        yield _("Reason: {text}").format(text=row["reason"])
    if row["comment"]:
        yield _("Comment: {text}").format(text=row["comment"])
    if row["parent"]:
        yield _("It took run {run_id} back.").format(run_id=row["parent"])
    if row["undone_by"]:
        yield _("Run {run_id} took this back.").format(run_id=row["undone_by"])
