"""The audit command: the remote lists' own faults, and what mends them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptx_bulk.arguments import HEADER_ROW
from ptx_bulk.cli.commands.list_files import write
from ptx_bulk.cli.completion import provider_names
from ptx_bulk.cli.help_sections import command, option
from ptx_bulk.cli.options import dialect_option, global_options, remote_options
from ptx_bulk.cli.requests_from_options import dialect_of, sending, settings, source
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.cli.showing.output import account_words, echo
from ptx_bulk.i18n import _
from ptx_bulk.model import LIST_ALIASES, ListKind
from ptx_bulk.visible import storable

if TYPE_CHECKING:
    from ptx_bulk.pipeline import Audit, Source
    from ptx_bulk.settings import Settings

FAULTS = ("ON_BOTH_LISTS", "TWO_SPELLINGS", "MALFORMED", "NOT_MOBILE", "WRONG_COUNTRY_CODE", "MISPLACED")
# What the reference's reading options are when the command has none of its own for them.
_READING = {
    "reading": None,
    "hidden_rows": "include",
    "accept": "any",
    "read_memory": 2048,
    "read_timeout": 300.0,
}
_REFERENCE_OPTIONS = (
    "kind",
    "list_column",
    "columns",
    "sheets",
    "no_header",
    "header_row",
    "country_column",
    "where",
    "encoding",
    "delimiter",
    "region",
    "preset",
)


@command(
    "audit",
    help=_(
        "Show the faults of the lists themselves: numbers on both lists, twice on one, malformed, no mobiles, with a "
        "wrong country code; with --against also numbers that belong on the other list. Nothing is changed; each "
        "fault is shown with the command that would mend it. The exit code is 0 whether or not faults were found."
    ),
    epilog="\b\n" + _("Examples:") + "\n  ptx-bulk audit\n  ptx-bulk audit -o audit.xlsx\n"
    "  ptx-bulk audit --fault NOT_MOBILE --on npai -o not-mobile.csv\n"
    "  ptx-bulk audit --against our-stops.xlsx --list stop",
)
@option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help=_("Write all lines to this file (.csv .xlsx .json .parquet); - is standard output as CSV."),
)
@option(
    "--fault",
    "faults",
    multiple=True,
    type=click.Choice(FAULTS, case_sensitive=False),
    metavar="FAULT",
    help=_("Only this fault, may be repeated: {faults}.").format(faults=", ".join(FAULTS)),
)
@option("--on", "on", type=click.Choice(list(LIST_ALIASES)), help=_("Only entries of this list; default: both."))
@option(
    "--against",
    multiple=True,
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help=_("File that says which number belongs on which list; may be repeated."),
)
@option(
    "--list",
    "kind",
    type=click.Choice(list(LIST_ALIASES)),
    help=_("Of --against: the list its numbers belong to; default: what the file says for sure, else stop."),
)
@option("--list-column", metavar="NAME", help=_("Of --against: the column that says STOP or NPAI for each row."))
@option("--column", "columns", multiple=True, metavar="NAME", help=_("Of --against: the column with the numbers."))
@option("--sheet", "sheets", multiple=True, metavar="NAME", help=_("Of --against: the sheet to read, or all."))
@option("--no-header", is_flag=True, help=_("Of --against: the first row holds data already."))
@option(
    "--header-row",
    type=click.IntRange(0, int(HEADER_ROW.highest)),
    metavar="N",
    help=_("Of --against: the row with the headings, 0 for none."),
)
@option("--country-column", metavar="NAME", help=_("Of --against: the column with the country of each row, or none."))
@option(
    "--where", multiple=True, metavar="COLUMN=VALUE", help=_("Of --against: only rows where the column has this value.")
)
@option("--encoding", metavar="NAME", help=_("Of --against: the encoding of a CSV file."))
@option("--delimiter", metavar="CHAR", help=_("Of --against: the separator of a CSV file."))
@option(
    "--region",
    metavar="CODE",
    help=_("Of --against: the country of numbers written without a country code (default FR)."),
)
@option(
    "--from",
    "preset",
    metavar="PROVIDER",
    shell_complete=provider_names,
    help=_("Of --against: the provider whose export it is."),
)
@dialect_option
@remote_options
@global_options
def audit_command(**options: Any) -> int:
    context = click.get_current_context()
    state = context.find_root().obj
    state.update(command="audit")
    console = Console.current()
    form = _format(options["output"], as_json=bool(state.get("as_json")))
    _check_reference(context, options)
    from ptx_bulk import pipeline, reports
    from ptx_bulk.cli.showing.mending import Call, fault_table, with_mending

    if form and options["output"] != "-":
        reports.check_places([Path(options["output"])], inputs=options["against"], replace=True)
    faults = tuple(pipeline.Fault(fault) for fault in dict.fromkeys(options["faults"]))
    lists = (LIST_ALIASES[options["on"]],) if options["on"] else tuple(ListKind)
    chosen = settings()
    audit = pipeline.audit(
        chosen,
        faults=faults,
        lists=lists,
        against=_reference(options, chosen),
        sending=sending(options, chosen),
        interface=console,
    )
    call = Call(
        account=account_words(state),
        reference=_reference_words(context),
        faults=faults,
        lists=lists,
        output=options["output"],
    )
    if form:
        frame = with_mending(audit.frame, call)
        write([frame], options["output"], form, dialect_of(options, chosen))
    if options["output"] == "-":
        return 0
    written = [options["output"]] if form else []
    if not console.show_json(_as_json(audit, written)) and not state.get("quiet"):
        for line in [*fault_table(audit, call), *(_("Report: {path}").format(path=path) for path in written)]:
            echo(line)
    return 0


def _as_json(audit: Audit, written: list[str]) -> dict[str, Any]:
    return {
        "run_id": audit.run_id,
        "command": "audit",
        "exit_code": 0,
        "counts": {fault.value: n for fault, n in audit.counts.items()},
        "lists": {kind.value: audit.sizes[kind] for kind in ListKind},
        "reports": [storable(path) for path in written],
        "elapsed_s": round(audit.elapsed_s, 3),
    }


def _format(output: str | None, *, as_json: bool) -> str:
    """The format of the output, '' for none; told before the lists are read.

    Raises:
        click.UsageError: the ending names no format, or two things were to go to standard output.
    """
    from ptx_bulk.reports import EXPORT_FORMATS

    if output is None:
        return ""
    if output == "-" and as_json:
        raise click.UsageError(_("-o - and --json both write to standard output; choose one of them."))
    form = "csv" if output == "-" else Path(output).suffix.lower().lstrip(".")
    if form not in EXPORT_FORMATS:
        raise click.UsageError(
            _("{path} names no format; let the name end in {endings}.").format(
                path=output, endings=" ".join(f".{name}" for name in EXPORT_FORMATS)
            )
        )
    return form


def _check_reference(context: click.Context, options: dict[str, Any]) -> None:
    given = [name for name in _REFERENCE_OPTIONS if _is_given(context, name)]
    if given and not options["against"]:
        parameter = next(param for param in context.command.params if param.name == given[0])
        raise click.UsageError(
            _(
                "{option} is about the file of --against, which is missing. To see one list's faults only, use --on."
            ).format(option=parameter.opts[0])
        )


def _reference(options: dict[str, Any], chosen: Settings) -> Source | None:
    if not options["against"]:
        return None
    kind = LIST_ALIASES[options["kind"]] if options["kind"] else None
    return source({**_READING, **options, "files": options["against"], "kind": kind}, chosen)


def _reference_words(context: click.Context) -> tuple[str, ...]:
    """`--against` and the options for reading it, as they were given."""
    words: list[str] = []
    for parameter in context.command.params:
        if parameter.name in ("against", *_REFERENCE_OPTIONS) and _is_given(context, parameter.name):
            value = context.params[parameter.name]
            for one in value if isinstance(value, tuple) else (value,):
                words += [parameter.opts[0]] if one is True else [parameter.opts[0], str(one)]
    return tuple(words)


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


COMMANDS = (audit_command,)
