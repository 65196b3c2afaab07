"""Files in, cells out: the way through the room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ptx_bulk.errors import ColumnNotFound, UnreadableFile
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.workbooks.assembling import Piece, assemble, cut_piece
from ptx_bulk.workbooks.choosing.folding import is_mangled
from ptx_bulk.workbooks.columns import Chooser, NoSuchColumn
from ptx_bulk.workbooks.damage import Damage, find_damage
from ptx_bulk.workbooks.header import find_header
from ptx_bulk.workbooks.intake import Intake, take_in
from ptx_bulk.workbooks.options import ReadOptions
from ptx_bulk.workbooks.presets import Preset, load_preset
from ptx_bulk.workbooks.reading import InputFile, Reading, SheetInfo, SheetTable
from ptx_bulk.workbooks.scratch import FULL, Scratch, unwritable
from ptx_bulk.workbooks.sheets import Sheet

_ALL = "all"
_ROWS_NAMED = 10


def read(paths: Sequence[Path | str], options: ReadOptions) -> Reading:
    """Read the phone cells of all files, in order.

    Args:
        paths: the files; `-` is standard input as text.
        options: what is known about them.

    Returns:
        The cells and the original tables; close it when done.

    Raises:
        UnreadableFile: a file is missing, empty, damaged, protected, hostile or no spreadsheet, or there is no room
            for a temporary copy of it.
        ColumnNotFound: a file has no phone column, or several that are equally likely.
        ConfigurationError: there is no such encoding, delimiter or preset.
    """
    preset = load_preset(options.preset) if options.preset else None
    scratch = Scratch()
    found = _Found()
    try:
        for number, path in enumerate(paths):
            _read_file(str(path), scratch.folder / str(number), options, preset, found)
        cells = assemble(found.pieces)
    except BaseException:
        found.release()
        scratch.close()
        raise
    return Reading(
        cells=cells,
        inputs=tuple(found.inputs),
        notices=tuple(found.notices),
        tables=tuple(found.tables),
        scratch=scratch,
    )


@dataclass
class _Found:
    pieces: list[Piece] = field(default_factory=list)
    inputs: list[InputFile] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    tables: list[SheetTable] = field(default_factory=list)

    def release(self) -> None:
        """Let go of what is mapped into memory."""
        self.pieces.clear()
        self.tables.clear()


def _read_file(path: str, folder: Path, options: ReadOptions, preset: Preset | None, found: _Found) -> None:
    try:
        folder.mkdir()
        _FileReader(path, take_in(path, folder, options), options, preset, found).read()
    except ColumnNotFound as error:
        raise ColumnNotFound(_("{file}: {problem}").format(file=path, problem=error), error.candidates) from error
    except UnreadableFile as error:
        raise UnreadableFile(_("{file}: {problem}").format(file=path, problem=error)) from error
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise UnreadableFile(_("{file}: {problem}").format(file=path, problem=unwritable(error))) from error


class _FileReader:
    """Reads the sheets of one file that was taken in."""

    def __init__(self, path: str, intake: Intake, options: ReadOptions, preset: Preset | None, found: _Found) -> None:
        self._path = path
        self._intake = intake
        self._options = options
        self._preset = preset
        self._found = found
        self._rows = 0
        self._blank = 0

    def read(self) -> None:
        """Add the file's cells, tables and notices to what was found.

        Raises:
            ColumnNotFound, UnreadableFile: without the file's name.
        """
        for notice in self._intake.notices:
            self._notice("", notice)
        infos: list[SheetInfo] = []
        absent: list[ColumnNotFound] = []
        for stored in self._intake.sheets:
            info = SheetInfo(name=stored.name, visible=stored.visible)
            skipped = self._unwanted(info)
            sheet = Sheet(stored)
            if skipped is None and not sheet.filled.any():
                skipped = _("it is empty")
            if skipped is None:
                try:
                    info = self._read_sheet(sheet, info)
                except NoSuchColumn as error:
                    absent.append(self._located(error, stored.name))
                    skipped = _("it has no column with phone numbers")
                except ColumnNotFound as error:
                    raise self._located(error, stored.name) from error
            infos.append(replace(info, skipped=skipped))
        self._settle(tuple(infos), absent)

    def _settle(self, infos: tuple[SheetInfo, ...], absent: list[ColumnNotFound]) -> None:
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
                self._notice(info.name, _("this sheet was not read: {reason}").format(reason=info.skipped))
        self._found.inputs.append(
            InputFile(
                path=self._path,
                sha256=self._intake.sha256,
                size=self._intake.size,
                format=str(self._intake.format),
                encoding=self._intake.encoding,
                delimiter=self._intake.delimiter,
                rows=self._rows,
                blank=self._blank,
                sheets=infos,
            )
        )

    def _unwanted(self, info: SheetInfo) -> str | None:
        """Why a sheet is not to be read, None when it is."""
        wanted = set(map(_same, self._options.sheets))
        if not info.name or _ALL in wanted or _same(info.name) in wanted:
            return None
        if wanted:
            return _("another one was asked for")
        return None if info.visible else _("it is hidden")

    def _located(self, error: ColumnNotFound, sheet: str) -> ColumnNotFound:
        if not sheet:
            return error
        return ColumnNotFound(_("sheet '{sheet}': {problem}").format(sheet=sheet, problem=error), error.candidates)

    def _notice(self, sheet: str, text: str) -> None:
        where = _("{file}, sheet '{sheet}'").format(file=self._path, sheet=sheet) if sheet else self._path
        self._found.notices.append(_("{file}: {problem}").format(file=where, problem=text))

    def _read_sheet(self, sheet: Sheet, info: SheetInfo) -> SheetInfo:
        header_row, headings = find_header(sheet) if self._options.header else (0, {})
        chooser = Chooser(sheet, header_row, headings, self._options, self._preset)
        choice = chooser.choose()
        positions = self._data_rows(sheet, header_row)
        damage = find_damage(sheet, positions, header_row, headings, choice.phones, self._intake.delimiter)
        labels = [chooser.label(column) for column in choice.phones]
        self._found.pieces.append(
            cut_piece(
                self._path, sheet, positions, choice.phones, labels, choice.list_column, choice.country_column, damage
            )
        )
        self._found.tables.append(self._table(sheet, header_row, headings))
        self._tell(sheet, header_row, headings, damage)
        if choice.passed_over:
            self._notice(
                info.name,
                _("the numbers are read from column {column}, not from {others}; --column chooses others").format(
                    column=labels[0], others=", ".join(map(chooser.label, choice.passed_over))
                ),
            )
        return replace(
            info,
            header_row=header_row,
            columns=tuple(labels),
            list_column=None if choice.list_column is None else chooser.label(choice.list_column),
            country_column=None if choice.country_column is None else chooser.label(choice.country_column),
        )

    def _data_rows(self, sheet: Sheet, header_row: int) -> npt.NDArray[np.int64]:
        """Positions of the rows to read; counts them and the blank ones."""
        data = sheet.filled & (sheet.rows > header_row)
        count = int(data.sum())
        first = header_row if header_row or not count else int(sheet.rows[data][0]) - 1
        self._rows += count
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
            encoding=self._intake.encoding,
            bom=self._intake.bom,
            delimiter=self._intake.delimiter,
            newline=self._intake.newline,
        )

    def _tell(self, sheet: Sheet, header_row: int, headings: dict[int, str], damage: Damage) -> None:
        name = sheet.stored.name
        if header_row > 1:
            self._notice(name, _("the headings were found in row {row}").format(row=header_row))
        if not header_row and self._options.header:
            self._notice(name, _("there is no row of headings; columns are named by their letters"))
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


def _same(name: str) -> str:
    """A sheet's name for comparing: spreadsheet programs ignore its case."""
    return name.strip().casefold()


def _row_list(sheet: Sheet, positions: list[int]) -> str:
    shown = [str(row) for row in sheet.rows[positions[:_ROWS_NAMED]].tolist()]
    more = len(positions) - len(shown)
    return ", ".join(shown) + (_(" and {count} more").format(count=more) if more else "")
