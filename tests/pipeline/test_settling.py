"""What becomes of each change of a run that was cut off: every state in the journal against every state of the list."""

from __future__ import annotations

import time

import numpy as np
import pytest

from ptx_bulk.applying import Attempts
from ptx_bulk.model import Action, Code, Doubt, ListKind, Outcome, Status
from ptx_bulk.pipeline.steps.sending.settling import closed, planned_at, settled, with_outcomes
from tests.pipeline.stories import LATER, NOTHING, PLANNED, SENT, shown

STOP, NPAI = ListKind.STOP, ListKind.NPAI
ADD, REMOVE = Action.ADD, Action.REMOVE

# What the journal has of a change, and what it becomes: while the list is as it wished, and while it is not.
# `made` and `kept` (it was so anyhow) are outcomes; `again` is sent once more, after so many calls, in doubt or not.
CASES = {
    "never sent": (NOTHING, ("kept", 0), ("again", None)),
    "cut off in the air": (SENT, ("made", 1), ("again", Attempts(0, in_doubt=True))),
    "lost": ((Status.UNKNOWN, Code.NETWORK, Doubt.LOST, 3), ("made", 3), ("again", Attempts(3, in_doubt=True))),
    "lost, then claimed": (
        (Status.UNKNOWN, Code.OUTCOME_UNKNOWN, Doubt.BOTH, 2),
        ("made", 2),
        ("again", Attempts(2, in_doubt=True)),
    ),
    "only claimed": ((Status.UNKNOWN, Code.OUTCOME_UNKNOWN, Doubt.CLAIMED, 1), ("kept", 1), ("again", Attempts(1))),
    "yes, not yet seen": (
        (Status.UNKNOWN, Code.OUTCOME_UNKNOWN, Doubt.NONE, 1),
        ("made", 1),
        ("again", Attempts(1, in_doubt=True)),
    ),
    "yes, but not seen": (
        (Status.FAILED, Code.VERIFY_MISMATCH, Doubt.NONE, 2),
        ("made", 2),
        ("again", Attempts(2, in_doubt=True)),
    ),
    "claimed, but not seen": (
        (Status.FAILED, Code.VERIFY_MISMATCH, Doubt.CLAIMED, 2),
        ("kept", 2),
        ("again", Attempts(2)),
    ),
    "lost, given up": (
        (Status.FAILED, Code.NETWORK, Doubt.LOST, 5),
        ("made", 5),
        ("again", Attempts(5, in_doubt=True)),
    ),
    "never arrived": ((Status.FAILED, Code.NETWORK, Doubt.NONE, 5), ("kept", 5), ("again", Attempts(5))),
    "kept waiting": ((Status.FAILED, Code.RATE_LIMITED, Doubt.NONE, 1), ("kept", 1), ("again", Attempts(1))),
    "not begun": ((Status.NOT_ATTEMPTED, Code.INTERRUPTED, Doubt.NONE, 0), ("kept", 0), ("again", None)),
    "refused": ((Status.FAILED, Code.REJECTED_BY_API, Doubt.NONE, 1), None, None),
    "refused after a loss": ((Status.FAILED, Code.REJECTED_BY_API, Doubt.LOST, 2), None, None),
    "stale": ((Status.NOT_ATTEMPTED, Code.PLAN_STALE, Doubt.NONE, 0), None, None),
    "done": ((Status.APPLIED, Code.ADDED, Doubt.NONE, 1), None, None),
    "done after a loss": ((Status.APPLIED, Code.APPLIED_AFTER_CHECK, Doubt.LOST, 1), None, None),
    "listed before": ((Status.UNCHANGED, Code.ALREADY_LISTED, Doubt.CLAIMED, 1), None, None),
}


def now_settled(story, run):
    """The run, judged by the lists as the story has them now."""
    return settled(run[0], story.journal, run[1], story.snapshots)


def told(found) -> dict[int, tuple]:
    """What is said of each change, by `seq`: its outcome, or how it is sent again; no change has two words."""
    words = {
        outcome.seq: (outcome.status.value, outcome.code.value, outcome.attempts, outcome.remote_id)
        for outcome in [*found.made, *found.others]
    }
    again = {seq: ("again", found.earlier.get(seq), seq in found.unsent) for seq in found.pending["seq"].tolist()}
    assert not words.keys() & again.keys()
    assert len(words) == len(found.made) + len(found.others)
    assert {*found.earlier, *found.unsent.tolist()} <= again.keys()
    return words | again


