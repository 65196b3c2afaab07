"""What an answer of the API means: a result, or one of the errors by what the caller can do about it.

The vendor's numeric code counts before the HTTP status, since it is the more exact of the two:

    12, 13, 14, 15 on POST; 404 on DELETE       claimed: the wished state is said to hold already
    74, 76; 429                                 Throttled
    70, 72, 92, 93; 401, 403                    AccessRefused
    60; 404, 405, 407, 410, 421, 426, 511; 3xx  WrongAddress
    any other 4xx with a JSON object            NumberRefused
    everything else                             ServerFault

A claim is what the API says, not what the list shows: whoever asked must read the list before relying on it. A 404
to a DELETE may come from a proxy as well as from the API, and codes 13 and 14 speak of bounces, whatever the list.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from ptx_bulk.errors import AccessRefused, NumberRefused, RemoteError, ServerFault, Throttled, WrongAddress
from ptx_bulk.i18n import _
from ptx_bulk.remote.raw import RawAnswer

_ALREADY_LISTED = frozenset({12, 13, 14, 15})
_ACCESS = frozenset({70, 72, 92, 93})
_THROTTLE = frozenset({74, 76})
_LIST_NOT_FOUND = 60
_USER_NOT_FOUND = 93
# About the number itself, so the address was the right one whatever the HTTP status says.
_NUMBER = frozenset({10, 11, 19, 90, 91})
# About the address, a proxy or the network on the way: so every other call would be answered, too.
_ADDRESS = frozenset({404, 405, 407, 410, 421, 426, 511})
# 4xx about the connection of this one call.
_PASSING = frozenset({408, 425})


@dataclass(frozen=True, slots=True)
class Answer:
    """A call after which the list is said to be as wished.

    Attributes:
        claimed: False for the documented answer to a change; True when the API says that the wished state held
            before: that is proven by nothing but the list itself.
        http_status: status of the answer.
        api_code: the vendor's numeric code, None when the answer held none.
        message: a sentence with the API's own words where it claims something, else ''.
        remote_id: the entry's id, '' when the answer named none.
    """

    claimed: bool
    http_status: int
    api_code: int | None = None
    message: str = ""
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class AccountState:
    """What the API says about the account.

    Attributes:
        credits: credits left, None when the answer named none.
        server_time: the server's clock, Unix time in seconds, None when the answer named none.
    """

    credits: float | None
    server_time: float | None


def added(raw: RawAnswer) -> Answer:
    """What the answer to a POST means.

    Raises:
        RemoteError: the number is not said to be on the list.
    """
    if raw.code in _ALREADY_LISTED:
        return _claim(raw)
    if raw.ok and raw.identity:
        return Answer(claimed=False, http_status=raw.status, remote_id=raw.identity)
    raise refusal(raw)


def removed(raw: RawAnswer) -> Answer:
    """What the answer to a DELETE means.

    Raises:
        RemoteError: the identifier is not said to be off the list.
    """
    if raw.ok and raw.documented and raw.code is None:
        return Answer(claimed=False, http_status=raw.status)
    # Code 93 speaks of a user that was not found: to a DELETE that may well be the number.
    if raw.status == 404 and raw.code not in {_LIST_NOT_FOUND, *_THROTTLE, *_ACCESS} - {_USER_NOT_FOUND}:
        return _claim(raw)
    raise refusal(raw)


def _claim(raw: RawAnswer) -> Answer:
    text = _("The API says that this was so before ({said}).").format(said=raw.summary)
    return Answer(True, raw.status, raw.code, text, raw.identity)


def account(raw: RawAnswer) -> AccountState:
    """What the answer to the call for the account's state means.

    Raises:
        RemoteError: the answer is not the account's state.
    """
    if not raw.ok or raw.code is not None or not isinstance(raw.content, dict):
        raise refusal(raw)
    return AccountState(raw.number("credits"), _http_date(raw.headers.get("date")))


def refusal(raw: RawAnswer) -> RemoteError:
    """The error that an answer means which is not the documented one."""
    code, status, said = raw.code, raw.status, raw.summary
    if code in _THROTTLE or (status == 429 and code not in _ACCESS):
        text = _("The API asks to slow down ({said}).").format(said=said)
        return Throttled(text, http_status=status, api_code=code, retry_after=_retry_after(raw))
    if code in _ACCESS or status in {401, 403}:
        text = _("The API refuses the key or the account ({said}); check PTX_API_KEY and the account.").format(
            said=said
        )
        return AccessRefused(text, http_status=status, api_code=code)
    about_number = 400 <= status < 500 and isinstance(raw.content, dict)
    if about_number and code in _NUMBER:
        return _number_refused(raw)
    if code == _LIST_NOT_FOUND or status in _ADDRESS or 300 <= status < 400:
        return WrongAddress(_elsewhere(raw), http_status=status, api_code=code)
    if about_number and status not in _PASSING:
        return _number_refused(raw)
    # A 503 may announce when the service is back.
    text = _fault(raw).format(said=said)
    return ServerFault(text, http_status=status, api_code=code, retry_after=_retry_after(raw))


def _number_refused(raw: RawAnswer) -> NumberRefused:
    text = _("The API refuses this number ({said}).").format(said=raw.summary)
    return NumberRefused(text, http_status=raw.status, api_code=raw.code)


def _elsewhere(raw: RawAnswer) -> str:
    if raw.status in {407, 511}:
        text = _(
            "The way to {url} is barred by a proxy or by the network, which wants a login ({said}); "
            "check HTTPS_PROXY, NO_PROXY and the network."
        )
    elif 300 <= raw.status < 400:
        text = _(
            "The server at {url} redirects elsewhere ({said}), and redirects are not followed; "
            "check the base URL (--base-url, PTX_BASE_URL, profile) and the proxy."
        )
    else:
        text = _(
            "The server at {url} does not know this address of the API ({said}); "
            "check the base URL (--base-url, PTX_BASE_URL, profile) and the proxy."
        )
    return text.format(url=raw.base_url or _("the base URL"), said=raw.summary)


def _fault(raw: RawAnswer) -> str:
    if raw.ok:
        return _("The answer is not one that the API documents ({said}); check the base URL and the proxy.")
    return _("The API failed ({said}).")


def _retry_after(raw: RawAnswer) -> float | None:
    """Seconds to wait as the answer announces, never negative; None when it announces nothing readable."""
    value = (raw.headers.get("retry-after") or "").strip()
    if re.fullmatch(r"[+-]?[0-9]{1,9}(\.[0-9]*)?", value):
        return max(0.0, float(value))
    until = _http_date(value)
    if until is None:
        return None
    # Against the server's own clock: this machine's may be wrong or jump.
    now = _http_date(raw.headers.get("date"))
    return max(0.0, until - (time.time() if now is None else now))


def _http_date(value: str | None) -> float | None:
    try:
        moment = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return moment.timestamp()
