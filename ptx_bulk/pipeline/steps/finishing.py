"""Lines + outcomes → the finished result: the report's frame, its files, the summary, the exit code."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk import numbers, reports
from ptx_bulk._version import __version__
from ptx_bulk.errors import PtxError, ReportError
from ptx_bulk.i18n import Quantity, _
from ptx_bulk.model import Code, ListKind, Status
from ptx_bulk.numbers.sets import distinct
from ptx_bulk.pipeline.requests import Reporting, Source
from ptx_bulk.pipeline.result import Result
from ptx_bulk.pipeline.steps.from_files import rejects_readings
from ptx_bulk.pipeline.steps.from_files.intake import Intake, list_label
from ptx_bulk.pipeline.steps.from_files.sources import Meaning
from ptx_bulk.pipeline.steps.result_lines import result_frame
from ptx_bulk.plan import code_counts, join_code, refused, set_where, status_counts
from ptx_bulk.plan.origins import origin_counts
from ptx_bulk.reports import USUAL, Dialect, Summary
from ptx_bulk.system.memory import give_back
from ptx_bulk.visible import storable


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Everything that a finished command is summed up from.

    Attributes:
        lines: lines as planned.
        outcomes: a `Journal.outcomes` frame; empty where nothing was sent.
        unsent: what changes without an outcome carry; None for a plan that was not to be sent.
        error: what ended the command early.
        exit_code: when it is decided already (`diff --exit-code`).
        started: Unix time of the start.
        elapsed_s: how long it took, when it ended long ago.
        dialect: of a CSV that gets a default name: the input's own.
    """

    run_id: str
    command: str
    lists: tuple[ListKind, ...]
    lines: pd.DataFrame
    started: float
    files: tuple[str, ...]
    rows: int = 0
    blank: int = 0
    meaning: Meaning = field(default_factory=Meaning)
    outcomes: pd.DataFrame | None = None
    unsent: Code | None = None
    before: int | None = None
    after: int | None = None
    notices: tuple[str, ...] = ()
    error: PtxError | None = None
    exit_code: int | None = None
    elapsed_s: float | None = None
    version: str = __version__
    metadata_version: str = field(default_factory=numbers.metadata_version)
    dry_run: bool = False
    reason: str = ""
    account: str = ""
    actor: str = ""
    comment: str = ""
    dialect: Dialect = USUAL
    profile: str = ""


def finish(
    ending: Ending,
    reporting: Reporting,
    intake: Intake | None,
    stopped: Callable[[], PtxError | None] = lambda: None,
) -> Result:
    """Make the frame of results, write the reports and sum up.

    Args:
        ending: what there is to sum up.
        reporting: where the reports go.
        intake: the input, for the rejects.
        stopped: what has ended the command by now; where it did so while the reports were written, they say so, too.

    Raises:
        ReportError: a report cannot be written.
    """
    lines = _with_outcomes(ending)
    frame = result_frame(lines, ending.run_id, ending.outcomes)
    give_back()
    exit_code = ending.exit_code if ending.exit_code is not None else _exit_code(ending, lines)
    paths = reporting.paths
    asked = reports.dialect_named(reporting.dialect) if reporting.dialect else None
    dialect = asked or (USUAL if paths else ending.dialect)
    if not paths and reporting.folder is not None:
        first = ending.files[0] if ending.files else ending.command
        results = reports.free(
            reports.results_path(first, ending.run_id, len(frame), reporting.folder, reporting.label)
        )
        paths = (results,)
        if reports.is_workbook(first) and results.suffix == ".csv":
            ending = replace(ending, notices=(*ending.notices, _too_long_for_excel(len(frame))))
    rejects, told = _rejects(ending, paths, intake, lines, frame, reporting.label, asked)
    ending = replace(ending, notices=(*ending.notices, *told))
    written = (*paths, *(path for made in rejects for path in made.paths))
    summary = _summary(ending, lines, frame, exit_code, tuple(storable(path) for path in written))
    for path in paths:
        reports.write_report(path, frame, summary, dialect=dialect)
    for made in rejects:
        made.write()
    if rejects and intake is not None:
        rejects_readings.keep(ending.run_id, rejects, intake.reading.sheets)
    error = ending.error
    if ending.exit_code is None and (late := stopped()) is not None and summary.exit_code != late.exit_code:
        summary, error = replace(summary, exit_code=late.exit_code), late
        # The reports are whole but for this; should they not let themselves be written again, they stay as they are.
        with contextlib.suppress(ReportError):
            for path in paths:
                reports.write_report(path, frame, summary, anew=True, dialect=dialect)
    mend = tuple(storable(path) for made in rejects for path in made.paths)
    return Result(summary=summary, frame=frame, notices=ending.notices, error=error, rejects=mend)


def check_report_paths(
    reporting: Reporting, source: Source | None = None, others: Iterable[Path] = (), inputs: Iterable[str] = ()
) -> None:
    """Refuse places of reports and rejects that cannot be written, before anything is read or sent.

    Args:
        reporting: where the reports go; rejects go beside the first of them.
        source: the files that will be read, and where their reading is saved.
        others: further files that will be written, such as a plan.
        inputs: further files that will be read.

    Raises:
        ConfigurationError: the ending of a report's name is no format.
        PlaceRefused: a name is taken, given twice or not valid, or its folder is missing or not to be written to.
    """
    for path in reporting.paths:
        reports.check_ending(path)
    saved = [Path(source.save_reading)] if source and source.save_reading else []
    read = [*inputs, *(source.files if source else ())]
    reports.check_places([*reporting.paths, *others, *saved], inputs=read)
    if not reporting.paths and reporting.folder is not None:
        reports.try_folder(reporting.folder.absolute())


