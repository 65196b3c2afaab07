"""Reading the lists after sending: what they prove, what they leave open, and when the reading ends."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ptx_bulk.applying import Patience, Stop
from ptx_bulk.errors import AccessRefused, NetworkFault, Outage, PtxError, TimeLimitReached, WrongAddress
from ptx_bulk.model import Action, Code, Doubt, ListKind, Status
from ptx_bulk.pipeline import Account, Quiet, Sending
from ptx_bulk.pipeline.steps.sending.proving import Prover, question, soonest
from ptx_bulk.settings import load
from ptx_bulk.snapshot import Snapshot
from tests.pipeline.conftest import QUICK
from tests.pipeline.stories import NOTHING, PLANNED, Story, shown

STOP, NPAI = ListKind.STOP, ListKind.NPAI
ADD, REMOVE = Action.ADD, Action.REMOVE
ONCE = replace(QUICK.policy, attempts=1)
LONG = Patience(seconds=60.0, first=0.02, longest=0.02)  # longer than any test may take
SOON_S = 10.0  # within which what ends "at once" has ended on however busy a machine

YES = (Status.APPLIED, Code.ADDED, Doubt.NONE, 1, "told")
LOST = (Status.UNKNOWN, Code.NETWORK, Doubt.LOST, 1, "told")
UNSURE = (Status.UNKNOWN, Code.OUTCOME_UNKNOWN, Doubt.LOST, 1, "told")
CLAIMED = (Status.UNKNOWN, Code.NETWORK, Doubt.CLAIMED, 1, "told")
BOTH = (Status.UNKNOWN, Code.NETWORK, Doubt.BOTH, 1, "told")


@dataclass
class Shelf:
    """Lists held in memory: each reading of one takes so long and gives its next state, at the end the last one."""

    states: dict[ListKind, deque[Snapshot | Exception]]
    takes: float = 0.0
    read: list[ListKind] = field(default_factory=list)

    async def fetch(self, kind: ListKind) -> Snapshot:
        self.read.append(kind)
        await asyncio.sleep(self.takes)
        states = self.states[kind]
        state = states.popleft() if len(states) > 1 else states[0]
        if isinstance(state, Exception):
            raise state
        return state


class News(Quiet):
    """An interface that keeps what it was told of the waiting."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    @contextmanager
    def waiting(self, text):
        self.texts.append(text)
        yield self.texts.append


@dataclass
class Proving:
    """The reading of the lists after the run `r` of a story."""

    story: Story
    shelf: Shelf
    stop: Stop = field(default_factory=Stop)
    sending: Sending = field(default_factory=lambda: replace(QUICK, policy=ONCE))
    news: News = field(default_factory=News)
    took: float = 0.0

    def prove(self, meanwhile: Any = None, within: float | None = None, **asking: bool) -> PtxError | None:
        """Ask the lists; `meanwhile` is called once the first reading has begun; what ended it early."""
        journal = self.story.journal
        account = Account(
            settings=load(env={"PTX_HOME": str(journal.path.parent)}),
            journal=journal,
            name="a",
            base_url="https://api.example",
            key="k",
        )
        asked = question(journal.changes("r"), journal.outcomes("r"), **({"verify": True, "claims": True} | asking))

        async def work() -> PtxError | None:
            self.stop.bind()
            prover = Prover(account, "r", self.shelf, self.sending, self.stop, self.news)
            until = None if within is None else time.monotonic() + within
            proof = asyncio.create_task(prover.prove(asked, until))
            if meanwhile is not None:
                while not self.shelf.read:
                    await asyncio.sleep(0.001)
                await meanwhile()
            return await proof

        began = time.monotonic()
        error = asyncio.run(asyncio.wait_for(work(), 40))
        self.took = time.monotonic() - began
        return error

    def words(self) -> dict[int, tuple[str, ...]]:
        """By `seq`: status, code, proof and id."""
        rows = self.story.journal.outcomes("r")[["seq", "status", "code", "verified", "remote_id"]]
        return {seq: tuple(words) for seq, *words in rows.itertuples(index=False, name=None)}

    def kept(self) -> list[tuple[ListKind, str, int]]:
        """The lists that were kept as snapshots: which, when, how long."""
        return [(shot.kind, shot.moment, shot.entries) for shot in self.story.journal.snapshots("a")]


def proving(story: Story, *changes: tuple[Any, ...], lists: Any = (), takes: float = 0.0, **facts: Any) -> Proving:
    """A run with these changes, and lists of which each has these states in turn (numbers, or an error)."""
    story.run("r", *changes, at=PLANNED)
    states = {
        kind: deque(one if isinstance(one, Exception) else shown(kind, *((n, f"id{n}") for n in one)) for one in turns)
        for kind, turns in (dict(lists) or {STOP: [()]}).items()
    }
    return Proving(story, Shelf(states, takes), **facts)


