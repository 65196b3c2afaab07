"""What a column's heading says about it, in the languages of `words/`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache, cached_property

from ptx_bulk.workbooks.choosing.vocabulary.folding import plain
from ptx_bulk.workbooks.choosing.vocabulary.words import Words, words


class Meaning(StrEnum):
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


PHONES = frozenset({Meaning.MOBILE, Meaning.PHONE, Meaning.LANDLINE, Meaning.SENDER})
# Headings of numbers perhaps, but of phones to send to never.
NEVER_PHONES = frozenset(Meaning) - PHONES - {Meaning.WEAK, Meaning.PHONE_UNSURE, Meaning.OTHER}

_OUR_OWN = "ptx "  # the columns that a rejects file adds: their suggestions are numbers, too
# words that share a column with a phone number ("Email / Phone"), so that only its content tells
_BESIDE_PHONE = frozenset(["nom", "name", "contact", "mail", "email", "emails", "client", "note", "notes"])


@cache
def meaning(heading: str) -> Meaning:
    """What the heading says; the first rule that speaks decides."""
    found = _Heading(plain(heading))
    if not found.text:
        return Meaning.OTHER
    return next((known for known, speaks in _RULES if speaks(found)), Meaning.OTHER)


def names_phone(heading: str) -> bool:
    """Whether a word for telephone stands in the heading, whatever else does."""
    return _Heading(plain(heading)).phone


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
_RULES: tuple[tuple[Meaning, Callable[[_Heading], bool]], ...] = (
    (Meaning.NEVER, lambda h: f"{h.text} ".startswith(_OUR_OWN)),
    (Meaning.COUNTRY_UNSURE, lambda h: h.exactly(words("countries", "country_unsure"))),
    (Meaning.LIST_UNSURE, lambda h: h.exactly(words("lists", "list_unsure"))),
    (Meaning.PHONE_UNSURE, lambda h: h.exactly(words("phone", "unsure"))),
    (Meaning.MOBILE, lambda h: h.exactly(words("phone", "mobile"))),
    (Meaning.LANDLINE, lambda h: h.exactly(words("phone", "landline"), "alone")),
    (Meaning.RECIPIENT_OURS, lambda h: h.phrase(words("phone", "sender"), "ours_phrases")),
    (Meaning.NEVER, lambda h: h.exactly(words("never", "other"), "phrases")),
    (Meaning.DATE, lambda h: h.phrase(words("never", "date")) or bool(h.words & words("never", "date").single())),
    (Meaning.NEVER, lambda h: h.phrase(words("lists", "look_alike"))),
    (Meaning.NOT_SMS, lambda h: h.phrase(words("lists", "not_sms"))),
    (Meaning.COUNT, lambda h: h.phrase(words("never", "count")) or bool(h.words & words("never", "count").single())),
    (Meaning.NOT_SMS, _about_other_channel),
    (Meaning.OPT_OUT, _is_flag("optout")),
    (Meaning.OPT_IN, _is_flag("optin")),
    (Meaning.NOT_SMS, lambda h: h.text in {"newsletter", "bloctel"}),
    (Meaning.LIST, _is_flag("list")),
    (
        Meaning.FLAG,
        lambda h: (
            h.phrase(words("never", "flag"))
            or (h.phone and bool(h.words & words("never", "flag").of("beside_a_phone_word")))
        ),
    ),
    (Meaning.NEVER, lambda h: bool(h.words & words("never", "fax").single())),
    (Meaning.NEVER, _is_other_country),
    (
        Meaning.DIAL_CODE,
        lambda h: h.phrase(words("countries", "dialcode")) or bool(h.words & words("countries", "dialcode").single()),
    ),
    (Meaning.PHONE_UNSURE, lambda h: _is_another_person(h) and h.phone),
    (Meaning.NEVER, _is_another_person),
    (Meaning.COUNTRY, lambda h: h.country and (not h.phone or " code pays " in f" {h.text} ")),
    (Meaning.PHONE, lambda h: h.country and h.phone),
    (
        Meaning.SENDER,
        lambda h: h.exactly(words("phone", "sender"), "person_phrases") and h.text not in {"mobile number", "msisdn"},
    ),
    (Meaning.ID, lambda h: h.exactly(words("never", "id"), "phrases")),
    (Meaning.SENDER, lambda h: h.exactly(words("phone", "sender"), "person_words")),
    (Meaning.WEAK, _shares_its_column),
    (Meaning.ID, _is_id),
    (Meaning.NEVER, lambda h: bool(h.words & words("never", "beside_a_phone").single())),
    (
        Meaning.NEVER,
        lambda h: (
            not h.phone and bool(h.words & (words("never", "other").single() | words("never", "amount").single()))
        ),
    ),
    (Meaning.PHONE, lambda h: h.phrase(words("phone", "phone")) and h.exactly(words("phone", "phone"))),
    (Meaning.MOBILE, lambda h: h.mobile),
    (Meaning.LANDLINE, _is_landline),
    (Meaning.PHONE, lambda h: h.phone),
    (
        Meaning.ID,
        lambda h: bool(h.words & words("never", "id").single("hard")) or h.phrase(words("never", "id")),
    ),
    (Meaning.WEAK, lambda h: h.exactly(words("phone", "weak"), "phrases") or h.only_weak),
)
