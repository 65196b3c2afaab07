"""The walks of docs/walks.md walked again: each command prints what the page shows below it."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.commands import run_command
from tests.docs import pages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WALKS = pages.page("docs/walks.md").chapters()
_EXPECTED = re.compile(r"# exit code (\d+)$")
_LEFT_OUT = "..."  # stands for lines that come in another order each time
# What is another each time: names of runs, times and days, the machine, the folder.
_DIFFERS = [
    (re.compile(r"\b\d{8}-\d{6}-[a-z0-9]{4}\b"), "RUN"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[ T]\d\d:?\d\d(?::?\d\d)?)?"), "TIME"),
    (re.compile(r"\bclaire@[\w-]+"), "claire@HOST"),
    (re.compile(r"(?:[A-Z]:)?[\\/](?:[^\s:]+[\\/])*(?=feed-)"), "FOLDER/"),
]
Type = Callable[[str], tuple[list[str], list[str]]]


@pytest.fixture
def type_(tmp_path: Path, environment: dict[str, str]) -> Type:
    """Types a command of the page in the walk's folder, on the sandbox; gives both streams' lines."""
    folder = tmp_path / "walk"
    folder.mkdir()
    env = {**environment, "PTX_ACTOR": "claire", "PTX_CONFIG": str(folder / "agency" / "config.toml")}

    def call(line: str) -> tuple[list[str], list[str]]:
        program, *words = shlex.split(line, comments=True)
        if program == "cat":
            return (folder / words[0]).read_text(encoding="utf-8-sig").splitlines(), []
        assert program == "ptx-bulk"
        code, out, err = run_command(["--sandbox", *words], folder, env)
        said = _EXPECTED.search(line)
        assert code == int(said[1] if said else 0), (line, (out + err).decode())
        return out.decode().splitlines(), err.decode().splitlines()

    return call


def commands(block: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a terminal, and the lines that are shown below it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, *shown = part.splitlines()
        yield line, shown


def same(lines: list[str]) -> list[str]:
    """The lines with words in the place of what is another each time."""
    for differs, word in _DIFFERS:
        lines = [differs.sub(word, line) for line in lines]
    return lines


def assert_shown(line: str, out: list[str], err: list[str], shown: list[str]) -> None:
    """What was printed is what is shown, standard output in its order; where the page says so, lines are left out."""
    left_out = _LEFT_OUT in shown
    told = same([one for one in shown if one != _LEFT_OUT])
    out, err = same(out), same(err)
    missing = Counter(told) - Counter(out + err)
    unshown = Counter(out + err) - Counter(told)
    assert not missing, (line, out, err)
    assert left_out or not unshown, line
    assert [one for one in told if one in out] == [one for one in out if one in told], line


@pytest.mark.parametrize("title", WALKS)
def test_a_walk_goes_as_it_is_told(title, type_, tmp_path):
    """In an empty folder, each command of a walk prints what stands below it and ends with the code it names."""
    typed = 0
    for fence in WALKS[title]:
        if fence.marker.startswith("file: "):
            path = tmp_path / "walk" / fence.marker.removeprefix("file: ")
            path.parent.mkdir(exist_ok=True)
            path.write_text(fence.body, encoding="utf-8")
        elif fence.language == "console":
            for line, shown in commands(fence.body):
                assert_shown(line, *type_(line), shown)
                typed += 1
    assert typed >= 3
