"""What the commands tell of a damaged journal."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest


@pytest.mark.slow
def test_damage_is_listed_counted_and_shown(run, tmp_path):
    """`runs` lists a damaged run as such, `doctor` counts it, `show` says how it is damaged, `resume` refuses it."""
    path = tmp_path / "stops.csv"
    path.write_text("Mobile\n0612345678\n0612345679\n")
    first = run("--sandbox", "import", str(path), "--json", "--time-limit", "0").json["run_id"]
    path.write_text("Mobile\n0612345680\n")
    second = run("--sandbox", "import", str(path), "--json").json["run_id"]
    with closing(sqlite3.connect(tmp_path / "home" / "journal.sqlite3")) as db, db:
        db.execute("UPDATE runs SET state = 'sleeping', options = '[[' WHERE run_id = ?", (first,))
    listed = {entry["run_id"]: entry["state"] for entry in run("--sandbox", "runs", "--json").json["runs"]}
    assert listed == {first: "damaged", second: "finished"}
    assert "damaged" in run("--sandbox", "runs").out
    shown = run("show", first)
    assert shown.code == 0
    assert "damaged: its state cannot be read" in shown.out
    doctor = {check["name"]: check for check in run("--sandbox", "doctor", "--json").json["checks"]}["journal"]
    assert doctor["state"] == "warning"
    assert "1 of them damaged" in doctor["detail"]
    for words in (("resume",), ("resume", first)):
        refused = run("--sandbox", *words, "--json")
        assert (refused.code, refused.json["exit_code"]) == (2, 2)
        assert first in refused.err
        assert "Unexpected" not in refused.err
