"""Plans carried out, for any input and any lists: the state that they lead to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.model import Mode, Status
from ptx_bulk.plan import invert, plan_changes, status_counts
from tests.plan.frames import BOTH, FIRST, NPAI, STOP, both, carried_out, lines_of, outcomes_of

pool = st.integers(FIRST, FIRST + 15)
rows = st.lists(st.tuples(pool | st.just(0), st.sampled_from(["stop", "npai", ""])), max_size=25)
listed = st.sets(pool, max_size=15)
modes = st.sampled_from([Mode.IMPORT, Mode.REMOVE, Mode.SYNC])


@pytest.mark.slow
@given(rows, listed, listed, modes)
def test_a_plan_leads_to_the_wished_state_and_undo_leads_back(values, stop, npai, mode):
    """Carried out, a plan gives union, difference or equality of list and input, the next is empty, undo restores."""
    lines, before = lines_of(values), {STOP: stop, NPAI: npai}
    plan = plan_changes(lines, both(stop, npai), mode, lists=BOTH)
    after = carried_out(plan, before)
    for kind in BOTH:
        asked = {number for number, name in values if number and name == kind.value}
        wished = {Mode.IMPORT: before[kind] | asked, Mode.REMOVE: before[kind] - asked, Mode.SYNC: asked}[mode]
        assert after[kind] == wished
    now = both(after[STOP], after[NPAI])
    assert not len(plan_changes(lines, now, mode, lists=BOTH).changes)
    outcomes = outcomes_of(plan, ["applied"] * len(plan.changes), [""] * len(plan.changes))
    assert carried_out(invert(plan.lines, plan.changes, outcomes, now), after) == before


@given(rows, listed, listed, modes)
def test_every_line_is_counted_once_and_every_change_has_its_line(values, stop, npai, mode):
    """Status counts sum to the lines, and each change is named by exactly one line that is planned."""
    plan = plan_changes(lines_of(values), both(stop, npai), mode, lists=BOTH)
    assert sum(status_counts(plan.lines).values()) == len(plan.lines) >= len(values)
    planned = plan.lines[(plan.lines["status"] == Status.PLANNED.value).to_numpy()]
    assert sorted(planned["seq"]) == list(range(len(plan.changes)))
    by_seq = plan.changes.set_index("seq").loc[planned["seq"]]
    assert (by_seq["number"].to_numpy() == planned["number"].to_numpy()).all()
    for name in ("action", "list"):
        assert (by_seq[name].astype("str").to_numpy() == planned[name].astype("str").to_numpy()).all()
