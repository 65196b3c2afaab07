"""What a plan may not do without leave: each refusal, its sentence, and what lets it pass."""

from __future__ import annotations

import dataclasses
import math

import pytest

from ptx_bulk.errors import ConfigurationError, SafetyRefusal, StopRemovalRefused, TooManyRemovals
from ptx_bulk.model import Mode
from ptx_bulk.plan import MaxRemovals, Plan, Safeguards, check_safety, plan_changes
from tests.plan.frames import BOTH, FIRST, NPAI, STOP, both, lines_of, removal_plan

ALL = MaxRemovals.parse("100%")
ENTITLED = Safeguards(allow_stop_removal=True, reason="signed")


def removals_of(stop: int, npai: int, sizes: tuple[int, int] = (20, 20)) -> Plan:
    """A plan that removes so many numbers from each list."""
    lists = [range(FIRST, FIRST + size) for size in sizes]
    values = [(FIRST + at, "stop") for at in range(stop)] + [(FIRST + at, "npai") for at in range(npai)]
    return plan_changes(lines_of(values), both(*lists), Mode.REMOVE, lists=BOTH)


@pytest.mark.parametrize(
    ("size", "removals", "limit", "refused"),
    [
        (10, 3, None, False),
        (10, 4, None, True),
        (9, 9, None, False),
        (11, 4, None, True),
        (100, 30, None, False),
        (100, 31, None, True),
        (100, 31, "31", False),
        (100, 32, "31", True),
        (100, 31, "31%", False),
        (100, 32, "31.9%", True),
        (100, 100, "100%", False),
        (5, 1, "0", True),
        (5, 1, "0%", True),
        (5, 0, "0", False),
        (9, 9, "50%", True),
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


@pytest.mark.parametrize(
    ("size", "removals", "limit", "share", "most", "given"),
    [
        (20, 8, None, "40%", 6, "30%"),
        (1, 1, "0", "100%", 0, "0"),
        (3, 2, "37.5%", "67%", 1, "37.5%"),
        (8, 8, "90%", "100%", 7, "90%"),
    ],
)
def test_the_refusal_of_too_many_removals_says_all(size, removals, limit, share, most, given):
    """Removals, size, share, limit, where the limit comes from and the way on stand in one sentence."""
    safeguards = Safeguards(max_removals=MaxRemovals.parse(limit) if limit else MaxRemovals())
    with pytest.raises(TooManyRemovals) as refusal:
        check_safety(removal_plan(size, removals), safeguards)
    assert str(refusal.value) == (
        f"The plan removes {removals} of the {size} numbers on the NPAI list ({share}), more than the limit of {most} "
        f"(--max-removals {given}). Nothing was sent. If you are entitled to do this, add --max-removals {removals}."
    )


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("50", MaxRemovals(count=50)),
        ("0", MaxRemovals(count=0)),
        (" 7 ", MaxRemovals(count=7)),
        ("30%", MaxRemovals(percent=30.0)),
        ("0%", MaxRemovals(percent=0.0)),
        ("100%", MaxRemovals(percent=100.0)),
        ("2.5 %", MaxRemovals(percent=2.5)),
    ],
)
def test_max_removals_are_read_as_a_count_or_a_percentage(text, limit):
    """N is a count and N% a percentage, both bounds among them; either is a limit that somebody set."""
    assert MaxRemovals.parse(text) == limit
    assert limit.given is True
    assert MaxRemovals().given is False


@pytest.mark.parametrize("text", ["", "x", "-1", "101%", "100.5%", "-1%", "1.5", "%", "nan%", "%30"])
def test_max_removals_must_be_a_count_or_a_percentage(text):
    """Anything but N or N% is a configuration error that names the flag, the text and what would do."""
    with pytest.raises(ConfigurationError) as refused:
        MaxRemovals.parse(text)
    assert str(refused.value) == f'--max-removals "{text}" is not a number such as 50 or a percentage such as 30%.'


@pytest.mark.parametrize("count", [-1, 1.5, True, "5"])
def test_a_limit_by_count_is_a_whole_number(count):
    """A count that is no whole number from 0 on is refused by the argument's name."""
    with pytest.raises(ConfigurationError, match="argument count needs"):
        MaxRemovals(count=count)


