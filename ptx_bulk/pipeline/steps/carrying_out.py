"""A prepared plan to its end: checked, confirmed, journalled, sent, settled, reported."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ptx_bulk import numbers
from ptx_bulk._version import __version__
from ptx_bulk.applying import Stop
from ptx_bulk.errors import (
    JournalError,
    NotConfirmed,
    PtxError,
    ReportError,
    SafetyRefusal,
    StopRemovalRefused,
)
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.journal import InputRecord, Journal, RunRecord, RunState
from ptx_bulk.model import Action, Code, ListKind
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Reporting, Sending
from ptx_bulk.pipeline.result import Result
from ptx_bulk.pipeline.steps.account import Account
from ptx_bulk.pipeline.steps.finishing import Ending, check_report_paths, finish
from ptx_bulk.pipeline.steps.from_files.intake import Intake
from ptx_bulk.pipeline.steps.preparing import Prepared, dry
from ptx_bulk.pipeline.steps.retention import sealed
from ptx_bulk.pipeline.steps.sending.execution import Execution, execute
from ptx_bulk.pipeline.steps.sending.interrupts import held as signals_held
from ptx_bulk.pipeline.steps.sending.pacing import forecast
from ptx_bulk.pipeline.steps.sending.salvage import Notes, salvaged
from ptx_bulk.plan import check_safety, named_removals
from ptx_bulk.settings import actor_and_host
from ptx_bulk.snapshot import Snapshot
from ptx_bulk.system.memory import give_back

# What a later attempt may still mend.
_MENDABLE = (
    Code.RATE_LIMITED,
    Code.SERVER_ERROR,
    Code.NETWORK,
    Code.OUTCOME_UNKNOWN,
    Code.VERIFY_MISMATCH,
)


def carry_out(
    prepared: Prepared,
    sending: Sending,
    reporting: Reporting,
    interface: Interface,
    options: dict[str, object],
) -> Result:
    """Check, confirm, journal, send, settle, verify, report; a dry run ends with the report of what would be sent."""
    if sending.dry_run:
        return dry(prepared, sending, reporting, interface)
    check_report_paths(reporting)
    run = _record(prepared, sending, options)
    ending = replace(prepared.ending(), reason=run.reason, actor=run.who, comment=run.comment)
    if sending.yes or not interface.interactive:  # else the question names them
        named = named_removals(prepared.plan.removals)
        for line in named:
            interface.notice(line)
        ending = replace(ending, notices=(*ending.notices, *named))
    try:
        _check(prepared, sending, interface)
    except SafetyRefusal as refusal:
        code = _refusal_code(refusal)
        ended = replace(run, state=RunState.REFUSED, exit_code=refusal.exit_code, finished_at=time.time())
        prepared.account.journal.begin(ended, _inputs(prepared.intake), prepared.plan.lines, prepared.plan.changes)
        result = finish(replace(ending, error=refusal, unsent=code), reporting, prepared.intake)
        prepared.account.journal.set_summary(run.run_id, result.summary.as_json())
        return result
    stop = Stop()
    sizes = untouched(prepared.plan.changes, prepared.snapshots)
    prepared.snapshots.clear()  # the lists are read anew after the sending: two readings at once are twice the memory
    give_back()
    # Once the run is in the journal, an interrupt is for the run to obey: it owes a report of what was done.
    with signals_held(stop):
        prepared.account.journal.begin(run, _inputs(prepared.intake), prepared.plan.lines, prepared.plan.changes)
        give_back()
        execution = execute(prepared.account, run.run_id, prepared.plan.changes, sending, interface, stop=stop)
        return conclude(prepared.account, ending, execution, reporting, prepared.intake, sizes)


def untouched(changes: pd.DataFrame, snapshots: Mapping[ListKind, Snapshot]) -> dict[ListKind, int]:
    """The sizes of the lists that none of the changes is for: they are still as they were read."""
    touched = set(changes["list"].unique())
    return {kind: len(snapshot) for kind, snapshot in snapshots.items() if kind.value not in touched}


def conclude(
    account: Account,
    ending: Ending,
    execution: Execution,
    reporting: Reporting,
    intake: Intake | None,
    sizes: Mapping[ListKind, int],
) -> Result:
    """Note how the run ended, write its reports, keep its summary; `sizes` are of lists that nothing was sent to."""
    known = {**sizes, **execution.sizes}
    after = sum(known[kind] for kind in ending.lists) if known.keys() >= set(ending.lists) else None
    journal, run_id, notes = account.journal, ending.run_id, Notes()
    give_back()

    def error() -> PtxError | None:
        return execution.error if execution.broken else notes.failure or execution.error

    with _report_owed(run_id, execution):
        outcomes = _outcomes(ending, execution, journal, notes)
        # Until its report is written, a run can be resumed, whatever else is done.
        notes.write(lambda: journal.set_state(run_id, RunState.STOPPED, finished_at=time.time()))
        ending = replace(ending, outcomes=outcomes, unsent=execution.unsent, after=after, error=error())
        result = finish(ending, reporting, intake, error)
        notes.write(lambda: journal.set_summary(run_id, sealed(result.summary.as_json())))
    state = RunState.STOPPED if _something_left(execution, ending) else RunState.FINISHED
    notes.write(lambda: journal.set_state(run_id, state, exit_code=result.exit_code, finished_at=time.time()))
    if notes.failure and not isinstance(result.error, JournalError):
        code = notes.failure.exit_code
        result = replace(result, error=notes.failure, summary=replace(result.summary, exit_code=code))
    return result


def _outcomes(ending: Ending, execution: Execution, journal: Journal, notes: Notes) -> pd.DataFrame:
    """What became of the changes, as far as it is known."""
    if not execution.broken:
        try:
            return journal.outcomes(ending.run_id)
        except JournalError as error:
            notes.failure = error
    seqs = ending.lines["seq"].to_numpy().astype("int64")
    return salvaged(journal, ending.run_id, seqs[seqs >= 0], execution.unsaved)


def _something_left(execution: Execution, ending: Ending) -> bool:
    """Whether `resume` could do more: the run was stopped, or changes failed for a reason that may pass."""
    mendable = ending.outcomes is not None and ending.outcomes["code"].isin([code.value for code in _MENDABLE]).any()
    return execution.error is not None or bool(mendable)


@contextlib.contextmanager
def _report_owed(run_id: str, execution: Execution) -> Iterator[None]:
    """Whatever keeps the report from being written, the changes were made: say so."""
    done = _("Everything that was sent is recorded: run ptx-bulk resume {run_id} to get the report.")
    try:
        yield
    except ReportError as error:
        if execution.broken:
            raise ReportError(f"{execution.error} {error}") from error
        raise ReportError(f"{error} {done.format(run_id=run_id)}") from error


def _check(prepared: Prepared, sending: Sending, interface: Interface) -> None:
    plan = prepared.plan
    check_safety(plan, sending.safeguards, confirmed=sending.yes or interface.interactive)
    if interface.interactive and not sending.yes and len(plan.changes):
        if not interface.ask(plan, forecast(prepared.account, plan.changes, sending).sentence):
            raise NotConfirmed(_("The plan was not confirmed; nothing was sent."))
        return
    if not sending.yes and (removals := plan.count(Action.REMOVE)):
        raise NotConfirmed(
            ngettext(
                "The plan removes {removals} number and nobody is there to confirm it; nothing was sent. Add --yes.",
                "The plan removes {removals} numbers and nobody is there to confirm it; nothing was sent. Add --yes.",
                removals,
            ).format(removals=removals)
        )
    expected = forecast(prepared.account, plan.changes, sending)
    if expected.long:
        interface.notice(expected.sentence)


def _refusal_code(refusal: SafetyRefusal) -> Code:
    if isinstance(refusal, NotConfirmed):
        return Code.NOT_CONFIRMED
    return Code.PROTECTED if isinstance(refusal, StopRemovalRefused) else Code.OVER_LIMIT


def _record(prepared: Prepared, sending: Sending, options: dict[str, object]) -> RunRecord:
    actor, host = actor_and_host(prepared.account.settings)
    return RunRecord(
        run_id=prepared.run_id,
        command=prepared.command,
        mode=prepared.plan.mode.value,
        account=prepared.account.name,
        base_url=prepared.account.base_url,
        lists=prepared.plan.lists,
        options={
            **options,
            "folder": str(Path.cwd()),
            "dialect": list(prepared.dialect),
            **({"profile": profile} if (profile := prepared.account.settings.profile) else {}),
            "sending": {
                "concurrency": sending.concurrency,
                "max_rate": sending.max_rate,
                "timeout": sending.timeout,
            },
        },
        started_at=prepared.started,
        reason=sending.safeguards.reason,
        parent=prepared.parent,
        version=__version__,
        metadata_version=numbers.metadata_version(),
        actor=actor,
        host=host,
        comment=sending.comment,
    )


def _inputs(intake: Intake | None) -> list[InputRecord]:
    files = intake.reading.inputs if intake else ()
    return [
        InputRecord(
            path=file.path,
            sha256=file.sha256,
            size=file.size,
            format=file.format,
            rows=file.rows,
            blank=file.blank,
        )
        for file in files
    ]
