"""What files mean: every case of the shared corpus, as a user meets it."""

from __future__ import annotations

import csv
import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

CORPUS = ROOT.parent / "shared" / "corpus" / "meaning"
pytestmark = pytest.mark.corpus


def cases() -> list[Any]:
    """The cases as parameters; an empty list of them is a skipped test, whatever pytest's version."""
    path = CORPUS / "cases.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [pytest.param(case, id=case["id"]) for case in csv.DictReader(file)]


@pytest.mark.skipif(not cases(), reason="there is no ../shared/corpus/meaning")
@pytest.mark.parametrize("case", cases())
def test_the_file_means_what_its_case_says(run, case):
    """A file's numbers go where it means them, none goes where it must not, and doubt is exit 3 with a question."""
    shutil.copy(CORPUS / case["file"], run.folder)
    command = ("import", case["file"], *shlex.split(case["options"]), "--sandbox", "--json", "--report", "out.json")
    ran = run(*command)
    assert str(ran.code) in case["exit"].split("|"), ran.err
    told = json.loads(ran.out)
    assert told["exit_code"] == ran.code
    assert "\x00" not in ran.err
    listed = on_lists(run)
    assert set(filter(None, case["accept"].split(";"))) <= listed or ran.code == 3
    assert not set(filter(None, case["never"].split(";"))) & listed
    if ran.code == 3:
        assert not listed
    else:
        assert [one["file"] for one in told["input"]["reading"]] == [case["file"]]
        assert set(filter(None, case["codes"].split(";"))) <= codes_of(run.folder / "out.json")


def on_lists(run) -> set[str]:
    exported = run("export", "-o", "-", "--sandbox")
    return {f"{row['list']}:{row['phone']}" for row in csv.DictReader(exported.out.splitlines())}


def codes_of(report: Path) -> set[str]:
    lines = json.loads(report.read_text(encoding="utf-8"))["lines"]
    return {code for line in lines for code in line["code"].split("+")}
