"""From a stored sheet to its settled reading: heading row, row filter, phone columns, list, country, in that order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ptx_bulk.errors import QuestionOpen, ReadingMismatch
from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind
from ptx_bulk.workbooks.choosing.columns import Columns
from ptx_bulk.workbooks.choosing.countries import NONE, CountryChoice, find_country, written_with_country_codes
from ptx_bulk.workbooks.choosing.earlier_rejects import find_rejects
from ptx_bulk.workbooks.choosing.evidence import Why
from ptx_bulk.workbooks.choosing.filters import RowFilter, parse_filter
from ptx_bulk.workbooks.choosing.header_row import HeaderRow, find_header_row, given_row
from ptx_bulk.workbooks.choosing.lists import ListChoice, find_list
from ptx_bulk.workbooks.choosing.phones import PhoneChoice, find_phones, other_phones
from ptx_bulk.workbooks.choosing.questions import Ask, Question, Undecided, nobody
from ptx_bulk.workbooks.choosing.sheet_reading import ColumnRef, SheetReading, Unused
from ptx_bulk.workbooks.choosing.vocabulary.presets import Preset
from ptx_bulk.workbooks.read_options import ReadOptions
from ptx_bulk.workbooks.settled import Polarity, SettledSheet, settled_for
from ptx_bulk.workbooks.sheets.sheet import Sheet, letters

_MOST_QUESTIONS = 10  # more than a sheet can have; an answer that settles nothing must not be asked for ever


@dataclass(frozen=True)
class SettledColumns:
    """A sheet's reading, and its columns with the rows that count."""

    reading: SheetReading
    columns: Columns


