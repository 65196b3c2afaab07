"""Applications on ports of this machine, served by a thread of this process: real HTTP without a process for each."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import uvicorn

_BOUND_S = 30


def bound() -> socket.socket:
    """A port that is taken, although nobody listens yet."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    return listener


@contextlib.contextmanager
def serving(applications: Mapping[socket.socket, Any]) -> Iterator[None]:
    """Serve each application on its port."""
    servers = {
        listener: uvicorn.Server(
            uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1)
        )
        for listener, app in applications.items()
    }
    ready = threading.Event()

    async def serve() -> None:
        running = [asyncio.create_task(server.serve(sockets=[listener])) for listener, server in servers.items()]
        while not all(server.started for server in servers.values()):
            await asyncio.sleep(0.01)
        ready.set()
        await asyncio.gather(*running)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(_BOUND_S)
    try:
        yield
    finally:
        for server in servers.values():
            server.should_exit = True
        thread.join(_BOUND_S)
