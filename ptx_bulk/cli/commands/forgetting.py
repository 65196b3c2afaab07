"""Commands that forget: purge, erase."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ptx_bulk.arguments import age
from ptx_bulk.cli.help_sections import command, option
from ptx_bulk.cli.options import examples, global_options
from ptx_bulk.cli.requests_from_options import numbers_given, settings
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.cli.showing.output import echo
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _, ngettext

if TYPE_CHECKING:
    from ptx_bulk.journal import Erased, Purged


def _note(command: str) -> None:
    click.get_current_context().find_root().obj.update(command=command)


@command(
    "purge",
    help=_("Delete ended runs and snapshots from the state folder."),
    epilog=examples("ptx-bulk purge --older-than 90d --dry-run\nptx-bulk purge --older-than 2y --abandoned"),
)
@option("--older-than", required=True, metavar="AGE", help=_("Age such as 90d, 12w or 2y."))
@option(
    "--abandoned", is_flag=True, help=_("Delete stopped and killed runs of that age, too; they can't be resumed then.")
)
@option(
    "--reports",
    "with_reports",
    is_flag=True,
    help=_("Delete the runs' reports and rejects, too, where they lie as they were written and unchanged."),
)
@option("-n", "--dry-run", is_flag=True, help=_("Only say what would be deleted."))
@global_options
def purge_command(older_than: str, abandoned: bool, with_reports: bool, dry_run: bool) -> int:
    _note("purge")
    from ptx_bulk import pipeline

    console = Console.current()
    seconds = age(older_than)
    if seconds is None:
        raise ConfigurationError(
            _('--older-than "{text}" is not an age such as 90d, 12w or 2y.').format(text=older_than)
        )
    purged = pipeline.purge(
        time.time() - seconds, settings(), abandoned=abandoned, with_reports=with_reports, dry_run=dry_run
    )
    told = {"command": "purge", "exit_code": 0, "dry_run": dry_run, **dataclasses.asdict(purged)}
    if not console.show_json(told):
        if dry_run:
            for name in (*purged.run_ids, *purged.reports):
                echo(name)
        for sentence in _purged(purged, abandoned=abandoned, dry_run=dry_run):
            console.notice(sentence)
    return 0


def _purged(purged: Purged, *, abandoned: bool, dry_run: bool) -> Iterator[str]:
    done = (
        _("{runs}, {abandoned} and {snapshots} would be deleted.")
        if dry_run
        else _("{runs}, {abandoned} and {snapshots} deleted.")
    )
    yield done.format(
        runs=ngettext("{n} run", "{n} runs", purged.runs).format(n=purged.runs),
        abandoned=ngettext("{n} abandoned run", "{n} abandoned runs", purged.abandoned).format(n=purged.abandoned),
        snapshots=ngettext("{n} snapshot", "{n} snapshots", purged.snapshots).format(n=purged.snapshots),
    )
    if purged.reports:
        reports = (
            ngettext("{count} report would be deleted.", "{count} reports would be deleted.", len(purged.reports))
            if dry_run
            else ngettext("{count} report deleted.", "{count} reports deleted.", len(purged.reports))
        )
        yield reports.format(count=len(purged.reports))
    if purged.run_ids:
        yield (
            _("With them would go the proof of who was put on a list or taken off it, when, by which file and why.")
            if dry_run
            else _("With them went the proof of who was put on a list or taken off it, when, by which file and why.")
        )
    if purged.left and abandoned:
        yield ngettext(
            "{left} unfinished run of that age is left, since a run is working on its lists.",
            "{left} unfinished runs of that age are left, since a run is working on their lists.",
            purged.left,
        ).format(left=purged.left)
    elif purged.left:
        yield ngettext(
            "{left} unfinished run of that age is left, since it can be resumed; --abandoned deletes it, too.",
            "{left} unfinished runs of that age are left, since they can be resumed; --abandoned deletes them, too.",
            purged.left,
        ).format(left=purged.left)
    if purged.kept:
        yield ngettext(
            "{kept} ended run of that age is left, since it changed lists of unfinished runs after these began.",
            "{kept} ended runs of that age are left, since they changed lists of unfinished runs after these began.",
            purged.kept,
        ).format(kept=purged.kept)


@command(
    "erase",
    help=_(
        "Take numbers out of the state folder: of every run and snapshot in the journal. The lists are not touched: a "
        "STOP on a list stays."
    ),
    epilog=examples('ptx-bulk erase +33612345678 --dry-run\nptx-bulk erase "06 12 34 56 78" --yes'),
)
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")
@option("--region", metavar="CODE", help=_("Country of numbers written without a country code (default FR)."))
@option("-y", "--yes", is_flag=True, help=_("Don't ask."))
@option("-n", "--dry-run", is_flag=True, help=_("Only say what would be erased."))
@global_options
def erase_command(numbers: tuple[str, ...], region: str | None, yes: bool, dry_run: bool) -> int:
    _note("erase")
    from ptx_bulk import pipeline

    console = Console.current()
    erased = pipeline.erase(numbers_given(numbers), settings(), console, region=region, yes=yes, dry_run=dry_run)
    told = {"command": "erase", "exit_code": 0, "dry_run": dry_run, **dataclasses.asdict(erased)}
    if not console.show_json(told):
        for sentence in _erased(erased, dry_run=dry_run):
            console.notice(sentence)
    return 0


def _erased(erased: Erased, *, dry_run: bool) -> Iterator[str]:
    done = (
        _("{lines}, {changes}, {snapshots} and {others} of {runs} would be erased.")
        if dry_run
        else _("{lines}, {changes}, {snapshots} and {others} of {runs} are erased.")
    )
    others, runs = erased.texts + erased.readings, len(erased.runs)
    yield done.format(
        lines=ngettext("{n} line", "{n} lines", erased.lines).format(n=erased.lines),
        changes=ngettext("{n} change", "{n} changes", erased.changes).format(n=erased.changes),
        snapshots=ngettext("{n} snapshot", "{n} snapshots", erased.snapshots).format(n=erased.snapshots),
        others=ngettext("{n} other place", "{n} other places", others).format(n=others),
        runs=ngettext("{n} run", "{n} runs", runs).format(n=runs),
    )
    for lost in erased.not_undoable:
        if lost.additions:
            yield ngettext(
                "Undoing run {run_id} can no longer take back {count} addition.",
                "Undoing run {run_id} can no longer take back {count} additions.",
                lost.additions,
            ).format(run_id=lost.run_id, count=lost.additions)
        if lost.removals:
            yield ngettext(
                "Undoing run {run_id} can no longer put back {count} number that it removed.",
                "Undoing run {run_id} can no longer put back {count} numbers that it removed.",
                lost.removals,
            ).format(run_id=lost.run_id, count=lost.removals)
    if erased.runs:
        yield _("The proof of who was put on a list or taken off it, when and by which file, goes with the number.")
    yield _(
        "The lists are not touched: what is on a list stays there, and the next command that reads the list notes it "
        "in the state folder again."
    )
    yield _(
        "Reports, rejects, exports, saved plans, log files, backups and the lists of --sandbox may hold the number, "
        "too: delete those yourself."
    )


COMMANDS = (purge_command, erase_command)
