"""What a French spreadsheet program makes of our CSVs: opened in columns, saved, and imported again.

LibreOffice stands in for Excel, too: told semicolons, UTF-8 and French, as its window of opening does it, it turns
`+336...` into a number, reads `1,5` as one and a half, and saves as Excel does. What only Excel does, the rounding of
long numbers to `2,62692E+11`, is written down by hand.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from ptx_bulk import pipeline, reports
from ptx_bulk.model import EXPORT_COLUMNS, Accept, ListKind, Mode
from ptx_bulk.pipeline import Reporting, Source
from ptx_bulk.workbooks import ReadOptions
from tests.pipeline.conftest import Desk

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
PHONES = ["+33612345678", "+262692123456", "+590690123456", "+41791234567"]
SHORT = "+687751234"  # of New Caledonia: without its plus it is written like a mobile of France without its zero
STOP = (ListKind.STOP,)
_FRENCH = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>fr-FR</value></prop>
</item>
</oor:items>
"""
_OPENED = "--infilter=CSV:59,34,76,1,,1036,false,true,false"  # semicolons, UTF-8, French, numbers recognised
_SAVED = "csv:Text - txt - csv (StarCalc):59,34,ANSI,1,,1036,false,true,false"  # semicolons, Windows-1252, as shown

needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")


def opened_and_saved(folder: Path, paths: list[Path], form: str) -> list[Path]:
    """The files as a French LibreOffice saves them after opening them."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_FRENCH, encoding="utf-8")
    out = folder / f"saved-{form[:4]}"
    command = [SOFFICE, f"-env:UserInstallation=file://{profile}", "--headless", _OPENED, "--convert-to", form]
    subprocess.run([*command, "--outdir", out, *paths], check=True, capture_output=True, timeout=300)
    return [out / f"{path.stem}.{form[:4].partition(':')[0]}" for path in paths]


def french_csvs(desk: Desk) -> dict[str, Path]:
    """An export, a feed, results and rejects as they are written for a French Excel."""
    made = {name: desk.folder / f"{name}.csv" for name in ("export", "feed")}
    desk.server.lists[ListKind.STOP] = {phone: f"{n:024x}" for n, phone in enumerate([*PHONES, SHORT])}
    reports.export(made["export"], pipeline.export(STOP, desk.settings).frame, format="csv", dialect="excel-fr")
    reports.export(made["feed"], pipeline.changes(STOP, desk.settings).frame, format="csv", dialect="excel-fr")
    source = desk.folder / "clients.csv"
    rows = [f"Hélène;{phone};1,5" for phone in PHONES] + ["Zoé;é12;2"]
    source.write_bytes("\r\n".join(["Prénom;Téléphone;Crédit", *rows, ""]).encode("cp1252"))
    result = pipeline.check(
        Source(files=(str(source),), accept=Accept.ANY), Reporting(folder=desk.folder, dialect="excel-fr")
    )
    for path in map(Path, result.summary.reports):
        made[path.name.split(".")[-2]] = path
    return made


@needs_office
@pytest.mark.slow
def test_columns_and_accents_are_right(desk: Desk) -> None:
    """In a French LibreOffice each heading has its column, and every accent is there."""
    made = french_csvs(desk)
    assert set(made) == {"export", "feed", "results", "rejects"}
    for name, path in zip(made, opened_and_saved(desk.folder, list(made.values()), "xlsx"), strict=True):
        rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
        headings = made[name].read_text(encoding="utf-8-sig").splitlines()[0].split(";")
        assert list(rows[0]) == headings
        if name == "rejects":
            assert (rows[0][:3], rows[1][:3]) == (("Prénom", "Téléphone", "Crédit"), ("Zoé", "é12", 2))
        if name == "results":
            assert {row[headings.index("column")] for row in rows[1:]} == {"Téléphone"}


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("form", ["ods", "xlsx", _SAVED])
def test_numbers_survive_being_saved_and_imported_again(desk: Desk, form: str) -> None:
    """Opened, saved as a workbook or as CSV by a French LibreOffice, and imported, the numbers are the same."""
    made = french_csvs(desk)
    phones = {"export": "phone", "feed": "phone", "results": "e164"}
    files = opened_and_saved(desk.folder, [made[name] for name in phones], form)
    for column, path in zip(phones.values(), files, strict=True):
        source = Source(files=(str(path),), reading=ReadOptions(columns=(column,)), accept=Accept.ANY)
        result = pipeline.check(source, Reporting(folder=None))
        found = result.frame.loc[(result.frame["e164"] != "").to_numpy(), "e164"]
        assert sorted(found) == sorted(PHONES if column == "e164" else [*PHONES, SHORT])


@needs_office
@pytest.mark.slow
def test_mended_rejects_are_imported(desk: Desk) -> None:
    """Rejects that were opened, mended and saved as CSV in a French LibreOffice go in as they are."""
    [saved] = opened_and_saved(desk.folder, [french_csvs(desk)["rejects"]], _SAVED)
    text = saved.read_text(encoding="cp1252")
    saved.write_text(text.replace("é12", "06 98 76 54 32"), encoding="cp1252", newline="")
    assert desk.write(Mode.IMPORT, saved).summary.counts == {"applied": 1}
    assert "+33698765432" in desk.listed()


def test_what_excel_rounds_is_given_back_not_guessed(desk: Desk) -> None:
    """Of an export that Excel saved as CSV, numbers of 11 digits come back; longer, rounded ones do not."""
    path = desk.folder / "excel.csv"
    path.write_bytes("phone;list\r\n33612345678;stop\r\n41791234567;stop\r\n2,62692E+11;stop\r\n".encode("cp1252"))
    result = pipeline.check(Source(files=(str(path),)), Reporting(folder=None))
    assert result.frame["e164"].tolist() == ["+33612345678", "+41791234567", ""]
    assert result.frame["code"].astype("str").tolist()[-1] == "PRECISION_LOST"


@needs_office
@pytest.mark.slow
def test_international_writing_stays_text(desk: Desk) -> None:
    """Written with blanks, numbers of any length stay text in a spreadsheet, and come back."""
    path = desk.folder / "spaced.csv"
    spaced = ["+33 6 12 34 56 78", "+262 692 12 34 56", "+590 690 12 34 56"]
    frame = pd.DataFrame(dict.fromkeys(EXPORT_COLUMNS, ""), index=range(3)).assign(phone=spaced)
    reports.export(path, frame.astype("str"), format="csv", dialect="excel-fr")
    [saved] = opened_and_saved(desk.folder, [path], "xlsx")
    cells = [row[0] for row in openpyxl.load_workbook(saved).active.iter_rows(min_row=2, values_only=True)]
    assert cells == spaced
