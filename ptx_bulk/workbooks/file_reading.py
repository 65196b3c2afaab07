"""One file that was taken in: its sheets, what each means, and what is to be said of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ptx_bulk.errors import ColumnNotFound, InputError, QuestionOpen, UnreadableFile
from ptx_bulk.i18n import N_, _, ngettext
from ptx_bulk.workbooks.assembling import Piece, cut_piece
from ptx_bulk.workbooks.choosing.columns import NoSuchColumn
from ptx_bulk.workbooks.choosing.earlier_rejects import still_rejected
from ptx_bulk.workbooks.choosing.evidence import Why, sentence_of
from ptx_bulk.workbooks.choosing.questions import Ask
from ptx_bulk.workbooks.choosing.sheet_reading import SheetReading, Unused
from ptx_bulk.workbooks.choosing.sheet_settling import SettledColumns, Settler
from ptx_bulk.workbooks.choosing.vocabulary.presets import Preset
from ptx_bulk.workbooks.choosing.vocabulary.words import is_mangled
from ptx_bulk.workbooks.read_options import ReadOptions
from ptx_bulk.workbooks.reading import InputFile, SheetInfo, SheetTable
from ptx_bulk.workbooks.settled import SettledSheet, settled_for
from ptx_bulk.workbooks.sheets.sheet import Sheet
from ptx_bulk.workbooks.storing import StoredFile
from ptx_bulk.workbooks.text.damaged_rows import Damage, find_damage

_ALL = "all"
_UNUSED = {
    "phone_column": N_("column {column} may hold numbers, too, and was not read; --column chooses others"),
    "list_column": N_("column {column} speaks of lists, too, and was not used; --list-column chooses it"),
    "country_column": N_("column {column} holds countries, too, and was not used; --country-column chooses it"),
}
_ROWS_NAMED = 10


@dataclass
class Found:
    """What the files gave so far, in their order."""

    pieces: list[Piece] = field(default_factory=list)
    inputs: list[InputFile] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    tables: list[SheetTable] = field(default_factory=list)
    unread: list[SheetTable] = field(default_factory=list)

    def release(self) -> None:
        """Let go of what is mapped into memory."""
        self.pieces.clear()
        self.tables.clear()
        self.unread.clear()


class FileReader:
    """Reads the sheets of one file that was taken in."""

    def __init__(
        self, path: str, intake: StoredFile, options: ReadOptions, preset: Preset | None, ask: Ask, found: Found
    ) -> None:
        self._path = path
        self._intake = intake
        self._options = options
        self._settler = Settler(path, options, preset, ask, intake.encoding, intake.delimiter)
        self._found = found
        self._rows = 0
        self._excluded = 0
        self._blank = 0

    def read(self) -> None:
        """Add the file's cells, tables and notices to what was found.

        Raises:
            ColumnNotFound, UnreadableFile: without the file's name.
        """
        for notice in self._intake.notices:
            self._notice("", notice)
        infos: list[SheetInfo] = []
        absent: list[InputError] = []
        for stored in self._intake.sheets:
            info = SheetInfo(name=stored.name, visible=stored.visible)
            skipped = self._unwanted(info)
            sheet = Sheet(stored)
            saved = settled_for(self._path, stored.name, self._options.settled)
            if skipped is None and saved is None and self._options.settled:
                skipped = Why.NOT_ASKED_FOR
            if skipped is None and not sheet.filled.any():
                skipped = Why.EMPTY_SHEET
            if skipped is None:
                try:
                    info = replace(info, reading=self._read_sheet(sheet, saved))
                except NoSuchColumn as error:
                    absent.append(_located(error, stored.name))
                    skipped = Why.NO_PHONES
                except InputError as error:
                    raise _located(error, stored.name) from error
            if skipped not in (None, Why.EMPTY_SHEET) and self._options.whole_rows:
                self._found.unread.append(self._table(sheet, 0, {}))
            infos.append(replace(info, skipped=skipped))
        self._settle(tuple(infos), absent)

    def _settle(self, infos: tuple[SheetInfo, ...], absent: list[InputError]) -> None:
        """Say what was skipped; refuse the file when nothing was read."""
        wanted = {_same(name) for name in self._options.sheets} - {_ALL}
        missing = wanted - {_same(info.name) for info in infos}
        if missing and self._intake.sheets[0].name:
            raise UnreadableFile(
                _("there is no sheet named {missing}; the sheets are: {names}").format(
                    missing=", ".join(name for name in self._options.sheets if _same(name) in missing),
                    names=", ".join(info.name for info in infos),
                )
            )
        if all(info.skipped for info in infos):
            if absent:
                raise absent[0]
            hidden = [info.name for info in infos if not info.visible]
            if hidden:
                raise UnreadableFile(
                    _("only hidden sheets hold anything; to read one, name it with --sheet: {names}").format(
                        names=", ".join(hidden)
                    )
                )
            raise UnreadableFile(_("there is nothing in it: no row holds a value"))
        for info in infos:
            if info.skipped and not wanted:
                self._notice(info.name, _("this sheet was not read: {reason}").format(reason=sentence_of(info.skipped)))
        infos = _with_sheets_left_out(infos)
        self._found.inputs.append(
            InputFile(
                path=self._path,
                sha256=self._intake.sha256,
                size=self._intake.size,
                format=str(self._intake.format),
                encoding=self._intake.encoding,
                delimiter=self._intake.delimiter,
                rows=self._rows,
                excluded=self._excluded,
                blank=self._blank,
                sheets=infos,
                content=self._intake.content,
            )
        )

    def _unwanted(self, info: SheetInfo) -> Why | None:
        """Why a sheet is not to be read, None when it is."""
        wanted = set(map(_same, self._options.sheets))
        if not info.name or _ALL in wanted or _same(info.name) in wanted:
            return None
        if wanted:
            return Why.NOT_ASKED_FOR
        return None if info.visible or self._options.settled else Why.HIDDEN_SHEET

    def _notice(self, sheet: str, text: str) -> None:
        where = _("{file}, sheet '{sheet}'").format(file=self._path, sheet=sheet) if sheet else self._path
        self._found.notices.append(_("{file}: {problem}").format(file=where, problem=text))

    def _read_sheet(self, sheet: Sheet, saved: SettledSheet | None) -> SheetReading:
        settled = self._settler.settle(sheet, saved)
        reading = settled.reading
        positions = self._data_rows(sheet, settled)
        phones = tuple(one.place for one in reading.phones)
        headings = settled.columns.headings
        damage = find_damage(sheet, positions, reading.header_row, headings, phones, self._intake.delimiter)
        kept = still_rejected(settled.columns, positions, phones, self._options)
        self._found.pieces.append(cut_piece(sheet, positions, reading, damage, kept))
        sheet.let_go()
        self._found.tables.append(self._table(sheet, reading.header_row, headings))
        self._tell(sheet, reading, headings, damage)
        return reading

    def _data_rows(self, sheet: Sheet, settled: SettledColumns) -> npt.NDArray[np.int64]:
        """Positions of the rows to read; counts them, those left out and the blank ones."""
        reading, data = settled.reading, settled.columns.kept.copy()
        below = sheet.filled & (sheet.rows > reading.header_row)
        count = int(below.sum())
        first = reading.header_row if reading.header_row or not count else int(sheet.rows[below][0]) - 1
        self._rows += reading.rows
        self._excluded += reading.excluded
        self._blank += max(sheet.stored.last_row - first - count, 0)
        hidden = sheet.flags("hidden") & data
        if hidden.any() and self._options.hidden_rows == "skip":
            data &= ~hidden
            self._notice(
                sheet.stored.name,
                ngettext(
                    "{count} hidden row was left out", "{count} hidden rows were left out", int(hidden.sum())
                ).format(count=int(hidden.sum())),
            )
        return np.flatnonzero(data)

    def _table(self, sheet: Sheet, header_row: int, headings: dict[int, str]) -> SheetTable:
        names = [str(column) for column in sheet.columns]
        kinds = [sheet.kinds(column) for column in sheet.columns]
        return SheetTable(
            file=self._path,
            sheet=sheet.stored.name,
            format=str(self._intake.format),
            header_row=header_row,
            headings=[headings.get(column, "") for column in sheet.columns],
            positions=sheet.columns,
            table=sheet.data.select([f"v{name}" for name in names]),
            kinds=None if None in kinds else sheet.data.select([f"k{name}" for name in names]),
            rows=sheet.rows,
            filled=sheet.filled,
            fields=np.asarray(sheet.data.column("fields").to_numpy()) if "fields" in sheet.data.column_names else None,
            encoding=self._intake.encoding,
            bom=self._intake.bom,
            delimiter=self._intake.delimiter,
            newline=self._intake.newline,
            let_go=sheet.let_go,
        )

    def _tell(self, sheet: Sheet, reading: SheetReading, headings: dict[int, str], damage: Damage) -> None:
        name = sheet.stored.name
        for column, text in ((one.name, _UNUSED[one.about]) for one in reading.unused):
            self._notice(name, _(text).format(column=column))
        if any(map(is_mangled, headings.values())):
            self._notice(name, _("its accents were damaged before (Ã© for é); the numbers are not concerned"))
        if damage.lines:
            self._notice(
                name,
                _("these rows do not split into cells like the others and were rejected: {rows}").format(
                    rows=_row_list(sheet, list(damage.lines))
                ),
            )
        if damage.short:
            self._notice(
                name,
                _("these rows end before the last heading; their number was read: {rows}").format(
                    rows=_row_list(sheet, list(damage.short))
                ),
            )


def _located(error: InputError, sheet: str) -> InputError:
    """The error with the sheet's name, where the file has several."""
    if not sheet:
        return error
    text = _("sheet '{sheet}': {problem}").format(sheet=sheet, problem=error)
    if isinstance(error, QuestionOpen):
        return QuestionOpen(text, error.question)
    return ColumnNotFound(text, error.candidates) if isinstance(error, ColumnNotFound) else type(error)(text)


def _with_sheets_left_out(infos: tuple[SheetInfo, ...]) -> tuple[SheetInfo, ...]:
    """The first reading of the file names the sheets that were not read."""
    left_out = tuple(Unused("sheet", info.name, info.skipped) for info in infos if info.skipped)
    first = next(at for at, info in enumerate(infos) if info.reading)
    reading = infos[first].reading
    if not left_out or reading is None:
        return infos
    told = replace(infos[first], reading=replace(reading, unused=(*reading.unused, *left_out)))
    return (*infos[:first], told, *infos[first + 1 :])


def _same(name: str) -> str:
    """A sheet's name for comparing: spreadsheet programs ignore its case."""
    return name.strip().casefold()


def _row_list(sheet: Sheet, positions: list[int]) -> str:
    shown = [str(row) for row in sheet.rows[positions[:_ROWS_NAMED]].tolist()]
    more = len(positions) - len(shown)
    return ", ".join(shown) + (_(" and {count} more").format(count=more) if more else "")
