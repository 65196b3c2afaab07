"""`apply` carries a saved plan out exactly, or refuses."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace

from ptx_bulk.arguments import texts
from ptx_bulk.errors import ConfigurationError, InputError, PlanStale, SafetyRefusal
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.journal import new_run_id
from ptx_bulk.model import Code
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Reporting, Sending, asked
from ptx_bulk.pipeline.result import Result
from ptx_bulk.pipeline.steps.account import Account, opened
from ptx_bulk.pipeline.steps.carrying_out import carry_out
from ptx_bulk.pipeline.steps.finishing import check_report_paths, finish
from ptx_bulk.pipeline.steps.from_files.intake import Intake, read_input
from ptx_bulk.pipeline.steps.from_files.sources import source_as_json
from ptx_bulk.pipeline.steps.planfile import SavedPlan, load_plan
from ptx_bulk.pipeline.steps.preparing import Prepared, prepare
from ptx_bulk.settings import Settings


def apply(
    plan_path: str,
    sending: Sending,
    reporting: Reporting,
    settings: Settings,
    interface: Interface | None = None,
    *,
    password_file: str | None = None,
    run_id: str = "",
) -> Result:
    """Carry a saved plan out exactly.

    Args:
        plan_path: the file that `diff` saved.
        sending: pace, limits and consent.
        reporting: the reports to write.
        settings: the account.
        interface: who is told and asked.
        password_file: a file whose first line is the password of protected workbooks: plans keep none.
        run_id: the run's name; '' makes one.

    Raises:
        InputError: the file cannot be read or is no plan.
        PlanStale: the plan was altered, or its input or the remote list changed since.
        SafetyRefusal: it was made for another account.
    """
    interface = asked(settings, interface, sending=sending, reporting=reporting)
    saved = _with_password(load_plan(texts("plan_path", (plan_path,))[0]), password_file)
    check_report_paths(reporting, saved.source, inputs=(plan_path,))
    started = time.time()
    with opened(settings, interface, keeping=not sending.dry_run) as account, ExitStack() as stack:
        _check_account(saved, account)
        try:
            intake = stack.enter_context(read_input(saved.source, interface))
        except (InputError, ConfigurationError) as error:
            raise PlanStale(_("The plan's input cannot be read any more: {error}").format(error=error)) from error
        return _apply(saved, intake, account, sending, reporting, interface, started, run_id or new_run_id())


def _apply(
    saved: SavedPlan,
    intake: Intake,
    account: Account,
    sending: Sending,
    reporting: Reporting,
    interface: Interface,
    started: float,
    run_id: str,
) -> Result:
    if tuple(file.sha256 for file in intake.reading.inputs) != saved.inputs:
        raise PlanStale(_("The input changed since the plan was saved; nothing was sent. Make a new plan with diff."))
    with account.reserved(intake.lists, run_id, dry_run=sending.dry_run):
        prepared = prepare(saved.mode, "apply", saved.source, sending, account, intake, interface, run_id, started)
        if stale := _stale(saved, prepared):
            ending = replace(prepared.ending(), error=stale, unsent=Code.PLAN_STALE)
            return finish(ending, reporting, intake)
        return carry_out(prepared, sending, reporting, interface, source_as_json(saved.source, intake.reading))


def _with_password(saved: SavedPlan, password_file: str | None) -> SavedPlan:
    reading = replace(saved.source.reading, password_file=password_file)
    return replace(saved, source=replace(saved.source, reading=reading))


def _stale(saved: SavedPlan, prepared: Prepared) -> PlanStale | None:
    """Why the plan made now is not the one that was saved."""
    changed = [kind for kind in prepared.plan.lists if prepared.snapshots[kind].identity != saved.remote.get(kind)]
    if changed:
        sentence = ngettext(
            "The {lists} list changed since the plan was saved; nothing was sent. Make a new plan with diff.",
            "The {lists} lists changed since the plan was saved; nothing was sent. Make a new plan with diff.",
            len(changed),
        )
        return PlanStale(sentence.format(lists=", ".join(kind.name for kind in changed)))
    if prepared.plan.fingerprint != saved.fingerprint:
        return PlanStale(
            _(
                "This version of ptx-bulk reads the input differently than the one that saved the plan; "
                "make a new plan with diff."
            )
        )
    return None


def _check_account(saved: SavedPlan, account: Account) -> None:
    if saved.account != account.name:
        raise SafetyRefusal(
            _(
                "The plan was made for the {lists} list of another account or address, "
                "or in another state folder; nothing was sent."
            ).format(lists=", ".join(kind.name for kind in saved.lists))
        )
