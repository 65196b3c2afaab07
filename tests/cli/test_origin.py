"""A person's own STOP on the command line: exported with its date, and named before it is removed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.conftest import Ran

JANUARY = 1_769_854_830_500  # 2026-01-31T10:20:30.5Z
OURS, REPLIED, SILENT = "+33612345670", "+33612345671", "+33612345672"
KEY = "sandbox"


def reply(url: str, number: str, **facts: object) -> None:
    """A person replies STOP."""
    answer = httpx.post(
        f"{url}/sandbox/unsubscribers", json={"identifier": number, **facts}, headers={"X-Primotexto-ApiKey": KEY}
    )
    assert answer.status_code == 200


@pytest.fixture
def listed(sandbox: str, run: Callable[..., Ran]) -> str:
    """STOP with one number of ours and one reply; the address."""
    file = run.folder / "ours.csv"
    file.write_text(f"Mobile\n{OURS}\n", encoding="utf-8")
    assert run("import", file, "--base-url", sandbox, key=KEY).code == 0
    reply(sandbox, REPLIED, campaignId="0612345678", date=JANUARY)
    return sandbox


@pytest.mark.slow
def test_an_export_tells_since_when_and_reads_back_to_the_same_numbers(listed, run):
    """Date and campaign stand in columns of their own, which importing the export takes for neither number nor list."""
    done = run("export", "--list", "stop", "-o", "lists.csv", "--base-url", listed, key=KEY)
    assert done.code == 0, done.err
    heading, *rows = [line.split(",") for line in (run.folder / "lists.csv").read_text(encoding="utf-8").splitlines()]
    assert heading[-2:] == ["stopped_at", "campaign_id"]
    assert {row[0]: row[-2:] for row in rows} == {OURS: ["", ""], REPLIED: ["2026-01-31T10:20:30Z", "0612345678"]}
    for ending in ("csv", "xlsx", "parquet"):
        run("export", "-o", f"again.{ending}", "--base-url", listed, key=KEY)
        back = run("diff", f"again.{ending}", "--mode", "sync", "--json", "--base-url", listed, key=KEY)
        assert back.code == 0, back.err
        assert back.json["counts"] == {"unchanged": 2}


def on_a_terminal(arguments: list[str], folder: Path, environment: dict[str, str], typed: bytes) -> str:
    """What a command shows on a terminal on which this is typed."""
    import pty

    ours, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ptx_bulk", *arguments],
        cwd=folder,
        env={**environment, "TERM": "dumb", "COLUMNS": "200"},
        stdin=its,
        stdout=subprocess.PIPE,
        stderr=its,
    )
    os.close(its)
    os.write(ours, typed)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        pass  # the end of a terminal, as Linux tells it
    process.communicate(timeout=60)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_the_question_names_what_came_by_itself(listed, run, environment):
    """On a terminal the confirmation shows, number by number, what no earlier run put on STOP, also with --quiet."""
    file = run.folder / "gone.csv"
    file.write_text(f"Mobile\n{OURS}\n{REPLIED}\n", encoding="utf-8")
    shown = on_a_terminal(
        ["remove", str(file), "--quiet", "--allow-stop-removal", "--reason", "they asked", "--base-url", listed],
        run.folder,
        {**environment, "PTX_API_KEY": KEY},
        b"n\n",
    )
    golden = (
        "2 numbers will be REMOVED from the STOP list, which holds 2.\n"
        "To be removed from STOP, though no earlier run put them there:\n"
        f"  {REPLIED}  since 2026-01-31T10:20:30Z, campaign 0612345678\n"
    )
    assert golden in shown
    assert shown.index(golden) < shown.index("Go ahead? [y/N]")
    assert OURS not in shown
    assert "not confirmed; nothing was sent" in shown


@pytest.mark.slow
def test_yes_names_them_and_the_json_counts_them(listed, run):
    """With --yes the numbers stand on standard error, and --json counts both kinds on standard output."""
    reply(listed, SILENT)
    file = run.folder / "gone.csv"
    file.write_text(f"Mobile\n{OURS}\n{REPLIED}\n{SILENT}\n", encoding="utf-8")
    options = ("--yes", "--allow-stop-removal", "--reason", "they asked", "--json", "--base-url", listed)
    done = run("remove", file, *options, key=KEY)
    assert done.code == 0, done.err
    assert done.json["origin"] == {"ours": 1, "theirs": 2}
    assert f"  {REPLIED}  since 2026-01-31T10:20:30Z, campaign 0612345678\n" in done.err
    assert f"  {SILENT}  since 20" in done.err
    assert OURS not in done.err


def test_the_workbook_and_the_page_tell_it(listed, run):
    """The reports' summaries count what was ours and what came by itself."""
    file = run.folder / "gone.csv"
    file.write_text(f"Mobile\n{OURS}\n{REPLIED}\n", encoding="utf-8")
    options = ("--dry-run", "--report", "r.html", "--report", "r.xlsx", "--base-url", listed)
    assert run("remove", file, *options, key=KEY).code == 0
    page = (run.folder / "r.html").read_text(encoding="utf-8")
    assert "<dt>Removals of what came on STOP by itself</dt><dd>1</dd>" in page
    assert "<dt>Removals of what earlier runs put on STOP</dt><dd>1</dd>" in page
    import openpyxl

    sheet = openpyxl.load_workbook(run.folder / "r.xlsx")["Summary"]
    told = {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}
    assert told["Removals of what came on STOP by itself"] == "1"
