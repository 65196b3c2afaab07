"""What an answer of the API means: a result, or one of the errors by what the caller can do about it.

The vendor's numeric code counts before the HTTP status, since it is the more exact of the two:

    12, 13, 14, 15 on POST; 404 on DELETE       the wished state already holds
    74, 76; 429                                 Throttled
    70, 72, 92, 93; 401, 403                    AccessRefused
    60; 404; 405, 407, 408, 421, 425; 3xx; 5xx  ServerFault
    any other 4xx with a JSON object            NumberRefused
    everything else                             ServerFault

A 404 says "not on the list" only where the API itself says so: to a DELETE, with an empty body or a JSON
object, and without code 60 (list not found). Any other 404 comes from a wrong base URL or from a proxy; taken
for "not listed" it would leave numbers on the list in silence.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from ptx_bulk.errors import AccessRefused, NumberRefused, RemoteError, ServerFault, Throttled
from ptx_bulk.i18n import _
from ptx_bulk.remote.raw import RawAnswer

_ALREADY_LISTED = frozenset({12, 13, 14, 15})
_ACCESS = frozenset({70, 72, 92, 93})
_THROTTLE = frozenset({74, 76})
_LIST_NOT_FOUND = 60
# 4xx that tell about the address or the connection, whatever number was in the call.
_ROAD = frozenset({404, 405, 407, 408, 421, 425})


@dataclass(frozen=True, slots=True)
class Answer:
    """A call that ended in the wished state.

    Attributes:
        changed: False when the wished state already held.
        http_status: status of the answer.
        api_code: the vendor's numeric code, None when the answer held none.
        message: the API's own text, '' when it gave none.
        remote_id: the entry's id, '' when the answer named none.
    """

    changed: bool
    http_status: int
    api_code: int | None = None
    message: str = ""
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class Account:
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
        RemoteError: the number is not known to be on the list.
    """
    if raw.ok and raw.identity:
        return Answer(changed=True, http_status=raw.status, remote_id=raw.identity)
    if raw.code in _ALREADY_LISTED:
        return Answer(False, raw.status, raw.code, raw.text, raw.identity)
    raise refusal(raw)


def removed(raw: RawAnswer) -> Answer:
    """What the answer to a DELETE means.

    Raises:
        RemoteError: the identifier is not known to be off the list.
    """
    if raw.ok and raw.documented and raw.code is None:
        return Answer(changed=True, http_status=raw.status)
    if raw.status == 404 and raw.documented and raw.code != _LIST_NOT_FOUND:
        return Answer(False, raw.status, raw.code, raw.text)
    raise refusal(raw)


def account(raw: RawAnswer) -> Account:
    """What the answer to the call for the account's state means.

    Raises:
        RemoteError: the answer is not the account's state.
    """
    if not raw.ok or raw.code is not None or not isinstance(raw.content, dict):
        raise refusal(raw)
    return Account(raw.number("credits"), _http_date(raw.headers.get("date")))


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
    if 400 <= status < 500 and isinstance(raw.content, dict) and code != _LIST_NOT_FOUND and status not in _ROAD:
        text = _("The API refuses this number ({said}).").format(said=said)
        return NumberRefused(text, http_status=status, api_code=code)
    # A 503 may announce when the service is back.
    text = _fault(raw).format(said=said)
    return ServerFault(text, http_status=status, api_code=code, retry_after=_retry_after(raw))


def _fault(raw: RawAnswer) -> str:
    if raw.ok:
        return _("The answer is not one that the API documents ({said}); check the base URL and the proxy.")
    if 300 <= raw.status < 400:
        return _("The server redirects elsewhere ({said}), and redirects are not followed; check the base URL.")
    if raw.status < 500:
        return _("The server does not know this address of the API ({said}); check the base URL and the proxy.")
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
