"""What the journal tells of runs, and forgetting it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import pandas as pd

from ptx_bulk.errors import JournalError, RunInProgress
from ptx_bulk.i18n import _
from ptx_bulk.journal import InputRecord, Journal, Lock, Purged, RunRecord, RunState, at_work
from ptx_bulk.model import Status
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Reporting, asked
from ptx_bulk.pipeline.result import Result, counts_html
from ptx_bulk.pipeline.steps.account import opened
from ptx_bulk.pipeline.steps.finishing import check_report_paths
from ptx_bulk.pipeline.steps.from_files import rejects_readings
from ptx_bulk.pipeline.steps.recalling import reported
from ptx_bulk.pipeline.steps.retention import reports_of
from ptx_bulk.settings import Settings

_Part = TypeVar("_Part")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One run: its record and inputs, planned changes by action, outcomes by status.

    A run that was killed has the state `stopped`, as every other that can be resumed. One that is damaged has the state
    `damaged`; its record's `fault` says how, and what cannot be read is empty. `result` is what its reports, where they
    were asked for, are made of.
    """

    record: RunRecord
    inputs: list[InputRecord]
    planned: dict[str, int]
    done: dict[str, int]
    result: Result | None = None

    def _repr_html_(self) -> str:
        sentence = _("Run {run_id} ({command}): {state}.").format(
            run_id=self.record.run_id, command=self.record.command, state=self.record.state.value
        )
        return counts_html(sentence, {**self.planned, **self.done})

    @property
    def resumable(self) -> bool:
        """Whether something is left to send or to settle."""
        return self.record.state is RunState.STOPPED

    @property
    def undoable(self) -> bool:
        """Whether it changed anything."""
        return bool(self.done.get(Status.APPLIED.value))


def runs(settings: Settings, *, all_accounts: bool = False) -> list[RunRecord]:
    """The runs of the account, or of every account of the state folder, the latest first.

    Runs that are damaged are among them, whatever account they name.

    Raises:
        ConfigurationError: there is no key to know the account by, and not all accounts are asked for.
    """
    if all_accounts:
        return _all(settings)
    with opened(settings) as account:
        found = account.journal.checked_runs()
        return [_as_it_is(run, settings) for run in found if run.fault or run.account == account.name]


def show(
    run_id: str, settings: Settings, *, reporting: Reporting | None = None, interface: Interface | None = None
) -> Shown:
    """One run of any account of the state folder; needs no key.

    Args:
        run_id: the run's name, or 8 characters or more of its beginning.
        settings: which state folder.
        reporting: reports to write anew, as the journal has the run now; nothing is overwritten.
        interface: told what limits them.

    Raises:
        NoSuchRun: there is no such run.
        DamagedRun: its lines cannot be read, and so no report can be written.
        ReportError: a report cannot be written.
    """
    interface = asked(settings, interface, reporting=reporting)
    if reporting is not None:
        check_report_paths(reporting)
    with Journal(settings.home) as journal:
        record = journal.peek(run_id)
        now = _as_it_is(record, settings)
        result = reported(now, journal, reporting) if reporting is not None and reporting.paths else None
        for notice in result.notices if result else ():
            interface.notice(notice)
        return Shown(
            record=now,
            result=result,
            inputs=_readable(record, lambda: journal.inputs(record.run_id), []),
            planned=_readable(record, lambda: _counts(journal.changes(record.run_id)["action"]), {}),
            done=_readable(record, lambda: _counts(journal.outcomes(record.run_id)["status"]), {}),
        )


def purge(
    before: float, settings: Settings, *, abandoned: bool = False, with_reports: bool = False, dry_run: bool = False
) -> Purged:
    """Forget what ended before that Unix time, for every account; never what is at work.

    Damaged runs that began before it are forgotten, too: nothing can be done with them any more.

    Args:
        before: Unix time in seconds.
        settings: which state folder.
        abandoned: forget runs, too, that were stopped or killed before that time and never resumed.
        with_reports: delete the runs' reports and rejects, too, where they still are as they were written.
        dry_run: only tell what would go.
    """
    with Journal(settings.home) as journal:
        damaged = journal.purge_damaged(before, dry_run=dry_run)
        sound = [run for run in journal.checked_runs() if not run.fault]
        old = [run for run in sound if _unfinished(run) and journal.last_activity(run) < before]
        # Held until all is deleted, so that nobody resumes one of these runs meanwhile.
        with contextlib.ExitStack() as held:
            free = _hold(old, settings, held) if abandoned else []
            names = [run.run_id for run in free]
            doomed = journal.purge(before, abandoned=names, dry_run=True).run_ids if with_reports else ()
            deleted = reports_of(journal, doomed, dry_run=dry_run)
            purged = journal.purge(before, abandoned=names, dry_run=dry_run)
        if not dry_run:
            rejects_readings.forget(before)
        return replace(purged, runs=purged.runs + damaged, left=len(old) - len(free), reports=deleted)


def _unfinished(run: RunRecord) -> bool:
    return run.state in (RunState.RUNNING, RunState.STOPPED)


def _hold(runs: list[RunRecord], settings: Settings, held: contextlib.ExitStack) -> list[RunRecord]:
    """Lock the lists of these runs; returns those whose lists no run is working on."""
    free = set()
    for account, kind in sorted({(run.account, kind) for run in runs for kind in run.lists}):
        with contextlib.suppress(RunInProgress):
            held.enter_context(Lock(settings.home, account, [kind], "purge"))
            free.add((account, kind))
    return [run for run in runs if all((run.account, kind) in free for kind in run.lists)]


def _all(settings: Settings) -> list[RunRecord]:
    with Journal(settings.home) as journal:
        return [_as_it_is(run, settings) for run in journal.checked_runs()]


def _readable(record: RunRecord, read: Callable[[], _Part], instead: _Part) -> _Part:
    """A part of a run; what stands in for it where the run is damaged and the part cannot be read."""
    try:
        return read()
    except JournalError:
        if not record.fault:
            raise
        return instead


def _as_it_is(run: RunRecord, settings: Settings) -> RunRecord:
    """The record; one that says `running` although no process works on it was killed, and can be resumed."""
    if run.fault:
        return replace(run, state=RunState.DAMAGED)
    if run.state is not RunState.RUNNING or at_work(settings.home, run.account, run.lists[0]) == run.run_id:
        return run
    return replace(run, state=RunState.STOPPED)


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(value): int(n) for value, n in values.astype("str").value_counts().items()}
