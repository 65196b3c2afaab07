"""Doubt as a value: what is asked, between which candidates, and the option that answers it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from ptx_bulk.i18n import _
from ptx_bulk.workbooks.sheets.sheet import letters

if TYPE_CHECKING:
    from ptx_bulk.workbooks.choosing.columns import Columns

_MOST_SHOWN = 12  # options in a sentence; the object of `--json` has all


class About(StrEnum):
    """What a question is about; stable words."""

    PHONE_COLUMN = "phone_column"
    LIST = "list"
    COUNTRY_COLUMN = "country_column"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One possible answer.

    Attributes:
        label: what it is, for people: a heading, or a sentence.
        option: the option that chooses it, ready to paste.
        values: the first values of the column, '' for none.
        letters: the column's letters, '' where the candidate is no column.
        answer: the fields of `ReadOptions` that it sets.
    """

    label: str
    option: str
    answer: Mapping[str, Any]
    values: tuple[str, ...] = ()
    letters: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What only a person can know of a sheet.

    Attributes:
        about: what it is about.
        file, sheet: where; `sheet` is '' for text files.
        text: the question as one sentence.
        candidates: the answers, the likeliest first.
    """

    about: About
    file: str
    sheet: str
    text: str
    candidates: tuple[Candidate, ...]

    @property
    def options(self) -> tuple[str, ...]:
        """The options that answer it, one for each candidate."""
        return tuple(candidate.option for candidate in self.candidates)

    def refusal(self) -> str:
        """The sentence where nobody is there to ask: what is in doubt, and the options to paste."""
        shown = ", ".join(self.options[:_MOST_SHOWN]) + (" ..." if len(self.options) > _MOST_SHOWN else "")
        return _("{question}; answer with one of: {options}").format(question=self.text, options=shown)

    def as_json(self) -> dict[str, Any]:
        """The `question` of the `--json` object."""
        return {
            "about": self.about.value,
            "file": self.file,
            "sheet": self.sheet,
            "text": self.text,
            "candidates": [
                {"label": one.label, "column": one.letters, "values": list(one.values), "option": one.option}
                for one in self.candidates
            ],
            "options": list(self.options),
        }


Ask: TypeAlias = Callable[[Question], int | None]
"""Asks a person: the place of the candidate chosen, None where nobody is there to ask."""


class Undecided(Exception):
    """A choice that a person has to make."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.text)
        self.question = question


def undecided(columns: Columns, about: About, text: str, candidates: Iterable[Candidate]) -> Undecided:
    """The doubt about a sheet whose question is this text between these candidates."""
    return Undecided(
        Question(
            about=about,
            file=columns.file,
            sheet=columns.sheet.stored.name,
            text=text,
            candidates=tuple(candidates),
        )
    )


def column_candidates(
    columns: Columns, chosen: Iterable[int], option: str, answer: Callable[[str], Mapping[str, Any]]
) -> list[Candidate]:
    """A candidate for each of these columns.

    Args:
        columns: the sheet's columns.
        chosen: their places.
        option: the option that names one of them, such as `--column`.
        answer: the fields of `ReadOptions` that choose the column with these letters.
    """
    return [
        Candidate(
            label=columns.label(one),
            option=f"{option} {quoted(columns.option(one))}",
            values=columns.first_values(one),
            letters=letters(one),
            answer=answer(letters(one)),
        )
        for one in chosen
    ]


def nobody(_question: Question) -> None:
    """An `Ask` where nobody is there."""


def quoted(text: str) -> str:
    """The text as one word of a command line, in double quotes where it needs them: every shell knows these."""
    return text if text.isalnum() else '"' + text.replace('"', '\\"') + '"'