def test_what_is_asked_of_the_lists(story):
    """Asked is what is unknown, claims only where they count, and the proof of what was applied where it is wanted."""
    states = [
        YES,
        YES,
        LOST,
        CLAIMED,
        BOTH,
        (Status.UNKNOWN, Code.OUTCOME_UNKNOWN, Doubt.NONE, 1),
        (Status.FAILED, Code.VERIFY_MISMATCH, Doubt.LOST, 1),
        (Status.UNCHANGED, Code.ALREADY_LISTED, Doubt.CLAIMED, 1),
        (Status.APPLIED, Code.ADDED, Doubt.LOST, 2),
        NOTHING,
        LOST,
    ]
    _run, changes = story.run("r", *((ADD, STOP, n, state) for n, state in enumerate(states)), at=PLANNED)
    story.journal.set_verified("r", changes["seq"].to_numpy()[1:2])
    some = changes[(changes["seq"] < 10).to_numpy()].iloc[::-1]
    proofs, claims = {0: "", 8: ""}, {3: "claimed"}
    always = {2: "lost", 4: "both", 5: "lost"}
    for verify, claimed, wanted in (
        (True, True, {**always, **proofs, **claims}),
        (True, False, {**always, **proofs}),
        (False, True, {**always, **claims}),
        (False, False, always),
    ):
        asked = question(some, story.journal.outcomes("r"), verify=verify, claims=claimed)
        assert dict(zip(asked.seq.tolist(), asked.doubt.tolist(), strict=True)) == wanted
        assert asked.seq.dtype == "int64"


SAID = ("applied", "ADDED", "", "told")
LEFT = ("unknown", "OUTCOME_UNKNOWN", "", "told")
WRONG = ("failed", "VERIFY_MISMATCH", "no", "told")
FAILED = ("failed", "NETWORK", "", "told")


@pytest.mark.parametrize("action", [ADD, REMOVE])
@pytest.mark.parametrize("decided", [True, False])
def test_what_the_lists_prove(story, action, decided):
    """What a list shows is settled by any look; what it does not show only by looks that were given their time."""
    states = [YES, LOST, UNSURE, CLAIMED, BOTH]
    changes = [(action, kind, n, state) for kind in ListKind for n, state in enumerate(states)]
    shows, lacks = (range(5), ()) if action is ADD else ((), range(5))
    made = proving(story, *changes, lists={STOP: [shows], NPAI: [lacks]})
    if not decided:
        made.stop.request(Code.TIME_LIMIT)
    assert made.prove() is None
    known = "ALREADY_LISTED" if action is ADD else "NOT_LISTED"

    def by_us(n: int) -> tuple[str, ...]:
        return ("applied", "APPLIED_AFTER_CHECK", "yes", f"id{n}" if action is ADD else "told")

    held = [("applied", "ADDED", "yes", "told"), by_us(1), by_us(2), ("unchanged", known, "yes", "told"), by_us(4)]
    absent = [WRONG, FAILED, FAILED, WRONG, WRONG] if decided else [SAID, LEFT, LEFT, LEFT, LEFT]
    assert made.words() == dict(enumerate([*held, *absent]))
    assert sorted(made.kept()) == [(NPAI, "after", len(lacks)), (STOP, "after", len(shows))]


def test_only_what_was_asked_gets_a_word(story):
    """Outcomes that no question is about stay as they are, whatever the list shows."""
    refused = (Status.FAILED, Code.REJECTED_BY_API, Doubt.NONE, 1, "told")
    made = proving(story, (ADD, STOP, 0, refused), (ADD, STOP, 1, YES), (ADD, STOP, 2, CLAIMED), lists={STOP: [(0, 1)]})
    assert made.prove(claims=False) is None
    assert made.words() == {
        0: ("failed", "REJECTED_BY_API", "", "told"),
        1: ("applied", "ADDED", "yes", "told"),
        2: ("unknown", "NETWORK", "", "told"),
    }


def test_a_list_is_read_again_until_it_shows_all(story):
    """What is missing is waited for and counted; a list that shows all of its changes is not read again."""
    changes = [*((ADD, STOP, n, YES) for n in range(3)), (ADD, NPAI, 0, LOST)]
    lists = {STOP: [(), (0, 1), (0, 1, 2)], NPAI: [(0,)]}
    made = proving(story, *changes, lists=lists)
    made.sending = replace(made.sending, patience=LONG)
    assert made.prove() is None
    assert made.shelf.read == [STOP, NPAI, STOP, STOP]
    assert {words[2] for words in made.words().values()} == {"yes"}
    assert made.news.texts == [
        "Waiting for the list to show 3 changes.",
        "Waiting for the list to show 1 change.",
        "Waiting for the list to show 0 changes.",
    ]
    assert sorted(made.kept()) == [(NPAI, "after", 1), (STOP, "after", 3)]