@pytest.mark.parametrize("percent", [-0.5, 100.5, math.nan, True, "5"])
def test_a_limit_by_share_is_a_percentage(percent):
    """A share that is no number from 0 to 100 is refused by the argument's name."""
    with pytest.raises(ConfigurationError, match="argument percent needs"):
        MaxRemovals(percent=percent)


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_removals", 5), ("allow_stop_removal", "no"), ("reason", None), ("undo_of_import", 1)],
)
def test_safeguards_take_nothing_for_a_permission_that_is_none(name, value):
    """A value of another type, such as the text "no", is refused by the argument's name."""
    with pytest.raises(ConfigurationError, match=f"argument {name} needs"):
        Safeguards(**{name: value})


def test_permissions_cannot_be_changed_once_given():
    """Limits and safeguards stay as they were checked."""
    for made, name, value in ((MaxRemovals(count=5), "count", -1), (Safeguards(), "allow_stop_removal", True)):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, name, value)


@pytest.mark.parametrize(("allow", "reason"), [(False, ""), (True, ""), (True, "  "), (False, "signed")])
def test_removing_from_stop_needs_flag_and_reason(allow, reason):
    """A removal from STOP without both the flag and a reason is refused with what is missing."""
    with pytest.raises(StopRemovalRefused) as refused:
        check_safety(removal_plan(20, 2, STOP), Safeguards(allow_stop_removal=allow, reason=reason))
    missing = ([] if allow else ["--allow-stop-removal"]) + ([] if reason.strip() else ['--reason "..."'])
    assert str(refused.value) == (
        "The plan removes 2 of the 20 numbers on the STOP list: these people could receive SMS again. "
        f"Nothing was sent. If you are entitled to do this, add {' '.join(missing)}."
    )
    check_safety(removal_plan(20, 2, STOP), ENTITLED)
    check_safety(removal_plan(20, 2, NPAI), Safeguards())


def test_one_removal_from_stop_is_told_of_one_person():
    """The sentence counts one number as one, and says how many the list holds."""
    with pytest.raises(StopRemovalRefused) as refused:
        check_safety(removal_plan(20, 1, STOP), Safeguards())
    assert str(refused.value) == (
        "The plan removes 1 number from the STOP list, which holds 20: this person could receive SMS again. "
        'Nothing was sent. If you are entitled to do this, add --allow-stop-removal --reason "...".'
    )


@pytest.mark.parametrize(
    ("stop", "npai", "safeguards", "confirmed", "error", "flags"),
    [
        (15, 0, Safeguards(), False, StopRemovalRefused, '--allow-stop-removal --reason "..." --max-removals 15 --yes'),
        (15, 0, Safeguards(), True, StopRemovalRefused, '--allow-stop-removal --reason "..." --max-removals 15'),
        (1, 8, Safeguards(), True, StopRemovalRefused, '--allow-stop-removal --reason "..." --max-removals 8'),
        (0, 8, Safeguards(), False, TooManyRemovals, "--max-removals 8 --yes"),
        (8, 9, ENTITLED, True, TooManyRemovals, "--max-removals 9"),
        (9, 8, ENTITLED, True, TooManyRemovals, "--max-removals 9"),
        (10, 9, ENTITLED, True, TooManyRemovals, "--max-removals 10"),
        (8, 8, ENTITLED, True, TooManyRemovals, "--max-removals 8"),
        (7, 6, ENTITLED, True, TooManyRemovals, "--max-removals 7"),
    ],
)
def test_a_refusal_names_every_missing_flag(stop, npai, safeguards, confirmed, error, flags):
    """A plan that lacks several permissions is refused once, with all the flags that would let it pass, each once."""
    with pytest.raises(SafetyRefusal) as refused:
        check_safety(removals_of(stop, npai), safeguards, confirmed=confirmed)
    assert type(refused.value) is error
    assert str(refused.value).endswith(f" add {flags}.")
    assert str(refused.value).count("Nothing was sent.") == 1


def test_the_flags_that_a_refusal_names_let_the_plan_pass():
    """A limit that is right for the list with the most removals is right for the other one, too."""
    plan = removals_of(10, 9)
    with pytest.raises(TooManyRemovals):
        check_safety(plan, ENTITLED)
    check_safety(plan, dataclasses.replace(ENTITLED, max_removals=MaxRemovals.parse("10")))


def test_what_is_allowed_needs_no_confirmation_here():
    """A plan within all limits passes whether it is confirmed or not: asking is somebody else's part."""
    for confirmed in (True, False):
        check_safety(removals_of(0, 6), Safeguards(), confirmed=confirmed)


