"""Removals from STOP tell what an earlier run of ours had added from what came by itself."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptx_bulk import pipeline
from ptx_bulk.errors import StopRemovalRefused
from ptx_bulk.journal import Journal
from ptx_bulk.model import Action, Code, Doubt, Mode, Status
from ptx_bulk.plan import Plan, Safeguards, with_origins
from ptx_bulk.plan.lines import unasked
from ptx_bulk.plan.planning import changes_frame
from ptx_bulk.snapshot import Snapshot
from tests.pipeline.conftest import ALLOWED, NPAI, STOP, Desk, Told, numbers, report
from tests.pipeline.stories import FIRST, Story

JANUARY = 1_769_854_830_500  # 2026-01-31T10:20:30.5Z
YES = {"yes": True, "safeguards": ALLOWED}
OURS, FOREIGN, REPLIED, BARE = numbers(4)


@pytest.fixture
def mixed(desk: Desk) -> Desk:
    """STOP with a number that a run of ours added, one from elsewhere, one reply, and one with a bare date."""
    desk.write(Mode.IMPORT, desk.file([OURS]), STOP)
    desk.server.preload(STOP, [FOREIGN, REPLIED, BARE])
    desk.server.histories = {REPLIED: [{"date": JANUARY, "campaignId": "spring"}], BARE: [{"date": JANUARY}]}
    return desk


def messages(result: pipeline.Result) -> dict[str, str]:
    frame = result.frame[result.frame["action"] == "remove"]
    return dict(zip(frame["e164"], frame["message"], strict=True))


@pytest.mark.parametrize("mode", [Mode.REMOVE, Mode.SYNC])
def test_plan_report_and_summary_tell_who_put_a_number_there(mixed, mode):
    """Every removal says in its message what is known of how the number came there, and the summary counts both."""
    kept = numbers(1, 50)
    mixed.server.preload(STOP, kept)
    values = [OURS, FOREIGN, REPLIED, BARE] if mode is Mode.REMOVE else kept
    result = mixed.diff(mode, mixed.file(values, "out.csv"), STOP)
    run_id = pipeline.runs(mixed.settings)[0].run_id
    assert messages(result) == {
        OURS: f"Run {run_id} put it on the list.",
        FOREIGN: "No earlier run put it on the list: it may be a person's own STOP.",
        REPLIED: "It came on the list by itself on 2026-01-31T10:20:30Z, by campaign spring.",
        BARE: "It came on the list by itself on 2026-01-31T10:20:30Z.",
    }
    assert result.summary.as_json()["origin"] == {"ours": 1, "theirs": 3}


@pytest.mark.slow
def test_the_report_of_a_run_tells_it_and_a_later_writing_tells_it_again(mixed):
    """What was said before the removal stands in the report after it, and in the one that resume writes anew."""
    result = mixed.write(Mode.REMOVE, mixed.file([OURS, REPLIED], "out.csv"), STOP, **YES)
    assert result.summary.counts == {"applied": 2}
    lines = report(result).set_index("e164")["message"]
    assert lines[REPLIED].endswith("by itself on 2026-01-31T10:20:30Z, by campaign spring.")
    again = mixed.resume(result.summary.run_id, yes=True)
    assert again.summary.as_json()["origin"] == {"ours": 1, "theirs": 1}
    assert report(again).set_index("e164")["message"][OURS].endswith("put it on the list.")


def test_undo_does_not_tell_of_origins(mixed):
    """What takes a removal back adds: nothing of who had put the numbers there is counted or said again."""
    result = mixed.write(Mode.REMOVE, mixed.file([OURS, REPLIED], "out.csv"), STOP, **YES)
    undone = mixed.undo(result.summary.run_id, yes=True)
    assert undone.summary.counts == {"applied": 2}
    assert undone.summary.as_json()["origin"] == {"ours": 0, "theirs": 0}
    assert not undone.frame["message"].str.contains("by itself|put it").any()


def test_an_apply_of_a_saved_plan_tells_it_too(mixed):
    """A saved plan is judged by the journal of the moment in which it is applied."""
    plan = mixed.folder / "plan.json"
    mixed.diff(Mode.REMOVE, mixed.file([OURS, FOREIGN], "out.csv"), STOP, plan_path=str(plan))
    result = mixed.apply(plan, **YES)
    assert result.summary.as_json()["origin"] == {"ours": 1, "theirs": 1}


def test_what_came_by_itself_is_named_before_it_is_removed(mixed):
    """With --yes the numbers that nobody here put there are told by name and date; ours are not among them."""
    mixed.told = Told()
    result = mixed.write(Mode.REMOVE, mixed.file([OURS, FOREIGN, REPLIED, BARE], "out.csv"), STOP, **YES)
    named = [
        "To be removed from STOP, though no earlier run put them there:",
        f"  {FOREIGN}",
        f"  {REPLIED}  since 2026-01-31T10:20:30Z, campaign spring",
        f"  {BARE}  since 2026-01-31T10:20:30Z",
    ]
    assert [text for text in mixed.told.notices if text in named] == named
    assert not any(OURS in text for text in mixed.told.notices)
    assert {*named} <= {*result.notices}
    assert any(
        text.startswith("Of the 4 numbers to be removed from STOP, earlier runs put 1 there; 3 came by themselves")
        for text in mixed.told.notices
    )


def test_of_very_many_the_first_twenty_are_named(desk):
    """A question stays readable: twenty numbers by name, how many more there are, and where all of them stand."""
    desk.server.preload(STOP, numbers(25))
    told = Told()
    desk.write(Mode.REMOVE, desk.file(numbers(25)), STOP, dry_run=True, told=told, safeguards=ALLOWED)
    at = next(at for at, text in enumerate(told.notices) if text.startswith("To be removed"))
    named = told.notices[at + 1 : at + 22]
    assert named == [*(f"  {n}" for n in numbers(20)), "  and 5 more; the report of --dry-run lists them all."]


@pytest.mark.parametrize(
    "safeguards", [Safeguards(), replace(ALLOWED, reason=""), replace(ALLOWED, allow_stop_removal=False)]
)
@pytest.mark.parametrize("number", [OURS, REPLIED])
def test_every_removal_from_stop_needs_flag_and_reason(mixed, number, safeguards):
    """Neither what came by itself nor what is ours goes without both of the flag and the reason."""
    result = mixed.write(Mode.REMOVE, mixed.file([number], "out.csv"), STOP, yes=True, safeguards=safeguards)
    assert isinstance(result.error, StopRemovalRefused)
    assert number in mixed.listed()


def test_removals_from_npai_have_no_origin(desk):
    """Nobody says NPAI: its removals are neither named nor counted."""
    desk.server.preload(NPAI, numbers(2))
    result = desk.write(Mode.REMOVE, desk.file(numbers(2)), NPAI, yes=True)
    assert result.summary.as_json()["origin"] == {"ours": 0, "theirs": 0}
    assert not any("STOP" in text for text in result.notices)


def origins(desk: Desk) -> dict[str, str]:
    """The origin of each number on STOP, as a plan to remove all of them tells it."""
    result = desk.diff(Mode.REMOVE, desk.file(desk.listed(), "all.csv"), STOP)
    return {number: "ours" if "put it on the list." in text and text.startswith("Run") else "theirs"
            for number, text in messages(result).items()}  # fmt: skip


@pytest.mark.slow
def test_an_entry_listed_anew_is_not_ours(desk):
    """An addition that was taken back, or whose entry was replaced, makes nothing ours that stands there now."""
    undone, anew, removed, still = numbers(4)
    first = desk.write(Mode.IMPORT, desk.file([undone]), STOP)
    desk.undo(first.summary.run_id, yes=True, safeguards=Safeguards(reason="wrong file"))
    desk.write(Mode.IMPORT, desk.file([anew, removed, still], "b.csv"), STOP)
    desk.write(Mode.REMOVE, desk.file([removed], "c.csv"), STOP, **YES)
    del desk.server.lists[STOP][anew]
    desk.server.preload(STOP, [undone, anew, removed])
    assert origins(desk) == {undone: "theirs", anew: "theirs", removed: "theirs", still: "ours"}


def test_a_reply_is_a_persons_own_whoever_had_added_the_number(desk):
    """A campaign in the history of an entry of ours makes it the person's: their own STOP must not be lost in ours."""
    number = numbers(1)[0]
    desk.write(Mode.IMPORT, desk.file([number]), STOP)
    assert origins(desk) == {number: "ours"}
    desk.server.histories[number] = [{"campaignId": "spring"}]
    assert origins(desk) == {number: "theirs"}


