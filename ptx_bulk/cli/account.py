"""Commands on the account's lists as they are: export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ptx_bulk.cli.console import Console
from ptx_bulk.cli.options import global_options, remote_options, sending, settings
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import Quantity, _
from ptx_bulk.model import LIST_ALIASES, ListKind


@click.command(
    "export",
    help=_("Write the lists to CSV, XLSX, JSON or Parquet, for a CRM."),
    epilog="\b\n" + _("Examples:") + "\n  ptx-bulk export -o lists.xlsx\n"
    "  ptx-bulk export --list stop --dialect excel-fr -o stops.csv\n  ptx-bulk export -o - | head",
)
@click.option("-o", "--output", required=True, metavar="FILE", help=_("File to write; - is standard output as CSV."))
@click.option(
    "--list",
    "kind",
    type=click.Choice([*LIST_ALIASES, "both"]),
    default="both",
    show_default=True,
    help=_("Which list."),
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["e164", "national", "international", "msisdn"]),
    help=_("How numbers are written (default e164, or what the CRM of --for wants)."),
)
@click.option(
    "--dialect",
    type=click.Choice(["rfc4180", "excel-fr"]),
    default="rfc4180",
    show_default=True,
    help=_("CSV for programs, or for a French Excel."),
)
@click.option("--since", metavar="RUN|DATE", help=_("Only what came since that run or date, by the local snapshots."))
@click.option("--for", "crm", metavar="CRM", help=_("The columns that this CRM's import expects (hubspot, brevo ...)."))
@remote_options
@global_options
def export_command(**options: Any) -> int:
    from ptx_bulk import pipeline, reports

    state = click.get_current_context().find_root().obj
    state.update(command="export")
    console, chosen = Console.current(), settings()
    lists = tuple(ListKind) if options["kind"] == "both" else (LIST_ALIASES[options["kind"]],)
    layout = reports.crm_columns(options["crm"]) if options["crm"] else None
    output = options["output"]
    form = _format(output)
    exported = pipeline.export(
        lists,
        chosen,
        style=options["style"] or (layout.number_format if layout else "e164"),
        since=options["since"],
        sending=sending(options, chosen),
        interface=console,
    )
    if exported.malformed:
        console.notice(
            _("{count} entries of the lists are no numbers and are left out; ptx-bulk audit shows them.").format(
                count=exported.malformed
            )
        )
    frame = reports.apply_crm(exported.frame, layout) if layout else exported.frame
    target = sys.stdout.buffer if output == "-" else Path(output)
    reports.export(target, frame, format=form, dialect=options["dialect"])
    if output == "-":
        return 0
    counts = {str(kind): int(n) for kind, n in exported.frame["list"].value_counts().items()}
    if not console.show_json({"command": "export", "exit_code": 0, "counts": counts, "reports": [output]}):
        console.notice(_("{count:,} numbers written to {path}.").format(count=Quantity(len(frame)), path=output))
    return 0


def _format(output: str) -> str:
    """The format that the name's ending says, before a list is read for nothing."""
    from ptx_bulk.reports import EXPORT_FORMATS

    ending = "csv" if output == "-" else Path(output).suffix.lower().lstrip(".")
    if ending not in EXPORT_FORMATS:
        raise ConfigurationError(
            _("The ending of {name} is no export format; use one of {formats}.").format(
                name=output, formats=", ".join(f".{name}" for name in EXPORT_FORMATS)
            )
        )
    return ending


COMMANDS = (export_command,)
