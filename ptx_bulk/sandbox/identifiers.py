"""Which identifiers the simulated API accepts, and how it stores them."""

from __future__ import annotations

import re
from enum import IntEnum


class ApiCode(IntEnum):
    """The vendor's error codes that the simulator answers with."""

    NO_NUMBER = 10
    BAD_SYNTAX = 11
    UNSUBSCRIBED = 12
    USER_BOUNCE = 13
    GLOBAL_BOUNCE = 14
    ALREADY_EXISTS = 15
    FIXED_LINE = 19
    LIST_NOT_FOUND = 60
    AUTHENTICATION_FAILED = 72
    INVALID_JSON = 73
    QUOTA_EXCEEDED = 76
    NOT_RETRIEVABLE = 94
    UNKNOWN = 1000

    @property
    def sentence(self) -> str:
        """The API's text beside the code."""
        return _SENTENCES[self]


_SENTENCES = {
    ApiCode.NO_NUMBER: "No phone number provided",
    ApiCode.BAD_SYNTAX: "Invalid phone number syntax",
    ApiCode.UNSUBSCRIBED: "Number blacklisted: unsubscribed",
    ApiCode.USER_BOUNCE: "Number blacklisted: user bounce",
    ApiCode.GLOBAL_BOUNCE: "Number blacklisted: global bounce",
    ApiCode.ALREADY_EXISTS: "Number already exists",
    ApiCode.FIXED_LINE: "Phone number is a fixed line",
    ApiCode.LIST_NOT_FOUND: "List not found",
    ApiCode.AUTHENTICATION_FAILED: "Authentication failed",
    ApiCode.INVALID_JSON: "Invalid JSON",
    ApiCode.QUOTA_EXCEEDED: "Quota exceeded",
    ApiCode.NOT_RETRIEVABLE: "Contact not found",
    ApiCode.UNKNOWN: "Unknown error",
}

# What the API may say of a number that it takes for listed.
SAID_TO_BE_LISTED = (ApiCode.ALREADY_EXISTS, ApiCode.UNSUBSCRIBED, ApiCode.USER_BOUNCE, ApiCode.GLOBAL_BOUNCE)

_FRENCH = re.compile(r"(?:\+33|0)([1-9][0-9]{8})", re.ASCII)
_INTERNATIONAL = re.compile(r"\+(?!33)[1-9][0-9]{6,14}", re.ASCII)
_FIXED = re.compile(r"\+(?:33[1-59]|262262|262263|262269|590590|594594|596596)[0-9]+", re.ASCII)


def stored(identifier: object) -> str | ApiCode:
    """The identifier as a list holds it (`+` and digits), or the code with which it is refused.

    `+33600000000` and the national `0600000000` are the same entry; blanks and punctuation are refused.
    """
    if identifier is None or identifier == "":
        return ApiCode.NO_NUMBER
    if not isinstance(identifier, str):
        return ApiCode.BAD_SYNTAX
    french = _FRENCH.fullmatch(identifier)
    if french is None and not _INTERNATIONAL.fullmatch(identifier):
        return ApiCode.BAD_SYNTAX
    spelling = f"+33{french[1]}" if french else identifier
    return ApiCode.FIXED_LINE if _FIXED.fullmatch(spelling) else spelling
