"""What the command line writes: harmless for people, UTF-8 for machines."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ptx_bulk.model import ListKind
from ptx_bulk.visible import is_hidden
from tests.cli.sequences import run_lines
from tests.conftest import ROOT
from tests.faults import FaultyServer

HOSTILE = "\x1b[2J\x1b]0;x\x07\x9b31m\u202eid\r\nError: forged\u2028\u200b"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names and no pseudo-terminals")


def hidden(text: str) -> list[str]:
    """The characters that a terminal would obey or nobody would see, but our own line ends."""
    return [character for character in text.replace("\r\n", "\n") if is_hidden(character) and character not in "\n\t"]


@pytest.mark.slow
@POSIX
def test_names_and_headings_are_shown_harmlessly(tmp_path, environment):
    """Whatever command says a file's, sheet's, column's, profile's or option's name, a terminal cannot obey it."""
    name = f"a{HOSTILE.replace('/', '')}b.csv"
    (tmp_path / name).write_text(f'"tel {HOSTILE}","mobile {HOSTILE}"\n0612345678,0612345679\n', encoding="utf-8")
    (tmp_path / "one.csv").write_text("tel\n0612345678\n06\n", encoding="utf-8")
    lines = [
        ["check", name],
        ["check", name, "--column", HOSTILE],
        ["check", f"missing{HOSTILE}.csv"],
        ["-vv", "check", f"missing{HOSTILE}.csv"],
        ["check", "one.csv", "--report", f"no{HOSTILE}/a.csv"],
        ["check", "one.csv", "--report", f"a{HOSTILE}.txt"],
        ["check", "one.csv", "--report", f"good{HOSTILE}.csv"],
        ["check", "one.csv", "--region", HOSTILE],
        ["check", "one.csv", f"--{HOSTILE}"],
        [f"nothing{HOSTILE}"],
        ["export", "-o", f"x{HOSTILE}.doc", "--sandbox"],
        ["export", "-o", "a.csv", "--sandbox", "--since", HOSTILE],
        ["export", "-o", "a.csv", "--sandbox", "--for", HOSTILE],
        ["--profile", HOSTILE, "runs"],
        ["show", HOSTILE, "--sandbox"],
        ["run", f"job{HOSTILE}.toml"],
        ["check", "one.csv", f"extra{HOSTILE}", "--accept", HOSTILE],
    ]
    said = run_lines(lines, folder=tmp_path, environment=environment, tracebacks=True)
    for line, ran in zip(lines, said, strict=True):
        assert ran.out + ran.err, line
        assert hidden(ran.out + ran.err) == [], line
        assert "\nError: forged" not in ran.out + ran.err, line
        assert "Unexpected error" not in ran.err, line
    assert any("\\x1b[2J" in ran.err for ran in said)


@pytest.fixture
def hostile(environment):
    """The address of a server whose STOP list holds hostile identifiers and ids, and a key for it."""
    with FaultyServer().running() as server:
        server.lists[ListKind.STOP].update({HOSTILE: f"id{HOSTILE}", "ł€": "1", "+33600000001": f"2{HOSTILE}"})
        environment["PTX_API_KEY"] = "sandbox"
        environment["PTX_BASE_URL"] = server.url
        yield server.url


