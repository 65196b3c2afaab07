"""Lines against lists: the changes that each mode plans, and what each line says about them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ptx_bulk.model import Action, Mode
from ptx_bulk.plan import LINE_COLUMNS, iter_changes, plan_changes
from ptx_bulk.snapshot import Snapshot
from tests.plan.frames import BOTH, FIRST, NPAI, STOP, both, lines_of, snapshot, texts, wanted

ADD, REMOVE = Action.ADD, Action.REMOVE
# One number on neither list, on both, and on each list alone, asked for on both lists.
NOWHERE, EVERYWHERE, ON_STOP, ON_NPAI = range(FIRST, FIRST + 4)
ASKED = [(number, kind) for number in range(FIRST, FIRST + 4) for kind in ("stop", "npai")]
LISTS = ({EVERYWHERE, ON_STOP}, {EVERYWHERE, ON_NPAI})


def test_duplicates_count_once_and_name_the_first_row():
    """A number that stands earlier for the same list is a DUPLICATE_IN_FILE with the row it stood in first."""
    lines = lines_of([(FIRST, "stop"), (FIRST, "npai"), (FIRST, "stop"), (FIRST + 1, "stop"), (FIRST, "stop")])
    assert texts(lines, "status") == ["valid", "valid", "unchanged", "valid", "unchanged"]
    assert texts(lines, "code") == ["", "", "DUPLICATE_IN_FILE", "", "DUPLICATE_IN_FILE"]
    assert lines["duplicate_of_row"].tolist() == [0, 0, 2, 0, 2]
    assert lines["number"].tolist() == [FIRST, FIRST, FIRST, FIRST + 1, FIRST]


def test_neighbours_are_no_duplicates():
    """Numbers that differ in their last digit alone are different ones, on every list."""
    lines = lines_of([(FIRST + at, kind) for at in range(12) for kind in ("stop", "npai")])
    assert set(texts(lines, "status")) == {"valid"}


def test_what_is_no_number_duplicates_nothing():
    """Two rejected cells are two rejections, and an empty input has no duplicates."""
    lines = lines_of([(0, "stop"), (0, "stop"), (FIRST, ""), (FIRST, "")])
    assert texts(lines, "status") == ["rejected"] * 4
    assert texts(lines, "code") == ["TOO_SHORT", "TOO_SHORT", "LIST_UNKNOWN", "LIST_UNKNOWN"]
    assert lines["duplicate_of_row"].tolist() == [0] * 4
    assert not len(lines_of([]))


def test_duplicates_keep_their_warnings():
    """A duplicate's code has the reason first and then its warnings."""
    lines = lines_of([(FIRST, "stop"), (FIRST, "stop", "ZERO_RESTORED", True)])
    assert texts(lines, "code") == ["", "DUPLICATE_IN_FILE+ZERO_RESTORED+HIDDEN_ROW"]


def test_a_duplicate_stands_for_no_change():
    """A number that stands twice is changed once, by its first line."""
    plan = plan_changes(lines_of([(FIRST, "stop"), (FIRST, "stop")]), both((), ()), Mode.IMPORT, lists=(STOP,))
    assert wanted(plan) == [(ADD, STOP, FIRST)]
    assert texts(plan.lines, "status") == ["planned", "unchanged"]
    assert texts(plan.lines, "action") == ["add", "none"]
    assert plan.lines["seq"].tolist() == [0, -1]


def test_import_adds_what_is_not_listed():
    """Each list gets the numbers that it lacks; the others are ALREADY_LISTED, and the other list is a warning."""
    plan = plan_changes(lines_of(ASKED), both(*LISTS), Mode.IMPORT, lists=BOTH)
    assert wanted(plan) == [(ADD, STOP, NOWHERE), (ADD, STOP, ON_NPAI), (ADD, NPAI, NOWHERE), (ADD, NPAI, ON_STOP)]
    assert texts(plan.lines, "action") == ["add", "add", "keep", "keep", "keep", "add", "add", "keep"]
    assert texts(plan.lines, "status") == [
        {"add": "planned", "keep": "unchanged"}[action] for action in texts(plan.lines, "action")
    ]
    assert texts(plan.lines, "code") == [
        "",
        "",
        "ALREADY_LISTED+ON_OTHER_LIST",
        "ALREADY_LISTED+ON_OTHER_LIST",
        "ALREADY_LISTED",
        "ON_OTHER_LIST",
        "ON_OTHER_LIST",
        "ALREADY_LISTED",
    ]
    assert plan.lines["seq"].tolist() == [0, 2, -1, -1, -1, 3, 1, -1]
    assert (plan.mode, plan.lists, plan.before, plan.kept) == (Mode.IMPORT, BOTH, {STOP: 2, NPAI: 2}, {})


