"""The find command: all that is known of a number, as a time line, a file, or a dossier for the person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptx_bulk.cli.commands.list_files import output_format, write
from ptx_bulk.cli.help_sections import command, option
from ptx_bulk.cli.options import PathName, dialect_option, examples, global_options, remote_options
from ptx_bulk.cli.requests_from_options import dialect_of, numbers_given, sending, settings
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.cli.showing.output import echo
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _, local_time
from ptx_bulk.visible import storable

if TYPE_CHECKING:
    from ptx_bulk.pipeline import Found, FoundNumber, Standing

_ABOUT_DOSSIER = ("controller", "contact", "kept_for")


@command(
    "find",
    help=_(
        "Show all that is known of a number: on which list it is, since when, and every event in order with run, file, "
        "row, reason and person. Nothing is changed. The exit code is 0 whether or not anything is known."
    ),
    epilog=examples(
        "ptx-bulk find 0612345678\n"
        "ptx-bulk find +33612345678 '06 98 76 54 32' -o found.csv\n"
        "ptx-bulk find 0612345678 --offline --json\n"
        "ptx-bulk find 0612345678 --dossier answer.html --contact dpo@example.com\n"
        "ptx-bulk find - < numbers.txt"
    ),
)
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")
@option("--offline", is_flag=True, help=_("Don't read the lists: tell how they were last read. Needs no key."))
@option("--region", metavar="CODE", help=_("Country of numbers written without a country code (default FR)."))
@option(
    "-o",
    "--output",
    type=PathName(),
    metavar="FILE",
    help=_("Write the events to this file (.csv .xlsx .json .parquet .html); - is standard output as CSV."),
)
@option(
    "--dossier",
    type=PathName(),
    metavar="FILE.html",
    help=_("Write the answer to a person's request for access: a page to print, in French, or as --lang says."),
)
@option("--controller", default="", metavar="TEXT", help=_("Of --dossier: who answers for the data."))
@option("--contact", default="", metavar="TEXT", help=_("Of --dossier: where the person may write to."))
@option("--kept-for", default="", metavar="TEXT", help=_("Of --dossier: how long the data is kept."))
@dialect_option
@remote_options
@global_options
def find_command(**options: Any) -> int:
    state = click.get_current_context().find_root().obj
    state.update(command="find")
    form = _format(options, as_json=bool(state.get("as_json")))
    from ptx_bulk import pipeline, reports

    console, chosen, output = Console.current(), settings(), options["output"]
    dialect = dialect_of(options, chosen)
    written = [output] if form and output != "-" else []
    dossier = [Path(options["dossier"])] if options["dossier"] else []
    reports.check_places(dossier)
    reports.check_places([*dossier, *map(Path, written)], replace=True)
    found = pipeline.find(
        numbers_given(options["numbers"]),
        chosen,
        region=options["region"],
        offline=options["offline"],
        sending=sending(options, chosen),
        interface=console,
    )
    if dossier:
        reports.write_dossiers(
            dossier[0],
            found.numbers,
            language=str(state.get("lang") or "fr"),
            controller=options["controller"],
            contact=options["contact"],
            kept_for=options["kept_for"],
        )
        written.append(options["dossier"])
    if output == "-":
        write([found.frame.astype({"row": "str"})], output, form, dialect)
        return 0
    if form:
        path, notices = Path(output), found.notices
        reports.export_found(path, found.numbers, found.frame, format=form, notices=notices, dialect=dialect)
    if not console.show_json(_as_json(found, written)) and not state.get("quiet"):
        for line in [*_lines(found), *(_("Report: {path}").format(path=path) for path in written)]:
            echo(line)
    return 0


def _format(options: dict[str, Any], *, as_json: bool) -> str:
    """The format of the output, '' for none; wrong options are refused before anything is read."""
    from ptx_bulk.reports import FOUND_FORMATS

    dossier, output = options["dossier"], options["output"]
    if dossier and Path(dossier).suffix.lower() not in (".html", ".htm"):
        raise ConfigurationError(
            _("A dossier is a page to print; let the name {path} end in .html.").format(path=dossier)
        )
    if not dossier and (given := [name for name in _ABOUT_DOSSIER if options[name]]):
        raise click.UsageError(
            _("{option} is about the file of --dossier, which is missing.").format(
                option="--" + given[0].replace("_", "-")
            )
        )
    return "" if output is None else output_format(output, FOUND_FORMATS, as_json=as_json)


def _as_json(found: Found, written: list[str]) -> dict[str, Any]:
    """The object of every command, and what is known of each number."""
    from ptx_bulk.reports import Summary

    summary = Summary(
        run_id=found.run_id,
        command="find",
        list="both",
        reports=tuple(storable(path) for path in written),
        elapsed_s=found.elapsed_s,
    )
    told = [
        {
            "number": one.number,
            "known": one.known,
            "lists": [_standing_json(standing) for standing in one.standings],
            "events": one.events.drop(columns="number").to_dict("records"),
        }
        for one in found.numbers
    ]
    more = {"offline": found.offline, "accounts": list(found.accounts), "notices": list(found.notices), "found": told}
    return {**summary.as_json(), **more}


def _standing_json(standing: Standing) -> dict[str, Any]:
    return {
        "list": standing.list.value,
        "listed": standing.held,
        "read_at": standing.read_at,
        "stopped_at": standing.stopped_at,
        "campaign_id": standing.campaign_id,
        "added_approx": standing.added_approx,
        "account": standing.account,
    }


def _lines(found: Found) -> Iterator[str]:
    """The time line of each number, for people."""
    several = len(found.accounts) > 1
    for place, one in enumerate(found.numbers):
        if place:
            yield ""
        yield one.number
        for standing in one.standings:
            yield f"  {_standing(standing)}" + (f"  ({standing.account})" if several else "")
        yield from _events(one, several=several)


def _events(one: FoundNumber, *, several: bool) -> Iterator[str]:
    if not one.known:
        yield "  " + _("Nothing else is known of it: no run and no earlier reading of the lists names it.")
        return
    for row in one.events.to_dict("records"):
        if row["event"] not in ("listed", "not_listed"):  # said above
            tail = f"  ({row['account']})" if several else ""
            yield f"  {local_time(row['time'])}  {row['event']:<9}  {row['message']}{tail}"


def _standing(standing: Standing) -> str:
    name = standing.list.name
    if standing.held is None:
        return _("{list}: never read").format(list=name)
    read = local_time(standing.read_at)
    if not standing.held:
        return _("{list}: not on the list (read {time})").format(list=name, time=read)
    if standing.stopped_at:
        return _("{list}: ON THE LIST since {since} (read {time})").format(
            list=name, since=local_time(standing.stopped_at), time=read
        )
    if standing.added_approx:
        return _("{list}: ON THE LIST, since about {since} by its id (read {time})").format(
            list=name, since=local_time(standing.added_approx), time=read
        )
    return _("{list}: ON THE LIST (read {time})").format(list=name, time=read)


COMMANDS = (find_command,)
