"""The command scrub: names, counts, exit codes, lists from account and files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.cli.commands.scrub import one_list_each
from tests.conftest import ROOT, Ran
from tests.scrub.people import lists_file

STOPPED, WRITTEN = "0612345678", "0611111111"
ROWS = f"Nom;Portable\nA;{STOPPED}\nB;{WRITTEN}\nC;\nD;06 12\n"


@pytest.fixture
def work(tmp_path: Path, run: Callable[..., Ran]) -> Path:
    folder = tmp_path / "work"
    (folder / "c.csv").write_text(ROWS, encoding="utf-8")
    lists_file(folder)
    return folder


@pytest.mark.slow
def test_counts_files_and_exit_code(work: Path, run: Callable[..., Ran]) -> None:
    """--json has the contract's object, where the rows went, and the files; unsure rows make exit 4."""
    ran = run("scrub", "c.csv", "--lists", "lists.csv", "--json")
    told = ran.json
    assert ran.code == told["exit_code"] == 4
    assert [told[name] for name in ("kept", "removed", "unsure", "without_number")] == [2, 1, 1, 1]
    assert told["input"]["rows"] == 4
    assert told["list"] == "both"
    assert set(told["files"]["c.csv"]) == {"kept", "removed", "unsure"}
    names = sorted(path.name for path in work.glob(f"c.{told['run_id']}.*"))
    assert names == [f"c.{told['run_id']}.{part}.csv" for part in ("kept", "removed", "unsure")]
    if os.name != "nt":
        assert {path.stat().st_mode & 0o777 for path in work.glob("c.2*")} == {0o600}


def test_lists_from_files_need_neither_key_nor_network(work: Path, run: Callable[..., Ran]) -> None:
    """With --lists no key is asked for, no address is called, and no journal is kept."""
    ran = run("scrub", "c.csv", "--lists", "lists.csv", PTX_BASE_URL="https://192.0.2.1")
    assert ran.code == 4
    assert not list((work.parent / "home").rglob("*.sqlite3"))


@pytest.mark.slow
def test_lists_from_the_account(work: Path, run: Callable[..., Ran]) -> None:
    """Without --lists the account's lists are read, and nothing is written to them."""
    (work / "s.csv").write_text(f"Portable\n{STOPPED}\n", encoding="utf-8")
    assert run("--sandbox", "import", "s.csv", "--list", "npai").code == 0
    told = run("--sandbox", "scrub", "c.csv", "--json").json
    assert (told["kept"], told["removed"], told["remote"]) == (2, 1, {"before": 1, "after": 1})
    removed = Path(work / told["files"]["c.csv"]["removed"]).read_text(encoding="utf-8")
    assert f"A;{STOPPED};npai;20" in removed  # the sandbox's ids tell the day
    assert run("--sandbox", "scrub", "c.csv", "--list", "stop", "--json").json["removed"] == 0
    assert run("--sandbox", "runs").out.count("import") == 1


def test_output_name(work: Path, run: Callable[..., Ran]) -> None:
    """-o names the files, and a name that is taken is refused before anything is read."""
    assert run("scrub", "c.csv", "--lists", "lists.csv", "-o", "mai").code == 4
    assert sorted(path.name for path in work.glob("mai*")) == ["mai.kept.csv", "mai.removed.csv", "mai.unsure.csv"]
    again = run("scrub", "c.csv", "--lists", "lists.csv", "-o", "mai.csv")
    assert again.code == 2
    assert "mai.kept.csv is there already" in again.err


def test_several_files(work: Path, run: Callable[..., Ran]) -> None:
    """Each file has parts of its own; -o puts the file's name between."""
    (work / "d.csv").write_text(ROWS, encoding="utf-8")
    told = run("scrub", "c.csv", "d.csv", "--lists", "lists.csv", "-o", "mai", "--json").json
    assert told["kept"] == 4
    assert (work / "mai.c.kept.csv").read_bytes() == (work / "mai.d.kept.csv").read_bytes()


