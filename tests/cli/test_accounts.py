"""One command for several accounts: what is refused, what is printed, what the files are called."""

from __future__ import annotations

import json
import re
from queue import SimpleQueue

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ptx_bulk.cli.accounts.choosing import NamedAccount
from ptx_bulk.cli.accounts.command_lines import reads_standard_input
from ptx_bulk.cli.accounts.processes import AccountProcess, Event
from ptx_bulk.cli.accounts.telling import table
from ptx_bulk.cli.accounts.watching import Watch
from ptx_bulk.cli.accounts.working import Ended, Stops, Work
from ptx_bulk.cli.commands.files import COMMANDS
from ptx_bulk.cli.showing.channel import Channel
from ptx_bulk.cli.showing.exit_codes import EXIT_CODES, worst
from tests.cli.agency import agency

NUMBERS = "Mobile\n0612345678\n0612345679\n"


@pytest.fixture
def file(run):
    path = run.folder / "stops.csv"
    path.write_text(NUMBERS, encoding="utf-8")
    return path


def config(tmp_path, text: str) -> None:
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")


TWO = "[shop]\nregion = 'FR'\n[outlet]\nregion = 'FR'\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--profile", "shop", "--profile", "shop"], "shop is named twice"),
        (["--profile", "shop", "--all-profiles"], "leave one out"),
        (["--profile", "shop", "--profile", "outlte"], "Did you mean `outlet`?"),
        (["--all-profiles", "--combined-report", "all.pdf"], ".xlsx .html"),
        (["--all-profiles", "--combined-report", "stops.csv"], ".xlsx .html"),
        (["--profile", "shop", "--combined-report", "all.html"], "several accounts"),
    ],
)
def test_accounts_that_cannot_be_meant_are_refused(run, file, tmp_path, words, says):
    """Wrong names of accounts end with 2 and a sentence before anything is begun."""
    config(tmp_path, TWO)
    ran = run("import", file.name, *words, "--json")
    assert ran.code == 2
    assert says in ran.err
    assert ran.json["exit_code"] == 2
    assert [path.name for path in run.folder.iterdir()] == [file.name]


@pytest.mark.parametrize(
    "words", [["apply", "plan.json"], ["undo", "2026"], ["show", "2026"], ["resume", "2026"], ["login"]]
)
def test_what_is_one_accounts_is_refused_for_several(run, tmp_path, words):
    """A plan, a run or a key belongs to one account, and a command on it takes no second one."""
    config(tmp_path, TWO)
    ran = run(*words, "--all-profiles", "--json")
    assert ran.code == 2
    assert "one account at a time" in ran.err
    assert ran.json["exit_code"] == 2


@pytest.mark.parametrize("variable", ["PTX_API_KEY", "PRIMOTEXTO_API_KEY"])
def test_one_key_for_all_accounts_is_refused_unseen(run, file, tmp_path, variable):
    """A key in the environment would go to every account, so it is refused by the variable's name."""
    with agency(tmp_path, {"shop": "fine", "outlet": "fine"}) as addresses:
        ran = run("import", file.name, "--all-profiles", "--json", **{variable: "the-secret"})
        assert ran.code == 2
        assert f"{variable} holds one key" in ran.err
        assert "the-secret" not in ran.err + ran.out
        assert {name: value["exit_code"] for name, value in ran.json["profiles"].items()} == {"shop": 2, "outlet": 2}
        assert not any(one.heard for one in addresses.values())


@pytest.mark.parametrize("command", ["import", "runs", "export"])
def test_one_address_for_accounts_with_their_own_is_refused(run, file, tmp_path, command):
    """An address given for all would be sent the keys of accounts whose profiles have another one."""
    words = {"import": [file.name], "export": ["-o", "lists.csv"]}.get(command, [])
    with agency(tmp_path, {"shop": "fine", "outlet": "fine"}) as addresses:
        url = addresses["shop"].url
        ran = run(command, *words, "--all-profiles", "--base-url", url)
        assert (ran.code, "outlet" in ran.err) == (2, True)
        assert run(command, *words, "--all-profiles", PTX_BASE_URL=url).code == 2
        assert not any(one.heard for one in addresses.values())


