"""What the Tab key offers beyond names of commands and options: runs, profiles, providers, CRMs.

A completion that cannot be had is none: nothing is said on the line that somebody types, nothing is made, and what
takes long to import is not.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterable
from typing import TypeAlias

import click
from click.shell_completion import CompletionItem, shell_complete

from ptx_bulk.visible import is_hidden

PROGRAM, VARIABLE = "ptx-bulk", "_PTX_BULK_COMPLETE"
_SPECIAL = frozenset("\"'`$\\;&|<>()[]{}*?!#~^,")  # the comma is what shells split our answers at

_Offer: TypeAlias = Callable[[click.Context, click.Parameter, str], "list[CompletionItem] | list[str]"]


def _or_none(offer: _Offer) -> _Offer:
    """Offer nothing where anything is wrong: a command that needs it will say what."""

    @functools.wraps(offer)
    def quietly(
        context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem] | list[str]:
        try:
            return offer(context, parameter, incomplete)
        except Exception:
            return []

    return quietly


def asked() -> bool:
    """Whether a shell asks what could come next, in click's protocol."""
    return bool(os.environ.get(VARIABLE))


def answer(cli: click.Group) -> int:
    """Tell the shell, which shows the user whatever is said: so nothing but the answer is."""
    with contextlib.suppress(Exception, KeyboardInterrupt):
        return shell_complete(cli, {}, PROGRAM, VARIABLE, os.environ[VARIABLE])
    return 1


@_or_none
def run_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The runs of the state folder, the latest first, with what they did."""
    from ptx_bulk.journal import glance
    from ptx_bulk.settings import state_folder

    return [
        CompletionItem(run.run_id, help=f"{run.command} {run.state}" if _plain(run.command + run.state) else None)
        for run in glance(state_folder())
        if _plain(run.run_id) and run.run_id.startswith(incomplete)
    ]


@_or_none
def profile_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The profiles of the configuration file."""
    from ptx_bulk import settings

    return _beginning(settings.profile_names(), incomplete)


@_or_none
def provider_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The providers whose exports are known."""
    from ptx_bulk.workbooks import preset_names

    return _beginning(preset_names(), incomplete)


@_or_none
def crm_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The CRMs whose columns are known."""
    from ptx_bulk import reports

    return _beginning(reports.crm_names(), incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if _plain(name) and name.startswith(incomplete)]


def _plain(name: str) -> bool:
    """Whether a terminal shows it and a shell takes it as one word, just as it stands."""
    letters = set(name)
    return (
        bool(name)
        and name[0] not in "-=%"
        and not any(letter in _SPECIAL or letter.isspace() or is_hidden(letter) for letter in letters)
    )
