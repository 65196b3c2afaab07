"""What lists do to a run: lag, shrink, other spellings, deleted entries, the other list, verification, canary, rate."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from ptx_bulk import pipeline
from ptx_bulk.applying import Patience
from ptx_bulk.errors import JournalError, SuspectList, UnreadableFile
from ptx_bulk.journal import RunState
from ptx_bulk.model import Mode
from ptx_bulk.plan import Safeguards
from tests.faults import Fault, Reply
from tests.faults import misbehaviour as bad
from tests.faults.misbehaviour import answering
from tests.pipeline.conftest import ALLOWED, NPAI, QUICK, STOP, Desk, Told, check_truth, nth_write, numbers, report
from tests.pipeline.stops import interrupt


def showing(entries: list[str], *, deleted: bool = False) -> Fault:
    """A GET that shows these entries instead of the list."""
    shown = [{"deleted": deleted, "id": f"{n:024x}", "identifier": entry} for n, entry in enumerate(entries)]
    return Fault("showing", lambda _reply: Reply(200, json.dumps(shown).encode()).plain(), processed=True)


def lagging(desk: Desk, reads: int, hide: set[str]) -> None:
    """The STOP list hides some numbers in its first readings after something was sent."""
    seen = 0

    def behave(request):
        nonlocal seen
        if request.method == "GET" and "unsubscribers" in request.target and desk.server.effects:
            seen += 1
            if seen <= reads:
                return showing([entry for entry in desk.listed() if entry not in hide])
        return None

    desk.server.behaviour = behave


def test_a_list_that_lags_is_waited_for(desk):
    """Changes that appear only in a later reading are verified all the same."""
    lagging(desk, 2, set(numbers(5)))
    patient = Patience(seconds=60.0, first=0.02)  # it ends once all is there
    result = desk.write(Mode.IMPORT, desk.file(numbers(20)), patience=patient)
    assert (result.exit_code, result.summary.verified) == (0, {"yes": 20, "no": 0})
    assert result.summary.after == 20


@pytest.mark.slow
def test_a_change_that_never_shows_is_a_mismatch(desk):
    """What the API confirmed but the list never shows is failed with VERIFY_MISMATCH, exit 4, and resumable."""
    hidden = set(numbers(3))
    lagging(desk, 100, hidden)
    result = desk.write(Mode.IMPORT, desk.file(numbers(20)))
    assert (result.exit_code, result.summary.counts) == (4, {"applied": 17, "failed": 3})
    lines = report(result).set_index("e164")
    assert set(lines.loc[list(hidden), "code"]) == {"VERIFY_MISMATCH"}
    assert set(lines.loc[list(hidden), "verified"]) == {"no"}
    assert any("rejects" in path for path in result.summary.reports)
    desk.server.behaviour = lambda _request: None
    again = desk.resume()
    assert (again.exit_code, again.summary.counts, again.summary.verified) == (0, {"applied": 20}, {"yes": 20, "no": 0})


def test_lost_answers_are_settled_by_the_list(desk):
    """Numbers whose answers were all lost end applied after check when listed, failed when not; never unknown."""

    def behave(request):
        if request.method == "POST":
            digit = request.body.split(b'"')[3][-1:]
            return bad.RESET_AFTER if digit in b"012" else bad.RESET_BEFORE if digit in b"345" else None
        return None

    desk.server.behaviour = behave
    patient = replace(QUICK.policy, outage_after=30.0)  # on a busy machine so many lost answers must be no outage
    result = desk.write(Mode.IMPORT, desk.file(numbers(20)), policy=patient)
    lines = check_truth(result, desk.server)
    assert result.summary.counts == {"applied": 14, "failed": 6}
    assert lines["code"].value_counts().to_dict() == {"ADDED": 8, "APPLIED_AFTER_CHECK": 6, "NETWORK": 6}
    settled = lines[lines["code"] == "APPLIED_AFTER_CHECK"]
    assert settled["remote_id"].tolist() == [desk.server.lists[STOP][number] for number in settled["e164"]]


def test_no_verify_reads_nothing_afterwards(desk):
    """With --no-verify the lists are read once, before."""
    result = desk.write(Mode.IMPORT, desk.file(numbers(20)), verify=False)
    assert (result.exit_code, result.summary.verified) == (0, {"yes": 0, "no": 0})
    assert sum(call.request.method == "GET" for call in desk.server.calls) == 2


def test_a_canary_goes_first_and_lets_the_rest_follow(desk):
    """With --canary N, the first N are sent and read back before any other call."""
    result = desk.write(Mode.IMPORT, desk.file(numbers(60)), canary=10)
    check_truth(result, desk.server)
    assert result.summary.counts == {"applied": 60}
    methods = "".join(call.request.method[0] for call in desk.server.calls)
    assert methods.startswith("GG" + "P" * 10 + "G" + "P" * 50)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["refused", "hidden"])
def test_a_canary_that_dies_stops_the_run(desk, what):
    """When one of the first N is refused, or does not show in the list, the rest is not sent: exit 5, resumable."""
    first = numbers(1)[0]
    if what == "refused":
        desk.server.behaviour = lambda request: (
            answering(400, '{"code":11}') if first.encode() in request.body else None
        )
    else:
        lagging(desk, 100, {first})
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(60)), canary=10)
    check_truth(stopped, desk.server)
    assert stopped.exit_code == 5
    assert "canary" in str(stopped.error)
    assert stopped.summary.counts["not_attempted"] == 50
    desk.server.behaviour = lambda _request: None
    resumed = desk.resume()
    assert resumed.summary.counts.get("applied", 0) == (59 if what == "refused" else 60)


def test_a_canary_of_numbers_that_are_listed_meanwhile_is_fine(desk):
    """Unchanged is as good as applied to a canary, and a canary larger than the plan is the whole plan."""
    desk.server._listed_code = 15
    desk.server.behaviour = nth_write(1, lambda: desk.server.preload(STOP, numbers(2)))
    result = desk.write(Mode.IMPORT, desk.file(numbers(5)), canary=100, concurrency=1)
    assert (result.exit_code, result.summary.counts) == (0, {"applied": 3, "unchanged": 2})


def test_a_canary_is_read_back_without_any_verification(desk):
    """With --no-verify the canary alone is read back; the rest is sent and believed."""
    result = desk.write(Mode.IMPORT, desk.file(numbers(30)), canary=10, verify=False)
    assert (result.exit_code, result.summary.verified) == (0, {"yes": 10, "no": 0})
    methods = "".join(call.request.method[0] for call in desk.server.calls)
    assert methods == "GG" + "P" * 10 + "G" + "P" * 20


@pytest.mark.slow
@pytest.mark.parametrize(("what", "exit_code", "code"), [("key", 6, "ACCESS_REFUSED"), ("address", 5, "INTERRUPTED")])
def test_a_canary_that_cannot_be_read_back_says_why(desk, what, exit_code, code):
    """Where key or address are refused when the canary is read back, that is the reason told; the rest is not sent."""

    def behave(request):
        if request.method == "GET" and desk.server.effects:
            if what == "address":
                return bad.NO_LIST
            desk.server._key = "changed"
        return None

    desk.server.behaviour = behave
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(30)), canary=10)
    assert stopped.exit_code == exit_code
    assert "canary" not in str(stopped.error)
    assert sum(call.request.method == "POST" for call in desk.server.calls) == 10
    lines = check_truth(stopped, desk.server)
    assert (lines["status"] == "applied").sum() == 10
    assert set(lines.loc[lines["status"] == "not_attempted", "code"]) == {code}
    desk.server._key, desk.server.behaviour = "sandbox", lambda _request: None
    assert desk.resume().summary.counts == {"applied": 30}


@pytest.mark.slow
def test_a_canary_with_one_lost_answer_is_settled_by_the_list(desk):
    """A canary whose answers were lost is no failed one where the list shows its numbers."""
    lost = numbers(1)[0].encode()
    desk.server.behaviour = lambda request: bad.RESET_AFTER if lost in request.body else None
    result = desk.write(Mode.IMPORT, desk.file(numbers(30)), canary=10)
    assert (result.exit_code, result.summary.counts) == (0, {"applied": 30})
    check_truth(result, desk.server)


def test_an_interrupt_in_the_canary_sends_no_more(desk):
    """Ctrl-C among the first N is an interrupt like any other: no canary died, and no list is read for it."""
    desk.server.behaviour = nth_write(5, interrupt)
    stopped = desk.write(Mode.IMPORT, desk.file(numbers(60)), canary=50, concurrency=1)
    assert stopped.exit_code == 130
    lines = check_truth(stopped, desk.server)
    assert set(lines.loc[lines["status"] == "not_attempted", "code"]) == {"INTERRUPTED"}
    assert len(desk.server.effects) < 50
    assert sum(call.request.method == "GET" for call in desk.server.calls) == 2


def test_max_rate_is_kept_by_the_whole_run(desk):
    """Calls arrive no faster than --max-rate allows."""
    desk.write(Mode.IMPORT, desk.file(numbers(60)), max_rate=100)
    at = [call.at for call in desk.server.calls if call.request.method == "POST"]
    assert len(at) == 60
    assert max(sum(0 <= other - moment < 0.25 for other in at) for moment in at) <= 35


@pytest.mark.slow
@pytest.mark.parametrize("trust", [False, True])
def test_a_list_that_shrank_is_not_trusted(desk, trust):
    """A list much smaller than when last seen is exit 7, naming the flag; with the flag the run goes on."""
    desk.server.preload(NPAI, numbers(100))
    desk.write(Mode.IMPORT, desk.file(numbers(3, 500)), NPAI)
    for number in numbers(30):
        del desk.server.lists[NPAI][number]
    path = desk.file(numbers(3, 600))
    if trust:
        assert desk.write(Mode.IMPORT, path, NPAI, trust_smaller_list=True).exit_code == 0
        assert desk.write(Mode.IMPORT, desk.file(numbers(3, 700)), NPAI).exit_code == 0
        return
    with pytest.raises(SuspectList, match="--trust-smaller-list") as caught:
        desk.write(Mode.IMPORT, path, NPAI)
    assert caught.value.exit_code == 7
    assert "73" in str(caught.value)
    assert "103" in str(caught.value)
    assert len(desk.listed(NPAI)) == 73


@pytest.mark.slow
def test_a_list_that_shrank_a_little_or_by_our_own_doing_is_trusted(desk):
    """A fifth less, fewer than ten less, or what our own runs removed raises no suspicion."""
    desk.server.preload(NPAI, numbers(100))
    desk.write(Mode.IMPORT, desk.file(numbers(1)), NPAI)
    for number in numbers(20):
        del desk.server.lists[NPAI][number]
    assert desk.write(Mode.IMPORT, desk.file(numbers(1, 900)), NPAI).exit_code == 0
    assert desk.write(Mode.SYNC, desk.file(numbers(5, 60)), NPAI, yes=True, safeguards=ALLOWED).exit_code == 0
    assert desk.write(Mode.IMPORT, desk.file(numbers(1, 901)), NPAI).exit_code == 0


@pytest.mark.slow
def test_an_implausible_list_after_a_run_is_no_measure_for_the_next(desk):
    """A list that came back empty only for the verification does not become what the next run trusts."""
    desk.server.preload(STOP, numbers(100))
    lagging(desk, 100, set(numbers(1000)))
    result = desk.write(Mode.IMPORT, desk.file(numbers(5, 500)))
    assert result.summary.codes == {"VERIFY_MISMATCH": 5}
    with pytest.raises(SuspectList):
        desk.write(Mode.IMPORT, desk.file(numbers(5, 600)))


def test_numbers_on_the_other_list_are_shown(desk):
    """ON_OTHER_LIST stands beside the outcome of a number that the other list holds, and changes nothing else."""
    desk.server.preload(NPAI, numbers(2))
    desk.server.preload(STOP, numbers(1))
    lines = check_truth(desk.write(Mode.IMPORT, desk.file(numbers(3))), desk.server)
    assert lines["code"].tolist() == ["ALREADY_LISTED+ON_OTHER_LIST", "ADDED+ON_OTHER_LIST", "ADDED"]


@pytest.mark.slow
def test_remote_spellings_are_understood(desk):
    """National spellings, blanks and two spellings of a number count as listed; removal uses the server's own."""
    desk.server.preload(NPAI, ["0600000000", "+33600000001", "0600000001", "33600000002", "06 00 00 00 03"])
    known = desk.write(Mode.IMPORT, desk.file(numbers(4)), NPAI)
    assert known.summary.counts == {"unchanged": 4}
    result = desk.write(Mode.REMOVE, desk.file(numbers(4)), NPAI, yes=True, safeguards=ALLOWED)
    assert (result.exit_code, result.summary.counts) == (0, {"applied": 4})
    assert report(result)["attempts"].tolist() == ["1", "2", "1", "1"]
    assert desk.listed(NPAI) == []