def test_two_names_of_one_account_are_refused_by_both_names(run, file, tmp_path):
    """Profiles with the same key and address are told apart by nobody, so the command names both and does nothing."""
    same = "base_url = 'http://127.0.0.1:9'\napi_key_command = ['echo', 'the-secret']\n"
    config(tmp_path, f"[shop]\n{same}[boutique]\n{same}[outlet]\napi_key_command = ['echo', 'other']\n")
    ran = run("import", file.name, "--all-profiles")
    assert ran.code == 2
    assert "The profiles shop and boutique are the same account" in ran.err
    assert "the-secret" not in ran.err


def test_standard_output_is_not_shared(run, tmp_path):
    """An export to standard output would mix the accounts' rows, so it is refused."""
    config(tmp_path, TWO)
    ran = run("--sandbox", "export", "-o", "-", "--all-profiles")
    assert (ran.code, "name a file" in ran.err) == (2, True)


@pytest.mark.slow
def test_each_account_has_its_own_object_reports_and_run(run, file, tmp_path):
    """Two accounts give one object of two, and reports, runs and snapshots that carry their names."""
    with agency(tmp_path, {"shop": "fine", "outlet": "fine"}) as addresses:
        ran = run("import", file.name, "--profile", "shop", "--profile", "outlet", "--json")
        assert ran.code == 0, ran.err
        assert set(ran.json) == {"profiles", "exit_code"}
        for name, value in ran.json["profiles"].items():
            assert (value["profile"], value["exit_code"], value["counts"]) == (name, 0, {"applied": 2})
            assert value["reports"] == [f"stops.{name}.{value['run_id']}.results.csv"]
            assert (run.folder / value["reports"][0]).exists()
            shown = run("show", value["run_id"], "--json").json
            assert shown["profile"] == name
            assert f"Profile    {name}" in re.sub(" {2,}", "    ", run("show", value["run_id"]).out)
        assert list(ran.json["profiles"]) == ["shop", "outlet"]
        for one in addresses.values():
            assert all(one.key in heard for heard in one.heard)
            assert one.methods.count("POST") == 2
    listed = run("runs", "--all-accounts", "--json").json["runs"]
    assert {record["profile"] for record in listed} == {"shop", "outlet"}


def test_one_profile_is_the_command_as_ever(run, file, tmp_path):
    """A profile alone gives a plain object and the names of reports that a command without one gives."""
    with agency(tmp_path, {"shop": "fine"}):
        value = run("import", file.name, "--profile", "shop", "--json").json
    assert value["reports"] == [f"stops.{value['run_id']}.results.csv"]
    assert (value["exit_code"], value["profile"]) == (0, "shop")


@pytest.mark.slow
def test_no_runs_of_one_account_are_not_no_runs(run, file, tmp_path):
    """An account without runs is told of those of others, where there are some."""
    config(tmp_path, TWO)
    assert "There are no runs yet." in run("--sandbox", "runs").err
    run("--sandbox", "import", file.name, "--profile", "shop", "--profile", "outlet")
    assert "no runs of this account yet; --all-accounts" in run("--sandbox", "runs").err


