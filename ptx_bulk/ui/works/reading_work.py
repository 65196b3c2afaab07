"""Work that begins with files: uploaded, looked at, and settled by what the person says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ptx_bulk import workbooks
from ptx_bulk.errors import ColumnNotFound, ConfigurationError, InputError, PtxError
from ptx_bulk.i18n import _
from ptx_bulk.model import Accept
from ptx_bulk.pipeline import Source
from ptx_bulk.settings import Settings
from ptx_bulk.ui.works.choices import Choices, Place
from ptx_bulk.ui.works.page_interface import PageInterface
from ptx_bulk.ui.works.work import Phase, Work
from ptx_bulk.workbooks import ReadOptions, SheetPreview, SheetReading


class ReadingWork(Work):
    """Files whose meaning is settled before anything is done with them.

    Attributes:
        files: their paths, in the order in which they came.
        choices: what the person says of them.
        previews: the first rows of each sheet.
        readings: what each sheet that is read means.
        whole_rows: whether rows are judged as a whole, whatever they say of lists.
    """

    accept = Accept.MOBILE
    whole_rows = False

    def __init__(self, work_id: str, folder: Path, settings: Settings, choices: Choices | None = None) -> None:
        super().__init__(work_id, folder, settings, "")
        self.files: list[str] = []
        self.choices = choices or Choices(accept=self.accept)
        self.previews: dict[Place, SheetPreview] = {}
        self.readings: tuple[SheetReading, ...] = ()
        self._interface = PageInterface(self)
        self._given: Source | None = None
        self._reading = ReadOptions()

    def add(self, path: Path, _role: str = "") -> None:
        """One more file; the role says what for, where a kind of work takes several kinds."""
        self.files.append(str(path))
        self.title = ", ".join(Path(file).name for file in self.files)

    def take(self, source: Source, title: str) -> None:
        """Files that are known already, and how they are to be read."""
        self.files, self.title, self._given = list(source.files), title, source
        self.choices.accept = source.accept

    @property
    def empty(self) -> bool:
        """Whether no file came yet."""
        return not self.files

    @property
    def settled(self) -> bool:
        """Whether its files came with their meaning, so that nothing about it can be said."""
        return self._given is not None

    @property
    def source(self) -> Source:
        """The files as they were read last."""
        return Source(files=tuple(self.files), reading=self._reading, accept=self.choices.accept)

    def go(self) -> None:
        """Do what the files are for, once their meaning is confirmed."""
        raise NotImplementedError

    def _go(self) -> Phase:
        raise NotImplementedError

    def following(self, work_id: str, folder: Path) -> ReadingWork:
        """The next one, of the mended rows of this one."""
        raise NotImplementedError

    def read(self) -> None:
        """See what the files mean."""
        self.notices.clear()
        self.begin(self._read, _("Reading the files"))

    def read_and_go(self) -> None:
        """The same for files whose meaning is known, and at once what they are for."""
        self.notices.clear()
        self.begin(self._read_and_go, _("Reading the files"))

    def _read_and_go(self) -> Phase:
        return self._go() if self._read() is Phase.READ and self.readings else Phase.READ

    def _read(self) -> Phase:
        wanted, alone, seen = self._wanted(), len(self.previews) == 1, dict(self.previews)
        self.previews.clear()
        self.readings = ()
        self._begin_reading()
        try:
            self._reading = self._settled(wanted, alone=alone)
        except ColumnNotFound as error:
            self._told(error, seen)
        except (InputError, ConfigurationError) as error:
            self._interface.forget()  # a wrong password is one of the reasons
            if not self.choices.says_how:  # then another setting may be the right one
                raise
            self._told(error, seen)
        return Phase.READ

    def _begin_reading(self) -> None:
        """Forget what came of an earlier reading."""

    def _told(self, error: PtxError, seen: dict[Place, SheetPreview]) -> None:
        """The person can say more, and have the files read again."""
        self.readings, self.error = (), error
        self.previews = self.previews or seen

    def _wanted(self) -> list[Place]:
        """The sheets to read of those that were seen: the named ones, else those that were read or spoken of."""
        said = self.choices.sheets
        read = {(one.file, one.sheet) for one in self.readings} | set(self.choices.own)
        return [place for place in self.previews if (place[1] in said if said and place[1] else place in read)]

    def _settled(self, wanted: list[Place], *, alone: bool) -> ReadOptions:
        """How the files are to be read, by what is said of them."""
        profile, files = self.settings.defaults, tuple(self.files)
        if self._given is not None:
            return self._looked(files, self._given.reading)
        options = self.choices.options(profile, whole_rows=self.whole_rows)
        own = [place for place in wanted if place in self.choices.own]
        if not own:
            return self._looked(files, options)
        if alone:
            return self._looked(files, self._of_sheet(own[0]))
        for place in wanted:
            self._looked((place[0],), self._of_sheet(place))
        return replace(options, settled=tuple(one.settled() for one in self.readings))

    def _of_sheet(self, place: Place) -> ReadOptions:
        return self.choices.of_sheet(place, self.settings.defaults, whole_rows=self.whole_rows)

    def _looked(self, files: tuple[str, ...], options: ReadOptions) -> ReadOptions:
        """Read these files, and keep what they mean."""
        interface = self._interface
        with workbooks.read(files, options, interface.choose, interface.password, look=self._look) as reading:
            self.readings = (*self.readings, *reading.sheets)
            for notice in reading.notices:
                self.note(self.short(notice))
        return options

    def _look(self, previews: tuple[SheetPreview, ...]) -> None:
        self.previews.update({(one.file, one.sheet): one for one in previews})
        self.show(_("Finding out what the columns mean"))
