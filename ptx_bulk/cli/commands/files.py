"""Commands that read files: import, remove, sync, diff, check; and apply, which carries a saved diff out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ptx_bulk.cli.help_sections import command, option
from ptx_bulk.cli.options import (
    PathName,
    examples,
    global_options,
    reading_options,
    remote_options,
    saved_plan_options,
    writing_options,
)
from ptx_bulk.cli.requests_from_options import note_run, reporting, sending, settings, source
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.i18n import _


def _note(command: str, options: dict[str, Any]) -> None:
    # For the `--json` object of a command that ends before it has a result.
    state = click.get_current_context().find_root().obj
    state.update(command=command, files=options.get("files", ()))


def _writer(name: str, text: str, shown: str) -> click.Command:
    def callback(**options: Any) -> int:
        _note(name, options)
        from ptx_bulk import pipeline
        from ptx_bulk.model import Mode

        console = Console.current()
        chosen = settings()
        return console.show(
            pipeline.write(
                Mode(name),
                source(options, chosen),
                sending(options, chosen),
                reporting(options, chosen),
                chosen,
                console,
                run_id=note_run(),
            )
        )

    decorate: Callable[[Any], Any] = command(name, help=text, epilog=examples(shown))
    return decorate(reading_options(writing_options(global_options(callback))))  # type: ignore[no-any-return]


import_command = _writer(
    "import",
    _("Add the numbers of the files to a list."),
    "ptx-bulk import stops.xlsx\n"
    "ptx-bulk import npai.csv --list npai --dry-run\n"
    'ptx-bulk import export.csv --column "Tél. mobile" --report result.html',
)
remove_command = _writer(
    "remove",
    _("Remove the numbers of the files from a list."),
    "ptx-bulk remove reassigned.csv --list npai --yes\n"
    'ptx-bulk remove consent.xlsx --allow-stop-removal --reason "signed opt-in of 3 May" --yes',
)
sync_command = _writer(
    "sync",
    _("Make a list equal to the files: add what is missing, remove what is not there."),
    "ptx-bulk sync npai.xlsx --list npai --dry-run\nptx-bulk sync npai.xlsx --list npai --max-removals 5% --yes",
)


@command(
    "diff",
    help=_("Show what import, remove or sync would do, as a report; never writes to the API."),
    epilog=examples(
        "ptx-bulk diff stops.xlsx --report before-migration.html\n"
        "ptx-bulk diff npai.csv --list npai --mode sync --save-plan plan.json\n"
        "ptx-bulk diff stops.csv --exit-code"
    ),
)
@reading_options
@option(
    "--mode",
    type=click.Choice(["import", "remove", "sync"]),
    default="import",
    show_default=True,
    help=_("The command to foresee."),
)
@option("--save-plan", metavar="PLAN", type=PathName(), help=_("Keep the plan as a JSON file for apply."))
@option("--exit-code", is_flag=True, help=_("Exit with 9 when nothing would change and 10 when something would."))
@option("--max-removals", metavar="N|N%", help=_("Limit to judge the plan by, as in sync."))
@remote_options
@global_options
def diff_command(**options: Any) -> int:
    _note("diff", options)
    from ptx_bulk import pipeline
    from ptx_bulk.model import Mode

    console, chosen = Console.current(), settings()
    return console.show(
        pipeline.diff(
            Mode(options["mode"]),
            source(options, chosen),
            sending(options, chosen),
            reporting(options, chosen),
            chosen,
            console,
            plan_path=options["save_plan"],
            exit_code=options["exit_code"],
        )
    )


@command(
    "apply",
    help=_("Carry a saved plan out exactly; refuse when the list or the input changed since."),
    epilog=examples("ptx-bulk apply plan.json\nptx-bulk apply plan.json --dry-run"),
)
@click.argument("plan", metavar="PLAN", type=PathName())
@saved_plan_options
@global_options
def apply_command(plan: str, **options: Any) -> int:
    _note("apply", options)
    from ptx_bulk import pipeline

    console, chosen = Console.current(), settings()
    return console.show(
        pipeline.apply(
            plan,
            sending(options, chosen),
            reporting(options, chosen),
            chosen,
            console,
            password_file=options["password_file"],
            run_id=note_run(),
        )
    )


@command(
    "check",
    help=_("Read, normalise and validate the files; no network."),
    epilog=examples("ptx-bulk check stops.xlsx\nptx-bulk check *.csv --accept any --report check.xlsx"),
)
@reading_options
@global_options
def check_command(**options: Any) -> int:
    _note("check", options)
    from ptx_bulk import pipeline

    console, chosen = Console.current(), settings()
    return console.show(pipeline.check(source(options, chosen), reporting(options, chosen), console))


COMMANDS = (import_command, remove_command, sync_command, diff_command, apply_command, check_command)
