"""On which list each row belongs: a column, the sheet's name, or one list for all; doubt is a question."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind
from ptx_bulk.workbooks.choosing.columns import Columns, one_line
from ptx_bulk.workbooks.choosing.earlier_rejects import find_rejects
from ptx_bulk.workbooks.choosing.evidence import Why
from ptx_bulk.workbooks.choosing.questions import About, Candidate, Undecided, column_candidates, quoted, undecided
from ptx_bulk.workbooks.choosing.vocabulary.listwords import Said, is_stop_reply, word_says
from ptx_bulk.workbooks.choosing.vocabulary.meaning import HeadingMeaning
from ptx_bulk.workbooks.choosing.vocabulary.presets import Preset
from ptx_bulk.workbooks.settled import Polarity
from ptx_bulk.workbooks.sheets.sheet import letters

NOT_OPTED_OUT = "none"  # beside `stop` and `npai`: this row's person may be written to
UNKNOWN = ""
_LISTED = frozenset({Said.STOP, Said.NPAI})
_OF_NAMES = re.compile(
    r"\b(?:liste?s?|sms|numeros?|numbers?|mobiles?|feuil|sheet|export|de|des|du|la|les|the|of|[0-9]+)\b"
)
# What makes a column under such a heading doubtful.
_DOUBTFUL: dict[HeadingMeaning, frozenset[Said]] = {
    HeadingMeaning.LIST: frozenset(Said) - {Said.EMPTY},
    HeadingMeaning.LIST_UNSURE: frozenset({Said.STOP, Said.NPAI, Said.FREE, Said.DOUBTFUL}),
    HeadingMeaning.OPT_OUT: frozenset(Said) - {Said.EMPTY, Said.UNKNOWN},
    HeadingMeaning.OPT_IN: frozenset(Said) - {Said.EMPTY, Said.UNKNOWN},
    HeadingMeaning.NOT_SMS: _LISTED,
}


@dataclass(frozen=True)
class ListChoice:
    """What says the list of each row.

    Attributes:
        column: the column, None where all rows are for one list.
        polarity: how its cells are read.
        default: the list of rows whose cell says nothing, None where such a row's list is unknown.
        why: what decided.
        second: the column that is read where the first is empty, None for none.
        unused: columns that speak of lists and were left aside.
        reasons: a provider's own words, folded.
    """

    column: int | None
    default: ListKind | None
    why: Why
    polarity: Polarity = Polarity.WORDS
    second: int | None = None
    unused: tuple[int, ...] = ()
    reasons: dict[str, ListKind] = field(default_factory=dict)

    def kind_of(self, word: str) -> str:
        """`stop`, `npai`, `none` for somebody who may be written to, '' where the cell does not tell."""
        fallback = self.default.value if self.default else UNKNOWN
        if self.polarity is Polarity.REPLY:
            return ListKind.STOP.value if is_stop_reply(word) else UNKNOWN
        match word_says(word, self.reasons):
            case Said.STOP | Said.NPAI as listed:
                return listed.value
            case Said.FREE:
                return NOT_OPTED_OUT
            case Said.EMPTY:
                return fallback
            case Said.YES | Said.NO as answer if self.polarity is not Polarity.WORDS:
                opted_out = (answer is Said.YES) == (self.polarity is Polarity.OPT_OUT)
                return (fallback or ListKind.STOP.value) if opted_out else NOT_OPTED_OUT
        return UNKNOWN


def find_list(
    columns: Columns,
    phones: tuple[int, ...],
    *,
    wanted: ListKind | None = None,
    named: str | None = None,
    preset: Preset | None = None,
) -> ListChoice:
    """What says the list of each row.

    Args:
        columns: the sheet's columns.
        phones: those with the phone numbers.
        wanted: the list that the user names (`--list`), None for none.
        named: the list column that the user names.
        preset: whose export it is.

    Raises:
        ColumnNotFound: the named column is missing.
        Doubt: a person has to choose.
    """
    reasons = dict(preset.reasons) if preset else {}
    if named is not None:
        return _named(columns, columns.named(named), wanted, reasons)
    if wanted is not None:
        unused = tuple(one for one in columns.sheet.columns if one not in phones and _speaks(columns, one, reasons))
        return ListChoice(None, wanted, Why.OPTION, unused=unused)
    if preset and (found := columns.headed(preset.list_column)) is not None:
        return ListChoice(found, None, Why.PROVIDER, reasons=reasons)
    rejects = find_rejects(columns)
    if rejects is not None and rejects.list is not None:
        return _of_rejects(columns, rejects.list, phones, reasons)
    if columns.of(HeadingMeaning.SENDER) and (reply := columns.reply_column) is not None:
        return ListChoice(reply, None, Why.REPLIES, Polarity.REPLY)
    return _found(columns, phones, reasons)


def _doubt(columns: Columns, text: str, chosen: list[int]) -> Undecided:
    """The question whether a column says the list, or all rows are for one."""
    candidates = column_candidates(columns, chosen, "--list-column", lambda at: {"list_column": at})
    candidates += [
        Candidate(
            label=_("all rows are for the {list} list").format(list=kind.name),
            option=f"--list {kind.value}",
            answer={"list": kind},
        )
        for kind in ListKind
    ]
    return undecided(columns, About.LIST, text, candidates)


def _yes_or_no(columns: Columns, column: int) -> Undecided:
    """The question which answer of a column means that the person is to be suppressed."""
    name = columns.option(column)
    candidates = [
        Candidate(
            label=_("the rows with {value}").format(value=one_line(word)),
            option=f"--where {quoted(f'{name}={word}')}",
            letters=letters(column),
            answer={"where": (f"{letters(column)}={word}",), "list_column": None},
        )
        for word in columns.words(column) or ()
    ]
    text = _("column {column} says yes or no, but its heading does not tell which of them means STOP")
    return undecided(columns, About.LIST, text.format(column=columns.label(column)), candidates)


def _named(columns: Columns, column: int, wanted: ListKind | None, reasons: dict[str, ListKind]) -> ListChoice:
    polarity = {HeadingMeaning.OPT_OUT: Polarity.OPT_OUT, HeadingMeaning.OPT_IN: Polarity.OPT_IN}.get(
        columns.meanings[column], Polarity.WORDS
    )
    distinct = columns.words(column) or []
    meant = {word_says(word, reasons) for word in distinct} - {Said.EMPTY}
    if polarity is Polarity.WORDS and meant and meant <= {Said.YES, Said.NO}:
        raise _yes_or_no(columns, column)
    return ListChoice(column, wanted, Why.OPTION, polarity, reasons=reasons)


def _found(columns: Columns, phones: tuple[int, ...], reasons: dict[str, ListKind]) -> ListChoice:
    certain = []
    doubtful = []
    for column in columns.sheet.columns:
        if column in phones:
            continue
        if _is_certain(columns, column, reasons):
            certain.append(column)
        elif _is_doubtful(columns, column, reasons):
            doubtful.append(column)
    if len(certain) == 1:
        return ListChoice(certain[0], None, Why.KNOWN_WORDS, unused=tuple(doubtful), reasons=reasons)
    if certain or doubtful:
        raise _doubt(
            columns,
            _("column {columns} may say on which list each row belongs, but not for sure").format(
                columns=columns.listed([*certain, *doubtful])
            ),
            [*certain, *doubtful],
        )
    return _of_sheet(columns)


def _of_rejects(columns: Columns, place: int, phones: tuple[int, ...], reasons: dict[str, ListKind]) -> ListChoice:
    """Our own column of a rejects file; where it is empty, the input's, which the user may have mended instead."""
    others = [one for one in columns.sheet.columns if one not in (place, *phones)]
    speaking = [one for one in others if columns.meanings[one] is HeadingMeaning.LIST]
    second = speaking[0] if len(speaking) == 1 else None
    return ListChoice(place, None, Why.REJECTS, second=second, reasons=reasons)


