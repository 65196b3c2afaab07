"""The audit command: what it finds, what it writes, and that what it advises works."""

from __future__ import annotations

import csv
import json
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ptx_bulk import sandbox as simulator
from ptx_bulk.cli.commands.audit import FAULTS
from ptx_bulk.model import ListKind
from ptx_bulk.pipeline.reading_lists.list_faults import AUDIT_COLUMNS, Fault, find_faults
from ptx_bulk.snapshot import Snapshot
from tests.cli.sequences import run_lines
from tests.conftest import served

COLUMNS = [
    "fault", "list", "phone", "identifiers", "remote_id", "other_list", "suggestion", "stopped_at", "campaign_id",
    "mend", "code",
]  # fmt: skip
# What a list can hold that the API's own rules of today would refuse; "0033..." stands for any older spelling.
STOP = [
    "+33600000001", "0033600000001", "+33600000002", "+33692000003", "+33123456789", "garbage", "+336000",
    "06 00 00 00 04 / 06 00 00 00 05", "+33600000006", "+33600000011", "+33600000012",
]  # fmt: skip
NPAI = ["+33600000002", "+33123456788", "+33600000007", "0033600000007", "+33600000008", "+33712345678"]


def put(state: Path, lists: dict[str, list[str]]) -> None:
    """Write entries into a sandbox's state file, past the API's rules."""
    state.parent.mkdir(parents=True, exist_ok=True)
    simulator.create_app(state).state.store.release()
    rows = [(kind, entry, f"{n:024x}") for kind, entries in lists.items() for n, entry in enumerate(entries)]
    with closing(sqlite3.connect(state)) as db, db:
        db.executemany("INSERT INTO entries (list, identifier, id) VALUES (?, ?, ?)", rows)


def held(state: Path) -> dict[str, set[str]]:
    """What the lists in a sandbox's state file hold."""
    with closing(sqlite3.connect(state)) as db:
        rows = db.execute("SELECT list, identifier FROM entries WHERE NOT deleted").fetchall()
    return {kind: {entry for of, entry in rows if of == kind} for kind in ("stop", "npai")}


@pytest.fixture
def state(environment):
    """The state file of the embedded sandbox, with faulty lists."""
    path = Path(environment["PTX_HOME"]) / "sandbox.sqlite3"
    put(path, {"stop": STOP, "npai": NPAI})
    return path


@pytest.fixture
def folder(tmp_path):
    """Where the commands run."""
    work = tmp_path / "here"
    work.mkdir()
    return work


def found(stop: list[str], npai: list[str] = (), wanted: dict[ListKind, list[int]] | None = None) -> pd.DataFrame:
    snapshots = {
        ListKind.STOP: Snapshot.of(ListKind.STOP, 0, stop, [f"s{n}" for n in range(len(stop))]),
        ListKind.NPAI: Snapshot.of(ListKind.NPAI, 0, list(npai), [f"n{n}" for n in range(len(npai))]),
    }
    arrays = {kind: np.array(sorted(numbers), dtype="int64") for kind, numbers in (wanted or {}).items()}
    return find_faults(snapshots, arrays)


@pytest.mark.parametrize(
    ("entry", "fault", "suggestion"),
    [
        ("+33600000001", None, ""),
        ("0600000001", None, ""),
        ("+262692000001", None, ""),
        ("+33123456789", Fault.NOT_MOBILE, ""),
        ("+33692000001", Fault.WRONG_COUNTRY_CODE, "+262692000001"),
        ("0033 692 00 00 01", Fault.WRONG_COUNTRY_CODE, "+262692000001"),
        ("376312345", Fault.MALFORMED, "+376312345"),
        ("+33600", Fault.MALFORMED, ""),
        ("+33712345678", Fault.MALFORMED, ""),
        ("", Fault.MALFORMED, ""),
        ("garbage", Fault.MALFORMED, ""),
        ("0600000001 / 0600000002", Fault.MALFORMED, "+33600000001;+33600000002"),
    ],
)
def test_an_entry_by_itself(entry, fault, suggestion):
    """An entry of STOP that is one mobile has no fault; any other has the one that tells what it is."""
    faults = found([entry, "+33600000099"])
    assert faults["fault"].tolist() == ([fault] if fault else [])
    assert faults["suggestion"].tolist() == ([suggestion] if fault else [])
    assert list(faults.columns) == list(AUDIT_COLUMNS)


def test_an_unassigned_number_is_at_home_on_npai():
    """A number in a range that no operator has is a fault on STOP and none on NPAI."""
    assert found([], ["+33712345678"]).empty


