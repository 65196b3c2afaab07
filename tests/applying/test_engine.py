"""Many changes at once: intents first, outcomes as they come, an end to everything when the run stops."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from dataclasses import replace

import pytest

from ptx_bulk.applying import RetryPolicy, Stop
from ptx_bulk.errors import AccessRefused, JournalError, Outage, PtxError, TimeLimitReached
from ptx_bulk.model import Code, ListKind, Outcome
from ptx_bulk.plan import iter_changes
from tests.applying.conftest import QUICK, Bench, additions
from tests.faults import FaultyServer, always, mixed, scripted
from tests.faults import misbehaviour as bad
from tests.faults.misbehaviour import answering

STOP = ListKind.STOP


@pytest.mark.slow
def test_every_change_ends_once_and_is_told(bench: Bench):
    """Each change has one outcome in the journal, was told to the progress, and happened once."""
    witness = FaultyServer()
    outcomes = bench.send(witness, additions(700))
    assert outcomes["seq"].tolist() == list(range(700))
    assert set(outcomes["status"]) == {"applied"}
    assert sorted(outcome.seq for outcome in bench.told.outcomes) == list(range(700))
    assert set(witness.effects.values()) == {1}
    assert len(witness.lists[STOP]) == 700


def test_the_intent_is_on_disk_before_the_call(bench: Bench):
    """Whatever arrives at the server stands as an intent in the journal already: a crash leaves nothing unknown."""
    missing: list[str] = []

    def look(request):
        number = request.body.split(b"+33")[1].split(b'"')[0].decode()
        with closing(sqlite3.connect(bench.journal.path)) as db:
            found = db.execute("SELECT 1 FROM intents WHERE seq = ?", (int(number) - 600000000,)).fetchone()
        if not found:
            missing.append(number)

    bench.send(FaultyServer(look), additions(300))
    assert missing == []


@pytest.mark.slow
def test_mixed_faults_lose_and_double_nothing(bench: Bench):
    """Under errors, throttling and lost answers every number ends applied, or in doubt where it may be listed."""
    rates = {bad.ERROR: 0.06, bad.THROTTLED: 0.06, bad.RESET_BEFORE: 0.06, bad.RESET_AFTER: 0.06, bad.HTML_OK: 0.06}
    witness = FaultyServer(mixed(rates, seed=4))
    outcomes = bench.send(witness, additions(400), policy=RetryPolicy(initial=0.005, maximum=0.02))
    assert set(outcomes["status"]) == {"applied"}
    assert set(witness.effects.values()) == {1}
    assert len(witness.effects) == 400


def test_a_refused_key_stops_all_at_once(bench: Bench):
    """After the first "access refused" nothing new is sent; what was not sent says so."""
    witness, stop = FaultyServer(key="another"), Stop()
    outcomes = bench.send(witness, additions(500), stop=stop, concurrency=8)
    assert len(witness.calls) <= 8
    assert set(outcomes["status"]) == {"not_attempted"}
    assert set(outcomes["code"]) == {"ACCESS_REFUSED"}
    assert isinstance(stop.error, AccessRefused)
    assert stop.code is Code.ACCESS_REFUSED


def test_an_outage_opens_the_circuit(bench: Bench):
    """When everything fails for a while the run stops by itself, resumable, long before every number is given up."""
    witness, stop = FaultyServer(always(bad.UNAVAILABLE)), Stop()
    bench.send(witness, additions(2000), stop=stop, policy=RetryPolicy(initial=0.01, maximum=0.05, outage_after=0.3))
    assert isinstance(stop.error, Outage)
    assert str(stop.error).startswith("The API has not answered properly for a while (last: ")
    assert str(stop.error).endswith("the run was stopped. Run ptx-bulk resume later.")
    assert len(witness.calls) < 2000
    assert not witness.effects


def test_a_pause_beyond_patience_stops_the_run(bench: Bench):
    """A Retry-After longer than the run may wait stops it with a sentence that says how long to wait."""
    witness, stop = FaultyServer(always(bad.throttled("3600"))), Stop()
    outcomes = bench.send(witness, additions(300), stop=stop)
    assert isinstance(stop.error, Outage)
    assert "3600 seconds" in str(stop.error)
    assert len(witness.calls) <= 8
    assert set(outcomes["status"]) <= {"not_attempted", "failed"}


@pytest.mark.slow
@pytest.mark.parametrize("pause", ["1", "date"])
def test_retry_after_holds_all_workers(bench: Bench, pause):
    """After one 429 with Retry-After, in seconds or as a date, no call arrives before the pause is over."""
    throttled = bad.throttled("1") if pause == "1" else bad.throttled_until(2)
    witness = FaultyServer(scripted([None] * 20 + [throttled]))
    bench.send(witness, additions(200), concurrency=4)
    at = next(n for n, call in enumerate(witness.calls) if call.fault)
    # Calls that were in the air at that moment may still land; after them comes the pause.
    later = [call.at - witness.calls[at].at for call in witness.calls[at + 1 :]]
    in_air = [gap for gap in later if gap < 0.5]
    assert len(in_air) <= 3
    assert all(gap > 0.9 for gap in later if gap >= 0.5)
    assert set(witness.effects.values()) == {1}


def test_a_soft_stop_lets_calls_land_and_marks_the_rest(bench: Bench):
    """After a stop nothing new leaves; what was in the air is counted, the rest is not attempted, nothing in doubt."""
    error = TimeLimitReached("over")
    outcomes = bench.send(
        FaultyServer(lambda _request: None),
        additions(3000),
        max_rate=200,
        during=lambda stop: stop.request(Code.TIME_LIMIT, error),
    )
    assert 0 < (outcomes["status"] == "applied").sum() < 3000
    assert set(outcomes["status"]) == {"applied", "not_attempted"}
    assert set(outcomes.loc[outcomes["status"] == "not_attempted", "code"]) == {"TIME_LIMIT"}


def test_a_hard_stop_gives_up_what_hangs(bench: Bench):
    """The second interrupt ends calls that hang: those are in doubt, those that never left are not."""

    def twice(stop: Stop) -> None:
        stop.interrupt()
        stop.interrupt()

    witness, stop = FaultyServer(always(bad.HANG_AFTER)), Stop()
    outcomes = bench.send(witness, additions(300), timeout=60, during=twice, concurrency=8, stop=stop)
    by_status = outcomes.groupby("status")["attempts"].agg(["size", "max"])
    assert by_status.loc["unknown"].tolist() == [8, 1]
    assert by_status.loc["not_attempted", "max"] == 0
    given_up = outcomes.loc[outcomes["status"] == "unknown", ["code", "doubt", "message"]].drop_duplicates()
    assert given_up.to_numpy().tolist() == [["NETWORK", "lost", ""]]
    assert stop.error is None
    assert len(witness.calls) == 8


def test_a_journal_that_fails_stops_the_run(bench: Bench):
    """When an outcome cannot be stored, nothing more is sent and the error is the journal's own."""
    count = 0

    def break_the_journal(_request):
        nonlocal count
        count += 1
        if count == 50:
            with closing(sqlite3.connect(bench.journal.path, timeout=20)) as db:
                db.execute("DROP TABLE outcomes")
                db.commit()

    witness = FaultyServer(break_the_journal)
    with pytest.raises(JournalError, match="journal"):
        bench.send(witness, additions(5000), concurrency=4, max_rate=2000)
    assert len(witness.calls) < 1000


