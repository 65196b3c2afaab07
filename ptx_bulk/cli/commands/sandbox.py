"""Commands around the work: sandbox."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptx_bulk.access import SANDBOX_KEY
from ptx_bulk.cli.help_sections import command, option
from ptx_bulk.cli.options import examples, global_options
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.cli.showing.output import command_line, echo
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.system import signals

if TYPE_CHECKING:
    from ptx_bulk.sandbox import FaultKind

_LATE = "late"
_FIRST_SAMPLE = "stops.xlsx"


@command(
    "sandbox",
    help=_("Serve the simulator of the API over HTTP until stopped. With --samples, write sample files instead."),
    epilog=examples(
        "ptx-bulk sandbox\nptx-bulk sandbox --port 0 --state lists.sqlite3 --latency 50\n"
        "ptx-bulk sandbox --fault 500=0.05 --fault reset-after=0.05\n"
        "ptx-bulk sandbox --fault late=30 --fault kept=0.1\nptx-bulk sandbox --samples samples"
    ),
)
@option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help=_("Port on this machine; 0 takes any free one."),
)
@option(
    "--state",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=_("Keep the lists in this file; default: in memory."),
)
@option("--key", default=SANDBOX_KEY, show_default=True, metavar="KEY", help=_("The key that callers must send."))
@option(
    "--latency",
    type=click.FloatRange(0),
    default=0.0,
    metavar="MS",
    help=_("Milliseconds that every answer takes."),
)
@option("--rate-limit", type=click.IntRange(1), metavar="N", help=_("Calls a second before it answers 429."))
@option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND=RATE",
    help=_(
        "Misbehave at that rate (0 to 1): 500, 502, 429, reset-before, reset-after, hang, refused-as-listed (an "
        "addition is said to be listed, and is not), kept (a removal is said to be of no entry, and it stays); or show "
        "changes S seconds late: late=S."
    ),
)
@option(
    "--samples",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=_("Write sample files to try into this folder, and serve nothing; no file is overwritten."),
)
@option("--strict", is_flag=True, help=_("Answer an addition of a listed number with error code 15."))
@option("--record", is_flag=True, help=_("Write every call down in the state file."))
@global_options
def sandbox_command(**options: Any) -> int:
    if options["samples"] is not None:
        return _write_samples(options["samples"])
    from ptx_bulk import sandbox

    rates, late = _faults(options["faults"])
    app = sandbox.create_app(
        options["state"],
        key=options["key"],
        latency_ms=options["latency"],
        rate_limit=options["rate_limit"],
        strict=options["strict"],
        record=options["record"],
        faults=rates,
        late_s=late,
    )
    # The server heeds Ctrl-C and a polite kill itself; a terminal that is closed stops it as well.
    with contextlib.suppress(KeyboardInterrupt):
        sandbox.serve(app, port=options["port"], announce=lambda url: echo(f"listening on {url}"))
    signals.finish()
    return 0


def _write_samples(folder: Path) -> int:
    from ptx_bulk.reports.new_files import new_file
    from ptx_bulk.reports.places import check_places
    from ptx_bulk.sandbox.sample_files import sample_files

    samples = {folder / name: content for name, content in sample_files().items()}
    _make(folder)
    check_places(samples)
    for path, content in samples.items():
        with new_file(path) as stream:
            stream.write(content)
    console = Console.current()
    told = {"command": "sandbox", "exit_code": 0, "files": [str(path) for path in samples]}
    if not console.show_json(told):
        for path in samples:
            echo(path)
        words = ["ptx-bulk", "--sandbox", "import", str(folder / _FIRST_SAMPLE)]
        console.notice(_("Try them on the simulator, with no account: {command}").format(command=command_line(words)))
    return 0


def _make(folder: Path) -> None:
    from ptx_bulk.errors import PlaceRefused
    from ptx_bulk.reports.new_files import sentence_for

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise PlaceRefused(_("{path} is a file, not a folder; give another name.").format(path=folder)) from error
    except (OSError, ValueError) as error:
        raise PlaceRefused(sentence_for(folder, error)) from error


def _faults(texts: tuple[str, ...]) -> tuple[dict[FaultKind, float], float]:
    """The rate of each kind, and the seconds after which changes show."""
    from ptx_bulk.sandbox import FaultKind

    rates: dict[FaultKind, float] = {}
    late = 0.0
    for text in texts:
        kind, _equals, value = text.partition("=")
        try:
            if kind == _LATE:
                late = float(value)
            else:
                rates[FaultKind(kind)] = float(value)
        except ValueError:
            raise ConfigurationError(
                _(
                    '--fault "{text}" is neither KIND=RATE, such as 500=0.05, nor late=SECONDS; the kinds are {kinds}.'
                ).format(text=text, kinds=", ".join(FaultKind))
            ) from None
    return rates, late


COMMANDS = (sandbox_command,)