def test_standard_input(work: Path, run: Callable[..., Ran]) -> None:
    """`-` is a file like others."""
    told = run("scrub", "-", "--lists", "lists.csv", "--json", stdin=ROWS).json
    assert Path(work / told["files"]["-"]["kept"]).read_text(encoding="utf-8") == f"Nom;Portable\nB;{WRITTEN}\nC;\n"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["c.csv", "--lists", "a", "b"], ["c.csv", "--lists", "a", "--lists", "b"]),
        (["--lists", "a", "c.csv"], ["--lists", "a", "c.csv"]),
        (["--lists", "a", "b", "--list", "stop", "c.csv"], ["--lists", "a", "--lists", "b", "--list", "stop", "c.csv"]),
        (["--json", "c.csv", "--lists", "a"], ["--json", "c.csv", "--lists", "a"]),
        (["-o", "x", "--lists", "a", "c.csv"], ["-o", "x", "--lists", "a", "c.csv"]),
    ],
)
def test_lists_takes_several_files(given: list[str], meant: list[str]) -> None:
    """`--lists a b` names two lists, but never takes the last file that there is to scrub."""
    assert one_list_each(given) == meant


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("phone,list\n+33612345678,stop\n06 12,stop\n", "1 row of this list cannot be read (row 3)"),
        ("phone,list\n+33612345678,stop\n+33612345679,perhaps\n", "list"),
        ("phone,list\n+33612345678,stop\n,stop\n", "1 row of this list cannot be read (row 3)"),
        ("phone,list,date\n+33612345678,stop,x\nn/a,stop,x\n,,\n,stop,\n", "2 rows of this list cannot be read"),
        ("phone,list,remote_id,added_approx,country,line_type\n", "no"),
        ("phone,list,remote_id\n+33612345678,npai,\n", "no number of the STOP list"),
    ],
)
def test_a_list_that_cannot_be_trusted_is_refused(work: Path, run: Callable[..., Ran], content: str, says: str) -> None:
    """A list with a row that cannot be read, or without numbers, ends with exit 3, and nothing is written."""
    (work / "odd.csv").write_text(content, encoding="utf-8")
    ran = run("scrub", "c.csv", "--lists", "odd.csv", "--list", "stop")
    assert ran.code == 3
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) <= 3
    assert not list(work.glob("c.*.kept.csv"))


def test_an_empty_cell_beside_a_number_is_no_fault_of_a_list(work: Path, run: Callable[..., Ran]) -> None:
    """A list with two phone columns may leave one of them empty, as long as each row has a number."""
    (work / "two.csv").write_text(f"Portable;Tél. fixe;Motif\n;{STOPPED};STOP\n0633333333;;STOP\n", encoding="utf-8")
    ran = run("scrub", "c.csv", "--lists", "two.csv", "--list", "stop", "--json")
    assert (ran.code, ran.json["removed"]) == (4, 1)


def test_a_list_is_of_the_region_that_was_asked_for(work: Path, run: Callable[..., Ran]) -> None:
    """National numbers of a list are read where those of the file are."""
    (work / "ch.csv").write_text("Portable;Motif\n079 123 45 67;STOP\n", encoding="utf-8")
    (work / "d.csv").write_text("Nom;Portable\nA;+41791234567\nB;+41791234568\n", encoding="utf-8")
    ran = run("scrub", "d.csv", "--lists", "ch.csv", "--list", "stop", "--region", "CH", "--json")
    assert (ran.json["kept"], ran.json["removed"]) == (1, 1)


@pytest.mark.parametrize(
    "ending", ["csv", "parquet", *(pytest.param(one, marks=pytest.mark.slow) for one in ("xlsx", "json"))]
)
def test_every_format_of_export_is_a_list(work: Path, run: Callable[..., Ran], ending: str) -> None:
    """What export writes, in each of its formats, scrubs like the account itself."""
    (work / "s.csv").write_text(f"Portable\n{STOPPED}\n", encoding="utf-8")
    assert run("--sandbox", "import", "s.csv").code == 0
    assert run("--sandbox", "export", "-o", f"x.{ending}").code == 0
    ran = run("scrub", "c.csv", "--lists", f"x.{ending}", "--json")
    assert ran.json["removed"] == 1
    assert "No number of the NPAI list" in ran.err
    removed = Path(work / ran.json["files"]["c.csv"]["removed"]).read_text(encoding="utf-8")
    assert f"A;{STOPPED};stop;20" in removed