def test_a_journal_that_fails_after_a_hard_stop_hangs_nobody(bench: Bench):
    """Workers that give up what hangs wait for nothing more once the journal has failed, too."""

    def break_and_stop(stop: Stop) -> None:
        with closing(sqlite3.connect(bench.journal.path, timeout=20)) as db:
            db.execute("ALTER TABLE outcomes RENAME TO elsewhere")
        stop.interrupt()
        stop.interrupt()

    with pytest.raises(JournalError, match="journal"):
        bench.send(FaultyServer(always(bad.HANG)), additions(2000), timeout=60, during=break_and_stop)


def test_a_source_that_breaks_ends_the_run_softly(bench: Bench):
    """A fault in what hands out the changes stops the run; what was handed out before is sent and told."""

    def changes():
        yield from iter_changes(additions(10))
        raise LookupError("a fault of our own")

    stop = Stop()
    outcomes = bench.send(FaultyServer(lambda _request: None), additions(300), stop=stop, source=changes())
    assert isinstance(stop.error.__cause__, LookupError)
    assert set(outcomes["status"]) <= {"applied", "not_attempted"}


def test_a_progress_that_breaks_ends_the_run_softly(bench: Bench):
    """A fault in what is told of outcomes stops the run; what was sent until then is in the journal all the same."""

    class Breaking:
        def advance(self, outcome: Outcome) -> None:
            raise LookupError("a fault of our own")

    stop, witness = Stop(), FaultyServer()
    bench.told = Breaking()
    outcomes = bench.send(witness, additions(300), stop=stop, concurrency=4)
    assert stop.code is Code.INTERRUPTED
    assert isinstance(stop.error.__cause__, LookupError)
    assert str(stop.error) == (
        "Unexpected error while sending (LookupError: a fault of our own); the run was stopped. Run ptx-bulk resume to "
        "go on; if it happens again, run it with -vv and report what is shown."
    )
    assert (outcomes["status"] == "applied").sum() == len(witness.effects) <= 4
    assert outcomes["seq"].tolist() == list(range(len(outcomes)))
    assert set(outcomes["status"]) == {"applied", "not_attempted"}


