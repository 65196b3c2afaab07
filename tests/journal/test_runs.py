"""What is written of a run is read back to the last value, and what is written of one run touches no other."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ptx_bulk.errors import NoSuchRun
from ptx_bulk.journal import InputRecord, Journal, RunRecord, RunState, SnapshotRecord
from ptx_bulk.model import Action, Code, Doubt, ListKind, Outcome, Status
from ptx_bulk.plan.planning import changes_frame
from ptx_bulk.snapshot import Snapshot

STOP, NPAI = ListKind.STOP, ListKind.NPAI
FIRST = 33600000000
RUN = RunRecord(
    run_id="20260101-000000-aaaa",
    command="undo",
    mode="undo",
    account="a",
    base_url="https://api.example",
    lists=(STOP, NPAI),
    options={"files": ["é.csv"], "sending": {"concurrency": 3, "max_rate": 2.5}, "folder": "/x"},
    started_at=1000.5,
    reason="because",
    parent="another",
    version="1.2.3",
    metadata_version="9.0",
    state=RunState.STOPPED,
    finished_at=1001.25,
    exit_code=130,
    summary={"counts": {"applied": 3}, "reports": ["a.csv"]},
    actor="Anna Dupont",
    host="pc-12",
    comment="ticket 4711",
)
INPUTS = [
    InputRecord(path=f"{n}.csv", sha256=f"{n}{n}", size=n + 1, format=form, rows=n + 2, blank=n + 3)
    for n, form in enumerate(["csv", "xlsx", "ods"])
]
SEQS = np.arange(4)


def number(n: int) -> int:
    return FIRST + n


def planned() -> pd.DataFrame:
    """Two additions to STOP, and two removals from NPAI, one of them of two entries."""
    listed = Snapshot.of(NPAI, 1.0, ["+33600000002", "0600000002", "+33600000003"], ["x", "y", "z"])
    return changes_frame(
        [
            (Action.ADD, STOP, np.array([number(0), number(1)]), [(f"+{number(n)}",) for n in (0, 1)]),
            (
                Action.REMOVE,
                NPAI,
                np.array([number(2), number(3)]),
                [("+33600000002", "0600000002"), ("+33600000003",)],
            ),
        ],
        {NPAI: listed},
    )


def lines_of(changes: pd.DataFrame) -> pd.DataFrame:
    return changes[["seq", "number", "list", "action"]].assign(raw="é")


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path) as opened:
        yield opened


def begun(journal: Journal, name: str = RUN.run_id, **facts) -> RunRecord:
    run = replace(RUN, run_id=name, **facts)
    journal.begin(run, INPUTS, lines_of(planned()), planned())
    return run


def noted(journal: Journal, run_id: str, *outcomes: Outcome) -> None:
    with journal.writer(run_id) as writer:
        writer.intend([outcome.seq for outcome in outcomes])
        for outcome in outcomes:
            writer.record(outcome)


def words(journal: Journal, run_id: str, *columns: str) -> list[tuple]:
    return list(journal.outcomes(run_id)[list(columns)].itertuples(index=False, name=None))


def test_a_run_comes_back_to_the_last_value(journal):
    """The record, its inputs in their order, its lines and its changes are read back as they were stored."""
    run = begun(journal)
    assert journal.run(run.run_id) == run
    assert journal.runs() == [run]
    assert journal.inputs(run.run_id) == INPUTS
    assert journal.inputs("nobody") == []
    pd.testing.assert_frame_equal(journal.lines(run.run_id), lines_of(planned()))
    back = journal.changes(run.run_id)
    pd.testing.assert_frame_equal(back, planned(), check_categorical=False)
    assert back["entry_ids"].tolist() == [(), (), ("x", "y"), ("z",)]
    assert back["identifiers"].tolist()[2:] == [("+33600000002", "0600000002"), ("+33600000003",)]
    assert back.dtypes.astype(str).to_dict() == {
        "seq": "int32", "action": "category", "list": "category", "number": "int64", "identifiers": "object",
        "entry_ids": "object",
    }  # fmt: skip
    assert journal.planned(run.run_id) == 4
    assert journal.planned("nobody") == 0


def test_a_run_that_goes_on_has_no_end(journal):
    """What is not known yet is None or empty, not 0."""
    run = begun(journal, state=RunState.RUNNING, finished_at=None, exit_code=None, summary={}, options={})
    assert journal.run(run.run_id) == run


def test_how_far_a_run_came_is_noted_of_that_run_alone(journal):
    """State, exit code, end and summary are replaced whole, and no other run's are."""
    one, other = begun(journal), begun(journal, "20260101-000000-bbbb")
    journal.set_state(one.run_id, RunState.FINISHED, exit_code=4, finished_at=2000.0)
    journal.set_summary(one.run_id, {"counts": {"failed": 1}})
    assert journal.run(one.run_id) == replace(
        one, state=RunState.FINISHED, exit_code=4, finished_at=2000.0, summary={"counts": {"failed": 1}}
    )
    journal.set_state(one.run_id, RunState.RUNNING)
    again = journal.run(one.run_id)
    assert (again.state, again.exit_code, again.finished_at) == (RunState.RUNNING, None, None)
    assert journal.run(other.run_id) == other


