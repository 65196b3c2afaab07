"""The changes command: what came to the lists and left them, as a feed."""

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
from ptx_bulk.cli.options import PathName, dialect_option, examples, global_options, remote_options
from ptx_bulk.cli.requests_from_options import dialect_of, sending, settings
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.visible import storable

if TYPE_CHECKING:
    import pandas as pd

    from ptx_bulk.pipeline import Changes
    from ptx_bulk.reports import CrmLayout


@command(
    "changes",
    help=_(
        "Write what came to the lists and what left them since a run or a date, one row an event, for a CRM that is to "
        "be kept in step. The lists are read once more; that reading is a run to go on from."
    ),
    epilog=examples(
        "ptx-bulk changes --since 2026-01-31 -o changes.csv\n"
        "ptx-bulk changes --since 20261123-190333-k3f9 --for hubspot -o feed.csv\n"
        "ptx-bulk changes --bookmark crm.bookmark -o feed-of-today.csv"
    ),
)
@option(
    "-o",
    "--output",
    metavar="FILE",
    help=_("File to write (.csv .xlsx .json .parquet); - is standard output as CSV, also the default without --json."),
)
@option(
    "--since",
    metavar="RUN|DATE",
    help=_("The run or date to begin with, by the local snapshots; default: an empty list, so that all is told."),
)
@option(
    "--bookmark",
    metavar="FILE",
    type=PathName(),
    help=_(
        "Begin where this file says that the last feed ended, and note there where this one ends; a feed that is still "
        "there is not overwritten."
    ),
)
@option("--offline", is_flag=True, help=_("Read nothing: compare the local snapshots alone."))
@list_option
@style_option
@dialect_option
@crm_option
@remote_options
@global_options
def changes_command(**options: Any) -> int:
    state = click.get_current_context().find_root().obj
    state.update(command="changes")
    from ptx_bulk import pipeline, reports

    console, chosen, as_json = Console.current(), settings(), bool(state.get("as_json"))
    output = options["output"] or ("" if as_json else "-")
    form = output_format(output, as_json=as_json) if output else ""
    layout = reports.crm_columns(options["crm"]) if options["crm"] else None
    dialect = dialect_of(options, chosen)
    since = _since(options, output)
    found = pipeline.changes(
        lists_of(options["kind"]),
        chosen,
        style=options["style"] or (layout.number_format if layout else "e164"),
        since=since,
        offline=options["offline"],
        sending=sending(options, chosen),
        interface=console,
    )
    tell_what_differs(console, found)
    frame = _laid_out(found, layout, since, console)
    if output:
        write([frame], output, form, dialect)
    if options["bookmark"]:  # not before the feed is whole: rather told twice than never
        reports.set_bookmark(Path(options["bookmark"]), found.run_id, name_of(options["kind"]))
    if not console.show_json(_as_json(found, options["kind"], output)):
        console.notice(_sentence(found, len(frame), output))
    return 0


def _since(options: dict[str, Any], output: str) -> str | None:
    """Where the feed begins; the files that are to be written are tried first."""
    from ptx_bulk.reports import check_places, read_bookmark

    bookmark = options["bookmark"]
    files = [Path(output)] if output not in ("", "-") else []
    check_places(files, replace=not bookmark)
    if not bookmark:
        since: str | None = options["since"]
        return since
    if options["since"] is not None:
        raise ConfigurationError(_("--since and --bookmark both say where the feed begins; choose one of them."))
    if not output:
        raise ConfigurationError(_("--bookmark needs -o: what no file holds is not to be noted as told."))
    check_places([*files, Path(bookmark)], replace=True)
    return read_bookmark(Path(bookmark), name_of(options["kind"]))


def _laid_out(found: Changes, layout: CrmLayout | None, since: str | None, console: Console) -> pd.DataFrame:
    """The events, or what the CRM's import wants to see of them."""
    from ptx_bulk.reports import apply_crm_to_changes

    if layout is None:
        return found.frame
    frame, left_out = apply_crm_to_changes(found.final, layout)
    if left_out:
        begin = "" if since is None else f" --since {since}"
        console.notice(
            ngettext(
                "{count:,} number left the lists, which the import of {crm} cannot take; it is not in the file. See "
                "it with: {command}",
                "{count:,} numbers left the lists, which the import of {crm} cannot take; they are not in the file. "
                "See them with: {command}",
                left_out,
            ).format(count=Quantity(left_out), crm=layout.title, command=f"ptx-bulk changes --offline{begin}")
        )
    return frame


def _sentence(found: Changes, rows: int, output: str) -> str:
    if output in ("", "-"):
        return _("Go on from here with --since {run_id}.").format(run_id=found.run_id)
    return ngettext(
        "{count:,} row written to {path}; go on from here with --since {run_id}.",
        "{count:,} rows written to {path}; go on from here with --since {run_id}.",
        rows,
    ).format(count=Quantity(rows), path=output, run_id=found.run_id)


def _as_json(found: Changes, lists: str, output: str) -> dict[str, Any]:
    """The object of every command, and what happened to each list."""
    from ptx_bulk.reports import Summary

    size = sum(found.sizes.values())
    summary = Summary(
        run_id=found.run_id,
        command="changes",
        list=name_of(lists),
        before=size,
        after=size,
        reports=(storable(output),) if output else (),
        elapsed_s=found.elapsed_s,
    )
    return {**summary.as_json(), "changes": {kind.value: dict(counts) for kind, counts in found.counts.items()}}


COMMANDS = (changes_command,)
