"""Write the sample spreadsheets again: `python samples/make_samples.py [FOLDER]`, the same bytes each time.

Every person and number is invented.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

EXCEL_NOT_AVAILABLE = object()
FIRST_NAMES = ("Chloé", "Noël", "Zoé", "Rémi", "Anaïs", "Jérôme", "Léa", "François", "Inès", "Hélène", "Théo")
LAST_NAMES = (
    "Dupré",
    "L'Hôte",
    "Bérard",
    "Lefèvre",
    "Müller",
    "Cœuret",
    "Étienne",
    "Garçon",
    "Le Goff",
    "Nuñez",
)
FIRST_DAY = dt.date(2026, 1, 5)

# One row each, in the ways in which people and spreadsheet programs write numbers.
STOPS_XLSX: tuple[object, ...] = (
    "06 00 00 01 01",
    "06.00.00.01.02",
    "+33 6 00 00 01 03",
    "0033600000104",
    "+33 (0)6 00 00 01 05",
    600000106,
    33600000107,
    "600000108.0",
    "3,3600000109E+10",
    "3,36E+10",
    EXCEL_NOT_AVAILABLE,
    dt.date(1978, 12, 6),
    None,
    "06-00-00-01-10",
    "06 00 00 01 01",
    "+33600000102",
    "0692 00 00 01",
    "01 40 00 00 00",
    "06 00 00 01 11 / 06 00 00 01 12",
    "06 00 00 01 13 / 14",
    "Portable : 06 00 00 01 14",
    "06\u00a000\u00a000\u00a001\u00a015",
    "O6 00 00 01 16",
    "06 00 00 01",
    "06 00 00 01 17 18",
    "07 30 00 00 01",
    "06 00 00 01 19",
    "+32 470 00 00 01",
    "ne plus appeler",
    "06 00 00 01 20",
)
STOPS_HIDDEN_ROW = STOPS_XLSX.index("06 00 00 01 19") + 1
STOPS_CSV = (
    "06 00 00 02 01",
    "600000202",
    "6,00000203E+08",
    "6E+08",
    '="0600000204"',
    "+33 6 00 00 02 05",
    "06 00 00 02 01",
    "#N/A",
    "",
    "01 40 00 00 01",
    "07 30 00 00 02",
    "06/00/00/02/06",
)
NPAI_CSV = tuple(f"06000003{n:02d}" for n in range(1, 9))
BOTH_LISTS = (
    ("06 00 00 04 01", "STOP"),
    ("06 00 00 04 02", "STOP"),
    ("06 00 00 04 03", "NPAI"),
    ("06 00 00 04 04", "Désinscrit"),
    ("06 00 00 04 05", "Non attribué"),
    (600000406, "NPAI"),
    ("06 00 00 04 07", "Désabonné"),
    ("06 00 00 04 01", "STOP"),
    ("06 00 00 04 08", "NPAI"),
)
MIGRATION = (
    ("33600000501", "unsubscribed"),
    ("33600000502", "unsubscribed"),
    ("33600000503", "bounced"),
    ("33730000003", "unsubscribed"),
    ("262692000002", "unsubscribed"),
    ("33600000504", "bounced"),
    ("33140000002", "bounced"),
    ("32470000002", "unsubscribed"),
    ("33600000505", "unsubscribed"),
    ("33600000501", "unsubscribed"),
)
CRM_MOBILES = (
    "+33 6 00 00 06 01",
    "0600000602",
    "",
    "06 00 00 06 03",
    "06.00.00.06.04",
    "",
    "+33600000605",
    "07 30 00 00 04",
    "0600000602",
    "06 00 00 06 06",
)


def people() -> Iterable[tuple[str, str, dt.date]]:
    """First name, last name and day, without end."""
    names = zip(itertools.cycle(FIRST_NAMES), itertools.cycle(LAST_NAMES), strict=False)
    for index, (first, last) in enumerate(names):
        yield first, last, FIRST_DAY + dt.timedelta(days=index)


def write_workbook(path: Path) -> xlsxwriter.Workbook:
    """An open workbook whose bytes do not depend on the day it is written."""
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": dt.datetime(2026, 1, 5, tzinfo=dt.UTC), "author": "ptx-bulk"})
    return book


def write_stops_xlsx(path: Path) -> None:
    """The list of unsubscribed people as a shop keeps it in Excel: every writing, every damage."""
    with write_workbook(path) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet("Désinscriptions")
        sheet.set_column(0, 3, 22)
        sheet.write_row(0, 0, ["Prénom", "Nom", "Portable", "Date désinscription"])
        rows = zip(STOPS_XLSX, people(), strict=False)
        for row, (value, (first, last, left_on)) in enumerate(rows, start=1):
            sheet.write_row(row, 0, [first, last])
            sheet.write_datetime(row, 3, left_on, day)
            if value is EXCEL_NOT_AVAILABLE:
                sheet.write_formula(row, 2, "=NA()", None, "#N/A")
            elif isinstance(value, dt.date):
                sheet.write_datetime(row, 2, value, day)
            elif isinstance(value, str):
                sheet.write_string(row, 2, value)
            else:
                sheet.write(row, 2, value)
        sheet.set_row(STOPS_HIDDEN_ROW, None, None, {"hidden": True})
        notes = book.add_worksheet("Mode d'emploi")
        notes.write_column(0, 0, ["Une ligne par personne.", "Ne pas trier sans en parler à Hélène."])
        archive = book.add_worksheet("Archive")
        archive.write_column(0, 0, ["Portable", "06 00 00 01 91", "06 00 00 01 92"])
        archive.hide()


def write_both_lists(path: Path) -> None:
    """One table for both lists, told apart by a column."""
    with write_workbook(path) as book:
        sheet = book.add_worksheet("Contacts à exclure")
        sheet.write_row(0, 0, ["Nom", "Mobile", "Liste"])
        for row, ((value, kind), (_first, last, _day)) in enumerate(zip(BOTH_LISTS, people(), strict=False), start=1):
            sheet.write_row(row, 0, [last, value, kind])


def write_csv(path: Path, rows: Iterable[Sequence[object]], *, delimiter: str, encoding: str) -> None:
    """A CSV file with CRLF line ends, as spreadsheet programs write it on every system."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def stops_rows() -> Iterable[Sequence[object]]:
    """Rows as French Excel saves them as CSV, one remark with the delimiter in it."""
    yield "Prénom", "Nom", "Téléphone", "Remarque", "Montant dû"
    for index, (value, (first, last, day)) in enumerate(zip(STOPS_CSV, people(), strict=False)):
        remark = "en boutique ; à Nîmes" if index == 1 else f"le {day:%d/%m/%Y}"
        yield first, last, value, remark, f"{index},50 €"


