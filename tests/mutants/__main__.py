"""Changes the product on purpose, in a sample of the places where it can be, and counts the changes that tests notice.

    python -m tests.mutants ROOM [--sample 100] [--seed 13] [--only MUTANT ...] [--in FOLDER] [--workers 2]

mutmut (`pip install mutmut`) makes the changes in a copy of the project, and tries each with those tests of the room
that call the changed function. A change that none of them notices is a hole in the tests, or told in `survivors.md`
beside this file. What is decorated (properties, caches) or stands outside of functions is not changed. The folder
(`.mutants/ROOM`) keeps what was found; `--only` tries these changes again, after a test was written.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.commands import ROOT

# What is changed, and the tests that must notice it.
ROOMS: dict[str, tuple[list[str], list[str]]] = {
    "plan": (["ptx_bulk/plan/*.py"], ["tests/plan"]),
    "applying": (["ptx_bulk/applying/*.py"], ["tests/applying"]),
    "settling": (
        ["ptx_bulk/pipeline/steps/sending/settling.py", "ptx_bulk/pipeline/steps/sending/proving.py"],
        ["tests/pipeline/test_settling.py", "tests/pipeline/test_proving.py", "tests/pipeline/test_superseded.py"],
    ),
    "finishing": (
        ["ptx_bulk/pipeline/steps/finishing.py", "ptx_bulk/pipeline/steps/result_lines.py"],
        ["tests/pipeline/test_finishing.py", "tests/pipeline/test_rejects_again.py"],
    ),
    "journal": (["ptx_bulk/journal/*.py"], ["tests/journal"]),
    "numbers": (["ptx_bulk/numbers/*.py"], ["tests/numbers"]),
    "remote": (["ptx_bulk/remote/*.py"], ["tests/remote"]),
    "choosing": (["ptx_bulk/workbooks/choosing/*.py"], ["tests/workbooks/choosing"]),
}
_COPIED = ("ptx_bulk", "tests", "docs", "jobs", "samples", "README.md", "CHANGELOG.md", "check", "pyproject.toml")
_SETTINGS = """
[tool.mutmut]
source_paths = ["ptx_bulk"]
only_mutate = {changed}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "tests.mutants.in_process", "--hypothesis-profile=first"]
also_copy = {others}
process_isolation = "forkserver"
timeout_multiplier = 40.0 # of the tests' own time: a busy machine makes nobody hang
on_dependency_change = "ignore"
use_git_change_detection = false
"""
_MAKE = """
from mutmut import __main__ as mutmut
mutmut.copy_src_dir()
mutmut.copy_also_copy_files()
mutmut.setup_source_paths()
mutmut.create_mutants(2)
"""
_SHOW = "import sys; from mutmut.__main__ import show; [show.callback(name) for name in sys.argv[1:]]"
_SPINNER = tuple("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
_NOTICED = {"killed", "timeout", "segfault", "suspicious"}  # a test failed, or hung, or the process died


def main(arguments: list[str] | None = None) -> int:
    """Try a sample, print what nobody noticed and the table's row; 1 if fewer than nine in ten were noticed."""
    asked = _asked(arguments)
    folder = (asked.folder or ROOT / ".mutants" / asked.room).resolve()
    _copy(folder, asked.room)
    everything = _all_mutants(folder)
    chosen = asked.only or random.Random(asked.seed).sample(everything, min(asked.sample, len(everything)))
    _mutmut(folder, "run", "--max-children", str(asked.workers), *chosen)
    results = _results(folder, chosen)
    missed = sorted(name for name, how in results.items() if how not in _NOTICED)
    print(_python(folder, _SHOW, *missed))
    noticed = len(results) - len(missed)
    share = noticed / len(results)
    print(f"{asked.room}: {len(everything)} changes, {len(results)} tried, {noticed} noticed ({share:.0%})")
    print(", ".join(f"{count} {how}" for how, count in sorted(Counter(results.values()).items())))
    return int(share < 0.9)


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("room", choices=ROOMS)
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--only", nargs="+", metavar="MUTANT")
    parser.add_argument("--in", dest="folder", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args(arguments)


def _copy(folder: Path, room: str) -> None:
    """The project in the folder, with what mutmut must know of the room."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)
    changed, tests = ROOMS[room]
    others = [name for name in _COPIED if name not in ("ptx_bulk", "tests", "pyproject.toml")]
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(_SETTINGS.format(changed=changed, tests=tests, others=others))


def _all_mutants(folder: Path) -> list[str]:
    """Have mutmut make its changes; the names of all of them."""
    _python(folder, _MAKE)
    kept = sorted((folder / "mutants" / "ptx_bulk").rglob("*.py.meta"))
    return [name for path in kept for name in json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]]


def _results(folder: Path, chosen: list[str]) -> dict[str, str]:
    lines = _mutmut(folder, "results", "--all", "true").splitlines()
    told = dict(line.strip().split(": ", 1) for line in lines if ": " in line)
    return {name: told[name] for name in chosen}


def _mutmut(folder: Path, *words: str) -> str:
    return _python(folder, "from mutmut.__main__ import cli; cli()", *words)


def _python(folder: Path, script: str, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder / "mutants")}
    command = [sys.executable, "-c", script, *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        told = [line for line in done.stdout.splitlines() if not line.startswith(_SPINNER)]
        sys.exit("\n".join([f"mutmut {' '.join(words[:1])}", *told[-99:], done.stderr]))
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
