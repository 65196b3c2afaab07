"""The lists' own faults, looked for by themselves or against files that say what belongs where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ptx_bulk import pipeline, reports
from ptx_bulk.i18n import _
from ptx_bulk.model import Accept, ListKind
from ptx_bulk.pipeline import Audit, Fault, MendingStep, Source
from ptx_bulk.settings import Settings
from ptx_bulk.ui.works.asking import sending_by
from ptx_bulk.ui.works.choices import Choices
from ptx_bulk.ui.works.reading_work import ReadingWork
from ptx_bulk.ui.works.work import Phase
from ptx_bulk.workbooks import ReadOptions

if TYPE_CHECKING:
    import pandas as pd


class AuditWork(ReadingWork):
    """An audit.

    Attributes:
        audit: what was found, None before that.
    """

    kind = "audit"
    accept = Accept.ANY

    def __init__(self, work_id: str, folder: Path, settings: Settings, choices: Choices | None = None) -> None:
        super().__init__(work_id, folder, settings, choices)
        self.title = _("Faults of the lists")
        self.audit: Audit | None = None

    def go(self) -> None:
        """Find them."""
        self.begin(self._go, _("Reading the remote lists"))

    def _go(self) -> Phase:
        self._interface.begin()
        self.audit = pipeline.audit(
            self.settings,
            against=self.source if self.files else None,
            sending=sending_by(self.settings),
            interface=self._interface,
        )
        path = reports.free(self.folder / f"audit.{self.audit.run_id}.xlsx")
        reports.export(path, self.audit.frame, format="xlsx")
        self.offer((str(path),))
        return Phase.DONE

    def lines(self, fault: Fault, lists: Sequence[ListKind] = tuple(ListKind)) -> pd.DataFrame:
        """The lines with this fault on these lists."""
        assert self.audit is not None  # noqa: S101 - asked for once it is done
        frame = self.audit.frame
        return frame[((frame["fault"] == fault.value) & frame["list"].isin(lists)).to_numpy()]

    def source_of(self, fault: Fault, kind: ListKind, step: MendingStep, folder: Path) -> Source:
        """The lines to mend as a file, to be read as the command line would read it."""
        lines = self.lines(fault, (kind,) if pipeline.mended_list_by_list(fault) else tuple(ListKind))
        path = reports.free(folder / f"{fault.lower().replace('_', '-')}.csv")
        reports.export(path, lines, format="csv")
        reading = ReadOptions(
            columns=(step.column,) if step.column else (),
            list_column=step.list_column or None,
            region=self.settings.defaults.region or "FR",
        )
        return Source(files=(str(path),), reading=reading, accept=Accept.ANY)
