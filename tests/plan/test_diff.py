"""Lines + snapshots → Plan."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.errors import ConfigurationError, SafetyRefusal, StopRemovalRefused, TooManyRemovals
from ptx_bulk.model import Action, ListKind, Mode, Status
from ptx_bulk.plan import (
    MaxRemovals,
    Plan,
    Safeguards,
    assemble,
    check_safety,
    code_counts,
    diff,
    iter_changes,
    same_entries,
    status_counts,
    validate,
)
from ptx_bulk.plan.planning import changes_frame
from ptx_bulk.plan.undoing import invert
from ptx_bulk.snapshot import Snapshot

FIRST = 33600000000
pool = st.integers(FIRST, FIRST + 15)
rows = st.lists(st.tuples(pool | st.just(0), st.sampled_from(["stop", "npai", ""])), max_size=25)
listed = st.sets(pool, max_size=15)


def lines_of(values: list[tuple[int, str]], hidden: set[int] = frozenset()) -> pd.DataFrame:
    n = len(values)
    cells = pd.DataFrame(
        {
            "file": pd.Categorical(["a.csv"] * n),
            "sheet": pd.Categorical([""] * n),
            "row": np.arange(2, n + 2, dtype="int32"),
            "column": pd.Categorical(["Mobile"] * n),
            "raw": pd.Series([str(number) for number, _list in values], dtype="str"),
            "hidden": np.array([at in hidden for at in range(n)], dtype=bool),
            "list": pd.Categorical([name for _n, name in values]),
            "detail": pd.Categorical([""] * n),
        }
    )
    normalised = pd.DataFrame(
        {
            "cell": np.arange(n),
            "number": np.array([number for number, _list in values], dtype="int64"),
            "code": pd.Categorical(["" if number else "TOO_SHORT" for number, _list in values]),
            "suggestion": pd.Series([""] * n, dtype="str"),
        }
    )
    return validate(assemble(cells, normalised))


def snapshot(kind: ListKind, numbers: set[int], ids: str = "") -> Snapshot:
    ordered = sorted(numbers)
    return Snapshot.of(kind, 0.0, [f"+{n}" for n in ordered], [f"{ids}{n}" for n in ordered] if ids else None)


def both(stop: set[int], npai: set[int]) -> dict[ListKind, Snapshot]:
    return {ListKind.STOP: snapshot(ListKind.STOP, stop), ListKind.NPAI: snapshot(ListKind.NPAI, npai)}


def carried_out(plan: Plan, lists: dict[ListKind, set[int]]) -> dict[ListKind, set[int]]:
    after = {kind: set(numbers) for kind, numbers in lists.items()}
    for change in iter_changes(plan.changes):
        if change.action is Action.ADD:
            assert change.number not in after[change.kind]
            after[change.kind].add(change.number)
        else:
            after[change.kind].remove(change.number)
    return after


@given(rows, listed, listed, st.sampled_from([Mode.IMPORT, Mode.REMOVE, Mode.SYNC]))
def test_plan_reaches_the_wished_state_and_touches_nothing_else(values, stop, npai, mode):
    """Carrying out a plan gives exactly union, difference or equality of list and input, on the lists it may change."""
    kinds = tuple(ListKind)
    lines = lines_of(values)
    plan = diff(lines, both(stop, npai), mode, lists=kinds)
    after = carried_out(plan, {ListKind.STOP: stop, ListKind.NPAI: npai})
    for kind, before in ((ListKind.STOP, stop), (ListKind.NPAI, npai)):
        asked = {number for number, name in values if number and name == kind.value}
        wished = {Mode.IMPORT: before | asked, Mode.REMOVE: before - asked, Mode.SYNC: asked}[mode]
        assert after[kind] == wished


@given(rows, listed, listed, st.sampled_from([Mode.IMPORT, Mode.REMOVE, Mode.SYNC]))
def test_every_line_is_counted_once_and_every_change_has_its_line(values, stop, npai, mode):
    """Status counts sum to the lines, and each change is named by exactly one line that is planned."""
    plan = diff(lines_of(values), both(stop, npai), mode, lists=tuple(ListKind))
    assert sum(status_counts(plan.lines).values()) == len(plan.lines) >= len(values)
    planned = plan.lines[(plan.lines["status"] == Status.PLANNED.value).to_numpy()]
    assert sorted(planned["seq"]) == list(range(len(plan.changes)))
    by_seq = plan.changes.set_index("seq").loc[planned["seq"]]
    assert (by_seq["number"].to_numpy() == planned["number"].to_numpy()).all()
    assert (by_seq["action"].astype("str").to_numpy() == planned["action"].astype("str").to_numpy()).all()


@given(rows, listed, listed)
def test_a_second_run_changes_nothing(values, stop, npai):
    """The plan made from the state that a plan leaves behind is empty."""
    lines = lines_of(values)
    for mode in (Mode.IMPORT, Mode.REMOVE, Mode.SYNC):
        plan = diff(lines, both(stop, npai), mode, lists=tuple(ListKind))
        after = carried_out(plan, {ListKind.STOP: stop, ListKind.NPAI: npai})
        again = diff(lines, both(after[ListKind.STOP], after[ListKind.NPAI]), mode, lists=tuple(ListKind))
        assert not len(again.changes)


def test_duplicates_count_once_and_name_the_first_row():
    """A number that stands earlier for the same list is a DUPLICATE_IN_FILE with the row it stood in first."""
    lines = lines_of([(FIRST, "stop"), (FIRST, "npai"), (FIRST, "stop")])
    assert list(lines["status"].astype("str")) == ["valid", "valid", "unchanged"]
    assert list(lines["code"].astype("str")) == ["", "", "DUPLICATE_IN_FILE"]
    assert list(lines["duplicate_of_row"]) == [0, 0, 2]


def test_hidden_and_other_list_are_warnings_on_accepted_numbers_only():
    """HIDDEN_ROW and ON_OTHER_LIST join the code of an accepted number and never that of a rejected one."""
    plan = diff(
        lines_of([(FIRST, "stop"), (0, "stop")], hidden={0, 1}),
        both(set(), {FIRST}),
        Mode.IMPORT,
        lists=(ListKind.STOP,),
    )
    assert list(plan.lines["code"].astype("str")) == ["HIDDEN_ROW+ON_OTHER_LIST", "TOO_SHORT"]
    assert code_counts(plan.lines["code"]) == {"TOO_SHORT": 1, "HIDDEN_ROW": 1, "ON_OTHER_LIST": 1}


def test_unknown_list_word_rejects_the_number():
    """A number whose list is not known is rejected with LIST_UNKNOWN and in no plan."""
    plan = diff(lines_of([(FIRST, "")]), both(set(), set()), Mode.IMPORT, lists=tuple(ListKind))
    assert list(plan.lines["code"].astype("str")) == ["LIST_UNKNOWN"]
    assert not len(plan.changes)


def test_removal_names_every_remote_spelling():
    """A number that the list holds under two spellings is removed under both."""
    twice = Snapshot.of(ListKind.STOP, 0.0, ["+33612345678", "0612345678"])
    snapshots = {ListKind.STOP: twice, ListKind.NPAI: snapshot(ListKind.NPAI, set())}
    plan = diff(lines_of([(33612345678, "stop")]), snapshots, Mode.REMOVE, lists=(ListKind.STOP,))
    assert [change.identifiers for change in iter_changes(plan.changes)] == [("+33612345678", "0612345678")]


def test_sync_spares_what_a_rejected_row_may_mean():
    """Sync leaves a listed number alone when a rejected row suggests it."""
    plan = diff(
        lines_of([(FIRST, "stop")]),
        both({FIRST, FIRST + 1, FIRST + 2}, set()),
        Mode.SYNC,
        lists=(ListKind.STOP,),
        spare=np.array([FIRST + 1]),
    )
    assert [change.number for change in iter_changes(plan.changes)] == [FIRST + 2]
    assert plan.kept == {ListKind.STOP: 1}


def test_sync_takes_off_what_nobody_asked_for_and_says_so_in_lines():
    """A number that only the list has is a removal with a line of its own, told when the other list has it, too."""
    lines = lines_of([(FIRST, "stop")])
    plan = diff(lines, both({FIRST, FIRST + 1, FIRST + 2}, {FIRST + 2}), Mode.SYNC, lists=(ListKind.STOP,))
    assert [(c.action, c.number) for c in iter_changes(plan.changes)] == [
        (Action.REMOVE, FIRST + 1),
        (Action.REMOVE, FIRST + 2),
    ]
    unasked = plan.lines[(plan.lines["row"] == 0).to_numpy()]
    assert unasked["number"].tolist() == [FIRST + 1, FIRST + 2]
    assert unasked["code"].astype("str").tolist() == ["", "ON_OTHER_LIST"]
    for mode, wished in ((Mode.IMPORT, []), (Mode.REMOVE, [FIRST])):
        other = diff(lines, both({FIRST, FIRST + 1}, set()), mode, lists=(ListKind.STOP,))
        assert [change.number for change in iter_changes(other.changes)] == wished
        assert len(other.lines) == 1


def test_sync_changes_no_list_that_it_was_not_given():
    """Sync of one list plans nothing for the other, however much that one holds."""
    plan = diff(lines_of([(FIRST, "stop")]), both(set(), {FIRST + 1}), Mode.SYNC, lists=(ListKind.STOP,))
    assert plan.count(Action.REMOVE) == 0
    assert plan.count(Action.ADD) == 1


def test_a_removal_means_the_entries_that_stand_there():
    """A planned removal carries the ids of all entries of its number, an addition none; so do undo's removals."""
    twice = Snapshot.of(ListKind.STOP, 0.0, ["+33612345678", "0612345678"], ["b", "a"])
    snapshots = {ListKind.STOP: twice, ListKind.NPAI: snapshot(ListKind.NPAI, set())}
    plan = diff(lines_of([(FIRST, "stop")]), snapshots, Mode.SYNC, lists=(ListKind.STOP,))
    assert plan.changes["entry_ids"].tolist() == [(), ("a", "b")]
    after = {
        ListKind.STOP: Snapshot.of(ListKind.STOP, 1.0, [f"+{FIRST}"], ["c"]),
        ListKind.NPAI: snapshots[ListKind.NPAI],
    }
    back = invert(plan.lines, plan.changes, outcomes_of(plan, ["applied"] * 2, ["c", ""]), after)
    assert [(c.action, c.number) for c in iter_changes(back.changes)] == [
        (Action.ADD, 33612345678),
        (Action.REMOVE, FIRST),
    ]
    assert back.changes["entry_ids"].tolist() == [(), ("c",)]