def _of_sheet(columns: Columns) -> ListChoice:
    """The list that the sheet's name says, STOP where it says none."""
    name = " ".join(_OF_NAMES.sub(" ", " ".join(re.findall(r"\w+", columns.sheet.stored.name))).split())
    meant = word_says(name)
    if meant in _LISTED:
        return ListChoice(None, ListKind(meant.value), Why.SHEET_NAME)
    if meant in (Said.FREE, Said.DOUBTFUL):
        raise _doubt(
            columns,
            _("the sheet's name speaks of people who may perhaps be written to; say for which list its rows are"),
            [],
        )
    return ListChoice(None, ListKind.STOP, Why.NOTHING)


def _meant(columns: Columns, column: int, reasons: dict[str, ListKind]) -> tuple[set[Said], bool] | None:
    """What the column's cells say and whether rows are left blank; None for too many different texts."""
    distinct = columns.words(column)
    if distinct is None:
        return None
    return {word_says(word, reasons) for word in distinct} - {Said.EMPTY}, columns.has_blanks(column)


def _is_certain(columns: Columns, column: int, reasons: dict[str, ListKind]) -> bool:
    if columns.meanings[column] is not HeadingMeaning.LIST:
        return False
    found = _meant(columns, column, reasons)
    return found is not None and bool(found[0]) and found[0] <= _LISTED and columns.share_filled(column) >= 0.5


def _is_doubtful(columns: Columns, column: int, reasons: dict[str, ListKind]) -> bool:
    """Whether reading by this column could give another list than STOP for some row."""
    known = columns.meanings[column]
    found = _meant(columns, column, reasons)
    if found is None:
        return known is HeadingMeaning.LIST
    meant, blanks = found
    # Where every row says STOP, reading by the column and not reading by it are the same; a refusal of post is none.
    if known not in (HeadingMeaning.LIST, HeadingMeaning.NOT_SMS) and not blanks and _all_stop(known, meant):
        return False
    if known in _DOUBTFUL:
        return bool(meant & _DOUBTFUL[known])
    return bool(meant) and meant <= _LISTED


def _all_stop(known: HeadingMeaning, meant: set[Said]) -> bool:
    yes = {Said.YES} if known is HeadingMeaning.OPT_OUT else {Said.NO} if known is HeadingMeaning.OPT_IN else set()
    return meant <= {Said.STOP} | yes


def _speaks(columns: Columns, column: int, reasons: dict[str, ListKind]) -> bool:
    return _is_certain(columns, column, reasons) or _is_doubtful(columns, column, reasons)
