"""The export command: the lists as they are, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptx_bulk.cli.commands.list_files import (
    crm_option,
    list_option,
    lists_of,
    name_of,
    output_format,
    style_option,
    tell_what_differs,
    write,
)
from ptx_bulk.cli.help_sections import command, option
from ptx_bulk.cli.options import dialect_option, global_options, remote_options
from ptx_bulk.cli.requests_from_options import dialect_of, sending, settings
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.i18n import Quantity, _, ngettext
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
@list_option
@style_option
@dialect_option
@option("--since", metavar="RUN|DATE", help=_("Only what came since that run or date, by the local snapshots."))
@crm_option
@remote_options
@global_options
def export_command(**options: Any) -> int:
    from ptx_bulk import pipeline, reports

    state = click.get_current_context().find_root().obj
    state.update(command="export")
    console, chosen = Console.current(), settings()
    layout = reports.crm_columns(options["crm"]) if options["crm"] else None
    output, dialect = options["output"], dialect_of(options, chosen)
    form = output_format(output, as_json=bool(state.get("as_json")))
    if output != "-":
        reports.check_places([Path(output)], replace=True)
    exported = pipeline.export(
        lists_of(options["kind"]),
        chosen,
        style=options["style"] or (layout.number_format if layout else "e164"),
        since=options["since"],
        sending=sending(options, chosen),
        interface=console,
    )
    tell_what_differs(console, exported)
    write((reports.apply_crm(part, layout) if layout else part for part in exported.parts()), output, form, dialect)
    count = sum(exported.counts.values())
    if output != "-" and not console.show_json(_as_json(exported, options["kind"], output)):
        console.notice(
            ngettext("{count:,} number written to {path}.", "{count:,} numbers written to {path}.", count).format(
                count=Quantity(count), path=output
            )
        )
    return 0


def _as_json(exported: Exported, lists: str, output: str) -> dict[str, Any]:
    """The object of every command, and how many numbers of each list were written."""
    from ptx_bulk.reports import Summary

    size = sum(exported.sizes.values())
    summary = Summary(
        run_id=exported.run_id,
        command="export",
        list=name_of(lists),
        before=size,
        after=size,
        reports=(storable(output),),
        elapsed_s=exported.elapsed_s,
    )
    return {**summary.as_json(), "exported": {kind.value: exported.counts[kind] for kind in exported.sizes}}


COMMANDS = (export_command,)