def test_a_call_that_breaks_leaves_its_change_in_doubt(bench: Bench):
    """What nobody foresaw in a call ends the run, and of that change it is not known what became of it."""
    changes = list(iter_changes(additions(40)))
    changes[2] = replace(changes[2], identifiers=(object(),))
    stop, began = Stop(), time.time()
    outcomes = bench.send(FaultyServer(), additions(40), stop=stop, source=changes, concurrency=2).set_index("seq")
    assert stop.code is Code.INTERRUPTED
    assert (outcomes["finished_at"] >= began).all()
    assert isinstance(stop.error, PtxError)
    assert outcomes.loc[2, ["status", "code", "attempts"]].tolist() == ["unknown", "OUTCOME_UNKNOWN", 1]
    assert set(outcomes.drop(index=2)["status"]) == {"applied", "not_attempted"}


def test_an_intent_that_cannot_be_stored_is_not_sent(bench: Bench):
    """When the journal takes no more intents the run ends with its error, and no change leaves without one."""

    def changes():
        for change in iter_changes(additions(600)):
            if change.seq == 256:
                with closing(sqlite3.connect(bench.journal.path, timeout=20)) as db:
                    db.execute("ALTER TABLE intents RENAME TO elsewhere")
            yield change

    witness = FaultyServer()
    with pytest.raises(JournalError, match="journal"):
        bench.send(witness, additions(600), source=changes())
    assert len(witness.calls) <= 256


def test_a_hard_stop_reaches_workers_that_wait_for_work(bench: Bench):
    """While the journal lets nobody write, idle workers outlive a hard stop: what comes to them afterwards says so."""
    lock = sqlite3.connect(bench.journal.path, timeout=20, check_same_thread=False)
    stop, witness = Stop(), FaultyServer()

    def changes():
        for change in iter_changes(additions(300)):
            if change.seq == 256:  # the intents before it are on disk; those from here on are not
                lock.execute("BEGIN IMMEDIATE")
            yield change

    def stop_at_the_last(_request) -> None:
        if len(witness.calls) == 255:
            for action in (stop.interrupt, stop.interrupt, lock.rollback):
                asyncio.get_running_loop().call_later(0.2, action)

    witness.behaviour = stop_at_the_last
    with closing(lock):
        outcomes = bench.send(witness, additions(300), stop=stop, concurrency=4, source=changes())
    assert outcomes["seq"].tolist() == list(range(300))
    assert (outcomes["status"] == "applied").sum() == len(witness.effects) == 256
    assert outcomes.loc[256:, "attempts"].tolist() == [0] * 44


def test_max_rate_is_kept_under_faults(bench: Bench):
    """Repeats count towards the rate: in no half second do more calls arrive than the rate allows."""
    witness = FaultyServer(mixed({bad.ERROR: 0.3}, seed=2))
    bench.send(witness, additions(60), max_rate=100, policy=QUICK, concurrency=32)
    at = [call.at for call in witness.calls]
    assert max(sum(1 for other in at if 0 <= other - moment < 0.5) for moment in at) <= 60


def test_numbers_are_refused_one_by_one(bench: Bench):
    """A refused number is its own affair; the others go on."""

    def refuse_thirds(request):
        digit = int(request.body.split(b'"')[3][-1:])
        return answering(400, '{"code":11}') if digit % 3 == 0 else None

    outcomes = bench.send(FaultyServer(refuse_thirds), additions(100))
    refused = [number for number in range(100) if number % 10 % 3 == 0]
    assert outcomes[outcomes["status"] == "failed"]["seq"].tolist() == refused
    assert (outcomes["status"] == "applied").sum() == 100 - len(refused)
