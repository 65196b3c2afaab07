"""`scrub`: contact files without the people who are on the lists; nothing is sent but reads."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from ptx_bulk import numbers, reports, workbooks
from ptx_bulk._version import __version__
from ptx_bulk.arguments import of_type, several_of, texts
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.journal import new_run_id
from ptx_bulk.model import ListKind
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Sending, Source, asked
from ptx_bulk.pipeline.result import counts_html
from ptx_bulk.pipeline.steps.account import opened
from ptx_bulk.pipeline.steps.from_files.intake import list_label, save_reading
from ptx_bulk.pipeline.steps.from_files.sources import meaning_of
from ptx_bulk.pipeline.steps.scrubbing.exported_lists import Ahead, exports_ahead, read_exports
from ptx_bulk.pipeline.steps.scrubbing.judging import Judge, Judged
from ptx_bulk.pipeline.steps.scrubbing.known_lists import KnownLists, known_from
from ptx_bulk.pipeline.steps.scrubbing.tallying import ScrubCounts, outcome_frame
from ptx_bulk.pipeline.steps.scrubbing.writing import Naming, Written, write_parts
from ptx_bulk.reports import Summary
from ptx_bulk.settings import Settings
from ptx_bulk.system.memory import give_back
from ptx_bulk.visible import storable
from ptx_bulk.workbooks import SheetParts


@dataclass(frozen=True, kw_only=True)
class Scrubbed:
    """What scrubbing came to.

    Attributes:
        summary: the run in numbers; `as_json()` is what `--json` prints.
        counts: where the rows went.
        files: for each input, by `kept`, `removed` and `unsure`, the file that was written.
        notices: what the user should know.
        judged: the rows of each sheet, behind `frame`.
    """

    summary: Summary
    counts: ScrubCounts
    files: Mapping[str, Mapping[str, str]]
    notices: tuple[str, ...]
    judged: Sequence[tuple[str, SheetParts]]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row for each row of the input: `SCRUB_COLUMNS`."""
        return outcome_frame(self.judged)

    @property
    def exit_code(self) -> int:
        """What the command line ends with: 4 where a row is unsure."""
        return self.summary.exit_code

    def as_json(self) -> dict[str, object]:
        """The object of every command, where the rows went, and the files."""
        files = {storable(name): dict(paths) for name, paths in self.files.items()}
        return {**self.summary.as_json(), **self.counts.as_json(), "files": files}

    def _repr_html_(self) -> str:
        return counts_html(_("Rows of the files"), self.counts.as_json())


