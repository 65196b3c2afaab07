"""Plans carried out, for any input and any lists: the state that they lead to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.model import Mode, Status
from ptx_bulk.plan import diff, invert, status_counts
from tests.plan.frames import BOTH, FIRST, NPAI, STOP, both, carried_out, lines_of, outcomes_of

pool = st.integers(FIRST, FIRST + 15)
rows = st.lists(st.tuples(pool | st.just(0), st.sampled_from(["stop", "npai", ""])), max_size=25)
listed = st.sets(pool, max_size=15)
modes = st.sampled_from([Mode.IMPORT, Mode.REMOVE, Mode.SYNC])


@given(rows, listed, listed, modes)
def test_plan_reaches_the_wished_state_and_touches_nothing_else(values, stop, npai, mode):
    """Carrying out a plan gives exactly union, difference or equality of list and input; a second plan is empty."""
    lines = lines_of(values)
    plan = diff(lines, both(stop, npai), mode, lists=BOTH)
    after = carried_out(plan, {STOP: stop, NPAI: npai})
    for kind, before in ((STOP, stop), (NPAI, npai)):
        asked = {number for number, name in values if number and name == kind.value}
        wished = {Mode.IMPORT: before | asked, Mode.REMOVE: before - asked, Mode.SYNC: asked}[mode]
        assert after[kind] == wished
    assert not len(diff(lines, both(after[STOP], after[NPAI]), mode, lists=BOTH).changes)


@given(rows, listed, listed, modes)
def test_every_line_is_counted_once_and_every_change_has_its_line(values, stop, npai, mode):
    """Status counts sum to the lines, and each change is named by exactly one line that is planned."""
    plan = diff(lines_of(values), both(stop, npai), mode, lists=BOTH)
    assert sum(status_counts(plan.lines).values()) == len(plan.lines) >= len(values)
    planned = plan.lines[(plan.lines["status"] == Status.PLANNED.value).to_numpy()]
    assert sorted(planned["seq"]) == list(range(len(plan.changes)))
    by_seq = plan.changes.set_index("seq").loc[planned["seq"]]
    assert (by_seq["number"].to_numpy() == planned["number"].to_numpy()).all()
    for name in ("action", "list"):
        assert (by_seq[name].astype("str").to_numpy() == planned[name].astype("str").to_numpy()).all()


@given(rows, listed, listed, modes)
def test_undo_of_a_whole_run_restores_the_lists(values, stop, npai, mode):
    """When nothing else happened, undo leads back to the lists as they were before the run."""
    plan = diff(lines_of(values), both(stop, npai), mode, lists=BOTH)
    before = {STOP: stop, NPAI: npai}
    after = carried_out(plan, before)
    outcomes = outcomes_of(plan, ["applied"] * len(plan.changes), [""] * len(plan.changes))
    back = invert(plan.lines, plan.changes, outcomes, both(after[STOP], after[NPAI]))
    assert carried_out(back, after) == before