def test_outcomes_come_back_to_the_last_value(journal):
    """Every fact of an outcome is read back, 0 for a status or code that no answer had, in the order of the plan."""
    run = begun(journal)
    noted(
        journal,
        run.run_id,
        Outcome(2, Status.FAILED, Code.REJECTED_BY_API, 3, 400, 11, "no", "", 7.5),
        Outcome(0, Status.UNKNOWN, Code.NETWORK, 1, None, None, "", "id", 6.5, Doubt.LOST),
    )
    frame = journal.outcomes(run.run_id)
    assert list(frame.itertuples(index=False, name=None)) == [
        (0, "unknown", "NETWORK", 1, 0, 0, "", "id", 6.5, "", "lost"),
        (2, "failed", "REJECTED_BY_API", 3, 400, 11, "no", "", 7.5, "", ""),
    ]
    assert list(frame.columns) == [
        "seq", "status", "code", "attempts", "http_status", "api_code", "message", "remote_id", "finished_at",
        "verified", "doubt",
    ]  # fmt: skip
    assert {name: str(kind) for name, kind in frame.dtypes.items() if kind != "str"} == {
        "seq": "int64", "attempts": "int64", "http_status": "int64", "api_code": "int64", "finished_at": "float64",
    }  # fmt: skip
    intents = journal.intents(run.run_id)
    assert (intents.tolist(), intents.dtype) == ([0, 2], np.dtype("int64"))
    empty = journal.outcomes("nobody")
    assert (len(empty), empty.dtypes.tolist()) == (0, frame.dtypes.tolist())
    assert (journal.intents("nobody").tolist(), journal.intents("nobody").dtype) == ([], np.dtype("int64"))


