"""`diff --save-plan` and `apply`: carried out exactly, or refused with one sentence."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from ptx_bulk.errors import ConfigurationError, InputError, PlanStale, ReportError, SafetyRefusal
from ptx_bulk.model import Mode
from tests.pipeline.conftest import ALLOWED, NPAI, STOP, Desk, check_truth, numbers, report


def saved(desk: Desk, mode: Mode = Mode.IMPORT, n: int = 20) -> Path:
    """A plan on the NPAI list, which holds ten numbers."""
    desk.server.preload(NPAI, numbers(10))
    plan = desk.folder / "plan.json"
    result = desk.diff(mode, desk.file(numbers(n)), NPAI, plan_path=str(plan), report=[desk.folder / "diff.csv"])
    assert result.summary.counts.get("planned", 0) > 0
    assert not desk.server.effects
    return plan


def refused(desk: Desk, plan: Path, match: str) -> None:
    """Applying the plan is exit 8, in one sentence, and sends nothing."""
    try:
        result = desk.apply(plan)
    except PlanStale as error:
        raised, text = error.exit_code, str(error)
    else:
        raised, text = result.exit_code, str(result.error)
        lines = report(result)
        assert set(lines.loc[lines["action"].isin(["add", "remove"]), "code"]) <= {"PLAN_STALE"}
    assert raised == 8
    assert match in text
    assert not desk.server.effects


def test_a_saved_plan_is_carried_out_exactly(desk):
    """What `diff` planned is what `apply` does, no more and no less."""
    plan = saved(desk)
    told = {change["number"] for change in json.loads(plan.read_text())["changes"]}
    result = desk.apply(plan)
    check_truth(result, desk.server)
    assert (result.exit_code, result.summary.counts) == (0, {"unchanged": 10, "applied": 10})
    assert {number for _kind, number, _effect in desk.server.effects} == told == set(numbers(10, 10))


def test_a_plan_is_readable(desk):
    """The file is JSON with version, account, lists, input, fingerprints and every change; no key in it."""
    body = json.loads(saved(desk).read_text())
    assert (body["format"], body["version"], body["mode"], body["lists"]) == ("ptx-bulk plan", 4, "import", ["npai"])
    assert body["remote"]["npai"]["entries"] == 10
    assert [change["action"] for change in body["changes"]] == ["add"] * 10
    assert len(body["inputs"][0]["sha256"]) == 64
    assert "sandbox" not in json.dumps(body)


@pytest.mark.parametrize("what", ["a change", "the mode", "a fingerprint", "the checksum", "the checksum away"])
def test_a_tampered_plan_is_refused(desk, what):
    """A plan that was altered by a single character is exit 8."""
    plan = saved(desk)
    body = json.loads(plan.read_text())
    match what:
        case "a change":
            body["changes"][0]["number"] = "+33699999999"
        case "the mode":
            body["mode"] = "remove"
        case "a fingerprint":
            body["fingerprint"] = "0" * 64
        case "the checksum":
            body["checksum"] = "0" * 64
        case _:
            del body["checksum"]
    plan.write_text(json.dumps(body))
    refused(desk, plan, "altered")


@pytest.mark.parametrize("version", ["1", "3", "5", "null", '"4"'])
def test_a_plan_of_another_version_is_refused(desk, version):
    """A plan in a format that this version does not know is exit 8 with the remedy, not misread."""
    plan = saved(desk)
    plan.write_text(plan.read_text().replace('"version": 4', f'"version": {version}'))
    refused(desk, plan, "another version")
    refused(desk, plan, "new plan with diff")


def test_a_changed_input_is_refused(desk):
    """One number more in the file since the plan was saved: exit 8; the file gone: exit 8, too."""
    plan = saved(desk)
    path = desk.file([*numbers(20), "+33600099999"])
    refused(desk, plan, "input changed")
    path.unlink()
    refused(desk, plan, "cannot be read any more")


@pytest.mark.parametrize("how", ["one more", "one less", "another spelling", "listed anew"])
def test_a_changed_list_is_refused(desk, how):
    """The remote list differs from the one that the plan was made for: exit 8, with lines that say so."""
    plan = saved(desk)
    entries = desk.server.lists[NPAI]
    if how != "one more":
        entries.pop(numbers(1)[0])
    if how == "listed anew":
        desk.server.preload(NPAI, numbers(1))
    elif how != "one less":
        desk.server.preload(NPAI, ["0600000000" if how == "another spelling" else "+33600088888"])
    refused(desk, plan, "NPAI list changed")


def test_a_change_on_the_other_list_does_not_matter(desk):
    """A plan for one list does not go stale by the other."""
    plan = saved(desk)
    desk.server.preload(STOP, numbers(3))
    assert desk.apply(plan).exit_code == 0


def test_a_foreign_plan_is_refused(desk):
    """A plan of another account, or from another state folder, is exit 7."""
    plan = saved(desk)
    desk.key = "another"
    with pytest.raises(SafetyRefusal, match="another account") as caught:
        desk.apply(plan)
    assert caught.value.exit_code == 7
    desk.key, desk.home = "sandbox", desk.home.with_name("other-home")
    with pytest.raises(SafetyRefusal, match="another state folder"):
        desk.apply(plan)
    assert not desk.server.effects


def test_a_plan_works_from_another_folder(desk, tmp_path, monkeypatch):
    """A plan remembers where its input is, wherever it is applied from."""
    monkeypatch.chdir(desk.folder)
    desk.server.preload(NPAI, numbers(10))
    desk.file(numbers(20), "relative.csv")
    desk.diff(Mode.IMPORT, Path("relative.csv"), NPAI, plan_path="plan.json", report=[Path("diff.csv")])
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    result = desk.apply(desk.folder / "plan.json")
    assert (result.exit_code, result.summary.counts) == (0, {"unchanged": 10, "applied": 10})


def test_a_plan_is_applied_once(desk):
    """The second time the list is another one: exit 8."""
    plan = saved(desk)
    assert desk.apply(plan).exit_code == 0
    desk.server.effects.clear()
    refused(desk, plan, "list changed")


def test_safeguards_hold_for_saved_plans(desk):
    """Removals in a saved plan need the same flags as those of a command."""
    plan = saved(desk, Mode.SYNC, n=4)
    assert desk.apply(plan).exit_code == 7
    assert desk.apply(plan, yes=True).exit_code == 7
    assert not desk.server.effects
    assert desk.apply(plan, yes=True, safeguards=ALLOWED).summary.counts == {"unchanged": 4, "applied": 6}


def test_a_dry_run_of_a_plan_sends_nothing(desk):
    """`apply --dry-run` checks and reports only."""
    plan = saved(desk)
    assert desk.apply(plan, dry_run=True).summary.counts == {"unchanged": 10, "planned": 10}
    assert not desk.server.effects


def test_what_is_no_plan_is_told(desk):
    """A file that is missing, no JSON or another JSON is exit 3."""
    for content in (None, "not json", '{"some": "json"}', "[]"):
        path = desk.folder / "odd.json"
        if content is not None:
            path.write_text(content)
        with pytest.raises(InputError, match=r"odd\.json"):
            desk.apply(path)


def test_a_plan_is_never_overwritten_nor_made_from_a_stream(desk, monkeypatch):
    """Saving over a file is refused; standard input cannot be read again, so it makes no plan."""
    plan = saved(desk)
    with pytest.raises(ReportError, match="overwritten"):
        desk.diff(Mode.IMPORT, desk.file(numbers(3)), NPAI, plan_path=str(plan), report=[desk.folder / "d2.csv"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Mobile\n+33600000000\n")))
    with pytest.raises(ConfigurationError, match="standard input"):
        desk.diff(Mode.IMPORT, Path("-"), NPAI, plan_path=str(desk.folder / "p2.json"))
