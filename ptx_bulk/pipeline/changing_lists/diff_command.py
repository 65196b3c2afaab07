"""`diff`: what a command would do to the lists, without doing it; kept as a plan where one is asked for."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from ptx_bulk.arguments import one_of, text_or_none
from ptx_bulk.journal import new_run_id
from ptx_bulk.model import Mode
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import FROM_FILES, Reporting, Sending, Source, asked
from ptx_bulk.pipeline.result import Result
from ptx_bulk.pipeline.steps.account import opened
from ptx_bulk.pipeline.steps.finishing import check_report_paths
from ptx_bulk.pipeline.steps.from_files.intake import read_input
from ptx_bulk.pipeline.steps.planfile import check_plan_path, save_plan
from ptx_bulk.pipeline.steps.preparing import dry, prepare
from ptx_bulk.settings import Settings

_FOUND_NOTHING, _FOUND_CHANGES = 9, 10


def diff(
    mode: Mode,
    source: Source,
    sending: Sending,
    reporting: Reporting,
    settings: Settings,
    interface: Interface | None = None,
    *,
    plan_path: str | None = None,
    exit_code: bool = False,
) -> Result:
    """What `mode` would do, as a report; `plan_path` keeps it for `apply`, `exit_code` asks for 9 or 10.

    Raises:
        ConfigurationError: an argument is wrong; the text names it.
        PtxError: the files or the lists cannot be read, or the plan cannot be saved.
    """
    interface = asked(settings, interface, source=source, sending=sending, reporting=reporting)
    mode = one_of("mode", mode, Mode, FROM_FILES)
    text_or_none("plan_path", plan_path, blank=True)
    if plan_path is not None:
        check_plan_path(plan_path, source)
    check_report_paths(reporting, source, [Path(plan_path)] if plan_path is not None else ())
    started = time.time()
    with opened(settings, interface) as account, read_input(source, interface) as intake:
        prepared = prepare(mode, "diff", source, sending, account, intake, interface, new_run_id(), started)
        if plan_path is not None:
            save_plan(plan_path, prepared, source)
        found = _FOUND_CHANGES if len(prepared.plan.changes) else _FOUND_NOTHING
        code = found if exit_code else None
        return dry(prepared, replace(sending, dry_run=True), reporting, interface, exit_code=code)
