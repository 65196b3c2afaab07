"""Forgetting on the command line: erase, purge, and what a profile keeps."""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import Ran
from tests.journal.test_erasing import held

OURS = 33612345678


def stops(folder: Path, *numbers: str, name: str = "stops.csv") -> str:
    (folder / name).write_text("Mobile\n" + "".join(f"{number}\n" for number in numbers))
    return name


def aged(home: Path, days: float, run_id: str = "") -> None:
    """As if the run, or all, had been so many days earlier."""
    moved = days * 86_400
    with closing(sqlite3.connect(home / "journal.sqlite3")) as db, db:
        where = "run_id = coalesce(nullif(?, ''), run_id)"
        db.execute(
            f"UPDATE runs SET started_at = started_at - ?, finished_at = finished_at - ? WHERE {where}",
            (moved, moved, run_id),
        )
        db.execute(f"UPDATE outcomes SET finished_at = finished_at - ? WHERE {where}", (moved, run_id))
        db.execute(f"UPDATE snapshots SET taken_at = taken_at - ? WHERE {where}", (moved, run_id))


@pytest.fixture
def home(environment: dict[str, str]) -> Path:
    return Path(environment["PTX_HOME"])


def listed(run: Callable[..., Ran], *options: str) -> list[str]:
    rows = csv.DictReader(run("--sandbox", "export", "-o", "-", "--list", "stop", *options).out.splitlines())
    return [row["phone"] for row in rows]


@pytest.mark.slow
def test_erase_takes_a_number_out_and_leaves_the_list(run: Callable[..., Ran], home: Path) -> None:
    """An erased number is in no byte of the state folder, is still on the list, and what undo cannot do is said."""
    first = run("--sandbox", "import", stops(run.folder, "0612345678", "0612345679", "x 06 12 34 56 78"), "--json")
    assert held(home)
    told = run("--sandbox", "erase", "06.12.34.56.78", "--yes", "--json").json
    assert held(home) == []
    assert told["not_undoable"] == [{"run_id": first.json["run_id"], "additions": 1, "removals": 0}]
    assert (told["command"], told["exit_code"], told["changes"]) == ("erase", 0, 1)
    assert "612345678" not in json.dumps(told)
    assert listed(run) == ["+33612345678", "+33612345679"]
    shown = run("--sandbox", "show", first.json["run_id"], "--json").json
    assert (shown["done"], shown["summary"]["counts"]) == ({"applied": 2}, first.json["counts"])


@pytest.mark.slow
def test_undo_takes_back_what_is_left(run: Callable[..., Ran]) -> None:
    """Undoing a run with an erased change takes back all others, and says how many it cannot."""
    first = run("--sandbox", "import", stops(run.folder, "0612345678", "0612345679"), "--json").json["run_id"]
    run("--sandbox", "erase", "0612345678", "--yes")
    undone = run("--sandbox", "undo", first, "--yes", "--allow-stop-removal", "--reason", "wrong file", "--json")
    assert (undone.code, undone.json["counts"]) == (0, {"applied": 1})
    assert "1 change of the run cannot be taken back" in undone.err
    assert listed(run) == ["+33612345678"]


@pytest.mark.slow
def test_an_undone_removal_of_an_erased_number_sends_nothing(run: Callable[..., Ran]) -> None:
    """A removal whose number was erased is not put back, under no other name either."""
    run("--sandbox", "import", stops(run.folder, "0612345678", "0612345679"))
    words = ["--yes", "--allow-stop-removal", "--reason", "r", "--max-removals", "100%", "--json"]
    gone = run("--sandbox", "remove", "stops.csv", *words).json["run_id"]
    run("--sandbox", "erase", "0612345678", "--yes")
    assert run("--sandbox", "undo", gone, "--yes", "--json").json["counts"] == {"applied": 1}
    assert listed(run) == ["+33612345679"]


@pytest.mark.slow
def test_a_finished_run_is_reported_anew_without_the_number(run: Callable[..., Ran], home: Path) -> None:
    """Resuming a finished run with an erased change sends nothing and contradicts nothing."""
    first = run("--sandbox", "import", stops(run.folder, "0612345678", "0612345679"), "--no-verify", "--json").json
    run("--sandbox", "erase", "0612345678", "--yes")
    again = run("--sandbox", "resume", first["run_id"], "--yes", "--report", "again.csv", "--json")
    assert (again.code, again.json["counts"]) == (0, first["counts"])
    rows = list(csv.DictReader((run.folder / "again.csv").read_text().splitlines()))
    assert [(row["e164"], row["status"]) for row in rows] == [("", "applied"), ("+33612345679", "applied")]


