"""Which columns hold the phone numbers: the heading decides, the content only where no heading speaks."""

from __future__ import annotations

from dataclasses import dataclass

from ptx_bulk.errors import ColumnNotFound
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.choosing.columns import Columns, NoSuchColumn
from ptx_bulk.workbooks.choosing.evidence import Why
from ptx_bulk.workbooks.choosing.questions import About, Undecided, column_candidates, undecided
from ptx_bulk.workbooks.choosing.vocabulary.listwords import Said, word_says
from ptx_bulk.workbooks.choosing.vocabulary.meaning import NEVER_PHONES, HeadingMeaning, names_phone

_MOSTLY = 0.5  # share of phones from which on a column without a heading is one of phones
_SOME = 0.3  # the same under a heading that may mean a phone
_RANKS = (HeadingMeaning.MOBILE, HeadingMeaning.PHONE, HeadingMeaning.SENDER, HeadingMeaning.LANDLINE)
_MAYBE = frozenset({*_RANKS, HeadingMeaning.PHONE_UNSURE, HeadingMeaning.RECIPIENT_OURS})
_NO_PHONE = frozenset({Said.YES, Said.NO, Said.STOP, Said.NPAI, Said.FREE, Said.EMPTY})


@dataclass(frozen=True)
class PhoneChoice:
    """The phone columns of a sheet: 0-based places, why, and other columns that may hold phones, too."""

    columns: tuple[int, ...]
    why: Why
    unused: tuple[int, ...] = ()


def find_phones(columns: Columns, *, take_all: bool = False) -> PhoneChoice:
    """The phone column that headings and content name.

    Args:
        columns: of the sheet.
        take_all: whether several that are as likely are all taken instead of asked for.

    Raises:
        Doubt: a person has to choose.
        NoSuchColumn: no column of the sheet can be it.
    """
    if not columns.headings:
        return _by_content(columns, take_all=take_all)
    named = _named(columns, take_all=take_all)
    if named is not None:
        return named
    weak = [one for one in columns.of(HeadingMeaning.WEAK) if columns.content[one].mobiles >= _SOME]
    if len(weak) == 1:
        return PhoneChoice((weak[0],), Why.HEADING_AND_CONTENT, _unread(columns, weak[0], []))
    if weak:
        return _all_of(columns, weak, Why.HEADING_AND_CONTENT, take_all=take_all)
    only = [one for one in columns.sheet.columns if columns.meanings[one] not in NEVER_PHONES]
    if len(columns.sheet.columns) == 1 and only and columns.content[only[0]].mobiles >= _MOSTLY:
        return PhoneChoice((only[0],), Why.ONLY_COLUMN)
    raise _nothing_sure(columns)


def _doubt(columns: Columns, text: str, chosen: list[int]) -> Undecided:
    candidates = column_candidates(columns, chosen, "--column", lambda at: {"columns": (at,)})
    return undecided(columns, About.PHONE_COLUMN, text, candidates)


def _all_of(columns: Columns, likely: list[int], why: Why, *, take_all: bool) -> PhoneChoice:
    """Columns that are as likely: all of them, or a question."""
    if take_all:
        return PhoneChoice(tuple(likely), why)
    raise _doubt(columns, _several(columns, likely), likely)