def npai_rows() -> Iterable[Sequence[object]]:
    """Hard bounces as a campaign report gives them."""
    yield "Numéro", "Statut", "Envoyé le"
    for value, (_first, _last, day) in zip(NPAI_CSV, people(), strict=False):
        yield value, "Numéro non attribué", f"{day:%d/%m/%Y} 10:00"


def migration_rows() -> Iterable[Sequence[object]]:
    """Another SMS provider's suppression list: digits without +, one file for both reasons."""
    yield "msisdn", "reason", "created_at"
    for (value, reason), (_first, _last, day) in zip(MIGRATION, people(), strict=False):
        yield value, reason, f"{day.isoformat()}T08:30:00Z"


def crm_rows() -> Iterable[Sequence[object]]:
    """A CRM's export: several columns of digits, of which one holds the mobiles."""
    yield (
        "Record ID",
        "First name",
        "Last name",
        "Company",
        "SIRET",
        "Postal code",
        "Phone",
        "Fax",
        "Mobile",
        "SMS",
    )
    for index, (value, (first, last, _day)) in enumerate(zip(CRM_MOBILES, people(), strict=False)):
        siret, postcode = f"{10000000000000 + index * 11}", f"{75001 + index}"
        phone, fax = f"01 40 00 01 {index:02d}", f"01 40 00 02 {index:02d}"
        yield 4000 + index, first, last, "Exemple, SARL", siret, postcode, phone, fax, value, "opt-out"


def main(folder: Path) -> None:
    """Write all samples into the folder."""
    write_stops_xlsx(folder / "stops.xlsx")
    write_both_lists(folder / "both-lists.xlsx")
    write_csv(folder / "stops.csv", stops_rows(), delimiter=";", encoding="cp1252")
    write_csv(folder / "npai.csv", npai_rows(), delimiter=";", encoding="utf-8-sig")
    migration = folder / "migration-from-another-provider.csv"
    write_csv(migration, migration_rows(), delimiter=",", encoding="ascii")
    write_csv(folder / "crm-export.csv", crm_rows(), delimiter=",", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
