"""Commands on the account's lists as they are: export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptx_bulk.cli.completion import crm_names
from ptx_bulk.cli.help_sections import command, option
from ptx_bulk.cli.options import global_options, remote_options, sending, settings
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.cli.showing.output import write_csv
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import Quantity, _
from ptx_bulk.model import LIST_ALIASES, ListKind
from ptx_bulk.visible import storable

if TYPE_CHECKING:
    from ptx_bulk.pipeline import Exported


@command(
    "export",
    help=_("Write the lists to CSV, XLSX, JSON or Parquet, for a CRM."),
    epilog="\b\n" + _("Examples:") + "\n  ptx-bulk export -o lists.xlsx\n"
    "  ptx-bulk export --list stop --dialect excel-fr -o stops.csv\n  ptx-bulk export -o - | head",
)
@option("-o", "--output", required=True, metavar="FILE", help=_("File to write; - is standard output as CSV."))
@option(
    "--list",
    "kind",
    type=click.Choice([*LIST_ALIASES, "both"]),
    default="both",
    show_default=True,
    help=_("Which list."),
)
@option(
    "--format",
    "style",
    type=click.Choice(["e164", "national", "international", "msisdn"]),
    help=_("How numbers are written (default e164, or what the CRM of --for wants)."),
)
@option(
    "--dialect",
    type=click.Choice(["rfc4180", "excel-fr"]),
    default="rfc4180",
    show_default=True,
    help=_("CSV for programs, or for a French Excel."),
)
@option("--since", metavar="RUN|DATE", help=_("Only what came since that run or date, by the local snapshots."))
@option(
    "--for",
    "crm",
    metavar="CRM",
    shell_complete=crm_names,
    help=_("The columns that this CRM's import expects (hubspot, brevo ...)."),
)
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
    form = _format(output, as_json=bool(state.get("as_json")))
    if output != "-":
        reports.check_places([Path(output)], replace=True)
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
    if exported.spelled_out:
        console.notice(
            _(
                "{count:,} numbers are written with + and country code: written otherwise, they would be read as "
                "somebody else's."
            ).format(count=Quantity(exported.spelled_out))
        )
    frame = reports.apply_crm(exported.frame, layout) if layout else exported.frame
    if output == "-":
        write_csv(frame, lambda stream, shown: reports.export(stream, shown, format=form, dialect=options["dialect"]))
        return 0
    reports.export(Path(output), frame, format=form, dialect=options["dialect"])
    if not console.show_json(_as_json(exported, options["kind"], output)):
        console.notice(_("{count:,} numbers written to {path}.").format(count=Quantity(len(frame)), path=output))
    return 0


def _as_json(exported: Exported, lists: str, output: str) -> dict[str, Any]:
    """The object of every command, and how many numbers of each list were written."""
    from ptx_bulk.reports import Summary

    named = "both" if lists == "both" else LIST_ALIASES[lists].value
    size = sum(exported.sizes.values())
    summary = Summary(
        run_id=exported.run_id,
        command="export",
        list=named,
        before=size,
        after=size,
        reports=(storable(output),),
        elapsed_s=exported.elapsed_s,
    )
    written = exported.frame["list"].value_counts()
    return {**summary.as_json(), "exported": {kind.value: int(written.get(kind.value, 0)) for kind in exported.sizes}}


def _format(output: str, *, as_json: bool) -> str:
    """The format that the name's ending says, before a list is read for nothing."""
    from ptx_bulk.reports import export_format

    if output == "-" and as_json:
        raise ConfigurationError(_("-o - and --json both write to standard output; choose one of them."))
    return "csv" if output == "-" else export_format(output)


COMMANDS = (export_command,)
