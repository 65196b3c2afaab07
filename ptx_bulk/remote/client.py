"""The client: six calls on the two lists, one on the account."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from ptx_bulk.access import LIVE_URL, usable_key
from ptx_bulk.arguments import TIMES
from ptx_bulk.errors import ConfigurationError, ServerFault
from ptx_bulk.i18n import _
from ptx_bulk.masking import hide
from ptx_bulk.model import ListKind
from ptx_bulk.remote import answers
from ptx_bulk.remote.addresses import check_base_url, named_proxy
from ptx_bulk.remote.answers import AccountState, Answer
from ptx_bulk.remote.bounds import (
    KEPT_BYTES,
    LEAST_SPEED,
    check_list,
    check_small,
    entry_too_long,
    inflated,
    too_many_entries,
)
from ptx_bulk.remote.listing import EndlessEntryError, Listing, ListParser, MalformedListError
from ptx_bulk.remote.raw import RawAnswer
from ptx_bulk.remote.wire import FAILURES, fault, live_transport
from ptx_bulk.snapshot import Snapshot

_CONNECT_SECONDS = 10.0
_Result = TypeVar("_Result")


class Client:
    """The account's lists over HTTP. One call a method, never repeated; an async context manager.

    Args:
        key: the API key; it stands in no text, error or `repr` made here.
        base_url: `https://...`, or `http://` to this machine.
        timeout: seconds within which a small answer must be complete, and in each of which a list must bring 1 KB.
        connections: most connections open at a time; further calls wait for one.
        transport: how calls travel instead of over the network; the client closes it.

    Raises:
        ConfigurationError: key, base URL, timeout, proxy or certificates are unusable.

    Every method raises one of the errors below `RemoteError`:
        AccessRefused: the key or the account is refused; so would be every further call.
        WrongAddress: the base URL leads elsewhere than to the API; so would every further call.
        NumberRefused: the API refuses this number.
        Throttled: refused before processing; `retry_after` in seconds where announced.
        ServerFault: a 5xx, or an answer that is not the documented one; the call may have been processed.
        AnswerTooBig: a ServerFault that is not worth a repeat, since the answer has no end in sight.
        NetworkFault: no complete answer; `sent` tells whether the call may have been processed.
    """

    def __init__(
        self,
        key: str,
        *,
        base_url: str = LIVE_URL,
        timeout: float = 30.0,
        connections: int = 64,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._key = _checked_key(key)
        hide(self._key)
        self._base_url = check_base_url(base_url)
        if not 0 < timeout < float("inf"):
            raise ConfigurationError(_("The timeout must be a number of seconds above 0; correct --timeout."))
        TIMES.check("connections", connections)  # with none, every call would wait for ever
        self._timeout = timeout
        connect = min(timeout, _CONNECT_SECONDS)
        timeouts = {"connect": connect, "read": timeout, "write": timeout, "pool": None}
        self._extensions = {"timeout": timeouts}
        self._limit = timeout + connect
        # A list that brings less in each `timeout` counts as stuck.
        self._quota = max(1, round(LEAST_SPEED * timeout))
        self._kept = dict.fromkeys(ListKind, 0)
        self._headers = httpx.Headers(
            {
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": f"ptx-bulk/{_version()}",
                "X-Primotexto-ApiKey": self._key,
            }
        )
        self._json_headers = httpx.Headers({**self._headers, "Content-Type": "application/json"})
        self._lists = {kind: f"{self._base_url}/v2/{kind.segment}/default/contacts" for kind in ListKind}
        self._list_urls = {kind: httpx.URL(url) for kind, url in self._lists.items()}
        # Waiting for a connection is not yet part of the call, so the call's time limit leaves it out.
        self._room = asyncio.Semaphore(connections)
        self._proxy = None if transport else named_proxy(self._base_url)
        self._transport = transport or live_transport(self._base_url, connections, self._proxy)

    def __repr__(self) -> str:
        return f"Client({self._base_url!r})"

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._transport.__aexit__(exc_type, exc_value, traceback)

    async def add(self, kind: ListKind, identifier: str) -> Answer:
        """Put an identifier (`+33600000000`) on a list; `claimed` when it is said to have been there before."""
        body = msgspec.json.encode({"identifier": identifier})
        return answers.added(await self._call("POST", self._list_urls[kind], self._json_headers, body))

    async def remove(self, kind: ListKind, identifier: str) -> Answer:
        """Take an identifier, in the list's own spelling, off a list; `claimed` if it is said to be absent."""
        # A bare + in a query means a blank, and & or # would end the value: such signs are percent-encoded.
        url = httpx.URL(f"{self._lists[kind]}?identifier={quote(identifier, safe='')}")
        return answers.removed(await self._call("DELETE", url, self._headers))

    async def account(self) -> AccountState:
        """The account's credits and the server's clock; the cheapest call to try a key with."""
        url = httpx.URL(f"{self._base_url}/v2/account/stats")
        return answers.account(await self._call("GET", url, self._headers))

    async def fetch(self, kind: ListKind) -> Snapshot:
        """Read a whole list. A list that was cut off on the way is an error, never a shorter list."""
        taken_at = time.time()
        read = functools.partial(self._read_list, kind)
        listing = await self._exchange("GET", self._list_urls[kind], self._headers, b"", read)
        return Snapshot.of(
            kind,
            taken_at,
            listing.identifiers,
            listing.remote_ids,
            deleted=listing.deleted,
            stopped_at=listing.stopped_at,
            campaign_ids=listing.campaign_ids,
        )

    async def _call(self, method: str, url: httpx.URL, headers: httpx.Headers, body: bytes = b"") -> RawAnswer:
        return await self._exchange(method, url, headers, body, self._read_small)

    async def _exchange(
        self,
        method: str,
        url: httpx.URL,
        headers: httpx.Headers,
        body: bytes,
        read: Callable[[httpx.Response, asyncio.Timeout], Awaitable[_Result]],
    ) -> _Result:
        # The transport is asked directly: httpx's client would log the URL of every call, and so the numbers.
        request = httpx.Request(method, url, headers=headers, content=body, extensions=self._extensions)
        async with self._room:
            try:
                async with asyncio.timeout(self._limit) as deadline:
                    response = await self._transport.handle_async_request(request)
                    try:
                        return await read(response, deadline)
                    finally:
                        await response.aclose()
            except FAILURES as error:
                failure = fault(error, self._timeout, self._proxy)
        # Raised out here, so that it does not refer to the library's exception, which holds key and number.
        raise failure

    async def _read_small(self, response: httpx.Response, _deadline: asyncio.Timeout) -> RawAnswer:
        body = bytearray()
        async for part in inflated(response):
            body += part
            check_small(response, len(body))
        return RawAnswer(response.status_code, response.headers, bytes(body), self._key, self._base_url)

    async def _read_list(self, kind: ListKind, response: httpx.Response, deadline: asyncio.Timeout) -> Listing:
        if response.status_code != 200:
            raise answers.refusal(await self._read_small(response, deadline))
        loop = asyncio.get_running_loop()
        parser = ListParser()
        taken, mark = 0, 0
        try:
            async for part in inflated(response):
                taken += len(part)
                parser.feed(part)
                check_list(response, taken, parser.entries)
                self._check_memory(kind, parser, response)
                if response.num_bytes_downloaded >= mark:
                    mark = response.num_bytes_downloaded + self._quota
                    deadline.reschedule(loop.time() + self._limit)
            return parser.close()
        except EndlessEntryError:
            refusal: ServerFault = entry_too_long(response.status_code)
        except MalformedListError:
            refusal = _malformed(response)
        raise refusal

    def _check_memory(self, kind: ListKind, parser: ListParser, response: httpx.Response) -> None:
        # The lists are read side by side and kept side by side.
        self._kept[kind] = parser.kept
        if sum(self._kept.values()) > KEPT_BYTES:
            raise too_many_entries(response.status_code, parser.entries)


def _malformed(response: httpx.Response) -> ServerFault:
    return ServerFault(
        _("The list did not arrive whole, or not as the API documents it; it is not used. Try again later."),
        http_status=response.status_code,
    )


def _checked_key(key: str) -> str:
    usable = usable_key(key)
    if not usable:
        raise ConfigurationError(
            _("The API key is empty or holds blanks, line breaks or accents; copy it again into PTX_API_KEY.")
        )
    return usable


def _version() -> str:
    try:
        return version("ptx-bulk")
    except PackageNotFoundError:
        return "0"  # run from a source tree that is not installed