@pytest.mark.parametrize(
    ("known", "now", "same"),
    [
        (("a",), ["a"], True),
        (("a",), ["b"], False),
        (("a",), ["a", "b"], False),
        (("a", "b"), ["b"], True),
        (("a",), [""], True),
        ((), ["b"], True),
        (("",), ["b"], True),
        (("a", ""), ["b"], True),
        (("a",), [], True),
    ],
)
def test_entries_are_the_same_unless_one_is_newer(known, now, same):
    """A list holds the same entries of a number unless it holds one with an id that was not there; no id is unknown."""
    spellings = [f"+{FIRST}", "0600000000"][: len(now)]
    listed = Snapshot.of(ListKind.STOP, 0.0, ["+33699999999", *spellings], ["z", *now])
    assert same_entries(np.array([FIRST]), [known], listed).tolist() == [same]


def test_a_plan_that_means_other_entries_has_another_fingerprint():
    """The same removal of a number that was listed anew is another plan."""
    fingerprints = {
        diff(
            lines_of([(FIRST, "npai")]),
            {ListKind.STOP: snapshot(ListKind.STOP, set()), ListKind.NPAI: snapshot(ListKind.NPAI, {FIRST}, ids)},
            Mode.REMOVE,
            lists=(ListKind.NPAI,),
        ).fingerprint
        for ids in ("old", "new", "new")
    }
    assert len(fingerprints) == 2


