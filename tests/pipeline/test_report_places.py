"""Where reports and rejects go, and that nothing is sent before both places are known to be good."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ptx_bulk import pipeline
from ptx_bulk.errors import PlaceRefused, ReportError
from ptx_bulk.model import Mode
from ptx_bulk.pipeline import Reporting, Source
from tests.pipeline.conftest import Told, numbers

READ_ONLY = Path("/proc")  # nobody may write there, root neither
WRONG = ["06 12", "n/a"]
needs_read_only = pytest.mark.skipif(not READ_ONLY.is_dir(), reason="needs a folder that root cannot write to either")


@needs_read_only
def test_rejects_lie_beside_the_report(desk, monkeypatch):
    """With --report the rejects go to its folder; the current one need not be writable."""
    path = desk.file([*numbers(5), *WRONG])
    place = desk.folder / "reports"
    place.mkdir()
    monkeypatch.chdir(READ_ONLY)
    desk.folder = Path()
    result = desk.write(Mode.IMPORT, path, report=[place / "out.html", place.parent / "two.csv"])
    assert result.summary.counts == {"applied": 5, "rejected": 2}
    rejects = place / f"in.{result.summary.run_id}.rejects.csv"
    assert result.summary.reports == (str(place / "out.html"), str(place.parent / "two.csv"), str(rejects))
    assert rejects.read_text(encoding="utf-8").count("\n") == 2


def bad_places(folder: Path) -> list[list[Path]]:
    """Places that no report can be written to."""
    (folder / "dangling.csv").symlink_to(folder / "nowhere" / "x.csv")
    bad = [
        [folder / "nowhere" / "a.csv"],
        [folder / "dangling.csv"],
        [folder / "a.csv", folder / "." / ".." / folder.name / "a.csv"],
        [folder / "in.csv"],
        [folder / f"{'x' * 260}.csv"],
    ]
    return [*bad, [READ_ONLY / "a.csv"]] if READ_ONLY.is_dir() else bad


@pytest.mark.parametrize("command", ["write", "dry run", "diff", "check", "apply", "undo", "resume"])
def test_no_command_starts_with_a_bad_place(desk, command):
    """Every command with reports refuses a bad place with exit code 2 before a list is read or a file is made."""
    path = desk.file([*numbers(3), *WRONG])
    bad = bad_places(desk.folder)
    plan = desk.folder / "plan.json"
    first = desk.write(Mode.IMPORT, desk.file(numbers(2, first=50), "other.csv"))
    desk.diff(Mode.IMPORT, path, plan_path=str(plan))
    calls, files = len(desk.server.calls), sorted(desk.folder.iterdir())
    for places in bad:
        with pytest.raises(PlaceRefused) as caught:
            match command:
                case "write" | "dry run":
                    desk.write(Mode.IMPORT, path, report=places, dry_run=command == "dry run")
                case "diff":
                    desk.diff(Mode.IMPORT, path, report=places)
                case "check":
                    pipeline.check(Source(files=(str(path),)), Reporting(paths=tuple(places)))
                case "apply":
                    desk.apply(plan, report=places)
                case "undo":
                    desk.undo(first.summary.run_id, report=places)
                case _:
                    desk.resume(first.summary.run_id, report=places)
        assert caught.value.exit_code == 2
        assert places[0].name in str(caught.value)
    assert len(desk.server.calls) == calls
    assert sorted(desk.folder.iterdir()) == files


@needs_read_only
def test_the_default_place_is_tried_too(desk):
    """Without --report the folder of the default names is tried before anything is sent, and the way out is named."""
    path = desk.file(numbers(3))
    desk.folder = READ_ONLY
    with pytest.raises(PlaceRefused, match="--report"):
        desk.write(Mode.IMPORT, path)
    assert not desk.server.calls


def test_a_plan_and_a_report_need_two_names(desk):
    """Diff refuses one name for plan and report before the lists are read."""
    both = desk.folder / "both.json"
    with pytest.raises(PlaceRefused, match="names the same file"):
        desk.diff(Mode.IMPORT, desk.file(numbers(3)), report=[both], plan_path=str(both))
    assert not desk.server.calls


@pytest.mark.parametrize("letter", ["a", "é"])
@pytest.mark.parametrize("size", [200, 223, 250])
def test_a_long_name_gets_its_report(desk, letter, size):
    """From an input whose name fills all the room there is, the report and the rejects are written all the same."""
    path = desk.file([*numbers(3), *WRONG], f"{letter * (size // len(letter.encode()))}.csv")
    result = desk.write(Mode.IMPORT, path)
    assert result.summary.counts == {"applied": 3, "rejected": 2}
    assert all(Path(name).is_file() for name in result.summary.reports)
    assert [Path(name).name.split(".")[-2] for name in result.summary.reports] == ["results", "rejects"]


def test_inputs_of_one_name_have_a_rejects_file_each(desk):
    """Two inputs that share their name in two folders get two rejects files, told before they are written."""
    (desk.folder / "more").mkdir()
    paths = [desk.file([*numbers(1), *WRONG]), desk.file(WRONG, "more/in.csv")]
    result = pipeline.check(
        Source(files=tuple(map(str, paths))), Reporting(folder=desk.folder, paths=(desk.folder / "r.json",))
    )
    assert len(result.summary.reports) == 3
    assert all(Path(name).is_file() for name in result.summary.reports)
    written = json.loads((desk.folder / "r.json").read_bytes())
    assert written["summary"]["reports"] == list(result.summary.reports)


@needs_read_only
def test_a_report_that_failed_late_is_resumed_from_anywhere(desk, monkeypatch):
    """When the place of the report goes away while numbers are sent, resume writes all of it into another folder."""
    path = desk.file([*numbers(5), *WRONG])
    gone = desk.folder / "gone"
    gone.mkdir()
    with pytest.raises(ReportError, match="ptx-bulk resume") as caught:
        desk.write(Mode.IMPORT, path, report=[gone / "out.csv"], told=Told(after_sending=gone.rmdir))
    assert caught.value.exit_code == 1
    assert len(desk.listed()) == 5
    with pytest.raises(PlaceRefused):
        desk.resume(report=[gone / "out.csv"])
    elsewhere = desk.folder / "elsewhere"
    elsewhere.mkdir()
    desk.folder = READ_ONLY
    monkeypatch.chdir(READ_ONLY)
    with pytest.raises(PlaceRefused, match="--report"):
        desk.resume()
    result = desk.resume(report=[elsewhere / "out.csv"])
    assert result.summary.counts == {"applied": 5, "rejected": 2}
    assert len(list(elsewhere.iterdir())) == 2
    assert sum(call.request.method == "POST" for call in desk.server.calls) == 5
