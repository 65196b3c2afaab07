"""What is kept no longer: old ended runs with their snapshots, saved readings and reports."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from ptx_bulk import reports
from ptx_bulk.errors import JournalError, RunInProgress
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.journal import Journal, Lock, Purged
from ptx_bulk.model import ListKind
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.steps.from_files import rejects_readings
from ptx_bulk.settings import Settings

SEALS = "reports_sha256"  # in a run's stored summary: its reports as they were written


def sealed(summary: dict[str, Any]) -> dict[str, Any]:
    """A run's summary as it is stored: with what its reports are known by later."""
    return {**summary, SEALS: reports.digests(summary["reports"])}


def reports_of(journal: Journal, run_ids: Iterable[str], *, dry_run: bool) -> tuple[str, ...]:
    """Delete the reports of these runs that still are as they were written; their paths."""
    wanted = set(run_ids)
    deleted: list[str] = []
    for run in journal.runs():
        written = run.summary.get(SEALS)
        if run.run_id in wanted and isinstance(written, dict):
            deleted += reports.delete_unchanged({str(p): str(d) for p, d in written.items()}, dry_run=dry_run)
    return tuple(deleted)


def keep_no_longer(settings: Settings, journal: Journal, account: str, interface: Interface) -> None:
    """Forget what of the account is older than its profile keeps; where a run is at work, another time.

    Reports go first: what the journal no longer knows, nobody could find again.
    """
    keep = settings.defaults.keep
    if keep is None:
        return
    before = time.time() - keep
    try:
        with Lock(settings.home, account, tuple(ListKind), "keep"):
            old = journal.purge(before, account=account, dry_run=True)
            if not (old.runs or old.snapshots):
                return
            deleted = reports_of(journal, old.run_ids, dry_run=False)
            purged = journal.purge(before, account=account, vacuum=False)
            rejects_readings.forget_runs(purged.run_ids)
    except RunInProgress:
        return
    except JournalError as error:
        interface.notice(_("What is older than the profile keeps was not deleted: {error}").format(error=error))
        return
    _tell(purged, deleted, interface, settings.profile or "")


def _tell(purged: Purged, deleted: tuple[str, ...], interface: Interface, profile: str) -> None:
    interface.notice(
        _("Deleted, as older than `keep` of profile `{profile}` says: {runs}, {snapshots} and {reports}.").format(
            profile=profile,
            runs=ngettext("{n} run", "{n} runs", purged.runs).format(n=purged.runs),
            snapshots=ngettext("{n} snapshot", "{n} snapshots", purged.snapshots).format(n=purged.snapshots),
            reports=ngettext("{n} report", "{n} reports", len(deleted)).format(n=len(deleted)),
        )
    )
