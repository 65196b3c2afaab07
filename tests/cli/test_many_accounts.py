"""Accounts side by side: each to its own end, whatever the others do, and no key at another's address."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.cli.agency import Address, agency
from tests.cli.stopping import start
from tests.conftest import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals as POSIX has them"),
]


def numbers(folder: Path, count: int) -> Path:
    path = folder / "stops.csv"
    path.write_text("Mobile\n" + "".join(f"06{at:08d}\n" for at in range(10_000_000, 10_000_000 + count)), "utf-8")
    return path


def keys_that_came(addresses: dict[str, Address]) -> dict[str, set[str]]:
    """Whose keys each address was sent, in any header."""
    keys = {one.key: name for name, one in addresses.items()}
    return {
        name: {owner for heard in one.heard for key, owner in keys.items() if key in heard}
        for name, one in addresses.items()
    }


@pytest.mark.timeout(900)  # fifty processes, on however busy a machine
def test_of_fifty_accounts_those_that_can_finish_do(run, tmp_path, environment):
    """One that refuses, one that hangs and one that is down stop none of the other 47, and no key goes astray."""
    odd = {"refusing": "refusing", "hanging": "hanging", "down": "down"}
    kinds = {**{f"shop{at:02d}": "fine" for at in range(47)}, **odd}
    file = numbers(run.folder, 20)
    with agency(tmp_path, kinds) as addresses:
        words = ["import", file, "--all-profiles", "--timeout", 5, "--time-limit", 120, "--json", "--quiet"]
        command = start(tmp_path / "w", environment, *words)
        out, err = (told.decode() for told in command.process.communicate(timeout=850))
        came = keys_that_came(addresses)
    told = json.loads(out)
    codes = {name: value["exit_code"] for name, value in told["profiles"].items()}
    assert codes == {name: {"refusing": 6, "hanging": 5, "down": 5}.get(name, 0) for name in kinds}
    assert command.code == told["exit_code"] == 6
    assert came == {name: set() if name == "down" else {name} for name in kinds}
    for name, value in told["profiles"].items():
        assert bool(value.get("error")) == (name in odd)
        assert value["counts"] == ({} if name in odd else {"applied": 20})
    assert sorted(line.split(":")[1].strip() for line in err.splitlines()) == sorted(odd)
    records = run("runs", "--all-accounts", "--json").json["runs"]
    assert sorted(record["profile"] for record in records) == sorted(set(kinds) - set(odd))


def test_no_key_follows_a_redirect(run, tmp_path):
    """An account whose address leads to another's fails by itself, and its key stays at its own address."""
    file = numbers(run.folder, 3)
    with agency(tmp_path, {"shop": "fine", "led": "leading"}) as addresses:
        addresses["led"].leads_to = addresses["shop"].url
        ran = run("import", file, "--all-profiles", "--json")
        assert keys_that_came(addresses) == {"shop": {"shop"}, "led": {"led"}}
    assert {name: value["exit_code"] for name, value in ran.json["profiles"].items()} == {"shop": 0, "led": 5}


def test_standard_input_is_read_for_every_account(run, tmp_path):
    """What is piped in reaches each account whole, although it can be read only once."""
    with agency(tmp_path, {"shop": "fine", "outlet": "fine"}):
        ran = run("import", "-", "--all-profiles", "--json", stdin="Mobile\n0612345678\n0612345679\n")
    assert [value["counts"] for value in ran.json["profiles"].values()] == [{"applied": 2}] * 2
    assert all(value["reports"][0].startswith(f"stdin.{name}.") for name, value in ran.json["profiles"].items())


def test_a_killed_account_can_be_resumed_and_stops_no_other(run, tmp_path, environment):
    """An account whose process is killed in the middle ends with 5 and the command that goes on; the other finishes."""
    with agency(tmp_path, {"shop": "slow", "outlet": "slow"}, "concurrency = 4") as addresses:
        file = numbers(tmp_path, 120)
        command = start(tmp_path / "w", environment, "import", file, "--all-profiles", "--json")
        command.until(lambda: addresses["shop"].methods.count("POST") > 8)
        process_of(command.process.pid, "shop").kill()
        command.end()
        value = command.json["profiles"]
        assert (value["shop"]["exit_code"], value["outlet"]["exit_code"], command.code) == (5, 0, 5)
        assert f"--profile shop resume {value['shop']['run_id']}" in command.err
        resumed = run("--profile", "shop", "resume", "--json")
        assert (resumed.code, resumed.json["counts"]) == (0, {"applied": 120})


