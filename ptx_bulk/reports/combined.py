"""One report of several accounts: a workbook with a sheet for each, or a page with a row for each."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import Quantity, _, grouped, ngettext
from ptx_bulk.model import Status
from ptx_bulk.reports import places
from ptx_bulk.reports.html import environment
from ptx_bulk.reports.new_files import new_file
from ptx_bulk.visible import storable

_ENDINGS = (".xlsx", ".html")
_FINE = [Status.APPLIED, Status.UNCHANGED, Status.PLANNED, Status.VALID]
_MOST_LINES = (
    20_000  # of an account: with fifty accounts Excel still opens the workbook; the account's own report has all
)
_SHEET_NAME, _CELL = 31, 32_000  # what Excel takes, nearly
_UNFIT = str.maketrans(dict.fromkeys("[]:*?/\\'", "_"))


@dataclass(frozen=True, kw_only=True)
class AccountResult:
    """What a command came to for one of several accounts.

    Attributes:
        name: the account's profile.
        address: where its API is, '' where that is not known.
        exit_code: its exit code.
        meaning: what that means, in words.
        to_do: why it did not finish and what to do, '' where it did.
        summary: its object of `--json`.
        lines: a Parquet file with its results, None where there are none.
    """

    name: str
    address: str
    exit_code: int
    meaning: str
    to_do: str
    summary: Mapping[str, Any]
    lines: Path | None = None


def check_combined(path: Path) -> None:
    """Refuse a place where the report could not be written.

    Raises:
        ConfigurationError: the ending is neither .xlsx nor .html.
        PlaceRefused: a file is there already, or the folder cannot be written to.
    """
    if path.suffix.lower() not in _ENDINGS:
        raise ConfigurationError(
            _("{path} names no combined report; let the name end in {endings}.").format(
                path=path, endings=" ".join(_ENDINGS)
            )
        )
    places.check_places([path])


def write_combined(path: Path, accounts: Sequence[AccountResult]) -> None:
    """Write the report; the name's ending chooses the format.

    Raises:
        ReportError: the file exists, or cannot be written; nothing is left behind then.
    """
    with new_file(path) as stream:
        if path.suffix.lower() == ".html":
            _write_page(stream, path, accounts)
        else:
            _write_workbook(stream, accounts)


def _statuses(accounts: Sequence[AccountResult]) -> list[str]:
    there = {status for account in accounts for status in account.summary.get("counts", {})}
    return [status.value for status in Status if status.value in there]


def _count(accounts: Sequence[AccountResult]) -> str:
    done = sum(not account.to_do for account in accounts)
    return ngettext("{done} of {n} account finished.", "{done} of {n} accounts finished.", len(accounts)).format(
        done=done, n=len(accounts)
    )


def _write_page(stream: BinaryIO, path: Path, accounts: Sequence[AccountResult]) -> None:
    statuses = _statuses(accounts)
    rows = [
        {
            "account": account,
            "counts": [grouped(account.summary.get("counts", {}).get(status, 0)) for status in statuses],
            "reports": [_link(path, str(report)) for report in account.summary.get("reports", ())],
        }
        for account in accounts
    ]
    template = environment().get_template("combined.html")
    stream.write(template.render(headline=_count(accounts), statuses=statuses, rows=rows).encode())


def _link(page: Path, report: str) -> tuple[str, str]:
    """A report's name and the address that leads to it from the page."""
    target = Path(report)
    try:
        address = quote(Path(os.path.relpath(target, page.absolute().parent)).as_posix())
    except ValueError:  # on another drive
        address = target.absolute().as_uri()
    # A name such as `a:b.csv` would be read as an address of another kind.
    return target.name, address if address.startswith(("file:", "../")) else f"./{address}"


def _write_workbook(stream: BinaryIO, accounts: Sequence[AccountResult]) -> None:
    with xlsxwriter.Workbook(stream, {"constant_memory": True}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF"})
        text = book.add_format({"num_format": "@", "valign": "top"})
        count = book.add_format({"num_format": "#,##0", "valign": "top"})
        names = _sheet_names(accounts)
        _add_overview(book, accounts, names, (bold, text, count))
        for account, name in zip(accounts, names, strict=True):
            _add_account(book.add_worksheet(name), account, (bold, text, count))


def _sheet_names(accounts: Sequence[AccountResult]) -> list[str]:
    """Names that Excel takes, no two of which it takes for the same."""
    made: list[str] = []
    taken = {_("Overview").casefold(), "history"}  # Excel keeps that one for itself
    for account in accounts:
        stem = storable(account.name).translate(_UNFIT)[:_SHEET_NAME].strip() or "account"
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem[: _SHEET_NAME - 4]}-{number}"
        taken.add(name.casefold())
        made.append(name)
    return made