@pytest.mark.slow
def test_deleted_entries_are_not_on_the_list(desk):
    """Entries that GET shows with `deleted: true` are added again, exported never, removed never."""
    desk.server.behaviour = lambda request: (
        showing(numbers(3), deleted=True)
        if request.method == "GET" and not desk.server.effects and "unsubscribers" in request.target
        else None
    )
    assert len(pipeline.export((STOP,), desk.settings).frame) == 0
    removed = desk.write(Mode.REMOVE, desk.file(numbers(3)), yes=True, safeguards=ALLOWED)
    assert removed.summary.codes == {"NOT_LISTED": 3}
    assert desk.write(Mode.IMPORT, desk.file(numbers(3))).summary.counts == {"applied": 3}


def test_an_export_reads_back_to_the_same_numbers(desk):
    """What export writes, import finds listed."""
    desk.server.preload(STOP, numbers(20))
    exported = pipeline.export((STOP,), desk.settings)
    again = desk.write(Mode.IMPORT, desk.file(exported.frame["phone"].tolist()))
    assert again.summary.counts == {"unchanged": 20}


def test_sync_never_empties_a_list_for_an_empty_or_unreadable_input(desk):
    """An input without a valid number refuses to sync with exit 7, an unreadable one with exit 3; nothing is sent."""
    desk.server.preload(NPAI, numbers(20))
    nothing = desk.write(Mode.SYNC, desk.file(["06 12", "n/a"]), NPAI, yes=True, safeguards=ALLOWED)
    assert nothing.exit_code == 7
    assert "20" in str(nothing.error)
    broken = desk.folder / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(UnreadableFile):
        desk.write(Mode.SYNC, broken, NPAI, yes=True, safeguards=ALLOWED)
    assert len(desk.listed(NPAI)) == 20