def test_a_list_that_shows_all_is_waited_for_by_nobody(story):
    """Where the first look shows everything, nothing is said of waiting, and a patience of 0 waits for nothing."""
    made = proving(story, (ADD, STOP, 0, YES), lists={STOP: [(0,)]})
    made.sending = replace(made.sending, patience=LONG)
    assert (made.prove(), made.news.texts, made.shelf.read) == (None, [], [STOP])
    made = Proving(story, Shelf({STOP: deque([shown(STOP)])}), sending=made.sending)
    story.run("other", at=PLANNED)
    story.journal.reopen("r", *2 * [story.journal.changes("r")["seq"].to_numpy().astype("int64")])
    assert made.prove() is None
    assert made.shelf.read == []  # nothing is asked, so nothing is read


@pytest.mark.parametrize("hurried", [True, False])
def test_one_look_is_enough_where_nobody_wants_to_wait(story, hurried):
    """With a patience of 0 the one look decides, for a run that was stopped, too."""
    made = proving(story, (ADD, STOP, 0, YES), (ADD, STOP, 1, LOST), lists={STOP: [(), (0, 1)]})
    made.sending = replace(made.sending, patience=Patience(seconds=0.0))
    if hurried:
        made.stop.request(Code.TIME_LIMIT)
    assert made.prove() is None
    assert (made.words(), made.shelf.read, made.news.texts) == ({0: WRONG, 1: FAILED}, [STOP], [])


@pytest.mark.parametrize("interrupts", [0, 1, 2, 3])
def test_a_stopped_run_has_one_look_and_a_user_in_haste_none(story, interrupts):
    """After one interrupt the lists are read once and decide nothing; after two they are not read at all."""
    made = proving(story, (ADD, STOP, 0, LOST), (ADD, STOP, 1, LOST), (ADD, STOP, 2, LOST), lists={STOP: [(0,), (1,)]})
    for _n in range(interrupts):
        made.stop.interrupt()
    made.sending = replace(made.sending, patience=replace(LONG, seconds=1.0))
    assert made.prove() is None
    done = ("applied", "APPLIED_AFTER_CHECK", "yes", "id0")
    if interrupts > 1:
        assert (made.shelf.read, set(made.words().values()), made.kept()) == ([], {LEFT}, [])
    elif interrupts == 1:
        assert (made.shelf.read, made.words()) == ([STOP], {0: done, 1: LEFT, 2: LEFT})
    else:
        assert len(made.shelf.read) > 1
        assert made.words() == {0: FAILED, 1: ("applied", "APPLIED_AFTER_CHECK", "yes", "id1"), 2: FAILED}


def test_a_refused_key_is_not_tried_on_the_lists(story):
    """Where the API refused the key while sending, the lists are not asked; what is in doubt stays so."""
    made = proving(story, (ADD, STOP, 0, LOST), lists={STOP: [(0,)]})
    made.stop.request(Code.ACCESS_REFUSED)
    assert (made.prove(), made.shelf.read, made.words()) == (None, [], {0: LEFT})


REFUSED, ELSEWHERE, DOWN = AccessRefused("no"), WrongAddress("not here"), NetworkFault("cable out", sent=False)


@pytest.mark.parametrize("error", [REFUSED, ELSEWHERE, DOWN])
def test_lists_that_cannot_be_read_leave_everything_open(story, error):
    """A key or address that is refused comes out as it is, everything else as an outage that names resume."""
    made = proving(story, (ADD, STOP, 0, LOST), (ADD, STOP, 1, YES), lists={STOP: [error]})
    told = made.prove()
    if error is DOWN:
        assert isinstance(told, Outage)
        assert "cable out" in str(told)
        assert "ptx-bulk resume" in str(told)
    else:
        assert told is error
    assert (made.words(), made.kept()) == ({0: LEFT, 1: SAID}, [])


@pytest.mark.parametrize("error", [REFUSED, DOWN])
def test_what_a_look_showed_counts_although_the_next_fails(story, error):
    """When the reading breaks off after a look, what it showed is settled and what it lacked is not decided."""
    made = proving(story, (ADD, STOP, 0, LOST), (ADD, STOP, 1, LOST), lists={STOP: [(0,), error]})
    made.sending = replace(made.sending, patience=replace(LONG, seconds=1.0))
    assert isinstance(made.prove(), AccessRefused if error is REFUSED else Outage)
    assert made.words() == {0: ("applied", "APPLIED_AFTER_CHECK", "yes", "id0"), 1: LEFT}
    assert made.kept() == [(STOP, "after", 1)]


