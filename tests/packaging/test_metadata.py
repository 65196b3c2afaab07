"""What a package index shows of the project."""

from __future__ import annotations

import email.message
import email.parser
import re
import subprocess
import sys
import zipfile

import pytest

from tests.conftest import ROOT
from tests.packaging.conftest import Built

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def metadata(built: Built) -> email.message.Message:
    """The wheel's metadata."""
    with zipfile.ZipFile(built.wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.parser.Parser().parsestr(archive.read(name).decode())


def test_no_link_of_the_index_page_leads_nowhere(metadata: email.message.Message) -> None:
    """The page has README's text, its links to other sites, and none to files of the project."""
    page = metadata.get_payload()
    assert isinstance(page, str)
    targets = re.findall(r"\]\(([^)]+)\)", page)
    assert "https://pipx.pypa.io" in targets
    assert [target for target in targets if not target.startswith("https://")] == []
    for sentence in ("| docs/manual.md | everyday work:", "imports `samples/stops.xlsx` into a simulator", "MIT."):
        assert sentence in page
    assert "<!--" not in page


def test_every_classifier_is_one(metadata: email.message.Message) -> None:
    """Each classifier is known to package indexes, and none is deprecated."""
    known = pytest.importorskip("trove_classifiers")
    classifiers = metadata.get_all("Classifier")
    assert classifiers
    assert [one for one in classifiers if one not in known.classifiers or one in known.deprecated_classifiers] == []


def test_the_declared_facts_are_there(metadata: email.message.Message) -> None:
    """Author, licence, keywords, addresses and the oldest Python are told, in metadata that every index takes."""
    assert metadata["Author"] == "ptx-bulk maintainers"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["License-File"] == "LICENSE"
    assert "primotexto" in metadata["Keywords"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Metadata-Version"] == "2.4"
    urls = [value.split(", ")[1] for value in metadata.get_all("Project-URL", [])]
    assert urls
    assert all(url.startswith("https://www.primotexto.com/") for url in urls)


def test_twine_finds_nothing_to_warn_of(built: Built) -> None:
    """`twine check --strict` passes for both distributions."""
    pytest.importorskip("twine")
    command = [sys.executable, "-m", "twine", "--no-color", "check", "--strict", *map(str, built)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout.count("PASSED")) == (0, 2), done.stdout + done.stderr