def expected(word, action: Action, remote_id: str):
    if word is None:
        return None
    kind, what = word
    if kind == "made":
        return ("applied", "APPLIED_AFTER_CHECK", what, remote_id)
    if kind == "kept":
        return ("unchanged", "ALREADY_LISTED" if action is ADD else "NOT_LISTED", what, "")
    return ("again", what, what is None or not what.in_doubt)


@pytest.mark.parametrize("kind", list(ListKind))
@pytest.mark.parametrize("action", [ADD, REMOVE])
@pytest.mark.parametrize("holds", [True, False])
def test_every_state_against_the_list(story, action, kind, holds):
    """For each state of the journal, the list says whether the run made the change, it was so anyhow, or it is sent."""
    run = story.run("r", *((action, kind, n, case[0]) for n, case in enumerate(CASES.values())), at=PLANNED)
    listed = holds == (action is ADD)
    if listed:
        story.now(kind, *((n, f"id{n}") for n in range(len(CASES))))
    before = time.time()
    found = now_settled(story, run)
    want = {
        n: expected(case[1 if holds else 2], action, f"id{n}" if action is ADD else "")
        for n, case in enumerate(CASES.values())
    }
    assert told(found) == {n: word for n, word in want.items() if word is not None}
    assert all(outcome.status is Status.APPLIED for outcome in found.made)
    assert all(outcome.status is not Status.APPLIED for outcome in found.others)
    assert all(before <= outcome.finished_at <= time.time() for outcome in [*found.made, *found.others])
    assert (found.undone.tolist(), found.proven.tolist()) == ([], [])


def test_what_the_api_claimed_keeps_its_words(story):
    """A claim that the list confirms is unchanged with the API's own answer; what was never sent has none."""
    claimed = CASES["only claimed"][0]
    run = story.run("r", (ADD, STOP, 0, NOTHING), (ADD, STOP, 1, claimed), (ADD, STOP, 2, claimed), at=PLANNED)
    story.now(STOP, (0, "a"), (1, "b"))
    found = now_settled(story, run)
    spoken = {outcome.seq: (outcome.http_status, outcome.api_code, outcome.message) for outcome in found.others}
    assert spoken == {0: (None, None, ""), 1: (400, 15, "exists already")}
    assert told(found)[2] == ("again", Attempts(1), True)


@pytest.mark.parametrize(
    ("known", "now", "ours"), [("one", "one", True), ("one", "two", False), ("", "two", True), ("one", "", True)]
)
def test_an_entry_with_another_id_is_not_the_runs_own(story, known, now, ours):
    """An addition that the API named is ours only while the list does not show another entry of the number."""
    run = story.run(
        "r",
        (ADD, STOP, 0, (Status.FAILED, Code.VERIFY_MISMATCH, Doubt.NONE, 1, known)),
        (ADD, NPAI, 0, (Status.FAILED, Code.VERIFY_MISMATCH, Doubt.NONE, 1, "theirs")),
        at=PLANNED,
    )
    story.now(STOP, (0, now))
    story.now(NPAI, (0, "theirs"))
    word = ("applied", "APPLIED_AFTER_CHECK", 1, now) if ours else ("unchanged", "ALREADY_LISTED", 1, "")
    assert told(now_settled(story, run)) == {0: word, 1: ("applied", "APPLIED_AFTER_CHECK", 1, "theirs")}


@pytest.mark.parametrize(
    ("meant", "now", "stale"),
    [(["one"], ["one"], False), (["one"], ["two"], True), (["one", "two"], ["two"], False), ([], ["two"], False)],
)
def test_a_removal_means_the_entry_of_its_plan(story, meant, now, stale):
    """A removal whose entry was replaced is stale, whatever became of its calls; one without ids is sent."""
    run = story.run(
        "r",
        (REMOVE, STOP, 0, NOTHING),
        (REMOVE, NPAI, 0, SENT),
        (ADD, NPAI, 1, NOTHING),
        at=PLANNED,
        ids={0: meant, 1: meant},
    )
    for kind in ListKind:
        story.now(kind, *((0, one) for one in now))
    words = told(now_settled(story, run))
    refused = ("not_attempted", "PLAN_STALE", 0, "")
    assert words[0] == (refused if stale else ("again", None, True))
    assert words[1] == (refused if stale else ("again", Attempts(0, in_doubt=True), False))
    assert words[2] == ("again", None, True)


