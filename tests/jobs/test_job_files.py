from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.jobs import Job, load_job

READING = frozenset({"list", "column", "sheet", "report", "profile", "yes", "max-removals", "reason", "no-header"})
KNOWN = {
    "import": READING,
    "check": frozenset({"column", "sheet", "report"}),
    "export": frozenset({"output", "since"}),
    "apply": frozenset({"yes"}),
    "resume": frozenset({"yes"}),
    "undo": frozenset({"reason"}),
}
FLAGS = frozenset({"yes", "no-header"})
NOW = dt.datetime(2026, 2, 3, 4, 5, 6, tzinfo=dt.UTC)


def load(folder: Path, text: str, *overrides: str, env: Mapping[str, str] | None = None) -> Job:
    """Write a job file into the folder and load it."""
    path = folder / "job.toml"
    path.write_text(text, encoding="utf-8")
    return load_job(path, overrides, known_options=KNOWN, flags=FLAGS, now=NOW, env=env or {})


def refused(folder: Path, text: str, *overrides: str, env: Mapping[str, str] | None = None) -> str:
    """The sentence with which a job file is refused."""
    with pytest.raises(ConfigurationError) as caught:
        load(folder, text, *overrides, env=env)
    return str(caught.value)


def test_a_whole_job(tmp_path):
    """A job becomes the command line that a person would have typed, options before files."""
    job = load(
        tmp_path,
        """
        command = "import"
        files = ["a.xlsx", "sub/../b.csv"]
        profile = "shop"
        [options]
        list = "npai"
        column = ["Portable", 3]
        max_removals = "10%"
        yes = true
        no-header = false
        """,
    )
    assert job == Job(
        path=tmp_path / "job.toml",
        command="import",
        arguments=[
            *(
                "--list=npai",
                "--column=Portable",
                "--column=3",
                "--max-removals=10%",
                "--yes",
                "--profile=shop",
            ),
            *("--", str(tmp_path / "a.xlsx"), str(tmp_path / "b.csv")),
        ],
        on_finish=None,
    )


def test_paths_start_from_the_jobs_folder(tmp_path, monkeypatch):
    """Relative paths start from the job file's folder, whatever the current folder is; `-` stays."""
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    monkeypatch.chdir(tmp_path)
    (jobs / "job.toml").write_text("command='import'\nfiles='../x.csv'\noptions.report=['r.html', '/abs/r.csv']\n")
    job = load_job(Path("jobs/job.toml"), known_options=KNOWN, flags=FLAGS, now=NOW, env={})
    absolute = str(Path("/abs/r.csv").absolute())
    assert job.arguments == [
        *(f"--report={jobs / 'r.html'}", f"--report={absolute}"),
        *("--", str(tmp_path / "x.csv")),
    ]
    assert load(jobs, "command='import'\nfiles='-'\n").arguments == ["--", "-"]


def test_a_linked_jobs_folder(tmp_path):
    """`..` in a job's path means the same folder as for the file system, also below a link."""
    real = tmp_path / "deep" / "jobs"
    real.mkdir(parents=True)
    try:
        (tmp_path / "link").symlink_to(real)
    except OSError:
        pytest.skip("this machine makes no links")
    job = load(tmp_path / "link", "command='check'\nfiles='../x.csv'\n")
    assert job.arguments == ["--", str(tmp_path.resolve() / "deep" / "x.csv")]


def test_overrides_win(tmp_path, monkeypatch):
    """`--set` replaces options and keys of the job; its paths start from the current folder."""
    current = tmp_path / "current"
    current.mkdir()
    monkeypatch.chdir(current)
    text = "command='import'\nfiles='a.csv'\n[options]\nlist='stop'\nyes=true\nreport='r.csv'\n"
    overrides = [
        "files=b.csv",
        "options.list=npai",
        "yes=false",
        "max_removals=5",
        "--column=C",
        "reason=true=1",
    ]
    job = load(tmp_path, text, *overrides)
    assert job.arguments == [
        *(
            "--list=npai",
            f"--report={tmp_path / 'r.csv'}",
            "--max-removals=5",
            "--column=C",
            "--reason=true=1",
        ),
        *("--", str(current / "b.csv")),
    ]
    job = load(tmp_path, text, 'files=["b.csv", "c.csv"]', "sheet=[not a list")
    assert job.arguments[-3:] == ["--", str(current / "b.csv"), str(current / "c.csv")]
    assert "--sheet=[not a list" in job.arguments