def process_of(parent: int, name: str) -> psutil.Process:
    (found,) = (one for one in psutil.Process(parent).children() if f"--profile={name}" in one.cmdline())
    return found


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_stop_ends_every_account_resumably(run, tmp_path, environment, name):
    """A stop ends all accounts with 130, reports and one object; resume of all goes on with those that had begun."""
    with agency(tmp_path, dict.fromkeys(("shop", "outlet", "later"), "slow"), "concurrency = 4") as addresses:
        file = numbers(tmp_path, 120)
        words = ["import", file, "--all-profiles", "--accounts-at-once", 2, "--json"]
        command = start(tmp_path / "w", environment, *words)
        command.until(lambda: all(addresses[one].methods.count("POST") > 4 for one in ("shop", "outlet")))
        command.process.send_signal(getattr(signal, name))
        command.end()
        values = command.json["profiles"]
        assert (command.code, {value["exit_code"] for value in values.values()}) == (130, {130})
        assert all((command.folder / report).exists() for one in values.values() for report in one["reports"])
        assert [bool(value["reports"]) for value in values.values()] == [True, True, False]
        assert not addresses["later"].heard
        assert list(command.temporary.iterdir()) == []
        resumed = run("resume", "--all-profiles", "--json").json
        assert resumed["exit_code"] == 0
        assert [one["counts"] for one in resumed["profiles"].values()] == [{"applied": 120}, {"applied": 120}, {}]


def test_accounts_stop_when_nobody_is_left_to_tell(run, tmp_path, environment):
    """Where the process of all accounts is killed outright, those of the accounts stop by themselves, resumably."""
    with agency(tmp_path, {"shop": "slow", "outlet": "slow"}, "concurrency = 2") as addresses:
        file = numbers(tmp_path, 600)
        command = start(tmp_path / "w", environment, "import", file, "--all-profiles", "--json")
        command.until(lambda: all(one.methods.count("POST") > 2 for one in addresses.values()))
        children = psutil.Process(command.process.pid).children()
        command.process.kill()
        command.end()
        _gone, alive = psutil.wait_procs(children, timeout=30)
        assert not alive
        records = run("runs", "--all-accounts", "--json").json["runs"]
        assert [record["state"] for record in records] == ["stopped", "stopped"]


@pytest.mark.parametrize(("answer", "code", "sent"), [(b"y\n", 0, 3), (b"n\n", 7, 0), (b"\x03", 130, 0)])
def test_the_plans_of_all_accounts_are_confirmed_at_once(tmp_path, environment, answer, code, sent):
    """On a terminal each account's plan is shown and one question asked; what is not confirmed is not sent."""
    with agency(tmp_path, {"shop": "fine", "outlet": "fine"}) as addresses:
        shown, ended = on_a_terminal(tmp_path, environment, answer, "import", numbers(tmp_path, 3), "--all-profiles")
        assert ended == code, shown
        for name, one in addresses.items():
            assert f"{name}: 3 numbers will be added to the STOP list, which holds 0." in shown
            assert one.methods.count("POST") == sent
        assert shown.count("Go ahead with these 2 accounts?") == 1


_ON_ITS_TERMINAL = """
import fcntl, runpy, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
runpy.run_module("ptx_bulk", run_name="__main__")
"""


def on_a_terminal(folder: Path, environment: dict[str, str], answer: bytes, *words: object) -> tuple[str, int]:
    """What a command shows on a terminal where its question is answered so, and its exit code."""
    keyboard, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _ON_ITS_TERMINAL, *map(str, words)],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT), "TERM": "dumb"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown, limit = b"", time.monotonic() + 100
    while time.monotonic() < limit:
        try:
            data = os.read(keyboard, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
        if answer and b"[y/N]" in shown:
            time.sleep(0.2)  # nobody answers before the question is read
            os.write(keyboard, answer)
            answer = b""
    os.close(keyboard)
    return shown.decode("utf-8", "replace"), process.wait(30)


def test_the_reports_of_a_workbook_have_a_sheet_for_each_account(run, tmp_path):
    """The combined workbook has an overview and a sheet for each account, with the account's own lines."""
    import openpyxl

    file = numbers(run.folder, 4)
    with agency(tmp_path, {"shop": "fine", "History": "fine", "x" * 40: "refusing"}):
        ran = run("import", file, "--all-profiles", "--combined-report", "all.xlsx", "--json")
    assert ran.code == 6
    book = openpyxl.load_workbook(run.folder / "all.xlsx")
    assert book.sheetnames[:2] == ["Overview", "shop"]
    assert len(book.sheetnames) == 4
    overview = [list(row) for row in book["Overview"].iter_rows(values_only=True)]
    assert [(row[0], row[2], row[3]) for row in overview[1:]] == [("shop", 0, 4), ("History", 0, 4), ("x" * 40, 6, 0)]
    run_id = ran.json["profiles"]["shop"]["run_id"]
    lines = [row for row in book["shop"].iter_rows(values_only=True) if row[0] == run_id]
    assert [row[6] for row in lines] == [f"+336{at:08d}" for at in range(10_000_000, 10_000_004)]
    assert json.dumps(ran.json).count("key-of-") == 0
