"""What README.md and docs/ show is run as it stands: shell commands, job files, Python programs, units of systemd."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ptx_bulk import i18n
from tests.conftest import ROOT, SAMPLES, served
from tests.docs import pages
from tests.i18n.catalogues import english_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_SHIM = f'#!/bin/sh\nexec "{sys.executable}" -m tests.docs.shim "$@"\n'
_EXPECTED = re.compile(r"#.*\bexit code (\d+)")
_KEY = "sandbox"
_SERVED = "docs/deploy.md: Sandbox"  # its commands serve until they are stopped, and have a test of their own


def is_run(fence: pages.Fence) -> bool:
    """Whether it is a shell block with a command of ptx-bulk; `.ci/run` runs those that are marked as commands."""
    return fence.language == "sh" and "ptx-bulk" in fence.body and not fence.marker.startswith("command: ")


def chapters() -> dict[str, tuple[pages.Page, list[pages.Fence]]]:
    """The chapters with a shell block that is run: by `page: heading`, the page and the chapter's blocks.

    A French page tells a story about files that nobody has; that its commands exist is proven with the others'.
    """
    return {
        f"{page.name}: {title}": (page, fences)
        for page in pages.pages()
        for title, fences in page.chapters().items()
        if page.language == "en" and any(map(is_run, fences))
    }


def shell_lines(fences: list[pages.Fence]) -> list[str]:
    """The lines of a chapter's shell blocks."""
    return [line for fence in fences if is_run(fence) for line in fence.body.splitlines()]


def in_languages() -> list[tuple[str, str]]:
    """Each chapter with each language it is tried in."""
    return [(name, language) for name in chapters() if name != _SERVED for language in i18n.LANGUAGES]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with copies of samples and jobs, as a reader would make one, and `ptx-bulk` in `bin`."""
    work = tmp_path / "work"
    shutil.copytree(SAMPLES, work)
    for ending in ("csv", "xlsx"):  # who is to be written to: those of the samples
        shutil.copy(SAMPLES / f"stops.{ending}", work / f"contacts.{ending}")
    for name in ("samples", "jobs"):
        shutil.copytree(ROOT / name, work / name)
    program = tmp_path / "bin" / "ptx-bulk"
    program.parent.mkdir()
    program.write_text(_SHIM, encoding="utf-8")
    program.chmod(0o755)
    return work


@pytest.fixture
def reader(environment: dict[str, str], folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a reader whose account is a served sandbox, with the profiles that the pages show."""
    Path(environment["PTX_CONFIG"]).write_text(pages.files()["config.toml"].body, encoding="utf-8")
    with served(environment=environment) as url:
        yield {
            **environment,
            "PATH": f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PTX_BASE_URL": url,
            "PTX_API_KEY": _KEY,
            "PYTHON_KEYRING_BACKEND": "tests.docs.keyring_file.FileKeyring",
            "DOCS_KEYRING": str(folder.parent / "keyring.json"),
        }


def run_script(lines: list[str], folder: Path, environment: dict[str, str]) -> str:
    """Run the lines of a terminal one after the other, the key on the standard input of each; their whole output.

    A line may end with 0 or 4 (some rows rejected), or with what its comment says: `# exit code 7`.
    """
    script = ["set -uo pipefail"]
    for line in lines:
        said = _EXPECTED.search(line)
        allowed = said[1] if said else "0|4"
        failed = f'echo "exit code $code: "{json.dumps(line)} >&2; exit 1'
        # A comment ends with its line, so the group is closed on the next one.
        script += [f"{{ {line}", f"}} <<< {_KEY}", f"code=$?; case $code in {allowed}) ;; *) {failed};; esac"]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    said_all = done.stdout.decode("utf-8", errors="replace")
    assert done.returncode == 0, said_all
    assert "Traceback" not in said_all
    return said_all


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash to run the commands in")
@pytest.mark.parametrize(("name", "language"), in_languages())
def test_the_commands_of_a_chapter_run(name, language, folder, reader):
    """All shell commands of a chapter run one after the other, and print what it shows, or nothing but French."""
    _page, fences = chapters()[name]
    lines = shell_lines(fences)
    if "ptx-bulk login" in lines:
        del reader["PTX_API_KEY"]
    reader["PTX_LANG"] = language
    said = run_script(lines, folder, reader)
    if language == "fr":
        assert [*english_in(said), *english_in(said, "click")] == []
    for shown in fences if language == "en" else ():
        if shown.language == "text" and not shown.marker:
            for line in shown.body.splitlines():
                assert re.search(re.escape(line).replace("RUN", r"\S+"), said), line
        if shown.language == "json":
            assert shape(json.loads(shown.body)) == shape(json.loads(said.splitlines()[-1]))


def shape(summary: dict[str, object]) -> dict[str, object]:
    """The object of `--json` without what differs from run to run."""
    return {**summary, "run_id": "", "reports": "", "elapsed_s": 0.0}


@contextlib.contextmanager
def started(words: str, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """A command that serves until it is stopped; yields the first line that it prints."""
    with subprocess.Popen(
        ["bash", "-c", f"exec {words}"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash to run the commands in")
def test_the_sandbox_is_served_as_shown(folder, reader):
    """The sandbox as shown serves, with its faults, the import as shown."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    serve, use = (line.replace("8008", port) for line in shell_lines(chapters()[_SERVED][1]))
    with started(serve, folder, reader) as first:
        assert first == f"listening on http://127.0.0.1:{port}"
        assert "19  applied" in run_script([use], folder, reader)


def test_the_job_file_shown_is_one(folder, reader):
    """The job file shown reads the day's file, reports where it says and calls its hook."""
    today = dt.datetime.now().astimezone().date().isoformat()
    (folder / "exports").mkdir()
    (folder / "reports").mkdir()
    shutil.copy(folder / "stops.xlsx", folder / "exports" / f"stops-{today}.xlsx")
    (folder / "notify.py").write_text("import sys; open('told.json', 'w').write(sys.stdin.read())", encoding="utf-8")
    (folder / "stops.toml").write_text(pages.files()["stops.toml"].body, encoding="utf-8")
    run_script(["ptx-bulk run stops.toml"], folder, reader)
    written = {str(path) for path in (folder / "reports").iterdir()}  # the report, and the rejects beside it
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    assert (told["exit_code"], set(told["reports"])) == (4, written)
    assert ".rejects." not in told["reports"][0]


def test_the_python_programs_print_what_is_shown(folder, reader):
    """Each program of the library's page runs and prints what stands below it."""
    fences = pages.page("docs/library.md").fences
    examples = [(fence, shown) for fence, shown in itertools.pairwise(fences) if fence.marker == "example: library"]
    assert len(examples) >= 2
    for example, shown in examples:
        env = {**reader, "PTX_HOME": str(folder / f"home{example.line}")}  # each is a program of its own
        done = subprocess.run(
            [sys.executable, "-c", example.body], cwd=folder, env=env, capture_output=True, text=True, check=False
        )
        assert (done.stdout, done.stderr) == (shown.body, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze to verify units")
def test_systemd_accepts_the_units(tmp_path):
    """`systemd-analyze verify` finds nothing to say about the service and its timer."""
    for name, unit in pages.files().items():
        if name.startswith("ptx-bulk@"):
            body = unit.body.replace("/usr/local/bin/ptx-bulk", shutil.which("true") or "")
            (tmp_path / name.replace("@", "@shop")).write_text(body, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "ptx-bulk" in line]) == (0, [])