@pytest.mark.slow
def test_refusals_name_counts_limit_and_flag(desk):
    """Too many removals and removals from STOP say how many of how many, the limit, and what would let them pass."""
    desk.server.preload(NPAI, numbers(100))
    desk.server.preload(STOP, numbers(100, 1000))
    many = desk.write(Mode.REMOVE, desk.file(numbers(40)), NPAI, yes=True)
    assert many.exit_code == 7
    for part in ("40", "100", "30", "--max-removals 40"):
        assert part in str(many.error)
    assert set(report(many)["code"]) == {"OVER_LIMIT"}
    some = desk.file(numbers(3, 1000))
    stop = desk.write(Mode.REMOVE, some, yes=True, safeguards=Safeguards(allow_stop_removal=True))
    assert (stop.exit_code, '--reason "..."' in str(stop.error)) == (7, True)
    unasked = desk.write(Mode.REMOVE, desk.file(numbers(3)), NPAI)
    assert (unasked.exit_code, "--yes" in str(unasked.error)) == (7, True)
    assert not desk.server.effects
    assert {run.state for run in pipeline.runs(desk.settings)} == {RunState.REFUSED}


@pytest.mark.slow
def test_a_question_is_asked_only_where_somebody_can_answer(desk):
    """On a terminal the plan is shown and asked for; yes sends, no is exit 7, nothing to do asks nothing."""
    path = desk.file(numbers(3))
    no, yes, idle = Told(answer=False), Told(answer=True), Told(answer=False)
    assert desk.write(Mode.IMPORT, path, told=no).exit_code == 7
    assert desk.write(Mode.IMPORT, path, told=yes).exit_code == 0
    assert desk.write(Mode.IMPORT, path, told=idle).exit_code == 0
    assert [len(told.asked) for told in (no, yes, idle)] == [1, 1, 0]


