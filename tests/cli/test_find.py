"""The find command: a time line on the terminal, one object, files, a dossier; and what runs note of their user."""

from __future__ import annotations

import csv
import json

import pandas as pd
import pytest

from ptx_bulk.model import EVENT_COLUMNS

CONTRACT = {
    "run_id", "command", "list", "exit_code", "counts", "codes", "verified", "input", "remote", "reports", "elapsed_s",
}  # fmt: skip


@pytest.fixture
def ran(run):
    """A sandbox with one import by Anna, who says why."""
    (run.folder / "stops.csv").write_text("Nom;Mobile\nPetit;06 12 34 56 78\nRoy;0698765432\n", encoding="utf-8")
    done = run("--sandbox", "import", "stops.csv", "--comment", "ticket 4711", "-q", PTX_ACTOR="Anna Dupont")
    assert done.code == 0, done.err
    return run


def test_the_time_line_answers_who_when_and_from_where(ran):
    """On the terminal: each number, its lists, then its events with file, row, person and comment."""
    found = ran("--sandbox", "find", "Tél. 06.12.34.56.78", "0699999999")
    assert (found.code, found.err) == (0, "")
    first, second = found.out.split("\n\n")
    assert first.startswith("+33612345678\n  STOP: ON THE LIST")
    for told in ("added", "stops.csv, row 2, column Mobile", "Anna Dupont@", "ticket 4711"):
        assert told in first
    assert second.splitlines()[0] == "+33699999999"
    assert "Nothing else is known of it" in second


def test_the_object_has_the_contract_s_keys_and_what_was_found(ran):
    """--json prints the keys of every command, and for each number its lists and its events."""
    found = ran("--sandbox", "find", "0612345678", "0699999999", "--json").json
    assert set(found) >= CONTRACT
    assert (found["command"], found["exit_code"]) == ("find", 0)
    known, unknown = found["found"]
    assert (known["number"], known["known"], unknown["known"]) == ("+33612345678", True, False)
    assert {one["list"]: one["listed"] for one in known["lists"]} == {"stop": True, "npai": False}
    added = next(event for event in known["events"] if event["event"] == "added")
    assert (added["row"], added["actor"], added["comment"]) == (2, "Anna Dupont", "ticket 4711")
    assert len(added["input_sha256"]) == 64


@pytest.mark.slow
def test_the_events_are_written_in_every_format(ran):
    """The ending of -o chooses the format, and all hold the same events."""
    names = ["f.csv", "f.xlsx", "f.json", "f.parquet", "f.html"]
    for name in names:
        assert ran("--sandbox", "find", "0612345678", "--offline", "-o", name, "-q").code == 0
    folder = ran.folder
    with (folder / "f.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(EVENT_COLUMNS)
    written = json.loads((folder / "f.json").read_text("utf-8"))
    assert [{name: "" if value is None else str(value) for name, value in row.items()} for row in written] == rows
    for read in (
        pd.read_excel(folder / "f.xlsx", dtype=str, engine="openpyxl"),
        pd.read_parquet(folder / "f.parquet").astype({"row": "Int64"}).astype("str").replace("<NA>", ""),
    ):
        assert read.fillna("").to_dict("records") == rows
    page = (folder / "f.html").read_text("utf-8")
    assert all(row["event"] in page for row in rows)
    told = ran("--sandbox", "find", "0612345678", "--offline", "-o", "-").out
    assert [row["event"] for row in csv.DictReader(told.splitlines())] == [row["event"] for row in rows]


def test_numbers_may_come_by_standard_input(ran):
    """With - they stand in no history of the shell and no list of processes."""
    found = ran("--sandbox", "find", "-", "--json", stdin="06 12 34 56 78\n\n+33698765432\n").json
    assert [one["number"] for one in found["found"]] == ["+33612345678", "+33698765432"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("abc",), 2),
        (("0612345678", "\udcff"), 2),
        (("0612345678", "061234"), 2),
        (("-",), 2),
        ((), 2),
        (("0612345678", "-o", "f.docx"), 2),
        (("0612345678", "--dossier", "f.pdf"), 2),
        (("0612345678", "--contact", "x"), 2),
        (("0612345678", "-o", "-", "--json"), 2),
        (("0612345678", "--region", "ZZ"), 2),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_sentence(ran, arguments, code):
    """A wrong number or option ends with exit code 2 before a list is read, and is never repeated."""
    found = ran("--sandbox", "find", *arguments, "--json")
    assert (found.code, found.json["exit_code"], found.json["command"]) == (code, code, "find")
    assert "0612345678" not in found.err.replace("find 0612345678", "")


@pytest.mark.slow
def test_a_dossier_is_french_unless_english_is_asked_for(ran):
    """--lang chooses its language, the language of the rest does not; it is never overwritten."""
    ask = ("--sandbox", "find", "0612345678", "--offline", "--contact", "dpo@example.com")
    assert ran(*ask, "--dossier", "fr.html").code == 0
    assert ran(*ask, "--dossier", "en.html", "--lang", "en").code == 0
    french, english = ((ran.folder / name).read_text("utf-8") for name in ("fr.html", "en.html"))
    assert "par Anna Dupont" in french
    assert "by Anna Dupont" in english
    assert "dpo@example.com" in french
    again = ran(*ask, "--dossier", "fr.html")
    assert again.code != 0
    assert "not overwritten" in again.err


def test_runs_and_show_tell_who_and_why(ran):
    """The history names the person, the machine and the comment."""
    run_id = ran("--sandbox", "runs", "--json").json["runs"][0]["run_id"]
    assert "Anna Dupont@" in (line := ran("--sandbox", "runs").out)
    assert "ticket 4711" in line
    told = ran("--sandbox", "show", run_id, "--json").json
    assert (told["actor"], told["comment"], len(told["host"]) > 0) == ("Anna Dupont", "ticket 4711", True)
    assert "ticket 4711" in ran("--sandbox", "show", run_id).out


def test_show_writes_the_report_anew(ran):
    """Show RUN --report makes the report that import made, and names it in its object."""
    run_id = ran("--sandbox", "runs", "--json").json["runs"][0]["run_id"]
    anew = ("--report", "again.csv", "--dialect", "excel-fr")  # as the input is
    told = ran("--sandbox", "show", run_id, *anew, "--json").json
    assert told["reports"] == ["again.csv"]
    [first] = ran.folder.glob("stops.*.results.csv")
    assert (ran.folder / "again.csv").read_bytes() == first.read_bytes()
    taken = ran("--sandbox", "show", run_id, "--report", "again.csv")
    assert taken.code == 2


@pytest.mark.slow
def test_a_job_holds_a_comment_and_numbers(ran):
    """What the command line takes, a job file takes, too."""
    (ran.folder / "add.toml").write_text(
        'command = "import"\nfiles = ["stops.csv"]\n[options]\ncomment = "nightly"\n', encoding="utf-8"
    )
    (ran.folder / "look.toml").write_text(
        'command = "find"\nnumbers = ["06 12 34 56 78"]\n[options]\noffline = true\n', encoding="utf-8"
    )
    assert ran("--sandbox", "run", "add.toml").code == 0
    found = ran("--sandbox", "run", "look.toml", "--json").json["found"]
    assert [one["number"] for one in found] == ["+33612345678"]
    assert "nightly" in [event["comment"] for event in found[0]["events"]]