@pytest.mark.slow
def test_what_was_erased_is_no_news(run: Callable[..., Ran]) -> None:
    """`export --since` a snapshot from which a number was erased does not tell it as new."""
    first = run("--sandbox", "import", stops(run.folder, "0612345678"), "--json").json["run_id"]
    run("--sandbox", "erase", "0612345678", "--yes")
    run("--sandbox", "import", stops(run.folder, "0612345680", name="more.csv"))
    assert listed(run, "--since", first) == ["+33612345680"]


@pytest.mark.slow
def test_what_was_erased_did_not_come_by_itself(run: Callable[..., Ran]) -> None:
    """`find` and its letter do not put an erased import down to the person who was imported."""
    run("--sandbox", "import", stops(run.folder, "0612345678", "0612345679"))
    run("--sandbox", "erase", "0612345678", "--yes")
    words = ["--dossier", "answer.html", "--lang", "en", "--json"]
    events = run("--sandbox", "find", "0612345678", *words).json["found"][0]["events"]
    assert [event["event"] for event in events if event["list"] == "stop"] == ["seen", "listed"]
    assert "you answered STOP" not in (run.folder / "answer.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_erasing_needs_a_yes(run: Callable[..., Ran], home: Path) -> None:
    """Where nobody is asked, erasing needs --yes and ends with 7; a dry run needs none and changes nothing."""
    run("--sandbox", "import", stops(run.folder, "0612345678"))
    assert run("--sandbox", "erase", "0612345678").code == 7
    assert run("--sandbox", "erase", "0612345678", "--dry-run").code == 0
    assert held(home)


@pytest.mark.slow
def test_an_unfinished_run_is_not_broken(run: Callable[..., Ran], home: Path) -> None:
    """A number that a stopped run needs is not erased (exit 7); once the run is finished it is."""
    stops(run.folder, *(f"06123456{n:02}" for n in range(30)))
    assert run("--sandbox", "import", "stops.csv", "--time-limit", "0").code == 5
    refused = run("--sandbox", "erase", "0612345607", "--yes")
    assert refused.code == 7
    assert "612345607" not in refused.err
    assert run("--sandbox", "resume", "--yes").code == 0
    assert run("--sandbox", "erase", "0612345607", "--yes").code == 0
    assert held(home, 33612345607) == []


@pytest.mark.parametrize("number", ["abc", "12", "", "0612345678901234"])
def test_what_is_no_number_is_refused(number: str, run: Callable[..., Ran]) -> None:
    """A number that cannot be read ends with 2 and is not repeated."""
    done = run("--sandbox", "erase", "0612345678", number, "--yes")
    assert done.code == 2
    assert "Number 2" in done.err
    assert len(number) < 3 or number not in done.err


@pytest.mark.slow
def test_numbers_come_by_standard_input(run: Callable[..., Ran], home: Path) -> None:
    """`-` reads the numbers from standard input, so that none stands in the shell's history."""
    run("--sandbox", "import", stops(run.folder, "0612345678", "0612345679"))
    run("--sandbox", "erase", "-", "--yes", stdin="0612345678\n\n+33 612 345 679\n")
    assert held(home) == held(home, 33612345679) == []


@pytest.mark.slow
def test_a_saved_reading_with_the_number_goes(run: Callable[..., Ran], home: Path) -> None:
    """How a rejects file is to be read is forgotten where a heading holds the number."""
    (run.folder / "odd.csv").write_text("Mobile;vu avec 06 12 34 56 78\nabc;x\n0612345699;y\n")
    run("--sandbox", "import", "odd.csv")
    assert list((home / "rejects").glob("*.toml"))
    assert run("--sandbox", "erase", "0612345678", "--yes", "--json").json["readings"] == 1
    assert held(home) == []


def test_purge_lists_what_it_would_delete(run: Callable[..., Ran]) -> None:
    """A dry run of purge names runs and reports, warns of the proof that goes with them, and deletes nothing."""
    done = run("--sandbox", "import", stops(run.folder, "0612345678"), "--json").json
    told = run("purge", "--older-than", "0d", "--reports", "--dry-run")
    assert done["run_id"] in told.out.splitlines()
    assert str(run.folder / done["reports"][0]) in told.out
    assert "would go the proof" in told.err
    assert (run.folder / done["reports"][0]).exists()
    assert len(run("--sandbox", "runs", "--json").json["runs"]) == 1


@pytest.mark.slow
def test_purge_deletes_only_reports_that_are_ours(run: Callable[..., Ran]) -> None:
    """Reports that were changed, replaced or linked stay; those that lie as they were written go."""
    reports = []
    for n in range(4):
        stops(run.folder, f"061234567{n}", name=f"{n}.csv")
        reports += run("--sandbox", "import", f"{n}.csv", "--json").json["reports"]
    changed, moved, linked, same = (run.folder / name for name in reports)
    changed.write_text(changed.read_text() + "a note\n")
    moved.rename(run.folder / "kept.csv")
    if os.name == "posix":
        linked.rename(run.folder / "target.csv")
        linked.symlink_to("target.csv")
    purged = run("purge", "--older-than", "0d", "--reports", "--json").json
    assert purged["runs"] == 4
    assert purged["reports"] == [str(same)] if os.name == "posix" else str(same) in purged["reports"]
    assert changed.exists()
    assert (run.folder / "kept.csv").exists()
    assert not same.exists()
    assert os.name != "posix" or (linked.exists() and (run.folder / "target.csv").exists())


def test_purge_leaves_reports_unless_asked(run: Callable[..., Ran]) -> None:
    """Without --reports purge deletes no file of the user's folders."""
    report = run("--sandbox", "import", stops(run.folder, "0612345678"), "--json").json["reports"][0]
    assert run("purge", "--older-than", "0d", "--json").json["reports"] == []
    assert (run.folder / report).exists()


def keeping(run: Callable[..., Ran], keep: str) -> None:
    (run.folder.parent / "config.toml").write_text(f'[shop]\nkeep = "{keep}"\n[other]\n')


def names(run: Callable[..., Ran]) -> set[str]:
    return {one["run_id"] for one in run("runs", "--all-accounts", "--json").json["runs"]}


@pytest.mark.slow
def test_a_profile_keeps_so_long(run: Callable[..., Ran], home: Path) -> None:
    """After a command of the profile, runs, snapshots and reports of its account that are older are gone; no others."""
    keeping(run, "30d")
    old = run("--sandbox", "import", stops(run.folder, "0612345678"), "--json").json
    young = run("--sandbox", "import", stops(run.folder, "0612345679", name="b.csv"), "--json").json
    aged(home, 31, old["run_id"])
    aged(home, 29, young["run_id"])
    run("--sandbox", "--profile", "other", "import", stops(run.folder, "0612345680", name="c.csv"))
    assert {old["run_id"], young["run_id"]} <= names(run)
    dry = run("--sandbox", "--profile", "shop", "import", "c.csv", "--dry-run")
    assert dry.code == 0
    assert old["run_id"] in names(run)
    done = run("--sandbox", "--profile", "shop", "import", "c.csv")
    assert "1 run, 3 snapshots and 1 report" in done.err
    left = names(run)
    assert old["run_id"] not in left
    assert young["run_id"] in left
    assert not (run.folder / old["reports"][0]).exists()
    assert (run.folder / young["reports"][0]).exists()


@pytest.mark.slow
def test_other_accounts_are_kept(run: Callable[..., Ran], home: Path, sandbox: str) -> None:
    """What a profile keeps no longer is its own account's alone, although the state folder is shared."""
    keeping(run, "30d")
    mine = run("--sandbox", "import", stops(run.folder, "0612345678"), "--json").json["run_id"]
    other = run("--base-url", sandbox, "import", "stops.csv", "--json", key="sandbox").json["run_id"]
    aged(home, 400)
    run("--sandbox", "--profile", "shop", "export", "-o", "x.csv")
    assert names(run) == {other}
    assert mine != other


@pytest.mark.slow
def test_unfinished_runs_are_kept(run: Callable[..., Ran], home: Path) -> None:
    """However old, a run that can be resumed is not deleted, and its snapshots are not."""
    keeping(run, "30d")
    stops(run.folder, *(f"06123456{n:02}" for n in range(30)))
    stopped = run("--sandbox", "import", "stops.csv", "--time-limit", "0", "--json").json["run_id"]
    aged(home, 500)
    run("--sandbox", "--profile", "shop", "export", "-o", "x.csv")
    assert stopped in names(run)
    assert run("--sandbox", "resume", stopped, "--yes").code == 0


@pytest.mark.slow
def test_deleted_pages_are_overwritten(run: Callable[..., Ran], home: Path) -> None:
    """What a profile keeps no longer is in no byte of the journal either, although the file is not written anew."""
    keeping(run, "30d")
    run("--sandbox", "import", stops(run.folder, "0612345678"))
    words = ["--yes", "--allow-stop-removal", "--reason", "r", "--max-removals", "100%"]
    run("--sandbox", "remove", "stops.csv", *words)
    run("--sandbox", "import", stops(run.folder, "0612345679", name="b.csv"))
    aged(home, 400)
    run("--sandbox", "--profile", "shop", "import", stops(run.folder, "0612345681", name="c.csv"))
    run("--sandbox", "runs")
    assert held(home) == []


@pytest.mark.parametrize("keep", ["400", "6d", "0d", "", "x"])
def test_an_age_that_is_too_short_is_refused(keep: str, run: Callable[..., Ran]) -> None:
    """`keep` needs an age of a week or more: else a run could not be taken back any more."""
    keeping(run, keep)
    done = run("--sandbox", "--profile", "shop", "runs")
    assert done.code == 2
    assert "keep" in done.err
