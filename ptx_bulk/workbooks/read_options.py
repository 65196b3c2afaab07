"""What a caller may say about the files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ptx_bulk.arguments import HEADER_ROW, of_type, one_of, set_checked, text_or_none, texts, word, wrong
from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind
from ptx_bulk.workbooks.settled import SettledSheet
from ptx_bulk.workbooks.sheets.limits import Limits


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How to read the files; every field has the meaning of the command line's option of that name.

    Attributes:
        columns: phone columns, each a heading, a letter (`C`) or a 1-based number; empty: detect.
        list: the list of all rows, or of those whose cell in `list_column` is empty; None: what is found, else STOP.
        list_column: the column that says STOP or NPAI for each row; None: detect.
        country_column: the column with each row's country; None: detect; `none`: there is none.
        sheets: names of sheets, or `all`; empty: every visible sheet with a phone column.
        header_row: the row with the headings, 0 when the first row is data already; None: detect.
        where: row filters, `COLUMN=VALUE|VALUE` or `COLUMN!=VALUE`; all must hold.
        encoding: of text files; None: detect.
        delimiter: of text files; None: detect.
        region: the default region of numbers written without a country code; None: none.
        region_given: whether `region` was asked for, and no column of countries is to be looked for.
        hidden_rows: `skip` leaves out rows that are hidden in the spreadsheet.
        preset: whose export this is (`preset_names()`); its headings and reasons are known.
        settled: how the sheets were read before; what the other fields say wins over it.
        carried: how rejects files are to be read, as long as their headings are those that were written.
        password_file: a file whose first line is the password of protected workbooks; None: none.
        every_phone: whether every phone column is read, not the likeliest alone.
        whole_rows: whether rows are judged as a whole: what they say of lists does not matter, every phone column
            counts, and what else may hold numbers, sheets that are not read included, is handed out, too.
        limits: what a file may cost.
    """

    columns: tuple[str, ...] = ()
    list: ListKind | None = None
    list_column: str | None = None
    country_column: str | None = None
    sheets: tuple[str, ...] = ()
    header_row: int | None = None
    where: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    region: str | None = "FR"
    region_given: bool = False
    hidden_rows: Literal["include", "skip"] = "include"
    preset: str | None = None
    settled: tuple[SettledSheet, ...] = ()
    carried: tuple[SettledSheet, ...] = ()
    password_file: str | None = None
    every_phone: bool = False
    whole_rows: bool = False
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Refuse what says nothing about files.

        Raises:
            ConfigurationError: it names the argument.
        """
        from ptx_bulk.numbers.regions.codes import check_region  # noqa: PLC0415 - only where options are made by hand

        for name in ("columns", "sheets", "where"):
            set_checked(self, **{name: texts(name, getattr(self, name))})
        if self.list is not None:
            set_checked(self, list=one_of("list", self.list, ListKind))
        if self.header_row is not None:
            HEADER_ROW.check("header_row", self.header_row)
        for name in ("settled", "carried"):
            if not all(isinstance(one, SettledSheet) for one in getattr(self, name)):
                raise wrong(name, getattr(self, name), _("sheets of a reading"))
        for name in ("list_column", "country_column", "encoding", "delimiter", "region", "preset", "password_file"):
            text_or_none(name, getattr(self, name))
        if self.region is not None:
            set_checked(self, region=check_region(self.region))
        of_type("region_given", self.region_given, bool)
        of_type("every_phone", self.every_phone, bool)
        of_type("whole_rows", self.whole_rows, bool)
        word("hidden_rows", self.hidden_rows, ("include", "skip"))
        of_type("limits", self.limits, Limits)
