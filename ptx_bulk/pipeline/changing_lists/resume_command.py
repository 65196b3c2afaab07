"""`resume`: goes on with a run, plan minus done, on the road of every run."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pandas as pd

from ptx_bulk.applying import Stop
from ptx_bulk.arguments import text_or_none
from ptx_bulk.errors import NotConfirmed, NothingToResume, NotResumable
from ptx_bulk.i18n import _
from ptx_bulk.journal import Lock, RunRecord, RunState, damaged_run
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Reporting, Sending, asked
from ptx_bulk.pipeline.result import Result
from ptx_bulk.pipeline.steps.account import Account, check_mine, opened, undone_by
from ptx_bulk.pipeline.steps.carrying_out import conclude, untouched
from ptx_bulk.pipeline.steps.finishing import check_report_paths
from ptx_bulk.pipeline.steps.from_files.intake import Intake
from ptx_bulk.pipeline.steps.recalling import recalled, reread
from ptx_bulk.pipeline.steps.sending.execution import execute
from ptx_bulk.pipeline.steps.sending.interrupts import held as signals_held
from ptx_bulk.pipeline.steps.sending.pacing import forecast
from ptx_bulk.pipeline.steps.sending.settling import closed, not_erased, settled
from ptx_bulk.settings import Settings

_OLD_S = 7 * 86_400  # after so long without a sign of life nobody may remember what a run was for


def resume(
    run_id: str | None,
    sending: Sending,
    reporting: Reporting,
    settings: Settings,
    interface: Interface | None = None,
) -> Result:
    """Go on with an interrupted run, by default the latest; its report covers the whole run.

    A finished run is not sent again: its changes are verified where they are not yet, and its report is written anew.
    A run that is old, or whose lists a later run has changed, is asked about; where nobody can be asked, it must be
    named and confirmed with `sending.yes`. What a later run of ours did with a number is never undone.

    Args:
        run_id: the run's name, or 8 characters or more of its beginning; None for the latest interrupted run.
        sending: how to send; what is not given is as the run was given it.
        reporting: where reports go.
        settings: which account.
        interface: told of the work, and asked.

    Raises:
        NoSuchRun: there is no such run.
        NotResumable: it was refused or taken back.
        NothingToResume: none was interrupted.
        NotConfirmed: it is old or superseded, and nobody said yes.
        SafetyRefusal: it belongs to another account, was refused, or is still at work.
    """
    interface = asked(settings, interface, sending=sending, reporting=reporting)
    text_or_none("run_id", run_id, blank=True)
    check_report_paths(reporting)
    with opened(settings, interface, keeping=True) as account:
        run = _resumable(run_id, account)
        _confirm_old(run, account, interface, confirmed=sending.yes and run_id is not None)
        sending = _as_before(run, sending, settings)
        with Lock(settings.home, account.name, run.lists, run.run_id), reread(run, account.journal) as intake:
            return _go_on(run, account, intake, sending, reporting, interface)


def _go_on(
    run: RunRecord,
    account: Account,
    intake: Intake | None,
    sending: Sending,
    reporting: Reporting,
    interface: Interface,
) -> Result:
    """Settle what the run left open, send what is still to be sent, and report on the whole run."""
    started, journal, run_id = time.time(), account.journal, run.run_id
    with interface.stage(_("Reading the remote lists")):
        snapshots = account.read_lists(run_id, "resume", sending)
    changes = not_erased(journal.changes(run_id))
    found = settled(run, journal, changes, snapshots)
    sizes = untouched(found.pending, snapshots)
    snapshots.clear()  # the lists are read anew after the sending: two readings at once are twice the memory
    stop = Stop()
    # From here on the journal's word of the run changes, and its report is owed anew.
    with signals_held(stop):
        journal.resettle(run_id, [*found.made, *found.others])
        journal.set_verified(run_id, found.proven)
        journal.reopen(run_id, found.pending["seq"].to_numpy().astype("int64"), found.unsent)
        journal.set_state(run_id, RunState.RUNNING)
        ending = recalled(run, account.journal, intake, started)
        for notice in (*ending.notices, *_forecast_notices(account, found.pending, sending)):
            interface.notice(notice)
        execution = execute(
            account, run_id, found.pending, sending, interface, stop=stop, whole=changes, earlier=found.earlier
        )
        return conclude(account, ending, execution, reporting, intake, sizes)


def _resumable(run_id: str | None, account: Account) -> RunRecord:
    """The run of that name, or the latest that was interrupted, if it can go on.

    Raises:
        NoSuchRun, NotResumable, NothingToResume, SafetyRefusal: it cannot.
    """
    run = _latest_open(account) if run_id is None else account.journal.run(run_id)
    check_mine(run, account)
    if undone := undone_by(run, account):
        raise NotResumable(
            _("Run {run_id} was taken back by run {undo}; give its command again.").format(
                run_id=run.run_id, undo=undone
            )
        )
    if run.state is RunState.REFUSED:
        raise NotResumable(
            _("Run {run_id} was refused and sent nothing; give its command again.").format(run_id=run.run_id)
        )
    return run


def _as_before(run: RunRecord, sending: Sending, settings: Settings) -> Sending:
    """The run's own pace where none is given now, since a limit is meant for the whole run; then the profile's."""
    pace: dict[str, Any] = {}
    for name in ("concurrency", "max_rate", "timeout"):
        choices = (getattr(sending, name), run.options.get("sending", {}).get(name), getattr(settings.defaults, name))
        pace[name] = next((value for value in choices if value is not None), None)
    return replace(sending, **pace)


def _confirm_old(run: RunRecord, account: Account, interface: Interface, *, confirmed: bool) -> None:
    """Ask before a run is revived that somebody may have given up: an old one, or one that others came after."""
    why = _why_doubtful(run, account)
    if not why or confirmed:
        return
    if interface.interactive:
        if interface.confirm(_("{why} Go on with it all the same?").format(why=why)):
            return
        raise NotConfirmed(_("Run {run_id} was not resumed; nothing was sent.").format(run_id=run.run_id))
    raise NotConfirmed(
        _(
            "{why} Nothing was sent. If it is still to be finished, run `ptx-bulk resume {run_id} --yes`; "
            "if not, give its command again."
        ).format(why=why, run_id=run.run_id)
    )


def _why_doubtful(run: RunRecord, account: Account) -> str:
    """Why something that is left of a run may not be wanted any more, '' when it surely is or nothing is left."""
    journal = account.journal
    outcomes = journal.outcomes(run.run_id)
    done = closed(outcomes["status"].to_numpy(dtype=object), outcomes["code"].to_numpy(dtype=object)).sum()
    if done == journal.planned(run.run_id):
        return ""
    last = journal.last_activity(run)
    later = journal.changed_since(run, last)
    if len(later):
        return _("Run {run_id} was stopped, and run {later} has changed its lists since.").format(
            run_id=run.run_id, later=later["run_id"].iloc[0]
        )
    if time.time() - last > _OLD_S:
        return _("Run {run_id} was stopped more than {days} days ago, on {date}.").format(
            run_id=run.run_id, days=_OLD_S // 86_400, date=time.strftime("%Y-%m-%d", time.localtime(last))
        )
    return ""


def _forecast_notices(account: Account, pending: pd.DataFrame, sending: Sending) -> tuple[str, ...]:
    expected = forecast(account, pending, sending)
    return (expected.sentence,) if expected.long else ()


def _latest_open(account: Account) -> RunRecord:
    runs = account.journal.checked_runs()
    for run in runs:
        interrupted = run.state in (RunState.RUNNING, RunState.STOPPED)
        if run.account == account.name and interrupted and not run.fault and not undone_by(run, account):
            return run
    for run in runs:
        if run.fault and run.state not in (RunState.FINISHED, RunState.REFUSED):
            raise damaged_run(run.run_id, run.fault)  # perhaps it was to be gone on with
    raise NothingToResume(_("There is no interrupted run of this account to resume."))