@dataclass(frozen=True, kw_only=True)
class Scrubbing:
    """How to scrub.

    Attributes:
        lists: against which lists.
        exports: files with the lists; none: they are read from the account.
        output: what the new files are called, with their folder; None for the default in `folder`.
        folder: where files of default names go.
        drop_numberless: rows without any number are not kept.
        label: what stands in default names for the account, where the command is for several; '' where it is for one.
    """

    lists: tuple[ListKind, ...] = tuple(ListKind)
    exports: tuple[str, ...] = ()
    output: Path | None = None
    folder: Path = Path()
    drop_numberless: bool = False
    label: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be scrubbed by.

        Raises:
            ConfigurationError: it names the argument.
        """
        several_of("lists", self.lists, ListKind)
        texts("exports", self.exports)
        of_type("drop_numberless", self.drop_numberless, bool)
        if self.output is not None and not self.output.name:
            raise ConfigurationError(_("-o names no file; give a name such as campaign."))


def scrub(
    source: Source,
    scrubbing: Scrubbing,
    settings: Settings | None = None,
    sending: Sending | None = None,
    interface: Interface | None = None,
    run_id: str | None = None,
) -> Scrubbed:
    """Write each file without the people on the lists, and beside it who was taken out and who could not be read.

    Args:
        source: the files.
        scrubbing: against what, and where to.
        settings: which account; None where the lists come from files.
        sending: timeout, repeating and trust, for reading the lists.
        interface: told of the work, and asked what the files mean.
        run_id: the run's name; None makes one.

    Raises:
        ConfigurationError: an argument is wrong; the text names it.
        InputError: a file or a list cannot be read, has no phone column, or what it means is in doubt.
        RemoteError: a list cannot be read.
        SuspectList: a list shrank too much to be trusted.
        ReportError: a file cannot be written.
    """
    interface, sending = asked(settings, interface, source=source, sending=sending), sending or Sending()
    of_type("scrubbing", scrubbing, Scrubbing)
    started = time.time()
    run_id = run_id or new_run_id(started)
    files = tuple(dict.fromkeys(source.files))
    naming = Naming(run_id, scrubbing.output, scrubbing.folder, len(files) > 1, scrubbing.label)
    _check_places(naming, source, scrubbing)
    with exports_ahead(scrubbing.exports) as ahead, _read(replace(source, files=files), interface) as reading:
        known = _known(scrubbing, ahead, source, run_id, settings, sending, interface)
        with interface.stage(_("Comparing")):
            judge = Judge(known, source.reading.region, source.accept, scrubbing.drop_numberless)
            judged = judge.judge(reading)
            reading.cells = reading.cells.take([])  # they are judged, and need not stand beside what is written
            give_back()
        with interface.stage(_("Writing the files")):
            written = _written(reading, judged, naming, source)
        return _scrubbed(reading, judged, known, written, scrubbing, run_id, started)


def _check_places(naming: Naming, source: Source, scrubbing: Scrubbing) -> None:
    if source.frames:
        raise ConfigurationError(_("scrub works on files; write the table to a file first."))
    both = set(source.files) & set(scrubbing.exports)
    if both:
        raise ConfigurationError(
            _("{file} is named as a list and as a file to scrub; name it once.").format(file=", ".join(sorted(both)))
        )
    saved = [Path(source.save_reading)] if source.save_reading else []
    reports.check_places(saved, inputs=[*source.files, *scrubbing.exports])
    naming.check([*source.files])


@contextmanager
def _read(source: Source, interface: Interface) -> Iterator[workbooks.Reading]:
    """The files, read with all that may hold a number."""
    with interface.stage(_("Reading the files")):
        options = replace(source.reading, whole_rows=True)
        reading = workbooks.read(source.files, options, interface.choose, interface.password)
    with reading:
        save_reading(source, reading)
        for text in (*(sheet.sentence() for sheet in reading.sheets), *reading.notices):
            interface.notice(text)
        yield reading


def _known(
    scrubbing: Scrubbing,
    ahead: Ahead,
    source: Source,
    run_id: str,
    settings: Settings | None,
    sending: Sending,
    interface: Interface,
) -> KnownLists:
    """The lists, from files or from the account."""
    if scrubbing.exports:
        with interface.stage(_("Reading the lists")):
            return read_exports(scrubbing.exports, ahead, scrubbing.lists, source.reading, interface)
    if settings is None:
        raise ConfigurationError(_("Without an account, scrub needs the lists as files: lists=[...]."))
    with opened(settings, interface) as account, interface.stage(_("Reading the remote lists")):
        snapshots = account.read_lists(run_id, "scrub", sending)
    return KnownLists(known_from(snapshots[kind]) for kind in scrubbing.lists)


def _written(reading: workbooks.Reading, judged: Judged, naming: Naming, source: Source) -> list[Written]:
    """The files of each input."""
    found = []
    for number, file in enumerate(reading.inputs):
        mine = [(rows.table, parts) for rows, parts in judged.sheets if rows.table.file == file.path]
        folder = reading.scratch.folder / f"parts{number}"
        tables, parts = [table for table, _parts in mine], [parts for _table, parts in mine]
        found.append(write_parts(file, tables, parts, naming, folder, source.reading.limits, judged.say_listed))
    return found


def _scrubbed(
    reading: workbooks.Reading,
    judged: Judged,
    known: KnownLists,
    written: list[Written],
    scrubbing: Scrubbing,
    run_id: str,
    started: float,
) -> Scrubbed:
    counts = ScrubCounts.of(judged, sum(file.excluded for file in reading.inputs))
    notices = [text for one in written for text in one.notices]
    if known.malformed:
        notices.append(
            ngettext(
                "{count:,} entry of the lists is no number and cannot be compared with anybody; ptx-bulk audit shows "
                "it.",
                "{count:,} entries of the lists are no numbers and cannot be compared with anybody; ptx-bulk audit "
                "shows them.",
                known.malformed,
            ).format(count=Quantity(known.malformed))
        )
    meaning = meaning_of(reading)
    summary = Summary(
        run_id=run_id,
        command="scrub",
        list=list_label(scrubbing.lists),
        exit_code=4 if counts.unsure else 0,
        counts=judged.statuses,
        codes=judged.codes,
        files=tuple(storable(file.path) for file in reading.inputs),
        rows=counts.rows,
        blank=sum(file.blank for file in reading.inputs),
        excluded=meaning.excluded,
        reading=meaning.sheets,
        reading_sentences=meaning.sentences,
        before=None if scrubbing.exports else known.size,
        after=None if scrubbing.exports else known.size,
        reports=tuple(path for one in written for path in one.paths.values()),
        elapsed_s=time.time() - started,
        version=__version__,
        metadata_version=numbers.metadata_version(),
        notices=tuple(notices),
    )
    return Scrubbed(
        summary=summary,
        counts=counts,
        files={one.file: one.paths for one in written},
        notices=tuple(notices),
        judged=[(rows.table.file, parts) for rows, parts in judged.sheets],
    )
