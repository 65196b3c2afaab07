"""--dialect on the command line: which commands have it, and who says it when they are not told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptx_bulk.cli.app import cli

BOM = b"\xef\xbb\xbf"
EXCEL = "Nom;Portable\r\nHélène;06 12 34 56 78\r\nZoé;12\r\n"


def seen(path: Path) -> tuple[bool, str]:
    """Whether a CSV begins with a BOM, and what parts its cells."""
    content = path.read_bytes()
    head = content.removeprefix(BOM).split(b"\r\n")[0].decode()
    assert content.count(b"\n") == content.count(b"\r\n")
    return content.startswith(BOM), max(",;\t", key=head.count)


def made(run, *arguments: object) -> dict[str, tuple[bool, str]]:
    """The CSVs that a command writes, by the kind that their names say."""
    before = set(run.folder.iterdir())
    ran = run("--sandbox", *arguments)
    assert ran.code in (0, 4), ran.err
    new = [path for path in run.folder.iterdir() if path not in before and path.suffix == ".csv"]
    return {path.suffixes[-2].removeprefix(".") if len(path.suffixes) > 1 else path.stem: seen(path) for path in new}


@pytest.fixture
def excel(run) -> str:
    """What a French Excel saves as CSV: semicolons, Windows-1252."""
    (run.folder / "in.csv").write_bytes(EXCEL.encode("cp1252"))
    return "in.csv"


def test_every_command_that_writes_csv_has_a_dialect() -> None:
    """Whatever takes the name of a file to write rows to has --dialect, but for scrub, whose files are as the input."""
    for name, command in cli.commands.items():
        options = {word for parameter in command.params for word in parameter.opts}
        assert ("--dialect" in options) == bool(options & {"--report", "--output"} and name != "scrub"), name


@pytest.mark.parametrize("command", ["import", "check"])
def test_a_dialect_that_is_asked_for_is_for_every_csv(run, excel, command) -> None:
    """--dialect holds for results of any name and for rejects; without it default names are as the input."""
    assert made(run, command, excel) == {"results": (False, ";"), "rejects": (False, ";")}
    asked = made(run, command, excel, "--dialect", "excel-fr", "--report", "y.csv")
    assert asked == {"y": (True, ";"), "rejects": (True, ";")}


@pytest.mark.parametrize("command", ["export", "audit", "changes"])
def test_what_has_no_input_is_for_programs(run, command) -> None:
    """Lists, faults and feeds are RFC 4180 unless --dialect says otherwise, in a file and on standard output."""
    assert made(run, command, "-o", "a.csv") == {"a": (False, ",")}
    assert made(run, command, "-o", "b.csv", "--dialect", "excel-fr") == {"b": (True, ";")}
    piped = run("--sandbox", command, "-o", "-", "--dialect", "excel-fr").out
    assert (piped[0], ";" in piped.splitlines()[0]) == ("\ufeff", True)


@pytest.mark.slow
def test_a_profile_says_it_once(run, environment, excel) -> None:
    """The profile's dialect stands in for one that is left out, for reports, lists and feeds; an option wins."""
    Path(environment["PTX_CONFIG"]).write_text('[shop]\ndialect = "excel-fr"\n[bad]\ndialect = "excel"\n')
    assert made(run, "--profile", "shop", "check", excel, "--report", "x.csv")["x"] == (True, ";")
    for command in ("export", "audit", "changes"):
        assert made(run, "--profile", "shop", command, "-o", f"{command}.csv") == {command: (True, ";")}
    assert made(run, "--profile", "shop", "export", "-o", "y.csv", "--dialect", "rfc4180") == {"y": (False, ",")}
    ran = run("--sandbox", "--profile", "bad", "export", "-o", "z.csv")
    assert (ran.code, "line 4" in ran.err, "excel-fr" in ran.err) == (2, True, True)


def test_a_job_says_it_too(run, excel) -> None:
    """`dialect` is a key of a job's options."""
    (run.folder / "job.toml").write_text('command = "check"\nfiles = "in.csv"\n[options]\ndialect = "rfc4180"\n')
    assert made(run, "run", "job.toml") == {"results": (False, ","), "rejects": (False, ",")}


def test_standard_input_is_an_input(run) -> None:
    """Results of `-` take the dialect of what was piped in."""
    assert run("--sandbox", "check", "-", stdin=EXCEL.encode("cp1252")).code == 4
    assert [seen(path) for path in run.folder.glob("stdin.*.csv")] == [(False, ";")] * 2


def test_a_single_column_opens_as_the_language_s_excel_does(run) -> None:
    """A column without delimiter says nothing: in French the results get semicolons and a BOM."""
    (run.folder / "in.csv").write_bytes(b"Portable\n0612345678\n")
    assert made(run, "check", "in.csv", "--lang", "fr") == {"results": (True, ";")}
