"""The command group and its commands."""

from __future__ import annotations

import difflib
from typing import Any

import click

from ptx_bulk._version import __version__
from ptx_bulk.cli.help_sections import heading, write_options
from ptx_bulk.cli.options import global_options
from ptx_bulk.cli.showing import output
from ptx_bulk.cli.showing.exit_codes import EXIT_CODES
from ptx_bulk.i18n import N_, _

_SECTIONS = {
    N_("Change the lists"): ("import", "remove", "sync", "apply"),
    N_("Look before"): ("check", "diff", "audit", "export", "changes", "find", "scrub"),
    N_("Runs"): ("resume", "undo", "runs", "show", "purge", "erase"),
    N_("Without a terminal"): ("ui",),
    N_("Jobs and set-up"): ("run", "login", "doctor", "completion", "sandbox", "profiles"),
}


class _Group(click.Group):
    """A group that asks "did you mean", lists commands in the order of use, and tells a closed pipe from an error."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise output.ReaderGone from error  # click ends with 1 for the other

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in _SECTIONS.items():
            with formatter.section(heading(title)):
                formatter.write_dl([(name, first_sentence(self.commands[name].help or "")) for name in names])
        write_options(self, ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = difflib.get_close_matches(args[0], self.commands, 1)
            if not close or hasattr(error, "possibilities"):  # newer versions of click suggest by themselves
                raise
            question = _("Did you mean {command}?").format(command=close[0])
            raise click.UsageError(f"{error.message} {question}", ctx) from None


def first_sentence(text: str) -> str:
    """What a help says before it goes into details."""
    first, end, _rest = text.partition(". ")
    return first + end.strip()


def _epilog() -> str:
    rows = "\n".join(f"{code:>3}  {meaning}" for code, meaning in EXIT_CODES)
    return "\b\n" + _("Exit codes:") + "\n" + rows


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_epilog(),
)
@click.version_option(__version__, "-V", "--version", prog_name="ptx-bulk")
@global_options
def cli() -> None:
    pass


cli.help = _(
    "Bulk management of the STOP and NPAI suppression lists of a Primotexto account, from CSV and Excel files.\n\n"
    "Start with: ptx-bulk --sandbox import stops.xlsx"
)

from ptx_bulk.cli.accounts.each import for_each_account  # noqa: E402
from ptx_bulk.cli.commands import (  # noqa: E402 - each adds its commands to the group
    audit,
    changes,
    export,
    files,
    find,
    forgetting,
    jobs,
    profiles,
    runs,
    sandbox,
    scrub,
    set_up,
    ui,
)

for _module in (files, export, scrub, changes, audit, find, runs, forgetting, jobs, profiles, sandbox, set_up, ui):
    for _command in _module.COMMANDS:
        cli.add_command(for_each_account(_command))
