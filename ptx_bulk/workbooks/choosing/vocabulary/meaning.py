"""What a column's heading says about it, in the languages of `words/`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache, cached_property

from ptx_bulk.workbooks.choosing.vocabulary.words import Words, fold, words


class HeadingMeaning(StrEnum):
    """What a heading says its column holds."""

    MOBILE = "mobile"
    PHONE = "phone"
    LANDLINE = "landline"
    SENDER = "sender"  # who wrote a reply
    WEAK = "weak"  # a phone number, or another number
    PHONE_UNSURE = "phone_unsure"  # somebody else's phone, or none
    RECIPIENT_OURS = "recipient_ours"  # the number that replies go to
    LIST = "list"  # on which suppression list, or why
    LIST_UNSURE = "list_unsure"  # a status of some kind
    OPT_OUT = "opt_out"  # yes means STOP
    OPT_IN = "opt_in"  # yes means may be written to
    NOT_SMS = "not_sms"  # a list or flag about post, e-mail, newsletters, calls
    COUNTRY = "country"
    DIAL_CODE = "dial_code"
    COUNTRY_UNSURE = "country_unsure"
    ID = "id"  # numbers perhaps, phones never
    FLAG = "flag"
    COUNT = "count"
    DATE = "date"
    NEVER = "never"  # fax, postcode and whatever else is no phone to send to
    OTHER = "other"  # says nothing that we know


PHONES = frozenset({HeadingMeaning.MOBILE, HeadingMeaning.PHONE, HeadingMeaning.LANDLINE, HeadingMeaning.SENDER})
# Headings of numbers perhaps, but of phones to send to never.
NEVER_PHONES = (
    frozenset(HeadingMeaning) - PHONES - {HeadingMeaning.WEAK, HeadingMeaning.PHONE_UNSURE, HeadingMeaning.OTHER}
)

_OUR_OWN = "ptx "  # the columns that a rejects file adds: their suggestions are numbers, too
# words that share a column with a phone number ("Email / Phone"), so that only its content tells
_BESIDE_PHONE = frozenset(["nom", "name", "contact", "mail", "email", "emails", "client", "note", "notes"])


@cache
def meaning(heading: str) -> HeadingMeaning:
    """What the heading says; the first rule that speaks decides."""
    found = _Heading(fold(heading))
    if not found.text:
        return HeadingMeaning.OTHER
    return next((known for known, speaks in _RULES if speaks(found)), HeadingMeaning.OTHER)


def names_phone(heading: str) -> bool:
    """Whether a word for telephone stands in the heading, whatever else does."""
    return _Heading(fold(heading)).phone


class _Heading:
    """A folded heading and what several rules ask of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = frozenset(text.split())

    def exactly(self, table: Words, *keys: str) -> bool:
        return table.exactly(self.text, *keys)

    def phrase(self, table: Words, *keys: str) -> bool:
        return table.phrase(self.text, *keys)

    @cached_property
    def mobile(self) -> bool:
        mobile, phone, weak = words("phone", "mobile"), words("phone", "phone"), words("phone", "weak")
        if self.words & mobile.single("among_phones") or self.phrase(mobile) or self.exactly(mobile, "exact"):
            return True
        return bool(self.words & mobile.of("among_phones")) and self.words <= (
            mobile.single() | phone.single() | weak.single()
        )

    @cached_property
    def phone(self) -> bool:
        """Whether a word for telephone stands in it, whatever else does."""
        table = words("phone", "phone")
        return self.mobile or bool(self.words & table.single()) or self.phrase(table)

    @cached_property
    def other_channel(self) -> bool:
        return self.phrase(words("lists", "not_sms"), "channels") and not self.words & {"sms", "mobile"}

    @cached_property
    def country(self) -> bool:
        table = words("countries", "country")
        return bool(self.words & table.single()) or self.phrase(table)

    @cached_property
    def weak(self) -> bool:
        table = words("phone", "weak")
        return bool(self.words & table.single("filler"))

    @cached_property
    def only_weak(self) -> bool:
        return self.weak and self.words <= words("phone", "weak").single()


def _is_flag(table: str) -> Callable[[_Heading], bool]:
    return lambda found: found.phrase(words("lists", table)) or found.exactly(words("lists", table), "exact")


def _about_other_channel(found: _Heading) -> bool:
    flags = words("lists", "not_sms")
    about = found.words & flags.of("beside_a_channel") or found.phrase(flags, "phrases_beside_a_channel")
    listed = _is_flag("optout")(found) or _is_flag("optin")(found) or _is_flag("list")(found)
    return found.other_channel and bool(about or listed)


def _is_id(found: _Heading) -> bool:
    return bool(found.words & words("never", "id").of("hard")) and not (
        found.words & {"portable", "mobile"} and not found.words & {"id", "sid"}
    )


def _is_other_country(found: _Heading) -> bool:
    table = words("countries", "not")
    lone = found.words & table.of("without_a_country_word") and not found.country and not found.phone
    born = found.words & table.of("words") and found.country and not found.phrase(words("countries", "country"))
    return found.exactly(table, "phrases") or bool(lone) or bool(born)


