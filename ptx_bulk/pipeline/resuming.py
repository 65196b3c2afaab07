"""`resume` goes on with a run: plan minus done; `undo` takes back what a run applied. Both on the road of every run."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ptx_bulk import workbooks
from ptx_bulk.errors import InputError, NothingToResume, NotResumable, SafetyRefusal
from ptx_bulk.i18n import _
from ptx_bulk.journal import Journal, Lock, RunRecord, RunState, new_run_id
from ptx_bulk.pipeline.account import Account, opened
from ptx_bulk.pipeline.execution import execute
from ptx_bulk.pipeline.finishing import Ending, check_report_paths
from ptx_bulk.pipeline.intake import Intake
from ptx_bulk.pipeline.pacing import forecast
from ptx_bulk.pipeline.requests import Interface, Quiet, Reporting, Result, Sending
from ptx_bulk.pipeline.settling import settled, with_outcomes
from ptx_bulk.pipeline.sources import source_from
from ptx_bulk.pipeline.writing import Prepared, carry_out, conclude, dry
from ptx_bulk.plan import invert
from ptx_bulk.settings import Settings


def resume(
    run_id: str | None,
    sending: Sending,
    reporting: Reporting,
    settings: Settings,
    interface: Interface | None = None,
) -> Result:
    """Go on with an interrupted run, by default the latest; its report covers the whole run.

    A finished run is not sent again: its changes are verified where they are not yet, and its report is written anew.

    Raises:
        NoSuchRun: there is no such run.
        NotResumable: it was refused or taken back.
        NothingToResume: none was interrupted.
        SafetyRefusal: it belongs to another account, was refused, or is still at work.
    """
    interface = interface or Quiet()
    check_report_paths(reporting)
    with opened(settings) as account:
        run = account.journal.run(run_id) if run_id else _latest_open(account)
        _check_mine(run, account)
        if undone := _undone_by(run, account):
            raise NotResumable(
                _("Run {run_id} was taken back by run {undo}; give its command again.").format(
                    run_id=run.run_id, undo=undone
                )
            )
        if run.state is RunState.REFUSED:
            raise NotResumable(
                _("Run {run_id} was refused and sent nothing; give its command again.").format(run_id=run.run_id)
            )
        sending = _as_before(run, sending)
        with (
            Lock(settings.home, account.name, run.lists, run.run_id),
            _reread(run, account.journal) as intake,
        ):
            started = time.time()
            with interface.stage(_("Reading the remote lists")):
                snapshots = account.read_lists(run.run_id, "resume", sending)
            changes = account.journal.changes(run.run_id)
            found = settled(run, account.journal, changes, snapshots)
            account.journal.resettle(run.run_id, [*found.made, *found.others])
            account.journal.reopen(run.run_id, found.pending["seq"].to_numpy().astype("int64"), found.unsent)
            account.journal.set_state(run.run_id, RunState.RUNNING)
            ending = _ending(run, account, intake, started)
            for notice in (*ending.notices, *_told_forecast(account, found.pending, sending)):
                interface.notice(notice)
            execution = execute(
                account, run.run_id, found.pending, sending, interface, whole=changes, earlier=found.earlier
            )
            if not len(found.pending) and not execution.lists:
                execution.lists = {kind: snapshots[kind] for kind in run.lists}
            return conclude(account, ending, execution, reporting, intake)


def _as_before(run: RunRecord, sending: Sending) -> Sending:
    """The run's own pace where none is asked for now: a limit that was given once is meant for the whole run."""
    before = run.options.get("sending", {})
    given = sending.concurrency != Sending().concurrency
    return replace(
        sending,
        concurrency=sending.concurrency if given else before.get("concurrency", sending.concurrency),
        max_rate=sending.max_rate or before.get("max_rate"),
    )


def _told_forecast(account: Account, pending: pd.DataFrame, sending: Sending) -> tuple[str, ...]:
    expected = forecast(account, pending, sending)
    return (expected.sentence,) if expected.long else ()


