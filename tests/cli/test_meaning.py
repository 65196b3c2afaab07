"""What files mean, as a user meets it: the reading shown, questions asked and answered, readings kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_setup import terminal
from tests.conftest import SAMPLES

ACTIVE = "Mobile;Statut\n0612345678;Actif\n0687654321;Désabonné\n"


@pytest.fixture
def active(run) -> Path:
    path = run.folder / "statut.csv"
    path.write_text(ACTIVE, encoding="utf-8")
    return path


@pytest.mark.slow
def test_the_worst_case_of_our_own_samples(run):
    """`sync npai.csv --list stop` follows --list, says which column it did not use, and removes nothing from NPAI."""
    assert run("import", SAMPLES / "npai.csv", "--list", "npai", "--sandbox").code in (0, 4)
    ran = run("sync", SAMPLES / "npai.csv", "--list", "stop", "--yes", "--sandbox", "--json")
    assert ran.json["list"] == "stop"
    assert "REMOVED" not in ran.json["codes"]
    assert "--list-column" in ran.err


def test_doubt_without_anybody_to_ask_is_exit_3_with_the_option(run, active):
    """Elsewhere than on a terminal the sentence and the object carry the options to paste, and nothing is sent."""
    ran = run("import", active.name, "--sandbox", "--json")
    assert ran.code == 3
    question = ran.json["question"]
    assert question["about"] == "list"
    assert question["options"] == ["--list-column Statut", "--list stop", "--list npai"]
    assert question["candidates"][0] == {
        "label": "Statut",
        "column": "B",
        "values": ["Actif", "Désabonné"],
        "option": "--list-column Statut",
    }
    assert all(option in ran.err for option in question["options"])
    pasted = run("import", active.name, *question["options"][0].split(" ", 1), "--sandbox", "--json")
    assert (pasted.code, pasted.json["codes"]) == (0, {"NOT_OPTED_OUT": 1, "ADDED": 1})


def talked(words, folder, environment, *said) -> tuple[int, str]:
    """Run ptx-bulk on a terminal, typing each answer once its text is shown; the exit code and all that was shown."""
    with terminal() as (master, slave):
        asked = subprocess.Popen(
            [sys.executable, "-m", "ptx_bulk", *words],
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        shown = b""
        for until, answer in said:
            while until.encode() not in shown:
                shown += os.read(master, 1000)
            if answer:
                os.write(master, answer.encode() + b"\n")
        return asked.wait(timeout=60), shown.decode()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals in Python")
@pytest.mark.parametrize(("language", "told", "yes"), [("en", "Your choice", "y"), ("fr", "Votre choix", "oui")])
def test_on_a_terminal_the_question_is_asked(environment, active, language, told, yes):
    """A numbered choice with the first values of each candidate; the answer is the reading, and oui is a yes."""
    words = ("import", active.name, "--sandbox", "--lang", language)
    code, shown = talked(words, active.parent, environment, (told, "1"), ("/N]", yes), ("results.csv", ""))
    assert code == 0
    assert "1  B  Statut: Actif, Désabonné  (--list-column Statut)" in shown


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals in Python")
def test_no_answer_is_no_reading(environment, active):
    """Who chooses none of the candidates is told the options and gets exit 3; nothing is read or sent."""
    said = (("Your choice", "4"), ("answer with", ""))
    code, _shown = talked(("check", active.name), active.parent, environment, *said)
    assert code == 3


def test_the_reading_is_said_by_every_command(run, active):
    """One line a sheet before the counts, in the object, and in the reports with a summary."""
    ran = run("check", active.name, "--where", "Statut=désabonné", "--report", "r.json", "--report", "r.html", "--json")
    assert ran.err.splitlines()[0].startswith("Reading statut.csv: headings in row 1; numbers in A (Mobile)")
    reading = ran.json["input"]["reading"]
    assert [(one["file"], one["header_row"], one["phone_columns"], one["list"], one["where"]) for one in reading] == [
        ("statut.csv", 1, ["Mobile"], "stop", ["Statut=désabonné"])
    ]
    assert (ran.json["input"]["rows"], ran.json["input"]["excluded"]) == (1, 1)
    assert json.loads((run.folder / "r.json").read_text())["summary"]["input"]["reading"] == reading
    assert "numbers in A (Mobile)" in (run.folder / "r.html").read_text()


def test_a_reading_is_kept_and_used_again(run, active):
    """--save-reading writes what --reading reads; other headings are exit 3, an existing file is not overwritten."""
    said = ("--list-column", "Statut", "--save-reading", "reading.toml")
    assert run("check", active.name, *said).code == 0
    again = run("import", active.name, "--reading", "reading.toml", "--sandbox", "--json")
    assert (again.code, again.json["codes"]) == (0, {"NOT_OPTED_OUT": 1, "ADDED": 1})
    assert run("check", active.name, *said).code == 2
    active.write_text(ACTIVE.replace("Statut", "Etat"), encoding="utf-8")
    refused = run("check", active.name, "--reading", "reading.toml")
    assert refused.code == 3
    assert "--save-reading" in refused.err


@pytest.mark.slow
def test_a_plan_carries_its_reading(run, active):
    """What was settled for a saved plan stands in it, and is not asked again when it is applied."""
    done = run("diff", active.name, "--list-column", "Statut", "--save-plan", "plan.json", "--sandbox")
    assert done.code == 0
    saved = json.loads((run.folder / "plan.json").read_text())
    assert saved["source"]["settled"][0]["list_column"] == "B"
    assert run("apply", "plan.json", "--yes", "--sandbox").code == 0


def test_the_last_line_says_how_to_go_on(run):
    """At exit 4 the last line names the rejects and the command for them, ready to paste."""
    (run.folder / "a b.csv").write_text("Mobile\n0612345678\n06 12\n", encoding="utf-8")
    ran = run("import", "a b.csv", "--sandbox")
    assert ran.code == 4
    (rejects,) = run.folder.glob("*.rejects.csv")
    assert ran.out.splitlines()[-1] == f"To mend: {rejects.name}, then: ptx-bulk --sandbox import '{rejects.name}'"


def test_a_job_may_say_what_its_files_mean(run, active):
    """Filters, heading row and reading stand in a job file like any option."""
    job = 'command = "check"\nfiles = ["statut.csv"]\n[options]\nwhere = ["Statut=Désabonné"]\nheader-row = 1\n'
    (run.folder / "job.toml").write_text(job, encoding="utf-8")
    ran = run("run", "job.toml", "--json")
    assert (ran.code, ran.json["input"]["excluded"]) == (0, 1)