@pytest.mark.parametrize(
    ("status", "code", "options", "wanted", "now"),
    [
        (Status.FAILED, None, {}, ("failed", "NETWORK", "", "id", 5.0), True),
        (Status.FAILED, Code.VERIFY_MISMATCH, {"verified": "no"}, ("failed", "VERIFY_MISMATCH", "no", "id", 5.0), True),
        (Status.APPLIED, Code.ADDED, {"verified": "yes"}, ("applied", "ADDED", "yes", "id", 5.0), False),
        (Status.APPLIED, Code.ADDED, {"ids": {1: "found"}}, ("applied", "ADDED", "", "found", 5.0), False),
        (Status.APPLIED, Code.ADDED, {"ids": {0: "other"}}, ("applied", "ADDED", "", "id", 5.0), False),
        (Status.UNCHANGED, None, {}, ("unchanged", "NETWORK", "", "id", 5.0), False),
    ],
)
def test_what_settling_writes(journal, status, code, options, wanted, now):
    """Settling sets status and proof, keeps code and id where it has none, and a failure counts from now on."""
    run = begun(journal)
    begun(journal, "20260101-000000-bbbb")
    unknown = [Outcome(n, Status.UNKNOWN, Code.OUTCOME_UNKNOWN, 1, remote_id="id", finished_at=5.0) for n in (0, 1)]
    for name in (run.run_id, "20260101-000000-bbbb"):
        noted(journal, name, *unknown)
    before = time.time()
    journal.settle(run.run_id, np.array([1]), status, code, **options)
    columns = ("status", "code", "verified", "remote_id", "finished_at")
    untouched, settled = words(journal, run.run_id, *columns)
    assert untouched == ("unknown", "OUTCOME_UNKNOWN", "", "id", 5.0)
    assert settled[:4] == wanted[:4]
    assert before <= settled[4] <= time.time() if now else settled[4] == 5.0
    assert words(journal, "20260101-000000-bbbb", *columns) == 2 * [untouched]


def test_settling_keeps_a_reason_that_is_known(journal):
    """Only the reason that nothing is known gives way to that of the network; every other one stays."""
    run = begun(journal)
    noted(journal, run.run_id, Outcome(0, Status.UNKNOWN, Code.SERVER_ERROR))
    journal.settle(run.run_id, np.array([0]), Status.FAILED, None)
    assert words(journal, run.run_id, "status", "code") == [("failed", "SERVER_ERROR")]


def test_what_stays_open_says_so(journal):
    """What the lists could not settle is left unknown with the code for it; outcomes that are known keep theirs."""
    one, other = begun(journal), begun(journal, "20260101-000000-bbbb")
    for run in (one, other):
        noted(
            journal,
            run.run_id,
            Outcome(0, Status.UNKNOWN, Code.NETWORK),
            Outcome(1, Status.FAILED, Code.NETWORK),
            Outcome(2, Status.UNKNOWN, Code.SERVER_ERROR),
        )
    journal.leave_unknown(one.run_id)
    assert words(journal, one.run_id, "code") == [("OUTCOME_UNKNOWN",), ("NETWORK",), ("OUTCOME_UNKNOWN",)]
    assert words(journal, other.run_id, "code") == [("NETWORK",), ("NETWORK",), ("SERVER_ERROR",)]


def test_only_what_was_proven_is_marked(journal):
    """The proof is noted of the changes named, and of no other and no other run's."""
    one, other = begun(journal), begun(journal, "20260101-000000-bbbb")
    for run in (one, other):
        noted(journal, run.run_id, *(Outcome(n, Status.APPLIED, Code.ADDED) for n in range(3)))
    journal.set_verified(one.run_id, np.array([0, 2]))
    assert words(journal, one.run_id, "verified") == [("yes",), ("",), ("yes",)]
    assert words(journal, other.run_id, "verified") == 3 * [("",)]


def test_what_is_found_without_sending_replaces_what_was_known(journal):
    """Outcomes found by a resume stand in the place of the old ones, without an intent of their own."""
    run = begun(journal)
    noted(journal, run.run_id, Outcome(0, Status.UNKNOWN, Code.NETWORK, doubt=Doubt.LOST))
    journal.resettle(
        run.run_id,
        [Outcome(0, Status.APPLIED, Code.APPLIED_AFTER_CHECK), Outcome(3, Status.UNCHANGED, Code.NOT_LISTED)],
    )
    assert words(journal, run.run_id, "seq", "status", "code", "doubt") == [
        (0, "applied", "APPLIED_AFTER_CHECK", ""),
        (3, "unchanged", "NOT_LISTED", ""),
    ]
    assert journal.intents(run.run_id).tolist() == [0]


