"""What the Tab key offers beyond names of commands and options: runs, profiles, providers, CRMs.

A completion that cannot be had is none: nothing is said on the line that somebody types.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

from ptx_bulk.errors import PtxError


def run_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The runs of the state folder, the latest first, with what they did."""
    from ptx_bulk.journal import Journal
    from ptx_bulk.settings import state_home

    with contextlib.suppress(PtxError, OSError), Journal(state_home()) as journal:
        return [
            CompletionItem(run.run_id, help=f"{run.command} {run.state.value}")
            for run in journal.runs()
            if run.run_id.startswith(incomplete)
        ]
    return []


def profile_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The profiles of the configuration file."""
    from ptx_bulk import settings

    with contextlib.suppress(PtxError, OSError):
        return _beginning(settings.profile_names(), incomplete)
    return []


def provider_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The providers whose exports are known."""
    from ptx_bulk.workbooks import preset_names

    return _beginning(preset_names(), incomplete)


def crm_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The CRMs whose columns are known."""
    from ptx_bulk import reports

    return _beginning(reports.crm_names(), incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
