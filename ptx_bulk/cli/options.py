"""The options that commands share, and what they mean to the rooms below."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import click

from ptx_bulk.arguments import (
    CANARY,
    CONCURRENCY,
    DIALECT_NAMES,
    HEADER_ROW,
    MAX_RATE,
    READ_MEMORY,
    READ_TIMEOUT,
    SECONDS,
    TIME_LIMIT,
    TIMEOUT,
    Bounds,
)
from ptx_bulk.cli.completion import profile_names, provider_names
from ptx_bulk.cli.help_sections import GENERAL, READ, REPORTS, SAFETY, SEND, option
from ptx_bulk.i18n import _
from ptx_bulk.model import LIST_ALIASES, ListKind

_read, _send, _safety, _report = (partial(option, section=one) for one in (READ, SEND, SAFETY, REPORTS))

F = TypeVar("F", bound=Callable[..., Any])


class _Finite(click.FloatRange):
    """A range of numbers; NaN, which compares with nothing, is in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if number != number:  # noqa: PLR0124 - this is what NaN is
            self.fail(_("{value} is no number.").format(value=value), param, ctx)
        return number


def _within(bounds: Bounds, lowest: float | None = None) -> click.IntRange | click.FloatRange:
    """The type of an option whose values have these bounds."""
    least = bounds.lowest if lowest is None else lowest
    return click.IntRange(int(least), int(bounds.highest)) if bounds.whole else _Finite(least, bounds.highest)


class PathName(click.Path):
    """A path as it was given: whether it can be used is told where it is used, with the right exit code."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002
        """The value itself."""
        return value


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Global options stand before or after the command's name alike: both write to the same place.

    Where the value came from is not asked: click 8.4.0 knows it only after this call.
    """
    state = context.find_root().ensure_object(dict)
    if value not in (None, False, 0) or parameter.name not in state:
        state[parameter.name] = value
    return value


def _keep_profiles(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Profiles add up, wherever they stand; one alone is the account of the command."""
    state = context.find_root().ensure_object(dict)
    names = (*state.get("profiles", ()), *(name.strip() for name in value if name.strip()))
    state.update(profiles=names, profile=names[0] if len(names) == 1 else None)
    for name in names:
        if names.count(name) > 1:
            problem = _("{name} is named twice; name each profile once.").format(name=name)
            raise click.BadParameter(problem, context, parameter)
    return value


_GLOBAL_OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("--sandbox",), {"is_flag": True, "help": _("Use the embedded simulator instead of the live API: no key, no network.")}),
    (("--base-url",), {"metavar": "URL", "help": _("Address of the API, if it is not the usual one.")}),
    (("--profile",), {"metavar": "NAME", "multiple": True, "callback": _keep_profiles, "shell_complete": profile_names, "help": _("A table of config.toml with settings of one account; may be repeated, then the command runs for each of them.")}),
    (("--all-profiles",), {"is_flag": True, "help": _("Run the command for every profile of config.toml.")}),
    (("--accounts-at-once",), {"type": click.IntRange(1, 64), "metavar": "N", "help": _("With several profiles: most accounts at work at the same time (default 8, fewer for large files).")}),
    (("--combined-report",), {"metavar": "FILE", "type": PathName(), "help": _("With several profiles: one report of all accounts (.xlsx: a sheet for each, .html: a row for each).")}),
    (("--lang",), {"type": click.Choice(["en", "fr"]), "help": _("Language of the texts.")}),
    (("--json", "as_json"), {"is_flag": True, "help": _("Print one JSON object on standard output.")}),
    (("--log-file",), {"metavar": "FILE", "type": PathName(), "help": _("Append what happens to this file, one JSON object a line, keys and numbers masked.")}),
    (("--metrics",), {"metavar": "FILE", "type": PathName(), "help": _("Write the figures of a command that works on the lists to this file (.prom), as OpenMetrics text.")}),
    (("-q", "--quiet"), {"is_flag": True, "help": _("Say nothing but errors.")}),
    (("-v", "--verbose"), {"count": True, "help": _("Say more; -vv shows tracebacks.")}),
)  # fmt: skip


def examples(lines: str) -> str:
    """The examples under a command's help, one a line."""
    return "\b\n" + _("Examples:") + "\n" + "\n".join(f"  {line}" for line in lines.splitlines())


def global_options(function: F) -> F:
    """The options of every command."""
    for names, attributes in reversed(_GLOBAL_OPTIONS):
        function = option(*names, **{"callback": _keep, "expose_value": False, "section": GENERAL, **attributes})(
            function
        )
    return function


def _list_kind(_context: click.Context, _parameter: click.Parameter, value: str | None) -> ListKind | None:
    return LIST_ALIASES[value] if value else None


_FILES = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=PathName())
_LIST = _read(
    "--list",
    "kind",
    type=click.Choice(list(LIST_ALIASES)),
    callback=_list_kind,
    help=_(
        "The list of all numbers: stop (unsubscribed) or npai (not assigned); default: what the file says for sure, else stop."
    ),
)
_COLUMN = _read(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME",
    help=_("Column with the numbers: its heading, letter (C) or number (3); may be repeated."),
)
_LIST_COLUMN = _read(
    "--list-column",
    metavar="NAME",
    help=_("Column that says STOP or NPAI for each row; --list is then for rows where it is empty."),
)
_MEANING: tuple[Callable[[Any], Any], ...] = (
    _read("--country-column", metavar="NAME", help=_("Column with the country of each row (name, code or dial code); none: there is none; default: found by itself.")),
    _read("--region", metavar="CODE", help=_("Country of numbers written without a country code (default FR).")),
    _read("--from", "preset", metavar="PROVIDER", shell_complete=provider_names, help=_("The file is this provider's export (ovh, brevo, twilio ...).")),
    _read("--where", "where", multiple=True, metavar="COLUMN=VALUE", help=_("Only rows where the column has this value (A|B: one of them; != for all others); may be repeated, all must hold.")),
    _read("--sheet", "sheets", multiple=True, metavar="NAME", help=_("Sheet to read, or all; default: each visible sheet with a phone column.")),
    _read("--header-row", type=_within(HEADER_ROW), metavar="N", help=_("Row with the headings, 0 for none; default: found by itself.")),
    _read("--no-header", is_flag=True, help=_("The first row holds data already (--header-row 0).")),
    _read("--encoding", metavar="NAME", help=_("Encoding of a CSV file, such as cp1252; default: found by itself.")),
    _read("--delimiter", metavar="CHAR", help=_("Separator of a CSV file; default: found by itself.")),
)  # fmt: skip
_PASSWORD_FILE = _read("--password-file", metavar="FILE", type=PathName(), help=_("File whose first line is the password of a protected workbook; asked for on a terminal."))  # fmt: skip
_TAKING: tuple[Callable[[Any], Any], ...] = (
    _read("--hidden-rows", type=click.Choice(["include", "skip"]), default="include", show_default=True, help=_("What to do with rows hidden in the spreadsheet.")),
    _PASSWORD_FILE,
    _read("--reading", metavar="FILE", type=PathName(), help=_("Read the files as this saved reading says; refused when their headings are others.")),
    _read("--save-reading", metavar="FILE", type=PathName(), help=_("Keep what the files mean (heading row, columns, list, country) for --reading.")),
    _read("--read-memory", type=_within(READ_MEMORY), default=2048, show_default=True, metavar="MB", help=_("Memory that reading one workbook may take.")),
    _read("--read-timeout", type=_within(READ_TIMEOUT), default=300.0, show_default=True, metavar="S", help=_("Seconds that reading one workbook may take.")),
)  # fmt: skip


