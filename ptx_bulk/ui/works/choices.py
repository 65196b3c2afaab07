"""What the person says of the files' meaning on the page, as the options of the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ptx_bulk.model import Accept, ListKind, Mode
from ptx_bulk.numbers import region_or_none
from ptx_bulk.settings import Profile
from ptx_bulk.workbooks import ReadOptions, SheetReading, letters

ROLES = ("", "phone", "list", "country")
ENCODINGS = ("utf-8", "cp1252", "iso8859-15", "utf-16", "mac_roman", "cp850")
DELIMITERS = {";": ";", ",": ",", "tab": "\t", "|": "|"}  # as forms and as options have them

Place = tuple[str, str]  # file and sheet


@dataclass
class Choices:
    """What is said so far.

    Attributes:
        mode: what the files mean to the lists.
        list: the list of all rows, None for what the files say.
        accept: which numbers count.
        region: the country of numbers without one; None: the profile's.
        sheets: the sheets to read, empty for those that are found.
        preset: whose export it is, '' where nobody says so.
        where: row filters, as `--where` takes them.
        encoding, delimiter: of text files, '' for what is found; the delimiter by its key in `DELIMITERS`.
        hidden_rows: whether rows that are hidden in the spreadsheet count.
        own: fields of `ReadOptions` for single sheets.
    """

    mode: Mode = Mode.IMPORT
    list: ListKind | None = None
    accept: Accept = Accept.MOBILE
    region: str | None = None
    sheets: tuple[str, ...] = ()
    preset: str = ""
    where: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    hidden_rows: bool = True
    own: dict[Place, dict[str, Any]] = field(default_factory=dict)

    @property
    def says_how(self) -> bool:
        """Whether anything is said of how the files are to be read, which may be why they cannot be."""
        return bool(self.own or self.preset or self.where or self.encoding or self.delimiter or self.region)

    def options(self, profile: Profile, *, whole_rows: bool = False) -> ReadOptions:
        """What holds for every sheet; the profile's list and region stand in for those that nobody says."""
        profiled = None if profile.list is None else ListKind(profile.list)
        return ReadOptions(
            list=None if whole_rows else self.list or profiled,
            sheets=self.sheets,
            where=self.where,
            encoding=self.encoding or None,
            delimiter=DELIMITERS.get(self.delimiter),
            preset=self.preset or None,
            hidden_rows="include" if self.hidden_rows else "skip",
            region=region_or_none(self.region or profile.region or "FR"),
            region_given=self.region is not None,
            whole_rows=whole_rows,
        )

    def of_sheet(self, place: Place, profile: Profile, *, whole_rows: bool = False) -> ReadOptions:
        """What holds for this sheet."""
        options = self.options(profile, whole_rows=whole_rows)
        if place[1]:
            options = replace(options, sheets=(place[1],))
        return replace(options, **self.own.get(place, {}))


def own_options(
    found: SheetReading | None, roles: Mapping[int, str], header_row: int | None, wanted: ListKind | None
) -> dict[str, Any]:
    """The fields of `ReadOptions` that say what the person clicked and that was not found so by itself.

    Args:
        found: how the sheet is read now, None where it could not be read.
        roles: one of `ROLES` for each column.
        header_row: the row with the headings, None where nothing is said.
        wanted: the list of all rows, where that is said.
    """
    said: dict[str, Any] = {}
    phones = _with_role(roles, "phone")
    lists, countries = _with_role(roles, "list"), _with_role(roles, "country")
    if header_row is not None and (found is None or header_row != found.header_row):
        said["header_row"] = header_row
    if phones and (found is None or phones != [one.place for one in found.phones]):
        said["columns"] = tuple(map(letters, phones))
    was_list = found.list_column.place if found is not None and found.list_column else None
    if lists and lists[0] != was_list:
        said["list_column"] = letters(lists[0])
    elif not lists and was_list is not None and wanted is None:
        said["list"] = (found.list.default if found is not None else None) or ListKind.STOP
    was_country = found.country_column.place if found is not None and found.country_column else None
    if countries and countries[0] != was_country:
        said["country_column"] = letters(countries[0])
    elif not countries and was_country is not None:
        said["country_column"] = "none"
    return said


def _with_role(roles: Mapping[int, str], role: str) -> list[int]:
    return sorted(place for place, said in roles.items() if said == role)


def roles_of(found: SheetReading | None, columns: Sequence[int]) -> dict[int, str]:
    """What each column is read as."""
    roles = dict.fromkeys(columns, "")
    if found is None:
        return roles
    for one in found.phones:
        roles[one.place] = "phone"
    for column, role in ((found.list_column, "list"), (found.country_column, "country")):
        if column is not None:
            roles[column.place] = role
    return roles
