"""Taking back what a run applied, where the lists still are as it left them."""

from __future__ import annotations

import numpy as np
import pytest

from ptx_bulk.model import Action, Mode
from ptx_bulk.plan import LINE_COLUMNS, invert, iter_changes, plan_changes, same_entries
from ptx_bulk.snapshot import Snapshot
from tests.plan.frames import BOTH, FIRST, NPAI, STOP, both, lines_of, outcomes_of, snapshot, texts, wanted

ADD, REMOVE = Action.ADD, Action.REMOVE


def test_undo_takes_back_only_what_was_applied_and_still_stands():
    """Undo removes what the run added while the list holds that very entry, and leaves newer entries alone."""
    plan = plan_changes(lines_of([(FIRST + at, "stop") for at in range(6)]), both((), ()), Mode.IMPORT, lists=(STOP,))
    statuses = ["applied", "failed", "applied", "applied", "unknown", "applied"]
    outcomes = outcomes_of(plan, statuses, ["a", "", "c", "d", "", "f"])
    listed = [(0, "a"), (1, "b"), (2, "new"), (4, "e"), (5, "f"), (9, "z")]
    now = {
        STOP: Snapshot.of(STOP, 0.0, [f"+{FIRST + at}" for at, _id in listed], [one for _at, one in listed]),
        NPAI: snapshot(NPAI, ()),
    }
    back = invert(plan.lines, plan.changes, outcomes, now)
    assert wanted(back) == [(REMOVE, STOP, FIRST), (REMOVE, STOP, FIRST + 5)]
    assert back.lines["number"].tolist() == [FIRST, FIRST + 2, FIRST + 3, FIRST + 5]
    assert texts(back.lines, "action") == ["remove", "none", "keep", "remove"]
    assert texts(back.lines, "status") == ["planned", "not_attempted", "unchanged", "planned"]
    assert texts(back.lines, "code") == ["", "PLAN_STALE", "NOT_LISTED", ""]
    assert back.lines["seq"].tolist() == [0, -1, -1, 1]
    assert back.changes["entry_ids"].tolist() == [("a",), ("f",)]
    assert (back.mode, back.lists, back.before, back.kept) == (Mode.UNDO, (STOP,), {STOP: 6}, {})


def test_undo_adds_again_what_a_run_removed():
    """What is listed anew since then stays as it is and is ALREADY_LISTED; the rest is added under its plain number."""
    numbers = range(FIRST, FIRST + 4)
    plan = plan_changes(
        lines_of([(number, "stop") for number in numbers]), both(numbers, ()), Mode.REMOVE, lists=(STOP,)
    )
    outcomes = outcomes_of(plan, ["applied", "applied", "failed", "applied"], [""] * 4)
    now = {STOP: Snapshot.of(STOP, 0.0, [f"+{FIRST + 1}"], ["new"]), NPAI: snapshot(NPAI, ())}
    back = invert(plan.lines, plan.changes, outcomes, now)
    assert wanted(back) == [(ADD, STOP, FIRST), (ADD, STOP, FIRST + 3)]
    assert [change.identifiers for change in iter_changes(back.changes)] == [(f"+{FIRST}",), (f"+{FIRST + 3}",)]
    assert back.changes["entry_ids"].tolist() == [(), ()]
    assert texts(back.lines, "action") == ["add", "keep", "add"]
    assert texts(back.lines, "status") == ["planned", "unchanged", "planned"]
    assert texts(back.lines, "code") == ["", "ALREADY_LISTED", ""]
    assert back.lines["seq"].tolist() == [0, -1, 1]


def test_undo_of_a_sync_adds_on_every_list_before_it_removes():
    """Additions stand first, list by list, so that no STOP waits for a removal; each line names its change."""
    plan = plan_changes(
        lines_of([(FIRST, "stop"), (FIRST + 1, "npai")]),
        both({FIRST + 2}, {FIRST + 2, FIRST + 3}),
        Mode.SYNC,
        lists=BOTH,
    )
    made = ["x", "y", "", "", ""]
    now = {STOP: Snapshot.of(STOP, 0.0, [f"+{FIRST}"], ["x"]), NPAI: Snapshot.of(NPAI, 0.0, [f"+{FIRST + 1}"], ["y"])}
    back = invert(plan.lines, plan.changes, outcomes_of(plan, ["applied"] * 5, made), now)
    assert wanted(back) == [
        (ADD, STOP, FIRST + 2),
        (ADD, NPAI, FIRST + 2),
        (ADD, NPAI, FIRST + 3),
        (REMOVE, STOP, FIRST),
        (REMOVE, NPAI, FIRST + 1),
    ]
    assert back.lines["number"].tolist() == [FIRST, FIRST + 1, FIRST + 2, FIRST + 2, FIRST + 3]
    assert back.lines["seq"].tolist() == [3, 4, 0, 1, 2]
    assert set(texts(back.lines, "status")) == {"planned"}
    assert set(texts(back.lines, "code")) == {""}
    assert back.changes["entry_ids"].tolist() == [(), (), (), ("x",), ("y",)]
    assert (back.lists, back.before) == (BOTH, {STOP: 1, NPAI: 1})