def test_profiles_lists_and_tries_accounts_without_their_keys(run, tmp_path):
    """`profiles` says where each account is and whence its key, and with --test what it answers; never the key."""
    kinds = {"shop": "fine", "outlet": "refusing", "gone": "down"}
    with agency(tmp_path, kinds, "list = 'npai'") as addresses:
        listed = run("profiles", "--json", key="not-to-be-sent")
        assert listed.code == 0
        assert not any(one.heard for one in addresses.values())
        for name, value in listed.json["profiles"].items():
            own = {"address": addresses[name].url, "list": "npai", "key": "api_key_command", "tested": ""}
            assert own.items() <= value.items()
        tried = run("profiles", "--test", "--json", key="not-to-be-sent")
        assert {name: value["tested"] for name, value in tried.json["profiles"].items()} == {
            "shop": "reachable",
            "outlet": "refused",
            "gone": "down",
        }
        assert tried.code == tried.json["exit_code"] == 6
        for one in addresses.values():
            assert all(one.key in heard for heard in one.heard)
            assert one.key not in tried.out + tried.err + listed.out + listed.err
        assert run("profiles", "--profile", "shop", "--test").code == 0


@pytest.mark.slow
def test_a_job_names_its_accounts(run, file, tmp_path):
    """A job file may hold several profiles or all of them; --profile and --set name others instead."""
    job = run.folder / "job.toml"
    job.write_text(f"command = 'check'\nprofiles = ['shop', 'outlet']\nfiles = ['{file.name}']\n", encoding="utf-8")
    config(tmp_path, TWO + "[third]\n")
    assert list(run("run", job, "--json").json["profiles"]) == ["shop", "outlet"]
    assert list(run("run", job, "--set", "profiles=all", "--json").json["profiles"]) == ["shop", "outlet", "third"]
    assert run("run", job, "--profile", "third", "--json").json["profile"] == "third"
    both = run("run", job, "--set", "profile=shop", "--json")
    assert both.json["profile"] == "shop"
    job.write_text(job.read_text() + "profile = 'shop'\n", encoding="utf-8")
    assert (run("run", job).code, "leave one out" in run("run", job).err) == (2, True)


@given(st.lists(st.sampled_from([int(code) for code, _ in EXIT_CODES] + [10]), min_size=1))
def test_no_account_is_hidden_by_one_that_did_better(codes):
    """The code of all is one of theirs: never 0 where one failed, and 130, 6, 5 before all others."""
    code = worst(codes)
    assert code in codes
    assert (code == 0) == (set(codes) == {0})
    assert code == next((first for first in (130, 6, 5) if first in codes), code)
    assert code != 4 or not {1, 2, 3, 7, 8} & set(codes)


def test_the_table_has_a_row_for_each_account():
    """People see each account with its exit code and its counts, whatever counts the others have."""
    ended = [
        Ended("shop", "", 0, {"counts": {"applied": 1200}}, ""),
        Ended("a much longer name", "", 6, {"counts": {}}, "refused"),
    ]
    head, *rows = table(ended)
    assert head.split() == ["account", "exit", "applied", "meaning"]
    assert [row.split("  ")[0] for row in rows] == ["shop", "a much longer name"]
    assert "1,200" in rows[0]
    assert rows[1].endswith("access refused")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("max_removals = '200%'", "a number such as 50"),
        ("max_removals = true", "a number such as 50"),
        ("canary = -1", "a whole number of changes"),
        ("list = 'both'", "'stop' or 'npai'"),
        ("max_rate = 0", "calls a second"),
        ("canaries = 3", "Did you mean `canary`?"),
    ],
)
def test_a_wrong_key_of_a_profile_is_named_with_its_line(run, file, tmp_path, line, wanted):
    """A profile's value that no option would take is refused with file, line and what is wanted."""
    config(tmp_path, f"[shop]\n{line}\n")
    ran = run("check", file.name, "--profile", "shop")
    assert ran.code == 2
    assert "line 2" in ran.err
    assert wanted in ran.err


def test_a_table_named_twice_is_refused_with_its_line(run, tmp_path):
    """A profile that stands twice in the file is refused, and the line is named."""
    config(tmp_path, "[shop]\nregion = 'FR'\n[shop]\nregion = 'BE'\n")
    ran = run("profiles")
    assert (ran.code, "line 3" in ran.err) == (2, True)


