"""What README.md and docs/ list is what the program has: commands, options, codes, columns, settings, numbers."""

from __future__ import annotations

import configparser
import dataclasses
import re
import shlex
import shutil
import subprocess
import sys
import tomllib

import pandas as pd
import pytest

import ptx_bulk
from ptx_bulk import reports, workbooks
from ptx_bulk.cli.app import cli
from ptx_bulk.cli.commands.audit import FAULTS
from ptx_bulk.model import EXPORT_COLUMNS, REJECTED_CODES, RESULT_COLUMNS, WARNING_CODES, Action, Code, Status
from ptx_bulk.numbers import e164_text, normalise
from ptx_bulk.rejected_rows import PTX_COLUMNS
from ptx_bulk.sentences import CODE_SENTENCES
from ptx_bulk.settings import Profile, read_profile
from tests.conftest import ROOT
from tests.docs import pages, program

REFERENCE = pages.page("docs/reference.md")
MANUAL = pages.page("docs/manual.md")
LIBRARY = pages.page("docs/library.md")
EVERY = "Every command"


@pytest.fixture(scope="module")
def declared() -> program.Program:
    """What the command line declares."""
    return program.declared()


def option_tables(declared: program.Program) -> dict[str, list[list[str]]]:
    """The rows of the reference's options for each command, '' for the program; columns are option and meaning."""
    rows: dict[str, list[list[str]]] = {name: [] for name in declared.options}
    for heading in REFERENCE.headings():
        names = list(rows) if heading == EVERY else [name for name in pages.codes(heading) if name in rows]
        for found in pages.tables(REFERENCE.section(heading)) if names else []:
            for name in names:
                rows[name] += found[1:]
    return rows


