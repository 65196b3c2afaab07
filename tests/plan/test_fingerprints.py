"""When two plans are the same one."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pytest

from ptx_bulk.model import Action, Mode
from ptx_bulk.plan import plan_changes, plan_fingerprint
from ptx_bulk.plan.planning import changes_frame
from tests.plan.frames import BOTH, FIRST, NPAI, STOP, both, lines_of, snapshot


def fingerprint(values, mode=Mode.IMPORT, stop=(), npai=(), lists=BOTH):
    return plan_changes(lines_of(values), both(stop, npai), mode, lists=lists).fingerprint


def test_a_fingerprint_is_the_same_on_every_machine():
    """A saved plan is known again by SHA-256 of its mode and of its changes as JSON, one a line."""
    plan = plan_changes(lines_of([(FIRST + 1, "stop")]), both({FIRST}, ()), Mode.SYNC, lists=(STOP,))
    assert list(plan.rows()) == [
        ("add", "stop", FIRST + 1, ("+33600000001",), ()),
        ("remove", "stop", FIRST, ("+33600000000",), ("",)),
    ]
    assert plan.fingerprint == plan_fingerprint(Mode.SYNC, plan.rows())
    told = (
        b'sync\n["add","stop",33600000001,["+33600000001"],[]]\n["remove","stop",33600000000,["+33600000000"],[""]]\n'
    )
    assert plan.fingerprint == hashlib.sha256(told).hexdigest()


def test_fingerprint_tells_plans_apart():
    """Two plans have the same fingerprint only when they send the same calls in the same order."""
    one = fingerprint([(FIRST, "stop"), (FIRST + 1, "stop")])
    assert one == fingerprint([(FIRST, "stop"), (0, "stop"), (FIRST + 1, "stop"), (FIRST, "stop")])
    others = [
        fingerprint([(FIRST + 1, "stop"), (FIRST, "stop")]),
        fingerprint([(FIRST, "stop")]),
        fingerprint([(FIRST, "npai"), (FIRST + 1, "npai")]),
        fingerprint([(FIRST, "stop"), (FIRST + 1, "stop")], Mode.SYNC),
        fingerprint([(FIRST, "stop"), (FIRST + 1, "stop")], Mode.REMOVE, stop={FIRST, FIRST + 1}),
    ]
    assert len({one, *others}) == 6


def test_a_plan_that_means_other_entries_has_another_fingerprint():
    """The same removal of a number that was listed anew is another plan."""
    fingerprints = {
        plan_changes(
            lines_of([(FIRST, "npai")]),
            {STOP: snapshot(STOP, ()), NPAI: snapshot(NPAI, {FIRST}, ids)},
            Mode.REMOVE,
            lists=(NPAI,),
        ).fingerprint
        for ids in ("old", "new", "new")
    }
    assert len(fingerprints) == 2


def test_changes_made_for_no_lists_mean_no_entries():
    """Without the lists, or for one that is not among them, removals name spellings alone; additions never mean one."""
    blocks = [
        (Action.REMOVE, STOP, np.array([FIRST, FIRST + 1]), [(f"+{FIRST}",), (f"+{FIRST + 1}",)]),
        (Action.ADD, STOP, np.array([FIRST]), [(f"+{FIRST}",)]),
    ]
    assert changes_frame(blocks)["entry_ids"].tolist() == [(), (), ()]
    assert changes_frame(blocks, {NPAI: snapshot(NPAI, {FIRST}, "id")})["entry_ids"].tolist() == [(), (), ()]
    known = changes_frame(blocks, {STOP: snapshot(STOP, {FIRST}, "id")})
    assert known["entry_ids"].tolist() == [(f"id{FIRST}",), (), ()]
    assert known["seq"].tolist() == [0, 1, 2]


def test_spellings_with_blanks_do_not_make_two_plans_alike():
    """One spelling with a blank and two spellings are two plans."""
    one = plan_fingerprint(Mode.REMOVE, [("remove", "stop", FIRST, ["+33600000000 06"], [])])
    two = plan_fingerprint(Mode.REMOVE, [("remove", "stop", FIRST, ["+33600000000", "06"], [])])
    assert one != two


def test_a_plan_is_not_changed_once_it_is_made():
    """What was decided stays, and a plan is equal to itself alone: two are told apart by their fingerprints."""
    plan, other = (
        plan_changes(lines_of([(FIRST, "stop")]), both((), ()), Mode.IMPORT, lists=(STOP,)) for _n in range(2)
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.mode = Mode.REMOVE
    assert len({plan, other, plan}) == 2
