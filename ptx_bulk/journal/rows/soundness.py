"""Whether what the journal holds of a run can be right; a damaged run is named and disturbs no other."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

import pandas as pd

from ptx_bulk.errors import DamagedRun
from ptx_bulk.i18n import _
from ptx_bulk.journal.rows.frames import TAIL, DamagedBlobError, count_of, from_arrow
from ptx_bulk.journal.rows.records import RunRecord
from ptx_bulk.model import Action, Code, Doubt, ListKind, Status

_LINE_COLUMNS = frozenset({"seq", "number", "list", "action"})


def _words(kind: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in kind)


# What holds for every row of a run. An intent or outcome belongs to a change.
_ITS_CHANGE = "typeof(seq) = 'integer' AND seq BETWEEN 0 AND :last"
_ROWS = {
    "inputs": "typeof(path) = 'text' AND typeof(sha256) = 'text' AND typeof(format) = 'text' "
    "AND typeof(size) = 'integer' AND typeof(rows) = 'integer' AND typeof(blank) = 'integer' "
    "AND min(size, rows, blank) >= 0",
    "changes": f"typeof(seq) = 'integer' AND seq >= 0 AND action IN ({_words(Action)}) AND action IN ('add', 'remove') "
    f"AND list IN ({_words(ListKind)}) AND typeof(number) = 'integer' AND typeof(identifiers) = 'text' "
    "AND (number BETWEEN 1 AND 999999999999999 "
    "AND (action = 'remove' OR identifiers = '[\"+' || number || '\"]') "
    "OR number = 0 AND identifiers = '[\"\"]') AND typeof(entry_ids) = 'text'",  # 0: it was erased
    "intents": _ITS_CHANGE,
    "outcomes": f"status IN ({_words(Status)}) AND code IN ({_words(Code)}) AND verified IN ('', 'yes', 'no') "
    f"AND doubt IN ({_words(Doubt)}) "
    "AND typeof(attempts) = 'integer' AND attempts >= 0 "
    "AND typeof(http_status) IN ('integer', 'null') AND typeof(api_code) IN ('integer', 'null') "
    "AND typeof(message) = 'text' AND typeof(remote_id) = 'text' "
    "AND typeof(finished_at) = 'real' AND finished_at BETWEEN 0 AND 8589934592 "
    f"AND {_ITS_CHANGE}",
}


def fault_of(db: sqlite3.Connection, run: RunRecord, *, deep: bool) -> str:
    """What of a run is damaged, in words; '' where nothing is.

    Args:
        db: the journal.
        run: the run's own row.
        deep: also decode what is stored compressed, and compare lines with changes.
    """
    if run.fault:
        return run.fault
    try:
        return (
            _gap(db, run.run_id)
            or _wrong_row(db, run.run_id)
            or _wrong_snapshot(db, run)
            or _cut(db, run.run_id)
            or (_contradiction(db, run.run_id) if deep else "")
        )
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter where SQLite quotes what is no text
        return str(error)


def damaged_run(run_id: str, fault: str) -> DamagedRun:
    """The error for a command that needs a damaged run."""
    return DamagedRun(
        _(
            "Run {run_id} is damaged in the journal ({fault}) and cannot be used; ptx-bulk show tells what is left "
            "of it. Restore the state folder from a backup, or give the run's command again."
        ).format(run_id=run_id, fault=fault),
        run_id,
    )


def _wrong_row(db: sqlite3.Connection, run_id: str) -> str:
    (last,) = db.execute("SELECT max(seq) FROM changes WHERE run_id = ?", (run_id,)).fetchone()
    for table, rule in _ROWS.items():
        found = db.execute(
            f"SELECT 1 FROM {table} WHERE run_id = :run AND ({rule}) IS NOT 1 LIMIT 1",  # noqa: S608 - names of our own
            {"run": run_id, "last": last},
        ).fetchone()
        if found:
            return _("a row of its {table} cannot be right").format(table=table)
    return ""


def _gap(db: sqlite3.Connection, run_id: str) -> str:
    count, last = db.execute("SELECT count(*), max(seq) FROM changes WHERE run_id = ?", (run_id,)).fetchone()
    if not count:
        return ""
    return "" if isinstance(last, int) and count == last + 1 else _("some of its changes are missing")


def _wrong_snapshot(db: sqlite3.Connection, run: RunRecord) -> str:
    """Whether its snapshots are another account's, or lost their entries."""
    rows = db.execute(
        "SELECT snapshots.account, snapshot_entries.fingerprint IS NULL FROM snapshots "
        "LEFT JOIN snapshot_entries USING (fingerprint) WHERE run_id = ?",
        (run.run_id,),
    ).fetchall()
    if any(account != run.account for account, _lost in rows):
        return _("it and its snapshots name different accounts")
    return _("the lists that it read are missing") if any(lost for _account, lost in rows) else ""


def _cut(db: sqlite3.Connection, run_id: str) -> str:
    row = db.execute("SELECT substr(arrow, ?) FROM lines WHERE run_id = ?", (-TAIL, run_id)).fetchone()
    if row is None:
        return _("its lines are missing")
    try:
        planned = count_of(row[0])
    except DamagedBlobError:
        return _("its lines are cut off")
    (count,) = db.execute("SELECT count(*) FROM changes WHERE run_id = ?", (run_id,)).fetchone()
    return "" if planned in (None, count) else _("some of its changes are missing")


def _contradiction(db: sqlite3.Connection, run_id: str) -> str:
    """Whether lines and changes tell the same."""
    changes = pd.DataFrame(
        db.execute(
            "SELECT seq, action, list, number, identifiers FROM changes WHERE run_id = ? ORDER BY seq", (run_id,)
        ).fetchall(),
        columns=["seq", "action", "list", "number", "identifiers"],
    )
    if not all(map(_spellings, changes["identifiers"])):
        return _("a row of its {table} cannot be right").format(table="changes")
    try:
        lines = from_arrow(db.execute("SELECT arrow FROM lines WHERE run_id = ?", (run_id,)).fetchone()[0])
    except DamagedBlobError:
        return _("its lines cannot be read")
    if not set(lines.columns) >= _LINE_COLUMNS:  # of a caller of the library that keeps lines of its own
        return ""
    planned = lines[(lines["seq"] >= 0).to_numpy()].drop_duplicates("seq").sort_values("seq")
    same = len(planned) == len(changes) and all(
        planned[name].astype("str").tolist() == changes[name].astype("str").tolist()
        for name in ("seq", "number", "list", "action")
    )
    return "" if same else _("its lines and its changes contradict each other")


def _spellings(text: str) -> bool:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, list) and bool(found) and all(isinstance(spelling, str) for spelling in found)
