"""What the journal tells of numbers that several runs changed: the last change, what came later, what was taken off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ptx_bulk.journal import Journal, RunRecord, RunState, SnapshotRecord
from ptx_bulk.model import Action, Code, ListKind, Outcome, Status
from ptx_bulk.plan.planning import changes_frame
from ptx_bulk.snapshot import Snapshot

STOP, NPAI = ListKind.STOP, ListKind.NPAI
ADD, REMOVE = Action.ADD, Action.REMOVE
FIRST = 33600000000
RUN = RunRecord(
    run_id="", command="sync", mode="sync", account="a", base_url="", lists=(STOP, NPAI), options={}, started_at=1000.0
)
SENT = "sent"  # an intent, and no outcome
NOTHING = "nothing"  # neither


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path) as opened:
        yield opened


def ran(journal: Journal, run_id: str, *changes: tuple, ids: tuple[str, ...] = (), **facts) -> RunRecord:
    """A run with changes of (action, list, number, what became of it), all of which ended at `ended`."""
    ended = facts.pop("ended", 1500.0)
    run = replace(RUN, run_id=run_id, **facts)
    frame = changes_frame([(action, kind, np.array([FIRST + n]), [(f"+{n}",)]) for action, kind, n, _state in changes])
    frame["entry_ids"] = pd.Series([ids if action is REMOVE else () for action, *_rest in changes], dtype=object)
    journal.begin(run, [], pd.DataFrame({"raw": ["x"]}), frame)
    with journal.writer(run_id) as writer:
        for seq, (*_change, state) in enumerate(changes):
            if state != NOTHING:
                writer.intend([seq])
            if isinstance(state, Status):
                code = Code.VERIFY_MISMATCH if state is Status.FAILED else Code.ADDED
                writer.record(Outcome(seq, state, code, 1, remote_id=f"{run_id}-{seq}", finished_at=ended))
    return run


def listed(journal: Journal, taken_at: float, *places: int) -> SnapshotRecord:
    """The run `cut` has read STOP at that time, with these numbers on it."""
    entries = [f"+{FIRST + n}" for n in places]
    journal.add_snapshot("a", "cut", "before", Snapshot.of(STOP, taken_at, entries, entries))
    (record,) = journal.snapshots("a", STOP)
    return record


def rows(frame: pd.DataFrame) -> list[tuple]:
    return list(frame.itertuples(index=False, name=None))


def numbers(*places: int) -> np.ndarray:
    return np.array([FIRST + n for n in places], dtype="int64")


def test_the_last_change_of_a_number_is_the_latest_of_all_runs(journal):
    """Of each number that was changed, what was done last: by which run, when, and with which id."""
    ran(journal, "old", (ADD, STOP, 0, Status.APPLIED), (ADD, STOP, 1, Status.APPLIED), ended=1100.0)
    ran(journal, "new", (REMOVE, STOP, 0, Status.APPLIED), (ADD, STOP, 2, Status.APPLIED), ended=1200.0)
    last = journal.last_changes("a", STOP, numbers(0, 1, 7))
    assert sorted(rows(last)) == [
        (FIRST, "remove", "new-0", "new", 1200.0),
        (FIRST + 1, "add", "old-1", "old", 1100.0),
    ]
    assert last.columns.tolist() == ["number", "action", "remote_id", "run_id", "at"]
    assert last.index.tolist() == [0, 1]
    assert rows(journal.last_changes("a", NPAI, numbers(0, 1))) == []
    assert rows(journal.last_changes("b", STOP, numbers(0, 1))) == []
    empty = journal.last_changes("a", STOP, numbers())
    assert (len(empty), empty["number"].dtype, empty["at"].dtype) == (0, "int64", "float64")


@pytest.mark.parametrize(
    ("action", "state", "counts"),
    [
        (ADD, Status.APPLIED, True),
        (ADD, Status.UNKNOWN, False),
        (ADD, SENT, False),
        (ADD, Status.FAILED, False),
        (REMOVE, Status.APPLIED, True),
        (REMOVE, Status.UNKNOWN, True),
        (REMOVE, SENT, True),
        (REMOVE, Status.FAILED, False),
        (REMOVE, NOTHING, False),
    ],
)
def test_a_removal_that_may_have_been_made_counts_and_an_addition_must_be_known(journal, action, state, counts):
    """Whoever asks wants to know whether an entry is ours: what is in doubt speaks against it."""
    ran(journal, "run", (action, STOP, 0, state), started_at=1000.0, ended=1500.0)
    found = rows(journal.last_changes("a", STOP, numbers(0)))
    at = 1500.0 if isinstance(state, Status) else 1000.0
    remote_id = "run-0" if isinstance(state, Status) else ""
    assert found == ([(FIRST, action.value, remote_id, "run", at)] if counts else [])


def test_of_two_changes_at_one_moment_the_removal_is_the_last(journal):
    """Where the clock does not tell which came first, the entry is taken for gone."""
    ran(journal, "one", (REMOVE, STOP, 0, Status.APPLIED))
    ran(journal, "two", (ADD, STOP, 0, Status.APPLIED))
    assert rows(journal.last_changes("a", STOP, numbers(0)))[0][1] == "remove"


@pytest.mark.parametrize(
    ("state", "facts", "counts"),
    [
        (Status.APPLIED, {"ended": 1500.0}, True),
        (Status.APPLIED, {"ended": 1499.9}, False),
        (Status.UNKNOWN, {"ended": 1500.0}, True),
        (Status.FAILED, {"ended": 1600.0}, False),
        (Status.NOT_ATTEMPTED, {"ended": 1600.0}, False),
        (SENT, {"started_at": 1500.0}, True),
        (SENT, {"started_at": 1499.9}, False),
        (NOTHING, {"started_at": 1600.0}, False),
        (Status.APPLIED, {"ended": 1600.0, "finished_at": 1600.0}, True),
        (Status.APPLIED, {"ended": 1600.0, "finished_at": 1499.9}, False),
        (Status.APPLIED, {"ended": 1600.0, "account": "b"}, False),
    ],
)
def test_what_other_runs_changed_since_a_moment_or_may_have(journal, state, facts, counts):
    """Counted is what was done from that moment on, and what a run that began since may have sent."""
    run = ran(journal, "mine", (ADD, STOP, 0, Status.APPLIED), ended=2000.0)
    ran(journal, "other", (REMOVE, STOP, 0, state), ids=("x", "y"), **facts)
    found = rows(journal.changed_since(run, 1500.0))
    assert found == ([("other", "stop", FIRST, "remove", ("x", "y"))] if counts else [])


def test_of_several_later_changes_of_a_number_the_first_is_told(journal):
    """Each number of each list comes once, with what was done with it first; lists of no concern are left out."""
    run = ran(journal, "mine", lists=(STOP,))
    ran(journal, "third", (ADD, STOP, 0, Status.APPLIED), ended=1900.0)
    ran(journal, "second", (REMOVE, STOP, 0, Status.APPLIED), (ADD, NPAI, 0, Status.APPLIED), ended=1800.0)
    ran(journal, "fourth", (ADD, STOP, 1, SENT), started_at=1950.0)
    found = journal.changed_since(run, 1500.0)
    assert rows(found) == [("second", "stop", FIRST, "remove", ()), ("fourth", "stop", FIRST + 1, "add", ())]
    assert found.index.tolist() == [0, 1]
    both = journal.changed_since(replace(run, lists=(STOP, NPAI)), 1500.0)
    assert [(row[1], row[2]) for row in rows(both)] == [("stop", FIRST), ("npai", FIRST), ("stop", FIRST + 1)]
    assert journal.changed_since(run, 1950.1)["number"].dtype == "int64"


@pytest.mark.parametrize(
    ("action", "state", "facts", "counts"),
    [
        (REMOVE, Status.APPLIED, {"ended": 1000.0}, 1),
        (REMOVE, Status.APPLIED, {"ended": 999.9}, 0),
        (REMOVE, Status.UNKNOWN, {}, 1),
        (REMOVE, Status.FAILED, {}, 1),  # the API said that it is gone, the list showed it still
        (REMOVE, Status.NOT_ATTEMPTED, {}, 0),
        (REMOVE, NOTHING, {}, 0),
        (REMOVE, SENT, {}, 0),
        (REMOVE, SENT, {"run_id": "cut"}, 1),
        (ADD, Status.APPLIED, {}, 0),
        (REMOVE, Status.APPLIED, {"mode": "import"}, 0),
        (REMOVE, Status.APPLIED, {"account": "b"}, 0),
        (REMOVE, Status.APPLIED, {"finished_at": 1600.0}, 1),
        (REMOVE, Status.APPLIED, {"finished_at": -2600.1}, 0),
    ],
)
def test_removals_since_a_reading_are_counted(journal, action, state, facts, counts):
    """A list shrinks by what runs took off after it was read, and by what the run that read it had in the air."""
    facts = dict(facts)
    run_id = facts.pop("run_id", "other")
    ran(journal, run_id, (action, STOP, 0, state), (action, NPAI, 1, state), **facts)
    assert journal.removals_since("a", listed(journal, 1000.0)) == counts


@pytest.mark.parametrize(
    ("ended", "held", "counts"),
    [(9999.9, True, 1), (9999.9, False, 0), (6400.0, True, 1), (6399.9, True, 0), (10_000.0, False, 1)],
)
def test_removals_that_a_late_list_still_shows_are_counted(journal, ended, held, counts):
    """What was taken off shortly before a reading, and stands in it all the same, may be gone from the next one."""
    ran(journal, "other", (REMOVE, STOP, 0, Status.APPLIED), (REMOVE, STOP, 1, Status.FAILED), ended=ended)
    assert journal.removals_since("a", listed(journal, 10_000.0, *((0, 2) if held else (2,)))) == counts + (
        ended >= 10_000.0
    )


def test_removals_of_numbers_that_were_erased_since_are_counted(journal):
    """A number that was erased from the journal is gone from the list all the same, and each is one."""
    ran(journal, "other", *((REMOVE, STOP, n, Status.APPLIED) for n in range(3)), ended=1000.0)
    journal.db.execute("UPDATE changes SET number = 0 WHERE seq < 2")
    assert journal.removals_since("a", listed(journal, 1000.0)) == 3


def test_the_last_activity_of_a_run_is_its_latest_moment(journal):
    """Start, end or outcome: whichever was last."""
    run = ran(journal, "run", (ADD, STOP, 0, Status.APPLIED), (ADD, STOP, 1, NOTHING), ended=1500.0)
    other = ran(journal, "other", started_at=3000.0)
    assert journal.last_activity(run) == 1500.0
    assert journal.last_activity(other) == 3000.0
    assert journal.last_activity(replace(run, finished_at=1700.0)) == 1700.0


def test_what_runs_surely_did_in_a_time_is_told_in_its_order(journal):
    """Both ends belong to the time; what is in doubt, of other accounts or of other numbers is left out."""
    ran(journal, "late", (REMOVE, STOP, 0, Status.APPLIED), ended=1600.0)
    ran(journal, "early", (ADD, STOP, 0, Status.APPLIED), (ADD, STOP, 5, Status.APPLIED), ended=1500.0)
    ran(journal, "doubt", (ADD, STOP, 0, Status.UNKNOWN), ended=1550.0)
    ran(journal, "after", (ADD, STOP, 0, Status.APPLIED), ended=1600.1)
    ran(journal, "ended", (ADD, STOP, 0, Status.APPLIED), ended=1550.0, finished_at=1499.0)
    ran(journal, "later", (ADD, STOP, 0, Status.APPLIED), ended=1550.0, started_at=1601.0)
    ran(journal, "theirs", (ADD, STOP, 0, Status.APPLIED), ended=1550.0, account="b")
    journal.set_verified("early", np.array([0]))
    found = journal.applied_between("a", numbers(0), 1500.0, 1600.0)
    assert rows(found) == [
        ("early", "stop", FIRST, "add", 1500.0, "yes"),
        ("late", "stop", FIRST, "remove", 1600.0, ""),
    ]
    assert found.columns.tolist() == ["run_id", "list", "number", "action", "finished_at", "verified"]


def test_single_questions_about_a_run(journal):
    """Whether a change may have been sent, and what was planned for a number."""
    ran(journal, "run", (ADD, STOP, 3, SENT), (REMOVE, NPAI, 3, NOTHING), (ADD, STOP, 4, NOTHING))
    ran(journal, "other", (ADD, STOP, 3, SENT), (ADD, STOP, 9, SENT), state=RunState.STOPPED)
    assert journal.intended("run", 0)
    assert not journal.intended("run", 1)
    assert not journal.intended("nobody", 0)
    found = journal.changes_to("run", numbers(3, 7))
    assert rows(found) == [(FIRST + 3, 0, "stop", "add"), (FIRST + 3, 1, "npai", "remove")]
    assert found.columns.tolist() == ["sought", "seq", "list", "action"]
    assert journal.account_names() == ["a"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("changes SET number", "33600000x00"),
        ("changes SET number", b"\x80"),
        ("changes SET list", b"\x80"),
        ("changes SET action", b"\x80"),
        ("changes SET action", "spam"),
        ("changes SET entry_ids", "{"),
        ("changes SET entry_ids", "5"),
        ("changes SET entry_ids", '[["x"]]'),
        ("changes SET entry_ids", b"\x80"),
        ("outcomes SET finished_at", "noon"),
        ("outcomes SET finished_at", b"\x80"),
        ("outcomes SET remote_id", b"\x80"),
        ("outcomes SET verified", b"\x80"),
    ],
)
def test_a_row_that_cannot_be_right_disturbs_no_other(journal, cell, value):
    """What runs did is told of all sound rows, whatever stands in one of another run; it makes no entry ours."""
    mine = ran(journal, "mine", (ADD, STOP, 0, NOTHING), ended=900.0)
    ran(journal, "sound", (ADD, STOP, 1, Status.APPLIED), ended=1100.0)
    ran(journal, "hurt", (REMOVE, STOP, 0, Status.APPLIED), ids=("x",), ended=1200.0)
    table = cell.split()[0]
    journal.db.execute("PRAGMA foreign_keys = OFF")
    journal.db.execute(f"UPDATE {table} SET {cell.split()[-1]} = ? WHERE run_id = 'hurt'", (value,))
    between = journal.applied_between("a", numbers(0, 1), 1000.0, 1300.0)
    assert "sound" in between["run_id"].tolist()
    assert set(between["action"]) <= {"add", "remove"}
    last = journal.last_changes("a", STOP, numbers(0, 1)).set_index("number")
    assert last.loc[FIRST + 1, "run_id"] == "sound"
    assert last["action"].get(FIRST) != "add"
    later = journal.changed_since(mine, 1000.0)
    assert "sound" in later["run_id"].tolist()
    assert all(isinstance(one, str) for ids in later["entry_ids"] for one in ids)