def test_doubled_numbers():
    """A number is told once for both lists, as an entry of NPAI, and once for two spellings with both of them."""
    faults = found(["+33600000001", "0600000001", "+33600000002", "+33600000003"], ["0600000003"])
    assert faults[["fault", "list", "phone", "identifiers", "remote_id", "other_list"]].values.tolist() == [
        ["ON_BOTH_LISTS", "npai", "+33600000003", "0600000003", "n0", "stop"],
        ["TWO_SPELLINGS", "stop", "+33600000001", "+33600000001 / 0600000001", "s0 / s1", ""],
    ]


def test_misplaced_numbers():
    """A number is misplaced where the reference has it on the other list and the account on this one only."""
    wanted = {ListKind.STOP: [33600000001, 33600000002, 33600000003], ListKind.NPAI: [33600000004]}
    faults = found(["+33600000002", "+33600000004"], ["+33600000001", "+33600000002"], wanted)
    faults = faults[faults["fault"] == Fault.MISPLACED]
    assert faults[["list", "phone", "other_list"]].values.tolist() == [
        ["stop", "+33600000004", "npai"],
        ["npai", "+33600000001", "stop"],
    ]


def test_a_followed_suggestion_is_not_made_again():
    """What a suggestion names is left out of it once the list holds that number."""
    faults = found(["+33692000001", "+262692000001", "0600000001 / 0600000002", "+33600000001"])
    assert dict(zip(faults["fault"], faults["suggestion"], strict=True)) == {
        "MALFORMED": "+33600000002",
        "WRONG_COUNTRY_CODE": "",
    }


def test_the_command_knows_every_fault():
    """`--fault` takes exactly the faults that there are."""
    assert tuple(Fault) == FAULTS


@pytest.mark.slow
def test_audit_tells_and_changes_nothing(state, folder, environment):
    """The table names each fault with its count, `--json` is the agreed object, exit is 0 and the lists stay."""
    before = held(state)
    table, machine, narrow = run_lines(
        [
            ["--sandbox", "audit"],
            ["audit", "--json", "--sandbox"],
            ["audit", "--sandbox", "--json", "--fault", "not_mobile", "--on", "npai"],
        ],
        folder=folder,
        environment=environment,
    )
    assert (table.code, machine.code, narrow.code) == (0, 0, 0)
    counts = {"ON_BOTH_LISTS": 1, "TWO_SPELLINGS": 2, "MALFORMED": 3, "NOT_MOBILE": 2, "WRONG_COUNTRY_CODE": 1}
    for fault, n in counts.items():
        assert f"{n:>9,}  {fault}\n" in table.out
    assert "ptx-bulk --sandbox remove not-mobile.csv --accept any --yes" in table.out
    assert "harmless" in table.out
    summary = machine.json
    assert list(summary) == ["run_id", "command", "exit_code", "counts", "lists", "reports", "elapsed_s"]
    assert summary["counts"] == counts
    assert summary["lists"] == {"stop": len(STOP), "npai": len(NPAI)}
    assert narrow.json["counts"] == {"NOT_MOBILE": 1}
    assert held(state) == before


@pytest.mark.slow
def test_every_format_holds_the_same_lines(state, folder, environment):
    """-o writes all lines with the agreed columns as CSV, XLSX, JSON or Parquet; - is standard output."""
    names = ["a.csv", "a.xlsx", "a.json", "a.parquet"]
    *files, piped = run_lines(
        [["audit", "--sandbox", "--json", "-o", name] for name in names] + [["audit", "--sandbox", "-o", "-"]],
        folder=folder,
        environment=environment,
    )
    assert [ran.json["reports"] for ran in files] == [[name] for name in names]
    text = {"dtype": str, "keep_default_na": False}
    frames = [
        pd.read_csv(folder / "a.csv", **text),
        pd.read_excel(folder / "a.xlsx", engine="openpyxl", **text),
        pd.DataFrame(json.loads((folder / "a.json").read_text(encoding="utf-8"))),
        pd.read_parquet(folder / "a.parquet").fillna(""),
    ]
    assert all(list(frame.columns) == COLUMNS for frame in frames)
    # In CSV an apostrophe keeps spreadsheets from running joined suggestions as a formula.
    frames[0]["suggestion"] = frames[0]["suggestion"].str.removeprefix("'")
    assert all(frame.values.tolist() == frames[0].values.tolist() for frame in frames)
    assert piped.out.encode() == (folder / "a.csv").read_bytes()


