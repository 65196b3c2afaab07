"""The file of a saved plan: what is planned is in it, and what is damaged or hostile is told in one sentence."""

from __future__ import annotations

import copy
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ptx_bulk.errors import ConfigurationError, InputError, PlanStale, PtxError, ReportError
from ptx_bulk.model import ListKind, Mode
from ptx_bulk.pipeline.steps.planfile import _checksum, load_plan
from tests.pipeline.conftest import ALLOWED, NPAI, STOP, Desk, numbers

WRONG: tuple[Any, ...] = (None, True, 7, -1.5, 10**400, "", "x", "a\0b", "\udce9", [], [[]], ["\0"], {}, {"": None})


def saved(desk: Desk, mode: Mode = Mode.REMOVE, kind: ListKind = STOP) -> Path:
    """A plan for two of twenty numbers on a list."""
    desk.server.preload(kind, numbers(20))
    plan = desk.folder / "plan.json"
    desk.diff(mode, desk.file(numbers(2)), kind, plan_path=str(plan), report=[desk.folder / "diff.csv"])
    return plan


def test_a_removal_never_hits_an_entry_newer_than_its_plan(desk):
    """A number taken off and STOPped anew since the plan was saved stays on STOP: exit 8, and the list is named."""
    plan = saved(desk)
    newer = numbers(1)[0]
    del desk.server.lists[STOP][newer]
    desk.server.preload(STOP, [newer])
    result = desk.apply(plan, yes=True, safeguards=ALLOWED)
    assert result.exit_code == 8
    assert "STOP list changed" in str(result.error)
    assert not desk.server.effects


def test_every_changed_list_is_named(desk):
    """Where both lists of a plan changed, both are named."""
    path = desk.folder / "both.csv"
    path.write_text("Mobile;Liste\n+33600000000;STOP\n+33600000001;NPAI\n", encoding="utf-8")
    desk.diff(Mode.IMPORT, path, plan_path=str(desk.folder / "plan.json"), report=[desk.folder / "diff.csv"])
    for kind in (STOP, NPAI):
        desk.server.preload(kind, numbers(1, 50))
    result = desk.apply(desk.folder / "plan.json")
    assert result.exit_code == 8
    assert "STOP, NPAI lists changed" in str(result.error)


def test_the_ids_of_planned_removals_stand_in_the_plan(desk):
    """Each planned removal names the entries that it means, as the server knows them."""
    body = json.loads(saved(desk).read_text(encoding="utf-8"))
    assert {change["number"]: change["entry_ids"] for change in body["changes"]} == {
        number: [desk.server.lists[STOP][number]] for number in numbers(2)
    }


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value in a JSON object, containers included."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from leaves(one, (*path, key))


def rewritten(plan: Path, body: dict[str, Any]) -> None:
    """The plan with this body and a checksum that is right for it."""
    told = {name: value for name, value in body.items() if name not in ("checksum", "changes")}
    plan.write_text(json.dumps({**body, "checksum": _checksum(told)}), encoding="utf-8")


