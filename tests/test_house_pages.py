"""The pages for those who change ptx-bulk (design, decisions, shortcut, CONTRIBUTING) tell what the tree holds."""

from __future__ import annotations

import re
import sys
import threading
import tomllib
from pathlib import Path
from types import CodeType, FrameType

import pytest

from ptx_bulk.model import Mode
from ptx_bulk.pipeline import Reporting, Sending, Source, write
from ptx_bulk.settings import load
from tests.conftest import ROOT

DESIGN = ROOT / "docs" / "design.md"
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
INDEX = ROOT / "docs" / "adr" / "README.md"
PAGES = (DESIGN, INDEX, ROOT / "docs" / "shortcut.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *DECISIONS)
PACKAGE = ROOT / "ptx_bulk"
MOST_FILES = 20


def section(title: str) -> str:
    """The part of the design page under this heading."""
    return DESIGN.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def files_of_the_cell() -> list[str]:
    """The files of the way of one cell, in their order."""
    return re.findall(r"^\| \d+ \| `([\w/]+\.py)` \|", section("The way of one cell"), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    """A link to a place in the project leads to something that is there."""
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_named_is_there(page: Path) -> None:
    """A Python file that a page names stands somewhere in the tree, under the folders that the page gives it."""
    named = set(re.findall(r"`([\w/]+\.py)`", page.read_text(encoding="utf-8")))
    there = [path.relative_to(ROOT).as_posix() for top in ("ptx_bulk", "tests") for path in (ROOT / top).rglob("*.py")]
    missing = {name for name in named if not any(f"/{path}".endswith(f"/{name}") for path in there)}
    assert {name for name in missing if not re.search(r"\bNAME\b|NAME_", name)} == set()


def floors() -> list[str]:
    """The rooms of the picture of floors, from the top down."""
    picture = section("Floors and rooms").split("```")[1]
    cells = [cell.strip() for line in picture.splitlines() for cell in line.split("│")[1:]]
    return [room for cell in cells if cell for room in re.split(r"[,·\s]+", re.split(r"\s{2,}", cell)[0])]


def test_every_room_stands_on_its_floor() -> None:
    """The picture of floors holds every room, from the top down as the contract of import-linter orders them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = [re.findall(r"ptx_bulk\.(\w+)", layer) for layer in contracts["contracts"][0]["layers"]]
    shown = floors()
    assert sorted(shown) == sorted(room for rooms in layers for room in rooms)
    floor_of = {room: floor for floor, rooms in enumerate(layers) for room in rooms}
    assert [floor_of[room] for room in shown] == sorted(floor_of.values())


def test_every_decision_is_listed() -> None:
    """Each decision stands in the table of the design page and in the index of the decisions."""
    index = INDEX.read_text(encoding="utf-8")
    listed = section("Decisions")
    assert [page.name for page in DECISIONS if f"adr/{page.name})" not in listed or f"({page.name})" not in index] == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_a_decision_says_context_decision_consequence_and_figures(page: Path) -> None:
    """Each decision has the four parts."""
    assert re.findall(r"^## (\w+)$", page.read_text(encoding="utf-8"), re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequence",
        "Figures",
    ]


def test_a_cell_passes_the_files_that_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone cell of a CSV passes every file of the list on its way to the list, and they are twenty at most."""
    files = files_of_the_cell()
    assert 0 < len(files) <= MOST_FILES
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))
    (tmp_path / "stops.csv").write_text("Nom;Portable\nMartin;06 12 34 56 78\n", encoding="utf-8")
    source = Source(files=(str(tmp_path / "stops.csv"),))
    reporting = Reporting(paths=(tmp_path / "report.json",))
    account = load(sandbox=True)
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            called.add(frame.f_code)

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        result = write(Mode.IMPORT, source, Sending(yes=True), reporting, account)
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
    assert result.summary.counts == {"applied": 1}
    paths = {Path(code.co_filename).resolve() for code in called if code.co_name != "<module>"}
    assert set(files) <= {path.relative_to(PACKAGE).as_posix() for path in paths if path.is_relative_to(PACKAGE)}