def test_a_reply_after_a_bare_date_is_a_persons_own(desk):
    """Whoever we put on STOP and who said STOP later did it themselves, though the earlier date has no campaign."""
    number = numbers(1)[0]
    desk.write(Mode.IMPORT, desk.file([number]), STOP)
    desk.server.histories[number] = [{"date": JANUARY}, {"date": JANUARY + 1, "campaignId": "spring"}]
    assert origins(desk) == {number: "theirs"}


def age(desk, seconds: float) -> None:
    """Let all that is in the journal have happened so much earlier."""
    with Journal(desk.home) as journal, journal.transaction() as db:
        for table, column in (("runs", "started_at"), ("outcomes", "finished_at"), ("snapshots", "taken_at")):
            db.execute(f"UPDATE {table} SET {column} = {column} - ?", (seconds,))


def test_what_left_and_came_again_under_the_same_id_is_not_ours(desk):
    """A reading without the number after we had added it says that somebody listed it anew, whatever id it has now."""
    again, still = numbers(2)
    desk.write(Mode.IMPORT, desk.file([again, still]), STOP)
    age(desk, 2000)
    entry = desk.server.lists[STOP].pop(again)
    desk.write(Mode.IMPORT, desk.file(numbers(1, 50), "b.csv"), STOP)
    age(desk, 2000)
    desk.server.lists[STOP][again] = entry
    assert {number: of for number, of in origins(desk).items() if number in (again, still)} == {
        again: "theirs",
        still: "ours",
    }


