"""Saved plans: a readable JSON file that `apply` carries out exactly, or refuses."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from ptx_bulk import __version__, numbers
from ptx_bulk.errors import ConfigurationError, InputError, PlanStale, SafetyRefusal
from ptx_bulk.i18n import _
from ptx_bulk.journal import Lock, new_run_id
from ptx_bulk.model import Code, ListKind, Mode
from ptx_bulk.pipeline.account import Account, opened
from ptx_bulk.pipeline.finishing import check_report_paths, finish
from ptx_bulk.pipeline.intake import Intake, taken_in
from ptx_bulk.pipeline.requests import Interface, Quiet, Reporting, Result, Sending, Source
from ptx_bulk.pipeline.sources import source_as_json, source_from
from ptx_bulk.pipeline.writing import Prepared, carry_out, dry, prepare
from ptx_bulk.plan import iter_changes
from ptx_bulk.reports import new_file
from ptx_bulk.settings import Settings

_FORMAT, _VERSION = "ptx-bulk plan", 1


def save_plan(path: str, prepared: Prepared, source: Source) -> None:
    """Write the plan with the fingerprints of its input and of the remote lists; never overwrites.

    Raises:
        ConfigurationError: the input came from standard input and could not be read again.
        ReportError: the file cannot be written.
    """
    if "-" in source.files or prepared.intake is None:
        raise ConfigurationError(_("A plan cannot be saved from standard input; give a file, which apply reads again."))
    plan = prepared.plan
    body: dict[str, Any] = {
        "format": _FORMAT,
        "version": _VERSION,
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "made_by": {"ptx_bulk": __version__, "phonenumbers": numbers.metadata_version()},
        "account": prepared.account.name,
        "mode": plan.mode.value,
        "lists": [kind.value for kind in plan.lists],
        "source": {**source_as_json(source), "files": [str(Path(file).absolute()) for file in source.files]},
        "inputs": [{"sha256": file.sha256, "size": file.size} for file in prepared.intake.reading.inputs],
        "remote": {
            kind.value: {"entries": plan.before[kind], "fingerprint": prepared.snapshots[kind].fingerprint()}
            for kind in plan.lists
        },
        "fingerprint": plan.fingerprint,
        "changes": [
            {
                "action": change.action.value,
                "list": change.kind.value,
                "number": change.e164,
                "identifiers": list(change.identifiers),
            }
            for change in iter_changes(plan.changes)
        ],
    }
    body["checksum"] = _checksum(body)
    with new_file(Path(path)) as stream:
        stream.write(json.dumps(body, indent=1, ensure_ascii=False).encode() + b"\n")


def apply(
    plan_path: str,
    sending: Sending,
    reporting: Reporting,
    settings: Settings,
    interface: Interface | None = None,
) -> Result:
    """Carry a saved plan out exactly.

    Raises:
        InputError: the file cannot be read or is no plan.
        PlanStale: the plan was altered, or its input or the remote list changed since.
        SafetyRefusal: it was made for another account.
    """
    interface = interface or Quiet()
    saved = _load(plan_path)
    source = _source(saved, plan_path)
    check_report_paths(reporting, (*source.files, plan_path))
    started = time.time()
    with opened(settings) as account, ExitStack() as stack:
        _check_account(saved, account)
        try:
            intake = stack.enter_context(taken_in(source, interface))
        except InputError as error:
            raise PlanStale(_("The plan's input cannot be read any more: {error}").format(error=error)) from error
        return _apply(saved, source, intake, account, sending, reporting, interface, started)


def _apply(
    saved: dict[str, Any],
    source: Source,
    intake: Intake,
    account: Account,
    sending: Sending,
    reporting: Reporting,
    interface: Interface,
    started: float,
) -> Result:
    if [file.sha256 for file in intake.reading.inputs] != [file["sha256"] for file in saved["inputs"]]:
        raise PlanStale(_("The input changed since the plan was saved; nothing was sent. Make a new plan with diff."))
    run_id = new_run_id()
    with Lock(account.settings.home, account.name, intake.lists, run_id):
        prepared = prepare(Mode(saved["mode"]), "apply", source, sending, account, intake, interface, run_id, started)
        if stale := _stale(saved, prepared):
            ending = replace(prepared.ending(), error=stale, unsent=Code.PLAN_STALE)
            return finish(ending, reporting, intake)
        if sending.dry_run:
            return dry(prepared, sending, reporting, interface)
        return carry_out(prepared, sending, reporting, interface, source_as_json(source))


def _stale(saved: dict[str, Any], prepared: Prepared) -> PlanStale | None:
    """Why the plan made now is not the one that was saved."""
    for kind in prepared.plan.lists:
        if prepared.snapshots[kind].fingerprint() != saved["remote"].get(kind.value, {}).get("fingerprint"):
            return PlanStale(
                _(
                    "The {list} list changed since the plan was saved; nothing was sent. Make a new plan with diff."
                ).format(list=kind.name)
            )
    if prepared.plan.fingerprint != saved["fingerprint"]:
        return PlanStale(
            _(
                "This version of ptx-bulk reads the input differently than the one that saved the plan; "
                "make a new plan with diff."
            )
        )
    return None


def _load(path: str) -> dict[str, Any]:
    try:
        saved = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            _("The plan {path} cannot be read ({reason}); check its name.").format(path=path, reason=error.strerror)
        ) from error
    except ValueError as error:
        raise InputError(_("{path} is no saved plan; diff --save-plan makes one.").format(path=path)) from error
    if not isinstance(saved, dict) or saved.get("format") != _FORMAT:
        raise InputError(_("{path} is no saved plan; diff --save-plan makes one.").format(path=path))
    if saved.get("version") != _VERSION:
        raise PlanStale(
            _("The plan {path} was saved by another version of ptx-bulk; make a new plan with diff.").format(path=path)
        )
    checksum = saved.pop("checksum", None)
    if checksum != _checksum(saved):
        raise PlanStale(
            _("The plan {path} was altered after it was saved; nothing was sent. Make a new plan with diff.").format(
                path=path
            )
        )
    return saved


def _source(saved: dict[str, Any], path: str) -> Source:
    try:
        source = source_from(saved["source"])
    except (KeyError, TypeError, ValueError):
        source = None
    if source is None:
        raise PlanStale(_("The plan {path} does not name its input; make a new plan with diff.").format(path=path))
    return source


def _check_account(saved: dict[str, Any], account: Account) -> None:
    if saved["account"] != account.name:
        lists = ", ".join(ListKind(name).name for name in saved["lists"])
        raise SafetyRefusal(
            _(
                "The plan was made for the {lists} list of another account or address, "
                "or in another state folder; nothing was sent."
            ).format(lists=lists)
        )


def _checksum(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
