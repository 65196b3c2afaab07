"""The Tab key: what the shell is told, and that asking leaves no trace and no word, whatever state things are in."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from ptx_bulk.cli.app import cli
from ptx_bulk.journal import Journal, RunRecord, RunState
from ptx_bulk.model import ListKind
from ptx_bulk.plan.planning import changes_frame

FIRST, SECOND = "20261123-190333-k3f9", "20261124-080000-abcd"
PROFILES = '[shop]\n[site]\n["boutique-é"]\n'
HOSTILE = [
    "a\nplain,b",
    "red\x1b[31m",
    "turned\u202e",
    "two words",
    "$(touch made)",
    "`x`",
    "a;b",
    "a,b",
    "-rf",
    "*",
    "",
]


@pytest.fixture
def tab(run):
    """Press the Tab key behind these words: the lines that the shell gets, after nothing was said or failed."""

    def press(line: str, *, shell: str = "bash", **extra: str) -> list[str]:
        words = line.split()
        at = len(words) - (not line.endswith(" "))
        # fish gives the word itself, the others its place.
        place = (words[-1] if at < len(words) else "") if shell == "fish" else str(at)
        asking = {"_PTX_BULK_COMPLETE": f"{shell}_complete", "COMP_WORDS": line, "COMP_CWORD": place, **extra}
        ran = run(**asking)
        assert (ran.code, ran.err) == (0, "")
        return ran.out.splitlines()

    return press


@pytest.fixture
def home(environment) -> Path:
    return Path(environment["PTX_HOME"])


@pytest.fixture
def config(environment) -> Path:
    return Path(environment["PTX_CONFIG"])


def offered(lines: list[str]) -> list[str]:
    """What bash offers."""
    assert all(line.startswith("plain,") for line in lines if line)
    return [line.removeprefix("plain,") for line in lines if line]


def parts(lines: list[str]) -> list[str]:
    """What fish is told: kind, value, help; click 8.4.0 gives each a line, later versions one line to all."""
    return re.split(r"[,\t\n]", "\n".join(lines))


def files(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*")}


def store(journal: Journal, run_id: str, started: float, state: RunState = RunState.FINISHED) -> None:
    """A run without changes in the journal."""
    run = RunRecord(
        run_id=run_id, command="import", mode="import", account="a", base_url="", lists=tuple(ListKind),
        options={}, started_at=started, state=state,
    )  # fmt: skip
    journal.begin(run, [], pd.DataFrame({"raw": ["x"]}), changes_frame([]))


@pytest.fixture
def two_runs(home) -> Path:
    """A state folder whose journal holds two runs."""
    home.mkdir()
    with Journal(home) as journal:
        store(journal, FIRST, 1.0, RunState.STOPPED)
        store(journal, SECOND, 2.0)
    return home


@pytest.mark.parametrize("command", ["resume", "undo", "show"])
def test_runs_are_offered_the_latest_first(tab, two_runs, command):
    """Where a run's name is wanted its beginning is completed, and each shell is told what the run did."""
    before = files(two_runs)
    assert offered(tab(f"ptx-bulk {command} ")) == [SECOND, FIRST]
    assert offered(tab(f"ptx-bulk {command} 20261123")) == [FIRST]
    assert tab(f"ptx-bulk {command} 20261123", shell="zsh") == ["plain", FIRST, "import stopped"]
    assert parts(tab(f"ptx-bulk {command} 20261123", shell="fish"))[:2] == ["plain", FIRST]
    assert files(two_runs) == before


def test_runs_of_a_journal_at_work_are_offered(tab, home):
    """A run that another process has just begun is offered, although its process writes to the journal."""
    home.mkdir()
    with Journal(home) as journal:
        store(journal, FIRST, 1.0, RunState.RUNNING)
        before = files(home)
        with journal.transaction():
            assert offered(tab("ptx-bulk show ")) == [FIRST]
        assert files(home) == before


