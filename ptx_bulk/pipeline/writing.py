"""`import`, `remove`, `sync`, `diff`: one road from the files to the report; a dry run leaves it before the sending."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ptx_bulk import __version__, numbers
from ptx_bulk.applying import Stop
from ptx_bulk.arguments import one_of
from ptx_bulk.errors import (
    JournalError,
    NotConfirmed,
    PtxError,
    ReportError,
    SafetyRefusal,
    StopRemovalRefused,
)
from ptx_bulk.i18n import _
from ptx_bulk.journal import InputRecord, Journal, Lock, RunRecord, RunState, new_run_id
from ptx_bulk.model import Action, Code, ListKind, Mode
from ptx_bulk.pipeline.account import Account, opened
from ptx_bulk.pipeline.execution import Execution, execute
from ptx_bulk.pipeline.finishing import Ending, check_report_paths, dry_run_notice, finish
from ptx_bulk.pipeline.intake import Intake, spared, spared_notice, taken_in
from ptx_bulk.pipeline.interrupts import held as signals_held
from ptx_bulk.pipeline.pacing import forecast
from ptx_bulk.pipeline.requests import FROM_FILES, Interface, Reporting, Result, Sending, Source, asked
from ptx_bulk.pipeline.salvage import Notes, salvaged
from ptx_bulk.pipeline.sources import Meaning, meaning_of, source_as_json
from ptx_bulk.plan import Plan, check_safety, diff
from ptx_bulk.settings import Settings
from ptx_bulk.snapshot import Snapshot

# What a later attempt may still mend.
_MENDABLE = (
    Code.RATE_LIMITED,
    Code.SERVER_ERROR,
    Code.NETWORK,
    Code.OUTCOME_UNKNOWN,
    Code.VERIFY_MISMATCH,
)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A plan with everything that led to it."""

    run_id: str
    command: str
    account: Account
    plan: Plan
    intake: Intake | None
    snapshots: dict[ListKind, Snapshot]
    started: float
    notices: tuple[str, ...]
    files: tuple[str, ...]
    parent: str = ""

    def ending(self) -> Ending:
        """What a finished command is summed up from, before anything was sent."""
        return Ending(
            run_id=self.run_id,
            command=self.command,
            lists=self.plan.lists,
            lines=self.plan.lines,
            started=self.started,
            files=self.files,
            rows=self.intake.rows if self.intake else 0,
            blank=self.intake.blank if self.intake else 0,
            meaning=meaning_of(self.intake.reading) if self.intake else Meaning(),
            before=sum(self.plan.before.values()),
            notices=self.notices,
            account=self.account.name,
        )


def write(
    mode: Mode,
    source: Source,
    sending: Sending,
    reporting: Reporting,
    settings: Settings,
    interface: Interface | None = None,
    *,
    run_id: str = "",
) -> Result:
    """Carry out `import`, `remove` or `sync`.

    Raises:
        ConfigurationError: an argument is wrong; the text names it.
        PtxError: the command ended before there were lines to report; nothing was sent.
    """
    interface = asked(settings, interface, source=source, sending=sending, reporting=reporting)
    mode = one_of("mode", mode, Mode, FROM_FILES)
    run_id = run_id or new_run_id()
    started = time.time()
    check_report_paths(reporting, source)
    with opened(settings, interface) as account, taken_in(source, interface) as intake:
        held = contextlib.nullcontext() if sending.dry_run else Lock(settings.home, account.name, intake.lists, run_id)
        with held:
            prepared = prepare(mode, mode.value, source, sending, account, intake, interface, run_id, started)
            if sending.dry_run:
                return dry(prepared, sending, reporting, interface)
            return carry_out(prepared, sending, reporting, interface, source_as_json(source, intake.reading))


