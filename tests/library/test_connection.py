"""`connect()` and its methods do what the commands do, by keyword, without a word on the terminal."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from datetime import timedelta

import pandas as pd
import pytest
import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile

import ptx_bulk
from ptx_bulk.cli.app import cli
from ptx_bulk.errors import ConfigurationError, NothingToResume, PlanStale, StopRemovalRefused, TooManyRemovals
from ptx_bulk.library.keywords import (
    ApplyKeywords,
    CheckKeywords,
    DiffKeywords,
    PaceKeywords,
    ReadKeywords,
    SendKeywords,
)
from tests.docs import pages

FIRST, SECOND = "+33612345678", "+33612345679"


@pytest.fixture
def account(tmp_path, monkeypatch):
    """An empty sandbox of the test's own, with nothing else in the folder."""
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with ptx_bulk.connect(sandbox=True) as account:
        yield account


def phones(account, which="stop"):
    return account.read(which)["phone"].tolist()


@pytest.mark.slow
def test_the_lists_follow_the_methods(account, tmp_path, capfd):
    """Import, diff, remove, sync, undo, audit, export and the runs say and do what their commands do, in silence."""
    added = account.import_([FIRST, SECOND])
    assert (added.exit_code, added.summary.counts, phones(account)) == (0, {"applied": 2}, [FIRST, SECOND])
    foreseen = account.diff([FIRST], mode="remove", max_removals="100%")
    assert (foreseen.summary.counts, phones(account)) == ({"planned": 1}, [FIRST, SECOND])
    refused = account.remove([FIRST])
    assert (type(refused.error), refused.exit_code) == (StopRemovalRefused, 7)
    assert account.remove([FIRST], allow_stop_removal=True, reason="asked for").summary.counts == {"applied": 1}
    assert phones(account) == [SECOND]
    account.import_([f"+3361234567{digit}" for digit in range(10)], list="npai")
    many = account.sync([FIRST], list="npai")
    assert isinstance(many.error, TooManyRemovals)
    synced = account.sync([FIRST], list="npai", max_removals=20)
    assert (synced.summary.counts, phones(account, "npai")) == ({"unchanged": 1, "applied": 9}, [FIRST])
    undone = account.undo(synced.summary.run_id)
    assert (undone.summary.counts, len(phones(account, "npai"))) == ({"applied": 9}, 10)
    audited = account.audit(faults=["ON_BOTH_LISTS"])
    assert audited.frame["fault"].tolist() == ["ON_BOTH_LISTS"] * len(audited.frame)
    exported = account.export(tmp_path / "lists.csv", list="npai", crm="hubspot", format="msisdn")
    assert len(exported.frame) == len((tmp_path / "lists.csv").read_text("utf-8-sig").splitlines()) - 1 == 10
    newest = account.runs()[0]
    assert newest.run_id == undone.summary.run_id
    assert account.show(newest.run_id).done == {"applied": 9}
    assert account.probe().credits == 1000
    assert account.purge(timedelta(0), dry_run=True).runs > 3
    assert capfd.readouterr() == ("", "")


def test_a_saved_plan_is_applied(account, tmp_path):
    """What `diff` saves, `apply` does; a table in memory cannot be saved for, since nobody could read it again."""
    (tmp_path / "stops.csv").write_text(f"Mobile\n{FIRST}\n")
    account.diff(tmp_path / "stops.csv", save_plan=tmp_path / "plan.json")
    assert account.apply(tmp_path / "plan.json").summary.counts == {"applied": 1}
    with pytest.raises(ConfigurationError, match="files alone"):
        account.diff([FIRST], save_plan=tmp_path / "other.json")


@pytest.mark.slow
def test_a_plan_made_from_a_protected_workbook_is_applied_with_its_password(account, tmp_path):
    """A plan keeps no password: `apply` takes it again, and without it nothing is sent and the sentence says why."""
    (tmp_path / "word.txt").write_text("s3sam\n")
    with xlsxwriter.Workbook(tmp_path / "plain.xlsx") as book:
        book.add_worksheet().write_column(0, 0, ["Portable", FIRST])
    with (tmp_path / "plain.xlsx").open("rb") as file, (tmp_path / "stops.xlsx").open("wb") as out:
        OOXMLFile(file).encrypt("s3sam", out)
    account.diff(tmp_path / "stops.xlsx", save_plan=tmp_path / "plan.json", password_file=tmp_path / "word.txt")
    assert "s3sam" not in (tmp_path / "plan.json").read_text()
    with pytest.raises(PlanStale, match="--password-file"):
        account.apply(tmp_path / "plan.json")
    assert phones(account) == []
    account.apply(tmp_path / "plan.json", password_file=tmp_path / "word.txt")
    assert phones(account) == [FIRST]


