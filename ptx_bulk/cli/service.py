"""Commands around the work: sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptx_bulk.cli.options import examples, global_options
from ptx_bulk.cli.output import echo
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _

if TYPE_CHECKING:
    from ptx_bulk.sandbox import FaultKind


@click.command(
    "sandbox",
    help=_("Serve the simulator of the API over HTTP until stopped."),
    epilog=examples(
        "ptx-bulk sandbox\nptx-bulk sandbox --port 0 --state lists.sqlite3 --latency 50\n"
        "ptx-bulk sandbox --fault 500=0.05 --fault reset-after=0.05"
    ),
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help=_("Port on this machine; 0 takes any free one."),
)
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Keep the lists in this file; default: in memory."),
)
@click.option("--key", default="sandbox", show_default=True, metavar="KEY", help=_("The key that callers must send."))
@click.option(
    "--latency",
    type=click.FloatRange(0),
    default=0.0,
    metavar="MS",
    help=_("Milliseconds that every answer takes."),
)
@click.option("--rate-limit", type=click.IntRange(1), metavar="N", help=_("Calls a second before it answers 429."))
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND=RATE",
    help=_("Misbehave at that rate (0 to 1): 500, 502, 429, reset-before, reset-after, hang."),
)
@click.option("--strict", is_flag=True, help=_("Answer an addition of a listed number with error code 15."))
@click.option("--record", is_flag=True, help=_("Write every call down in the state file."))
@global_options
def sandbox_command(**options: Any) -> int:
    from ptx_bulk import sandbox

    app = sandbox.create_app(
        options["state"],
        key=options["key"],
        latency_ms=options["latency"],
        rate_limit=options["rate_limit"],
        strict=options["strict"],
        record=options["record"],
        faults=_faults(options["faults"]),
    )
    sandbox.serve(app, port=options["port"], announce=lambda url: echo(f"listening on {url}"))
    return 0


def _faults(texts: tuple[str, ...]) -> dict[FaultKind, float]:
    from ptx_bulk.sandbox import FaultKind

    faults: dict[FaultKind, float] = {}
    for text in texts:
        kind, _equals, rate = text.partition("=")
        try:
            faults[FaultKind(kind)] = float(rate)
        except ValueError:
            raise ConfigurationError(
                _('--fault "{text}" is not KIND=RATE, such as 500=0.05; the kinds are {kinds}.').format(
                    text=text, kinds=", ".join(FaultKind)
                )
            ) from None
    return faults


COMMANDS = (sandbox_command,)
