"""Wheel and source distribution: the same bytes wherever they are built, all that is needed, nothing else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.packaging.conftest import LEFT, Built, build

pytestmark = pytest.mark.slow
# What is for those who work on a checkout alone.
NOT_SHIPPED = (".ci/", ".github/", ".pre-commit-config.yaml", ".dockerignore", "Containerfile", "requirements-dev.lock")


def files_of(sdist: Path) -> dict[str, tarfile.TarInfo]:
    """The members of a source distribution by their names in the project."""
    with tarfile.open(sdist) as archive:
        return {member.name.split("/", 1)[1]: member for member in archive.getmembers()}


def test_two_builds_are_the_same_bytes(built: Built, built_again: Built) -> None:
    """Folder, dates and modes of files, and what work left there, change no byte of either distribution."""
    assert [path.name for path in built] == [path.name for path in built_again]
    assert built.sdist.read_bytes() == built_again.sdist.read_bytes()
    assert built.wheel.read_bytes() == built_again.wheel.read_bytes()


def test_the_wheel_of_the_source_distribution_is_the_same(built: Built, tmp_path: Path) -> None:
    """Whoever builds the wheel from the source distribution gets the wheel that was built from the tree."""
    with tarfile.open(built.sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    assert build(unpacked, tmp_path / "dist").wheel.read_bytes() == built.wheel.read_bytes()


def test_nothing_left_by_work_is_shipped(built_again: Built) -> None:
    """Caches, environments, reports, keys and notes that lie in the tree are in neither distribution."""
    with zipfile.ZipFile(built_again.wheel) as archive:
        shipped = set(archive.namelist()) | set(files_of(built_again.sdist))
    assert shipped & set(LEFT) == set()
    assert [name for name in shipped if "__pycache__" in name or name.endswith(".pyc")] == []


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout")
def test_the_source_distribution_holds_the_project(built: Built) -> None:
    """It holds every file of the project but those for its own machinery, and the metadata."""
    listed = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    project = {name for name in found if (ROOT / name).exists()}
    shipped = set(files_of(built.sdist))
    assert shipped - project == {"PKG-INFO"}
    assert [name for name in sorted(project - shipped) if not name.startswith(NOT_SHIPPED)] == []


def test_modes_and_owners_are_fixed(built_again: Built) -> None:
    """Files are readable by all, writable by their owner, executable where they are programs; nobody owns them."""
    members = files_of(built_again.sdist)
    modes = {name: stat.S_IMODE(member.mode) for name, member in members.items()}
    assert {name for name, mode in modes.items() if mode == 0o755} == {"check"}
    assert set(modes.values()) == {0o644, 0o755}
    assert {(member.uid, member.gid, member.uname) for member in members.values()} == {(0, 0, "")}
    with zipfile.ZipFile(built_again.wheel) as archive:
        assert {stat.S_IMODE(info.external_attr >> 16) for info in archive.infolist()} == {0o644}


def test_the_wheel_alone_writes_and_imports_its_samples(
    built: Built, tmp_path: Path, environment: dict[str, str]
) -> None:
    """Installed from the wheel, in an empty folder, the program imports its own samples."""
    home = tmp_path / "venv"
    venv.create(home, symlinks=os.name != "nt")
    bin_folder = home / ("Scripts" if os.name == "nt" else "bin")
    install = [sys.executable, "-m", "pip", "--python", str(home), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, str(built.wheel)], check=True)
    # The libraries are lent by this environment; the project, which may be installed there to be edited, is not.
    paths = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})
    lent = {*map(sysconfig.get_path, ("purelib", "platlib"))}
    Path(paths["purelib"], "lent.pth").write_text("\n".join(sorted(lent)), encoding="utf-8")
    folder = tmp_path / "empty"
    folder.mkdir()
    alone = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
    program = str(bin_folder / "ptx-bulk")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([program, *words], cwd=folder, env=alone, capture_output=True, text=True, check=False)

    written = run("sandbox", "--samples", "samples")
    assert written.returncode == 0, written.stderr
    imported = run("--sandbox", "import", os.path.join("samples", "stops.xlsx"))  # noqa: PTH118
    assert imported.returncode == 4, imported.stderr
    exported = run("--sandbox", "export", "-o", "-")
    assert len(exported.stdout.splitlines()) == 1 + 19
