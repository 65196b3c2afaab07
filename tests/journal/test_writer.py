"""The writer's thread: whatever it is given is stored or clipped, and it never dies unseen."""

from __future__ import annotations

import asyncio
import math
import sqlite3
import time
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.errors import JournalError
from ptx_bulk.journal import Journal
from ptx_bulk.model import Code, Outcome, Status
from tests.journal.test_journal import begun, run_record

_SOON_S = 20  # whoever waits for the writer is answered long before


@pytest.fixture
def journal(tmp_path):
    with closing(Journal(tmp_path)) as opened:
        yield opened


def stored(journal: Journal, *outcomes: Outcome) -> list[dict]:
    """What the journal gives back of these outcomes."""
    run = begun(journal, run_record())
    with journal.writer(run.run_id) as writer:
        for outcome in outcomes:
            writer.record(outcome)
        writer.flush().result(_SOON_S)
    return journal.outcomes(run.run_id).to_dict("records")


@pytest.mark.parametrize("code", [2**63, -(2**63) - 1, 10**400, 2**63 - 1])
def test_a_code_of_any_size_is_stored_as_the_nearest(journal, code):
    """A code beyond 64 bits is stored as the nearest number of 64 bits."""
    nearest = min(max(code, -(2**63)), 2**63 - 1)
    row = stored(journal, Outcome(0, Status.FAILED, Code.REJECTED_BY_API, 1, code, code, "no"))[0]
    assert (row["http_status"], row["api_code"]) == (nearest, nearest)


def test_texts_that_no_file_can_hold_are_mended(journal):
    """Lone surrogates and NUL become a replacement mark, and a message without end is cut."""
    first, second = stored(
        journal,
        Outcome(0, Status.FAILED, Code.REJECTED_BY_API, 1, 400, 11, "a\ud800b\0c\U0001f600", "id\udfff"),
        Outcome(1, Status.FAILED, Code.REJECTED_BY_API, 1, 400, 11, "é" * 10_000_000),
    )
    assert (first["message"], first["remote_id"]) == ("a\ufffdb\ufffdc\U0001f600", "id\ufffd")
    assert len(second["message"]) == 2000


@pytest.mark.parametrize("moment", [math.nan, math.inf, -1.0, 1e300])
def test_a_time_that_is_none_is_now(journal, moment):
    """An outcome whose time is no time gets the time at which it is stored."""
    row = stored(journal, Outcome(0, Status.APPLIED, Code.ADDED, finished_at=moment))[0]
    assert abs(row["finished_at"] - time.time()) < 60


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.lists(st.integers())


@pytest.mark.slow
@given(anything, anything, anything, anything, anything, anything)
def test_no_value_stops_the_writer(tmp_path_factory, attempts, status, code, message, remote_id, finished_at):
    """Whatever stands in an outcome's fields, it is stored and reads back."""
    with closing(Journal(tmp_path_factory.mktemp("home"))) as journal:
        outcome = Outcome(0, Status.APPLIED, Code.ADDED, attempts, status, code, message, remote_id, finished_at)
        rows = stored(journal, outcome, Outcome(1, Status.APPLIED, Code.ADDED))
    assert [row["seq"] for row in rows] == [0, 1]


class Unstorable:
    """A sequence that breaks whoever reads it, as a fault of our own would."""

    def __iter__(self):
        raise RuntimeError("a fault of our own")


def test_any_fault_in_the_thread_is_everybodys_failure(journal):
    """An exception in the thread, of whatever kind, reaches all who wait, now and later, and is raised at the end."""
    run = begun(journal, run_record())
    lost = Outcome(1, Status.APPLIED, Code.ADDED)
    with pytest.raises(JournalError, match="a fault of our own"), journal.writer(run.run_id) as writer:
        for waiting in (writer.intend(Unstorable()), writer.flush(), writer.intend([1])):
            with pytest.raises(JournalError, match="a fault of our own"):
                waiting.result(_SOON_S)
        assert "a fault" in str(writer.failed.result(_SOON_S))
        with pytest.raises(JournalError):
            writer.record(lost)
    assert writer.unsaved == [lost]
    assert journal.intents(run.run_id).tolist() == []


def test_who_gave_up_waiting_does_not_stop_the_writer(journal):
    """A waiter that was cancelled is forgotten; what it noted and all that follows is stored."""
    run = begun(journal, run_record())

    async def give_up(writer):
        waiting = asyncio.wrap_future(writer.intend([0]))
        waiting.cancel()
        await asyncio.sleep(0)

    with journal.writer(run.run_id) as writer:
        for _n in range(50):
            asyncio.run(give_up(writer))
        writer.record(Outcome(0, Status.APPLIED, Code.ADDED))
        writer.flush().result(_SOON_S)
    assert journal.intents(run.run_id).tolist() == [0]


def test_a_run_that_is_not_in_the_file_is_a_failure(journal):
    """Outcomes of a run that the journal does not hold are refused: they would be found by nobody."""
    with pytest.raises(JournalError), journal.writer("nowhere") as writer:
        writer.intend([0]).result(_SOON_S)


def test_a_file_that_vanished_is_a_failure(journal, tmp_path):
    """What is written into a journal that was deleted is nowhere, so nothing more is promised."""
    run = begun(journal, run_record())
    with pytest.raises(JournalError, match="deleted"), journal.writer(run.run_id) as writer:
        writer.intend([0]).result(_SOON_S)
        try:
            journal.path.unlink()
        except PermissionError:
            pytest.skip("this system deletes no file that is in use")
        writer.intend([1]).result(_SOON_S)


@pytest.mark.slow
def test_a_file_that_another_process_keeps_locked_is_a_failure(journal):
    """A journal that is locked for longer than a commit waits ends the run instead of holding it for ever."""
    run = begun(journal, run_record())
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
        with pytest.raises(JournalError, match="locked"), journal.writer(run.run_id) as writer:
            other.execute("BEGIN IMMEDIATE")
            writer.intend([0]).result(60)
        other.execute("ROLLBACK")