def _add_overview(
    book: xlsxwriter.Workbook,
    accounts: Sequence[AccountResult],
    names: Sequence[str],
    formats: tuple[Format, Format, Format],
) -> None:
    bold, text, count = formats
    sheet, statuses = book.add_worksheet(_("Overview")), _statuses(accounts)
    head = [_("Account"), _("Address"), _("Exit code"), *statuses, _("Meaning"), _("What to do"), _("Run"), _("Report")]
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 1, 26)
    sheet.set_column(2, 2 + len(statuses), 12)
    sheet.set_column(3 + len(statuses), len(head) - 1, 40)
    for column, title in enumerate(head):
        sheet.write_string(0, column, title, bold)
    for row, (account, name) in enumerate(zip(accounts, names, strict=True), start=1):
        quoted = name.replace("'", "''")
        sheet.write_url(row, 0, f"internal:'{quoted}'!A1", text, account.name)
        sheet.write_string(row, 1, account.address, text)
        sheet.write_number(row, 2, account.exit_code, count)
        counts = account.summary.get("counts", {})
        for column, status in enumerate(statuses, start=3):
            sheet.write_number(row, column, counts.get(status, 0), count)
        last = [account.meaning, account.to_do, str(account.summary.get("run_id", "")), _reports_of(account)]
        for column, value in enumerate(last, start=3 + len(statuses)):
            sheet.write_string(row, column, value, text)


def _reports_of(account: AccountResult) -> str:
    return ", ".join(map(str, account.summary.get("reports", ())))


def _add_account(sheet: Worksheet, account: AccountResult, formats: tuple[Format, Format, Format]) -> None:
    """What is known of the account, then its lines, those with problems first where they are too many."""
    bold, text, count = formats
    sheet.set_column(0, 30, 18)
    facts = [
        (_("Account"), account.name),
        (_("Address"), account.address),
        (_("Exit code"), f"{account.exit_code}: {account.meaning}"),
        (_("What to do"), account.to_do),
        (_("Run"), str(account.summary.get("run_id", ""))),
        (_("Report"), _reports_of(account)),
        *((name, grouped(n)) for name, n in {**_dict(account, "counts"), **_dict(account, "codes")}.items()),
    ]
    row = 0
    for label, value in facts:
        if value:
            sheet.write_string(row, 0, label, bold)
            sheet.write_string(row, 1, value, text)
            row += 1
    if account.lines is None:
        return
    lines = pd.read_parquet(account.lines)
    lines["finished_at"] = lines["finished_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    shown = _shown(lines)
    if len(shown) < len(lines):
        left_out = ngettext(
            "{count:,} line without problems is left out here; the account's own report has it.",
            "{count:,} lines without problems are left out here; the account's own report has them all.",
            len(lines) - len(shown),
        )
        sheet.write_string(row + 1, 0, left_out.format(count=Quantity(len(lines) - len(shown))), text)
        row += 2
    _add_lines(sheet, row + 1, shown, (bold, text, count))


def _dict(account: AccountResult, name: str) -> Mapping[str, int]:
    found: Mapping[str, int] = account.summary.get(name, {})
    return found


def _shown(lines: pd.DataFrame) -> pd.DataFrame:
    if len(lines) <= _MOST_LINES:
        return lines
    order = lines["status"].isin(_FINE).to_numpy().argsort(kind="stable")[:_MOST_LINES]
    order.sort()
    return lines.iloc[order]


def _add_lines(sheet: Worksheet, row: int, lines: pd.DataFrame, formats: tuple[Format, Format, Format]) -> None:
    bold, text, count = formats
    for column, name in enumerate(lines.columns):
        sheet.write_string(row, column, name, bold)
    for values in lines.itertuples(index=False, name=None):
        row += 1
        for column, value in enumerate(values):
            if isinstance(value, str):
                if value:
                    sheet.write_string(row, column, value[:_CELL], text)
            elif value == value and value is not None:  # noqa: PLR0124 - NaN is no value
                sheet.write_number(row, column, value, count)
