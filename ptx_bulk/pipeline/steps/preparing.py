"""A plan with everything that led to it, and what it would do where nothing is sent."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.errors import DamagedRun, SafetyRefusal
from ptx_bulk.i18n import _
from ptx_bulk.model import Action, ListKind, Mode
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Reporting, Sending, Source
from ptx_bulk.pipeline.result import Result
from ptx_bulk.pipeline.steps.account import Account
from ptx_bulk.pipeline.steps.finishing import Ending, dry_run_notice, finish
from ptx_bulk.pipeline.steps.from_files.intake import Intake, maybe_meant, maybe_meant_notice
from ptx_bulk.pipeline.steps.from_files.sources import Meaning, meaning_of
from ptx_bulk.plan import Plan, check_safety, named_removals, origin_sentence, plan_changes, stop_removals, with_origins
from ptx_bulk.plan.origins import LATE_S
from ptx_bulk.reports import USUAL, Dialect
from ptx_bulk.snapshot import Snapshot
from ptx_bulk.system.memory import give_back


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
    dialect: Dialect = USUAL

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
            dialect=self.dialect,
            profile=self.account.settings.profile or "",
        )


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
    if mode is Mode.IMPORT:  # what is added needs no entry's spelling or id
        snapshots = {kind: snapshot.numbers_only() for kind, snapshot in snapshots.items()}
        give_back()
    keep = maybe_meant(intake.lines, source.reading.region) if mode is Mode.SYNC else None
    plan = plan_changes(intake.lines, snapshots, mode, lists=intake.lists, **({} if keep is None else {"spare": keep}))
    give_back()
    plan = _with_origins(plan, snapshots, account)
    told = origin_sentence(plan.removals)
    notices = (
        *intake.notices,
        *((told,) if told else ()),
        *(maybe_meant_notice(n, kind) for kind, n in plan.kept.items() if n),
    )
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
        dialect=intake.dialect,
    )


def _with_origins(plan: Plan, snapshots: Mapping[ListKind, Snapshot], account: Account) -> Plan:
    """The plan, with who put the numbers on STOP that it removes."""
    changes = stop_removals(plan)
    if not len(changes):
        return plan
    last = account.journal.last_changes(account.name, ListKind.STOP, changes["number"].to_numpy())
    return with_origins(plan, snapshots[ListKind.STOP], last[~_left_since(account, last)])


def _left_since(account: Account, last: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which of the last changes a later reading of STOP does not show any more: what stands there now came anew.

    Their entries tell it only where a server gives an entry that comes again another id.
    """
    number, at = last["number"].to_numpy(), last["at"].to_numpy() + LATE_S
    left = np.array(last["action"] != Action.ADD.value)
    seen: set[str] = set()
    for record in account.journal.snapshots(account.name, ListKind.STOP):  # the latest first
        asked = ~left & (at < record.taken_at)
        if not asked.any() or record.identity in seen:
            continue
        seen.add(record.identity)
        with contextlib.suppress(DamagedRun):
            left[asked] = ~account.journal.holding(record, number[asked])
    return left


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
    notices = [*prepared.notices, *named_removals(prepared.plan.removals)]
    found = None
    for notice in notices[len(prepared.notices) :]:
        interface.notice(notice)
    try:
        check_safety(prepared.plan, sending.safeguards)
    except SafetyRefusal as refusal:
        found = refusal
        notices.append(_("The real run would stop here: {refusal}").format(refusal=refusal))
        interface.notice(notices[-1])
    notices.append(dry_run_notice())
    prepared.snapshots.clear()  # what the plan was made by: long lists need not stand beside the report
    give_back()
    ending = replace(
        prepared.ending(), notices=tuple(notices), dry_run=True, exit_code=exit_code, comment=sending.comment
    )
    return replace(finish(ending, reporting, prepared.intake), refusal=found)
