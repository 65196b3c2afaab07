"""Job and configuration files without end or sense: one sentence with file, line and key; hooks without secrets."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.configfile import read_toml
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.jobs import load_job, run_hook
from tests.conftest import Ran

KNOWN = {"import": frozenset({"report", "column", "reason"})}
NOW = dt.datetime(2026, 2, 3, tzinfo=dt.UTC)


def refused(folder: Path, text: str, env: dict[str, str] | None = None) -> str:
    """The sentence with which the job is refused."""
    path = folder / "job.toml"
    path.write_text("command = 'import'\nfiles = 'a.csv'\n[options]\n" + text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_job(path, known_options=KNOWN, flags=frozenset(), now=NOW, env=env or {})
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "report = 'r{date:%1000000000Y}.csv'",
        "report = 'r{date:%999999999d}.csv'",
        "report = 'r{date:" + "%Y" * 100 + "}.csv'",
        "report = 'r{date:%}.csv'",
        'report = "r{date:\\u0000}.csv"',
        'report = "r\\u0000.csv"',
        'reason = "r\\u0000"',
        "report = '~nobody-of-this-name/r.csv'",
        "reason = '" + "${LONG}" * 1000 + "'",
        "reason = '" + "x" * 40_000 + "'",
    ],
)
def test_values_without_end_or_sense(text: str, tmp_path: Path) -> None:
    """An endless date pattern, a zero, a home of nobody and a text without end are told with line and key."""
    said = refused(tmp_path, text, {"LONG": "x" * 100_000})
    assert "job.toml, line 4" in said
    assert f"`{text.split(' ', maxsplit=1)[0]}`" in said
    assert len(said) < 1000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reason = " + "[" * 100_000, "line 4"),
        ("reason = " + "{a=" * 100_000, "line 4"),
        ("reason = " + "9" * 10_000, "too long"),
        ("reason = '" + "x" * (1 << 20) + "'", "1024 KB"),
    ],
)
def test_files_that_no_parser_takes(text: str, said: str, tmp_path: Path) -> None:
    """Deep nesting, numbers of thousands of digits and huge files are refused by name."""
    sentence = refused(tmp_path, text)
    assert said in sentence
    assert "job.toml" in sentence


@pytest.mark.timeout(30)
def test_a_long_list_costs_little(tmp_path: Path) -> None:
    """The lines of keys are found in a list of ten thousand lines without parsing it ten thousand times."""
    path = tmp_path / "job.toml"
    path.write_text("files = [\n" + "  'a.csv',\n" * 10_000 + "]\ncommand = 'x'\n")
    file = read_toml(path)
    assert file.where("files").endswith("line 1")
    assert file.where("command").endswith("line 10003")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such files")
@pytest.mark.parametrize("kind", ["/dev/zero", "fifo", "folder"])
def test_what_is_no_file_is_no_job(kind: str, tmp_path: Path, run: Callable[..., Ran]) -> None:
    """A device, a pipe and a folder are refused as jobs and as config.toml, without waiting."""
    path = Path(kind) if kind.startswith("/") else tmp_path / "it"
    if kind == "fifo":
        os.mkfifo(path)
    if kind == "folder":
        path.mkdir()
    ran = run("run", path)
    assert (ran.code, str(path) in ran.err) == (2, True)
    ran = run("runs", PTX_CONFIG=str(path), PTX_PROFILE="shop")
    assert (ran.code, str(path) in ran.err) == (2, True)


def test_the_hook_gets_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the environment a hook gets what programs need and our plain settings, but no key and nobody's token."""
    for name in ("PTX_API_KEY", "PRIMOTEXTO_API_KEY", "GITHUB_TOKEN", "PTX_API_KEY_OLD"):
        monkeypatch.setenv(name, "s3cr3t")
    monkeypatch.setenv("PTX_LANG", "fr")
    code = "import os, pathlib; pathlib.Path('got').write_text(repr(dict(os.environ)))"
    assert run_hook([sys.executable, "-c", code], b"{}", folder=tmp_path) == 0
    got = (tmp_path / "got").read_text()
    assert "s3cr3t" not in got
    assert "'PTX_LANG': 'fr'" in got
    assert "PATH" in got