def test_what_is_sent_once_more_is_open_again(journal):
    """Pending changes lose their outcome, those that never left their intent, too; nothing else changes."""
    one, other = begun(journal), begun(journal, "20260101-000000-bbbb")
    for run in (one, other):
        noted(journal, run.run_id, *(Outcome(n, Status.FAILED, Code.NETWORK) for n in SEQS.tolist()))
    journal.reopen(one.run_id, np.array([1, 2]), np.array([2]))
    assert words(journal, one.run_id, "seq") == [(0,), (3,)]
    assert journal.intents(one.run_id).tolist() == [0, 1, 3]
    assert (len(journal.outcomes(other.run_id)), len(journal.intents(other.run_id))) == (4, 4)


def test_the_whole_name_of_a_run_names_it_alone(journal):
    """A run is found by its whole name although others begin with it; a part of several names is refused."""
    short, longer = "20260101-000000-aaaa", "20260101-000000-aaaab"
    begun(journal, longer)
    begun(journal, short)
    for whole in (True, False):
        assert journal.run(short, whole=whole).run_id == short
        assert journal.run(longer, whole=whole).run_id == longer
    with pytest.raises(NoSuchRun, match="Several runs begin with"):
        journal.run(short[:-1])
    with pytest.raises(NoSuchRun, match="not the whole name"):
        journal.run(short[:-1], whole=True)
    begun(journal, "20260102-000000-cccc")
    assert journal.run("20260102").run_id == "20260102-000000-cccc"
    with pytest.raises(NoSuchRun, match=r'no run "2026010".* 8 characters'):
        journal.run("2026010")
    with pytest.raises(NoSuchRun, match='no run "20260103"'):
        journal.run("20260103", whole=True)
    for empty in ("", "  "):
        with pytest.raises(NoSuchRun, match="is empty"):
            journal.run(empty)


def test_a_short_name_is_a_whole_one(journal):
    """A run whose whole name is shorter than a beginning may be is found by it, and by nothing less."""
    begun(journal, "short")
    assert journal.run("short").run_id == "short"
    with pytest.raises(NoSuchRun):
        journal.run("shor")


def test_the_latest_run_is_told_first(journal):
    """Runs are told from the latest start on, those of one moment by their names from the last on."""
    for name, at in (("b" * 8, 2.0), ("a" * 8, 3.0), ("c" * 8, 2.0), ("d" * 8, 1.0)):
        begun(journal, name, started_at=at)
    assert [run.run_id[0] for run in journal.runs()] == ["a", "c", "b", "d"]


def test_a_list_comes_back_as_it_was_read(journal):
    """A snapshot's record and its entries are read back whole, the latest first, of that account and list alone."""
    first = Snapshot.of(STOP, 10.5, ["+33600000000", "0600000001"], ["x", "y"], deleted=3)
    second = Snapshot.of(STOP, 9.5, ["+33600000002"], ["z"])
    other = Snapshot.of(NPAI, 11.5, [])
    for account, run, moment, shot in (
        ("a", "r", "before", first),
        ("a", "r", "after", second),
        ("a", "s", "before", other),
        ("b", "t", "before", first),
    ):
        journal.add_snapshot(account, run, moment, shot)
    records = journal.snapshots("a")
    assert records == [
        SnapshotRecord(
            snapshot_id=n, run_id=run, kind=shot.kind, moment=moment, taken_at=shot.taken_at, entries=entries,
            identity=shot.identity,
        )
        for n, run, moment, shot, entries in (
            (3, "s", "before", other, 0),
            (2, "r", "after", second, 1),
            (1, "r", "before", first, 2),
        )
    ]  # fmt: skip
    assert [record.snapshot_id for record in journal.snapshots("a", STOP)] == [2, 1]
    assert [record.snapshot_id for record in journal.snapshots("a", NPAI)] == [3]
    assert [record.snapshot_id for record in journal.snapshots("b")] == [4]
    assert journal.snapshots("c") == []
    back = journal.load_snapshot(records[2])
    assert (back.kind, back.taken_at, back.deleted, back.identity) == (STOP, 10.5, 3, first.identity)
    pd.testing.assert_frame_equal(back.entries, first.entries)