def test_moments_and_variables(tmp_path):
    """`{date}`, `{datetime}` and `${NAME}` are replaced in every text; a variable is taken as it is."""
    job = load(
        tmp_path,
        """
        command = "import"
        files = ["${FOLDER}/stops-{date}.csv", "${EMPTY:-other}/{date:%Y%m%d}.csv", "{datetime}.csv"]
        options.reason = "${WHY}"
        options.column = "{Phone}"
        """,
        env={"FOLDER": str(tmp_path / "in"), "EMPTY": " ", "WHY": "{date} ${EMPTY}"},
    )
    assert job.arguments == [
        *("--reason={date} ${EMPTY}", "--column={Phone}", "--"),
        str(tmp_path / "in" / "stops-2026-02-03.csv"),
        str(tmp_path / "other" / "20260203.csv"),
        str(tmp_path / "2026-02-03T040506.csv"),
    ]


def test_dates_of_toml(tmp_path):
    """A date written without quotes reaches the option in ISO form."""
    job = load(tmp_path, "command='export'\n[options]\nsince = 2026-01-31\noutput='-'\n")
    assert job.arguments == ["--since=2026-01-31", "--output=-"]


def test_plans_and_runs(tmp_path):
    """`apply` takes a plan's path, `undo` a run's name, `resume` may do without."""
    assert load(tmp_path, "command='apply'\nplan='p.json'\n").arguments == ["--", str(tmp_path / "p.json")]
    assert load(tmp_path, "command='undo'\nrun='20260101-ab'\n").arguments == ["--", "20260101-ab"]
    assert load(tmp_path, "command='resume'\n").arguments == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "command='import'\nfiles='a'\n\n[options]\nlist='stop'\ncolum='C'\n",
            ["line 6", "`colum`", "`column`"],
        ),
        ("command='check'\nfiles='a'\noptions.yes=true\n", ["line 3", "`yes` is not an option of `check`"]),
        ("comand='import'\n", ["line 1", "`comand`", "Did you mean `command`?"]),
        ("files='a'\n", ["job.toml", "`command`"]),
        ("\ncommand='imprt'\n", ["line 2", "`imprt`", "`import`"]),
        ("command='import'\n", ["`import` needs `files`"]),
        ("command='import'\nfiles=[]\n", ["`import` needs `files`"]),
        ("command='import'\nfiles=['a', true]\n", ["line 2", "`files`"]),
        ("command='export'\nfiles='a'\n", ["line 2", "`export` takes no `files`"]),
        ("command='import'\nfiles='a'\noptions.yes='true'\n", ["line 3", "`yes`", "true or false"]),
        ("command='import'\nfiles='a'\noptions.list=true\n", ["line 3", "`list`"]),
        ("command='import'\nfiles='a'\noptions.list={a=1}\n", ["line 3", "`list`"]),
        ("command='import'\nfiles='a'\noptions='x'\n", ["line 3", "[options]"]),
        ("command='import'\nfiles='${NOPE}.csv'\n", ["line 2", "NOPE", "not set"]),
        ("command='import'\nfiles='${NO PE}.csv'\n", ["line 2", "${NAME}"]),
        ("command='import'\nfiles='${NOPE:-}'\n", ["line 2", "empty"]),
        ("command='import'\nfiles='{dat}.csv'\n", ["line 2", "`{dat}`", "`date`"]),
        ("command='import'\nfiles='a'\non_finish=''\n", ["line 3", "`on_finish`"]),
        ("command='import'\nfiles='a'\non_finish=['a', 1]\n", ["line 3", "`on_finish`"]),
        ("command='import'\nfiles=[\n'a'\n'b'\n]\n", ["line 4", "not valid TOML"]),
        ("command='import'\ncommand='check'\n", ["line 2", "not valid TOML"]),
        ("command=['import']\n", ["line 1", "`command`"]),
        ('command="check"\nfiles=["""\na\n"""]\nlist="stop"\n', ["line 5", "`list`", "[options]"]),
    ],
)
def test_mistakes_are_named(tmp_path, text, parts):
    """A mistake in a job file is refused with file, line, key and what would be right."""
    sentence = refused(tmp_path, text)
    for part in ["job.toml", *parts]:
        assert part in sentence


