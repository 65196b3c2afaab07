"""What README.md lists is what the program has: commands, options, codes, columns, settings, numbers."""

from __future__ import annotations

import configparser
import dataclasses
import re
import shlex
import tomllib

import pandas as pd
import pytest

import ptx_bulk
from ptx_bulk import reports, workbooks
from ptx_bulk.cli.audit import FAULTS
from ptx_bulk.model import EXPORT_COLUMNS, REJECTED_CODES, RESULT_COLUMNS, WARNING_CODES, Action, Code, Status
from ptx_bulk.numbers import e164_text, normalise
from ptx_bulk.rejected_rows import PTX_COLUMNS
from ptx_bulk.sentences import CODE_SENTENCES
from ptx_bulk.settings import Profile, read_profile
from tests.conftest import ROOT
from tests.docs import program, readme

EVERY, ALONE = "Every command", "Only before the command"


@pytest.fixture(scope="module")
def declared() -> program.Program:
    """What the command line declares."""
    return program.declared()


def option_tables(declared: program.Program) -> dict[str, list[list[str]]]:
    """The rows of README's options for each command, '' for the program itself; columns are option and meaning."""
    rows: dict[str, list[list[str]]] = {name: [] for name in declared.options}
    for heading in readme.headings():
        if heading in (EVERY, ALONE):
            names = list(rows) if heading == EVERY else [""]
        else:
            names = [name for name in readme.codes(heading) if name in rows]
        for found in readme.tables(readme.section(heading)) if names else []:
            if found[0][0] == "option":
                for name in names:
                    rows[name] += found[1:]
    return rows


def test_every_command_is_listed_with_its_arguments(declared):
    """The table of commands is the program's list, in its order and with its arguments."""
    assert [readme.codes(row[0])[0] for row in readme.table("Commands", "command")] == list(declared.usage.values())


def test_every_option_is_listed_with_its_command(declared):
    """Each command's options in README are those of the program, short names included, none twice, none besides."""
    for command, rows in option_tables(declared).items():
        listed = [name for option, _meaning in rows for name in readme.option_names(option)]
        had = [name for option in declared.options[command] for name in option.names]
        assert sorted(listed) == sorted(had), command


def test_every_value_of_an_option_is_told(declared):
    """A row names the placeholder, every value that can be chosen and the default that the help shows."""
    faults = [row[0] for row in readme.table("`audit`", "fault")]
    for command, rows in option_tables(declared).items():
        by_name = {name: row for row in rows for name in readme.option_names(row[0])}
        for option in declared.options[command]:
            cell, meaning = by_name[option.names[-1]]
            told = set(re.findall(r"[\w-]+", " ".join([*readme.codes(cell), *readme.codes(meaning), *faults])))
            assert set(option.choices) <= told, (command, option)
            assert not option.metavar or f"{option.names[-1]} {option.metavar}" in cell, (command, option)
            assert option.default in meaning, (command, option)


def test_every_exit_code_is_listed(declared):
    """The table of exit codes is the one that `--help` ends with."""
    assert readme.table("Exit codes", "code") == declared.exit_codes


def test_every_code_is_listed_with_its_group():
    """The table of codes holds every code in order, its group and its sentence."""
    rows = readme.table("Codes", "code")
    assert [(readme.codes(code)[0], meaning) for code, _group, meaning in rows] == [
        (code.value, CODE_SENTENCES[code]) for code in Code
    ]
    groups = {readme.codes(code)[0]: group for code, group, _meaning in rows}
    assert [name for name, group in groups.items() if group == "rejected"] == [code.value for code in REJECTED_CODES]
    assert [name for name, group in groups.items() if group == "warning"] == [code.value for code in WARNING_CODES]
    known = {status.value.replace("_", " ") for status in Status} | {"warning", "failed or unknown"}
    assert set(groups.values()) <= known


def test_every_column_and_status_is_listed():
    """The report's columns, actions and statuses stand in README as the report has them, and an export's columns."""
    body = readme.section("The report")
    columns, statuses = readme.tables(body)
    meanings = {readme.codes(column)[0]: meaning for column, meaning in columns[1:]}
    assert tuple(meanings) == RESULT_COLUMNS
    assert readme.codes(meanings["action"]) == [action.value for action in Action]
    assert [readme.codes(row[0])[0] for row in statuses[1:]] == [status.value for status in Status]
    (sentence,) = re.findall(r"An export has the columns (.*?)\.", body, re.DOTALL)
    assert tuple(readme.codes(sentence)) == EXPORT_COLUMNS
    assert all(f"`{column}`" in body for column in PTX_COLUMNS)


def test_every_fault_is_listed():
    """The table of faults is what `audit` looks for."""
    assert [readme.codes(row[0])[0] for row in readme.table("`audit`", "fault")] == list(FAULTS)