@pytest.mark.slow
def test_what_the_audit_advises_mends(state, folder, environment):
    """Every command of the `mend` column runs as it stands; then the fault is gone, and STOP has lost nothing."""
    (folder / "ours.csv").write_text("tel;liste\n0600000008;STOP\n0600000006;NPAI\n", encoding="utf-8")
    audit = ["audit", "--sandbox", "--against", "ours.csv", "--list-column", "liste"]
    run_lines([[*audit, "-o", "all.csv"]], folder=folder, environment=environment)
    with (folder / "all.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    mends = dict.fromkeys(line["mend"] for line in lines if line["mend"])
    assert {line["fault"] for line in lines if line["mend"]} == set(FAULTS)
    assert not [line for line in lines if line["mend"] and "remove" in line["mend"] and line["list"] == "stop"]
    steps = [shlex.split(step)[1:] for mend in mends for step in mend.split(" && ")]
    *ran, last = run_lines([*steps, [*audit, "--json"]], folder=folder, environment=environment)
    assert [(step, one.code, one.err) for step, one in zip(steps, ran, strict=True) if one.code != 0] == []
    after = held(state)
    assert after["stop"] >= {*STOP, "+33600000004", "+33600000005", "+262692000003", "+33600000008"}
    assert after["npai"] == {"+33600000007", "+33600000008", "+33712345678", "+33600000006"}
    # Put where they belong, these are on both lists now: harmless, and told as such.
    assert last.json["counts"] == {
        "ON_BOTH_LISTS": 2,
        "TWO_SPELLINGS": 1,
        "MALFORMED": 3,
        "NOT_MOBILE": 1,
        "WRONG_COUNTRY_CODE": 1,
        "MISPLACED": 0,
    }


@pytest.mark.slow
def test_a_selection_is_mended_from_its_own_file(state, folder, environment):
    """A file with one fault of one list can be taken by remove as it is, whatever its format."""
    audited, removed = run_lines(
        [
            ["audit", "--sandbox", "--fault", "NOT_MOBILE", "--on", "npai", "-o", "fixed lines.xlsx"],
            ["remove", "fixed lines.xlsx", "--accept", "any", "--yes", "--sandbox", "--json"],
        ],
        folder=folder,
        environment=environment,
    )
    assert "ptx-bulk --sandbox remove 'fixed lines.xlsx' --accept any --yes" in audited.out
    assert removed.json["counts"] == {"applied": 1}
    assert removed.json["list"] == "npai"
    assert held(state)["npai"] == set(NPAI) - {"+33123456788"}


def test_mistakes_are_told_before_anything_is_read(folder, environment):
    """A wrong output, and MISPLACED or a reading option without --against, are exit 2; an unreadable reference is 3."""
    (folder / "no-numbers.csv").write_text("name\nA\n", encoding="utf-8")
    bad_end, two_outputs, lonely_list, misplaced, unreadable = run_lines(
        [
            ["audit", "-o", "audit.pdf"],
            ["audit", "-o", "-", "--json"],
            ["audit", "--list", "npai"],
            ["audit", "--sandbox", "--fault", "MISPLACED"],
            ["audit", "--sandbox", "--against", "no-numbers.csv"],
        ],
        folder=folder,
        environment=environment,
    )
    assert [ran.code for ran in (bad_end, two_outputs, lonely_list, misplaced, unreadable)] == [2, 2, 2, 2, 3]
    assert ".csv .xlsx .json .parquet" in bad_end.err
    assert "--on" in lonely_list.err
    assert "--against" in misplaced.err
    assert two_outputs.json["exit_code"] == 2


@pytest.mark.slow
def test_refusals_end_as_elsewhere(tmp_path, folder, environment):
    """A refused key is exit 6; a list that shrank is exit 7 until it is trusted."""
    state = tmp_path / "served.sqlite3"
    put(state, {"stop": [f"+336000001{n:02d}" for n in range(30)], "npai": []})
    with served("--state", state, "--key", "right", environment=environment) as url:
        audit = ["audit", "--json", "--base-url", url]
        (wrong,) = run_lines([audit], folder=folder, environment={**environment, "PTX_API_KEY": "wrong"})
        environment = {**environment, "PTX_API_KEY": "right"}
        (full,) = run_lines([audit], folder=folder, environment=environment)
        with closing(sqlite3.connect(state)) as db, db:
            db.execute("UPDATE entries SET deleted = 1 WHERE identifier > '+33600000110'")
        shrunk, trusted = run_lines([audit, [*audit, "--trust-smaller-list"]], folder=folder, environment=environment)
    assert (wrong.code, full.code, shrunk.code, trusted.code) == (6, 0, 7, 0)
    assert wrong.json["command"] == "audit"
    assert trusted.json["lists"] == {"stop": 11, "npai": 0}