def _is_another_person(found: _Heading) -> bool:
    table = words("phone", "another_person")
    return found.phrase(table) or bool(found.words & table.of("words"))


def _is_landline(found: _Heading) -> bool:
    table = words("phone", "landline")
    words_here = found.words & table.single("alone") - ({"home"} if "default" in found.words else frozenset())
    return found.exactly(table, "alone") or (bool(words_here) and (found.phone or found.weak))


def _shares_its_column(found: _Heading) -> bool:
    """Whether the words beside a phone word are those of a second value in the same cell."""
    never = found.words & (words("never", "other").single() | {"email", "mail", "emails"})
    return found.phone and bool(never) and never <= _BESIDE_PHONE


# Asked in this order; the first that is true decides.
_RULES: tuple[tuple[HeadingMeaning, Callable[[_Heading], bool]], ...] = (
    (HeadingMeaning.NEVER, lambda h: f"{h.text} ".startswith(_OUR_OWN)),
    (HeadingMeaning.COUNTRY_UNSURE, lambda h: h.exactly(words("countries", "country_unsure"))),
    (HeadingMeaning.LIST_UNSURE, lambda h: h.exactly(words("lists", "list_unsure"))),
    (HeadingMeaning.PHONE_UNSURE, lambda h: h.exactly(words("phone", "unsure"))),
    (HeadingMeaning.MOBILE, lambda h: h.exactly(words("phone", "mobile"))),
    (HeadingMeaning.LANDLINE, lambda h: h.exactly(words("phone", "landline"), "alone")),
    (HeadingMeaning.RECIPIENT_OURS, lambda h: h.phrase(words("phone", "sender"), "ours_phrases")),
    (HeadingMeaning.NEVER, lambda h: h.exactly(words("never", "other"), "phrases")),
    (
        HeadingMeaning.DATE,
        lambda h: h.phrase(words("never", "date")) or bool(h.words & words("never", "date").single()),
    ),
    (HeadingMeaning.NEVER, lambda h: h.phrase(words("lists", "look_alike"))),
    (HeadingMeaning.NOT_SMS, lambda h: h.phrase(words("lists", "not_sms"))),
    (
        HeadingMeaning.COUNT,
        lambda h: h.phrase(words("never", "count")) or bool(h.words & words("never", "count").single()),
    ),
    (HeadingMeaning.NOT_SMS, _about_other_channel),
    (HeadingMeaning.OPT_OUT, _is_flag("optout")),
    (HeadingMeaning.OPT_IN, _is_flag("optin")),
    (HeadingMeaning.NOT_SMS, lambda h: h.text in {"newsletter", "bloctel"}),
    (HeadingMeaning.LIST, _is_flag("list")),
    (
        HeadingMeaning.FLAG,
        lambda h: (
            h.phrase(words("never", "flag"))
            or (h.phone and bool(h.words & words("never", "flag").of("beside_a_phone_word")))
        ),
    ),
    (HeadingMeaning.NEVER, lambda h: bool(h.words & words("never", "fax").single())),
    (HeadingMeaning.NEVER, _is_other_country),
    (
        HeadingMeaning.DIAL_CODE,
        lambda h: h.phrase(words("countries", "dialcode")) or bool(h.words & words("countries", "dialcode").single()),
    ),
    (HeadingMeaning.PHONE_UNSURE, lambda h: _is_another_person(h) and h.phone),
    (HeadingMeaning.NEVER, _is_another_person),
    (HeadingMeaning.COUNTRY, lambda h: h.country and (not h.phone or " code pays " in f" {h.text} ")),
    (HeadingMeaning.PHONE, lambda h: h.country and h.phone),
    (
        HeadingMeaning.SENDER,
        lambda h: h.exactly(words("phone", "sender"), "person_phrases") and h.text not in {"mobile number", "msisdn"},
    ),
    (HeadingMeaning.ID, lambda h: h.exactly(words("never", "id"), "phrases")),
    (HeadingMeaning.SENDER, lambda h: h.exactly(words("phone", "sender"), "person_words")),
    (HeadingMeaning.WEAK, _shares_its_column),
    (HeadingMeaning.ID, _is_id),
    (HeadingMeaning.NEVER, lambda h: bool(h.words & words("never", "beside_a_phone").single())),
    (
        HeadingMeaning.NEVER,
        lambda h: (
            not h.phone and bool(h.words & (words("never", "other").single() | words("never", "amount").single()))
        ),
    ),
    (HeadingMeaning.PHONE, lambda h: h.phrase(words("phone", "phone")) and h.exactly(words("phone", "phone"))),
    (HeadingMeaning.MOBILE, lambda h: h.mobile),
    (HeadingMeaning.LANDLINE, _is_landline),
    (HeadingMeaning.PHONE, lambda h: h.phone),
    (
        HeadingMeaning.ID,
        lambda h: bool(h.words & words("never", "id").single("hard")) or h.phrase(words("never", "id")),
    ),
    (HeadingMeaning.WEAK, lambda h: h.exactly(words("phone", "weak"), "phrases") or h.only_weak),
)
