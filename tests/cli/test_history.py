"""Runs from the command line: what takes a run back, goes on with it or forgets it, against a served sandbox."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.sequences import run_lines
from tests.conftest import Ran

KEY = {"PTX_API_KEY": "sandbox"}


@pytest.fixture
def ptx(tmp_path: Path, environment: dict[str, str], sandbox: str):
    """Runs command lines one after the other on the served sandbox's account."""
    (tmp_path / "work").mkdir()

    def call(*lines: list[object]) -> list[Ran]:
        env = {**environment, **KEY, "PTX_BASE_URL": sandbox}
        return run_lines(lines, folder=tmp_path / "work", environment=env)

    call.folder = tmp_path / "work"
    return call


def numbers_file(folder: Path, n: int, name: str = "in.csv") -> str:
    (folder / name).write_text("\n".join(["Mobile", *(f"+336000{at:05d}" for at in range(n)), ""]), encoding="utf-8")
    return name


@pytest.mark.slow
def test_an_unset_variable_takes_nothing_back(ptx):
    """`undo ""`, `undo 2`, a blank and a mere beginning end with 2 before anything is sent; so does `resume ""`."""
    (imported,) = ptx(["import", numbers_file(ptx.folder, 5), "--json"])
    name = imported.json["run_id"]
    why = ["--yes", "--reason", "trial"]
    wrong = [["undo", text, *why] for text in ("", " ", "2", name[:8], name[:-1])]
    *refused, export, undone = ptx(
        *wrong,
        ["resume", ""],
        ["resume", "", "--yes", "--json"],
        ["show", "2"],
        ["export", "--since", "", "-o", "-"],
        ["export", "-o", "-"],
        ["undo", name, *why],
    )
    assert [ran.code for ran in refused] == [2] * len(refused)
    assert all(len(ran.err.strip().splitlines()) == 1 for ran in refused)
    assert refused[6].json["exit_code"] == 2
    assert len(export.out.splitlines()) == 6
    assert undone.code == 0


@pytest.mark.slow
def test_a_limit_given_to_undo_holds(ptx):
    """`undo --max-removals 1` of a run that added three is exit 7; without a limit it goes through."""
    (imported,) = ptx(["import", numbers_file(ptx.folder, 3), "--json"])
    undo = ["undo", imported.json["run_id"], "--yes", "--reason", "trial", "--json"]
    refused, empty, undone = ptx([*undo, "--max-removals", "1"], [*undo, "--max-removals", ""], undo)
    assert (refused.code, refused.json["counts"]) == (7, {"not_attempted": 3})
    assert empty.code == 2
    assert (undone.code, undone.json["counts"]) == (0, {"applied": 3})


@pytest.mark.slow
def test_resume_takes_the_options_that_matter(ptx):
    """A run that a time limit stopped is resumed with yes, pace, report and without verification."""
    stopped, resumed = ptx(
        ["import", numbers_file(ptx.folder, 40), "--max-rate", "50", "--time-limit", "0", "--json"],
        ["resume", "--yes", "--concurrency", "64", "--max-rate", "5000", "--timeout", "9", "--time-limit", "90",
         "--no-verify", "--report", "all.csv", "--json"],
    )  # fmt: skip
    assert stopped.code == 5
    assert (resumed.code, resumed.json["counts"]) == (0, {"applied": 40})
    assert resumed.json["verified"] == {"yes": 0, "no": 0}
    assert (ptx.folder / "all.csv").exists()


@pytest.mark.slow
def test_purge_says_what_goes_and_what_stays(ptx, environment):
    """A stopped run is left and told; with --abandoned it goes; a dry run says so and deletes nothing."""
    stopped, left, told, dry, gone, after = ptx(
        ["import", numbers_file(ptx.folder, 40), "--time-limit", "0", "--json"],
        ["purge", "--older-than", "0d"],
        ["purge", "--older-than", "0d", "--json"],
        ["purge", "--older-than", "0d", "--abandoned", "--dry-run"],
        ["purge", "--older-than", "0d", "--abandoned", "--json"],
        ["resume", "--json"],
    )
    assert stopped.code == 5
    assert "1 unfinished run of" in left.err
    assert "--abandoned" in left.err
    assert (told.json["abandoned"], told.json["left"]) == (0, 1)
    assert "1 abandoned run and" in dry.err
    assert "would be deleted" in dry.err
    assert (gone.json["abandoned"], gone.json["left"], gone.json["dry_run"]) == (1, 0, False)
    assert "no interrupted run" in after.err
    with closing(sqlite3.connect(Path(environment["PTX_HOME"]) / "journal.sqlite3")) as db:
        assert db.execute("SELECT count(*) FROM runs").fetchone() == (0,)


def test_an_age_that_is_none_is_refused(ptx):
    """`--older-than` takes a plain number with d, w, m or y; else exit 2."""
    for ran in ptx(*(["purge", "--older-than", age] for age in ("", "90", "d", "-1d", "9" * 400 + "d", "1.5d", "٣d"))):
        assert (ran.code, "90d" in ran.err) == (2, True)


def test_a_plan_without_a_place_is_refused_before_any_work(ptx):
    """`--save-plan` into a missing folder, over a file or onto the report ends at once, with the JSON object."""
    name = numbers_file(ptx.folder, 3)
    missing, taken, twice = ptx(
        ["diff", name, "--save-plan", "missing/p.json", "--json"],
        ["diff", name, "--save-plan", name, "--json"],
        ["diff", name, "--save-plan", "r.json", "--report", f"../{ptx.folder.name}/r.json", "--json"],
    )
    assert [ran.code for ran in (missing, taken, twice)] == [2, 2, 2]
    assert [json.loads(ran.out)["exit_code"] for ran in (missing, taken, twice)] == [2, 2, 2]
    assert not list(ptx.folder.glob("*.results.*"))
