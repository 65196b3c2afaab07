"""The simulator in ASGI's terms: bodies, answers, and the transport that calls it without a server."""

from __future__ import annotations

import asyncio

import httpx
from starlette.applications import Starlette
from starlette.types import Message, Receive, Send

from ptx_bulk.sandbox.faults import ConnectionDroppedError

JSON = (b"content-type", b"application/json;charset=UTF-8")
HTML = (b"content-type", b"text/html; charset=utf-8")


async def receive_body(receive: Receive) -> bytes:
    """The whole body of a call."""
    parts = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def send_answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Send a whole answer."""
    length = [] if status == 204 else [(b"content-length", b"%d" % len(body))]
    await send_start(send, status, *headers, *length)
    await send_part(send, body, more=False)


async def send_start(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    """Send an answer's status and headers."""
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def send_part(send: Send, body: bytes, *, more: bool) -> None:
    """Send a part of an answer's body; `more` is False with the last one."""
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def ignore(_message: Message) -> None:
    """Take an answer that the caller shall never see."""


def transport(app: Starlette) -> httpx.AsyncBaseTransport:
    """A transport that hands calls to the simulator; broken connections and timeouts come as httpx's errors.

    Closing it releases the state file; the application can be used again afterwards.
    """
    return _InProcess(app)


class _InProcess(httpx.AsyncBaseTransport):
    def __init__(self, app: Starlette) -> None:
        self._app = app
        self._inner = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        # Nothing below waits for a network, so without this the caller's other tasks would never have a turn.
        await asyncio.sleep(0)
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("read")):
                return await self._inner.handle_async_request(request)
        except TimeoutError as error:
            raise httpx.ReadTimeout("The simulator did not answer.", request=request) from error
        except ConnectionDroppedError as error:
            raise httpx.RemoteProtocolError("The simulator broke the connection.", request=request) from error

    async def aclose(self) -> None:
        self._app.state.store.release()