def test_remove_takes_off_what_is_listed():
    """Each list loses the numbers that it has; the others are NOT_LISTED, and the other list is a warning."""
    plan = plan_changes(lines_of(ASKED), both(*LISTS), Mode.REMOVE, lists=BOTH)
    assert wanted(plan) == [
        (REMOVE, STOP, EVERYWHERE),
        (REMOVE, STOP, ON_STOP),
        (REMOVE, NPAI, EVERYWHERE),
        (REMOVE, NPAI, ON_NPAI),
    ]
    assert texts(plan.lines, "action") == ["keep", "keep", "remove", "remove", "remove", "keep", "keep", "remove"]
    assert texts(plan.lines, "status") == [
        {"remove": "planned", "keep": "unchanged"}[action] for action in texts(plan.lines, "action")
    ]
    assert texts(plan.lines, "code") == [
        "NOT_LISTED",
        "NOT_LISTED",
        "ON_OTHER_LIST",
        "ON_OTHER_LIST",
        "",
        "NOT_LISTED+ON_OTHER_LIST",
        "NOT_LISTED+ON_OTHER_LIST",
        "",
    ]
    assert plan.lines["seq"].tolist() == [-1, -1, 0, 2, 1, -1, -1, 3]
    assert (plan.mode, plan.lists, plan.before, plan.kept) == (Mode.REMOVE, BOTH, {STOP: 2, NPAI: 2}, {})


def test_sync_adds_first_and_then_takes_off_what_nobody_asked_for():
    """Removals that no row asked for stand after all additions, each with a line of its own after the input's."""
    lists = both({FIRST, FIRST + 1, FIRST + 2}, {FIRST + 2, FIRST + 3})
    lines = lines_of([(FIRST, "stop"), (FIRST + 9, "stop"), (FIRST + 8, "npai")])
    plan = plan_changes(lines, lists, Mode.SYNC, lists=BOTH)
    assert wanted(plan) == [
        (ADD, STOP, FIRST + 9),
        (ADD, NPAI, FIRST + 8),
        (REMOVE, STOP, FIRST + 1),
        (REMOVE, STOP, FIRST + 2),
        (REMOVE, NPAI, FIRST + 2),
        (REMOVE, NPAI, FIRST + 3),
    ]
    assert plan.changes["seq"].tolist() == [0, 1, 2, 3, 4, 5]
    assert plan.lines["seq"].tolist() == [-1, 0, 1, 2, 3, 4, 5]
    assert plan.lines["number"].tolist() == [FIRST, FIRST + 9, FIRST + 8, FIRST + 1, FIRST + 2, FIRST + 2, FIRST + 3]
    assert texts(plan.lines, "list") == ["stop", "stop", "npai", "stop", "stop", "npai", "npai"]
    assert texts(plan.lines, "action") == ["keep", "add", "add", *["remove"] * 4]
    assert texts(plan.lines, "status") == ["unchanged", "planned", "planned", *["planned"] * 4]
    assert texts(plan.lines, "code") == ["ALREADY_LISTED", "", "", "", "ON_OTHER_LIST", "ON_OTHER_LIST", ""]
    assert plan.lines["row"].tolist() == [2, 3, 4, 0, 0, 0, 0]
    assert texts(plan.lines, "raw") == ["raw 0", "raw 1", "raw 2", "", "", "", ""]
    assert texts(plan.lines, "file") == ["a.csv"] * 3 + [""] * 4
    assert texts(plan.lines, "column") == ["Mobile"] * 3 + [""] * 4
    assert texts(plan.lines, "detail") == ["detail 0", "detail 1", "detail 2", "", "", "", ""]
    assert plan.lines["duplicate_of_row"].tolist() == [0] * 7
    for name in ("sheet", "suggestion"):
        assert texts(plan.lines, name) == [""] * 7
    assert (plan.mode, plan.lists, plan.before) == (Mode.SYNC, BOTH, {STOP: 3, NPAI: 2})
    assert plan.kept == {STOP: 0, NPAI: 0}