def test_additions_are_no_removals():
    """An import, however large, needs no permission."""
    values = [(FIRST + at, kind.value) for at in range(20) for kind in BOTH]
    plan = plan_changes(lines_of(values), both((), ()), Mode.IMPORT, lists=BOTH)
    check_safety(plan, Safeguards(max_removals=MaxRemovals(count=0)))


def test_sync_from_nothing_never_empties_a_list():
    """An input without a valid number is no reason to remove everything, whatever the limit."""
    plan = plan_changes(lines_of([(0, "npai")]), both((), {FIRST}), Mode.SYNC, lists=(NPAI,))
    with pytest.raises(SafetyRefusal) as refused:
        check_safety(plan, Safeguards(max_removals=ALL))
    assert type(refused.value) is SafetyRefusal
    assert str(refused.value) == (
        "The input holds no valid number for the NPAI list, and sync would remove the 1 number from it; "
        "nothing was sent. Check the file, or use the remove command."
    )


@pytest.mark.parametrize("safeguards", [Safeguards(), Safeguards(max_removals=ALL), ENTITLED], ids=str)
def test_no_flag_is_named_where_none_helps(safeguards):
    """Sync of STOP from nothing is refused as that, and not with flags that would not let it pass."""
    plan = plan_changes(lines_of([(0, "stop")]), both(range(FIRST, FIRST + 20), ()), Mode.SYNC, lists=(STOP,))
    with pytest.raises(SafetyRefusal, match="no valid number for the STOP list") as refused:
        check_safety(plan, safeguards)
    assert "--" not in str(refused.value)


def test_sync_of_an_empty_list_from_nothing_is_no_danger():
    """Where sync would remove nothing, an input without a valid number passes."""
    for values in ([], [(0, "npai")]):
        check_safety(plan_changes(lines_of(values), both((), ()), Mode.SYNC, lists=BOTH), Safeguards())


@pytest.mark.parametrize("values", [[(FIRST, "stop")], [(FIRST, "stop"), (0, "npai")]])
def test_numbers_for_another_list_do_not_count_as_an_input(values):
    """Sync refuses to empty a list whose own input is empty, though there are valid numbers for the other list."""
    plan = plan_changes(lines_of(values), both({FIRST}, {FIRST + 1}), Mode.SYNC, lists=BOTH)
    with pytest.raises(SafetyRefusal, match="NPAI list"):
        check_safety(plan, Safeguards(max_removals=ALL, allow_stop_removal=True, reason="trial"))


@pytest.mark.parametrize("number", [FIRST, FIRST + 50])
def test_one_valid_number_is_an_input(number):
    """Sync may remove the rest where the input's only number is on the list already or new, in the very first row."""
    plan = plan_changes(
        lines_of([(number, "npai")], first_row=1), both((), {FIRST, FIRST + 1}), Mode.SYNC, lists=(NPAI,)
    )
    check_safety(plan, Safeguards())


def test_only_sync_wants_an_input():
    """Import and remove from an input without a valid number change nothing, and pass."""
    for mode in (Mode.IMPORT, Mode.REMOVE):
        check_safety(plan_changes(lines_of([]), both((), {FIRST}), mode, lists=BOTH), Safeguards())


def test_a_limit_counts_each_list_by_itself():
    """Removals from one list do not use up what may be removed from the other."""
    check_safety(removals_of(3, 3, (10, 10)), ENTITLED)
    with pytest.raises(TooManyRemovals, match="of the 10 numbers on the NPAI list"):
        check_safety(removals_of(3, 4, (10, 10)), ENTITLED)


@pytest.mark.parametrize(
    ("limit", "refused"), [(None, False), ("11", True), ("99%", True), ("12", False), ("100%", False)]
)
def test_undo_passes_the_default_limit_and_no_other(limit, refused):
    """Taking back an import may remove more than the default limit, never more than a limit that was given."""
    limits = MaxRemovals() if limit is None else MaxRemovals.parse(limit)
    safeguards = Safeguards(max_removals=limits, reason="wrong file", undo_of_import=True)
    plan = removal_plan(12, 12, STOP)
    if refused:
        with pytest.raises(TooManyRemovals, match="--max-removals 12"):
            check_safety(plan, safeguards)
    else:
        check_safety(plan, safeguards)


def test_undo_of_an_import_needs_a_reason_and_no_flag():
    """Taking back STOPs that an import added is refused for want of a reason alone."""
    with pytest.raises(StopRemovalRefused) as refused:
        check_safety(removal_plan(12, 12, STOP), Safeguards(undo_of_import=True))
    assert str(refused.value).endswith(' add --reason "...".')