@pytest.mark.slow
def test_a_plan_of_which_any_value_is_wrong_is_refused(desk):
    """Whatever stands where, or is missing, with a checksum made to fit: nothing unexpected, and never another plan."""
    plan = saved(desk)
    body = json.loads(plan.read_text(encoding="utf-8"))
    tolerated = set()
    whole = load_plan(str(plan))
    for path in leaves({name: value for name, value in body.items() if name != "checksum"}):
        for wrong in (*WRONG, "gone"):
            changed = copy.deepcopy(body)
            holder = changed
            for key in path[:-1]:
                holder = holder[key]
            if wrong == "gone":
                del holder[path[-1]]
            else:
                holder[path[-1]] = wrong
            rewritten(plan, changed)
            try:
                read = load_plan(str(plan))
            except PtxError as error:
                assert error.exit_code in (3, 8), path
                assert "\n" not in str(error)
            else:
                tolerated.add(path[0])
                if path[0] not in ("source", "account", "inputs", "remote"):
                    assert read == whole, path
    # What is for people only may say anything; of the others texts, which are compared with what is found.
    assert tolerated <= {"created_at", "made_by", "account", "source", "inputs", "remote"}


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("source", "files"), ["/nowhere/at/all.csv"]),
        (("source", "reading", "columns"), ["no such column"]),
        (("source", "reading", "encoding"), "no-such-encoding"),
        (("source", "reading", "encoding"), "a\0b"),
        (("source", "reading", "preset"), "no-such-provider"),
        (("source", "reading", "region"), "no region"),
        (("source", "reading", "delimiter"), "too long"),
        (("remote", "stop", "identity"), "0" * 64),
        (("inputs", 0, "sha256"), "0" * 64),
    ],
)
def test_a_plan_that_cannot_be_read_as_it_says_is_stale(desk, place, wrong):
    """A plan whose values are well formed but fit nothing is exit 8 in one sentence, and sends nothing."""
    plan = saved(desk)
    body = json.loads(plan.read_text(encoding="utf-8"))
    holder = body
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = wrong
    rewritten(plan, body)
    try:
        code = desk.apply(plan, yes=True, safeguards=ALLOWED).exit_code
    except PlanStale as error:
        code = error.exit_code
    assert code == 8
    assert not desk.server.effects


CONTENTS = {
    "not UTF-8": b'{"format": "\xff\xfe"}',
    "nested without end": b"[" * 200_000,
    "nested and closed": b"[" * 100_000 + b"]" * 100_000,
    "nested in a plan": b'{"format": "ptx-bulk plan", "version": 4, "x": ' + b"[" * 900 + b"]" * 900 + b"}",
    "a huge number": b'{"format": ' + b"9" * 10_000 + b"}",
    "NUL": b"\0" * 100,
    "empty": b"",
    "half a character": b'{"format": "ptx-bulk plan", "version": 4, "x": "\\ud800"}',
    "only its name": b'{"format": "ptx-bulk plan", "version": 4}',
    "cut off": b'{"format": "ptx-bulk plan", "version": 4, "account": "a',
}


@pytest.mark.parametrize("what", CONTENTS)
def test_a_damaged_file_is_told_in_one_sentence(desk, what):
    """What is no plan is exit 3, what was one is exit 8; the file is named."""
    path = desk.folder / "odd.json"
    path.write_bytes(CONTENTS[what])
    with pytest.raises((InputError, PlanStale), match=r"odd\.json"):
        desk.apply(path)


def test_what_is_no_regular_file_is_no_plan(desk):
    """A folder, a device without end and a name with NUL are exit 3 at once."""
    for name in (str(desk.folder), "/dev/zero", "a\0b", "x" * 5000):
        with pytest.raises(InputError):
            load_plan(name)


@pytest.mark.skipif(sys.platform == "win32", reason="mkfifo is POSIX")
def test_a_pipe_without_a_writer_is_no_plan(desk):
    """A named pipe that nobody writes to is refused instead of waited for."""
    os.mkfifo(desk.folder / "pipe")
    with pytest.raises(InputError, match="pipe"):
        load_plan(str(desk.folder / "pipe"))


def test_a_plan_that_cannot_be_saved_is_refused_before_any_work(desk):
    """A name that is taken, impossible, in a missing folder or a report's under another spelling: no list is read."""
    path = desk.file(numbers(3))
    (desk.folder / "taken.json").touch()
    (desk.folder / "link.json").symlink_to(desk.folder / "nowhere")
    report = desk.folder / "report.json"
    names = ["taken.json", "link.json", "missing/plan.json", ".", "x" * 300, f"../{desk.folder.name}/report.json"]
    for name in names:
        with pytest.raises(ReportError):
            desk.diff(Mode.IMPORT, path, plan_path=str(desk.folder / name), report=[report])
    for name in ("", "  ", "a\0b"):
        with pytest.raises(ConfigurationError, match="--save-plan"):
            desk.diff(Mode.IMPORT, path, plan_path=name, report=[report])
    assert not desk.server.calls
    assert sorted(entry.name for entry in desk.folder.iterdir()) == ["in.csv", "link.json", "taken.json"]