@pytest.mark.slow
def test_purge_forgets_what_ended_and_keeps_what_can_be_resumed(desk):
    """Purging drops ended runs of that age; an interrupted one stays and is resumed, newer entries protected."""
    done = desk.write(Mode.IMPORT, desk.file(numbers(3)))
    desk.server.preload(NPAI, numbers(300))
    desk.server.behaviour = nth_write(50, interrupt)
    stopped = desk.write(Mode.REMOVE, desk.file(numbers(300)), NPAI, yes=True, safeguards=ALLOWED)
    assert stopped.exit_code == 130
    desk.server.behaviour = lambda _request: None
    purged = pipeline.purge(time.time() + 60, desk.settings)
    assert (purged.runs, purged.abandoned, purged.left, purged.kept) == (1, 0, 1, 0)
    with pytest.raises(JournalError):
        pipeline.show(done.summary.run_id, desk.settings)
    newer = desk.listed(NPAI)[-1]
    del desk.server.lists[NPAI][newer]
    desk.server.preload(NPAI, [newer])
    assert desk.resume().summary.counts == {"applied": 299, "not_attempted": 1}


@pytest.mark.slow
def test_the_time_of_answers_shapes_the_forecast(desk):
    """The forecast goes by how long the API takes to answer, and by the rate that was asked for."""
    path = desk.file(numbers(600))
    slow = Told()

    def behave(_request):
        time.sleep(0.02)

    desk.server.behaviour = behave
    desk.write(Mode.IMPORT, path, told=slow, concurrency=1, time_limit=0.0)
    rate = float(slow.notices[0].rsplit(" at ", 1)[1].removesuffix("/s"))
    assert 10 <= rate <= 50
    desk.server.behaviour = lambda _request: None
    capped = Told()
    desk.write(Mode.IMPORT, path, told=capped, max_rate=5.0, time_limit=0.0)
    assert capped.notices == ["600 calls, about 2 min at 5/s"]


@pytest.mark.slow
def test_patience_may_be_none(desk):
    """With a patience of one look a lagging list is a mismatch at once, and nothing waits."""
    lagging(desk, 1, set(numbers(1)))
    result = desk.write(Mode.IMPORT, desk.file(numbers(3)), patience=Patience(seconds=0))
    assert result.summary.verified == {"yes": 2, "no": 1}
