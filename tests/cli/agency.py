"""An agency's accounts: one address each, served by simulators in this process that note every header they get."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ptx_bulk.sandbox import create_app
from tests.serving import bound, serving


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
    addresses = {name: Address(name, kind, bound()) for name, kind in kinds.items()}
    (folder / "config.toml").write_text(
        "\n".join(
            f"[{name}]\nbase_url = '{one.url}'\napi_key_command = {_echo(one.key)}\n{more}\n"
            for name, one in addresses.items()
        ),
        encoding="utf-8",
    )
    try:
        with serving({one.listener: one.application() for one in addresses.values() if one.kind != "down"}):
            yield addresses
    finally:
        for one in addresses.values():
            one.listener.close()


def _echo(text: str) -> list[str]:
    return ["cmd", "/c", "echo", text] if sys.platform == "win32" else ["echo", text]