@pytest.mark.slow
def test_what_the_server_sends_is_shown_harmlessly(hostile, tmp_path, environment):
    """What audit tells shows hostile identifiers as escapes; what it writes for programs holds them as they are."""
    table, piped, exported = run_lines(
        [["audit"], ["audit", "-o", "-"], ["export", "-o", "-"]], folder=tmp_path, environment=environment
    )
    assert "\\x1b[2J" in table.out
    assert hidden(table.out) == []
    assert "\nError: forged" not in table.out
    assert HOSTILE in [row["identifiers"] for row in csv.DictReader(io.StringIO(piped.out, newline=""))]
    assert [row["remote_id"] for row in csv.DictReader(io.StringIO(exported.out, newline=""))] == [f"2{HOSTILE}"]


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize("command", ["audit", "export"])
def test_csv_for_a_terminal_is_harmless_too(hostile, tmp_path, environment, command):
    """`-o -` on a terminal shows each record in one line, without anything that the terminal would obey."""
    pty = pytest.importorskip("pty")
    try:
        terminal, side = pty.openpty()
    except OSError:
        pytest.skip("no pseudo-terminal is free")
    with subprocess.Popen(
        [sys.executable, "-m", "ptx_bulk", command, "-o", "-"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=side,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(side)
        seen = b""
        try:
            while piece := os.read(terminal, 4096):
                seen += piece
        except OSError:  # the other side is closed
            pass
        os.close(terminal)
        assert process.wait(timeout=100) == 0
    lines = seen.decode().replace("\r", "").strip().split("\n")
    assert len(lines) == (2 if command == "export" else 3)
    assert "\\x1b[2J" in "".join(lines)
    assert hidden("".join(lines)) == []


@pytest.mark.parametrize(
    "console",
    [
        {"PYTHONIOENCODING": "cp1252"},
        pytest.param({"PYTHONIOENCODING": "ascii"}, marks=pytest.mark.slow),
        pytest.param({"PYTHONUTF8": "0", "LC_ALL": "C"}, marks=pytest.mark.slow),
    ],
)
def test_machine_output_is_utf8_whatever_the_console_says(hostile, tmp_path, environment, console):
    """--json and CSV on standard output are UTF-8 with every letter, also for a console that lacks them."""
    environment = {**environment, **console}
    if "PYTHONUTF8" in console:
        del environment["PYTHONIOENCODING"]
    environment["PTX_LANG"] = "fr"
    name = "one.csv" if "LC_ALL" in console else "été ł €.csv"  # a C locale knows no such names
    (tmp_path / name).write_text("tel\n0612345678\n", encoding="utf-8")

    def out(*arguments: str) -> bytes:
        command = [sys.executable, "-m", "ptx_bulk", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False).stdout

    told = json.loads(out("check", "--json", name).decode("utf-8"))
    assert (told["exit_code"], told["input"]["files"]) == (0, [name])
    assert json.loads(out("check", "--json", "ł.csv").decode("utf-8"))["input"]["files"] == ["ł.csv"]
    assert "ł€" in out("audit", "-o", "-").decode("utf-8")


def test_json_has_no_byte_that_a_terminal_obeys(tmp_path, environment):
    """The JSON object spells what a terminal would obey as JSON's own escapes, and means the same."""
    (ran,) = run_lines([["check", "--json", f"x{HOSTILE}.csv"]], folder=tmp_path, environment=environment)
    assert ran.json["input"]["files"] == [f"x{HOSTILE}.csv"]
    assert hidden(ran.out) == []


@pytest.mark.slow
@POSIX
def test_a_name_that_is_not_utf8_is_said(tmp_path, environment):
    """A report's name with a byte that is not UTF-8 can be written, said and put into JSON."""
    (tmp_path / "one.csv").write_text("tel\n0612345678\n", encoding="utf-8")
    report = os.fsencode(tmp_path) + b"/caf\xe9.csv"
    try:
        Path(os.fsdecode(report)).touch()
        Path(os.fsdecode(report)).unlink()
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")
    for more in ([], ["--json"]):
        done = subprocess.run(
            [sys.executable, "-m", "ptx_bulk", "check", "one.csv", "--report", report, *more],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert b"caf\\xe9.csv" in done.stdout.replace(b"\\\\", b"\\")
        assert json.loads(done.stdout)["reports"][0].endswith("caf\\xe9.csv") if more else True
        Path(os.fsdecode(report)).unlink()


def test_the_streams_have_one_writer():
    """No module of the command line but cli.output names the streams' writers: foreign text has one way out."""
    sources = [path for path in (ROOT / "ptx_bulk" / "cli").glob("*.py") if path.name != "output.py"]
    forbidden = (
        "click.echo",
        "click.secho",
        "print(",
        "sys.stdout.buffer",
        "stdout.write",
        "stderr.write",
        ".print_exc",
    )
    found = [(path.name, word) for path in sources for word in forbidden if word in path.read_text(encoding="utf-8")]
    assert found == []


def test_exports_and_reports_in_bad_places_are_refused_before_a_list_is_read(tmp_path, environment):
    """A missing folder, a folder's name or a reference as output end with 2 and one sentence, and no call is made."""
    (tmp_path / "one.csv").write_text("tel\n0612345678\n", encoding="utf-8")
    (tmp_path / "folder.csv").mkdir()
    with FaultyServer().running() as server:
        environment["PTX_API_KEY"], environment["PTX_BASE_URL"] = "sandbox", server.url
        lines = [
            ["export", "-o", "nowhere/a.csv"],
            ["export", "-o", "folder.csv"],
            ["audit", "-o", "nowhere/a.xlsx"],
            ["audit", "--against", "one.csv", "-o", "./one.csv"],
            ["diff", "one.csv", "--save-plan", "nowhere/plan.json"],
            ["import", "one.csv", "--report", "nowhere/a.csv"],
            ["import", "one.csv", "--report", "a.csv", "--report", "./a.csv", "--dry-run"],
        ]
        told = run_lines([[*line, "--json"] for line in lines], folder=tmp_path, environment=environment)
        assert server.calls == []
    for line, ran in zip(lines, told, strict=True):
        assert (ran.code, ran.json["exit_code"]) == (2, 2), line
        assert ran.err.startswith("Error: ") and ran.err.count("\n") == 1, line
        assert "Unexpected" not in ran.err, line
    assert (tmp_path / "one.csv").read_text(encoding="utf-8").startswith("tel")


def test_a_reader_that_has_gone_is_no_error(tmp_path, environment):
    """Where the reader of standard output has gone (`| head`) a command ends with 0, without a word."""
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as closed:
        command = [sys.executable, "-m", "ptx_bulk", "--sandbox", "export", "-o", "-"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, stdout=closed, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")