def test_every_setting_is_listed():
    """The variables are those that the sources ask the environment for; the profile's keys are those of a profile."""
    asked: set[str] = set()
    for path in (ROOT / "ptx_bulk").rglob("*.py"):
        asked |= set(re.findall(r"[\"'](PTX_[A-Z_]+|PRIMOTEXTO_[A-Z_]+)[\"']", path.read_text(encoding="utf-8")))
    asked -= set(reports.__all__)
    assert {readme.codes(row[0])[0] for row in readme.table("Settings", "variable")} == asked
    (sentence,) = re.findall(r"Profile keys are\s(.*)", readme.section("Settings"))
    keys = {field.name for field in dataclasses.fields(Profile)} - {"name"}
    assert set(readme.codes(sentence)) == keys


def test_every_provider_and_crm_is_listed():
    """`--from` and `--for` name all that there are."""
    rows = [*readme.table("Reading files: `import` `remove` `sync` `diff` `check`", "option")]
    rows += readme.table("`export`", "option")
    meaning = {name: readme.codes(row[1]) for row in rows for name in readme.option_names(row[0])}
    assert meaning["--from"] == list(workbooks.preset_names())
    assert meaning["--for"] == list(reports.crm_names())


def test_every_function_of_the_library_is_listed():
    """The functions named are those of the package's face."""
    (sentence,) = re.findall(r"^Functions: (.*?);", readme.section("Library"), re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", sentence)) == {name for name in ptx_bulk.__all__ if name[0].islower()}


def test_the_numbers_are_read_as_shown():
    """Every example under "How numbers are read" comes out as README says."""
    taken, repaired, rejected = (rows[1:] for rows in readme.tables(readme.section("How numbers are read")))
    shown = [(cell, read, "", "") for cell, read in taken]
    shown += [(cell, read, "", code) for cell, read, code in repaired]
    shown += [(cell, "", suggestion, code) for cell, suggestion, code in rejected]
    raw = [readme.codes(cell)[0] for cell, *_rest in shown]
    kinds = [found[1] if (found := re.search(r"\(an? (\w+) cell\)", cell)) else "text" for cell, *_rest in shown]
    answer = normalise(pd.Series(raw, dtype="str"), pd.Series(kinds))
    answer["read"] = e164_text(answer["number"]).to_numpy()
    for place, (_cell, read, suggestion, code) in enumerate(shown):
        lines = answer[answer["cell"] == place]
        assert lines["read"].tolist() == (readme.codes(read) or [""]), raw[place]
        assert set(lines["code"].astype("str")) == set(readme.codes(code) or [""]), raw[place]
        assert lines["suggestion"].tolist() == (readme.codes(suggestion) or [""] * len(lines)), raw[place]


def test_every_command_shown_is_one():
    """Each command line of ptx-bulk in README, wherever it stands, has a command and options that exist."""
    shown = list(readme.shown_commands())
    assert len(shown) > 40
    wrong = program.mistakes([shlex.split(words) for _place, words in shown])
    assert [(place, words, said) for (place, words), said in zip(shown, wrong, strict=True) if said] == []


def test_every_example_of_the_help_is_a_command(declared):
    """The command lines that `--help` shows have a command and options that exist."""
    assert len(declared.examples) > 20
    wrong = program.mistakes([shlex.split(words) for words in declared.examples])
    assert [(words, said) for words, said in zip(declared.examples, wrong, strict=True) if said] == []


def test_every_link_leads_somewhere():
    """Links within the README lead to a heading, others to a file of the project."""
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in readme.headings()}
    for target in re.findall(r"\]\(([^)]+)\)", readme.prose()):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif not target.startswith("https://"):
            assert (ROOT / target).exists(), target


def test_the_profiles_shown_are_profiles(tmp_path):
    """config.toml as shown is accepted, every table of it."""
    path = tmp_path / "config.toml"
    path.write_text(readme.files()["config.toml"].body, encoding="utf-8")
    names = tomllib.loads(path.read_text(encoding="utf-8"))
    assert [read_profile(path, name).name for name in names] == ["shop", "outlet"]


@pytest.mark.parametrize("name", ["ptx-bulk@.service", "ptx-bulk@.timer"])
def test_the_units_of_systemd_are_well_formed(name):
    """Units hold sections of keys and values."""
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.read_string(readme.files()[name].body)
    assert parser["Unit"]["Description"].startswith("ptx-bulk")


def test_the_cron_job_of_kubernetes_is_well_formed():
    """Lines are keys, values and items; each block is indented by two, or stands below a key without a value."""
    body = readme.files()["cronjob.yaml"].body
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
    compile(readme.files()["suppression_lists.py"].body, "suppression_lists.py", "exec")