def other_phones(columns: Columns, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """The columns beside the chosen ones that may hold phones: by their heading, or by any number in their sample."""
    return tuple(
        one
        for one in columns.sheet.columns
        if one not in chosen
        and (columns.meanings[one] in _MAYBE or (one in columns.content and columns.content[one].phones > 0))
    )


def _named(columns: Columns, *, take_all: bool) -> PhoneChoice | None:
    """The column whose heading names a phone; final, even over an empty column."""
    groups = [[one for one in columns.of(rank) if not _is_flag(columns, one)] for rank in _RANKS]
    if _is_reply_table(columns) and groups[_RANKS.index(HeadingMeaning.SENDER)]:
        groups.insert(0, groups.pop(_RANKS.index(HeadingMeaning.SENDER)))
    every = [one for group in groups for one in group]
    holding = [one for one in every if columns.content[one].mobiles > 0]
    if take_all and len(every) > 1:
        return PhoneChoice(_written_to(columns, every), Why.HEADING)
    for group in groups:
        chosen = [one for one in group if one in holding] if holding else group
        if not chosen:
            continue
        if len(chosen) > 1:
            return _all_of(columns, chosen, Why.HEADING, take_all=take_all)
        _check_rivals(columns, chosen[0])
        return PhoneChoice((chosen[0],), Why.HEADING, _unread(columns, chosen[0], every))
    return None


def _written_to(columns: Columns, named: list[int]) -> tuple[int, ...]:
    """Of the columns that are named so, those that somebody may write to: all but the ones full of other things."""
    persons = [one for one in named if columns.meanings[one] is not HeadingMeaning.SENDER] or named
    some = [one for one in persons if columns.content[one].phones > 0 or not columns.content[one].filled]
    return tuple(sorted(some or persons))


def _unread(columns: Columns, chosen: int, named: list[int]) -> tuple[int, ...]:
    """Columns beside the chosen one that hold phones: those named so, and any other that is full of mobiles."""
    return tuple(
        one
        for one in columns.sheet.columns
        if one != chosen
        and (
            (one in named and columns.content[one].filled)
            or (columns.meanings[one] not in NEVER_PHONES and columns.content[one].mobiles >= _MOSTLY)
        )
    )


def _check_rivals(columns: Columns, chosen: int) -> None:
    """Ask where the named column is filled with other things while one of no clear heading holds phones."""
    seen = columns.content[chosen]
    if not seen.filled or seen.phones > 0:
        return
    rivals = [
        one
        for one in columns.of(HeadingMeaning.WEAK, HeadingMeaning.OTHER, HeadingMeaning.PHONE_UNSURE)
        if columns.content[one].mobiles >= _MOSTLY
    ]
    if rivals:
        text = _("column {column} holds no phone numbers, and column {other} does").format(
            column=columns.listed([chosen]), other=columns.listed(rivals)
        )
        raise _doubt(columns, text, [*rivals, chosen])


def _is_flag(columns: Columns, column: int) -> bool:
    """Whether nothing but yes, no or words of a list stand in the column."""
    if not columns.content[column].filled:
        return False
    distinct = columns.words(column)
    return bool(distinct) and all(word_says(word) in _NO_PHONE for word in distinct or ())


def _is_reply_table(columns: Columns) -> bool:
    """Whether the rows are answers that people sent: then the sender is the person, and nobody else is."""
    return bool(columns.of(HeadingMeaning.SENDER)) and columns.reply_column is not None


def _by_content(columns: Columns, *, take_all: bool) -> PhoneChoice:
    """The column full of mobiles, where there are no headings."""
    likely = [one for one in columns.sheet.columns if columns.content[one].mobiles >= _MOSTLY]
    if len(likely) == 1:
        return PhoneChoice((likely[0],), Why.CONTENT)
    if likely:
        return _all_of(columns, likely, Why.CONTENT, take_all=take_all)
    raise _nothing_sure(columns)


def _several(columns: Columns, chosen: list[int]) -> str:
    return _(
        "{count} columns look like the one with the phone numbers: {columns}; --column may be repeated to read several"
    ).format(count=len(chosen), columns=columns.listed(chosen))


def _nothing_sure(columns: Columns) -> Undecided | ColumnNotFound:
    """What to say where no heading and no content is certain."""
    doubtful = [one for one in columns.sheet.columns if _may_be(columns, one)]
    if doubtful:
        return _doubt(
            columns,
            _("no column is surely the one with the phone numbers; these may be: {columns}").format(
                columns=columns.listed(doubtful)
            ),
            doubtful,
        )
    return NoSuchColumn(
        _("no column with phone numbers was found; name it with --column: {columns}").format(
            columns=columns.listed(columns.sheet.columns)
        ),
        tuple(columns.label(one) for one in columns.sheet.columns),
    )


def _may_be(columns: Columns, column: int) -> bool:
    """Whether a person might know it for the column with the numbers."""
    known, seen = columns.meanings[column], columns.content.get(column)
    if known in (HeadingMeaning.PHONE_UNSURE, HeadingMeaning.RECIPIENT_OURS):
        return True
    if known is HeadingMeaning.WEAK and seen is not None and (seen.phones > 0 or names_phone(columns.label(column))):
        return True
    return seen is not None and (seen.mobiles >= _SOME or seen.phones >= _MOSTLY)
