"""The command line of one account: that of all, with the account's own profile and names of files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ptx_bulk.cli.accounts.choosing import NamedAccount
from ptx_bulk.cli.showing.output import global_words
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _

# Parameters that name files to be written: each account writes its own.
_WRITTEN = frozenset({"report", "output", "save_plan", "save_reading", "dossier", "bookmark"})
# Options that name files to be read; to all others `-` is a text like any other, such as a delimiter.
_READ = frozenset({"lists"})
# Commands that tell people something else than a result: what they say is shown whole.
TOLD_WHOLE = frozenset({"runs", "audit", "doctor", "find"})


def of_account(context: click.Context, account: NamedAccount) -> list[str]:
    """The command's words for one account, the command's name first.

    Raises:
        ConfigurationError: all accounts would write to standard output.
    """
    from ptx_bulk.reports import labelled

    state, command = context.find_root().obj, context.command
    words, arguments = [str(command.name)], []
    for parameter in command.params:
        if not parameter.expose_value or not _is_given(context, parameter):
            continue
        values = _values(context, parameter)
        if parameter.name in _WRITTEN:
            _check_written(parameter, values)
            values = [str(labelled(Path(value), account.label)) for value in values]
        if isinstance(parameter, click.Argument):
            arguments += values
        elif isinstance(parameter, click.Option) and parameter.is_flag:
            words.append(_name(parameter))
        else:
            words += [f"{_name(parameter)}={value}" for value in values]
    if state.get("as_json") or command.name not in TOLD_WHOLE:
        words.append("--json")
    return [*words, *global_words(state, for_one=True), f"--profile={account.name}", "--", *arguments]


def reads_standard_input(context: click.Context) -> bool:
    """Whether a file to be read is standard input."""
    return any(
        "-" in _values(context, parameter)
        for parameter in context.command.params
        if (isinstance(parameter, click.Argument) or parameter.name in _READ) and _is_given(context, parameter)
    )


def _is_given(context: click.Context, parameter: click.Parameter) -> bool:
    source = context.get_parameter_source(str(parameter.name))
    return source is click.core.ParameterSource.COMMANDLINE


def _values(context: click.Context, parameter: click.Parameter) -> list[str]:
    value: Any = context.params[str(parameter.name)]
    return [os.fspath(one) if isinstance(one, os.PathLike) else str(one) for one in _several(value)]


def _several(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _name(parameter: click.Parameter) -> str:
    return max(parameter.opts, key=len)


def _check_written(parameter: click.Parameter, values: list[str]) -> None:
    if "-" in values:
        raise ConfigurationError(
            _("{option} - writes to standard output, which several accounts cannot share; name a file.").format(
                option=parameter.opts[0]
            )
        )