def test_spellings_with_blanks_do_not_make_two_plans_alike():
    """One spelling with a blank and two spellings are two plans."""
    lists = [["+33600000000 06"], ["+33600000000", "06"]]
    plans = [
        Plan(
            Mode.REMOVE,
            (),
            lines_of([]),
            changes_frame([(Action.REMOVE, ListKind.STOP, np.array([FIRST]), [tuple(one)])]),
            {},
            {},
        )
        for one in lists
    ]
    assert plans[0].fingerprint != plans[1].fingerprint


def test_fingerprint_tells_plans_apart():
    """Two plans have the same fingerprint only when they send the same calls in the same order."""
    one = diff(lines_of([(FIRST, "stop")]), both(set(), set()), Mode.IMPORT, lists=(ListKind.STOP,))
    same = diff(lines_of([(FIRST, "stop"), (0, "stop")]), both(set(), set()), Mode.IMPORT, lists=(ListKind.STOP,))
    other = diff(lines_of([(FIRST + 1, "stop")]), both(set(), set()), Mode.IMPORT, lists=(ListKind.STOP,))
    assert one.fingerprint == same.fingerprint != other.fingerprint


def removal_plan(size: int, removals: int, kind: ListKind = ListKind.NPAI) -> Plan:
    numbers = set(range(FIRST, FIRST + size))
    snapshots = both(numbers if kind is ListKind.STOP else set(), numbers if kind is ListKind.NPAI else set())
    values = [(FIRST + at, kind.value) for at in range(removals)]
    return diff(lines_of(values), snapshots, Mode.REMOVE, lists=(kind,))