def prepare(
    mode: Mode,
    command: str,
    source: Source,
    sending: Sending,
    account: Account,
    intake: Intake,
    interface: Interface,
    run_id: str,
    started: float,
) -> Prepared:
    """Read the lists and make the plan."""
    with interface.stage(_("Reading the remote lists")):
        snapshots = account.read_lists(run_id, "before", sending)
    keep = spared(intake.lines, source.reading.region) if mode is Mode.SYNC else None
    plan = diff(intake.lines, snapshots, mode, lists=intake.lists, **({} if keep is None else {"spare": keep}))
    notices = (*intake.notices, *(spared_notice(n, kind) for kind, n in plan.kept.items() if n))
    for notice in notices[len(intake.notices) :]:
        interface.notice(notice)
    return Prepared(
        run_id=run_id,
        command=command,
        account=account,
        plan=plan,
        intake=intake,
        snapshots=snapshots,
        started=started,
        notices=notices,
        files=intake.files,
    )


def dry(
    prepared: Prepared, sending: Sending, reporting: Reporting, interface: Interface, *, exit_code: int | None = None
) -> Result:
    """The report of what would be sent; a refusal that the real run would meet is told, not raised.

    Args:
        prepared: the plan.
        sending: what the real run would be allowed to do.
        reporting: where the reports go.
        interface: told of the refusal.
        exit_code: what the command ends with, where that is decided already.
    """
    notices = list(prepared.notices)
    try:
        check_safety(prepared.plan, sending.safeguards)
    except SafetyRefusal as refusal:
        notices.append(_("The real run would stop here: {refusal}").format(refusal=refusal))
        interface.notice(notices[-1])
    notices.append(dry_run_notice())
    ending = replace(prepared.ending(), notices=tuple(notices), dry_run=True, exit_code=exit_code)
    return finish(ending, reporting, prepared.intake)


def carry_out(
    prepared: Prepared,
    sending: Sending,
    reporting: Reporting,
    interface: Interface,
    options: dict[str, object],
) -> Result:
    """Check, confirm, journal, send, settle, verify, report."""
    check_report_paths(reporting)
    ending = replace(prepared.ending(), reason=sending.safeguards.reason)
    run = _record(prepared, sending, options)
    try:
        _check(prepared, sending, interface)
    except SafetyRefusal as refusal:
        code = _refusal_code(refusal)
        ended = replace(run, state=RunState.REFUSED, exit_code=refusal.exit_code, finished_at=time.time())
        prepared.account.journal.begin(ended, _inputs(prepared.intake), prepared.plan.lines, prepared.plan.changes)
        return finish(replace(ending, error=refusal, unsent=code), reporting, prepared.intake)
    stop = Stop()
    # Once the run is in the journal, an interrupt is for the run to obey: it owes a report of what was done.
    with signals_held(stop):
        prepared.account.journal.begin(run, _inputs(prepared.intake), prepared.plan.lines, prepared.plan.changes)
        execution = execute(prepared.account, run.run_id, prepared.plan.changes, sending, interface, stop=stop)
        sizes = untouched(prepared.plan.changes, prepared.snapshots)
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
    known = {**sizes, **{kind: len(snapshot) for kind, snapshot in execution.lists.items()}}
    after = sum(known[kind] for kind in ending.lists) if known.keys() >= set(ending.lists) else None
    journal, run_id, notes = account.journal, ending.run_id, Notes()

    def error() -> PtxError | None:
        return execution.error if execution.broken else notes.failure or execution.error

    with _report_owed(run_id, execution):
        outcomes = _outcomes(ending, execution, journal, notes)
        # Until its report is written, a run can be resumed, whatever else is done.
        notes.write(lambda: journal.set_state(run_id, RunState.STOPPED, finished_at=time.time()))
        ending = replace(ending, outcomes=outcomes, unsent=execution.unsent, after=after, error=error())
        result = finish(ending, reporting, intake, error)
        notes.write(lambda: journal.set_summary(run_id, result.summary.as_json()))
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
            _(
                "The plan removes {removals} numbers and nobody is there to confirm it; nothing was sent. Add --yes."
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
