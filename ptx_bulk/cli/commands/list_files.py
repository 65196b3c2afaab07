"""What export and changes share: options about lists, and files made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptx_bulk.cli.completion import crm_names
from ptx_bulk.cli.help_sections import option
from ptx_bulk.cli.showing.output import write_csv
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.model import LIST_ALIASES, ListKind

if TYPE_CHECKING:
    import pandas as pd

    from ptx_bulk.cli.showing.console import Console

list_option = option(
    "--list",
    "kind",
    type=click.Choice([*LIST_ALIASES, "both"]),
    default="both",
    show_default=True,
    help=_("Which list."),
)
style_option = option(
    "--format",
    "style",
    type=click.Choice(["e164", "national", "international", "msisdn"]),
    help=_("How numbers are written (default e164, or what the CRM of --for wants)."),
)
crm_option = option(
    "--for",
    "crm",
    metavar="CRM",
    shell_complete=crm_names,
    help=_("The columns that this CRM's import expects (hubspot, brevo ...)."),
)


def lists_of(kind: str) -> tuple[ListKind, ...]:
    """The lists that `--list` means."""
    return tuple(ListKind) if kind == "both" else (LIST_ALIASES[kind],)


def name_of(kind: str) -> str:
    """What `--json` calls them."""
    return "both" if kind == "both" else LIST_ALIASES[kind].value


def output_format(output: str, formats: Sequence[str] | None = None, *, as_json: bool) -> str:
    """The format that the name's ending says, before a list is read for nothing; by default one of an export."""
    from ptx_bulk.reports import EXPORT_FORMATS, export_format

    if output == "-" and as_json:
        raise ConfigurationError(_("-o - and --json both write to standard output; choose one of them."))
    return "csv" if output == "-" else export_format(output, formats or EXPORT_FORMATS)


def write(parts: Iterable[pd.DataFrame], output: str, form: str, dialect: str) -> None:
    """Write a table, which comes in one part or more, to the file, or to standard output."""
    from ptx_bulk import reports

    if output == "-":
        write_csv(parts, lambda stream, shown: reports.export(stream, shown, format=form, dialect=dialect))
    else:
        reports.export(Path(output), parts, format=form, dialect=dialect)


def tell_what_differs(console: Console, found: Any) -> None:
    """Notices of entries that are left out, and of numbers that are written otherwise than was asked for."""
    if found.malformed:
        console.notice(
            ngettext(
                "{count} entry of the lists is no number and is left out; ptx-bulk audit shows it.",
                "{count} entries of the lists are no numbers and are left out; ptx-bulk audit shows them.",
                found.malformed,
            ).format(count=found.malformed)
        )
    if found.spelled_out:
        from ptx_bulk.pipeline.steps.styles import spelled_out_notice

        console.notice(spelled_out_notice(found.spelled_out))