@pytest.mark.slow
def test_a_profile_stands_in_for_options_that_are_left_out(run, file, tmp_path):
    """List, limit of removals and canary come from the profile unless the command line says otherwise."""
    config(tmp_path, "[shop]\nlist = 'npai'\nmax_removals = 0\ncanary = 1\n")
    account = ["--sandbox", "--profile", "shop"]
    assert run(*account, "import", file.name, "--json").json["list"] == "npai"
    refused = run(*account, "remove", file.name, "--yes", "--json")
    assert (refused.code, "--max-removals" in refused.err) == (7, True)
    removed = run(*account, "remove", file.name, "--yes", "--max-removals", "5", "--json")
    assert (removed.code, removed.json["list"]) == (0, "npai")
    assert run(*account, "import", file.name, "--list", "stop", "--json").json["list"] == "stop"


@pytest.mark.slow
def test_combined_reports_hold_every_account(run, file, tmp_path):
    """The page has a row and a link for each account, its names as text; nothing in it can run."""
    config(tmp_path, '["<b>shop</b>"]\n["out/let"]\n')
    ran = run("--sandbox", "import", file.name, "--all-profiles", "--combined-report", "all.html", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["reports"] == ["all.html"]
    page = (run.folder / "all.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert "<b>shop" not in page
    assert "&lt;b&gt;shop&lt;/b&gt;" in page
    for value in ran.json["profiles"].values():
        (report,) = value["reports"]
        assert (run.folder / report).exists()
        assert f'href="./{report}"' in page
    again = run("--sandbox", "import", file.name, "--all-profiles", "--combined-report", "all.html")
    assert (again.code, "not overwritten" in again.err) == (2, True)


@pytest.mark.slow
def test_the_summary_of_a_job_is_told_to_its_hook(run, file, tmp_path):
    """The command at a job's end gets the object of all accounts."""
    config(tmp_path, TWO)
    job = run.folder / "job.toml"
    job.write_text(
        f"command = 'check'\nfiles = ['{file.name}']\nprofiles = 'all'\n"
        "on_finish = ['python3', '-c', 'import sys; open(\"told.json\", \"w\").write(sys.stdin.read())']\n",
        encoding="utf-8",
    )
    assert run("run", job).code == 0
    told = json.loads((run.folder / "told.json").read_text())
    assert (set(told["profiles"]), told["exit_code"]) == ({"shop", "outlet"}, 0)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [(["a.csv", "--delimiter", "-"], False), (["-"], True), (["a.csv", "-"], True), (["a.csv"], False)],
)
def test_a_dash_is_standard_input_only_where_a_file_is_named(words, wanted):
    """A dash as the value of another option, such as a delimiter, lets nobody wait for standard input."""
    command = next(one for one in COMMANDS if one.name == "import")
    assert reads_standard_input(command.make_context("import", words, obj={})) is wanted


class Waiting(AccountProcess):
    """An account's process that waits with its plan from the start, and ends when it is told something."""

    def start(self) -> None:
        self.plan = ("Go ahead?",)

    def order(self, word: str) -> None:
        self.error = f"told: {word}"
        self.events.put(Event(self.account.name, "ended", 130))


class StoppedAtTheStart(Watch):
    """A stop comes as soon as an account is at work."""

    def __init__(self, stops: Stops) -> None:
        super().__init__(quiet=True)
        self.stops = stops

    def begun(self, name: str) -> None:
        self.stops.interrupt()


def test_a_stop_just_before_the_question_is_an_answer():
    """Where a stop comes before the accounts are asked about, nobody is asked, and they are told to stop."""
    stops, events, asked = Stops(), SimpleQueue(), []
    account = NamedAccount("shop", "shop", "")
    work = Work(
        [Waiting(account, [], Channel(), "", events)],
        events,
        1,
        StoppedAtTheStart(stops),
        lambda processes: bool(asked.append(processes)),
        lambda _run, code: {"exit_code": code},
    )
    (ended,) = work.carry_out(stops)
    assert (ended.code, ended.error, asked) == (130, "told: stop", [])
