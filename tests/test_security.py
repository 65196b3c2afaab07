"""SECURITY.md names tests that are there; and what it promises that no room's tests hold."""

from __future__ import annotations

import ast
import os
import re
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import ROOT, SAMPLES, Ran, served
from tests.docs import program

PAGE = ROOT / "SECURITY.md"
KEY = "0123456789abcdef0123456789abcdef"
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes; what a folder says holds for its files")


def tables() -> dict[str, list[list[str]]]:
    """The cells of the rows under each heading, without the table's head."""
    sections = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    rows = {text.splitlines()[0]: re.findall(r"^\| (.*) \|$", text, re.MULTILINE)[1:] for text in sections}
    return {heading: [row.split(" | ") for row in found] for heading, found in rows.items() if found}


def named_tests() -> set[tuple[str, str]]:
    """File and function of every test that the page names."""
    return set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE.read_text(encoding="utf-8")))


def functions_of(path: Path) -> set[str]:
    """The names of a file's tests."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_test_that_the_page_names_is_there() -> None:
    """Each test of a defence stands in the file that the page says."""
    named = named_tests()
    assert len(named) > 40
    files = {name: ROOT / "tests" / name for name, _test in named}
    there = {(name, test) for name, path in files.items() if path.is_file() for test in functions_of(path)}
    assert named - there == set()


def test_every_defence_has_its_test() -> None:
    """Each row of the tables is a threat, a defence and at least one test."""
    found = tables()
    assert len(found) >= 7
    assert [row for rows in found.values() for row in rows if len(row) != 3 or "::test_" not in row[2]] == []


def test_no_option_takes_a_secret() -> None:
    """A key or password is given by no option, since options stand in the list of processes and in the history."""
    options = {name for some in program.declared().options.values() for option in some for name in option.names}
    words = re.compile(r"key|password|secret|token", re.IGNORECASE)
    # The one names a file; the other is what callers of the simulator must send, known to everybody.
    assert {name for name in options if words.search(name)} == {"--password-file", "--key"}


@POSIX
@pytest.mark.slow
def test_whatever_is_written_is_its_owners_alone(run: Callable[..., Ran]) -> None:
    """Reports, rejects, plans, readings, exports, logs, scrubbed files and the journal are for nobody else."""
    source = str(SAMPLES / "stops.xlsx")
    before = set(run.folder.iterdir())
    for words in (
        ("import", source, "--save-reading", "reading.toml", "--log-file", "log.jsonl"),
        *(
            ("import", source, "--report", f"report{ending}")
            for ending in (".csv", ".xlsx", ".json", ".html", ".parquet")
        ),
        ("diff", str(SAMPLES / "npai.csv"), "--list", "npai", "--save-plan", "later.plan.json"),
        *(("export", "-o", f"lists{ending}") for ending in (".csv", ".xlsx", ".json", ".parquet")),
        ("scrub", source),
        ("find", "+33600000101", "--dossier", "letter.html"),
        ("sandbox", "--samples", "samples"),
    ):
        ran = run("--sandbox", *words) if words[0] != "sandbox" else run(*words)
        assert ran.code in (0, 4), (words, ran.err)
    home = run.folder.parent / "home"
    written = {path for top in (run.folder, home) for path in top.rglob("*") if path.is_file()} - before
    assert len(written) > 20
    assert {str(path): oct(path.stat().st_mode & 0o777) for path in written if path.stat().st_mode & 0o077} == {}


@pytest.mark.slow
def test_the_key_is_in_no_byte_that_is_written(run: Callable[..., Ran], environment: dict[str, str]) -> None:
    """Neither files nor streams of a run hold the key, whether the run goes well, is refused or tells all it can."""
    with served("--key", KEY, environment=environment) as url:
        words = ("import", str(SAMPLES / "stops.csv"), "--base-url", url, "-vv", "--log-file", "log.jsonl")
        good = run(*words, "--report", "good.html", "--json", key=KEY)
        bad = run(*(word for word in words if word != "-vv"), "-v", "--report", "bad.json", key=KEY[::-1])
        doctor = run("doctor", "--base-url", url, "-vv", key=KEY)
    assert (good.code, bad.code) == (4, 6)
    said = "".join(text for ran in (good, bad, doctor) for text in (ran.out, ran.err)).encode()
    files = [path.read_bytes() for path in run.folder.parent.rglob("*") if path.is_file()]
    assert len(files) > 4
    assert [secret for secret in (KEY, KEY[::-1]) for content in (said, *files) if secret.encode() in content] == []


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A port, and who called it."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = threading.Event()

        def take() -> None:
            while not done.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                calls.append(str(address))
                connection.close()

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield server.getsockname()[1], calls
        finally:
            done.set()
            thread.join()


@pytest.mark.slow
def test_reading_a_file_calls_nobody(run: Callable[..., Ran]) -> None:
    """A link, a picture, a style or a formula that would fetch something from elsewhere fetches nothing."""
    with listening() as (port, calls):
        url = f"http://127.0.0.1:{port}/"
        page = f'<html><link rel=stylesheet href="{url}a"><body><img src="{url}b"><table><tr><td>Mobile</td></tr>'
        (run.folder / "page.xls").write_text(f"{page}<tr><td>0612345678</td></tr></table>", encoding="utf-8")
        book = openpyxl.Workbook()
        sheet = book.active
        for row in (["Mobile", "x"], ["0612345678", f'=WEBSERVICE("{url}c")'], ["0612345679", f'=IMAGE("{url}d")']):
            sheet.append(row)
        sheet["A2"].hyperlink = f"{url}e"
        book.save(run.folder / "book.xlsx")
        assert [run("check", name).code for name in ("page.xls", "book.xlsx")] == [0, 0]
        assert calls == []


def test_a_name_inside_a_package_leads_to_no_other_folder(run: Callable[..., Ran]) -> None:
    """A part of a package whose name climbs out of its folder is read, or refused, and written nowhere."""
    for name in ("../climbed.csv", "/climbed.csv", "a/../../climbed.csv", "..\\climbed.csv"):
        path = run.folder / "list.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, "Mobile\n0612345678\n")
        before = {str(one) for one in run.folder.parent.rglob("*") if "home" not in one.parts}
        assert run("check", "list.zip", "--report", "-r.json").code in (0, 2, 3)
        (run.folder / "-r.json").unlink(missing_ok=True)
        after = {str(one) for one in run.folder.parent.rglob("*") if "home" not in one.parts}
        assert {one for one in after - before if "results" not in one} == set()
        path.unlink()
    assert not Path("/climbed.csv").exists()