@dataclass(frozen=True)
class Settler:
    """Settles the sheets of one file.

    Attributes:
        file: its name as the user gave it.
        options: what the user said.
        preset: whose export it is, None when nobody said.
        ask: who answers questions.
        encoding, delimiter: of a text file.
    """

    file: str
    options: ReadOptions
    preset: Preset | None = None
    ask: Ask = nobody
    encoding: str = ""
    delimiter: str = ""

    def settle(self, sheet: Sheet, saved: SettledSheet | None = None) -> SettledColumns:
        """The reading of a sheet; `saved` is what was settled before.

        Raises:
            QuestionOpen: a choice is in doubt and nobody answers.
            ReadingMismatch: the headings are not those of the saved reading.
            ColumnNotFound: a named column is missing, or the sheet has no phone column.
            ConfigurationError: a filter is none.
            UnreadableFile: the named heading row is empty.
        """
        if saved is None:
            saved = self._carried(sheet)
        options = self.options if saved is None else _as_saved(self.options, saved)
        for _question in range(_MOST_QUESTIONS):
            try:
                return self._settled(sheet, options, saved)
            except Undecided as doubt:
                options = self._answered(doubt.question, options)
        return self._settled(sheet, options, saved)

    def _carried(self, sheet: Sheet) -> SettledSheet | None:
        """How the rejects file is to be read, None where it is none or somebody changed its columns."""
        carried = settled_for(self.file, sheet.stored.name, self.options.carried)
        if carried is None:
            return None
        found = given_row(sheet, carried.header_row).headings if sheet.filled.any() else {}
        return carried if carried.same_headings(_by_letters(found)) else None

    def _answered(self, question: Question, options: ReadOptions) -> ReadOptions:
        place = self.ask(question)
        if place is None:
            raise QuestionOpen(question.refusal(), question.as_json())
        answer: dict[str, Any] = dict(question.candidates[place].answer)
        if "where" in answer:
            answer["where"] = (*options.where, *answer["where"])
        return replace(options, **answer)

    def _settled(self, sheet: Sheet, options: ReadOptions, saved: SettledSheet | None) -> SettledColumns:
        header = given_row(sheet, options.header_row) if options.header_row is not None else find_header_row(sheet)
        if saved is not None and not saved.same_headings(_by_letters(header.headings)):
            raise ReadingMismatch(
                _(
                    "row {row} does not hold the headings of the saved reading any more; look at the file, then save "
                    "a new reading with --save-reading"
                ).format(row=saved.header_row)
            )
        columns = Columns(self.file, sheet, header.row, header.headings, header.meant, options.region)
        filters = tuple(parse_filter(text, columns) for text in options.where)
        below = int(columns.kept.sum())
        for one in filters:
            columns.narrow(one.rows(columns))
        phones = self._phones(columns, options)
        listed = self._list(columns, phones, options, saved)
        country = find_country(
            columns,
            phones.columns,
            named=options.country_column,
            region_given=options.region_given,
        )
        return self._made(columns, header, phones, listed, country, filters, below, options)

    def _phones(self, columns: Columns, options: ReadOptions) -> PhoneChoice:
        if options.columns:
            named = tuple(dict.fromkeys(columns.named(name) for name in options.columns))
            return PhoneChoice(named, Why.OPTION)
        found = columns.headed(self.preset.phone) if self.preset else None
        return (
            find_phones(columns, take_all=options.whole_rows or options.every_phone)
            if found is None
            else PhoneChoice((found,), Why.PROVIDER)
        )

    def _list(
        self, columns: Columns, phones: PhoneChoice, options: ReadOptions, saved: SettledSheet | None
    ) -> ListChoice:
        if options.whole_rows:
            return ListChoice(None, None, Why.OPTION)
        if saved is not None and saved.list_column is not None and not _names_list(self.options):
            default = ListKind(saved.list) if saved.list else None
            reasons = dict(self.preset.reasons) if self.preset else {}
            place = columns.named(saved.list_column)
            choice = ListChoice(place, default, Why.READING, Polarity(saved.polarity), reasons=reasons)
            rejects = find_rejects(columns)
            if rejects is None or rejects.list is None:
                return choice
            return replace(choice, column=rejects.list, why=Why.REJECTS, second=place)
        return find_list(columns, phones.columns, wanted=options.list, named=options.list_column, preset=self.preset)

    def _made(
        self,
        columns: Columns,
        header: HeaderRow,
        phones: PhoneChoice,
        listed: ListChoice,
        country: CountryChoice,
        filters: tuple[RowFilter, ...],
        below: int,
        options: ReadOptions,
    ) -> SettledColumns:
        kept = int(columns.kept.sum())

        def ref(place: int) -> ColumnRef:
            return ColumnRef(place, header.headings.get(place, ""))

        reading = SheetReading(
            file=self.file,
            sheet=columns.sheet.stored.name,
            header_row=header.row,
            headings=tuple(ColumnRef(one, text) for one, text in sorted(header.headings.items())),
            phones=tuple(map(ref, phones.columns)),
            list=listed,
            list_column=None if listed.column is None else ref(listed.column),
            country=country,
            country_column=None if country.column is None else ref(country.column),
            others=tuple(map(ref, other_phones(columns, phones.columns))) if options.whole_rows else (),
            region=options.region,
            filters=tuple(map(str, filters)),
            encoding=self.encoding,
            delimiter=self.delimiter,
            international=written_with_country_codes(columns, phones.columns, options.region),
            evidence={"header_row": header.why, "phones": phones.why, "list": listed.why, "country": country.why},
            unused=() if options.whole_rows else _unused(columns, phones, listed, country),
            rows=kept,
            excluded=below - kept,
        )
        return SettledColumns(reading, columns)


def _as_saved(options: ReadOptions, saved: SettledSheet) -> ReadOptions:
    """The options with what was settled before, where they say nothing themselves."""
    return replace(
        options,
        columns=options.columns or saved.phones,
        header_row=saved.header_row if options.header_row is None else options.header_row,
        where=options.where or saved.where,
        list=ListKind(saved.list) if saved.list and not _names_list(options) else options.list,
        country_column=options.country_column or ("none" if options.region_given else saved.country_column or NONE),
        region=options.region if options.region_given else saved.region,
    )


def _by_letters(headings: dict[int, str]) -> dict[str, str]:
    return {letters(at): text for at, text in headings.items()}


def _names_list(options: ReadOptions) -> bool:
    return options.list is not None or options.list_column is not None


def _unused(columns: Columns, phones: PhoneChoice, listed: ListChoice, country: CountryChoice) -> tuple[Unused, ...]:
    """What was seen and left aside."""
    aside = [
        ("phone_column", phones.unused, Why.SECOND),
        ("list_column", listed.unused, listed.why),
        ("country_column", country.unused, country.why),
    ]
    return tuple(Unused(about, columns.label(one), why) for about, places, why in aside for one in places)
