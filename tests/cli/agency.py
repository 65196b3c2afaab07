"""An agency's accounts: one address each, served by simulators in this process that note every header they get."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from ptx_bulk.sandbox import create_app

_BOUND_S = 30


@dataclass
class Address:
    """One account's address.

    Attributes:
        name: its profile.
        kind: `fine`, `refusing` (every key), `hanging`, `slow`, `down` (nobody listens) or `leading` (a redirect).
        heard: the headers of each call, as text.
        methods: the method of each call.
    """

    name: str
    kind: str
    listener: socket.socket
    leads_to: str = ""
    heard: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def key(self) -> str:
        """The account's own key."""
        return f"key-of-{self.name}-alone"

    def application(self) -> Any:
        key = "another" if self.kind == "refusing" else self.key
        inner = create_app(None, key=key, latency_ms=150 if self.kind == "slow" else 0)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            self.heard.append(" ".join(f"{name.decode()}: {value.decode()}" for name, value in scope["headers"]))
            self.methods.append(scope["method"])
            if self.kind == "hanging":
                await asyncio.Event().wait()
            if self.kind == "leading":
                where = f"{self.leads_to}{scope['path']}".encode()
                await send({"type": "http.response.start", "status": 307, "headers": [(b"location", where)]})
                await send({"type": "http.response.body", "body": b""})
                return
            await inner(scope, receive, send)

        return app


@contextlib.contextmanager
def agency(folder: Path, kinds: Mapping[str, str], more: str = "") -> Iterator[dict[str, Address]]:
    """Serve an address for each name, and write the `config.toml` with a profile each; `more` stands in every table."""
    addresses = {name: Address(name, kind, _bound()) for name, kind in kinds.items()}
    (folder / "config.toml").write_text(
        "\n".join(
            f"[{name}]\nbase_url = '{one.url}'\napi_key_command = {_echo(one.key)}\n{more}\n"
            for name, one in addresses.items()
        ),
        encoding="utf-8",
    )
    try:
        with _served([one for one in addresses.values() if one.kind != "down"]):
            yield addresses
    finally:
        for one in addresses.values():
            one.listener.close()


def _echo(text: str) -> list[str]:
    return ["cmd", "/c", "echo", text] if sys.platform == "win32" else ["echo", text]


def _bound() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))  # taken, but nobody listens yet
    return listener


@contextlib.contextmanager
def _served(addresses: list[Address]) -> Iterator[None]:
    servers: list[uvicorn.Server] = []
    ready = threading.Event()

    async def serve() -> None:
        for one in addresses:
            config = uvicorn.Config(
                one.application(), lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
            )
            servers.append(uvicorn.Server(config))
        running = [
            asyncio.create_task(server.serve(sockets=[one.listener]))
            for server, one in zip(servers, addresses, strict=True)
        ]
        while not all(server.started for server in servers):
            await asyncio.sleep(0.01)
        ready.set()
        await asyncio.gather(*running)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(_BOUND_S)
    try:
        yield
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(_BOUND_S)
