"""The distributions, built twice: from a clean tree, and from an untidy, older one in another folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# The files of a project before anything was done in it.
KEPT = (*PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"], "pyproject.toml", ".gitignore")
# What work leaves behind in it.
LEFT = (
    *(".venv/a.py", ".ci/venv/a.py", "build/a.py", "dist/a.whl", ".mypy_cache/a.json", ".pytest_cache/README.md"),
    *("ptx_bulk/__pycache__/a.pyc", "ptx_bulk/stops.results.csv", "tests/.hypothesis/a", "tests/a.rejects.xlsx"),
    *("jobs/feed.csv", "notes.txt", ".env"),
)
OLD = 978307200  # the first day of 2001


@dataclass(frozen=True)
class Built:
    """A source distribution and a wheel."""

    sdist: Path
    wheel: Path

    def __iter__(self) -> Iterator[Path]:
        yield from (self.sdist, self.wheel)


def build(folder: Path, target: Path) -> Built:
    """Build both distributions of the project in the folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", str(target)]
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return Built(next(target.glob("*.tar.gz")), next(target.glob("*.whl")))


def copy(folder: Path) -> Path:
    """A clean copy of the project."""
    ignored = shutil.ignore_patterns("__pycache__", ".hypothesis", "*.pyc")
    for name in KEPT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def make_untidy(folder: Path) -> Path:
    """The same project after years of work, by somebody whose files nobody else may read."""
    for name in LEFT:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("left", encoding="utf-8")
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (OLD, OLD))
            path.chmod(path.stat().st_mode & ~0o077)
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Both distributions, from a clean tree."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("clean")
    return build(copy(folder / "project"), folder / "dist")


@pytest.fixture(scope="session")
def built_again(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The same from another folder, an untidy tree, files of another date and of other modes."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("untidy")
    return build(make_untidy(copy(folder / "elsewhere")), folder / "dist")
