"""`import`, `remove`, `sync`: from the files to the report."""

from __future__ import annotations

import time

from ptx_bulk.arguments import one_of
from ptx_bulk.journal import new_run_id
from ptx_bulk.model import Mode
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import FROM_FILES, Reporting, Sending, Source, asked
from ptx_bulk.pipeline.result import Result
from ptx_bulk.pipeline.steps.account import opened
from ptx_bulk.pipeline.steps.carrying_out import carry_out
from ptx_bulk.pipeline.steps.finishing import check_report_paths
from ptx_bulk.pipeline.steps.from_files.intake import read_input
from ptx_bulk.pipeline.steps.from_files.sources import source_as_json
from ptx_bulk.pipeline.steps.preparing import prepare
from ptx_bulk.settings import Settings


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
    with (
        opened(settings, interface, keeping=not sending.dry_run) as account,
        read_input(source, interface) as intake,
        account.reserved(intake.lists, run_id, dry_run=sending.dry_run),
    ):
        prepared = prepare(mode, mode.value, source, sending, account, intake, interface, run_id, started)
        return carry_out(prepared, sending, reporting, interface, source_as_json(source, intake.reading))
