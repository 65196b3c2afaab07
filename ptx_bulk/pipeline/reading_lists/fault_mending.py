"""What mends each fault of the lists: the commands for entries of each list, told alike by the terminal and the page.

A number is never taken off STOP: that somebody said no outweighs a tidy list.
"""

from __future__ import annotations

from dataclasses import dataclass

from ptx_bulk.model import ListKind, Mode
from ptx_bulk.pipeline.reading_lists.list_faults import Fault


@dataclass(frozen=True, kw_only=True)
class MendingStep:
    """A command for a file with the lines of one fault.

    Attributes:
        mode: whether the numbers are added or removed.
        column: the column of `AUDIT_COLUMNS` with the numbers, '' for the one that is found.
        list_column: the column with their lists, '' for the one that is found.
    """

    mode: Mode
    column: str = ""
    list_column: str = ""


_REMOVE = MendingStep(mode=Mode.REMOVE)
_IMPORT = MendingStep(mode=Mode.IMPORT)
_IMPORT_SUGGESTION = MendingStep(mode=Mode.IMPORT, column="suggestion")
_IMPORT_OTHER = MendingStep(mode=Mode.IMPORT, list_column="other_list")

# To be carried out one after the other.
_STEPS: dict[Fault, dict[ListKind, tuple[MendingStep, ...]]] = {
    Fault.ON_BOTH_LISTS: {ListKind.NPAI: (_REMOVE,)},
    Fault.TWO_SPELLINGS: {ListKind.NPAI: (_REMOVE, _IMPORT)},
    Fault.MALFORMED: dict.fromkeys(ListKind, (_IMPORT_SUGGESTION,)),
    Fault.NOT_MOBILE: {ListKind.NPAI: (_REMOVE,)},
    Fault.WRONG_COUNTRY_CODE: dict.fromkeys(ListKind, (_IMPORT_SUGGESTION,)),
    Fault.MISPLACED: dict.fromkeys(ListKind, (_IMPORT_OTHER,)),
}
_BY_SUGGESTION = frozenset({Fault.MALFORMED, Fault.WRONG_COUNTRY_CODE})
_ONE_LIST = frozenset({Fault.TWO_SPELLINGS, Fault.NOT_MOBILE})


def mending_steps(fault: Fault, kind: ListKind, *, suggested: bool) -> tuple[MendingStep, ...]:
    """What is to be done with lines with this fault on this list; nothing where leaving is right.

    `suggested` says whether such a line has a suggestion.
    """
    return () if fault in _BY_SUGGESTION and not suggested else _STEPS[fault].get(kind, ())


def mended_list_by_list(fault: Fault) -> bool:
    """Whether the two lists must not go into one file, since only one of them is to be mended."""
    return fault in _ONE_LIST
