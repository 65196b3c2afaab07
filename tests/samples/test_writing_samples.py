"""`ptx-bulk sandbox --samples DIR`: the sample files for whoever has nothing but the program."""

from __future__ import annotations

import json
import os
import shlex
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT, SAMPLES

FILES = {path.name for path in SAMPLES.iterdir() if path.suffix != ".py" and path.is_file()}


@pytest.mark.slow
def test_the_samples_are_written_and_the_next_command_works(run):
    """The folder is made with every sample as it is in the project, and the command that is told imports one."""
    ran = run("sandbox", "--samples", "new folder/samples")
    folder = run.folder / "new folder" / "samples"
    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [str(Path("new folder/samples", name)) for name in sorted(FILES)]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        name: (SAMPLES / name).read_bytes() for name in FILES
    }
    program, *words = shlex.split(ran.err.split(": ", maxsplit=1)[1])
    assert program == "ptx-bulk"
    imported = run(*words, "--json")
    assert (imported.code, imported.json["counts"]["applied"]) == (4, 19)


def test_no_sample_takes_the_place_of_a_file(run):
    """A file that bears a sample's name is told in one sentence with exit 2, and nothing at all is written."""
    mine = run.folder / "stops.csv"
    mine.write_text("mine", encoding="utf-8")
    ran = run("sandbox", "--samples", ".")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "Error: stops.csv is there already and is not overwritten; give another name.\n"
    assert [path.name for path in run.folder.iterdir()] == ["stops.csv"]
    assert mine.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_that_can_be_no_folder_is_refused(run, place):
    """A folder that cannot be made is one sentence with exit 2."""
    (run.folder / "file").touch()
    ran = run("sandbox", "--samples", place)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith(f"Error: {Path(place)} ")


def test_the_files_are_named_for_programs(run):
    """--json tells the files in its object."""
    ran = run("sandbox", "--samples", "s", "--json")
    assert json.loads(ran.out)["files"] == [os.path.join("s", name) for name in sorted(FILES)]  # noqa: PTH118


def test_the_wheel_packs_every_sample():
    """What is packed into the wheel is every file of `samples/` but the script that makes them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert packed == {f"samples/{name}": f"ptx_bulk/sandbox/samples/{name}" for name in FILES}
