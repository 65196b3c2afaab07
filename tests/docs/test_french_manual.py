"""The story of docs/manual.fr.md told again: each command prints what the page shows of it."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from tests.commands import run_command
from tests.docs import pages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MANUAL = pages.page("docs/manual.fr.md")
_RUN = re.compile(r"\b\d{8}-\d{6}-[a-z0-9]{4}\b")
# What nobody types who is asked on a terminal, and what the page shows of that terminal alone.
_ASKED = ("Continuer ?", "appels, environ", "numéro(s) à ", "Votre choix", "(--")


@pytest.fixture
def tell(tmp_path, environment):
    """Runs a command of the page as the page's reader: in French, on the sandbox, saying yes; gives what it printed."""
    env = {**environment, "PTX_LANG": "fr", "PTX_HOME": str(tmp_path / "home")}

    def run(line: str, *, code: int) -> str:
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line.removeprefix("ptx-bulk "))]
        done, out, err = run_command(["--sandbox", *words], tmp_path, env)
        printed = (out + err).decode()
        assert done == code, printed
        return printed

    return run


def story() -> list[list[str]]:
    """The rows of the file that the page tells of, its heading row first."""
    return next(rows for rows in pages.tables(MANUAL.prose) if rows[0] == ["Nom", "Prénom", "Téléphone", "Date"])


def command(start: str) -> str:
    """The one command of the page that begins so."""
    (found,) = {
        line.strip() for one in MANUAL.fences for line in one.body.splitlines() if line.strip().startswith(start)
    }
    return found


def shown(start: str) -> list[str]:
    """The lines of the one block that has a line which begins so, without those of a terminal that asks."""
    (block,) = [
        one.body for one in MANUAL.fences if any(line.strip().startswith(start) for line in one.body.splitlines())
    ]
    return [line for line in block.splitlines() if not any(part in line for part in _ASKED)]


def same(text: str) -> str:
    """The text without the names of runs, and with plain blanks."""
    return _RUN.sub("RUN", text.replace("\u00a0", " ").replace("\u202f", " "))


def assert_told(printed: str, lines: list[str]) -> None:
    """Every line that the page shows was printed."""
    missing = [line for line in lines if same(line) not in same(printed)]
    assert missing == [], printed


def test_the_story_goes_as_it_is_told(tell, tmp_path):
    """Check, import, mend, undo and export print what the page shows of them, and the lists hold what it says."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Feuil1"
    for row in story():
        book.active.append([int(cell) if cell.isdigit() else cell or None for cell in row])
    book.save(tmp_path / "stops-octobre.xlsx")

    assert_told(tell(command("ptx-bulk check"), code=4), shown("Lecture de stops-octobre"))
    printed = tell(command("ptx-bulk import stops-octobre.xlsx"), code=4)
    assert_told(printed, shown("Opération 20261128-145406-469n"))
    [imported] = set(_RUN.findall(printed))
    assert [sheet.name for sheet in tmp_path.glob(f"stops-octobre.{imported}.results.xlsx")]

    rejects = tmp_path / f"stops-octobre.{imported}.rejects.xlsx"
    told = command("ptx-bulk import stops-octobre.2026").replace("20261128-145406-469n", imported)
    mend(rejects, {"Leroy": "06 12 34 56 79", "Moreau": "06 12 34 56 70"})
    assert_told(tell(told, code=4), shown("Opération 20261128-145450-ovao"))

    assert imported in tell("ptx-bulk runs", code=0)
    tell(command("ptx-bulk undo 20261128-145406-469n --dry").replace("20261128-145406-469n", imported), code=0)
    undo = command("ptx-bulk undo 20261128-145406-469n --reason").replace("20261128-145406-469n", imported)
    assert_told(tell(f"{undo} --yes", code=0), shown("3  REMOVED"))
    tell("ptx-bulk import stops-octobre.xlsx", code=4)
    assert "listes.xlsx" in tell(command("ptx-bulk export -o"), code=0)
    tell(command("ptx-bulk export --list stop"), code=0)
    assert len((tmp_path / "stop.csv").read_text("utf-8-sig").splitlines()) == 1 + 5


def mend(path: Path, numbers: dict[str, str]) -> None:
    """What a person does in Excel: each number into its own column, in the row of that name."""
    book = openpyxl.load_workbook(path)
    assert book.active is not None
    suggested = {}
    for row in book.active.iter_rows(min_row=2):
        suggested[row[0].value] = row[6].value
        if row[0].value in numbers:
            row[2].value = numbers[row[0].value]
    assert suggested["Leroy"] == "+33612345679", "as the page says"
    book.save(path)