def undo(
    run_id: str,
    sending: Sending,
    reporting: Reporting,
    settings: Settings,
    interface: Interface | None = None,
) -> Result:
    """Take back what a run applied, where the lists still are as it left them; this is a run itself.

    Raises:
        NoSuchRun: there is no such run.
        SafetyRefusal: it belongs to another account.
    """
    interface = interface or Quiet()
    check_report_paths(reporting)
    sending = replace(sending, safeguards=replace(sending.safeguards, undo_of_import=True))
    with opened(settings) as account:
        run = account.journal.run(run_id)
        _check_mine(run, account)
        own_id = new_run_id()
        held = contextlib.nullcontext() if sending.dry_run else Lock(settings.home, account.name, run.lists, own_id)
        with held:
            started = time.time()
            with interface.stage(_("Reading the remote lists")):
                snapshots = account.read_lists(own_id, "before", sending)
            journal = account.journal
            changes = journal.changes(run.run_id)
            # A run that was cut off may have made changes that it could not note any more: they are its own, too.
            made = settled(run, journal, changes, snapshots).made
            if made and not sending.dry_run:
                journal.resettle(run.run_id, made)
            outcomes = with_outcomes(journal.outcomes(run.run_id), made)
            plan = invert(journal.lines(run.run_id), changes, outcomes, snapshots)
            prepared = Prepared(
                run_id=own_id,
                command="undo",
                account=account,
                plan=plan,
                intake=None,
                snapshots=snapshots,
                started=started,
                notices=(),
                files=tuple(file.path for file in journal.inputs(run.run_id)),
                parent=run.run_id,
            )
            if sending.dry_run:
                return dry(prepared, sending, reporting, interface)
            return carry_out(prepared, sending, reporting, interface, run.options)


def _latest_open(account: Account) -> RunRecord:
    for run in account.journal.runs():
        interrupted = run.state in (RunState.RUNNING, RunState.STOPPED)
        if run.account == account.name and interrupted and not _undone_by(run, account):
            return run
    raise NothingToResume(_("There is no interrupted run of this account to resume."))


def _undone_by(run: RunRecord, account: Account) -> str:
    """The run that took this one back, '' when none did."""
    for other in account.journal.runs():
        if other.parent == run.run_id and other.state is not RunState.REFUSED:
            return other.run_id
    return ""


def _check_mine(run: RunRecord, account: Account) -> None:
    if run.account != account.name:
        raise SafetyRefusal(
            _(
                "Run {run_id} belongs to another account or address ({url}); nothing was sent. Use that account's key."
            ).format(run_id=run.run_id, url=run.base_url)
        )


@contextlib.contextmanager
def _reread(run: RunRecord, journal: Journal) -> Iterator[Intake | None]:
    """The run's input once more, for the rejects file; None where a file is gone or changed."""
    inputs = journal.inputs(run.run_id)
    source = source_from(run.options)
    if source is None or "-" in source.files or run.command == "undo":
        yield None
        return
    # The run may have been started in another folder; its lines name the files as they were given there.
    given = {str(Path(run.options.get("folder", ""), file)): file for file in source.files}
    try:
        reading = workbooks.read(tuple(given), source.reading)
    except InputError:
        yield None
        return
    with reading:
        reading.tables = tuple(replace(table, file=given.get(table.file, table.file)) for table in reading.tables)
        same = [file.sha256 for file in reading.inputs] == [file.sha256 for file in inputs]
        lines = journal.lines(run.run_id)
        yield Intake(lines=lines, reading=reading, lists=run.lists, notices=()) if same else None


def _ending(run: RunRecord, account: Account, intake: Intake | None, started: float) -> Ending:
    inputs = account.journal.inputs(run.run_id)
    before = [
        record.entries
        for record in account.journal.snapshots(account.name)
        if record.run_id == run.run_id and record.moment == "before" and record.kind in run.lists
    ]
    notices: tuple[str, ...] = ()
    files = inputs or (account.journal.inputs(run.parent) if run.parent else [])
    if intake is None and inputs:
        notices = (_("The input changed or is gone since the run began, so no rejects file is written."),)
    return Ending(
        run_id=run.run_id,
        command=run.command,
        lists=run.lists,
        lines=account.journal.lines(run.run_id),
        started=started,
        files=tuple(file.path for file in files),
        rows=sum(file.rows for file in inputs),
        blank=sum(file.blank for file in inputs),
        before=sum(before) if before else None,
        notices=notices,
        reason=run.reason,
        account=account.name,
    )