def test_a_blank_of_another_encoding_hints_at_the_option(tmp_path):
    """A number with no-break blanks of cp850 is refused with the option that reads it; other letters have no hint."""
    (tmp_path / "old.csv").write_bytes("Mobile\n06\xa012\xa034\xa056\xa078\n06 12 34 56 X8\n".encode("cp850"))
    told = ptx_bulk.check(tmp_path / "old.csv", encoding="cp1252").frame.set_index("row")["message"]
    assert ("--encoding cp850" in told[2], "--encoding" in told[3]) == (True, False)
    assert ptx_bulk.check(tmp_path / "old.csv", encoding="cp850").frame["e164"].tolist() == [FIRST, ""]


def test_nothing_is_written_unless_it_is_asked_for(account, tmp_path):
    """Without `report` no file appears where the program is; with it, the report and the rejects beside it do."""
    frame = pd.DataFrame({"Nom": ["Martin", "Petit"], "Portable": [FIRST, "06 12"]})
    silent = account.import_(frame)
    assert (silent.exit_code, silent.summary.reports, silent.rejects) == (4, (), ())
    assert list((tmp_path / "here").iterdir()) == []
    told = account.import_(frame, report=["a.json", tmp_path / "here" / "b.csv"])
    written = {path.name for path in (tmp_path / "here").iterdir()}
    assert written == {"a.json", "b.csv", *(pd.Series(told.rejects).str.rsplit("/").str[-1])}
    assert len(written) == 3
    [rejected] = [name for name in written if ".rejects." in name]
    again = pd.read_csv(rejected, dtype=str)
    assert again[["Nom", "Portable"]].to_numpy().tolist() == [["Petit", "06 12"]]


def test_a_run_that_stopped_goes_on_without_its_table(account):
    """A run whose input was in memory is resumed from the journal."""
    stopped = account.import_([FIRST, SECOND], time_limit=0)
    assert (stopped.exit_code, phones(account)) == (5, [])
    resumed = account.resume()
    assert (resumed.summary.counts, phones(account)) == ({"applied": 2}, [FIRST, SECOND])
    with pytest.raises(NothingToResume):
        account.resume()


def test_every_method_works_inside_a_running_event_loop(account):
    """In a notebook, whose event loop runs already, the methods do what they do elsewhere."""

    async def cell():
        return account.import_([FIRST], canary=1).summary.counts, phones(account)

    assert asyncio.run(cell()) == ({"applied": 1}, [FIRST])