@pytest.mark.parametrize("override", ["list", "=npai", "colum=C", "options=x", "yes=maybe", "files="])
def test_mistakes_in_overrides_are_named(tmp_path, override):
    """A mistake in `--set` is refused by the name of that option, not by a line of the file."""
    sentence = refused(tmp_path, "command='import'\nfiles='a'\n", override)
    assert sentence.startswith("--set ")


@pytest.mark.parametrize("text", ["api_key='abc123'\n", "[options]\nkey='abc123'\n", "[options]\napi-key='abc123'\n"])
def test_a_key_in_a_job_is_refused_unseen(tmp_path, text):
    """A secret in a job file is refused with the remedy and without showing it."""
    sentence = refused(tmp_path, "command='import'\nfiles='a'\n" + text)
    assert "PTX_API_KEY" in sentence
    assert "abc123" not in sentence
    assert "abc123" not in refused(tmp_path, "command='import'\nfiles='a'\n", "api-key=abc123")


def test_a_missing_job_file(tmp_path):
    """A job file that is not there is refused by its name."""
    with pytest.raises(ConfigurationError, match=r"none\.toml"):
        load_job(tmp_path / "none.toml", known_options=KNOWN, flags=FLAGS, now=NOW, env={})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("['notify', '${WHO}']", ["notify", "me and you"]),
        ("'notify \"a b\" ${WHO}'", ["notify", "a b", "me and you"]),
        ("['./notify.sh']", ["{folder}/notify.sh"]),
    ],
)
def test_on_finish(tmp_path, written, expected):
    """The hook is a list of words or a text; a program with a folder is taken from the job's folder."""
    job = load(tmp_path, f"command='resume'\non_finish={written}\n", env={"WHO": "me and you"})
    wanted = [str(Path(word.format(folder=tmp_path))) if "{" in word else word for word in expected]
    assert job.on_finish == wanted


@pytest.mark.parametrize(
    ("lines", "overrides", "words"),
    [
        ('profiles = ["a", "b"]', [], ["--profile=a", "--profile=b"]),
        ('profiles = "all"', [], ["--all-profiles"]),
        ('profiles = "a"', [], ["--profile=a"]),
        ('profiles = ["a", "b"]', ["profile=c"], ["--profile=c"]),
        ('profile = "c"', ["profiles=all"], ["--all-profiles"]),
        ('profiles = ["${FIRST:-a}", "b"]', [], ["--profile=a", "--profile=b"]),
    ],
)
def test_a_job_may_be_for_several_accounts(tmp_path, lines, overrides, words):
    """`profiles` names the accounts of a job, or all; what --set says takes the place of either key."""
    job = load(tmp_path, f'command = "resume"\n{lines}', *overrides)
    assert job.arguments == words


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('profile = "a"\nprofiles = ["b"]', "line 3: `profile` and `profiles`"),
        ("profiles = []", "line 2: `profiles` needs names"),
        ("profiles = [1.5, [2]]", "line 2: `profiles` needs"),
    ],
)
def test_accounts_that_a_job_cannot_mean_are_refused(tmp_path, lines, says):
    """A job that names its accounts twice, or none, is refused with the line."""
    assert says in refused(tmp_path, f'command = "resume"\n{lines}')
