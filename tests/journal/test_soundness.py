"""Which rows of the journal can be right: each value at its bounds, and the first fault of a run in words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ptx_bulk.errors import DamagedRun
from ptx_bulk.journal import Journal, RunState
from ptx_bulk.journal.rows.run_rows import run_of
from ptx_bulk.model import Code, ListKind, Outcome, Status
from ptx_bulk.snapshot import Snapshot
from tests.journal.test_runs import INPUTS, RUN, begun, lines_of, noted, planned

NAMES = (
    "run_id", "command", "mode", "account", "base_url", "lists", "options", "started_at", "reason", "parent",
    "version", "metadata_version", "state", "finished_at", "exit_code", "summary",
    "actor", "host", "comment",
)  # fmt: skip
GOOD = (
    "r", "import", "import", "a", "https://api.example", "stop", "{}", 5, "", "", "1", "9", "stopped", None, None, "{}",
    "", "", "",
)  # fmt: skip
LAST_MOMENT = 8589934592  # 2242, beyond every clock


def read(**cells):
    return run_of([cells.get(name, value) for name, value in zip(NAMES, GOOD, strict=True)])


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("command", "apply", "apply"),
        ("command", "sync", "sync"),
        ("mode", "sync", "sync"),
        ("lists", "stop npai", (ListKind.STOP, ListKind.NPAI)),
        ("lists", "npai", (ListKind.NPAI,)),
        ("options", '{"sending": {"concurrency": 1, "max_rate": 0.01}}', None),
        ("options", '{"sending": {"concurrency": 512, "max_rate": 100000}, "folder": "/x"}', None),
        ("options", '{"sending": {"concurrency": null}, "more": [1]}', None),
        ("started_at", 0, 0.0),
        ("started_at", LAST_MOMENT, float(LAST_MOMENT)),
        ("started_at", 1.5, 1.5),
        ("reason", "why", "why"),
        *((("state"), state.value, state) for state in RunState if state is not RunState.DAMAGED),
        ("finished_at", None, None),
        ("finished_at", 0, 0.0),
        ("exit_code", 0, 0),
        ("exit_code", 255, 255),
        ("exit_code", None, None),
        ("summary", '{"counts": {"applied": 3}, "reports": ["a.csv", "b.csv"]}', None),
        ("summary", '{"more": 1}', None),
    ],
)
def test_a_cell_that_can_be_right_is_read(name, cell, value):
    """Values up to their bounds are read as they are, and name no fault."""
    run = read(**{name: cell})
    assert run.fault == ""
    assert getattr(run, name) == (json.loads(cell) if name in ("options", "summary") else value)


@pytest.mark.parametrize(
    ("name", "cell", "instead"),
    [
        ("run_id", "", ""),
        ("run_id", 7, "7"),
        ("command", "spam", ""),
        ("command", None, ""),
        ("mode", "apply", ""),
        ("mode", 1, ""),
        ("account", "", ""),
        ("account", b"a", ""),
        ("base_url", "", ""),
        ("lists", "", ()),
        ("lists", " ", ()),
        ("lists", "stop stop", ()),
        ("lists", "stop spam", ()),
        ("lists", None, ()),
        ("options", "[]", {}),
        ("options", "{", {}),
        ("options", None, {}),
        ("options", "[" * 100_000, {}),
        ("options", '{"sending": {"concurrency": 0}}', {}),
        ("options", '{"sending": {"concurrency": 513}}', {}),
        ("options", '{"sending": {"max_rate": 0}}', {}),
        ("options", '{"sending": []}', {}),
        ("options", '{"folder": 3}', {}),
        ("started_at", -1, 0.0),
        ("started_at", LAST_MOMENT + 1, 0.0),
        ("started_at", "noon", 0.0),
        ("started_at", None, 0.0),
        ("started_at", float("nan"), 0.0),
        ("reason", None, ""),
        ("parent", 3, ""),
        ("version", b"", ""),
        ("metadata_version", 9, ""),
        ("state", "damaged", RunState.DAMAGED),
        ("state", "sleeping", RunState.DAMAGED),
        ("finished_at", -1, None),
        ("finished_at", "noon", None),
        ("exit_code", -1, None),
        ("exit_code", 256, None),
        ("exit_code", 1.0, None),
        ("exit_code", "0", None),
        ("summary", "[]", {}),
        ("summary", '{"counts": {"applied": "3"}}', {}),
        ("summary", '{"counts": {"applied": 3, "failed": null}}', {}),
        ("summary", '{"counts": 3}', {}),
        ("summary", '{"reports": ["a.csv", 3]}', {}),
        ("summary", '{"reports": [3, "a.csv"]}', {}),
    ],
)
def test_a_cell_that_cannot_be_right_is_left_empty_and_named(name, cell, instead):
    """What cannot be a value of its column is replaced by what stands for nothing, and the fault names the column."""
    run = read(**{name: cell})
    assert getattr(run, name) == instead
    assert run.fault == f"its {name} cannot be read"
    assert replace(run, fault="", **{name: getattr(read(), name)}) == read()


def test_the_first_fault_is_told():
    """Of several cells that cannot be right, the first is named, and a bad cell goes before a contradiction."""
    assert read(mode="spam", summary="x").fault == "its mode cannot be read"
    assert read(summary="x", parent="p").fault == "its summary cannot be read"


@pytest.mark.parametrize(
    ("command", "parent", "right"),
    [("undo", "p", True), ("undo", "", False), ("import", "p", False), ("import", "", True)],
)
def test_an_undo_names_what_it_takes_back(command, parent, right):
    """An undo has a run that it takes back, every other command has none."""
    fault = "" if right else "its command and the run that it takes back contradict each other"
    assert read(command=command, parent=parent).fault == fault


CHANGE = "a row of its changes cannot be right"
OUTCOME = "a row of its outcomes cannot be right"
INPUT = "a row of its inputs cannot be right"
GAP = "some of its changes are missing"
# What something did to the run `r`, and the fault that a look at its rows tells.
DAMAGE = {
    "UPDATE changes SET seq = 9 WHERE seq = 3": GAP,
    "DELETE FROM changes WHERE seq = 0": GAP,
    "DELETE FROM changes WHERE seq = 3": GAP,
    "DELETE FROM changes": "a row of its intents cannot be right",
    "DELETE FROM changes; DELETE FROM intents; DELETE FROM outcomes": GAP,  # only the lines tell how many there were
    "UPDATE changes SET seq = 'x' WHERE seq = 3": GAP,
    "UPDATE changes SET action = 'keep' WHERE seq = 2": CHANGE,
    "UPDATE changes SET action = 'spam' WHERE seq = 2": CHANGE,
    "UPDATE changes SET list = 'spam' WHERE seq = 2": CHANGE,
    "UPDATE changes SET number = 0 WHERE seq = 2": CHANGE,
    "UPDATE changes SET number = 1000000000000000 WHERE seq = 2": CHANGE,
    "UPDATE changes SET number = 'x' WHERE seq = 2": CHANGE,
    "UPDATE changes SET number = number + 1 WHERE seq = 0": CHANGE,
    "UPDATE changes SET identifiers = x'00' WHERE seq = 2": CHANGE,
    "UPDATE changes SET entry_ids = 3.5 WHERE seq = 2": "",  # the column's type makes a text of it
    "UPDATE changes SET entry_ids = x'00' WHERE seq = 2": CHANGE,
    "UPDATE inputs SET rows = -1 WHERE n = 1": INPUT,
    "UPDATE inputs SET blank = -1 WHERE n = 1": INPUT,
    "UPDATE inputs SET size = -1 WHERE n = 1": INPUT,
    "UPDATE inputs SET path = x'00' WHERE n = 1": INPUT,
    "UPDATE inputs SET rows = 0, blank = 0, size = 0 WHERE n = 1": "",
    "INSERT INTO intents VALUES ('r', 4)": "a row of its intents cannot be right",
    "INSERT INTO intents VALUES ('r', -1)": "a row of its intents cannot be right",
    "UPDATE outcomes SET status = 'spam' WHERE seq = 1": OUTCOME,
    "UPDATE outcomes SET code = 'SPAM' WHERE seq = 1": OUTCOME,
    "UPDATE outcomes SET verified = 'no' WHERE seq = 1": "",
    "UPDATE outcomes SET verified = 'perhaps' WHERE seq = 1": OUTCOME,
    "UPDATE outcomes SET doubt = 'both' WHERE seq = 1": "",
    "UPDATE outcomes SET doubt = 'some' WHERE seq = 1": OUTCOME,
    "UPDATE outcomes SET attempts = -1 WHERE seq = 1": OUTCOME,
    "UPDATE outcomes SET finished_at = 8589934592 WHERE seq = 1": "",
    "UPDATE outcomes SET finished_at = 8589934593 WHERE seq = 1": OUTCOME,
    "UPDATE outcomes SET finished_at = -1 WHERE seq = 1": OUTCOME,
    "UPDATE outcomes SET http_status = 'x' WHERE seq = 1": OUTCOME,
    "UPDATE outcomes SET http_status = NULL, api_code = NULL WHERE seq = 1": "",
    "UPDATE outcomes SET seq = 4 WHERE seq = 1": OUTCOME,
    "UPDATE outcomes SET message = x'00' WHERE seq = 1": OUTCOME,
    "UPDATE snapshots SET account = 'b' WHERE moment = 'after'": "it and its snapshots name different accounts",
    "DELETE FROM snapshot_entries WHERE fingerprint IN (SELECT fingerprint FROM snapshots WHERE moment = 'after')": (
        "the lists that it read are missing"
    ),
    "DELETE FROM lines": "its lines are missing",
    "UPDATE lines SET arrow = x''": "its lines are cut off",
    "UPDATE lines SET arrow = 'text'": "its lines are cut off",
    "UPDATE lines SET arrow = substr(arrow, 1, length(arrow) - 1)": "its lines are cut off",
    "DROP TABLE intents": "no such table: intents",
    "UPDATE runs SET mode = 'spam'": "its mode cannot be read",
}
# What only a whole reading can tell.
DEEP = {
    "UPDATE changes SET identifiers = '[' WHERE seq = 2": CHANGE,
    "UPDATE changes SET identifiers = '[]' WHERE seq = 2": CHANGE,
    "UPDATE changes SET identifiers = '[1]' WHERE seq = 2": CHANGE,
    "UPDATE changes SET identifiers = '[\"+33600000002\", 1]' WHERE seq = 2": CHANGE,
    "UPDATE changes SET identifiers = '{\"a\": 1}' WHERE seq = 2": CHANGE,
    "UPDATE changes SET identifiers = '\"text\"' WHERE seq = 2": CHANGE,
    "UPDATE changes SET identifiers = replace(hex(zeroblob(50000)), '00', '[') WHERE seq = 2": CHANGE,
    "UPDATE changes SET identifiers = '[\"0600000002\"]' WHERE seq = 2": "",
    "UPDATE lines SET arrow = CAST(x'00' || substr(arrow, 2) AS BLOB)": "its lines cannot be read",
    "UPDATE changes SET number = 33600000009 WHERE seq = 2": "its lines and its changes contradict each other",
    "UPDATE changes SET list = 'stop' WHERE seq = 2": "its lines and its changes contradict each other",
    "UPDATE changes SET action = 'remove' WHERE seq = 0": "its lines and its changes contradict each other",
}


@pytest.fixture
def journal(tmp_path):
    """A journal with the sound run `r`."""
    with Journal(tmp_path) as opened:
        begun(opened, "r")
        noted(opened, "r", *(Outcome(n, Status.APPLIED, Code.ADDED, 1, 200, finished_at=5.0) for n in range(2)))
        for moment, entries in (("before", ["+33600000000"]), ("after", ["+33600000001"])):
            opened.add_snapshot("a", "r", moment, Snapshot.of(ListKind.STOP, 1.0, entries))
        yield opened


def faults(journal: Journal, run_id: str = "r") -> tuple[str, str]:
    """What a look at the rows of a run tells, and what a whole reading tells."""
    (quick,) = (run.fault for run in journal.checked_runs() if run.run_id == run_id)
    return quick, journal.peek(run_id).fault


def edit(journal: Journal, statement: str) -> None:
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as db:
        db.executescript(statement)


@pytest.mark.parametrize("statement", DAMAGE)
def test_a_row_that_cannot_be_right_is_named(journal, statement):
    """A look at the rows of a run tells the first that cannot be right, a whole reading tells the same."""
    assert faults(journal) == ("", "")
    edit(journal, statement)
    assert faults(journal) == 2 * (DAMAGE[statement],)
    if fault := DAMAGE[statement]:
        with pytest.raises(DamagedRun) as caught:
            journal.run("r")
        assert caught.value.run_id == "r"
        assert f"Run r is damaged in the journal ({fault})" in str(caught.value)


@pytest.mark.parametrize("statement", DEEP)
def test_what_only_a_whole_reading_tells(journal, statement):
    """Spellings that are none, lines that cannot be decoded and lines that contradict changes are told where needed."""
    edit(journal, statement)
    assert faults(journal) == ("", DEEP[statement])


def change_lines(frame: pd.DataFrame, n: int, **cells) -> pd.DataFrame:
    changed = frame.astype({"list": "str", "action": "str"})
    for name, value in cells.items():
        changed.loc[n, name] = value
    return changed


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (lambda lines: lines, True),
        (lambda lines: lines.iloc[::-1], True),
        (lambda lines: pd.concat([lines, lines.iloc[:1]]), True),  # a duplicate of the input stands for the same change
        (lambda lines: pd.concat([lines, change_lines(lines.iloc[:1], 0, seq=-1, number=5)]), True),
        (lambda lines: lines.iloc[1:], False),
        (lambda lines: change_lines(lines, 3, seq=-1), False),
        (lambda lines: pd.concat([lines, change_lines(lines.iloc[:1], 0, seq=4)]), False),
        (lambda lines: change_lines(lines, 0, number=5), False),
        (lambda lines: change_lines(lines, 0, list="npai"), False),
        (lambda lines: change_lines(lines, 0, action="remove"), False),
        (lambda lines: change_lines(lines, 3, seq=7), False),
        (lambda lines: pd.DataFrame({"raw": ["x"]}), True),  # a caller's own lines tell nothing of the changes
        (lambda lines: lines.drop(columns="seq"), True),
    ],
)
def test_lines_and_changes_tell_the_same(journal, change: Callable[[pd.DataFrame], pd.DataFrame], right):
    """Each change has a line with its number, list and action, and no line a change that is not there."""
    journal.begin(replace(RUN, run_id="s"), INPUTS, change(lines_of(planned())).reset_index(drop=True), planned())
    fault = "" if right else "its lines and its changes contradict each other"
    assert faults(journal, "s") == ("", fault)
    assert faults(journal, "r") == ("", "")


def test_a_run_without_changes_is_sound(journal):
    """A run that had nothing to do has no gap, and lines without changes contradict nothing."""
    nothing = planned().iloc[:0]
    journal.begin(replace(RUN, run_id="s"), [], lines_of(nothing), nothing)
    assert faults(journal, "s") == ("", "")
    assert journal.run("s").run_id == "s"
    assert journal.changes("s")["seq"].tolist() == []
    edit(journal, "INSERT INTO intents VALUES ('s', 0)")
    assert faults(journal, "s")[0] == "a row of its intents cannot be right"


def test_lines_from_before_there_were_seals_are_sound(journal):
    """Lines of an older version, which tell no count, are read as they are."""
    with closing(sqlite3.connect(journal.path)) as db, db:
        (blob,) = db.execute("SELECT arrow FROM lines").fetchone()
        db.execute("UPDATE lines SET arrow = ?", (blob[:-48],))
    assert faults(journal) == ("", "")
    assert np.array_equal(journal.lines("r")["number"], planned()["number"])
