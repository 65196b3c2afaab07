"""Why a choice was made: a word for machines, a sentence for people."""

from __future__ import annotations

from enum import StrEnum

from ptx_bulk.i18n import N_, _


class Why(StrEnum):
    """What decided; stable words, as `--json` has them."""

    OPTION = "option"
    READING = "reading"
    PROVIDER = "provider"
    HEADING = "heading"
    HEADING_AND_CONTENT = "heading_and_content"
    CONTENT = "content"
    ONLY_COLUMN = "only_column"
    KNOWN_WORDS = "known_words"
    SHEET_NAME = "sheet_name"
    REPLIES = "replies"
    REJECTS = "rejects"
    FIRST_WITHOUT_NUMBERS = "first_without_numbers"
    NO_HEADINGS = "no_headings"
    NOTHING = "nothing"
    SECOND = "second"
    HIDDEN_SHEET = "hidden_sheet"
    EMPTY_SHEET = "empty_sheet"
    NO_PHONES = "no_phones"
    NOT_ASKED_FOR = "not_asked_for"


SENTENCES: dict[Why, str] = {
    Why.OPTION: N_("as asked for"),
    Why.READING: N_("as the reading file says"),
    Why.PROVIDER: N_("as this provider writes it"),
    Why.HEADING: N_("by its heading"),
    Why.HEADING_AND_CONTENT: N_("by its heading and its numbers"),
    Why.CONTENT: N_("it is full of numbers, and there are no headings"),
    Why.ONLY_COLUMN: N_("the only column, and it holds numbers"),
    Why.KNOWN_WORDS: N_("by its heading, and every cell is a known word"),
    Why.SHEET_NAME: N_("by the sheet's name"),
    Why.REJECTS: N_("as the rejects file says"),
    Why.REPLIES: N_("by the answers that people sent"),
    Why.FIRST_WITHOUT_NUMBERS: N_("the first row without numbers"),
    Why.NO_HEADINGS: N_("no row looks like headings"),
    Why.NOTHING: N_("nothing says otherwise"),
    Why.SECOND: N_("another column was chosen"),
    Why.HIDDEN_SHEET: N_("it is hidden"),
    Why.EMPTY_SHEET: N_("it is empty"),
    Why.NO_PHONES: N_("it has no column with phone numbers"),
    Why.NOT_ASKED_FOR: N_("another one was asked for"),
}


def sentence_of(why: Why) -> str:
    """The sentence for people, in the language in use."""
    return _(SENTENCES[why])