def exit_code_counts(lines: pd.DataFrame) -> bool:
    """Whether a line makes exit 4: rejected (an empty cell is normal), failed, unknown or not attempted."""
    status = lines["status"]
    undone = [Status.FAILED.value, Status.UNKNOWN.value, Status.NOT_ATTEMPTED.value]
    return bool((refused(lines) | status.isin(undone)).any())


def _exit_code(ending: Ending, lines: pd.DataFrame) -> int:
    if ending.error is not None:
        return ending.error.exit_code
    return 4 if exit_code_counts(lines) else 0


def _with_outcomes(ending: Ending) -> pd.DataFrame:
    """The lines with what became of their changes in `status` and `code`."""
    lines = ending.lines
    seq = lines["seq"].to_numpy()
    mine = seq >= 0
    if ending.unsent is None or not mine.any():
        return lines
    at, size = np.flatnonzero(mine), int(seq.max()) + 1
    status = np.full(size, Status.NOT_ATTEMPTED.value, dtype=object)
    code = np.full(size, ending.unsent.value, dtype=object)
    if ending.outcomes is not None and len(ending.outcomes):
        done = ending.outcomes["seq"].to_numpy()
        status[done] = ending.outcomes["status"].to_numpy(dtype=object)
        code[done] = ending.outcomes["code"].to_numpy(dtype=object)
    statuses, codes = lines["status"], lines["code"]
    for value, where in _each(status[seq[at]], at, len(lines)):
        statuses = set_where(statuses, where, value)
    for value, where in _each(code[seq[at]], at, len(lines)):
        codes = join_code(codes, Code(value), where)
    return lines.assign(status=statuses, code=codes)


def _each(
    values: npt.NDArray[np.object_], at: npt.NDArray[np.intp], count: int
) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Each value that occurs at these lines, and for each of all lines whether it has it."""
    places, distinct = pd.factorize(values)
    for place, value in enumerate(distinct):
        where = np.zeros(count, dtype=bool)
        where[at[places == place]] = True
        yield str(value), where


def _too_long_for_excel(n: int) -> str:
    return _(
        "The report has {count:,} lines and is written as CSV, which opens faster than a workbook so long; "
        "--report NAME.xlsx asks for one all the same."
    ).format(count=Quantity(n))


def _rejects(
    ending: Ending,
    paths: tuple[Path, ...],
    intake: Intake | None,
    lines: pd.DataFrame,
    frame: pd.DataFrame,
    label: str,
    dialect: Dialect | None,
) -> tuple[list[reports.Rejects], list[str]]:
    """One rejects file for each input with wrong rows, and notices; files differ in their columns and are not mixed."""
    made: list[reports.Rejects] = []
    told: list[str] = []
    if intake is None or not paths or not exit_code_counts(lines):
        return made, told
    wrong = _wrong(lines, frame)
    taken = set(paths)
    for file in dict.fromkeys(ending.files):
        mine = wrong[(wrong["file"] == file).to_numpy()]
        tables = [table for table in intake.reading.tables if table.file == file]
        if len(mine):
            path = reports.rejects_path(file, ending.run_id, len(mine), paths[0].parent, label)
            if reports.is_workbook(file) and path.suffix == ".csv":
                told.append(_too_long_to_mend(file, len(mine)))
            made.append(reports.Rejects(reports.free(path, taken), tables, mine, dialect))
            taken.update(made[-1].paths)
    return made, told


def _too_long_to_mend(file: str, n: int) -> str:
    return _(
        "{count:,} rows of {file} are to be mended; they are written as CSV, which is done sooner than a workbook so "
        "long."
    ).format(count=Quantity(n), file=file)


def _wrong(lines: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    wrong = lines["status"].isin([Status.REJECTED.value, Status.FAILED.value, Status.UNKNOWN.value])
    asked = (wrong & (lines["row"] > 0) & (lines["code"] != Code.EMPTY.value)).to_numpy()
    return frame.loc[asked, ["file", "sheet", "row", "column", "code", "message", "suggestion", "list"]]


def _summary(
    ending: Ending, lines: pd.DataFrame, frame: pd.DataFrame, exit_code: int, written: tuple[str, ...]
) -> Summary:
    facts = numbers.describe(distinct(lines["number"].to_numpy()))
    verified = frame["verified"].value_counts()
    return Summary(
        run_id=ending.run_id,
        command=ending.command,
        list=list_label(ending.lists),
        exit_code=exit_code,
        counts=status_counts(lines),
        codes=code_counts(lines["code"]),
        verified={answer: int(verified.get(answer, 0)) for answer in ("yes", "no")},
        files=tuple(storable(file) for file in ending.files),
        rows=ending.rows,
        blank=ending.blank,
        excluded=ending.meaning.excluded,
        reading=ending.meaning.sheets,
        reading_sentences=ending.meaning.sentences,
        before=ending.before,
        after=ending.after,
        reports=written,
        elapsed_s=time.time() - ending.started if ending.elapsed_s is None else ending.elapsed_s,
        started_at=datetime.fromtimestamp(ending.started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        account=ending.account,
        profile=ending.profile,
        version=ending.version,
        metadata_version=ending.metadata_version,
        notices=ending.notices,
        dry_run=ending.dry_run,
        reason=ending.reason,
        origin=origin_counts(lines),
        actor=ending.actor,
        comment=ending.comment,
        by_country=_counts(facts["country"]),
        by_line_type=_counts(facts["line_type"]),
    )


def _counts(values: pd.Series) -> Mapping[str, int]:
    return {str(value): int(n) for value, n in values.value_counts().items() if n}


def dry_run_notice() -> str:
    """The sentence that a dry run ends with."""
    return _("Nothing was sent: this was a dry run.")