def interrupting(made: Proving, times: int = 1, after: float = 0.0):
    """A user who asks to stop so often, so long after the first reading began."""

    async def ask() -> None:
        await asyncio.sleep(after)
        for _n in range(times):
            made.stop.interrupt()

    return ask


def test_an_interrupt_ends_the_waiting(story):
    """Ctrl-C while a list is waited for ends it at once; what the looks so far showed is settled, no error told."""
    made = proving(story, (ADD, STOP, 0, LOST), (ADD, STOP, 1, LOST), lists={STOP: [(0,)]})
    made.sending = replace(made.sending, patience=LONG)
    assert made.prove(interrupting(made, after=0.3)) is None
    assert made.took < SOON_S
    assert made.words() == {0: ("applied", "APPLIED_AFTER_CHECK", "yes", "id0"), 1: LEFT}


def test_an_interrupt_ends_a_first_look_that_only_proves(story):
    """Ctrl-C during the first look gives it up where nothing is in doubt: the changes are known to be made."""
    made = proving(story, (ADD, STOP, 0, YES), lists={STOP: [(0,)]}, takes=30.0)
    assert made.prove(interrupting(made)) is None
    assert made.took < SOON_S
    assert (made.words(), made.kept()) == ({0: SAID}, [])


def test_an_interrupt_lets_a_first_look_end_that_settles_doubt(story):
    """Ctrl-C during the first look lets it end where something is in doubt, and no other look follows."""
    made = proving(story, (ADD, STOP, 0, LOST), (ADD, STOP, 1, YES), lists={STOP: [(0,)]}, takes=0.4)
    made.sending = replace(made.sending, patience=LONG)
    assert made.prove(interrupting(made)) is None
    assert made.words() == {0: ("applied", "APPLIED_AFTER_CHECK", "yes", "id0"), 1: SAID}
    assert made.shelf.read == [STOP]
    assert made.news.texts == []


@pytest.mark.parametrize("how", ["at once", "later"])
def test_a_second_interrupt_ends_any_look(story, how):
    """A user who asks twice waits for no look, whether something is in doubt or not."""
    made = proving(story, (ADD, STOP, 0, LOST), lists={STOP: [(0,)]}, takes=30.0)

    async def twice() -> None:
        await interrupting(made)()
        if how == "later":
            await asyncio.sleep(0.2)
        made.stop.interrupt()

    assert made.prove(twice) is None
    assert made.took < SOON_S
    assert made.words() == {0: LEFT}


def test_a_look_after_an_interrupt_has_its_time(story):
    """The look that settles doubt ends some seconds after the interrupt, or when the run's own time is up."""
    slow = {"lists": {STOP: [(0,)]}, "takes": 30.0}
    made = proving(story, (ADD, STOP, 0, LOST), **slow)
    made.stop.interrupted_at = time.monotonic() - 14.5  # the first interrupt of two is long ago
    assert made.prove(interrupting(made)) is None
    assert made.took < SOON_S
    assert made.words() == {0: LEFT}
    again = Proving(story, Shelf({STOP: deque([shown(STOP, (0, "id0"))])}, 30.0))
    assert again.prove(interrupting(again), within=0.5) is None
    assert again.took < SOON_S
    assert again.words() == {0: LEFT}


@pytest.mark.parametrize("takes", [0.0, 30.0])
def test_the_time_limit_ends_the_reading(story, takes):
    """When the time is up the reading ends with an error that names the limit; what was seen is settled."""
    made = proving(story, (ADD, STOP, 0, LOST), (ADD, STOP, 1, LOST), lists={STOP: [(0,)]}, takes=takes)
    made.sending = replace(made.sending, patience=LONG, time_limit=7.5)
    error = made.prove(within=1.0)
    assert isinstance(error, TimeLimitReached)
    assert "time limit of 7.5 seconds" in str(error)
    assert made.took < SOON_S
    seen = LEFT if takes else ("applied", "APPLIED_AFTER_CHECK", "yes", "id0")
    assert made.words() == {0: seen, 1: LEFT}


def test_time_enough_ends_nothing(story):
    """A time limit that is not reached changes nothing of what the lists decide."""
    made = proving(story, (ADD, STOP, 0, LOST), lists={STOP: [()]}, takes=0.1)
    assert made.prove(within=30.0) is None
    assert made.words() == {0: FAILED}


@pytest.mark.parametrize(
    ("interrupted", "limit", "end"),
    [(None, None, None), (100.0, None, 115.0), (None, 20.0, 85.0), (100.0, 20.0, 85.0), (60.0, 20.0, 75.0)],
)
def test_when_the_reading_must_end(interrupted, limit, end):
    """The reading must end 15 s after the first interrupt and 15 s after the time limit, whichever comes first."""
    stop = Stop()
    stop.interrupted_at = interrupted
    assert soonest(Sending(time_limit=limit), stop, 50.0) == end
