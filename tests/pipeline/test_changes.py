"""`changes`: feeds rebuild the lists, whatever happened to them and wherever each feed began."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptx_bulk import pipeline
from ptx_bulk.errors import ConfigurationError, SuspectList
from ptx_bulk.journal import Journal
from ptx_bulk.model import FEED_COLUMNS, ListKind, Mode
from ptx_bulk.pipeline import Changes
from ptx_bulk.pipeline.reading_lists.list_events import Reading, chained, events_between, in_order
from ptx_bulk.settings import Settings, load
from ptx_bulk.snapshot import Snapshot
from tests.pipeline.conftest import ALLOWED, NPAI, QUICK, STOP, Desk, numbers

BOTH = tuple(ListKind)
PEOPLE = numbers(5)
FIRST_S = 1_790_000_000.0


def play(feed: pd.DataFrame, lists: dict[str, set[str]]) -> None:
    """Do what a program does that keeps its copies of the lists in step."""
    for kind, event, phone in zip(feed["list"], feed["event"], feed["phone"], strict=True):
        if event == "added":
            lists[kind].add(phone)
        else:
            lists[kind].discard(phone)


def nothing() -> dict[str, set[str]]:
    return {kind.value: set() for kind in ListKind}


@dataclass
class Past:
    """A state folder with readings of lists, written straight into its journal; time passes in hundreds of seconds."""

    settings: Settings
    runs: list[str] = field(default_factory=list)
    truth: dict[str, set[str]] = field(default_factory=nothing)
    now: float = FIRST_S

    def read(self, stop: Iterable[tuple[str, str]], npai: Iterable[tuple[str, str]]) -> None:
        """A run that read both lists: entries are pairs of identifier and id."""
        self.now += 100
        self.runs.append(f"20260101-000000-{len(self.runs):04d}")
        with pipeline.opened(self.settings) as account:
            for kind, entries in ((STOP, stop), (NPAI, npai)):
                pairs = list(entries)
                snapshot = Snapshot.of(kind, self.now, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
                account.journal.add_snapshot(account.name, self.runs[-1], "export", snapshot)
                self.truth[kind.value] = {f"+{number}" for number in snapshot.numbers.tolist()}

    def feed(self, since: str | None, lists: tuple[ListKind, ...] = BOTH) -> Changes:
        return pipeline.changes(lists, self.settings, since=since, offline=True)


@contextmanager
def past() -> Iterator[Past]:
    with tempfile.TemporaryDirectory() as folder:
        yield Past(load(sandbox=True, env={"PTX_HOME": folder}))


ENTRY = st.tuples(
    st.sampled_from([*PEOPLE, PEOPLE[0].replace("+", "00"), "0" + PEOPLE[1][3:], "nobody", ""]),
    st.sampled_from(["a" * 24, "b" * 24, "c" * 24, ""]),
)
LIST = st.lists(ENTRY, max_size=6)
# Both lists as they are read, and whether a feed is made then: how far back it begins, and by a run or by a date.
STEP = st.tuples(LIST, LIST, st.none() | st.tuples(st.integers(0, 3), st.sampled_from(["run", "beginning", "date"])))


Story = list[tuple[object, object, "tuple[int, str] | None"]]


@pytest.mark.slow
@given(story=st.lists(STEP, min_size=1, max_size=8))
@settings(max_examples=4)
def test_all_feeds_rebuild_the_lists(story: Story) -> None:
    """Whatever is read, and whichever run or date each feed begins at, feeds without a gap rebuild both lists."""
    rebuild(story)


@pytest.mark.slow
@given(story=st.lists(STEP, min_size=1, max_size=8))
@settings(max_examples=50)
def test_many_feeds_rebuild_the_lists(story: Story) -> None:
    """The same for many more histories."""
    rebuild(story)


def rebuild(story: Story) -> None:
    """Read, make the feeds, play them back, and compare after each."""
    with past() as world:
        copy = nothing()
        ends: list[int] = []
        for stop, npai, fed in story:
            world.read(stop, npai)
            if fed is None:
                continue
            since = None
            if ends:
                begin = max(0, ends[-1] - fed[0])
                moment = datetime.fromtimestamp(FIRST_S + 100 * (begin + 1) + 50, UTC).isoformat()
                since = {"run": world.runs[begin], "beginning": world.runs[begin], "date": moment}[fed[1]]
            found = world.feed(since)
            assert found.run_id == world.runs[-1]
            play(found.frame, copy)
            assert copy == world.truth
            ends.append(len(world.runs) - 1)


@pytest.mark.slow
@given(story=st.lists(st.tuples(LIST, LIST), min_size=2, max_size=6), ends=st.sets(st.integers(0, 5)))
@settings(max_examples=4)
def test_what_a_crm_is_told_keeps_it_in_step(story: list[tuple[object, object]], ends: set[int]) -> None:
    """Played back feed by feed, the last words are whoever is on any list, and nobody else is ever opted in."""
    keep_in_step(story, ends)


@pytest.mark.slow
@given(story=st.lists(st.tuples(LIST, LIST), min_size=2, max_size=6), ends=st.sets(st.integers(0, 5)))
@settings(max_examples=50)
def test_many_crms_are_kept_in_step(story: list[tuple[object, object]], ends: set[int]) -> None:
    """The same for many more histories."""
    keep_in_step(story, ends)


def keep_in_step(story: list[tuple[object, object]], ends: set[int]) -> None:
    """Read, make feeds at some of the readings, and play their last words back."""
    with past() as world:
        opted_out: set[str] = set()
        since = None
        for at, (stop, npai) in enumerate(story):
            world.read(stop, npai)
            if at not in ends:
                continue
            found = world.feed(since)
            since = found.run_id
            assert found.final["phone"].is_unique
            for phone, event in zip(found.final["phone"], found.final["event"], strict=True):
                if event == "added":
                    opted_out.add(phone)
                else:
                    opted_out.remove(phone)  # nobody is opted in who was not opted out by us
            assert opted_out == world.truth["stop"] | world.truth["npai"]


@pytest.mark.slow
@given(readings=st.lists(LIST, max_size=8), begin=st.integers(0, 7), from_empty=st.booleans())
@settings(max_examples=25)
def test_the_events_of_readings_lead_from_one_to_the_next(
    readings: list[list[tuple[str, str]]], begin: int, from_empty: bool
) -> None:
    """From the first reading, or from nothing, the events of each step give the next reading."""
    snapshots = [
        Snapshot.of(STOP, float(moment), [pair[0] for pair in pairs], [pair[1] for pair in pairs])
        for moment, pairs in enumerate(readings)
    ][begin:]
    events = in_order(chained(STOP, map(Reading.of, snapshots), from_empty=from_empty))
    held = set() if from_empty or not snapshots else set(snapshots[0].numbers.tolist())
    for step, snapshot in enumerate(snapshots):
        for number, event in events.loc[events["step"] == step, ["number", "event"]].itertuples(index=False):
            if event == "added":
                held.add(number)
            else:
                held.remove(number)  # what leaves was there
        assert held == set(snapshot.numbers.tolist())


def entries(*people: int, tag: str = "a") -> list[tuple[str, str]]:
    return [(PEOPLE[one], f"{tag}{one}".rjust(24, "0")) for one in people]


def told(feed: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(zip(feed["phone"], feed["list"], feed["event"], strict=True))


def test_events_say_between_which_readings() -> None:
    """An event lies between the last reading that shows the old state and the first that shows the new one."""
    with past() as world:
        for people in ([0], [0], [0, 1], [0, 1], [1]):
            world.read(entries(*people), [])
        feed = world.feed(world.runs[0]).frame
        assert list(feed.columns) == list(FEED_COLUMNS)
        stamps = [datetime.fromtimestamp(FIRST_S + 100 * n, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for n in range(6)]
        assert feed[["phone", "event", "seen_after", "seen_by"]].to_numpy().tolist() == [
            [PEOPLE[1], "added", stamps[2], stamps[3]],
            [PEOPLE[0], "removed", stamps[4], stamps[5]],
        ]
        first = world.feed(None).frame.iloc[0]
        assert (first["phone"], first["seen_after"], first["seen_by"]) == (PEOPLE[0], "", stamps[1])


def test_what_came_and_left_again_is_told() -> None:
    """A number that was on the list in between only has both its events in the feed, and no last word."""
    with past() as world:
        for people in ([0], [0, 1], [0]):
            world.read(entries(*people), [])
        found = world.feed(world.runs[0])
        assert told(found.frame) == [(PEOPLE[1], "stop", "added"), (PEOPLE[1], "stop", "removed")]
        assert told(found.final) == []


def test_a_number_under_a_new_entry_is_added_again_and_never_removed() -> None:
    """Taken off and listed anew between two readings, a number is added with the old id beside the new one."""
    with past() as world:
        world.read(entries(0, 1), [])
        world.read([*entries(0, tag="b"), *entries(1)], [])
        found = world.feed(world.runs[0])
        assert found.frame[["phone", "event", "remote_id", "replaces"]].to_numpy().tolist() == [
            [PEOPLE[0], "added", "b0".rjust(24, "0"), "a0".rjust(24, "0")]
        ]
        assert found.counts[STOP] == {"added": 1, "removed": 0, "listed_anew": 1}


def test_another_spelling_beside_the_old_entry_is_no_event() -> None:
    """As long as one entry of a number stays, or ids are missing, nothing happened to the number."""
    with past() as world:
        world.read([*entries(0), (PEOPLE[1], "")], [])
        world.read([(PEOPLE[0].replace("+", "00"), "f" * 24), *entries(0), (PEOPLE[1], "e" * 24)], [])
        assert told(world.feed(world.runs[0]).frame) == []


def test_who_is_still_on_the_other_list_is_not_opted_in() -> None:
    """A number that left STOP and stays on NPAI is a removal of the feed, and an opt-out all the same."""
    with past() as world:
        world.read(entries(0, 1), entries(0))
        world.read([], entries(0))
        for lists in (BOTH, (STOP,)):
            found = world.feed(world.runs[0], lists)
            assert told(found.frame) == [(PEOPLE[0], "stop", "removed"), (PEOPLE[1], "stop", "removed")]
            assert told(found.final) == [(PEOPLE[0], "stop", "added"), (PEOPLE[1], "stop", "removed")]


def test_a_clock_set_back_does_not_turn_events_around() -> None:
    """Events come in the order of the readings, though a later one bears an earlier time."""
    with past() as world:
        world.read([], [])
        world.read(entries(0), [])
        world.now -= 5_000
        world.read([], [])
        feed = world.feed(world.runs[0]).frame
        assert feed["event"].tolist() == ["added", "removed"]


def test_order_is_time_then_list_then_number() -> None:
    """Rows are sorted by time, list and number as text."""
    with past() as world:
        world.read([], [])
        world.read([*entries(1), ("+4179000000", "")], entries(2, 0))
        world.read(entries(0, 1), [])
        feed = told(world.feed(world.runs[0]).frame)
        assert feed == [
            (PEOPLE[0], "npai", "added"),
            (PEOPLE[2], "npai", "added"),
            (PEOPLE[1], "stop", "added"),
            ("+4179000000", "stop", "added"),
            (PEOPLE[0], "npai", "removed"),
            (PEOPLE[2], "npai", "removed"),
            (PEOPLE[0], "stop", "added"),
            ("+4179000000", "stop", "removed"),
        ]


def test_readings_of_one_second_keep_their_order() -> None:
    """Events of two readings in the same second are told reading by reading."""
    with past() as world:
        for people in ([0], [1], [0]):
            world.now -= 99.9
            world.read(entries(*people), [])
        feed = world.feed(world.runs[0]).frame
        assert list(zip(feed["phone"], feed["event"], strict=True)) == [
            (PEOPLE[0], "removed"),
            (PEOPLE[1], "added"),
            (PEOPLE[0], "added"),
            (PEOPLE[1], "removed"),
        ]


def test_an_event_has_the_history_of_its_entry() -> None:
    """Where a list tells when and in which campaign somebody said STOP, the event does; else both are empty."""
    plain = Snapshot.of(STOP, 1.0, PEOPLE[:2], ["a" * 24, "b" * 24])
    told = replace(plain, entries=plain.entries.assign(stopped_at=[1_790_000_000_000, 0], campaign_id=["c1", ""]))
    for snapshot, history in ((plain, [["", ""], ["", ""]]), (told, [["2026-09-21T14:13:20Z", "c1"], ["", ""]])):
        events = events_between(None, Reading.of(snapshot))
        assert events[["stopped_at", "campaign_id"]].to_numpy().tolist() == history


def test_what_is_no_number_is_left_out_and_counted() -> None:
    """Entries that are no numbers are in no feed, and are counted."""
    with past() as world:
        world.read([("nobody", "x"), *entries(0)], [("", "y")])
        found = world.feed(None)
        assert (len(found.frame), found.malformed) == (1, 2)


@pytest.mark.parametrize("since", ["2020-01-01", "20990101-000000-aaaa", "yesterday"])
def test_a_beginning_that_is_not_known_is_refused(since: str) -> None:
    """A date before the first snapshot, and a run that left none, are refused."""
    with past() as world:
        world.read([], [])
        with pytest.raises(ConfigurationError, match=since):
            world.feed(since)


def test_offline_needs_a_reading() -> None:
    """Without any snapshot an offline feed has no end, which is said."""
    with past() as world, pytest.raises(ConfigurationError, match="--offline"):
        world.feed(None)


def test_offline_ends_where_every_list_was_read() -> None:
    """A run that was killed between the lists is no end: the next feed must find both where this one ends."""
    with past() as world:
        world.read(entries(0), [])
        with pipeline.opened(world.settings) as account:
            account.journal.add_snapshot(
                account.name, "20260101-000000-dead", "export", Snapshot.of(STOP, world.now, [])
            )
        found = world.feed(None)
        assert (found.run_id, told(found.frame)) == (world.runs[0], [(PEOPLE[0], "stop", "added")])


def changes(desk: Desk, since: str | None = None, **more: object) -> Changes:
    return pipeline.changes(BOTH, desk.settings, since=since, sending=QUICK, **more)


def listed(desk: Desk) -> dict[str, set[str]]:
    return {kind.value: set(desk.listed(kind)) for kind in ListKind}


@pytest.mark.slow
def test_feeds_follow_runs_of_ours_and_of_others(desk: Desk) -> None:
    """Through runs, undo and what others do meanwhile, each feed begins exactly where the last one ended."""
    copy, since = nothing(), None
    done: list[pipeline.Result] = []

    def feed() -> pd.DataFrame:
        nonlocal since
        found = changes(desk, since)
        since = found.run_id
        play(found.frame, copy)
        assert copy == listed(desk)
        return found.frame

    def others() -> None:
        desk.server.lists[STOP][numbers(1, 70)[0]] = "7" * 24
        desk.server.lists[NPAI][numbers(1, 71)[0]] = "8" * 24

    feed()
    done.append(desk.write(Mode.IMPORT, desk.file(numbers(6))))
    others()
    by_run = feed().set_index("phone")["run_id"]
    assert by_run[numbers(6)].unique().tolist() == [done[0].summary.run_id]
    assert by_run[[*numbers(1, 70), *numbers(1, 71)]].tolist() == ["", ""]
    done.append(desk.write(Mode.REMOVE, desk.file(numbers(2), "out.csv"), safeguards=ALLOWED, yes=True))
    del desk.server.lists[STOP][numbers(1, 70)[0]]
    desk.undo(done[0].summary.run_id, safeguards=ALLOWED, yes=True)
    feed()
    desk.server.lists[STOP].clear()
    desk.server.lists[NPAI].clear()
    assert len(feed()) == 1


@pytest.mark.slow
def test_each_event_is_credited_to_the_run_that_made_it(desk: Desk) -> None:
    """Added, removed and added again by three runs, a number has three events with a run each."""
    start = changes(desk).run_id
    file = desk.file(numbers(1))
    runs = [
        desk.write(mode, file, safeguards=ALLOWED, yes=True).summary.run_id
        for mode in (Mode.IMPORT, Mode.REMOVE, Mode.IMPORT)
    ]
    feed = changes(desk, start).frame
    assert feed["event"].tolist() == ["added", "removed", "added"]
    assert feed["run_id"].tolist() == runs


@pytest.mark.slow
def test_a_run_of_long_ago_made_no_event_of_today(desk: Desk) -> None:
    """What came by itself is not credited to a run that once did the same with the number."""
    file = desk.file(numbers(1))
    desk.write(Mode.IMPORT, file)
    desk.server.lists[STOP].clear()
    start = changes(desk).run_id
    desk.server.lists[STOP][numbers(1)[0]] = "9" * 24
    feed = changes(desk, start).frame
    assert feed[["event", "run_id"]].to_numpy().tolist() == [["added", ""]]


def test_a_list_that_shrank_makes_no_feed(desk: Desk) -> None:
    """A list that is not to be trusted opts nobody in: the feed is refused, and no snapshot of it is kept."""
    desk.server.lists[STOP] = dict.fromkeys(numbers(50), "1" * 24)
    start = changes(desk).run_id
    whole = dict(desk.server.lists[STOP])
    desk.server.lists[STOP] = dict(itertools.islice(whole.items(), 5))
    with pytest.raises(SuspectList):
        changes(desk, start)
    desk.server.lists[STOP] = whole
    assert len(changes(desk, start).frame) == 0


def test_snapshots_of_another_account_are_not_read(tmp_path: Path) -> None:
    """Two accounts of one state folder have feeds of their own."""
    with Journal(tmp_path) as journal:
        journal.add_snapshot("somebody else", "20260101-000000-aaaa", "export", Snapshot.of(STOP, 1.0, numbers(3)))
        journal.add_snapshot("somebody else", "20260101-000000-aaaa", "export", Snapshot.of(NPAI, 1.0, []))
    found = pipeline.changes(BOTH, load(sandbox=True, env={"PTX_HOME": str(tmp_path)}))
    assert len(found.frame) == 0