@pytest.mark.parametrize(
    ("run_id", "moment", "kind", "stale"),
    [
        ("r", "before", STOP, True),
        ("r", "before", NPAI, False),
        ("r", "resume", STOP, False),
        ("r", "after", STOP, False),
        ("other", "before", STOP, False),
    ],
)
def test_a_removal_without_ids_means_the_entry_of_the_list_that_was_read(story, run_id, moment, kind, stale):
    """A run of an older version is judged by the list that its own plan was made for, not by another reading."""
    run = story.run("r", (REMOVE, STOP, 0, NOTHING), (REMOVE, STOP, 1, NOTHING), at=PLANNED)
    story.journal.add_snapshot("a", run_id, moment, shown(kind, (0, "old"), (1, "same"), at=PLANNED))
    story.now(STOP, (0, "new"), (1, "same"))
    words = told(now_settled(story, run))
    assert words[0] == (("not_attempted", "PLAN_STALE", 0, "") if stale else ("again", None, True))
    assert words[1] == ("again", None, True)


def test_ids_of_the_plan_win_over_the_list_that_was_read(story):
    """Where some removals have their ids and some have none, each is judged by what is known of it."""
    run = story.run("r", (REMOVE, STOP, 0, NOTHING), (REMOVE, STOP, 1, NOTHING), at=PLANNED, ids={0: ["now"]})
    story.journal.add_snapshot("a", "r", "before", shown(STOP, (0, "read"), (1, "read"), at=PLANNED))
    story.now(STOP, (0, "now"), (1, "now"))
    assert told(now_settled(story, run)) == {0: ("again", None, True), 1: ("not_attempted", "PLAN_STALE", 0, "")}


DID = (Status.APPLIED, Code.ADDED, Doubt.NONE, 1)


@pytest.mark.parametrize("action", [ADD, REMOVE])
def test_what_a_later_run_did_again_had_not_been_done(story, action):
    """A number that a later run changed alike is that run's: not ours where it holds, stale where it holds no more."""
    run = story.run("r", (action, STOP, 0, SENT), (action, STOP, 1, SENT), (action, STOP, 2, SENT), at=PLANNED)
    story.run("later", (action, STOP, 0, DID), (action, STOP, 1, DID), (action, NPAI, 2, DID), at=LATER)
    listed = {ADD: (0, 2), REMOVE: (1,)}[action]
    story.now(STOP, *((n, f"id{n}") for n in listed))
    found = now_settled(story, run)
    kept = "ALREADY_LISTED" if action is ADD else "NOT_LISTED"
    assert told(found) == {
        0: ("unchanged", kept, 0, ""),
        1: ("not_attempted", "PLAN_STALE", 0, ""),
        2: ("applied", "APPLIED_AFTER_CHECK", 1, "id2" if action is ADD else ""),
    }
    assert (found.undone.tolist(), found.proven.tolist()) == ([], [])


def test_what_a_later_run_took_back_had_been_done(story):
    """An addition that a later run removed was made, with the id that run noted; what surely was not made is stale."""
    run = story.run(
        "r",
        (ADD, STOP, 0, SENT),
        (ADD, STOP, 1, NOTHING),
        (ADD, STOP, 2, DID),
        (ADD, STOP, 3, DID),
        (ADD, STOP, 4, (Status.FAILED, Code.REJECTED_BY_API, Doubt.NONE, 1)),
        (ADD, STOP, 5, DID),
        (ADD, STOP, 6, SENT),
        at=PLANNED,
    )
    story.journal.set_verified("r", np.array([3]))
    later = [(REMOVE, STOP, n, DID) for n in (0, 1, 2, 3, 4, 6)]
    story.run("later", *later, at=LATER, ids={0: ["entry", "second"]})
    story.now(STOP, (6, "newer"))
    found = now_settled(story, run)
    assert told(found) == {
        0: ("applied", "APPLIED_AFTER_CHECK", 1, "entry"),
        1: ("not_attempted", "PLAN_STALE", 0, ""),
        6: ("applied", "APPLIED_AFTER_CHECK", 1, "newer"),
    }
    assert found.undone.tolist() == [0, 1, 2, 3, 4, 6]
    assert found.proven.tolist() == [0, 2, 6]