def test_a_workbook_of_the_old_kind_is_written_as_a_new_one(work: Path, run: Callable[..., Ran]) -> None:
    """A format that nothing writes becomes .xlsx, which is said."""
    page = "<html><table><tr><th>Nom</th><th>Portable</th></tr>"
    page += "".join(f"<tr><td>{name}</td><td>{number}</td></tr>" for name, number in (("A", STOPPED), ("B", WRITTEN)))
    (work / "old.xls").write_text(page + "</table></html>", encoding="utf-8")
    ran = run("scrub", "old.xls", "--lists", "lists.csv", "-o", "new")
    assert ran.code == 0
    assert "new .xlsx workbook" in ran.err
    assert zipfile.is_zipfile(work / "new.kept.xlsx")


@pytest.mark.slow
def test_parquet_and_cards_stay_what_they_are(work: Path, run: Callable[..., Ran]) -> None:
    """Parquet keeps its types, and cards stay cards."""
    import pandas as pd
    import pyarrow.parquet as pq

    frame = pd.DataFrame({"mobile": [STOPPED, WRITTEN], "n": [1.5, 2.5], "when": pd.to_datetime(["2020-01-01"] * 2)})
    frame.to_parquet(work / "p.parquet")
    assert run("scrub", "p.parquet", "--lists", "lists.csv", "-o", "p2").code == 0
    assert pq.read_table(work / "p2.kept.parquet").to_pandas().equals(frame.iloc[[1]].reset_index(drop=True))
    assert pq.read_table(work / "p2.removed.parquet").column("ptx_list").to_pylist() == ["stop"]
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{0}\r\nTEL;TYPE=CELL:{1}\r\nEND:VCARD\r\n"
    cards = (card.format("Zoé", STOPPED), card.format("Élodie", WRITTEN))
    (work / "v.vcf").write_bytes("".join(cards).encode())
    assert run("scrub", "v.vcf", "--lists", "lists.csv", "-o", "v2").code == 0
    assert (work / "v2.kept.vcf").read_bytes() == cards[1].encode()
    assert b"X-PTX-LIST:stop\r\n" in (work / "v2.removed.vcf").read_bytes()


def test_a_list_named_as_file_is_refused(work: Path, run: Callable[..., Ran]) -> None:
    """One file cannot be both the list and what is scrubbed."""
    assert run("scrub", "lists.csv", "--lists", "lists.csv").code == 2


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_killed_in_the_middle_nothing_has_its_name(work: Path, environment: dict[str, str]) -> None:
    """A command that is killed while it writes leaves no file under a final name."""
    rows = "".join(f"N{at};06{at:08d};{'x' * 40}\n" for at in range(300_000))
    (work / "big.csv").write_text("Nom;Portable;Note\n" + rows, encoding="utf-8")
    command = [sys.executable, "-m", "ptx_bulk", "scrub", "big.csv", "--lists", "lists.csv", "-o", "big"]
    process = subprocess.Popen(
        command, cwd=work, env={**environment, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and not list(work.glob(".ptx-*")):
        time.sleep(0.002)
    process.kill()
    process.wait()
    whole = len(rows) // 2
    for path in work.glob("big.*.csv"):
        assert path.name == "big.removed.csv" or path.stat().st_size > whole  # named, so written to its end


def test_the_object_is_printed_when_scrub_is_refused(work: Path, run: Callable[..., Ran]) -> None:
    """--json prints its object whatever happens."""
    told = json.loads(run("scrub", "none.csv", "--lists", "lists.csv", "--json").out)
    assert (told["command"], told["exit_code"]) == ("scrub", 3)


def test_the_run_has_one_name(work: Path, run: Callable[..., Ran]) -> None:
    """The log names the run as the files do."""
    ran = run("--log-file", "run.jsonl", "scrub", "c.csv", "--lists", "lists.csv", "--json")
    lines = [json.loads(line) for line in (work / "run.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["run_id"] for line in lines if "run_id" in line} == {ran.json["run_id"]}
    assert all(ran.json["run_id"] in name for name in ran.json["files"]["c.csv"].values())


def test_one_row_is_one_row(work: Path, run: Callable[..., Ran]) -> None:
    """A count of one has its own word, in the summary and beside it."""
    (work / "one.csv").write_text("Nom;Portable\nC;\n", encoding="utf-8")
    ran = run("scrub", "one.csv", "--lists", "lists.csv", "--column", "Portable")
    assert ": 1 row, 0 blank." in ran.out
    assert "1 of the rows that are kept holds no number at all." in ran.out
