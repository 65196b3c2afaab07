"""The settled reading of a sheet: what was chosen, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.workbooks.choosing.countries import CountryChoice
from ptx_bulk.workbooks.choosing.evidence import Why, sentence_of
from ptx_bulk.workbooks.choosing.lists import ListChoice
from ptx_bulk.workbooks.settled import Polarity, SettledSheet
from ptx_bulk.workbooks.sheets.sheet import letters


@dataclass(frozen=True)
class ColumnRef:
    """A column: its 0-based place and its heading, '' where it has none."""

    place: int
    heading: str

    @property
    def label(self) -> str:
        """The heading, or the letters."""
        return self.heading.strip() or letters(self.place)

    @property
    def shown(self) -> str:
        """Letters and heading."""
        heading = " ".join(self.heading.split())
        return f"{letters(self.place)} ({heading})" if heading else letters(self.place)


@dataclass(frozen=True)
class Unused:
    """A column or sheet that was deliberately left aside, and why."""

    about: str
    name: str
    why: Why

    def as_json(self) -> dict[str, str]:
        """What it is about, its name, and the word for why."""
        return {"about": self.about, "name": self.name, "why": self.why.value}


@dataclass(frozen=True, kw_only=True)
class SheetReading:
    """What one sheet means, settled.

    Attributes:
        file, sheet: where; `sheet` is '' for text files.
        header_row: the row with the headings, 0 for none.
        headings: of the columns in use, from left to right.
        phones: the columns with the numbers.
        others: where rows are judged as a whole, the other columns that may hold numbers.
        list: what says the list of each row.
        list_column: its column, None where all rows are for one list.
        country: what says the country of each number.
        country_column: its column, None for none.
        region: the default region, None for none.
        filters: which rows count, as on the command line.
        encoding, delimiter: of text files.
        international: whether the columns are written with country codes throughout.
        evidence: for `header_row`, `phones`, `list` and `country`, what decided.
        unused: what was left aside.
        rows, excluded: rows that count, and rows that the filters leave out.
    """

    file: str
    sheet: str
    header_row: int
    headings: tuple[ColumnRef, ...]
    phones: tuple[ColumnRef, ...]
    list: ListChoice
    list_column: ColumnRef | None
    country: CountryChoice
    country_column: ColumnRef | None
    region: str | None
    others: tuple[ColumnRef, ...] = ()
    filters: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    international: bool = False
    evidence: dict[str, Why]
    unused: tuple[Unused, ...] = ()
    rows: int = 0
    excluded: int = 0

    def as_json(self) -> dict[str, Any]:
        """The object that `--json`, reports and the journal keep; its keys are stable."""
        return {
            "file": self.file,
            "sheet": self.sheet,
            "header_row": self.header_row,
            "phone_columns": [one.label for one in self.phones],
            "list": self.list.default.value if self.list.default else None,
            "list_column": self.list_column.label if self.list_column else None,
            "polarity": self.list.polarity.value if self.list_column else None,
            "country_column": self.country_column.label if self.country_column else None,
            "region": self.region,
            "international": self.international,
            "where": [*self.filters],
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "rows": self.rows,
            "excluded": self.excluded,
            "evidence": {about: why.value for about, why in self.evidence.items()},
            "unused": [one.as_json() for one in self.unused],
        }

    def settled(self) -> SettledSheet:
        """The values that read the sheet so again."""
        return SettledSheet(
            file=self.file,
            sheet=self.sheet,
            header_row=self.header_row,
            headings={letters(one.place): one.heading for one in self.headings},
            phones=tuple(letters(one.place) for one in self.phones),
            list_column=letters(self.list_column.place) if self.list_column else None,
            polarity=self.list.polarity.value,
            list=self.list.default.value if self.list.default else None,
            country_column=letters(self.country_column.place) if self.country_column else None,
            region=self.region,
            where=self.filters,
            encoding=self.encoding,
            delimiter=self.delimiter,
        )

    def sentence(self) -> str:
        """One line for people, said before the counts."""
        where = _("{file}, sheet '{sheet}'").format(file=self.file, sheet=self.sheet) if self.sheet else self.file
        parts = [
            _("headings in row {row}").format(row=self.header_row) if self.header_row else _("no headings"),
            _("numbers in {columns} ({why})").format(
                columns=", ".join(one.shown for one in self.phones), why=sentence_of(self.evidence["phones"])
            ),
            *self._list_words(),
            self._country_words(),
            ngettext("{rows:,} row", "{rows:,} rows", self.rows).format(rows=Quantity(self.rows)),
        ]
        if self.filters:
            left_out = _("{excluded:,} left out by --where {filters}")
            parts.append(left_out.format(excluded=Quantity(self.excluded), filters=", ".join(self.filters)))
        return _("Reading {file}: {parts}.").format(file=where, parts=_("; ").join(parts))

    def _list_words(self) -> tuple[str, ...]:
        """What says the list; nothing where no list matters."""
        if self.list_column is not None:
            return (self._list_column_words(self.list_column),)
        if self.list.default is None:
            others = ", ".join(one.shown for one in self.others)
            return (_("also looked through: {columns}").format(columns=others),) if others else ()
        return (_("all rows for {list} ({why})").format(list=self.list.default.name, why=sentence_of(self.list.why)),)

    def _list_column_words(self, column: ColumnRef) -> str:
        shown, why = column.shown, sentence_of(self.list.why)
        if self.list.polarity is Polarity.OPT_IN:
            return _("list by {column}, where no means STOP ({why})").format(column=shown, why=why)
        if self.list.polarity is Polarity.OPT_OUT:
            return _("list by {column}, where yes means STOP ({why})").format(column=shown, why=why)
        if self.list.default is not None:
            return _("list by {column}, {list} where it is empty ({why})").format(
                column=shown, list=self.list.default.name, why=why
            )
        return _("list by {column} ({why})").format(column=shown, why=why)

    def _country_words(self) -> str:
        region = self.region or _("none")
        if self.country_column is None:
            return _("country {region}").format(region=region)
        return _("country by {column}, else {region}").format(column=self.country_column.shown, region=region)
