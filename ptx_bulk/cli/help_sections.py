"""Help in sections: what to read, what to send, safety, reports, general; the common options first in each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ptx_bulk.i18n import N_, _

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS = N_("Options")  # those of a command alone
READ = N_("What to read")
SEND = N_("How to send")
SAFETY = N_("Safety")
REPORTS = N_("Reports")
GENERAL = N_("General")
SECTIONS = (OPTIONS, READ, SAFETY, SEND, REPORTS, GENERAL)


class Option(click.Option):
    """An option that says under which heading of the help it stands."""

    def __init__(self, *arguments: Any, section: str = OPTIONS, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.section = section


class Command(click.Command):
    """A command whose help shows its options in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, a section each."""
        write_options(self, ctx, formatter)


def write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The options of any command in their sections; `--help` itself is general."""
    sections: dict[str, list[tuple[str, str]]] = {section: [] for section in SECTIONS}
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None:
            sections[getattr(param, "section", GENERAL)].append(record)
    for section, records in sections.items():
        if records:
            with formatter.section(heading(section)):
                formatter.write_dl(records)


def heading(section: str) -> str:
    """The section's title as the language in use writes it before the colon that the formatter adds."""
    return _("{section}:").format(section=_(section)).removesuffix(":")


def option(*names: str, section: str = OPTIONS, **attributes: Any) -> Callable[[F], F]:
    """`click.option` with a section."""
    return click.option(*names, cls=Option, section=section, **attributes)


def command(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """`click.command` with its help in sections."""
    return click.command(name, cls=Command, **attributes)
