"""`resume` goes on with a run: plan minus done; `undo` takes back what a run applied. Both on the road of every run."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk import workbooks
from ptx_bulk.applying import holds
from ptx_bulk.errors import InputError, JournalError, SafetyRefusal
from ptx_bulk.i18n import _
from ptx_bulk.journal import Journal, Lock, RunRecord, RunState, new_run_id
from ptx_bulk.model import Action, Code, ListKind, Outcome, Status
from ptx_bulk.pipeline.account import Account, opened
from ptx_bulk.pipeline.execution import execute
from ptx_bulk.pipeline.finishing import Ending
from ptx_bulk.pipeline.intake import Intake
from ptx_bulk.pipeline.requests import Interface, Quiet, Reporting, Result, Sending
from ptx_bulk.pipeline.sources import source_from
from ptx_bulk.pipeline.writing import Prepared, carry_out, check_report_paths, conclude, dry
from ptx_bulk.plan import invert, same_entries
from ptx_bulk.settings import Settings
from ptx_bulk.snapshot import Snapshot

_DONE = {Status.APPLIED.value, Status.UNCHANGED.value}
# After these a call may have been processed although its last word was no: the list decides.
_DOUBTFUL = {
    Code.SERVER_ERROR.value,
    Code.NETWORK.value,
    Code.OUTCOME_UNKNOWN.value,
    Code.VERIFY_MISMATCH.value,
}


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
        JournalError: there is no such run, or none to resume.
        SafetyRefusal: it belongs to another account, was refused, or is still at work.
    """
    interface = interface or Quiet()
    with opened(settings) as account:
        run = account.journal.run(run_id) if run_id else _latest_open(account)
        _check_mine(run, account)
        if run.state is RunState.REFUSED:
            raise JournalError(
                _("Run {run_id} was refused and sent nothing; give its command again.").format(run_id=run.run_id)
            )
        check_report_paths(reporting)
        with (
            Lock(settings.home, account.name, run.lists, run.run_id),
            _reread(run, account.journal) as intake,
        ):
            started = time.time()
            with interface.stage(_("Reading the remote lists")):
                snapshots = account.read_lists(
                    run.run_id,
                    "resume",
                    timeout=sending.timeout,
                    policy=sending.policy,
                    trust_smaller=sending.trust_smaller_list,
                )
            changes = account.journal.changes(run.run_id)
            pending = changes[_settle_by_list(run, account, changes, snapshots)]
            account.journal.set_state(run.run_id, RunState.RUNNING)
            execution = execute(account, run.run_id, pending, sending, interface, whole=changes)
            return conclude(account, _ending(run, account, intake, started), execution, reporting, intake)


def undo(
    run_id: str,
    sending: Sending,
    reporting: Reporting,
    settings: Settings,
    interface: Interface | None = None,
) -> Result:
    """Take back what a run applied, where the lists still are as it left them; this is a run itself.

    Raises:
        JournalError: there is no such run.
        SafetyRefusal: it belongs to another account.
    """
    interface = interface or Quiet()
    sending = replace(sending, safeguards=replace(sending.safeguards, undo_of_import=True))
    with opened(settings) as account:
        run = account.journal.run(run_id)
        _check_mine(run, account)
        own_id = new_run_id()
        held = contextlib.nullcontext() if sending.dry_run else Lock(settings.home, account.name, run.lists, own_id)
        with held:
            started = time.time()
            with interface.stage(_("Reading the remote lists")):
                snapshots = account.read_lists(
                    own_id,
                    "before",
                    timeout=sending.timeout,
                    policy=sending.policy,
                    trust_smaller=sending.trust_smaller_list,
                )
            journal = account.journal
            plan = invert(
                journal.lines(run.run_id),
                journal.changes(run.run_id),
                journal.outcomes(run.run_id),
                snapshots,
            )
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
        if run.account == account.name and run.state in (RunState.RUNNING, RunState.STOPPED):
            return run
    raise JournalError(_("There is no interrupted run of this account to resume."))