@pytest.mark.parametrize(
    ("size", "removals", "limit", "refused"),
    [
        (10, 3, None, False),
        (10, 4, None, True),
        (9, 9, None, False),
        (100, 31, None, True),
        (100, 31, "31", False),
        (100, 31, "31%", False),
        (100, 100, "100%", False),
        (5, 1, "0", True),
    ],
)
def test_max_removals(size, removals, limit, refused):
    """More removals than the limit are refused with counts, limit and the flag that lets them pass."""
    safeguards = Safeguards(max_removals=MaxRemovals.parse(limit) if limit else MaxRemovals())
    plan = removal_plan(size, removals)
    if not refused:
        check_safety(plan, safeguards)
        return
    with pytest.raises(TooManyRemovals) as refusal:
        check_safety(plan, safeguards)
    for part in (str(removals), str(size), f"--max-removals {removals}"):
        assert part in str(refusal.value)


@pytest.mark.parametrize("text", ["", "x", "-1", "101%", "1.5", "%"])
def test_max_removals_must_be_a_count_or_a_percentage(text):
    """Anything but N or N% is a configuration error."""
    with pytest.raises(ConfigurationError):
        MaxRemovals.parse(text)


@pytest.mark.parametrize(("allow", "reason"), [(False, ""), (True, ""), (True, "  "), (False, "signed")])
def test_removing_from_stop_needs_flag_and_reason(allow, reason):
    """A removal from STOP without both the flag and a reason is refused."""
    with pytest.raises(StopRemovalRefused) as refused:
        check_safety(removal_plan(20, 1, ListKind.STOP), Safeguards(allow_stop_removal=allow, reason=reason))
    assert ("--allow-stop-removal" in str(refused.value), "--reason" in str(refused.value)) == (
        not allow,
        not reason.strip(),
    )
    check_safety(removal_plan(20, 1, ListKind.STOP), Safeguards(allow_stop_removal=True, reason="signed"))


def test_a_refusal_names_every_missing_flag():
    """A plan that lacks several permissions is refused once, with all the flags that would let it pass."""
    with pytest.raises(StopRemovalRefused) as refused:
        check_safety(removal_plan(20, 15, ListKind.STOP), Safeguards(), confirmed=False)
    assert str(refused.value).endswith('add --allow-stop-removal --reason "..." --max-removals 15 --yes.')


def test_people_who_may_be_written_to_are_no_change():
    """A row of somebody who may be written to is unchanged, on no list, in every mode, whatever its number is."""
    cells = [(FIRST, "none"), (0, "none"), (FIRST + 1, "stop")]
    for mode in (Mode.IMPORT, Mode.REMOVE, Mode.SYNC):
        plan = diff(lines_of(cells), both({FIRST + 1}, set()), mode, lists=(ListKind.STOP,))
        lines = plan.lines.iloc[:2]
        assert lines["code"].tolist() == ["NOT_OPTED_OUT"] * 2
        assert lines["status"].tolist() == ["unchanged"] * 2
        assert lines["action"].tolist() == ["none"] * 2
        assert FIRST not in plan.changes["number"].tolist()


def test_sync_from_nothing_never_empties_a_list():
    """An input without a valid number is no reason to remove everything, whatever the limit."""
    plan = diff(lines_of([(0, "npai")]), both(set(), {FIRST}), Mode.SYNC, lists=(ListKind.NPAI,))
    with pytest.raises(SafetyRefusal, match="no valid number"):
        check_safety(plan, Safeguards(max_removals=MaxRemovals.parse("100%")))


