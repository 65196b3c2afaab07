"""Who had put the numbers on STOP that a plan removes, and the sentences that tell of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ptx_bulk.model import Mode
from ptx_bulk.plan import Plan, origin_sentence, plan_changes, with_origins
from ptx_bulk.plan.origins import named_removals, origin_counts, stop_removals, without_origins
from ptx_bulk.snapshot import Snapshot
from tests.plan.frames import BOTH, FIRST, NPAI, STOP, both, lines_of, snapshot, texts

JANUARY = 1_769_854_830_500  # 2026-01-31T10:20:30.5Z
DATE = "2026-01-31T10:20:30Z"
ADDED = JANUARY / 1000
SILENT = "No earlier run put it on the list: it may be a person's own STOP."


def listed(entries: list[tuple[int, str, int, str]]) -> Snapshot:
    """STOP with these entries: number, id, since when, by which campaign."""
    numbers, ids, since, campaigns = ([entry[at] for entry in entries] for at in range(4))
    return Snapshot.of(STOP, 0.0, [f"+{n}" for n in numbers], ids, stopped_at=since, campaign_ids=campaigns)


def history(rows: list[tuple[int, str, str, float]]) -> pd.DataFrame:
    """What runs of ours did last with numbers: number, action, the id that was noted, and when; run after run."""
    texts_of = {"action": "str", "remote_id": "str", "run_id": "str"}
    frame = pd.DataFrame(rows, columns=["number", "action", "remote_id", "at"])
    frame["run_id"] = [f"run-{at}" for at in range(len(rows))]
    return frame.astype({"number": "int64", "at": "float64", **texts_of})


def removing(stop: Snapshot, numbers: list[int], npai: tuple[int, ...] = ()) -> Plan:
    """The plan that removes these numbers from STOP, and others from NPAI."""
    values = [(number, "stop") for number in numbers] + [(number, "npai") for number in npai]
    return plan_changes(lines_of(values), {STOP: stop, NPAI: snapshot(NPAI, npai)}, Mode.REMOVE, lists=BOTH)


def told(entry: tuple[int, str, int, str], *ours: tuple[int, str, str, float]) -> tuple[bool, str, str, str, str]:
    """What is told of the removal of that entry: ours, since, campaign, run; and the detail of its line."""
    stop = listed([entry])
    plan = with_origins(removing(stop, [entry[0]]), stop, history(list(ours)))
    assert plan.removals is not None
    row = plan.removals.iloc[0]
    return bool(row["ours"]), row["since"], row["campaign"], row["run_id"], texts(plan.lines, "detail")[0]


@pytest.mark.parametrize(
    ("entry", "ours", "is_ours"),
    [
        (("a", 0, ""), ("add", "a", ADDED), True),
        (("a", 0, ""), ("add", "", ADDED), True),  # its answer was lost: the number alone tells
        (("", 0, ""), ("add", "a", ADDED), True),
        (("b", 0, ""), ("add", "a", ADDED), False),
        (("a", 0, ""), ("remove", "a", ADDED), False),
        (("a", JANUARY, "spring"), ("add", "a", ADDED), False),
        (("a", JANUARY + 299_000, ""), ("add", "a", ADDED), True),
        (("a", JANUARY + 300_000, ""), ("add", "a", ADDED), True),
        (("a", JANUARY + 300_001, ""), ("add", "a", ADDED), False),
        (("a", JANUARY - 9_000_000, ""), ("add", "a", ADDED), True),
    ],
)
def test_an_entry_is_ours_when_the_last_run_added_it_and_nothing_speaks_against_it(entry, ours, is_ours):
    """Another id, a removal since, a campaign, or a date more than five minutes later than our call makes it theirs."""
    number = FIRST
    found = told((number, *entry), (number, *ours))
    assert found[0] is is_ours
    assert found[3] == ("run-0" if is_ours else "")
    assert (found[4] == "Run run-0 put it on the list.") is is_ours


@pytest.mark.parametrize(
    ("since", "campaign", "detail"),
    [
        (0, "", SILENT),
        (JANUARY, "", f"It came on the list by itself on {DATE}."),
        (0, "spring", "It came on the list by itself, by campaign spring."),
        (JANUARY, "spring", f"It came on the list by itself on {DATE}, by campaign spring."),
    ],
)
def test_what_came_by_itself_is_told_with_what_is_known(since, campaign, detail):
    """The detail of a line says date and campaign where the server told them."""
    assert told((FIRST, "a", since, campaign)) == (False, DATE if since else "", campaign, "", detail)


def test_each_removal_is_told_of_on_its_own_line():
    """Lines and removals find each other by `seq`: lines that change nothing, and NPAI, are told nothing."""
    one, two, other, absent = FIRST, FIRST + 1, FIRST + 2, FIRST + 3
    stop = listed([(two, "b", JANUARY, "spring"), (other, "o", 0, ""), (one, "a", 0, "")])
    before = removing(stop, [absent, two, one], (other,))
    plan = with_origins(before, stop, history([(other, "add", "o", ADDED), (one, "add", "a", ADDED)]))
    assert plan.removals is not None
    assert plan.removals.to_dict("list") == {
        "seq": [0, 1],
        "number": [two, one],
        "ours": [False, True],
        "since": [DATE, ""],
        "campaign": ["spring", ""],
        "run_id": ["", "run-1"],
    }
    by_itself = f"It came on the list by itself on {DATE}, by campaign spring."
    assert texts(plan.lines, "detail") == ["detail 0", by_itself, "Run run-1 put it on the list.", "detail 3"]
    assert texts(plan.lines, "origin") == ["", "theirs", "ours", ""]
    assert origin_counts(plan.lines) == {"ours": 1, "theirs": 1}
    pd.testing.assert_frame_equal(plan.changes, before.changes)
    assert plan.fingerprint == before.fingerprint


def test_the_first_entry_of_a_number_that_tells_anything_is_told():
    """A number with several entries is one removal, told by the entry that has a history, and theirs if any has one."""
    stop = listed([(FIRST, "a", 0, ""), (FIRST, "b", JANUARY, "spring")])
    plan = with_origins(removing(stop, [FIRST]), stop, history([(FIRST, "add", "", ADDED)]))
    assert plan.removals is not None
    assert plan.removals[["ours", "since", "campaign"]].to_dict("list") == {
        "ours": [False],
        "since": [DATE],
        "campaign": ["spring"],
    }


def test_a_plan_that_takes_nothing_off_stop_is_told_nothing():
    """Removals from NPAI and additions to STOP have no origin: the plan stays the very same."""
    npai = removing(listed([]), [], (FIRST,))
    adding = plan_changes(lines_of([(FIRST, "stop")]), both((), ()), Mode.IMPORT, lists=(STOP,))
    for plan in (npai, adding):
        assert len(stop_removals(plan)) == 0
        assert with_origins(plan, snapshot(STOP, ()), history([])) is plan
        assert origin_counts(plan.lines) == {"ours": 0, "theirs": 0}
        assert without_origins(plan.lines) is plan.lines


def test_what_was_told_of_origins_is_taken_off_again():
    """Lines without origins have neither the column nor the sentence, and are the same for the rest."""
    stop = listed([(FIRST, "a", 0, "")])
    told_lines = with_origins(removing(stop, [FIRST]), stop, history([])).lines
    bare = without_origins(told_lines)
    assert "origin" in told_lines
    assert "origin" not in bare
    assert texts(bare, "detail") == [""]
    assert bare["number"].tolist() == [FIRST]


def removals(ours: list[bool], since: str = "", campaign: str = "") -> pd.DataFrame:
    """Removals from STOP as a plan has them."""
    n = len(ours)
    facts = {"since": [since] * n, "campaign": [campaign] * n, "run_id": ["r" if mine else "" for mine in ours]}
    return pd.DataFrame({"seq": range(n), "number": [FIRST + at for at in range(n)], "ours": np.array(ours), **facts})


@pytest.mark.parametrize(
    ("ours", "sentence"),
    [
        (None, ""),
        (
            [True],
            (
                "1 number is to be removed from STOP; earlier runs put 1 there, 0 came by itself or from elsewhere, as "
                "when a person replies STOP."
            ),
        ),
        (
            [True] * 3 + [False] * 1200,
            (
                "Of the 1,203 numbers to be removed from STOP, earlier runs put 3 there; 1,200 came by themselves or "
                "from elsewhere, as when a person replies STOP."
            ),
        ),
    ],
)
def test_one_sentence_counts_what_is_ours_and_what_is_not(ours, sentence):
    """The sentence says how many are removed, how many of them runs added, and how many not."""
    assert origin_sentence(None if ours is None else removals(ours)) == sentence


@pytest.mark.parametrize(
    ("since", "campaign", "rest"),
    [
        ("", "", ""),
        (DATE, "", f"  since {DATE}"),
        ("", "spring", "  campaign spring"),
        (DATE, "spring", f"  since {DATE}, campaign spring"),
    ],
)
def test_numbers_that_are_not_ours_are_named_with_what_is_known(since, campaign, rest):
    """Before the question each number that no run put there stands on a line of its own; ours are not named."""
    assert named_removals(removals([True, False, True], since, campaign)) == (
        "To be removed from STOP, though no earlier run put them there:",
        f"  +{FIRST + 1}{rest}",
    )


def test_nothing_is_named_where_all_are_ours():
    """There is nothing to look at, and no heading without lines."""
    assert named_removals(None) == ()
    assert named_removals(removals([True, True])) == ()


@pytest.mark.parametrize(("theirs", "more"), [(20, 0), (21, 1), (1520, 1500)])
def test_twenty_numbers_are_named_and_the_others_counted(theirs, more):
    """Nobody reads more than twenty in a question: the last line says how many there are besides."""
    lines = named_removals(removals([False] * theirs + [True]))
    assert lines[1:21] == tuple(f"  +{FIRST + at}" for at in range(20))
    last = f"  and {more:,} more; the report of --dry-run lists them all."
    assert lines[21:] == ((last,) if more else ())