@pytest.mark.parametrize(("maker", "made"), [("reference.py", "reference.md"), ("manpage.py", "ptx-bulk.1")])
def test_the_page_is_what_the_program_prints(maker, made):
    """docs/reference.md and docs/ptx-bulk.1 are, letter by letter, what their makers make of the program."""
    printed = subprocess.run(
        [sys.executable, str(ROOT / "docs" / maker), "--print"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    ).stdout
    page = (ROOT / "docs" / made).read_text(encoding="utf-8")
    assert page == printed, f"make the page anew, and look at what changed: python docs/{maker}"


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff to read the manual page")
def test_the_manual_page_is_sound_roff():
    """Groff finds nothing to warn of in the manual page, and every command stands in it."""
    command = ["groff", "-man", "-ww", "-Kutf8", "-Tutf8", "-P-cbou", str(ROOT / "docs" / "ptx-bulk.1")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stderr == ""
    missing = [name for name in cli.commands if not re.search(rf"^   {name}\b", done.stdout, re.MULTILINE)]
    assert missing == []


def test_every_command_is_listed_with_its_arguments(declared):
    """The table of commands is the program's list, in its order and with its arguments, each with its section."""
    assert [pages.codes(row[0])[0] for row in REFERENCE.table("Commands", "command")] == list(declared.usage.values())
    assert {f"`{name}`" for name in declared.usage} <= set(REFERENCE.headings())


def test_every_option_is_listed_with_its_command(declared):
    """Each command's options in the reference are those of the program, short names too, none twice, none besides."""
    assert "`-V`, `--version`" in REFERENCE.section(EVERY)
    for command, rows in option_tables(declared).items():
        listed = [name for option, _meaning in rows for name in pages.option_names(option)]
        had = [name for option in declared.options[command] for name in option.names if name not in ("-V", "--version")]
        assert sorted(listed) == sorted(had), command


def test_every_value_of_an_option_is_told(declared):
    """A row names the placeholder, every value that can be chosen and the default that the help shows."""
    for command, rows in option_tables(declared).items():
        by_name = {name: row for row in rows for name in pages.option_names(row[0])}
        for option in declared.options[command]:
            if option.names == ("-V", "--version"):
                continue
            cell, meaning = by_name[option.names[-1]]
            told = set(re.findall(r"[\w-]+", f"{cell} {meaning}"))
            assert set(option.choices) <= told, (command, option)
            assert not option.metavar or f"{option.names[-1]} {option.metavar}" in cell, (command, option)
            assert option.default in meaning, (command, option)


def test_every_exit_code_is_listed(declared):
    """The table of exit codes is the one that `--help` ends with."""
    assert REFERENCE.table("Exit codes", "code") == declared.exit_codes


def test_every_code_is_listed_with_its_group():
    """The table of codes holds every code in order, its group and its sentence."""
    rows = REFERENCE.table("Codes", "code")
    assert [(pages.codes(code)[0], meaning) for code, _group, meaning in rows] == [
        (code.value, CODE_SENTENCES[code]) for code in Code
    ]
    groups = {pages.codes(code)[0]: group for code, group, _meaning in rows}
    assert [name for name, group in groups.items() if group == "rejected"] == [code.value for code in REJECTED_CODES]
    assert [name for name, group in groups.items() if group == "warning"] == [code.value for code in WARNING_CODES]
    known = {status.value.replace("_", " ") for status in Status} | {"warning", "failed or unknown"}
    assert set(groups.values()) <= known


def test_every_column_and_status_is_listed():
    """The manual has the report's columns, actions and statuses as the report has them, and an export's columns."""
    body = MANUAL.section("The report")
    columns, statuses = pages.tables(body)
    meanings = {pages.codes(column)[0]: meaning for column, meaning in columns[1:]}
    assert tuple(meanings) == RESULT_COLUMNS
    assert pages.codes(meanings["action"]) == [action.value for action in Action]
    assert [pages.codes(row[0])[0] for row in statuses[1:]] == [status.value for status in Status]
    (sentence,) = re.findall(r"An export has the columns (.*?)\.", body, re.DOTALL)
    assert tuple(pages.codes(sentence)) == EXPORT_COLUMNS
    assert all(f"`{column}`" in body for column in PTX_COLUMNS)


def test_every_fault_is_listed():
    """The table of faults is what `audit` looks for."""
    assert [pages.codes(row[0])[0] for row in MANUAL.table("Look for faults in the lists themselves", "fault")] == list(
        FAULTS
    )


def test_every_setting_is_listed():
    """The variables are those that the sources ask the environment for; the profile's keys are those of a profile."""
    asked: set[str] = set()
    for path in (ROOT / "ptx_bulk").rglob("*.py"):
        asked |= set(re.findall(r"[\"'](PTX_[A-Z_]+|PRIMOTEXTO_[A-Z_]+)[\"']", path.read_text(encoding="utf-8")))
    asked -= set(reports.__all__)
    assert {pages.codes(row[0])[0] for row in REFERENCE.table("Settings", "variable")} == asked
    listed = {pages.codes(row[0])[0] for row in REFERENCE.table("Settings", "key of a profile")}
    assert listed == {field.name for field in dataclasses.fields(Profile)} - {"name"}


@pytest.mark.parametrize(
    ("option", "section", "known"),
    [
        ("--from", "Move from another provider", workbooks.preset_names),
        ("--for", "Get the lists out", reports.crm_names),
    ],
)
def test_every_provider_and_crm_is_listed(option, section, known):
    """The manual names all providers and CRMs that there are."""
    (sentence,) = re.findall(rf"`{option}` knows (.*?)\.", MANUAL.section(section), re.DOTALL)
    assert pages.codes(sentence) == list(known())


def test_every_function_of_the_library_is_listed():
    """The functions named are those of the package's face."""
    listed = [pages.codes(row[0])[0] for row in LIBRARY.table("Functions", "function")]
    assert sorted(listed) == sorted(name for name in ptx_bulk.__all__ if name[0].islower())


def number_tables() -> list[tuple[str, list[list[str]]]]:
    """Every table of examples of numbers, with its page."""
    found = [(page.name, rows) for page in pages.pages() for rows in pages.tables(page.prose)]
    return [(name, rows) for name, rows in found if rows[0][0] == "in the file"]


def test_the_numbers_are_read_as_shown():
    """Every example of a number, on whatever page, is read, suggested and judged as the page says."""
    assert {"docs/manual.md", "docs/numbers.md"} <= {name for name, _rows in number_tables()}
    shown = [(name, *example(rows[0], row)) for name, rows in number_tables() for row in rows[1:]]
    raw = [pages.codes(cell)[0] for _name, cell, *_rest in shown]
    kinds = [kind_of(cell) for _name, cell, *_rest in shown]
    answer = normalise(pd.Series(raw, dtype="str"), pd.Series(kinds))
    answer["read"] = e164_text(answer["number"]).to_numpy()
    for place, (name, _cell, read, suggestion, code) in enumerate(shown):
        lines = answer[answer["cell"] == place]
        assert lines["read"].tolist() == (read or [""]), (name, raw[place])
        assert set(lines["code"].astype("str")) == set(code or [""]), (name, raw[place])
        assert lines["suggestion"].tolist() == (suggestion or [""] * len(lines)), (name, raw[place])


def example(heading: list[str], row: list[str]) -> tuple[str, list[str], list[str], list[str]]:
    """The cell of an example, and what stands in backquotes under each of three headings, nothing without one."""
    named = {title: pages.codes(cell) for title, cell in zip(heading, row, strict=True)}
    return row[0], named.get("read as", []), named.get("suggestion", []), named.get("code", [])


def kind_of(cell: str) -> str:
    """The kind of cell that the example speaks of: `(a number cell)`."""
    found = re.search(r"\(an? (\w+) cell\)", cell)
    return found[1] if found else "text"


@pytest.mark.slow
def test_every_command_shown_is_one():
    """Each command line of ptx-bulk on a page, wherever it stands, has a command and options that exist."""
    shown = [command for page in pages.pages() for command in page.shown_commands()]
    assert len(shown) > 100
    wrong = program.mistakes([shlex.split(words) for _place, words in shown])
    assert [(place, words, said) for (place, words), said in zip(shown, wrong, strict=True) if said] == []


def test_every_example_of_the_help_is_a_command(declared):
    """The command lines that `--help` shows have a command and options that exist."""
    assert len(declared.examples) > 20
    wrong = program.mistakes([shlex.split(words) for words in declared.examples])
    assert [(words, said) for words, said in zip(declared.examples, wrong, strict=True) if said] == []


@pytest.mark.parametrize("name", [page.name for page in pages.pages()])
def test_every_link_leads_somewhere(name):
    """Links of a page lead to a file of the project, and to a heading where they name one."""
    page = pages.page(name)
    for target in re.findall(r"\]\(([^)]+)\)", page.prose):
        if target.startswith("https://"):
            continue
        path, _sharp, anchor = target.partition("#")
        file = (page.path.parent / path).resolve() if path else page.path
        assert file.exists(), target
        assert not anchor or anchor in pages.Page(file).anchors(), target


def test_the_readme_is_short_and_leads_to_every_page():
    """README.md has at most 200 lines, and links to each page of docs/."""
    readme = pages.page("README.md")
    assert len(readme.text.splitlines()) <= 200
    linked = set(re.findall(r"\]\((docs/[\w.-]+\.md)\)", readme.prose))
    assert {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} <= linked


def test_the_profiles_shown_are_profiles(tmp_path):
    """config.toml as shown is accepted, every table of it."""
    path = tmp_path / "config.toml"
    path.write_text(pages.files()["config.toml"].body, encoding="utf-8")
    names = tomllib.loads(path.read_text(encoding="utf-8"))
    assert [read_profile(path, name).name for name in names] == ["shop", "outlet"]


@pytest.mark.parametrize("name", ["ptx-bulk@.service", "ptx-bulk@.timer"])
def test_the_units_of_systemd_are_well_formed(name):
    """Units hold sections of keys and values."""
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.read_string(pages.files()[name].body)
    assert parser["Unit"]["Description"].startswith("ptx-bulk")


def test_the_cron_job_of_kubernetes_is_well_formed():
    """Lines are keys, values and items; each block is indented by two, or stands below a key without a value."""
    body = pages.files()["cronjob.yaml"].body
    depth, may_open = 0, False
    for line in body.splitlines():
        found = re.fullmatch(r"((?:  )*)(- )?([A-Za-z]\w*):(?: (\S.*))?", line)
        assert found, line
        indent, item, _key, value = found.groups()
        level = len(indent) // 2
        assert level <= depth + (1 if may_open else 0), line
        depth, may_open = level + bool(item), value is None
    assert {"kind: CronJob", '  schedule: "30 2 * * *"'} <= set(body.splitlines())


def test_the_dag_of_airflow_compiles():
    """The DAG is Python."""
    compile(pages.files()["suppression_lists.py"].body, "suppression_lists.py", "exec")