@pytest.mark.parametrize("values", [[(FIRST, "stop")], [(FIRST, "stop"), (0, "npai")]])
def test_numbers_for_another_list_do_not_count_as_an_input(values):
    """Sync refuses to empty a list whose own input is empty, though there are valid numbers for the other list."""
    plan = diff(lines_of(values), both({FIRST}, {FIRST + 1}), Mode.SYNC, lists=tuple(ListKind))
    with pytest.raises(SafetyRefusal, match="NPAI list"):
        check_safety(plan, Safeguards(max_removals=MaxRemovals.parse("100%"), allow_stop_removal=True, reason="trial"))


def test_an_input_that_the_list_holds_already_is_an_input():
    """Sync may remove the rest where the input's only number is on the list already; import and remove may be empty."""
    plan = diff(lines_of([(FIRST, "npai")]), both(set(), {FIRST, FIRST + 1}), Mode.SYNC, lists=(ListKind.NPAI,))
    check_safety(plan, Safeguards())
    for mode in (Mode.IMPORT, Mode.REMOVE):
        check_safety(diff(lines_of([]), both(set(), {FIRST}), mode, lists=tuple(ListKind)), Safeguards())


def test_a_limit_counts_each_list_by_itself():
    """Removals from one list do not use up what may be removed from the other."""
    numbers = set(range(FIRST, FIRST + 10))
    values = [(FIRST + at, kind.value) for at in range(3) for kind in ListKind]
    plan = diff(lines_of(values), both(numbers, numbers), Mode.REMOVE, lists=tuple(ListKind))
    check_safety(plan, Safeguards(allow_stop_removal=True, reason="trial"))


@pytest.mark.parametrize(
    ("limit", "refused"), [(None, False), ("11", True), ("99%", True), ("12", False), ("100%", False)]
)
def test_undo_passes_the_default_limit_and_no_other(limit, refused):
    """Taking back an import may remove more than the default limit, never more than a limit that was given."""
    limits = MaxRemovals() if limit is None else MaxRemovals.parse(limit)
    assert limits.given is (limit is not None)
    safeguards = Safeguards(max_removals=limits, reason="wrong file", undo_of_import=True)
    plan = removal_plan(12, 12, ListKind.STOP)
    if refused:
        with pytest.raises(TooManyRemovals, match="--max-removals 12"):
            check_safety(plan, safeguards)
    else:
        check_safety(plan, safeguards)


def outcomes_of(plan: Plan, statuses: list[str], ids: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"seq": plan.changes["seq"].astype("int64"), "status": statuses, "remote_id": ids})


def test_undo_takes_back_only_what_was_applied_and_still_stands():
    """Undo removes what the run added while the list holds that very entry, and leaves newer entries alone."""
    values = [(FIRST + at, "stop") for at in range(4)]
    plan = diff(lines_of(values), both(set(), set()), Mode.IMPORT, lists=(ListKind.STOP,))
    outcomes = outcomes_of(plan, ["applied", "failed", "applied", "applied"], ["a", "", "c", "d"])
    now = {
        ListKind.STOP: Snapshot.of(
            ListKind.STOP, 0.0, [f"+{FIRST}", f"+{FIRST + 1}", f"+{FIRST + 2}"], ["a", "b", "new"]
        ),
        ListKind.NPAI: snapshot(ListKind.NPAI, set()),
    }
    back = invert(plan.lines, plan.changes, outcomes, now)
    assert [(c.action, c.number) for c in iter_changes(back.changes)] == [(Action.REMOVE, FIRST)]
    assert list(back.lines["status"].astype("str")) == ["planned", "not_attempted", "unchanged"]
    assert list(back.lines["code"].astype("str")) == ["", "PLAN_STALE", "NOT_LISTED"]
    with pytest.raises(StopRemovalRefused, match="--reason"):
        check_safety(back, Safeguards(undo_of_import=True))
    check_safety(back, Safeguards(undo_of_import=True, reason="wrong file"))


@given(rows, listed, listed, st.sampled_from([Mode.IMPORT, Mode.REMOVE, Mode.SYNC]))
def test_undo_of_a_whole_run_restores_the_lists(values, stop, npai, mode):
    """When nothing else happened, undo leads back to the lists as they were before the run."""
    plan = diff(lines_of(values), both(stop, npai), mode, lists=tuple(ListKind))
    before = {ListKind.STOP: stop, ListKind.NPAI: npai}
    after = carried_out(plan, before)
    outcomes = outcomes_of(plan, ["applied"] * len(plan.changes), [""] * len(plan.changes))
    back = invert(plan.lines, plan.changes, outcomes, both(after[ListKind.STOP], after[ListKind.NPAI]))
    assert carried_out(back, after) == before
