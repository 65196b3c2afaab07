"""The way of contact files: read, and written again without the people who are on the lists."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ptx_bulk import pipeline
from ptx_bulk.i18n import _
from ptx_bulk.model import Accept, ListKind
from ptx_bulk.pipeline import Scrubbed, Scrubbing, Source
from ptx_bulk.settings import Settings
from ptx_bulk.ui.works.asking import sending_by
from ptx_bulk.ui.works.choices import Choices
from ptx_bulk.ui.works.mending import Mending
from ptx_bulk.ui.works.reading_work import ReadingWork
from ptx_bulk.ui.works.work import Phase


class ScrubWork(ReadingWork):
    """Contact files.

    Attributes:
        lists: who is taken out: people on these.
        drop_numberless: rows without any number are not kept.
        exports: files with the lists; none: they are read from the account.
        scrubbed: what came of it, None before that.
        mending: the cells that could not be read, None where there are none.
    """

    kind = "scrub"
    accept = Accept.ANY
    whole_rows = True

    def __init__(self, work_id: str, folder: Path, settings: Settings, choices: Choices | None = None) -> None:
        super().__init__(work_id, folder, settings, choices)
        self.lists: tuple[ListKind, ...] = tuple(ListKind)
        self.drop_numberless = False
        self.exports: list[str] = []
        self.scrubbed: Scrubbed | None = None
        self.mending: Mending | None = None

    def add(self, path: Path, _role: str = "") -> None:
        """One more file; with the role `lists` one that the lists stand in."""
        if _role == "lists":
            self.exports.append(str(path))
        else:
            super().add(path)

    @property
    def empty(self) -> bool:
        """Whether no file came yet."""
        return not self.files and not self.exports

    def go(self) -> None:
        """Write the files."""
        self.begin(self._go, _("Reading the lists") if self.exports else _("Reading the remote lists"))

    def _go(self) -> Phase:
        self._interface.begin()
        scrubbing = Scrubbing(
            lists=self.lists,
            exports=tuple(self.exports),
            folder=self.folder,
            drop_numberless=self.drop_numberless,
        )
        self.scrubbed = pipeline.scrub(
            self.source, scrubbing, self.settings, sending_by(self.settings), self._interface
        )
        for paths in self.scrubbed.files.values():
            self.offer(list(paths.values()))
        if self.scrubbed.counts.unsure:
            self.show(_("Looking for what can be mended"))
            cells = pipeline.unsure_cells(self._whole_rows(), self.scrubbed.frame, self._interface)
            self.mending = Mending(cells, self._mended) if cells else None
        self._interface.forget()
        self.notices[:] = [self.short(one) for one in self.scrubbed.notices]  # how it is read was confirmed before
        return Phase.DONE

    def _whole_rows(self) -> Source:
        return replace(self.source, reading=replace(self._reading, whole_rows=True))

    def _mended(self, mending: Mending, folder: Path) -> Source:
        return pipeline.mend(
            tuple(self.files), mending.texts, folder, self.choices.accept, reading=self._whole_rows().reading
        )

    def following(self, work_id: str, folder: Path) -> ScrubWork:
        """The next one, of the mended rows; against the same lists."""
        work = ScrubWork(work_id, folder, self.settings, Choices(accept=self.choices.accept))
        work.lists, work.drop_numberless, work.exports = self.lists, self.drop_numberless, list(self.exports)
        return work