@pytest.mark.parametrize("mode", [Mode.IMPORT, Mode.REMOVE, Mode.SYNC])
@pytest.mark.parametrize("listed", [(), (FIRST,), (FIRST, FIRST + 1)])
def test_the_lines_of_a_plan_have_all_columns_in_their_types(mode, listed):
    """Whatever was planned, the lines have the columns of lines, numbered anew, and texts stay categorical."""
    plan = plan_changes(lines_of([(FIRST, "stop"), (0, "stop")]), both(listed, ()), mode, lists=BOTH)
    assert tuple(plan.lines.columns) == LINE_COLUMNS
    assert plan.lines.index.tolist() == list(range(len(plan.lines)))
    for name in ("file", "sheet", "column", "list", "action", "status", "code", "detail"):
        assert isinstance(plan.lines[name].dtype, pd.CategoricalDtype), name
    kinds = [str(plan.lines[name].dtype) for name in ("number", "row", "duplicate_of_row", "seq")]
    assert kinds == ["int64", "int32", "int32", "int32"]


def test_a_plan_leaves_its_lines_as_they_were():
    """The lines that a plan is made from can be planned again: they are not changed."""
    lines = lines_of(ASKED)
    before = lines.copy()
    for mode in (Mode.IMPORT, Mode.REMOVE, Mode.SYNC):
        plan_changes(lines, both(*LISTS), mode, lists=BOTH)
    pd.testing.assert_frame_equal(lines, before)


@pytest.mark.parametrize("mode", [Mode.IMPORT, Mode.REMOVE, Mode.SYNC])
def test_a_list_that_was_not_given_is_not_changed(mode):
    """A plan for one list changes nothing on the other, however much that one holds; lines for it stay as they are."""
    lines = lines_of([(FIRST, "npai"), (FIRST + 1, "npai")])
    plan = plan_changes(lines, both({FIRST + 5}, {FIRST, FIRST + 2}), mode, lists=(STOP,))
    assert wanted(plan) == ([(REMOVE, STOP, FIRST + 5)] if mode is Mode.SYNC else [])
    assert texts(plan.lines, "status")[:2] == ["valid", "valid"]
    assert texts(plan.lines, "action")[:2] == ["none", "none"]
    assert texts(plan.lines, "code")[:2] == ["", ""]
    assert plan.before == {STOP: 1}


@pytest.mark.parametrize("mode", [Mode.IMPORT, Mode.REMOVE])
def test_only_sync_takes_off_what_nobody_asked_for(mode):
    """Import and remove leave alone what the input does not name, and have no lines but the input's."""
    plan = plan_changes(lines_of([(FIRST, "stop")]), both({FIRST, FIRST + 1}, {FIRST + 2}), mode, lists=BOTH)
    assert wanted(plan) == ([(REMOVE, STOP, FIRST)] if mode is Mode.REMOVE else [])
    assert len(plan.lines) == 1
    assert plan.kept == {}


def test_a_plan_without_lists_changes_nothing():
    """Where no list may be changed, there is an empty plan."""
    plan = plan_changes(lines_of([(FIRST, "stop")]), both({FIRST + 1}, ()), Mode.SYNC, lists=())
    assert (wanted(plan), plan.before, plan.kept, len(plan.lines)) == ([], {}, {}, 1)


def test_sync_spares_what_a_rejected_row_may_mean():
    """Sync leaves a listed number alone when a rejected row suggests it, and counts it for its list."""
    plan = plan_changes(
        lines_of([(FIRST, "stop"), (0, "npai")]),
        both({FIRST, FIRST + 1, FIRST + 2}, {FIRST + 1, FIRST + 3, FIRST + 4}),
        Mode.SYNC,
        lists=BOTH,
        spare=np.array([FIRST, FIRST + 1, FIRST + 3, FIRST + 7]),
    )
    assert wanted(plan) == [(REMOVE, STOP, FIRST + 2), (REMOVE, NPAI, FIRST + 4)]
    assert plan.kept == {STOP: 1, NPAI: 2}
    assert plan.lines["number"].tolist() == [FIRST, 0, FIRST + 2, FIRST + 4]


def test_spared_numbers_count_for_sync_alone():
    """What a rejected row may mean is removed all the same where a valid row of `remove` names it."""
    plan = plan_changes(
        lines_of([(FIRST, "stop")]), both({FIRST}, ()), Mode.REMOVE, lists=BOTH, spare=np.array([FIRST])
    )
    assert wanted(plan) == [(REMOVE, STOP, FIRST)]
    assert plan.kept == {}


def test_hidden_and_other_list_are_warnings_on_accepted_numbers_only():
    """HIDDEN_ROW and ON_OTHER_LIST join the code of an accepted number and never that of a rejected one."""
    lines = lines_of([(FIRST, "stop", None, True), (0, "stop", None, True)])
    plan = plan_changes(lines, both((), {FIRST}), Mode.IMPORT, lists=(STOP,))
    assert texts(plan.lines, "code") == ["HIDDEN_ROW+ON_OTHER_LIST", "TOO_SHORT"]