def test_a_journal_that_was_copied_without_its_side_file_gets_none(tab, two_runs):
    """Beside a write-ahead file that a crash or a copy left, nothing new is made."""
    two_runs.joinpath("journal.sqlite3-wal").write_bytes(b"")
    before = files(two_runs)
    assert offered(tab("ptx-bulk show ")) == [SECOND, FIRST]
    assert files(two_runs) == before


WORDS = ["show ", "resume 2", "--profile ", "import --from ", "export --for ", "sync --re", "", "nonsense "]


@pytest.mark.parametrize("words", WORDS)
def test_completing_makes_nothing(tab, run, home, config, tmp_path, words):
    """Without a state folder and a configuration, completing anything makes neither, nor any other file."""
    for shell in ("bash", "zsh", "fish"):
        tab(f"ptx-bulk {words}", shell=shell)
    assert {path.name for path in tmp_path.iterdir()} == {"work"}
    assert list(run.folder.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"no database" * 500, "newer", "cut", "folder", "other"], ids=lambda one: str(one)[:9]
)
def test_a_damaged_journal_offers_nothing_and_says_nothing(tab, two_runs, content):
    """Of a journal that cannot be read nothing is offered, nothing is said, and it stays as it is."""
    path = two_runs / "journal.sqlite3"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif content == "folder":
        path.unlink()
        path.mkdir()
    elif content == "other":
        path.unlink()
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE runs (name)")
    else:
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA user_version = 999")
            db.execute("ALTER TABLE runs RENAME TO other")
    before, stood = files(two_runs), path.read_bytes() if path.is_file() else b""
    assert offered(tab("ptx-bulk show ")) == []
    assert files(two_runs) == before
    assert (path.read_bytes() if path.is_file() else b"") == stood


def test_names_that_a_terminal_would_obey_are_not_offered(tab, two_runs, config):
    """Names that hide something for terminal or shell, of damaged runs or of profiles, are not offered."""
    with closing(sqlite3.connect(two_runs / "journal.sqlite3")) as db:
        for at, name in enumerate([*HOSTILE, b"\xff\x1b", 7.5]):
            columns = "command, mode, account, base_url, lists, options, started_at, reason, parent, version, "
            columns += "metadata_version, state, finished_at, exit_code, summary"
            db.execute(
                f"INSERT INTO runs (run_id, {columns}) SELECT ?, {columns} FROM runs WHERE run_id = ?",
                (name if name != 7.5 else f"odd{at}", FIRST),
            )
        db.execute("UPDATE runs SET command = ? WHERE run_id = ?", ("im\x1b[2Jport\nplain", SECOND))
        db.commit()
    quoted = [name.encode("unicode_escape").decode().replace('"', '\\"') for name in HOSTILE]
    escaped = [name.replace("\\x1b", "\\u001b") for name in quoted]
    config.write_text(PROFILES + "".join(f'["{name}"]\n' for name in escaped), encoding="utf-8")
    for shell in ("bash", "zsh", "fish"):
        for words in ("show ", "--profile "):
            said = "\n".join(tab(f"ptx-bulk {words}", shell=shell))
            assert all(letter.isprintable() for letter in said.replace("\n", "").replace("\t", ""))
            assert not any(name and name in said.split("\n") for name in HOSTILE)
    assert set(offered(tab("ptx-bulk show "))) == {FIRST, SECOND, f"odd{len(HOSTILE) + 1}"}
    assert offered(tab("ptx-bulk --profile ")) == ["shop", "site", "boutique-é"]
    assert tab(f"ptx-bulk show {SECOND}", shell="zsh") == ["plain", SECOND, "_"]


def test_profiles_are_offered(tab, config):
    """The tables of config.toml are completed after --profile, before and behind the command."""
    config.write_text(PROFILES, encoding="utf-8")
    assert offered(tab("ptx-bulk --profile s")) == ["shop", "site"]
    assert offered(tab("ptx-bulk import --profile si")) == ["site"]
    assert tab("ptx-bulk --profile sh", shell="zsh") == ["plain", "shop", "_"]


