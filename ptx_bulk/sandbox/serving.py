"""The simulator over HTTP: uvicorn on the loopback address."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.sandbox.faults import DROP_EXTENSION

_HOST = "127.0.0.1"
# Waiting 0 s on closing makes the system send a reset instead of an orderly end.
_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


def serve(app: Starlette, *, port: int, announce: Callable[[str], None]) -> None:
    """Serve the simulator on 127.0.0.1 until Ctrl-C or a request to terminate, then return.

    Args:
        app: what `create_app` made.
        port: the port, 0 for any free one.
        announce: called once with `http://127.0.0.1:PORT` when calls are accepted.

    Raises:
        ConfigurationError: the port cannot be used.
    """
    listener = listen(port)
    config = uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", _protocol),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    url = f"http://{_HOST}:{listener.getsockname()[1]}"
    try:
        Server(config, lambda: announce(url)).run(sockets=[listener])
    finally:
        listener.close()
        app.state.store.release()


def listen(port: int) -> socket.socket:
    """A socket on 127.0.0.1, at that port or at any free one for 0.

    Raises:
        ConfigurationError: the port cannot be used.
    """
    # asyncio switches Nagle's algorithm off only where the protocol is named; with it, each answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two programs share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise ConfigurationError(
            _("Port {port} cannot be used ({reason}); choose another with --port, 0 for any.").format(
                port=port, reason=error
            )
        ) from error
    return listener


class Server(uvicorn.Server):
    """A server for which a stop signal is a regular end."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept calls, and say so."""
        await super().startup(sockets=sockets)
        self._announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """End when all is closed."""
        # uvicorn would remember the signal and die of it after all is closed; here a stop is a regular end.
        self.should_exit = True


def _protocol(**arguments: object) -> asyncio.Protocol:
    """The server's protocol for one connection: it lets the application break the connection."""
    protocol: Any = AutoHTTPProtocol(**arguments)
    inner = protocol.app

    def drop() -> None:
        with suppress(OSError, AttributeError):
            protocol.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        protocol.transport.abort()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})[DROP_EXTENSION] = drop
        await inner(scope, receive, send)

    protocol.app = app
    return cast("asyncio.Protocol", protocol)