def test_a_number_of_an_unknown_list_is_in_no_plan():
    """A number whose list is not known is rejected and changes nothing, in every mode."""
    for mode in (Mode.IMPORT, Mode.REMOVE):
        plan = plan_changes(lines_of([(FIRST, "")]), both({FIRST}, ()), mode, lists=BOTH)
        assert texts(plan.lines, "code") == ["LIST_UNKNOWN"]
        assert texts(plan.lines, "action") == ["none"]
        assert wanted(plan) == []


def test_people_who_may_be_written_to_are_no_change():
    """A row of somebody who may be written to is unchanged, on no list, in every mode, whatever its number is."""
    cells = [(FIRST, "none"), (0, "none"), (FIRST + 1, "stop")]
    for mode in (Mode.IMPORT, Mode.REMOVE, Mode.SYNC):
        plan = plan_changes(lines_of(cells), both({FIRST + 1}, ()), mode, lists=(STOP,))
        assert texts(plan.lines, "code")[:2] == ["NOT_OPTED_OUT"] * 2
        assert texts(plan.lines, "status")[:2] == ["unchanged"] * 2
        assert texts(plan.lines, "action")[:2] == ["none"] * 2
        assert FIRST not in plan.changes["number"].tolist()


@pytest.mark.parametrize("mode", [Mode.REMOVE, Mode.SYNC])
def test_removal_names_every_remote_spelling(mode):
    """A number that the list holds under two spellings is removed under both, and added under one."""
    twice = Snapshot.of(STOP, 0.0, ["0612345678", "+33611111111", "+33612345678"])
    asked = [(33612345678, "stop")] if mode is Mode.REMOVE else [(33611111111, "stop"), (FIRST, "stop")]
    plan = plan_changes(lines_of(asked), {STOP: twice, NPAI: snapshot(NPAI, ())}, mode, lists=(STOP,))
    spellings = [change.identifiers for change in iter_changes(plan.changes)]
    added = [(f"+{FIRST}",)] if mode is Mode.SYNC else []
    assert spellings == [*added, ("0612345678", "+33612345678")]


def test_a_removal_means_the_entries_that_stand_there():
    """A planned removal carries the ids of all entries of its number on its list, an addition none."""
    lists = {
        STOP: Snapshot.of(STOP, 0.0, ["+33612345678", "0612345678"], ["b", "a"]),
        NPAI: Snapshot.of(NPAI, 0.0, ["+33612345678", f"+{FIRST}"], ["c", "d"]),
    }
    plan = plan_changes(lines_of([(FIRST, "stop")]), lists, Mode.SYNC, lists=BOTH)
    assert wanted(plan) == [
        (ADD, STOP, FIRST),
        (REMOVE, STOP, 33612345678),
        (REMOVE, NPAI, FIRST),
        (REMOVE, NPAI, 33612345678),
    ]
    assert plan.changes["entry_ids"].tolist() == [(), ("a", "b"), ("d",), ("c",)]


def test_changes_are_counted_by_action_and_list():
    """A plan counts its additions and removals, on one list or on all."""
    asked = [(FIRST, "stop"), (FIRST + 1, "stop"), (FIRST + 2, "npai")]
    plan = plan_changes(
        lines_of(asked), both(range(FIRST + 5, FIRST + 8), {FIRST + 5, FIRST + 6}), Mode.SYNC, lists=BOTH
    )
    assert [plan.count(ADD), plan.count(ADD, STOP), plan.count(ADD, NPAI)] == [3, 2, 1]
    assert [plan.count(REMOVE), plan.count(REMOVE, STOP), plan.count(REMOVE, NPAI)] == [5, 3, 2]


def test_additions_carry_no_texts():
    """What an addition sends is told by its number: millions of them hold no text of their own until they are sent."""
    plan = plan_changes(lines_of([(NOWHERE, "stop"), (ON_NPAI, "stop")]), both(*LISTS), Mode.IMPORT, lists=(STOP,))
    assert plan.changes["identifiers"].tolist() == [(), ()]
    assert [change.identifiers for change in iter_changes(plan.changes)] == [(f"+{NOWHERE}",), (f"+{ON_NPAI}",)]
    assert [row[3] for row in plan.rows()] == [(f"+{NOWHERE}",), (f"+{ON_NPAI}",)]
