"""The Containerfile copies what is there, and nothing that it does not name reaches the builder."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.conftest import ROOT
from tests.packaging.test_lock import LOCK, locked

CONTAINERFILE = ROOT / "Containerfile"
pytestmark = pytest.mark.skipif(not CONTAINERFILE.exists(), reason="this is no checkout")


def instructions(name: str) -> list[str]:
    """What stands behind each instruction of that name."""
    text = CONTAINERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(rf"^{name} +(.*)$", text, re.MULTILINE)


def copied() -> set[str]:
    """What is copied from the project."""
    return {name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1]}


def test_what_is_copied_is_there_and_let_through() -> None:
    """Each file and folder that the image is made of is in the project, and .dockerignore lets these through alone."""
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == copied()
    assert [name for name in copied() if not (ROOT / name).exists()] == []


def test_all_that_the_wheel_is_made_of_is_copied() -> None:
    """What the wheel takes from outside the package, its page of the manual included, reaches the image's builder."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    wheel = project["build"]["targets"]["wheel"]
    needed = {
        *wheel["packages"],
        *wheel["force-include"],
        *wheel["shared-data"],
        "pyproject.toml",
        "README.md",
        "LICENSE",
    }
    assert {name for name in needed if name not in copied() and name.split("/")[0] not in copied()} == set()


def test_the_lock_gives_a_version_of_every_package() -> None:
    """The image's script makes a constraint of each package of the lock."""
    script = next(line for line in instructions("RUN") if "sed" in line)
    found = re.search(r"sed -n 's/(.*?)/\\1/p'", script)
    assert found is not None
    pattern = found[1].replace(r"\(", "(").replace(r"\)", ")")
    made = re.findall(pattern, LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    assert {line.split("==")[0] for line in made} == set(locked())
    assert [line for line in made if "\\" in line or "--" in line] == []


def test_the_image_runs_as_a_plain_user_and_holds_no_key() -> None:
    """The last user is not root, the state folder is a volume, and no key is set or asked for while it is made."""
    text = CONTAINERFILE.read_text(encoding="utf-8")
    assert instructions("USER")[-1].split(":")[0].isdecimal()
    assert instructions("VOLUME") == ["/state"]
    assert "PTX_HOME=/state" in text
    assert instructions("ENTRYPOINT") == ['["ptx-bulk"]']
    assert not re.search(r"API_KEY|^ARG ", text, re.MULTILINE)
