"""`check`: from the files to the report, without network or journal."""

from __future__ import annotations

import time

from ptx_bulk.journal import new_run_id
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Reporting, Source, asked
from ptx_bulk.pipeline.result import Result
from ptx_bulk.pipeline.steps.finishing import Ending, check_report_paths, finish
from ptx_bulk.pipeline.steps.from_files.intake import read_input
from ptx_bulk.pipeline.steps.from_files.sources import meaning_of


def check(source: Source, reporting: Reporting, interface: Interface | None = None) -> Result:
    """Read, normalise and validate; no network, no journal.

    Raises:
        ConfigurationError: an argument is wrong; the text names it.
        InputError: a file cannot be read or has no phone column.
    """
    interface = asked(None, interface, source=source, reporting=reporting)
    started = time.time()
    check_report_paths(reporting, source)
    with read_input(source, interface) as intake:
        ending = Ending(
            run_id=new_run_id(started),
            command="check",
            lists=intake.lists,
            lines=intake.lines,
            started=started,
            files=intake.files,
            rows=intake.rows,
            blank=intake.blank,
            meaning=meaning_of(intake.reading),
            notices=intake.notices,
            dry_run=True,
            dialect=intake.dialect,
        )
        return finish(ending, reporting, intake)
