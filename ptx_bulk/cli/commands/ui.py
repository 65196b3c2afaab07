"""The local page: ui."""

from __future__ import annotations

import contextlib

import click

from ptx_bulk.cli.help_sections import command, option
from ptx_bulk.cli.options import examples, global_options
from ptx_bulk.cli.requests_from_options import settings
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.cli.showing.output import echo
from ptx_bulk.errors import Interrupted
from ptx_bulk.i18n import _
from ptx_bulk.system import signals


@command(
    "ui",
    help=_(
        "Open the page that does all this in the browser, for people who do not use terminals. It is served on this "
        "machine alone, and ends with Ctrl-C or when it is closed."
    ),
    epilog=examples("ptx-bulk --sandbox ui\nptx-bulk ui --lang fr\nptx-bulk ui --port 8123 --no-browser"),
)
@option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help=_("Port on this machine; 0 takes any free one."),
)
@option("--no-browser", is_flag=True, help=_("Only print the address, which works once, and open no browser."))
@global_options
def ui_command(port: int, no_browser: bool) -> int:
    click.get_current_context().find_root().obj.update(command="ui")
    from ptx_bulk.ui.serving import serve

    console, chosen = Console.current(), settings()
    as_json = bool(click.get_current_context().find_root().obj.get("as_json"))

    def announce(address: str) -> None:
        echo(f"listening on {address}", err=as_json)
        console.notice(_("This address works once, in the browser of this machine; Ctrl-C ends the page."))

    ended = True
    # The server heeds Ctrl-C and a polite kill itself, and ends its work cleanly.
    with contextlib.suppress(KeyboardInterrupt):
        ended = serve(chosen, port=port, browser=not no_browser, announce=announce)
    signals.finish()
    if not ended:
        raise Interrupted(
            _("A run did not stop in time; everything that was sent is recorded: ptx-bulk resume goes on.")
        )
    console.show_json({"command": "ui", "exit_code": 0})
    return 0


COMMANDS = (ui_command,)