def _check_mine(run: RunRecord, account: Account) -> None:
    if run.account != account.name:
        raise SafetyRefusal(
            _(
                "Run {run_id} belongs to another account or address ({url}); nothing was sent. Use that account's key."
            ).format(run_id=run.run_id, url=run.base_url)
        )


def _settle_by_list(
    run: RunRecord, account: Account, changes: pd.DataFrame, snapshots: dict[ListKind, Snapshot]
) -> npt.NDArray[np.bool_]:
    """Journal what the lists tell of changes without a final outcome; true for those that are still to be sent."""
    outcomes = account.journal.outcomes(run.run_id).set_index("seq")
    seq = changes["seq"].to_numpy()
    status = outcomes["status"].reindex(seq).fillna("").to_numpy(dtype=object)
    code = outcomes["code"].reindex(seq).fillna("").to_numpy(dtype=object)
    done = np.isin(status, list(_DONE)) | (code == Code.REJECTED_BY_API.value)
    intended = np.isin(seq, account.journal.intents(run.run_id))
    doubtful = ~done & ((intended & (status == "")) | np.isin(code, list(_DOUBTFUL)))
    held = holds(changes, snapshots)
    newer = ~done & ~held & _replaced(run, account, changes, snapshots)
    found: list[Outcome] = []
    for mask, outcome, reason in (
        (doubtful & held, Status.APPLIED, Code.APPLIED_AFTER_CHECK),
        (~done & ~doubtful & held, Status.UNCHANGED, None),
        (newer, Status.NOT_ATTEMPTED, Code.PLAN_STALE),
    ):
        for at in np.flatnonzero(mask).tolist():
            held_by = Code.ALREADY_LISTED if changes["action"].iat[at] == Action.ADD.value else Code.NOT_LISTED
            attempts = int(outcomes["attempts"].get(int(seq[at]), 0)) or int(intended[at])
            found.append(Outcome(int(seq[at]), outcome, reason or held_by, attempts, finished_at=time.time()))
    account.journal.resettle(run.run_id, found)
    return np.asarray(~done & ~held & ~newer)


def _replaced(
    run: RunRecord, account: Account, changes: pd.DataFrame, snapshots: dict[ListKind, Snapshot]
) -> npt.NDArray[np.bool_]:
    """Removals whose entry is another one than when the plan was made: somebody's newer STOP, which must stay."""
    replaced = np.zeros(len(changes), dtype=bool)
    removing = (changes["action"] == Action.REMOVE.value).to_numpy()
    number = changes["number"].to_numpy()
    for record in account.journal.snapshots(account.name):
        if record.run_id != run.run_id or record.moment != "before" or record.kind not in run.lists:
            continue
        mine = removing & (changes["list"] == record.kind.value).to_numpy()
        then = account.journal.load_snapshot(record).ids_of(number[mine])
        ids = np.array([then.get(value, "") for value in number[mine].tolist()], dtype=object)
        replaced[mine] = ~same_entries(number[mine], ids, snapshots[record.kind])
    return replaced


@contextlib.contextmanager
def _reread(run: RunRecord, journal: Journal) -> Iterator[Intake | None]:
    """The run's input once more, for the rejects file; None where a file is gone or changed."""
    inputs = journal.inputs(run.run_id)
    source = source_from(run.options)
    if source is None or "-" in source.files or run.command == "undo":
        yield None
        return
    try:
        reading = workbooks.read(source.files, source.reading)
    except InputError:
        yield None
        return
    with reading:
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
    if intake is None and inputs:
        notices = (_("The input changed or is gone since the run began, so no rejects file is written."),)
    return Ending(
        run_id=run.run_id,
        command=run.command,
        lists=run.lists,
        lines=account.journal.lines(run.run_id),
        started=started,
        files=tuple(file.path for file in inputs),
        rows=sum(file.rows for file in inputs),
        blank=sum(file.blank for file in inputs),
        before=sum(before) if before else None,
        notices=notices,
        reason=run.reason,
        account=account.name,
    )
