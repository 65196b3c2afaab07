"""The simulator without a server: an httpx transport that calls the application."""

from __future__ import annotations

import asyncio

import httpx
from starlette.applications import Starlette

from ptx_bulk.sandbox.faults import ConnectionDroppedError


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
