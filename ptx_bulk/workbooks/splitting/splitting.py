"""One input file into its parts: in its own format where that has a writer, else as a new workbook."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import N_, Quantity, _, ngettext
from ptx_bulk.workbooks.guard.parent import encrypt_guarded, parse_guarded
from ptx_bulk.workbooks.guard.sniffing import Format
from ptx_bulk.workbooks.reading import InputFile, SheetTable
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import private_file
from ptx_bulk.workbooks.splitting.anew import write_anew
from ptx_bulk.workbooks.splitting.cards import split_cards
from ptx_bulk.workbooks.splitting.checking import Holds, says_listed
from ptx_bulk.workbooks.splitting.handing import SAID, Job, write_job
from ptx_bulk.workbooks.splitting.leaving import runs_of_leaving
from ptx_bulk.workbooks.splitting.parts import KEPT, PART_NAMES, SheetParts
from ptx_bulk.workbooks.splitting.spans import Unusual
from ptx_bulk.workbooks.splitting.text_files import split_text
from ptx_bulk.workbooks.storing import Content

_HERE = __name__.rpartition(".")[0]
# in the guarded process; each takes what a reader takes, and finds its job in the folder
_CUTTERS = {
    Format.XLSX: f"{_HERE}.xlsx.package:split_xlsx",
    Format.ODS: f"{_HERE}.ods:split_ods",
    Format.PARQUET: f"{_HERE}.parquet_tables:split_parquet",
}
_GATHERER = f"{_HERE}.checking:gather_whole"
_ENDINGS = {
    Format.CSV: (".csv", ".tsv", ".txt"),
    Format.XLSX: (".xlsx", ".xlsm", ".xltx", ".xltm"),
    Format.ODS: (".ods", ".ots"),
    Format.PARQUET: (".parquet",),
    Format.VCARD: (".vcf",),
}
_LEFT_OUT = {
    "formulas": N_("formulas (their last values stay)"),
    "comments": N_("comments"),
    "drawings": N_("pictures, charts and buttons"),
    "pivot": N_("pivot tables"),
    "links": N_("links"),
    "merged": N_("merged cells"),
    "names": N_("names of ranges"),
    "rules": N_("rules for colours and entries"),
    "tables": N_("tables (their cells stay)"),
    "properties": N_("properties of the document"),
    "printer": N_("printer settings"),
}


@dataclass(frozen=True)
class Split:
    """What became of one input file.

    Attributes:
        ending: of the names that the files should get.
        files: by part, where its bytes are.
        notices: what the user should know.
    """

    ending: str
    files: Mapping[int, Path]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Splitter:
    """Splits the files of a reading; what it writes lies in `folder`.

    Attributes:
        file: the input.
        tables: its sheets, as they were read, whether they count or not.
        sheets: where their rows go, by the sheet's name.
        wanted: the parts to write, `KEPT` first.
        folder: private, for the parts.
        limits: what it may cost.
        listed: whether a listed number surely stands in one of these texts, for what is no cell; None: nobody asks.
    """

    file: InputFile
    tables: Sequence[SheetTable]
    sheets: Mapping[str, SheetParts]
    wanted: tuple[int, ...]
    folder: Path
    limits: Limits
    listed: Holds | None = None

    def split(self) -> Split:
        """Write the parts.

        Raises:
            UnreadableFile: the file changed since it was read, or it cannot be cut within the limits.
        """
        content, form = self.file.content, Format(self.file.format)
        if content is None:
            msg = "a table in memory has no file to split"
            raise AssertionError(msg)
        data = self._unchanged(content)
        try:
            if form is Format.CSV:
                found = self._text(content, data)
            elif form is Format.VCARD:
                split_cards(data, self.sheets[""], self.wanted, self.folder)
                found = self._made(())
            elif form is Format.ODS:
                found = self._ods(content, data)
            elif self._whole and form in _ENDINGS:
                found = self._copy(data)
            else:
                found = self._cut(content, form) if form in _CUTTERS else self._anew()
        except Unusual:
            found = self._anew()
        return self._locked(found, content)

    def _unchanged(self, content: Content) -> bytes:
        """The bytes that were read, or nobody's."""
        data = content.path.read_bytes()
        if content.sha256 and hashlib.sha256(data).hexdigest() != content.sha256:
            raise UnreadableFile(_("the file changed while it was read; try again when nobody writes to it"))
        return data

    def _text(self, content: Content, data: bytes) -> Split:
        table, parts = self.tables[0], self.sheets[""]
        widths = table.fields
        with ExitStack() as stack:
            streams = {part: stack.enter_context(private_file(self.folder / PART_NAMES[part])) for part in self.wanted}
            whole = split_text(content, data, parts, widths, streams)
        lost = _("characters that its encoding does not have were replaced by question marks")
        return self._made(() if whole else (lost,))

    @property
    def _whole(self) -> bool:
        return self.wanted == (KEPT,) and all(parts.whole for parts in self.sheets.values())

    def _ods(self, content: Content, data: bytes) -> Split:
        """As it is where nobody leaves, else cut; written anew where a listed number would stay that no cell shows."""
        if self._whole:
            parse_guarded(content.path, _GATHERER, self.folder, self.limits)
            if not self._says_more:
                return self._copy(data)
        found = self._cut(content, Format.ODS)
        return self._anew() if self._says_more else found

    @property
    def _says_more(self) -> bool:
        return self.listed is not None and says_listed(self.folder, self.listed)

    def _copy(self, data: bytes) -> Split:
        with private_file(self.folder / PART_NAMES[KEPT]) as out:
            out.write(data)
        return self._made(())

    def _cut(self, content: Content, form: Format) -> Split:
        said = self._guarded(content, form, frozenset())
        found = runs_of_leaving(_runs(said), self.tables, self.sheets)
        if not found:
            return self._made(_notices(said))
        where = sorted(part for part, runs in said["runs"].items() if found.intersection(runs))
        said = self._guarded(content, form, frozenset(found))
        left = sorted(part for part, runs in said["runs"].items() if found.intersection(runs))
        if left:
            text = _(
                "the number of somebody who is not kept also stands outside of the rows, in {parts} of the package; "
                "take it out there, save the file and try again"
            )
            raise UnreadableFile(text.format(parts=", ".join(left)))
        text = _("numbers of people who are not kept were also taken out of what the file holds beside rows: {parts}")
        return self._made((*_notices(said), text.format(parts=", ".join(where))))

    def _guarded(self, content: Content, form: Format, erased: frozenset[str]) -> dict[str, Any]:
        """Have the file cut in the guarded process; what that says."""
        columns = {
            table.sheet: max(table.positions, default=-1) + 1 - len(self._leaving(table, form)) for table in self.tables
        }
        write_job(self.folder, Job(self.wanted, self.sheets, columns, erased))
        parse_guarded(content.path, _CUTTERS[form], self.folder, self.limits)
        said: dict[str, Any] = json.loads((self.folder / SAID).read_text(encoding="utf-8"))
        if said.get("unusual"):
            raise Unusual
        return said

    def _leaving(self, table: SheetTable, form: Format) -> tuple[int, ...]:
        """The columns that are taken out; of an .xlsx none are, and ours stand behind those of an earlier time."""
        return self.sheets[table.sheet].dropped if form is Format.ODS else ()

    def _anew(self) -> Split:
        hidden = frozenset(info.name for info in self.file.sheets if not info.visible)
        order = {info.name: at for at, info in enumerate(self.file.sheets)}
        tables = sorted(self.tables, key=lambda table: order[table.sheet])
        texts = 0
        for part in self.wanted:
            texts += write_anew(self.folder / PART_NAMES[part], tables, self.sheets, part, hidden)
        notices = [
            _("written as a new .xlsx workbook with the values and types of the cells; other formats of cells are lost")
        ]
        if texts:
            text = ngettext(
                "{count:,} formula that was never calculated and is about other rows stands there as a text",
                "{count:,} formulas that were never calculated and are about other rows stand there as texts",
                texts,
            )
            notices.append(text.format(count=Quantity(texts)))
        return Split(".xlsx", self._paths(), tuple(notices))

    def _made(self, notices: tuple[str, ...]) -> Split:
        known = _ENDINGS[Format(self.file.format)]
        ending = PurePath(self.file.path).suffix.lower()
        return Split(ending if ending in known else known[0], self._paths(), notices)

    def _paths(self) -> dict[int, Path]:
        return {part: self.folder / PART_NAMES[part] for part in self.wanted}

    def _locked(self, found: Split, content: Content) -> Split:
        """The parts of a protected workbook get its password."""
        if content.password is None:
            return found
        for path in found.files.values():
            encrypt_guarded(path, self.folder, self.limits, content.password)
        text = _("the files that were written have the same password as the one that was read")
        return Split(found.ending, found.files, (*found.notices, text))


def _runs(said: Mapping[str, Any]) -> set[str]:
    """The runs of digits that stand in the kept file beside its rows."""
    return {run for runs in said.get("runs", {}).values() for run in runs}


def _notices(said: Mapping[str, Any]) -> tuple[str, ...]:
    """What the user should know of a file that was cut."""
    found = []
    if said["left_out"]:
        words = ", ".join(_(_LEFT_OUT[word]) for word in said["left_out"])
        found.append(_("left out, since they point at rows or keep copies of them: {words}").format(words=words))
    if said.get("macros"):
        found.append(_("macros stay as they are; a number that is written in them may not have been found"))
    for sheet, (count, cell) in said.get("lost", {}).items():
        text = ngettext(
            "sheet {sheet}: a cell is left empty, {cell} of the input: its formula has never been calculated and "
            "cannot move with its row; open the file in a spreadsheet program, save it there and scrub it again",
            "sheet {sheet}: {count:,} cells are left empty, the first is {cell} of the input: their formulas have "
            "never been calculated and cannot move with their rows; open the file in a spreadsheet program, save it "
            "there and scrub it again",
            count,
        )
        found.append(text.format(sheet=repr(sheet), count=Quantity(count), cell=cell))
    return tuple(found)