@pytest.mark.parametrize(
    "content", [b"[shop\n", b"\xff\xfe", b"shop = 3\n", b"x = " + b"[" * 5000, None], ids=lambda one: repr(one)[:9]
)
def test_a_configuration_that_cannot_be_read_offers_no_profile(tab, config, content):
    """A configuration file that is none is no reason to say anything while somebody types."""
    config.mkdir() if content is None else config.write_bytes(content)
    assert offered(tab("ptx-bulk --profile s")) == []


@pytest.mark.parametrize("variable", ["PTX_HOME", "PTX_CONFIG"])
def test_homes_of_nobody_offer_nothing(tab, variable):
    """A folder that cannot be is no reason to say anything either."""
    nobody = {variable: "~nobody-of-this-name/x"}
    assert offered(tab("ptx-bulk show ", **nobody)) == []
    assert offered(tab("ptx-bulk --profile ", **nobody)) == []


def test_providers_and_crms_are_offered(tab):
    """`--from` offers the providers whose exports are known, `--for` the CRMs."""
    assert {"brevo", "ovh", "twilio"} <= set(offered(tab("ptx-bulk import --from ")))
    assert offered(tab("ptx-bulk check --from ov")) == ["ovh"]
    assert offered(tab("ptx-bulk audit --from ov")) == ["ovh"]
    assert {"brevo", "hubspot", "salesforce"} <= set(offered(tab("ptx-bulk export --for ")))
    assert offered(tab("ptx-bulk export --for hub")) == ["hubspot"]


def test_commands_and_options_are_offered(tab):
    """Commands, the options of each, and the words that an option takes are completed; the unknown is no error."""
    assert offered(tab("ptx-bulk re")) == ["remove", "resume"]
    assert "--max-removals" in offered(tab("ptx-bulk sync --max-"))
    assert offered(tab("ptx-bulk sync --list n")) == ["npai"]
    assert offered(tab("ptx-bulk completion ")) == ["bash", "zsh", "fish"]
    assert tab("ptx-bulk sync --max-rem", shell="zsh")[:2] == ["plain", "--max-removals"]
    assert parts(tab("ptx-bulk sync --max-rem", shell="fish"))[:2] == ["plain", "--max-removals"]


@pytest.mark.parametrize(
    "asking",
    [
        {"COMP_WORDS": "ptx-bulk show ", "COMP_CWORD": "many"},
        {"COMP_WORDS": "ptx-bulk show "},
        {"COMP_CWORD": "1"},
        {"_PTX_BULK_COMPLETE": "nonsense"},
        {"_PTX_BULK_COMPLETE": "tcsh_complete"},
        {"COMP_WORDS": "ptx-bulk 'show \"", "COMP_CWORD": "2"},
        {"COMP_WORDS": "ptx-bulk \x1b[31m \u202e", "COMP_CWORD": "9"},
    ],
)
def test_whatever_a_shell_asks_nothing_is_said_to_the_user(run, home, asking):
    """A question that cannot be understood gets neither an error nor any command's work."""
    ran = run(**{"_PTX_BULK_COMPLETE": "bash_complete", **asking})
    assert ran.err == ""
    assert set(offered(ran.out.splitlines())) <= {*cli.commands}
    assert not home.exists()


@pytest.mark.parametrize("words", ["show ", "--profile ", "import --from ", "export --for ", "sync --re"])
def test_completing_imports_nothing_heavy(environment, two_runs, words):
    """Nobody waits at the Tab key for pandas and what comes with it."""
    asking = {"_PTX_BULK_COMPLETE": "bash_complete", "COMP_WORDS": f"ptx-bulk {words}"}
    asking["COMP_CWORD"] = str(len(words.split()) + words.endswith(" "))
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ptx_bulk"],
        env={**environment, **asking},
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "ptx_bulk.cli.completion" in imported
    assert not imported & {"pandas", "numpy", "pyarrow", "aiohttp", "rich", "openpyxl"}