def test_an_entry_dated_after_our_addition_is_not_ours(desk):
    """A date of the server's later than our addition says that the number came again by itself."""
    later, same = numbers(2)
    desk.write(Mode.IMPORT, desk.file([later, same]), STOP)
    age(desk, 2000)
    now = int(time.time() * 1000)
    desk.server.histories = {later: [{"date": now}], same: [{"date": now - 2_000_000}]}
    assert origins(desk) == {later: "theirs", same: "ours"}


def test_another_accounts_runs_make_nothing_ours(desk, tmp_path):
    """Only runs of this very account count."""
    number = numbers(1)[0]
    desk.write(Mode.IMPORT, desk.file([number]), STOP)
    with Journal(desk.home) as journal, journal.transaction() as db:
        db.execute("UPDATE runs SET account = 'another'")
        db.execute("UPDATE snapshots SET account = 'another'")
    assert origins(desk) == {number: "theirs"}


EVENTS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "reply", "leave", "doubt"]), st.integers(0, 2)), max_size=12
)


class Past:
    """What happened to three numbers on STOP: the journal of it, the list as it stands, and whose entries these are."""

    def __init__(self, journal: Journal, *, ids_known: bool) -> None:
        self.story = Story(journal)
        self.ids_known = ids_known
        self.entries: dict[int, tuple[str, str]] = {}  # number → id and who put it there
        self.moments = 0

    def happen(self, event: str, number: int) -> None:
        self.moments += 1
        there = number in self.entries
        remote_id = f"{self.moments:024x}"
        if event == "add" and not there:
            self.entries[number] = (remote_id, "ours")
            self._ran(Action.ADD, number, Status.APPLIED, remote_id if self.ids_known else "")
        elif event == "reply" and not there:
            self.entries[number] = (remote_id, "theirs")
        elif event == "remove" and there:
            del self.entries[number]
            self._ran(Action.REMOVE, number, Status.APPLIED, "")
        elif event == "leave" and there and self.ids_known:  # without ids nobody could tell what came after it
            del self.entries[number]
        elif event == "doubt" and there:  # a removal of ours that may have worked before somebody listed it anew
            self.entries[number] = (self.entries[number][0], "theirs")
            self._ran(Action.REMOVE, number, Status.UNKNOWN, "")

    def _ran(self, action: Action, number: int, status: Status, remote_id: str) -> None:
        code = Code.ADDED if action is Action.ADD else Code.REMOVED
        state = (status, code, Doubt.NONE, 1, remote_id)
        self.story.run(f"run{self.moments}", (action, STOP, number, state), at=1000.0 + self.moments)

    def told(self) -> dict[int, str]:
        """The origins, as the journal has them."""
        snapshot = Snapshot.of(
            STOP, 5000.0, [f"+{FIRST + n}" for n in self.entries], [i for i, _o in self.entries.values()]
        )
        found = np.array(sorted(FIRST + n for n in self.entries), dtype="int64")
        frame = changes_frame([(Action.REMOVE, STOP, found, [(f"+{n}",) for n in found.tolist()])], {STOP: snapshot})
        plan = Plan(Mode.REMOVE, (STOP,), unasked(found, STOP, 0), frame, {STOP: len(snapshot)}, {})
        last = self.story.journal.last_changes("a", STOP, found)
        removals = with_origins(plan, snapshot, last).removals
        if removals is None:
            return {}
        ours = removals["ours"].map({True: "ours", False: "theirs"})
        return dict(zip((removals["number"] - FIRST).tolist(), ours, strict=True))


@pytest.mark.slow
@settings(max_examples=60)
@given(EVENTS, st.booleans())
def test_ours_is_what_our_last_word_put_there(tmp_path_factory, events, ids_known):
    """By a plain model of additions, removals, replies and doubts, the journal takes for ours what is, and no more."""
    with Journal(tmp_path_factory.mktemp("home")) as journal:
        past = Past(journal, ids_known=ids_known)
        for event, number in events:
            past.happen(event, number)
        assert past.told() == {number: owner for number, (_id, owner) in past.entries.items()}