def test_undo_removes_under_the_spellings_that_the_list_has():
    """An addition is taken back under the list's own spellings of it."""
    plan = plan_changes(lines_of([(33612345678, "npai")]), both((), ()), Mode.IMPORT, lists=(NPAI,))
    now = {STOP: snapshot(STOP, ()), NPAI: Snapshot.of(NPAI, 0.0, ["0612345678"], ["a"])}
    back = invert(plan.lines, plan.changes, outcomes_of(plan, ["applied"], ["a"]), now)
    assert [change.identifiers for change in iter_changes(back.changes)] == [("0612345678",)]
    assert (back.lists, back.before) == ((NPAI,), {NPAI: 1})


def test_undo_keeps_the_lines_of_what_was_applied_and_no_others():
    """The lines say where each number stood in the input, without the warnings of then, numbered anew."""
    values = [(0, "stop"), (FIRST, "stop"), (FIRST, "stop"), (FIRST + 1, "stop", "ZERO_RESTORED"), (FIRST + 2, "stop")]
    plan = plan_changes(lines_of(values), both({FIRST + 2}, ()), Mode.IMPORT, lists=(STOP,))
    back = invert(plan.lines, plan.changes, outcomes_of(plan, ["applied"] * 2, ["", ""]), both({FIRST, FIRST + 1}, ()))
    assert tuple(back.lines.columns) == LINE_COLUMNS
    assert back.lines.index.tolist() == [0, 1]
    assert back.lines["row"].tolist() == [3, 5]
    assert texts(back.lines, "raw") == ["raw 1", "raw 3"]
    assert texts(back.lines, "code") == ["", ""]
    assert wanted(back) == [(REMOVE, STOP, FIRST), (REMOVE, STOP, FIRST + 1)]


def test_undo_takes_outcomes_in_any_order():
    """Each change is judged by its own outcome, in whatever order calls ended."""
    plan = plan_changes(lines_of([(FIRST, "stop"), (FIRST + 1, "stop")]), both((), ()), Mode.IMPORT, lists=(STOP,))
    outcomes = outcomes_of(plan, ["applied"] * 2, ["a", "b"])[::-1]
    now = {STOP: Snapshot.of(STOP, 0.0, [f"+{FIRST}", f"+{FIRST + 1}"], ["a", "other"]), NPAI: snapshot(NPAI, ())}
    back = invert(plan.lines, plan.changes, outcomes, now)
    assert wanted(back) == [(REMOVE, STOP, FIRST)]
    assert texts(back.lines, "code") == ["", "PLAN_STALE"]


def test_undo_of_a_run_that_applied_nothing_is_an_empty_plan():
    """Where nothing was applied there is nothing to take back."""
    plan = plan_changes(lines_of([(FIRST, "stop")]), both((), ()), Mode.IMPORT, lists=(STOP,))
    back = invert(plan.lines, plan.changes, outcomes_of(plan, ["failed"], [""]), both((), ()))
    assert (wanted(back), back.lists, back.before, len(back.lines)) == ([], (), {}, 0)


@pytest.mark.parametrize(
    ("known", "now", "same"),
    [
        (("a",), ["a"], True),
        (("a",), ["b"], False),
        (("a",), ["a", "b"], False),
        (("a", "b"), ["b"], True),
        (("a",), [""], True),
        (("a",), ["", "b"], False),
        ((), ["b"], True),
        (("",), ["b"], True),
        (("a", ""), ["b"], True),
        (("a",), [], True),
    ],
)
def test_entries_are_the_same_unless_one_is_newer(known, now, same):
    """A list holds the same entries of a number unless it holds one with an id that was not there; no id is unknown."""
    spellings = [f"+{FIRST}", "0600000000"][: len(now)]
    listed = Snapshot.of(STOP, 0.0, ["+33699999999", *spellings], ["z", *now])
    assert same_entries(np.array([FIRST]), [known], listed).tolist() == [same]


def test_entries_are_compared_number_by_number():
    """Each number is answered in its place, and as many ids are needed as numbers."""
    listed = snapshot(STOP, {FIRST, FIRST + 1, FIRST + 2}, "id")
    numbers = np.array([FIRST + 2, FIRST, FIRST + 1])
    ids = [(f"id{FIRST + 2}",), (f"id{FIRST + 1}",), (f"id{FIRST + 1}",)]
    assert same_entries(numbers, ids, listed).tolist() == [True, False, True]
    with pytest.raises(ValueError, match="shorter"):
        same_entries(numbers, ids[:2], listed)


def test_no_numbers_are_no_entries():
    """Of no numbers the answer is an empty mask, which can be turned round and joined like any other."""
    same = same_entries(np.zeros(0, dtype="int64"), [], snapshot(STOP, {FIRST}))
    assert (~same).tolist() == []
    assert same.dtype == bool