def test_a_removal_that_a_later_run_took_back_had_been_done(story):
    """A removal whose number a later run added was made, and names no entry; what surely was not made is stale."""
    run = story.run("r", (REMOVE, STOP, 0, SENT), (REMOVE, STOP, 1, NOTHING), at=PLANNED, ids={0: ["old"], 1: ["old"]})
    story.run("later", (ADD, STOP, 0, DID), (ADD, STOP, 1, DID), at=LATER, ids={0: ["of no removal"]})
    story.now(STOP, (0, "new"), (1, "new"))
    found = now_settled(story, run)
    assert told(found) == {
        0: ("applied", "APPLIED_AFTER_CHECK", 1, ""),
        1: ("not_attempted", "PLAN_STALE", 0, ""),
    }
    assert (found.undone.tolist(), found.proven.tolist()) == ([0, 1], [0])


def test_a_plan_is_as_old_as_the_first_list_that_it_was_made_for(story):
    """The plan's time is the first reading of its lists before sending; without one, the start of the run."""
    run, _changes = story.run("r", (ADD, STOP, 0, NOTHING), at=PLANNED, lists=(STOP,))
    assert planned_at(run, story.journal) == PLANNED
    for at, moment, kind, run_id in (
        (910.0, "before", NPAI, "r"),
        (920.0, "before", STOP, "other"),
        (930.0, "resume", STOP, "r"),
    ):
        story.journal.add_snapshot("a", run_id, moment, shown(kind, at=at))
    assert planned_at(run, story.journal) == PLANNED
    for at in (970.0, 960.0):
        story.journal.add_snapshot("a", "r", "before", shown(STOP, at=at))
    assert planned_at(run, story.journal) == 960.0


def test_what_another_run_did_before_the_lists_were_read_is_in_the_plan(story):
    """Only what was changed after the plan's lists were read counts as later."""
    run = story.run("r", (ADD, STOP, 0, SENT), at=PLANNED)
    story.journal.add_snapshot("a", "r", "before", shown(STOP, at=PLANNED - 10))
    story.run("earlier", (REMOVE, STOP, 0, DID), at=PLANNED - 12)
    assert now_settled(story, run).undone.tolist() == []
    story.run("between", (REMOVE, STOP, 0, DID), at=PLANNED - 9)
    assert now_settled(story, run).undone.tolist() == [0]


def test_the_last_word_of_an_outcome():
    """Done, refused by the API and stale are the last word; every other pair of status and code is open."""
    final = {("failed", "REJECTED_BY_API"), ("not_attempted", "PLAN_STALE")}
    pairs = [(status.value, code.value) for status in Status for code in Code]
    told_of = closed(*(np.array(column, dtype=object) for column in zip(*pairs, strict=True)))
    assert {pair for pair, last in zip(pairs, told_of, strict=True) if last} == {
        *final,
        *((status, code.value) for status in ("applied", "unchanged") for code in Code),
    }


def test_new_outcomes_stand_in_the_place_of_the_old_ones(story):
    """Outcomes that were found replace those of the same changes and leave all others as they were."""
    run, _changes = story.run("r", *((ADD, STOP, n, DID) for n in range(3)), at=PLANNED)
    known = story.journal.outcomes(run.run_id)
    assert with_outcomes(known, []) is known
    found = [
        Outcome(1, Status.FAILED, Code.NETWORK, remote_id="b"),
        Outcome(7, Status.APPLIED, Code.APPLIED_AFTER_CHECK, remote_id="c"),
    ]
    frame = with_outcomes(known, found)
    assert frame.index.tolist() == [0, 1, 2, 3]
    words = sorted(frame[["seq", "status", "remote_id"]].itertuples(index=False, name=None))
    assert words == [(0, "applied", ""), (1, "failed", "b"), (2, "applied", ""), (7, "applied", "c")]