def test_without_a_key_there_is_no_connection(tmp_path, monkeypatch):
    """`connect` says at once that there is no key; with `key` none is looked for, and none is shown."""
    monkeypatch.setenv("PTX_HOME", str(tmp_path))
    for name in ("PTX_API_KEY", "PRIMOTEXTO_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="no API key"):
        ptx_bulk.connect()
    account = ptx_bulk.connect(key="0123456789abcdef0123456789abcdef", base_url="https://api.example.org/v2")
    assert repr(account) == "<ptx_bulk connection to https://api.example.org/v2>"
    with pytest.raises(ConfigurationError, match="https"):
        ptx_bulk.connect(key="0123456789abcdef0123456789abcdef", base_url="http://api.example.org")


@pytest.mark.parametrize("argument", [{"sandbox": 1}, {"key": 3}, {"profile": 3}, {"base_url": b"x"}])
def test_wrong_arguments_of_connect_are_refused_by_name(argument):
    """Each argument of `connect` is refused by its name."""
    with pytest.raises(ConfigurationError, match=next(iter(argument))):
        ptx_bulk.connect(**argument)


WRONG = [
    ("accept", "all"), ("canary", -1), ("comment", 3), ("comment", "x" * 501), ("column", 3.5),
    ("column", [None]), ("concurrency", 0), ("country_column", 3), ("delimiter", 3), ("dialect", "excel"),
    ("dry_run", "no"), ("encoding", 3), ("hidden_rows", "maybe"), ("list", "stops"),
    ("list_column", 3), ("max_rate", 0), ("max_removals", "many"), ("max_removals", True), ("max_removals", 0.5),
    ("password_file", 3), ("provider", 3), ("read_memory", 1), ("read_timeout", 0), ("reading", "nowhere.toml"),
    ("reason", 3), ("region", 3), ("report", 3), ("report", [3]), ("save_reading", 3), ("sheet", 3),
    ("time_limit", -1), ("timeout", 0), ("trust_smaller_list", 1), ("verify", 0), ("verify_wait", -1), ("where", 3),
    ("allow_stop_removal", 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_keyword_is_refused_by_name_before_anything_is_done(account, name, value):
    """What a keyword cannot be is refused by our error, and no run begins."""
    word = {"provider": "preset", "reading": "--reading", "max_removals": "max[-_]removals"}.get(name, name)
    with pytest.raises(ptx_bulk.PtxError, match=word):
        account.import_(pd.DataFrame({"Mobile": [FIRST]}), **{name: value})
    assert account.runs() == []


def test_every_keyword_has_a_wrong_value_above():
    """No keyword escapes the test above, but for one that tables refuse."""
    known = {*ReadKeywords.__annotations__, *SendKeywords.__annotations__}
    assert known - {name for name, _value in WRONG} == {"header_row"}


def test_a_keyword_that_is_none_is_refused(account):
    """A misspelt keyword is no keyword, and the one that may be meant is named."""
    with pytest.raises(ConfigurationError, match="dry_run may be meant"):
        account.import_([FIRST], dryrun=True)
    with pytest.raises(ConfigurationError, match="report"):
        ptx_bulk.check([FIRST], xyzzy=True)
    assert phones(account) == []


def test_keywords_are_those_of_the_command_line():
    """Every option of a command is a keyword of its method, by its name, and the other way round."""
    own = {"yes", "mode", "save_plan", "exit_code"}  # the method is the yes; the others are parameters, or for shells
    renamed = {"from": "provider", "no_verify": "verify", "no_header": "header_row"}
    general = {"sandbox", "base_url", "profile", "lang", "json", "quiet", "verbose", "log_file", "metrics"}
    general |= {"all_profiles", "accounts_at_once", "combined_report"}  # a program opens one account after the other
    for command, keywords in (
        ("import", [ReadKeywords, SendKeywords]),
        ("sync", [ReadKeywords, SendKeywords]),
        ("check", [CheckKeywords]),
        ("diff", [DiffKeywords]),
        ("resume", [PaceKeywords]),
        ("undo", [SendKeywords]),
        ("apply", [ApplyKeywords]),
    ):
        options = {
            max(one.opts, key=len).lstrip("-").replace("-", "_")
            for one in cli.commands[command].params
            if one.param_type_name == "option"
        }
        expected = {renamed.get(name, name) for name in options - general - own}
        assert expected == {name for one in keywords for name in one.__annotations__}, command


def test_the_signature_shows_every_keyword():
    """`help()` and a notebook's completion know the keywords one by one."""
    shown = inspect.signature(ptx_bulk.Connection.import_).parameters
    assert {"numbers", "dry_run", "list", "report"} <= set(shown)
    assert all(one.kind is not inspect.Parameter.VAR_KEYWORD for one in shown.values())


def test_every_method_is_on_the_page():
    """docs/library.md lists the methods that there are."""
    listed = [pages.codes(row[0])[0] for row in pages.page("docs/library.md").table("Methods", "method")]
    assert sorted(listed) == sorted(name for name in dir(ptx_bulk.Connection) if not name.startswith("_"))


def test_what_is_told_goes_to_the_logger_without_keys_and_numbers(account, caplog):
    """Notices are log records of `ptx_bulk`; neither a number nor the key stands in any record of the run."""
    with caplog.at_level(logging.DEBUG):
        account.import_(pd.DataFrame({"Portable": [FIRST, "06 12 34"]}))
    ours = [record for record in caplog.records if record.name == "ptx_bulk"]
    assert any("Portable" in record.getMessage() and record.levelno == logging.INFO for record in ours)
    assert not any(FIRST[3:] in record.getMessage() or "06 12 34" in record.getMessage() for record in caplog.records)


@pytest.mark.slow
def test_results_show_themselves_in_a_notebook(account):
    """Each result is a small HTML table of its counts, every text escaped."""
    result = account.import_(pd.DataFrame({"Portable": [FIRST, "<b>"]}))
    shown = result._repr_html_()
    assert "<th>applied</th>" in shown
    assert "NOT_A_NUMBER" in shown
    assert result.summary.run_id in shown
    assert "<b>" not in shown
    for other in (account.audit(), account.show(result.summary.run_id), account.export("lists.csv"), account.changes()):
        assert other._repr_html_().startswith("<p>")
    assert json.loads(json.dumps(result.summary.as_json()))["exit_code"] == 4


@pytest.mark.parametrize(("arguments", "word"), [({}, "export format"), ({"dialect": "excel"}, "dialect")])
def test_an_export_that_cannot_be_written_reads_no_list(account, tmp_path, arguments, word):
    """A name or a dialect that no export has is refused before the lists are read for nothing."""
    with pytest.raises(ConfigurationError, match=word):
        account.export(tmp_path / ("lists.csv" if arguments else "lists.txt"), **arguments)
    assert list((tmp_path / "home").iterdir()) == []


def test_a_program_finds_the_accounts_of_the_configuration(tmp_path, monkeypatch):
    """`profiles` gives the accounts as a frame, and `connect` opens each by its name with the profile's own limits."""
    (tmp_path / "config.toml").write_text("[shop]\nlist = 'npai'\nmax_removals = 0\n[outlet]\n", encoding="utf-8")
    monkeypatch.setenv("PTX_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    found = ptx_bulk.profiles()
    assert list(found.frame["name"]) == ["shop", "outlet"]
    with ptx_bulk.connect(sandbox=True, profile="shop") as shop:
        assert shop.import_([FIRST]).summary.list == "npai"
        assert shop.remove([FIRST]).exit_code == 7
        assert shop.remove([FIRST], max_removals=5).exit_code == 0
