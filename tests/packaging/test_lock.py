"""`requirements-dev.lock`: every package of a development environment, by its hashes."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tests.packaging.conftest import PROJECT

requirements = pytest.importorskip("packaging.requirements")
LOCK = ROOT / "requirements-dev.lock"
pytestmark = pytest.mark.skipif(not LOCK.exists(), reason="this is no checkout")


def locked() -> dict[str, list[str]]:
    """The versions of each package; some differ between Pythons."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, []).append(version)
    return found


def test_the_lock_keeps_the_declared_bounds() -> None:
    """Each declared dependency, those for development included, is locked at versions within its bounds."""
    declared = map(
        requirements.Requirement, (*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"])
    )
    versions = locked()
    wrong = [
        str(one)
        for one in declared
        if not (at := versions.get(one.name.lower(), [])) or not all(one.specifier.contains(version) for version in at)
    ]
    assert wrong == []


def test_every_package_has_its_hashes_and_no_index_is_named() -> None:
    """A package that is not byte for byte the one that was locked is refused, from whichever index it comes."""
    text = LOCK.read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(entries) == sum(map(len, locked().values()))
    assert [entry.split()[0] for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry)] == []
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host| @ ", text)