def _accept(default: str) -> Callable[[Any], Any]:
    return _read(
        "--accept",
        type=click.Choice(["mobile", "any"]),
        default=default,
        show_default=True,
        help=_("Accept mobiles only, or any valid number."),
    )


_READ_OPTIONS = (_FILES, _LIST, _COLUMN, _LIST_COLUMN, *_MEANING, _accept("mobile"), *_TAKING)

_REMOTE_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _send("--timeout", type=_within(TIMEOUT), metavar="S", help=_("Seconds to wait for one answer (default 30).")),
    _send("--trust-smaller-list", is_flag=True, help=_("Go on although a list came back much smaller than it was.")),
)  # fmt: skip

_PACE_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _send("--concurrency", type=_within(CONCURRENCY), metavar="N", help=_("Most calls in the air at once (default 64).")),
    _send("--max-rate", type=_within(MAX_RATE), metavar="N", help=_("Most calls a second.")),
    _send("--time-limit", type=_within(TIME_LIMIT), metavar="S", help=_("Stop cleanly after so many seconds; resume goes on.")),
    _send("--verify-wait", type=_within(SECONDS), metavar="S", help=_("Seconds to read the list again while it does not show every change (default 60; 0: one look).")),
    _send("--no-verify", is_flag=True, help=_("Don't read the list again at the end.")),
)  # fmt: skip

_YES = _safety("-y", "--yes", is_flag=True, help=_("Don't ask."))

_WRITE_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _safety("-n", "--dry-run", is_flag=True, help=_("Do everything but send.")),
    _YES,
    _safety("--max-removals", metavar="N|N%", help=_("Most removals from a list (default 30% where it holds ten or more).")),
    _safety("--allow-stop-removal", is_flag=True, help=_("Allow removals from STOP; needs --reason.")),
    _safety("--reason", default="", metavar="TEXT", help=_("Why numbers are removed from STOP; kept in journal and report.")),
    _report("--comment", default="", metavar="TEXT", help=_("What is to be known of this run later, such as who asked for it; kept in journal and report.")),
    *_PACE_OPTIONS,
    _safety("--canary", type=_within(CANARY), default=None, metavar="N", help=_("Send the first N and read them back before the rest.")),
)  # fmt: skip

dialect_option = _report("--dialect", type=click.Choice(DIALECT_NAMES), help=_("CSV for programs (rfc4180), or for a French Excel; default: the profile's, else as the input where a file gets its name by itself, else rfc4180."))  # fmt: skip

_REPORT_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _report("--report", "report", multiple=True, metavar="PATH", type=PathName(), help=_("Report to write (.csv .xlsx .json .html .parquet); may be repeated.")),
    dialect_option,
)  # fmt: skip


def _group(*groups: tuple[Callable[[Any], Any], ...]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for decorator in reversed([one for group in groups for one in group]):
            function = decorator(function)
        return function

    return decorate


reading_options = _group(_READ_OPTIONS, _REPORT_OPTIONS)
whole_row_options = _group((_FILES, _COLUMN, *_MEANING, _accept("any"), *_TAKING))  # what rows say of lists is ignored
writing_options = _group(_REMOTE_OPTIONS, _WRITE_OPTIONS)
plan_options = _group(_REPORT_OPTIONS, _REMOTE_OPTIONS, _WRITE_OPTIONS)
saved_plan_options = _group((_PASSWORD_FILE,), _REPORT_OPTIONS, _REMOTE_OPTIONS, _WRITE_OPTIONS)
resuming_options = _group(_REPORT_OPTIONS, _REMOTE_OPTIONS, (_YES, *_PACE_OPTIONS))
remote_options = _group(_REMOTE_OPTIONS)
