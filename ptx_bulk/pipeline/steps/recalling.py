"""A run as its journal has it, for a report that is written later: by `resume`, `show`, `find`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from ptx_bulk import workbooks
from ptx_bulk.errors import InputError
from ptx_bulk.i18n import N_, _
from ptx_bulk.journal import Journal, RunRecord, RunState
from ptx_bulk.model import Code
from ptx_bulk.pipeline.requests import Reporting
from ptx_bulk.pipeline.result import Result
from ptx_bulk.pipeline.steps.finishing import Ending, finish
from ptx_bulk.pipeline.steps.from_files.intake import Intake
from ptx_bulk.pipeline.steps.from_files.sources import meaning_from, source_from
from ptx_bulk.pipeline.steps.sending.salvage import salvaged
from ptx_bulk.reports import dialect_stored

_UNSENT = (
    Code.ACCESS_REFUSED, Code.INTERRUPTED, Code.TIME_LIMIT, Code.OVER_LIMIT, Code.PLAN_STALE, Code.NOT_CONFIRMED,
    Code.PROTECTED, Code.RATE_LIMITED, Code.SERVER_ERROR, Code.NETWORK,
)  # fmt: skip

_DAMAGED = N_("Run {run_id} is damaged in the journal ({fault}); the report tells what is left of it.")
_STOPPED = N_("Run {run_id} was stopped; the report tells how far it came, and ptx-bulk resume {run_id} goes on.")
_RUNNING = N_("Run {run_id} is still at work; the report tells how far it has come.")


def unsent_code(run: RunRecord) -> Code:
    """Why changes of a run that have no outcome were not sent: as its summary says, if it came to one."""
    told = run.summary.get("codes", {})
    if run.summary.get("counts", {}).get("not_attempted"):
        for code in _UNSENT:
            if code.value in told:
                return code
    return Code.NOT_CONFIRMED if run.state is RunState.REFUSED else Code.INTERRUPTED


@contextlib.contextmanager
def reread(run: RunRecord, journal: Journal) -> Iterator[Intake | None]:
    """The run's input once more, for the rejects file; None where a file is gone or changed."""
    inputs = journal.inputs(run.run_id)
    try:
        source = source_from(run.options)
    except ValueError:  # damaged: the run needs its input only for the rejects
        source = None
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


def recalled(run: RunRecord, journal: Journal, intake: Intake | None, started: float) -> Ending:
    """What a run is summed up from, as far as it was known before anything was sent."""
    inputs = journal.inputs(run.run_id)
    before = [
        record.entries
        for record in journal.snapshots(run.account)
        if record.run_id == run.run_id and record.moment == "before" and record.kind in run.lists
    ]
    notices: tuple[str, ...] = ()
    files = inputs or (journal.inputs(run.parent) if run.parent else [])
    if intake is None and inputs:
        notices = (_("The input changed or is gone since the run began, so no rejects file is written."),)
    return Ending(
        run_id=run.run_id,
        command=run.command,
        lists=run.lists,
        lines=journal.lines(run.run_id),
        started=started,
        files=tuple(file.path for file in files),
        rows=sum(file.rows for file in inputs),
        blank=sum(file.blank for file in inputs),
        meaning=meaning_from(run.options),
        before=sum(before) if before else None,
        notices=notices,
        reason=run.reason,
        actor=run.who,
        comment=run.comment,
        account=run.account,
        dialect=dialect_stored(run.options.get("dialect")),
    )


def reported(run: RunRecord, journal: Journal, reporting: Reporting) -> Result:
    """Write a run's reports anew, as the journal has it now, and its rejects where the input is still what it was.

    What the summary of the run itself says (exit code, sizes of the lists, seconds) is told again, not made anew.

    Raises:
        DamagedRun: its lines cannot be read.
        ReportError: a report cannot be written.
    """
    journal.lines(run.run_id)  # refused before anything is read for the rejects
    with _reread_if_sound(run, journal) as intake:
        ending = recalled(run, journal, intake, run.started_at)
        return finish(_as_told(run, journal, ending), reporting, intake)


def _reread_if_sound(run: RunRecord, journal: Journal) -> AbstractContextManager[Intake | None]:
    return nullcontext(None) if run.fault else reread(run, journal)


def _as_told(run: RunRecord, journal: Journal, ending: Ending) -> Ending:
    """The ending with what became of the run's changes, and with what its own summary says."""
    seqs, notices = ending.lines["seq"].to_numpy().astype("int64"), ending.notices
    if run.fault:
        notices = (*notices, _(_DAMAGED).format(run_id=run.run_id, fault=run.fault))
    elif run.state is RunState.STOPPED:
        notices = (*notices, _(_STOPPED).format(run_id=run.run_id))
    elif run.state is RunState.RUNNING:
        notices = (*notices, _(_RUNNING).format(run_id=run.run_id))
    remote = run.summary.get("remote", {})
    return replace(
        ending,
        outcomes=salvaged(journal, run.run_id, seqs[seqs >= 0], []),
        unsent=unsent_code(run),
        notices=notices,
        exit_code=run.exit_code,
        before=remote.get("before", ending.before),
        after=remote.get("after"),
        elapsed_s=run.summary.get("elapsed_s"),
        version=run.version,
        metadata_version=run.metadata_version,
    )
